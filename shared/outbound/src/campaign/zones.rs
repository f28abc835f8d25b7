//! The zones that a campaign's contacts live in.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::fields::trimmed;

/// Most names of unknown zones that are kept.
const REJECTED_MAX: usize = 50;
/// The longest such name that is kept, in characters.
const NAME_LENGTH_MAX: usize = 64;

/// The zones of contacts who are shown one at a time. Its size depends on the zones, not on how
/// many contacts there are, and it can be stored on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Zones {
    #[serde(with = "names")]
    known: BTreeMap<&'static str, Tz>,
    rejected: Vec<RejectedZone>,
    unnamed_rejections: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    unreadable: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_none(contacts: &u64) -> bool {
    *contacts == 0
}

/// A zone that no contact can be called in, since its time is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectedZone {
    /// Its name as it was written, cut to 64 characters. Empty if there was none.
    pub time_zone: String,
    /// Number of contacts in it.
    pub contacts: u64,
    /// The id of the first of them.
    pub first_contact: String,
}

impl Zones {
    /// Counts a contact in. One whose zone is missing or has no IANA name is rejected.
    pub fn add(&mut self, contact_id: &str, time_zone: Option<&str>) {
        let name = trimmed(time_zone.unwrap_or_default());
        match name.parse::<Tz>() {
            Ok(zone) => {
                self.known.insert(zone.name(), zone);
            }
            Err(_) => self.reject(contact_id, name.chars().take(NAME_LENGTH_MAX).collect()),
        }
    }

    /// Counts contacts of whom not even the id can be read.
    pub fn leave_out(&mut self, contacts: u64) {
        self.unreadable += contacts;
    }

    fn reject(&mut self, contact_id: &str, time_zone: String) {
        if let Some(same) = self.rejected.iter_mut().find(|it| it.time_zone == time_zone) {
            same.contacts += 1;
        } else if self.rejected.len() < REJECTED_MAX {
            let first_contact = contact_id.to_owned();
            self.rejected.push(RejectedZone { time_zone, contacts: 1, first_contact });
        } else {
            self.unnamed_rejections += 1;
        }
    }

    /// The zones in which contacts can be called, sorted by name.
    pub fn known(&self) -> impl Iterator<Item = Tz> {
        self.known.values().copied()
    }

    /// The zones in which contacts cannot be called, in the order they were met, at most 50.
    pub fn rejected(&self) -> &[RejectedZone] {
        &self.rejected
    }

    /// Number of contacts that were rejected whose zones are not among [`Zones::rejected`].
    pub fn unnamed_rejections(&self) -> u64 {
        self.unnamed_rejections
    }

    /// Number of contacts that cannot be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }
}

/// Zones are stored by their names alone.
mod names {
    use super::{BTreeMap, Deserialize, Deserializer, Error, Serializer, Tz};

