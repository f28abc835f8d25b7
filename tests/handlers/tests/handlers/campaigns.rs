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
