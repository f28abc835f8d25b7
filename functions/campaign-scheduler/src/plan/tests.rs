use outbound::{
    Region,
    campaign::{CallingHours, CampaignContact, Unlawful},
};
use serde_json::{Value, json};

use super::*;

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().expect("an instant")
}

/// A campaign with these fields, every day at ten.
fn campaign(fields: &Value) -> CampaignRequest {
    let mut document = json!({ "campaignId": "c", "cron": "0 10 * * *", "expectedCompleted": 1 });
    for (name, value) in fields.as_object().expect("an object") {
        document[name] = value.clone();
    }
    CampaignRequest::read(&(&document).into(), &CallingHours::DEFAULT).expect("valid")
}

/// The zones of contacts with these zones, and perhaps numbers.
fn zones(contacts: &[(&str, Option<&str>)]) -> Zones {
    let mut zones = Zones::default();
    for (zone, number) in contacts {
        let contact = CampaignContact {
            id: "c-1".to_owned(),
            time_zone: Some((*zone).to_owned()),
            phone_number: number.map(str::to_owned),
            ..CampaignContact::default()
        };
        zones.add(&contact, Region::US);
    }
    zones
}

/// Service calls, which no state restricts.
fn planned(cron: &str, now: &str) -> Plan {
    let campaign = campaign(&json!({ "cron": cron, "purpose": "service" }));
    let contacts = ["America/Los_Angeles", "America/New_York", "Asia/Dubai"];
    plan(&campaign, &zones(&contacts.map(|zone| (zone, None))), &HousePolicy::default(), at(now))
}

#[test]
fn zones_that_are_past_the_hour_start_with_the_next_run() {
    // 08:00 in New York, 05:00 in Los Angeles, 17:00 in Dubai.
    let plan = planned("0 9 * * *", "2026-01-15T13:00:00Z");
    let starts: Vec<(String, Vec<String>)> = plan
        .runs
        .iter()
        .map(|(local_start, run)| {
            let starts = run.next.iter().map(|window| window.start.to_rfc3339()).collect();
            (local_start.to_string(), starts)
        })
        .collect();
    assert_eq!(
        starts,
        [
            (
                "2026-01-15 09:00:00".to_owned(),
                vec![
                    "2026-01-15T09:00:00-08:00".to_owned(),
                    "2026-01-15T09:00:00-05:00".to_owned(),
                ]
            ),
            ("2026-01-16 09:00:00".to_owned(), vec!["2026-01-16T09:00:00+04:00".to_owned()]),
        ]
    );
    assert_eq!(plan.refused, []);
}

#[test]
fn a_start_outside_the_calling_hours_is_refused_and_not_moved() {
    let plan = planned("0 6 * * *", "2026-01-15T13:00:00Z");
    assert!(plan.runs.is_empty());
    assert_eq!(plan.refused.len(), 3);
}

#[test]
fn a_run_lasts_until_its_last_zone_even_if_that_has_another_start_before() {
    // 10:30 in Dubai, where 15:00 is next after it; in Los Angeles it is 22:30 the day before.
    let plan = planned("0 10,15 * * *", "2026-01-15T06:30:00Z");
    let run = &plan.runs[&at("2026-01-15T15:00:00Z").naive_utc()];
    let zones: Vec<Tz> = run.next.iter().map(|window| window.zone).collect();
    assert_eq!(zones, [Tz::Asia__Dubai]);
    assert_eq!(run.last_end, at("2026-01-16T03:00:00Z"), "19:00 in Los Angeles");
}

#[test]
fn a_start_that_is_more_than_a_day_ahead_is_left_for_later() {
    // Thursday, 08:00 in New York.
    let plan = planned("0 9 * * sat", "2026-01-15T13:00:00Z");
    assert!(plan.runs.is_empty() && plan.refused.is_empty());
    assert_eq!(plan.due_later, Some(at("2026-01-17T05:00:00Z")), "09:00 in Dubai");
    let plan = planned("0 9 * * sat", "2026-01-16T04:00:00Z");
    assert_eq!(plan.runs.len(), 1);
    assert_eq!(plan.due_later, Some(at("2026-01-17T14:00:00Z")), "09:00 in New York");
}

/// The days around Thanksgiving 2026, at seven in the morning in New York.
const THANKSGIVING: &str = "2026-11-26T12:00:00Z";
const NEW_YORK: &str = "America/New_York";
const NUMBER_212: (&str, Option<&str>) = (NEW_YORK, Some("+12125550110"));
const NUMBER_401: (&str, Option<&str>) = (NEW_YORK, Some("+14015550110"));

fn refusal(plan: &Plan) -> &Unlawful {
    match &plan.refused[..] {
        [(_, StartRefused::Unlawful(unlawful))] => unlawful,
        other => panic!("one refusal by law: {other:?}"),
    }
}

