//! One start of a campaign in one zone: its window, or the reason why it does not start.

use std::fmt;

use chrono_tz::Tz;

use super::{
    CampaignRequest, Cut, LawfulWindow, LocalStart, OutsideCallingHours, Sites, Unlawful,
    WithoutAttempt, Zones, calling_window, is_place, lawful_window,
};
use crate::law::{self, Call, Candidates, HousePolicy, Jurisdiction};

/// Most rules, and most jurisdictions, that one sentence names.
const NAMED_MAX: usize = 5;

/// Reason why a campaign does not start in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartRefused {
    /// The zone is a clock without a place: no law is known there.
    ZoneWithoutPlace,
    /// So many contacts have a number without a place, and no address.
    NumbersWithoutPlace(u64),
    /// So many contacts opted out of such calls, and CXone would call them.
    OptedOut(u64),
    /// A limit leaves contacts no attempt.
    NoAttemptLeft(WithoutAttempt),
    /// The start is outside the calling hours of the house or the campaign.
    Outside(OutsideCallingHours),
    /// The law bans the start.
    Unlawful(Unlawful),
    /// CXone cannot tell the zone from others, which have another window or none.
    Shared(SharedStart),
}

/// A start in one of several zones that are one to CXone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedStart {
    /// CXone's name of the zones.
    pub cxone_zone: String,
    /// All of the zones.
    pub zones: Vec<Tz>,
}

impl CampaignRequest {
    /// The campaign's calls as the law judges them, but for the places that are called.
    pub fn terms(&self, policy: &HousePolicy) -> Call {
        Call {
            house: self.calling_hours.into(),
            strictness: policy.strictness,
            closures: policy.closures.0.clone(),
            ..Call::new(Candidates::default(), self.kinds.clone())
        }
    }

    /// The window of a start in a zone, within the calling hours and what `terms` allow the contacts
    /// there.
    pub fn window(
        &self,
        zones: &Zones,
        terms: &Call,
        zone: Tz,
        start: &LocalStart,
    ) -> Result<LawfulWindow, StartRefused> {
        if !is_place(law::Zone(zone)) {
            return Err(StartRefused::ZoneWithoutPlace);
        }
        let window = calling_window(zone, start, self.window, &self.calling_hours);
        let window = window.map_err(StartRefused::Outside)?;
        let sites = zones.sites(zone);
        StartRefused::by_contacts(&sites).map_or(Ok(()), Err)?;
        lawful_window(&window, &sites, terms).map_err(StartRefused::Unlawful)
    }
}

impl StartRefused {
    /// Reason why no start in a zone may call all of its contacts.
    fn by_contacts(sites: &Sites) -> Option<Self> {
        match (sites.opted_out(), sites.without_place(), sites.without_attempt()) {
            (0, 0, without_attempt) => without_attempt.cloned().map(Self::NoAttemptLeft),
            (0, contacts, _) => Some(Self::NumbersWithoutPlace(contacts)),
            (contacts, ..) => Some(Self::OptedOut(contacts)),
        }
    }

    /// Code for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ZoneWithoutPlace => "zone_without_place",
            Self::NumbersWithoutPlace(_) => "number_without_place",
            Self::OptedOut(_) => "opted_out",
            Self::NoAttemptLeft(_) => "too_many_attempts",
            Self::Outside(_) => "outside_calling_hours",
            Self::Unlawful(_) => "refused_by_law",
            Self::Shared(_) => "shared_zone",
        }
    }
}

impl fmt::Display for StartRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(hours) => hours.fmt(f),
            Self::Unlawful(unlawful) => f.write_str(&why_unlawful(unlawful)),
            Self::Shared(SharedStart { cxone_zone, zones }) => {
                let zones: Vec<&str> = zones.iter().map(|zone| zone.name()).collect();
                write!(
                    f,
                    "{} are one zone in CXone, {cxone_zone}, and do not all have the same window; \
                     give them campaigns with skills of their own, or a window that all may have",
                    zones.join(" and ")
                )
            }
            Self::ZoneWithoutPlace => f.write_str(
                "the zone is a clock without a place, so no law is known there; the timezone of \
                 the contacts must be that of a place, such as America/New_York",
            ),
            Self::NumbersWithoutPlace(contacts) => write!(
                f,
                "{contacts} contacts have a number without a place, such as a toll-free one; give \
                 them state or postalCode and country, or leave them out"
            ),
            Self::OptedOut(contacts) => write!(
                f,
                "{contacts} contacts opted out of such calls and are not on the DNC list, so CXone \
                 would call them; take them off the campaign"
            ),
            Self::NoAttemptLeft(WithoutAttempt { contacts, limit }) => write!(
                f,
                "{contacts} contacts have no attempt left, the first by {limit}; take them off the \
                 campaign until they have, and have CXone retry less"
            ),
        }
    }
}