    pub(super) fn serialize<S: Serializer>(
        zones: &BTreeMap<&'static str, Tz>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(zones.keys())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<&'static str, Tz>, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .iter()
            .map(|name| {
                name.parse::<Tz>().map(|zone| (zone.name(), zone)).map_err(D::Error::custom)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::TZ_VARIANTS;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn zones<'a>(contacts: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Zones {
        let mut zones = Zones::default();
        for (id, zone) in contacts {
            zones.add(id, zone);
        }
        zones
    }

    #[test]
    fn each_zone_is_known_once_and_they_are_sorted() {
        let zones = zones([
            ("c-1", Some("Europe/London")),
            ("c-2", Some("America/New_York")),
            ("c-3", Some("Europe/London")),
        ]);
        let known: Vec<_> = zones.known().collect();
        assert_eq!(known, [Tz::America__New_York, Tz::Europe__London]);
        assert_eq!((zones.rejected(), zones.unnamed_rejections()), (&[][..], 0));
    }

    #[test]
    fn a_zone_is_known_with_white_space_around_it() {
        let zones =
            zones([("c-1", Some("America/New_York ")), ("c-2", Some("\u{feff}Asia/Tokyo\u{a0}"))]);
        assert_eq!(zones.known().collect::<Vec<_>>(), [Tz::America__New_York, Tz::Asia__Tokyo]);
        assert!(zones.rejected().is_empty());
    }

    #[test]
    fn an_unknown_zone_rejects_only_its_contacts() {
        let zones = zones([
            ("c-1", Some("Mars/Olympus")),
            ("c-2", None),
            ("c-3", Some("Mars/Olympus")),
            ("c-4", Some("  ")),
            ("c-5", Some("Asia/Tokyo")),
        ]);
        assert_eq!(zones.known().collect::<Vec<_>>(), [Tz::Asia__Tokyo]);
        let rejected = |zone: &str, first: &str| RejectedZone {
            time_zone: zone.to_owned(),
            contacts: 2,
            first_contact: first.to_owned(),
        };
        assert_eq!(zones.rejected(), [rejected("Mars/Olympus", "c-1"), rejected("", "c-2")]);
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let zones = zones([("c-1", Some("é".repeat(100).as_str()))]);
        assert_eq!(zones.rejected()[0].time_zone, "é".repeat(64));
    }

    #[test]
    fn unknown_zones_beyond_the_fiftieth_are_counted_without_their_names() {
        let names: Vec<_> = (0..60).map(|number| format!("Mars/{number}")).collect();
        let once = || names.iter().map(|name| ("c-1", Some(name.as_str())));
        let zones = zones(once().chain(once()));
        assert_eq!(zones.rejected().len(), 50);
        assert!(zones.rejected().iter().all(|zone| zone.contacts == 2));
        assert_eq!(zones.unnamed_rejections(), 20);
    }

    #[test]
    fn zones_are_stored_by_name() {
        let zones = zones([("c-1", Some("Asia/Tokyo")), ("c-2", None)]);
        let stored = json!({
            "known": ["Asia/Tokyo"],
            "rejected": [{ "timeZone": "", "contacts": 1, "firstContact": "c-2" }],
            "unnamedRejections": 0,
        });
        assert_eq!(serde_json::to_value(&zones).expect("it serializes"), stored);
        let mut zones = zones;
        zones.leave_out(2);
        let mut stored = stored;
        stored["unreadable"] = json!(2);
        assert_eq!(serde_json::to_value(&zones).expect("it serializes"), stored);
        assert_eq!(serde_json::from_value::<Zones>(stored).expect("it reads back"), zones);
        let unknown = json!({ "known": ["Mars/1"], "rejected": [], "unnamedRejections": 0 });
        assert!(serde_json::from_value::<Zones>(unknown).is_err());
    }

    proptest! {
        #[test]
        fn every_contact_counts_and_all_survives_storage(
            contacts in proptest::collection::vec(
                ("[a-c]{1,2}", prop_oneof![
                    prop::sample::select(&TZ_VARIANTS[..]).prop_map(|zone| Some(zone.name().to_owned())),
                    proptest::option::of(".{0,70}"),
                ]),
                0..200,
            ),
        ) {
            let zones = zones(contacts.iter().map(|(id, zone)| (id.as_str(), zone.as_deref())));
            let unknown = contacts
                .iter()
                .filter(|(_, zone)| zone.as_ref().is_none_or(|zone| trimmed(zone).parse::<Tz>().is_err()));
            let named: u64 = zones.rejected().iter().map(|zone| zone.contacts).sum();
            let count = u64::try_from(unknown.count()).expect("a count");
            prop_assert_eq!(named + zones.unnamed_rejections(), count);
            prop_assert!(zones.known().map(Tz::name).is_sorted());

            let stored = serde_json::to_string(&zones).expect("it serializes");
            prop_assert_eq!(serde_json::from_str::<Zones>(&stored).expect("it reads back"), zones);
        }
    }
}
