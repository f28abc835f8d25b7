//! campaign-scheduler and analytics-poller.

use analytics_poller::AnalyticsPoller;
use campaign_scheduler::CampaignScheduler;
use serde_json::{Value, json};

use crate::{handler, surroundings};

/// A Monday far ahead of every clock, at eight in the morning in New York.
const MONDAY: &str = "2030-03-04T13:00:00Z";

fn campaign(around: &sandbox::Surroundings) -> Value {
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
