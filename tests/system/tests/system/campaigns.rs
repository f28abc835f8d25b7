//! Campaigns from cron expression to completion webhook, over the real binaries. The sandbox's
//! clock is put forward by hand: nothing here waits for a minute to pass.

mod large;
mod once;
mod poller;
mod schedule;
mod skills;
mod standstill;
mod webhook;
mod zones;

use chrono::{DateTime, DurationRound, FixedOffset, TimeDelta, Utc};
use sandbox::{
    Options, Outcome, Sandbox,
    campaigns::{self, Run},
    cxone::Api,
};
use serde_json::{Value, json};

/// The campaigns of these tests: each has a skill of the REST services.
const CAMPAIGNS: [&str; 15] = [
    "a", "b", "bad", "c", "early", "endless", "good", "greedy", "late", "quick", "quiet", "slow",
    "spring", "twice", "typo",
];

/// A sandbox in which it is five past some hour: no zone of the world starts at ten in the next
/// minutes, so a slow machine makes no difference.
async fn sandbox(options: Options) -> Sandbox {
    let skilled_campaigns = CAMPAIGNS.map(str::to_owned).into();
    let sandbox = system::sandbox(Options { skilled_campaigns, ..options }).await;
    let hour = sandbox.clock.now().duration_trunc(TimeDelta::hours(1)).expect("an hour");
    sandbox.clock.advance_to(hour + TimeDelta::minutes(65));
    sandbox
}

/// A campaign of one contact in each of these zones, every day at ten. Its calls are such that the
/// law allows them on any day.
fn campaign(sandbox: &Sandbox, id: &str, zones: &[&str]) -> Value {
    let contact =
        |(index, zone): (usize, &&str)| json!({ "id": format!("{id}-{index}"), "timezone": zone });
    json!({
        "campaignId": id,
        "cron": "0 10 * * *",
        "expectedCompleted": 40,
        "purpose": "service",
        "webhookUrl": format!("{}/campaigns", sandbox.receiver.url()),
        "contacts": zones.iter().enumerate().map(contact).collect::<Vec<_>>(),
    })
}

/// Has the scheduler plan these campaigns, and returns its report.
async fn plan(sandbox: &Sandbox, campaigns: &[Value]) -> Value {
    match try_to_plan(sandbox, campaigns).await {
        Outcome::Answer(report) => serde_json::from_slice(&report).expect("a report"),
        other => panic!("no report: {other:?}"),
    }
}

async fn try_to_plan(sandbox: &Sandbox, campaigns: &[Value]) -> Outcome {
    let event = json!({ "time": sandbox.clock.now(), "campaigns": campaigns });
    let invoked = sandbox.lambda.invoke("campaign-scheduler", event.to_string().into()).await;
    invoked.expect("the scheduler is there")
}

/// Polls once.
async fn poll(sandbox: &Sandbox) {
    let outcome = sandbox.schedules.fire("analytics-poller").await.expect("the poller is there");
    assert!(matches!(outcome, Outcome::Answer(_)), "{outcome:?}");
}

/// The only run of a campaign.
fn run(sandbox: &Sandbox, campaign: &str) -> Run {
    let mut runs = runs(sandbox);
    runs.retain(|run| run.campaign_id == campaign);
    let [run] = &runs[..] else { panic!("one run of {campaign}: {runs:?}") };
    run.clone()
}

fn runs(sandbox: &Sandbox) -> Vec<Run> {
    campaigns::runs(sandbox).expect("runs")
}

/// The starts that have a schedule: zone and local time. The REST services have no schedules; there
/// it is what they accepted.
fn starts(sandbox: &Sandbox) -> Vec<(String, String)> {
    if sandbox.cxone.api() == Api::V2 {
        let schedules = sandbox.cxone.schedules().into_iter();
        let start = |at: DateTime<FixedOffset>| at.format("%Y-%m-%dT%H:%M").to_string();
        return schedules.map(|schedule| (schedule.time_zone, start(schedule.start))).collect();
    }
    let of_run = |run: Run| {
        let zones = run.submitted.into_iter();
        zones.map(move |zone| (zone, run.local_start.clone())).collect::<Vec<_>>()
    };
    runs(sandbox).into_iter().flat_map(of_run).collect()
}

/// Puts the clock forward to so long after a run's first start.
fn advance_into(sandbox: &Sandbox, run: &Run, by: TimeDelta) -> DateTime<Utc> {
    sandbox.clock.advance_to(run.first_start + by);
    sandbox.clock.now()
}
