//! campaign-scheduler and analytics-poller.

use std::collections::BTreeSet;

use ambient::Ambience;
use analytics_poller::AnalyticsPoller;
use campaign_scheduler::CampaignScheduler;
use chrono::{DateTime, TimeDelta, Utc};
use disposition_handler::DispositionHandler;
use dnc_batcher::DncBatcher;
use optout_webhook::OptoutWebhook;
use outbound::campaign::{CallingWindow, lawful_window};
use platform::called_parties::DecidedStart;
use sandbox::Surroundings;
use serde_json::{Value, json};

use crate::{bodies, handler, surroundings};

/// A Monday far ahead of every clock, at eight in the morning in New York.
const MONDAY: &str = "2030-03-04T13:00:00Z";

fn campaign(around: &Surroundings) -> Value {
    json!({
        "campaignId": "campaign-1",
        "cron": "0 9 * * mon",
        "expectedCompleted": 40,
        "purpose": "service",
        "webhookUrl": around.receiver.url(),
        "contacts": [
            { "id": "c-1", "timezone": "America/New_York" },
            { "id": "c-2", "timezone": "Mars/Olympus" },
        ],
    })
}

#[tokio::test]
async fn a_campaign_is_submitted_once_for_each_zone_and_unknown_zones_are_reported() {
    let around = surroundings().await;
    let function = handler::<CampaignScheduler>(&around).await;
    let event = json!({ "time": MONDAY, "campaigns": [campaign(&around)] });
    let report = function.invoke(event.clone()).await.expect("a report");
    function.invoke(event).await.expect("a report");
    let schedules = around.cxone.schedules();
    let zones: Vec<&str> = schedules.iter().map(|it| it.time_zone.as_str()).collect();
    assert_eq!(zones, ["America/New_York"]);
    assert!(report.to_string().contains("Mars/Olympus"), "{report}");
}

#[tokio::test]
async fn a_run_that_has_not_begun_is_open_and_costs_no_call() {
    let around = surroundings().await;
    let function = handler::<CampaignScheduler>(&around).await;
    let event = json!({ "time": MONDAY, "campaigns": [campaign(&around)] });
    function.invoke(event).await.expect("a report");

    let poller = handler::<AnalyticsPoller>(&around).await;
    let poll = poller.invoke(json!({ "time": MONDAY })).await.expect("a poll");
    assert_eq!((&poll["status"], &poll["open"]), (&json!("polled"), &json!(1)), "{poll}");
    assert_eq!(around.cxone.calls("queryAnalytics"), 0);
    assert!(around.receiver.deliveries().is_empty());
}

/// The morning of a Thanksgiving ahead of every clock.
const THANKSGIVING: &str = "2029-11-22T12:00:00Z";

/// A sales campaign at ten, whose contacts have these numbers and zones.
fn sales(contacts: &[(&str, &str)]) -> Value {
    let contact = |(number, zone): &(&str, &str)| json!({ "id": number, "timezone": zone, "phoneNumber": number });
    let contacts: Vec<Value> = contacts.iter().map(contact).collect();
    json!({ "campaignId": "sales", "cron": "0 10 * * *", "expectedCompleted": 1, "contacts": contacts })
}

#[tokio::test]
async fn the_law_of_the_places_that_are_there_decides_and_is_cited() {
    let around = surroundings().await;
    let function = handler::<CampaignScheduler>(&around).await;
    let contacts = [("+12125550110", "America/New_York"), ("+14015550110", "America/New_York")];
    let event = |contacts: &[_]| json!({ "time": THANKSGIVING, "campaigns": [sales(contacts)] });
    let report = function.invoke(event(&contacts)).await.expect("a report");
    let campaign = &report["campaigns"][0];
    assert_eq!(
        (&campaign["status"], &campaign["failed"][0]["code"]),
        (&json!("not_scheduled"), &json!("refused_by_law")),
        "{report}"
    );
    let why = campaign["failed"][0]["detail"].as_str().expect("a reason");
    for part in
        ["US-RI", "R.I. Gen. Laws", "Thanksgiving", "2029-11-23T14:00:00", "US-NY 240 minutes"]
    {
        assert!(why.contains(part), "{part}: {why}");
    }
    assert!(around.cxone.schedules().is_empty());

    let report = function.invoke(event(&contacts[..1])).await.expect("a report");
    assert_eq!(report["campaigns"][0]["status"], "scheduled", "{report}");
    assert_eq!(around.cxone.schedules().len(), 1);
}