impl Cut {
    /// Rules that cut the window, with their citations.
    pub fn rules_in_words(&self) -> String {
        named(self.rules.iter().cloned(), "; ")
    }

    /// Minutes that each jurisdiction would gain by a campaign of its own.
    pub fn gains_in_words(&self) -> String {
        gains(&self.gains)
    }
}

fn why_unlawful(Unlawful { rules, next_allowed, gains }: &Unlawful) -> String {
    let rules = named(rules.iter().cloned(), "; ");
    let next = next_allowed.map_or("not within a year".to_owned(), |at| at.to_rfc3339());
    let alone = self::gains(gains);
    let alone = if alone.is_empty() { alone } else { format!("; a split would give {alone}") };
    format!("{rules}; next allowed: {next}{alone}")
}

/// The largest gains first: `US-NY 240 minutes, US-NJ 60 minutes`.
fn gains(gains: &[(Jurisdiction, i64)]) -> String {
    let mut gains: Vec<_> = gains.iter().collect();
    gains.sort_by_key(|(_, minutes)| -minutes);
    named(gains.iter().map(|(code, minutes)| format!("{code} {minutes} minutes")), ", ")
}

fn named(items: impl ExactSizeIterator<Item = String>, separator: &str) -> String {
    let count = items.len();
    let mut named: Vec<String> = items.take(NAMED_MAX).collect();
    if count > NAMED_MAX {
        named.push(format!("and {} more", count - NAMED_MAX));
    }
    named.join(separator)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        campaign::CallingHours,
        law::{Closures, Kind, Strictness},
    };

    fn split(gains: &[(&str, i64)]) -> Vec<(Jurisdiction, i64)> {
        let code = |code: &str| {
            let code = json!(code);
            serde_json::from_value(code).expect("a jurisdiction")
        };
        gains.iter().map(|(state, minutes)| (code(state), *minutes)).collect()
    }

    #[test]
    fn calls_are_judged_by_the_hours_and_kinds_of_the_campaign_and_the_policy_of_the_house() {
        let document = json!({
            "campaignId": "spring", "cron": "0 9 * * *", "expectedCompleted": 1,
            "callingHours": "10:00-18:00", "purpose": "debt",
        });
        let request = CampaignRequest::read(&(&document).into(), &CallingHours::DEFAULT);
        let closures: Closures = json!([{ "code": "FR", "from": "2026-12-25", "reason": "ours" }])
            .to_string()
            .parse()
            .expect("closures");
        let policy = HousePolicy { strictness: Strictness::All, closures };
        let terms = request.expect("a campaign").terms(&policy);
        assert_eq!(terms.house.to_string(), "10:00-18:00");
        assert_eq!(terms.kinds, Kind::Debt.into());
        assert_eq!((terms.strictness, terms.closures), (Strictness::All, policy.closures.0));
    }

    #[test]
    fn a_refusal_names_the_rules_the_next_time_and_what_a_split_would_give() {
        let unlawful = Unlawful {
            rules: vec!["US-NY hours".to_owned(), "US-RI hours".to_owned()],
            next_allowed: Some("2026-12-01T13:00:00Z".parse().expect("an instant")),
            gains: split(&[("US-NJ", 60), ("US-NY", 240)]),
        };
        assert_eq!(
            StartRefused::Unlawful(unlawful).to_string(),
            "US-NY hours; US-RI hours; next allowed: 2026-12-01T13:00:00+00:00; \
             a split would give US-NY 240 minutes, US-NJ 60 minutes",
        );
        let never =
            Unlawful { rules: vec!["FR opt-in".to_owned()], next_allowed: None, gains: vec![] };
        assert_eq!(
            StartRefused::Unlawful(never).to_string(),
            "FR opt-in; next allowed: not within a year",
        );
    }

    #[test]
    fn a_sentence_names_five_and_counts_the_others() {
        let states = ["US-AL", "US-AZ", "US-CA", "US-FL", "US-GA", "US-NY", "US-RI"];
        let five = split(&states.map(|state| (state, 30))[..5]);
        let cut = Cut { minutes: 30, rules: states.map(str::to_owned).to_vec(), gains: five };
        assert_eq!(cut.rules_in_words(), "US-AL; US-AZ; US-CA; US-FL; US-GA; and 2 more");
        assert!(cut.gains_in_words().ends_with(", US-GA 30 minutes"));
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        for (refusal, code, advice) in [
            (StartRefused::ZoneWithoutPlace, "zone_without_place", "must be that of a place"),
            (StartRefused::NumbersWithoutPlace(3), "number_without_place", "3 contacts have a num"),
            (StartRefused::OptedOut(2), "opted_out", "2 contacts opted out"),
        ] {
            assert_eq!(refusal.code(), code);
            assert!(refusal.to_string().contains(advice), "{refusal}");
        }
    }
}
