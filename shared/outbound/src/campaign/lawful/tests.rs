use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::{
    Region, Tz,
    campaign::{CallingHours, CampaignContact, LocalStart, Zones, calling_window},
    law::{Candidates, Kind, Kinds},
};

/// Numbers of states with rules of their own, of neighbors without, and of other countries.
const NUMBERS: [&str; 15] = [
    "+12125550110",
    "+14015550110",
    "+13055550110",
    "+12055550110",
    "+15025550110",
    "+12195550110",
    "+19155550110",
    "+14165550110",
    "+17095550110",
    "+18085550110",
    "+19075550110",
    "+442079460018",
    "+33140000000",
    "+493012345678",
    "+61291234567",
];
const ZONES: [&str; 8] = [
    "America/New_York",
    "America/Chicago",
    "America/Phoenix",
    "America/Toronto",
    "America/St_Johns",
    "Europe/Paris",
    "Europe/London",
    "Australia/Sydney",
];
const STATES: [&str; 6] = ["US-RI", "US-NY", "US-AL", "CA-ON", "US-TX", "FR"];

fn contact() -> impl Strategy<Value = CampaignContact> {
    let number = prop::option::of(prop::sample::select(&NUMBERS[..]));
    let state = prop::option::weighted(0.3, prop::sample::select(&STATES[..]));
    (number, state).prop_map(|(number, state)| CampaignContact {
        id: "c-1".to_owned(),
        phone_number: number.map(str::to_owned),
        state: state.map(str::to_owned),
        ..CampaignContact::default()
    })
}

/// Hours of 2026 and 2027, in which the holidays are known.
fn hour() -> impl Strategy<Value = DateTime<Utc>> {
    let start = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().expect("a time");
    (0_i64..24 * 720).prop_map(move |hours| start + TimeDelta::hours(hours))
}

/// Returns whether the law allows a call to one contact at an instant: asked for this contact alone.
fn is_allowed(contact: &CampaignContact, zone: Tz, kinds: &Kinds, at: DateTime<Utc>) -> bool {
    let number = contact.phone_number.as_ref().map(|number| number.parse().expect("E.164"));
    let candidates = Candidates::of(number.as_ref(), &[Zone(zone)], &contact.places());
    let call = Call { house: hours().into(), ..Call::new(candidates, kinds.clone()) };
    law::decide(&call, at).allowed
}

fn hours() -> CallingHours {
    "06:00-22:00".parse().expect("calling hours")
}

#[test]
fn a_window_is_cut_by_those_who_end_first_and_a_split_gains_for_the_others() {
    let tz = Tz::America__New_York;
    let mut zones = Zones::default();
    for number in ["+12125550110", "+13055550110"] {
        let (time_zone, phone_number) = (Some(tz.name().to_owned()), Some(number.to_owned()));
        let contact = CampaignContact { time_zone, phone_number, ..CampaignContact::default() };
        zones.add(&contact, Region::US);
    }
    let local = zone::local(tz, "2026-06-02T21:00:00Z".parse().expect("an instant"));
    let start = LocalStart { civil: local.naive_local(), at: local };
    let window = calling_window(tz, &start, TimeDelta::hours(4), &hours()).expect("a window");
    let terms = Call { house: hours().into(), ..Call::new(Candidates::default(), Kind::Sales) };
    let lawful = lawful_window(&window, &zones.sites(tz), &terms).expect("it starts at five");
    // Florida ends at eight, New York at nine.
    let cut = lawful.cut.expect("it is cut");
    assert_eq!(
        (lawful.window.end.to_rfc3339().as_str(), cut.minutes),
        ("2026-06-02T20:00:00-04:00", 60)
    );
    assert!(
        !cut.rules.is_empty() && cut.rules.iter().all(|rule| rule.starts_with("US-FL")),
        "{cut:?}"
    );
    let gains: Vec<_> = cut.gains.iter().map(|(code, it)| (code.as_str(), *it)).collect();
    assert_eq!(gains, [("US-NY", 60)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_window_is_all_that_each_contact_allows_from_the_start_on_and_no_more(
        contacts in prop::collection::vec(contact(), 1..6),
        zone in prop::sample::select(&ZONES[..]),
        kind in prop::sample::select(vec![Kind::Sales, Kind::Service, Kind::Debt, Kind::Automated]),
        start in hour(),
        length in 1_i64..12,
    ) {
        let tz: Tz = zone.parse().expect("a zone");
        let mut zones = Zones::default();
        for contact in &contacts {
            let time_zone = Some(zone.to_owned());
            zones.add(&CampaignContact { time_zone, ..contact.clone() }, Region::US);
        }
        let (kinds, local) = (Kinds::from(kind), zone::local(tz, start));
        let terms =
            Call { house: hours().into(), ..Call::new(Candidates::default(), kinds.clone()) };
        let start = LocalStart { civil: local.naive_local(), at: local };
        let window = calling_window(tz, &start, TimeDelta::hours(length), &hours());
        let Ok(window) = window else { return Ok(()) };
        let all = |at| contacts.iter().all(|contact| is_allowed(contact, tz, &kinds, at));
        // The naive end: minute by minute.
        let first = window.start.to_utc();
        let minutes = (window.end.to_utc() - first).num_minutes();
        let banned = (0..minutes).map(|minute| first + TimeDelta::minutes(minute)).find(|at| !all(*at));
        match lawful_window(&window, &zones.sites(tz), &terms) {
            Ok(LawfulWindow { window: lawful, cut }) => {
                prop_assert_eq!(lawful.start, window.start);
                prop_assert_eq!(lawful.end.to_utc(), banned.unwrap_or(window.end.to_utc()));
                prop_assert_eq!(cut.is_some(), banned.is_some());
                prop_assert!(cut.is_none_or(|cut| !cut.rules.is_empty()));
            }
            Err(Unlawful { rules, next_allowed, .. }) => {
                prop_assert_eq!(banned, Some(first));
                prop_assert!(!rules.is_empty());
                prop_assert!(next_allowed.is_none_or(all));
            }
        }
    }
}