#[tokio::test]
async fn a_clock_without_a_place_is_refused_and_contradictions_are_counted() {
    let around = surroundings().await;
    let function = handler::<CampaignScheduler>(&around).await;
    let contacts = [("+12125550110", "UTC"), ("+12125550111", "America/Los_Angeles")];
    let event = json!({ "time": THANKSGIVING, "campaigns": [sales(&contacts)] });
    let report = function.invoke(event).await.expect("a report");
    let campaign = &report["campaigns"][0];
    assert_eq!(campaign["failed"][0]["code"], "zone_without_place", "{report}");
    assert_eq!(campaign["status"], "partly_scheduled", "{report}");
    assert_eq!(campaign["contradictingNumbers"], 1, "{report}");
    let schedules = around.cxone.schedules();
    assert_eq!(
        schedules.iter().map(|it| it.time_zone.as_str()).collect::<Vec<_>>(),
        ["America/Los_Angeles"]
    );
}

/// Decisions on the starts of a campaign, the earliest start first.
fn decisions(around: &Surroundings) -> Vec<DecidedStart> {
    let items = around.aws.tables.items("DecisionsTable").expect("a table");
    let document = |item: Value| {
        serde_json::from_str(item["document"].as_str().expect("a document")).expect("a decision")
    };
    // Beside them are the ids of the campaigns.
    let is_start = |item: &Value| item["phone_number"] != "campaigns";
    items.into_iter().filter(is_start).map(document).collect()
}

#[tokio::test]
async fn each_start_leaves_a_decision_that_can_be_made_again() {
    let around = surroundings().await;
    let function = handler::<CampaignScheduler>(&around).await;
    let contacts = [
        ("+14015550110", "America/New_York"),
        ("+12135550110", "America/Los_Angeles"),
        ("+12125550110", "UTC"),
    ];
    let event = json!({ "time": THANKSGIVING, "campaigns": [sales(&contacts)] });
    for _ in 0..2 {
        function.invoke(event.clone()).await.expect("a report");
    }
    let decisions = decisions(&around);
    let outcomes: BTreeSet<_> =
        decisions.iter().map(|it| (it.time_zone.as_str(), it.outcome.as_str())).collect();
    assert_eq!(
        outcomes,
        BTreeSet::from([
            ("America/Los_Angeles", "submitted"),
            ("America/New_York", "refused_by_law"),
            ("UTC", "zone_without_place"),
        ])
    );
    assert_eq!(decisions.len(), 3, "one for each start, however often it is looked at");
    for decided in decisions.iter().filter(|it| it.outcome != "zone_without_place") {
        let zone = decided.time_zone.parse().expect("a zone");
        let end = decided.end.unwrap_or(decided.start + TimeDelta::hours(4));
        let window = CallingWindow { zone, start: decided.start, end };
        let again = lawful_window(&window, &decided.sites, &decided.terms);
        assert_eq!(again.is_ok(), decided.outcome == "submitted", "{decided:?}");
        if let Err(unlawful) = again {
            assert_eq!(unlawful.rules, decided.reasons);
        }
    }
}

#[tokio::test]
async fn without_its_decision_kept_no_start_is_submitted() {
    let around = surroundings().await;
    let function = handler::<CampaignScheduler>(&around).await;
    around.faults.add("PutItem/DecisionsTable:500x9".parse().expect("a fault"));
    let event = json!({ "time": MONDAY, "campaigns": [campaign(&around)] });
    let report = function.invoke(event.clone()).await.expect("a report");
    assert!(around.cxone.schedules().is_empty(), "{report}");
    around.faults.clear();
    function.invoke(event).await.expect("a report");
    assert_eq!(around.cxone.schedules().len(), 1);
}

