//! A schedule is submitted once, whatever happens on the way.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures::future;
use sandbox::{Options, Outcome, Sandbox};
use serde_json::Value;

use super::{campaign, plan, runs, sandbox, starts, try_to_plan};

/// More than a function can submit at once, in zones that differ, of countries whose law is known.
const ZONES: [&str; 24] = [
    "Africa/Johannesburg",
    "America/Anchorage",
    "America/Bogota",
    "America/Chicago",
    "America/Denver",
    "America/Halifax",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Phoenix",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Winnipeg",
    "Asia/Dubai",
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Perth",
    "Australia/Sydney",
    "Europe/Amsterdam",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Rome",
];

fn faulty(fault: &str) -> Options {
    let faults = vec![fault.parse().expect("a fault")];
    Options { faults, ..Options::default() }
}

/// Plans until all is scheduled, as the schedule does every five minutes.
async fn plan_to_the_end(sandbox: &Sandbox, campaigns: &[Value]) {
    for _ in 0..20 {
        if let Outcome::Answer(report) = try_to_plan(sandbox, campaigns).await {
            let report: Value = serde_json::from_slice(&report).expect("a report");
            if report["campaigns"][0]["status"] == "scheduled" {
                return;
            }
        }
        // Five minutes are also what a lease lasts, so that who was killed is succeeded.
        sandbox.clock.advance(TimeDelta::minutes(6));
    }
    panic!("not all zones are scheduled");
}

/// While the clock goes forward a zone may pass its hour and come to its next run: that is another
/// start.
fn assert_one_schedule_per_start(sandbox: &Sandbox) {
    let starts = starts(sandbox);
    let zones: BTreeSet<_> = starts.iter().map(|(zone, _)| zone.as_str()).collect();
    assert!(zones.iter().copied().eq(ZONES), "{zones:?}");
    let distinct: BTreeSet<_> = starts.iter().collect();
    assert_eq!(starts.len(), distinct.len(), "none twice: {starts:?}");
    let recorded: usize = runs(sandbox).iter().map(|run| run.submitted.len()).sum();
    assert_eq!(recorded, starts.len());
}

fn spring(sandbox: &Sandbox) -> Value {
    campaign(sandbox, "spring", &ZONES)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_submits_nothing() {
    let sandbox = sandbox(Options::default()).await;
    let campaigns = [spring(&sandbox)];
    plan(&sandbox, &campaigns).await;
    let report = plan(&sandbox, &campaigns).await;
    let runs = report["campaigns"][0]["runs"].as_array().expect("runs");
    let sum = |field: &str| runs.iter().filter_map(|run| run[field].as_u64()).sum::<u64>();
    assert_eq!((sum("submitted"), sum("submittedBefore")), (0, ZONES.len() as u64));
    assert_eq!(sandbox.cxone.calls("createSchedule"), ZONES.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn invocations_at_once_share_the_work() {
    let sandbox = sandbox(Options::default()).await;
    let campaigns = [spring(&sandbox)];
    future::join_all((0..4).map(|_| plan(&sandbox, &campaigns))).await;
    plan_to_the_end(&sandbox, &campaigns).await;
    assert_one_schedule_per_start(&sandbox);
    assert_eq!(sandbox.cxone.calls("createSchedule"), starts(&sandbox).len());
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_refusals_for_now_and_outages_make_no_second_schedule() {
    for fault in ["drop-after@30%", "429=0@30%", "503@30%", "expire-tokens@30%"] {
        let sandbox = sandbox(faulty(&format!("createSchedule:{fault}"))).await;
        let campaigns = [spring(&sandbox)];
        plan_to_the_end(&sandbox, &campaigns).await;
        assert_one_schedule_per_start(&sandbox);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_killed_after_a_submission_makes_no_second_one() {
    let sandbox = sandbox(faulty("createSchedule:kill=campaign-schedulerx3")).await;
    let campaigns = [spring(&sandbox)];
    plan_to_the_end(&sandbox, &campaigns).await;
    assert_one_schedule_per_start(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_cxone_throttles_one_zone_the_others_wait_as_well() {
    let sandbox = sandbox(faulty("createSchedule:429=600x8")).await;
    let campaigns = [spring(&sandbox)];
    let report = plan(&sandbox, &campaigns).await;
    assert_eq!(report["campaigns"][0]["status"], "not_scheduled", "{report}");
    assert_eq!(report["campaigns"][0]["failed"][0]["code"], "not_submitted_yet");
    let calls = sandbox.cxone.calls("createSchedule");
    assert!(calls <= 8, "those under way and no more, per run: {calls}");
    plan_to_the_end(&sandbox, &campaigns).await;
    assert_one_schedule_per_start(&sandbox);
}