#[test]
fn rhode_island_rests_on_thanksgiving_and_new_york_alone_does_not() {
    let campaign = campaign(&json!({}));
    let alone = plan(&campaign, &zones(&[NUMBER_212]), &HousePolicy::default(), at(THANKSGIVING));
    assert_eq!((alone.runs.len(), &alone.refused[..]), (1, &[][..]));

    let both = plan(
        &campaign,
        &zones(&[NUMBER_212, NUMBER_401]),
        &HousePolicy::default(),
        at(THANKSGIVING),
    );
    assert!(both.runs.is_empty());
    let unlawful = refusal(&both);
    assert!(unlawful.rules.iter().all(|rule| rule.starts_with("US-RI")), "{unlawful:?}");
    assert!(unlawful.rules[0].contains("R.I. Gen. Laws"), "{unlawful:?}");
    let next = unlawful.next_allowed.expect("within days");
    assert_eq!(next.to_rfc3339(), "2026-11-27T14:00:00+00:00", "Friday, 09:00 in Rhode Island");
    let gains: Vec<_> = unlawful.gains.iter().map(|(code, it)| (code.as_str(), *it)).collect();
    assert_eq!(gains, [("US-NY", 240)], "by a split");

    let zone_alone =
        plan(&campaign, &zones(&[(NEW_YORK, None)]), &HousePolicy::default(), at(THANKSGIVING));
    assert!(!refusal(&zone_alone).rules.is_empty(), "Rhode Island lies in that zone");
    // A day later all of them are called.
    let friday = plan(
        &campaign,
        &zones(&[NUMBER_212, NUMBER_401]),
        &HousePolicy::default(),
        at("2026-11-27T12:00:00Z"),
    );
    assert_eq!((friday.runs.len(), &friday.refused[..]), (1, &[][..]));
}

#[test]
fn a_window_ends_where_the_first_jurisdiction_ends() {
    let campaign = campaign(&json!({ "cron": "0 17 * * *" }));
    let contacts = [NUMBER_212, (NEW_YORK, Some("+13055550110"))];
    let plan =
        plan(&campaign, &zones(&contacts), &HousePolicy::default(), at("2026-06-02T12:00:00Z"));
    let run = plan.runs.values().next().expect("a run");
    assert_eq!(run.next[0].end.to_rfc3339(), "2026-06-02T20:00:00-04:00", "Florida ends at eight");
    let [(zone, cut)] = &plan.cuts[..] else { panic!("one cut: {plan:?}") };
    assert_eq!((zone.name(), cut.minutes), (NEW_YORK, 60));
    assert!(cut.rules.iter().all(|rule| rule.starts_with("US-FL")), "{cut:?}");
    let gains: Vec<_> = cut.gains.iter().map(|(code, it)| (code.as_str(), *it)).collect();
    assert_eq!(gains, [("US-NY", 60)]);
}

#[test]
fn clocks_and_numbers_without_a_place_are_refused() {
    let campaign = campaign(&json!({ "purpose": "service", "cron": "0 10 * * *" }));
    for zone in ["UTC", "Etc/GMT+5", "Antarctica/Troll"] {
        let contacts = [(zone, Some("+12125550110"))];
        let plan = plan(&campaign, &zones(&contacts), &HousePolicy::default(), at(THANKSGIVING));
        assert!(plan.runs.is_empty(), "{zone}");
        assert!(matches!(plan.refused[..], [(_, StartRefused::ZoneWithoutPlace)]), "{plan:?}");
    }
    let toll_free = zones(&[NUMBER_212, (NEW_YORK, Some("+18005550110"))]);
    let plan = plan(&campaign, &toll_free, &HousePolicy::default(), at(THANKSGIVING));
    assert!(matches!(plan.refused[..], [(_, StartRefused::NumbersWithoutPlace(1))]), "{plan:?}");
}

#[test]
fn a_closed_day_refuses_the_zones_with_contacts_there() {
    let campaign = campaign(&json!({}));
    let closures =
        r#"[{"code":"US-NY","from":"2026-11-20","until":"2026-12-20","reason":"storm"}]"#;
    let closures = closures.parse().expect("closures");
    let policy = HousePolicy { closures, ..HousePolicy::default() };
    let now = at("2026-12-01T12:00:00Z");
    let closed = plan(&campaign, &zones(&[NUMBER_212]), &policy, now);
    assert!(closed.runs.is_empty());
    let [(_, StartRefused::Unlawful(unlawful))] = &closed.refused[..] else { panic!("a refusal") };
    assert!(unlawful.rules.iter().any(|rule| rule.contains("storm")), "{unlawful:?}");
    let open = plan(&campaign, &zones(&[NUMBER_401]), &policy, now);
    assert_eq!(open.runs.len(), 1, "Rhode Island is open");
}