#[tokio::test]
async fn a_zone_with_a_contact_who_opted_out_and_is_not_on_the_list_is_refused() {
    let around = surroundings().await;
    let function = handler::<CampaignScheduler>(&around).await;
    let webhook = handler::<OptoutWebhook>(&around).await;
    let contacts = [("+12125550110", "America/New_York"), ("+12135550110", "America/Los_Angeles")];
    let event = json!({ "time": THANKSGIVING, "campaigns": [sales(&contacts)] });
    let opt_out = |data: Value| json!({ "eventType": "contact.opt_out", "data": data });
    let opt_outs = async {
        let no_sales = json!({ "phoneNumber": "+12125550110", "scope": { "topic": "sales" } });
        webhook.post(&opt_out(no_sales)).await;
        // On its way to the list, where CXone looks before each call.
        webhook.post(&opt_out(json!({ "phoneNumber": "+12135550110" }))).await;
    };
    let now = THANKSGIVING.parse().expect("a time");
    Ambience::new(now, 1).scope(Box::pin(opt_outs)).await;
    let report = function.invoke(event.clone()).await.expect("a report");
    let campaign = &report["campaigns"][0];
    assert_eq!(campaign["status"], "partly_scheduled", "{report}");
    assert_eq!(campaign["failed"][0]["code"], "opted_out", "{report}");
    assert_eq!(campaign["failed"][0]["timezone"], "America/New_York", "{report}");
    let decisions = decisions(&around);
    assert!(decisions.iter().any(|it| it.outcome == "opted_out"), "{decisions:?}");

    // Calls about something else are not concerned.
    let mut service = event;
    service["campaigns"][0]["purpose"] = json!("service");
    service["campaigns"][0]["campaignId"] = json!("service");
    let report = function.invoke(service.clone()).await.expect("a report");
    assert_eq!(report["campaigns"][0]["status"], "scheduled", "{report}");

    // Without an answer of the ledger nobody is called.
    around.faults.add("BatchGetItem:503x99".parse().expect("a fault"));
    service["campaigns"][0]["campaignId"] = json!("another");
    let report = function.invoke(service).await.expect("a report");
    assert_eq!(report["campaigns"][0]["status"], "failed", "{report}");
    assert_eq!(around.cxone.schedules().len(), 3);
}

#[tokio::test]
async fn a_zone_with_a_contact_who_has_no_attempt_left_is_refused() {
    const CONTACT: (&str, &str) = ("+13055550110", "America/New_York");
    let around = surroundings().await;
    around.cxone.add_contact("contact-1", Some(CONTACT.0)).expect("an id");
    // At 10, 11 and 12 o'clock in Florida.
    let calls = [15, 16, 17].map(|hour| {
        json!({
            "contactId": "contact-1", "dispositionCode": "3001",
            "timestamp": format!("2029-11-20T{hour}:00:00Z"),
        })
        .to_string()
    });
    let now = "2029-11-20T17:30:00Z";
    let work = async {
        let failed = handler::<DispositionHandler>(&around).await.batch(&calls).await;
        assert!(failed.is_empty(), "{failed:?}");
    };
    Ambience::new(now.parse().expect("a time"), 1).scope(Box::pin(work)).await;
    let function = handler::<CampaignScheduler>(&around).await;
    for (id, cron, code) in
        [("early", "59 9 * * *", json!("too_many_attempts")), ("later", "0 10 * * *", Value::Null)]
    {
        let mut campaign = sales(&[CONTACT]);
        campaign["campaignId"] = json!(id);
        campaign["cron"] = json!(cron);
        let event = json!({ "time": now, "campaigns": [campaign] });
        let report = function.invoke(event).await.expect("a report");
        assert_eq!(report["campaigns"][0]["failed"][0]["code"], code, "{report}");
    }
    let decisions = decisions(&around);
    let refused = decisions.iter().find(|it| it.outcome == "too_many_attempts");
    let reasons = &refused.expect("a decision").reasons;
    assert!(reasons[0].contains("Fla. Stat. 501.616(6)"), "{reasons:?}");
}

