//! Progress of reading a campaign's contacts: pure decisions.

use chrono::{DateTime, TimeDelta, Utc};
use cxone::ContactsPage;
use outbound::{Region, campaign::Zones};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Unknown;

/// The most pages that are read, of a thousand contacts each. More are no list but a loop.
const PAGES_MAX: u32 = 10_000;
/// Longest time without progress before an operator is alerted.
const STANDSTILL_MAX: TimeDelta = TimeDelta::hours(1);

/// Contacts read so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reading {
    pages_read: u32,
    zones: Zones,
    /// The first contact of the last page.
    #[serde(default)]
    first_contact: Option<String>,
    /// Time of the last page, or of the start.
    #[serde(default)]
    moved_at: Option<DateTime<Utc>>,
}

impl Reading {
    /// Restores the progress stored under `step`, or starts anew at `now`.
    ///
    /// Version 0.1.0 stored the fields of a reading beside each other, without the name of a step.
    pub(super) fn recalled(
        recall: impl Fn(&str) -> Option<Value>,
        step: &str,
        now: DateTime<Utc>,
    ) -> Self {
        let read = |value| serde_json::from_value::<Self>(value).ok();
        let unnamed = || {
            let (pages_read, zones) = (recall("pages_read")?, recall("zones")?);
            Some(serde_json::json!({ "pages_read": pages_read, "zones": zones }))
        };
        let stored = recall(step).and_then(read).or_else(|| unnamed().and_then(read));
        let mut reading = stored.unwrap_or_default();
        reading.moved_at.get_or_insert(now);
        reading
    }

    pub(super) fn next_page(&self) -> u32 {
        self.pages_read + 1
    }

    /// Adds the next page, unless it shows that reading on would never end.
    pub(super) fn add(
        &mut self,
        page: ContactsPage,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let ContactsPage { contacts, unreadable, pages } = page;
        let number = self.next_page();
        if pages.max(number) > PAGES_MAX {
            return Err(format!("CXone reports {pages} pages of contacts: {PAGES_MAX} are read"));
        }
        let first_contact = contacts.first().map(|contact| contact.id.clone());
        if self.pages_read > 0 && first_contact == self.first_contact {
            return Err(format!("page {number} of the contacts is the same as the one before"));
        }
        for contact in &contacts {
            self.zones.add(contact, region);
        }
        self.zones.leave_out(unreadable);
        *self = Self {
            pages_read: number,
            zones: std::mem::take(&mut self.zones),
            first_contact,
            moved_at: Some(now),
        };
        Ok(())
    }

    /// Adds the progress to the reason why the reading has stopped. A wait without progress for too
    /// long is an error.
    pub(super) fn judged(&self, why: &Unknown, now: DateTime<Utc>) -> Unknown {
        let detail = format!("after {} pages of contacts: {why}", self.pages_read);
        let stands_since = self.moved_at.unwrap_or(now);
        match why {
            Unknown::NotYet(_) if now - stands_since >= STANDSTILL_MAX => {
                Unknown::Stuck(format!("no further since {stands_since}, {detail}"))
            }
            Unknown::NotYet(_) => Unknown::NotYet(detail),
            Unknown::Stuck(_) => Unknown::Stuck(detail),
            Unknown::Unreadable(_) => Unknown::Unreadable(detail),
        }
    }

    pub(super) fn into_zones(self) -> Zones {
        self.zones
    }
}

#[cfg(test)]
mod tests {
    use outbound::{Tz, campaign::CampaignContact};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn page(contacts: &[(&str, Option<&str>)], unreadable: u64, pages: u32) -> ContactsPage {
        let contact = |(id, zone): &(&str, Option<&str>)| CampaignContact {
            id: (*id).to_owned(),
            time_zone: zone.map(str::to_owned),
            ..CampaignContact::default()
        };
        ContactsPage { contacts: contacts.iter().map(contact).collect(), unreadable, pages }
    }

    fn begun() -> Reading {
        Reading::recalled(|_| None, "reading", at(0))
    }

    #[test]
    fn an_odd_contact_is_left_out_and_the_others_are_called() {
        let mut reading = begun();
        let contacts = [("1", Some("America/New_York")), ("2", Some("Europe/London")), ("3", None)];
        reading.add(page(&contacts, 1, 1), Region::US, at(1)).expect("a page");
        let zones = reading.into_zones();
        assert_eq!(zones.known().collect::<Vec<_>>(), [Tz::America__New_York, Tz::Europe__London]);
        assert_eq!(zones.unreadable(), 1);
        assert_eq!(zones.rejected()[0].first_contact, "3");
    }

