//! Runs are watched to their end, which is recorded once.

use chrono::TimeDelta;
use futures::future;
use sandbox::{Options, Sandbox, campaigns::Run};
use serde_json::Value;

use super::{advance_into, campaign, plan, poll, run, runs, sandbox};

/// A run of a campaign in one zone, an hour after its start.
async fn started(sandbox: &Sandbox, id: &str) {
    plan(sandbox, &[campaign(sandbox, id, &["Europe/London"])]).await;
    advance_into(sandbox, &run(sandbox, id), TimeDelta::hours(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_completed_when_the_expected_calls_are() {
    let sandbox = sandbox(Options::default()).await;
    started(&sandbox, "spring").await;
    sandbox.cxone.make_calls("spring", 20);
    poll(&sandbox).await;
    let half = run(&sandbox, "spring");
    assert_eq!((half.state.as_str(), half.completed), ("open", 20), "half of the window's calls");

    advance_into(&sandbox, &half, TimeDelta::hours(2));
    sandbox.cxone.make_calls("spring", 20);
    poll(&sandbox).await;
    let done = run(&sandbox, "spring");
    assert_eq!((done.state.as_str(), done.completed), ("completed", 40));
    assert!(!done.is_pending(), "it was reported");
    assert_eq!(sandbox.receiver.deliveries().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_of_yesterdays_run_do_not_count_for_todays() {
    let sandbox = sandbox(Options::default()).await;
    let campaigns = [campaign(&sandbox, "spring", &["Europe/London"])];
    plan(&sandbox, &campaigns).await;
    let yesterday = run(&sandbox, "spring");
    advance_into(&sandbox, &yesterday, TimeDelta::hours(3));
    sandbox.cxone.make_calls("spring", 40);
    poll(&sandbox).await;
    plan(&sandbox, &campaigns).await;

    let started_after = |run: &Run| run.first_start > yesterday.first_start;
    let today = runs(&sandbox).into_iter().find(started_after).expect("it is planned");
    advance_into(&sandbox, &today, TimeDelta::hours(1));
    sandbox.cxone.make_calls("spring", 20);
    poll(&sandbox).await;
    let mut runs = runs(&sandbox);
    runs.sort_by_key(|run| run.first_start);
    let counts: Vec<_> = runs.iter().map(|run| (run.state.as_str(), run.completed)).collect();
    assert_eq!(counts, [("completed", 40), ("open", 20)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_about_a_run_that_has_not_begun() {
    let sandbox = sandbox(Options::default()).await;
    plan(&sandbox, &[campaign(&sandbox, "spring", &["Europe/London"])]).await;
    poll(&sandbox).await;
    assert_eq!(sandbox.cxone.calls("queryAnalytics"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_and_fifty_campaigns_are_three_queries_a_poll_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    let id = |index| format!("campaign-{index:03}");
    let campaigns: Vec<Value> =
        (0..250).map(|index| campaign(&sandbox, &id(index), &["Asia/Dubai"])).collect();
    plan(&sandbox, &campaigns).await;
    advance_into(&sandbox, &run(&sandbox, &id(0)), TimeDelta::hours(1));
    poll(&sandbox).await;
    assert_eq!(sandbox.cxone.calls("queryAnalytics"), 3);
    assert!(runs(&sandbox).iter().all(|run| run.completed == 20));
    poll(&sandbox).await;
    assert_eq!(sandbox.cxone.calls("queryAnalytics"), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_come_in_pages_are_summed_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    started(&sandbox, "spring").await;
    sandbox.cxone.plan_calls("spring", 5_000);
    sandbox.cxone.split_rows("spring", 250);
    poll(&sandbox).await;
    assert_eq!(sandbox.cxone.calls("queryAnalytics"), 3);
    let run = run(&sandbox, "spring");
    assert_eq!((run.state.as_str(), run.completed), ("completed", 2_500));
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_shrink_between_polls_do_not_take_progress_back() {
    let sandbox = sandbox(Options::default()).await;
    started(&sandbox, "spring").await;
    let mut seen = Vec::new();
    for calls in [30, 12, 35, 0, 41] {
        sandbox.cxone.set_completed("spring", calls);
        poll(&sandbox).await;
        seen.push(run(&sandbox, "spring").completed);
    }
    assert_eq!(seen, [30, 30, 35, 35, 41]);
    assert_eq!(run(&sandbox, "spring").state, "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_that_several_pollers_see_at_once_is_recorded_and_reported_once() {
    let sandbox = sandbox(Options::default()).await;
    started(&sandbox, "spring").await;
    sandbox.cxone.set_completed("spring", 40);
    future::join_all((0..4).map(|_| poll(&sandbox))).await;
    poll(&sandbox).await;
    assert_eq!(run(&sandbox, "spring").state, "completed");
    assert_eq!(sandbox.receiver.deliveries().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_cxone_refuses_to_count_does_not_hold_up_the_others() {
    let sandbox = sandbox(Options::default()).await;
    let campaigns: Vec<Value> =
        ["a", "b", "bad", "c"].map(|id| campaign(&sandbox, id, &["Europe/London"])).into();
    plan(&sandbox, &campaigns).await;
    sandbox.cxone.refuse_counts("bad", "the campaign was deleted");
    advance_into(&sandbox, &run(&sandbox, "a"), TimeDelta::hours(3));
    for id in ["a", "b", "bad", "c"] {
        sandbox.cxone.make_calls(id, 40);
    }
    poll(&sandbox).await;
    let completed = ["a", "b", "c"].map(|id| run(&sandbox, id).state);
    assert_eq!(completed, ["completed", "completed", "completed"]);
    assert_eq!(run(&sandbox, "bad").state, "open");

    // Its progress is unknown. A day after its end it is given up.
    let bad = run(&sandbox, "bad");
    advance_into(&sandbox, &bad, TimeDelta::hours(4 + 23));
    poll(&sandbox).await;
    assert_eq!(run(&sandbox, "bad").state, "open");
    advance_into(&sandbox, &bad, TimeDelta::hours(4 + 24));
    poll(&sandbox).await;
    assert_eq!(run(&sandbox, "bad").state, "timed_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_never_completes_is_timed_out_an_hour_after_its_last_zone() {
    let sandbox = sandbox(Options::default()).await;
    started(&sandbox, "quiet").await;
    sandbox.cxone.set_completed("quiet", 39);
    let quiet = run(&sandbox, "quiet");
    advance_into(&sandbox, &quiet, TimeDelta::hours(4) + TimeDelta::minutes(59));
    poll(&sandbox).await;
    assert_eq!(run(&sandbox, "quiet").state, "open");
    advance_into(&sandbox, &quiet, TimeDelta::hours(5));
    poll(&sandbox).await;
    let quiet = run(&sandbox, "quiet");
    assert_eq!((quiet.state.as_str(), quiet.completed), ("timed_out", 39));
    let deliveries = sandbox.receiver.deliveries();
    let [report] = &deliveries[..] else { panic!("one report: {deliveries:?}") };
    assert_eq!(report.body["event"], "campaign.timed_out");
    assert_eq!(report.body["data"]["totalCompleted"], 39);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_cxone_delays_the_end_and_loses_nothing() {
    let sandbox = sandbox(Options::default()).await;
    started(&sandbox, "spring").await;
    sandbox.cxone.make_calls("spring", 20);
    sandbox.faults.add("queryAnalytics:500x4".parse().expect("a fault"));
    poll(&sandbox).await;
    assert_eq!(run(&sandbox, "spring").completed, 0);
    poll(&sandbox).await;
    assert_eq!(run(&sandbox, "spring").completed, 20);
}