/// States a wish of a contact at the opt-out webhook, at a time.
async fn state(around: &Surroundings, event_type: &str, data: Value, time: DateTime<Utc>) {
    let event = json!({ "eventType": event_type, "data": data });
    let work = async {
        let answer = handler::<OptoutWebhook>(around).await.post(&event).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    Ambience::new(time, 1).scope(Box::pin(work)).await;
}

/// Reason why the sales campaign does not start for this contact, if there is one.
async fn refusal(around: &Surroundings, contact: (&str, &str)) -> Value {
    let event = json!({ "time": THANKSGIVING, "campaigns": [sales(&[contact])] });
    let function = handler::<CampaignScheduler>(around).await;
    let report = function.invoke(event).await.expect("a report");
    report["campaigns"][0]["failed"][0]["code"].clone()
}

#[tokio::test]
async fn a_consent_must_last_until_the_end_of_the_latest_start_that_is_submitted() {
    let contact = ("+12125550110", "America/New_York");
    let morning: DateTime<Utc> = THANKSGIVING.parse().expect("a time");
    // Starts are submitted 25 hours ahead, for half an hour by what is read now, and last 4 hours.
    for (hours, expected) in [(29, json!("opted_out")), (30, Value::Null)] {
        let around = surroundings().await;
        let before = |hours| morning - TimeDelta::hours(hours);
        let mut data = json!({ "phoneNumber": contact.0, "scope": { "topic": "sales" } });
        state(&around, "contact.opt_out", data.clone(), before(9)).await;
        data["expiresAt"] = json!(morning + TimeDelta::hours(hours));
        state(&around, "contact.opt_in", data, before(8)).await;
        assert_eq!(refusal(&around, contact).await, expected, "{hours} hours");
    }
}

#[tokio::test]
async fn a_number_that_has_long_been_on_its_way_to_the_list_may_never_arrive() {
    let contact = ("+12125550110", "America/New_York");
    let morning: DateTime<Utc> = THANKSGIVING.parse().expect("a time");
    for (hours, expected) in [(23, Value::Null), (25, json!("opted_out"))] {
        let around = surroundings().await;
        let data = json!({ "phoneNumber": contact.0 });
        state(&around, "contact.opt_out", data, morning - TimeDelta::hours(hours)).await;
        assert_eq!(refusal(&around, contact).await, expected, "{hours} hours");
    }
}

#[tokio::test]
async fn a_later_refusal_does_not_replace_the_evidence_of_what_was_submitted() {
    let contact = ("+12125550110", "America/New_York");
    let around = surroundings().await;
    assert_eq!(refusal(&around, contact).await, Value::Null);
    let no_sales = json!({ "phoneNumber": contact.0, "scope": { "topic": "sales" } });
    let morning: DateTime<Utc> = THANKSGIVING.parse().expect("a time");
    state(&around, "contact.opt_out", no_sales, morning).await;
    assert_eq!(refusal(&around, contact).await, "opted_out");
    let outcomes: BTreeSet<String> =
        decisions(&around).into_iter().map(|decided| decided.outcome).collect();
    assert_eq!(outcomes, ["opted_out", "submitted"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_listing_that_a_consent_overruled_does_not_keep_a_contact_from_being_called() {
    const CONTACT: (&str, &str) = ("+12125550110", "America/New_York");
    let around = surroundings().await;
    let morning: DateTime<Utc> = THANKSGIVING.parse().expect("a time");
    let wish = async |event_type: &str, scope: Value, hours: i64| {
        let data = json!({ "phoneNumber": CONTACT.0, "scope": scope });
        let time = morning - TimeDelta::hours(hours);
        state(&around, event_type, data, time).await;
        let list = async {
            let queued = bodies(&around, "DncQueue").await;
            handler::<DncBatcher>(&around).await.batch(&queued).await;
        };
        Ambience::new(time, 2).scope(Box::pin(list)).await;
    };
    wish("contact.opt_out", json!({}), 9).await;
    assert_eq!(refusal(&around, CONTACT).await, Value::Null, "CXone looks at its list");
    wish("contact.opt_in", json!({ "channel": "text" }), 8).await;
    assert_eq!(refusal(&around, CONTACT).await, Value::Null, "texts are no calls");
    wish("contact.opt_in", json!({}), 7).await;
    assert_eq!(refusal(&around, CONTACT).await, Value::Null, "a consent");
    // The operator has taken the number off the list since.
    wish("contact.opt_out", json!({ "topic": "sales" }), 6).await;
    assert_eq!(refusal(&around, CONTACT).await, "opted_out");
}
