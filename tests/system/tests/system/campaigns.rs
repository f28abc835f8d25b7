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

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sandbox::{
    Options, Outcome, Sandbox,
    campaigns::{self, Run},
};
use serde_json::{Value, json};

/// A sandbox in which it is five past some hour: no zone of the world starts at ten in the next
/// minutes, so a slow machine makes no difference.
async fn sandbox(options: Options) -> Sandbox {
    let sandbox = system::sandbox(options).await;
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

/// Puts the clock forward to so long after a run's first start.
fn advance_into(sandbox: &Sandbox, run: &Run, by: TimeDelta) -> DateTime<Utc> {
    sandbox.clock.advance_to(run.first_start + by);
    sandbox.clock.now()
}