    #[test]
    fn pages_that_never_end_are_not_read_for_ever() {
        let detail = begun().add(page(&[("1", None)], 0, u32::MAX), Region::US, at(1));
        assert!(detail.is_err_and(|why| why.contains("4294967295 pages")));

        for (first, second) in [("1", "1"), ("1", "2")] {
            let mut reading = begun();
            reading.add(page(&[(first, None)], 0, 9), Region::US, at(1)).expect("the first page");
            let next = reading.add(page(&[(second, None)], 0, 9), Region::US, at(1));
            assert_eq!(next.is_err(), first == second, "{next:?}");
        }

        let mut reading = begun();
        reading.add(page(&[("1", None)], 0, 9), Region::US, at(1)).expect("the first page");
        reading.add(page(&[], 0, 9), Region::US, at(1)).expect("one page may be empty");
        assert!(reading.add(page(&[], 0, 9), Region::US, at(1)).is_err(), "but not all of them");
    }

    #[test]
    fn a_wait_that_goes_on_for_an_hour_needs_a_person() {
        let mut reading = begun();
        let wait = || Unknown::NotYet("CXone rate limit".to_owned());
        assert!(matches!(reading.judged(&wait(), at(59)), Unknown::NotYet(_)));
        assert!(matches!(reading.judged(&wait(), at(60)), Unknown::Stuck(_)));
        // A million contacts may take longer, as long as there are more of them each time.
        reading.add(page(&[("1", None)], 0, 9), Region::US, at(60)).expect("a page");
        assert!(matches!(reading.judged(&wait(), at(119)), Unknown::NotYet(_)));
        let why = reading.judged(&wait(), at(120)).to_string();
        assert!(why.contains("after 1 pages of contacts: CXone rate limit"), "{why}");
    }

    /// As version 0.1.0 stored it, under no name.
    #[test]
    fn a_reading_of_the_version_before_goes_on_where_it_stopped() {
        let stored = json!({
            "pages_read": 25,
            "zones": { "known": ["Asia/Tokyo"], "rejected": [], "unnamedRejections": 0 },
        });
        let reading = Reading::recalled(|name| stored.get(name).cloned(), "reading", at(7));
        assert_eq!(reading.next_page(), 26);
        assert_eq!(reading.moved_at, Some(at(7)));
        assert_eq!(reading.into_zones().known().collect::<Vec<_>>(), [Tz::Asia__Tokyo]);

        // What was done since is stored beside it, and counts.
        let mut both = stored;
        both["reading"] = json!({ "pages_read": 50, "zones": both["zones"] });
        let reading = Reading::recalled(|name| both.get(name).cloned(), "reading", at(7));
        assert_eq!(reading.next_page(), 51);
    }

    #[test]
    fn what_cannot_be_read_is_begun_anew_with_all_its_zones() {
        for stored in [
            json!({ "pages_read": 25 }),
            json!({ "pages_read": 25, "zones": { "known": ["Mars/1"] } }),
            json!({ "pages_read": -1, "zones": {} }),
            json!({ "reading": "25 pages" }),
        ] {
            let reading = Reading::recalled(|name| stored.get(name).cloned(), "reading", at(7));
            assert_eq!(
                reading,
                Reading { moved_at: Some(at(7)), ..Reading::default() },
                "{stored}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_reading_that_is_stored_on_the_way_finds_the_same_zones(
            zones in proptest::collection::vec(
                proptest::option::of(prop_oneof![
                    Just("Asia/Tokyo"), Just("Europe/London"), Just("Mars/1"), Just("America/Lima"),
                ]),
                1..60,
            ),
            page_size in 1_usize..10,
        ) {
            let contacts: Vec<(String, Option<&str>)> =
                zones.iter().enumerate().map(|(index, zone)| (index.to_string(), *zone)).collect();
            let pages: Vec<_> = contacts.chunks(page_size).collect();
            let count = u32::try_from(pages.len()).expect("a few");
            let (mut reading, mut expected) = (begun(), Zones::default());
            for contacts in pages {
                let contacts: Vec<_> =
                    contacts.iter().map(|(id, zone)| (id.as_str(), *zone)).collect();
                let page = page(&contacts, 1, count);
                for contact in &page.contacts {
                    expected.add(contact, Region::US);
                }
                expected.leave_out(1);
                reading.add(page, Region::US, at(1)).expect("a page");
                let stored = json!({ "reading": reading });
                reading = Reading::recalled(|name| stored.get(name).cloned(), "reading", at(2));
            }
            prop_assert_eq!(reading.into_zones(), expected);
        }
    }
}
