use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{E164, Json, Tz, called_party::DialedCall, campaign::CallingHours};

const FLORIDA: &str = "+13055550110";
const NEW_YORK: &str = "+12125550110";

/// Noon of a Tuesday in New York.
fn noon() -> DateTime<Utc> {
    "2026-12-01T17:00:00Z".parse().expect("an instant")
}

fn campaign(cron: &str, purpose: &str) -> CampaignRequest {
    let document = json!({
        "campaignId": "campaign-1", "cron": cron, "expectedCompleted": 1, "purpose": purpose,
    });
    let hours: CallingHours = "08:00-21:00".parse().expect("hours");
    let text = document.to_string();
    CampaignRequest::read(&Json::parse(&text).expect("JSON"), &hours).expect("a campaign")
}

fn contact(number: &str, state: Option<&str>) -> CampaignContact {
    CampaignContact {
        id: "c-1".to_owned(),
        time_zone: Some("America/New_York".to_owned()),
        phone_number: Some(number.to_owned()),
        state: state.map(str::to_owned),
        ..CampaignContact::default()
    }
}

/// A number that CXone called so many minutes before noon.
fn called(number: &str, minutes_before: &[i64]) -> CalledParty {
    let number: E164 = number.parse().expect("E.164");
    let dialed = minutes_before.iter().enumerate().map(|(index, minutes)| DialedCall {
        contact_id: format!("contact-{index}"),
        at: noon() - TimeDelta::minutes(*minutes),
        arranged: None,
    });
    CalledParty { dialed: dialed.collect(), ..CalledParty::unknown(number) }
}

fn reached(campaign: &CampaignRequest, contact: &CampaignContact, party: &CalledParty) -> bool {
    let starts = (noon(), noon() + TimeDelta::hours(25));
    campaign.cap_reached(contact, party, Region::US, starts).is_some()
}

#[test]
fn a_start_within_a_day_of_three_calls_to_florida_is_one_too_many() {
    // At 9, 10 and 11 in the morning.
    let party = called(FLORIDA, &[180, 120, 60]);
    let is_reached =
        |cron, purpose| reached(&campaign(cron, purpose), &contact(FLORIDA, None), &party);
    assert!(is_reached("59 8 * * *", "sales"), "all three are less than a day before");
    assert!(!is_reached("0 9 * * *", "sales"), "the first is a day before");
    assert!(!is_reached("59 8 * * *", "service"), "the rule is about solicitations");
    assert!(!is_reached("59 8 * * sat", "sales"), "it is too early for that start");
    assert!(is_reached("0 9,13 * * *", "sales"), "the start of today counts as well");
    let two = called(FLORIDA, &[180, 120]);
    assert!(!reached(&campaign("59 8 * * *", "sales"), &contact(FLORIDA, None), &two));
}

#[test]
fn the_limit_is_that_of_each_place_of_the_contact() {
    let party = called(NEW_YORK, &[180, 120, 60]);
    let campaign = campaign("59 8 * * *", "sales");
    assert!(!reached(&campaign, &contact(NEW_YORK, None), &party), "New York has no limit");
    assert!(reached(&campaign, &contact(NEW_YORK, Some("US-FL")), &party));
    let nowhere = CampaignContact { time_zone: None, ..contact(FLORIDA, None) };
    assert!(!reached(&campaign, &nowhere, &party), "without a zone it is not called");
}

#[test]
fn the_zone_names_the_limit_and_counts_its_contacts() {
    let party = called(FLORIDA, &[180, 120, 60]);
    let campaign = campaign("59 8 * * *", "sales");
    let mut zones = crate::campaign::Zones::default();
    for number in [FLORIDA, FLORIDA, NEW_YORK] {
        let contact = contact(number, None);
        let starts = (noon(), noon() + TimeDelta::hours(25));
        let party = CalledParty { phone_number: number.parse().expect("E.164"), ..party.clone() };
        let bar = campaign.cap_reached(&contact, &party, Region::US, starts);
        zones.add(&CampaignContact { bar: bar.map(Bar::NoAttemptLeft), ..contact }, Region::US);
    }
    let stored = serde_json::to_string(&zones).expect("it serializes");
    let zones: crate::campaign::Zones = serde_json::from_str(&stored).expect("it reads back");
    let start = campaign.recurrence.next(noon(), Tz::America__New_York).expect("a start");
    let terms = campaign.terms(&HousePolicy::default());
    let refused = campaign.window(&zones, &terms, Tz::America__New_York, &start);
    let refused = refused.expect_err("two have no attempt left");
    assert_eq!(refused.code(), "too_many_attempts");
    let detail = refused.to_string();
    for part in ["2 contacts", "Fla. Stat. 501.616(6)", "at most 3 attempts in 24 hours"] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    assert!(!stored.contains("5550110"), "no number is stored: {stored}");
}

proptest! {
    /// Counted by hand: three calls in Florida, in any 24 hours that hold the start.
    #[test]
    fn no_start_makes_a_fourth_call_in_a_day(
        minutes in prop::collection::vec(0_i64..3_000, 0..7),
        (hour, minute) in (8_u32..20, 0_u32..60),
    ) {
        let campaign = campaign(&format!("{minute} {hour} * * *"), "sales");
        let is_reached = reached(&campaign, &contact(FLORIDA, None), &called(FLORIDA, &minutes));
        let mut starts = (1..=25 * 60).filter(|ahead| {
            let clock = (12 * 60 + ahead) % (24 * 60);
            clock == i64::from(hour * 60 + minute)
        });
        let is_fourth = |ahead: i64| {
            (ahead - 1_439..=ahead).any(|first| {
                let calls = minutes.iter().filter(|before| (first..first + 1_440).contains(&-**before));
                calls.count() >= 3
            })
        };
        prop_assert_eq!(is_reached, starts.any(is_fourth));
    }
}
