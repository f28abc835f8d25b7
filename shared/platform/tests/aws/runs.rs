use aws_sdk_dynamodb::{Client, types::AttributeValue};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use outbound::campaign::Progress;
use platform::runs::{Attempt, Ended, Run, RunId, RunPlan, Runs, Submissions};
use proptest::prelude::*;

use embedded::{at, losing_table_with_index, table_with_index};

async fn table() -> Client {
    table_with_index("id", "Pending", "pending").await
}

async fn runs() -> Runs {
    Runs::new(table().await, "table")
}

fn now() -> DateTime<Utc> {
    at("2026-03-02T12:00:00Z")
}

fn id(campaign: &str) -> RunId {
    format!("2026-03-02T10:00#{campaign}").parse().expect("an id")
}

fn plan() -> RunPlan {
    RunPlan {
        expected: 40,
        webhook_url: Some("https://hooks.example.com/campaigns".parse().expect("a URL")),
        first_start: at("2026-03-02T15:00:00Z"),
        last_end: at("2026-03-02T22:00:00Z"),
    }
}

async fn open(runs: &Runs, campaign: &str, plan: &RunPlan) -> Submissions {
    runs.open(&id(campaign), plan, now()).await.expect("the table answers")
}

async fn pending(runs: &Runs) -> Vec<Run> {
    let mut pending = runs.pending().await.expect("the table answers");
    pending.sort_by_key(|run| run.id.to_string());
    pending
}

async fn only(runs: &Runs) -> Run {
    let pending = pending(runs).await;
    let [run] = &pending[..] else { panic!("one run: {pending:?}") };
    run.clone()
}

fn calls(completed: u64) -> Progress {
    Progress { completed, attempted: completed + 5, connected: completed / 2 }
}

async fn close(runs: &Runs, run: &Run, ended: Ended) -> Option<Run> {
    runs.close(run, ended, now()).await.expect("the table answers")
}

async fn claim(runs: &Runs, run: &Run, hidden_until: DateTime<Utc>) -> Option<Attempt> {
    runs.claim_report(run, hidden_until).await.expect("the table answers")
}

#[tokio::test]
async fn a_run_is_opened_once_however_many_try() {
    let runs = runs().await;
    let plan = plan();
    let opened = join_all((0..8).map(|_| open(&runs, "a", &plan))).await;
    assert!(opened.iter().all(|known| *known == Submissions::default()));
    let run = only(&runs).await;
    assert_eq!((run.id, run.plan), (id("a"), plan));
    assert_eq!((run.progress, run.ended), (Progress::default(), None));
}

#[tokio::test]
async fn zones_that_join_later_widen_the_run() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let hours = TimeDelta::hours;
    let plans = [(-3, 0), (2, 4), (-1, -1), (0, 5), (-5, 1)].map(|(start, end)| RunPlan {
        first_start: plan().first_start + hours(start),
        last_end: plan().last_end + hours(end),
        ..plan()
    });
    join_all(plans.iter().map(|plan| open(&runs, "a", plan))).await;
    let run = only(&runs).await;
    assert_eq!(run.plan.first_start, plan().first_start - hours(5));
    assert_eq!(run.plan.last_end, plan().last_end + hours(5));
    open(&runs, "a", &plan()).await;
    assert_eq!(only(&runs).await.plan, run.plan, "one that lies within changes nothing");
}

#[tokio::test]
async fn an_open_run_follows_the_request_and_one_that_has_ended_does_not() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let other = RunPlan { expected: 50, webhook_url: None, ..plan() };
    open(&runs, "a", &other).await;
    assert_eq!(only(&runs).await.plan, other);
    open(&runs, "a", &plan()).await;
    close(&runs, &only(&runs).await, Ended::Completed).await.expect("it was open");
    open(&runs, "a", &other).await;
    assert_eq!(only(&runs).await.plan, plan());
}

#[tokio::test]
async fn what_was_submitted_and_refused_is_known_to_who_opens_it_again() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let zones = |range: std::ops::Range<usize>| -> Vec<String> {
        range.map(|zone| format!("Zone/{zone}")).collect()
    };
    let refused: Vec<(String, String)> =
        zones(300..420).into_iter().map(|zone| (zone, "not today".to_owned())).collect();
    runs.plan(&id("a"), &zones(0..400)).await.expect("written");
    runs.plan(&id("a"), &zones(390..410)).await.expect("written");
    runs.plan(&id("a"), &[]).await.expect("nothing to write");
    runs.record(&id("a"), &zones(0..150), &[]).await.expect("written");
    runs.record(&id("a"), &zones(150..300), &refused).await.expect("written");
    runs.record(&id("a"), &[], &[]).await.expect("nothing to write");
    let known = open(&runs, "a", &plan()).await;
    assert_eq!(known.planned, zones(0..410).into_iter().collect());
    assert_eq!(known.submitted, zones(0..300).into_iter().collect());
    assert_eq!(known.refused, refused.into_iter().collect());
    assert_eq!(only(&runs).await.submissions, known);
}

#[tokio::test]
async fn nothing_is_recorded_for_a_run_that_is_not_there() {
    let runs = runs().await;
    runs.plan(&id("a"), &["Europe/London".to_owned()]).await.expect("ignored");
    runs.record(&id("a"), &["Europe/London".to_owned()], &[]).await.expect("ignored");
    assert_eq!(open(&runs, "a", &plan()).await, Submissions::default());
}

#[tokio::test]
async fn a_run_ends_once_however_many_find_it_over() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let run = only(&runs).await;
    let closed = join_all((0..8).map(|_| close(&runs, &run, Ended::TimedOut))).await;
    assert_eq!(closed.iter().flatten().count(), 1);
    let run = only(&runs).await;
    assert_eq!((run.ended, run.ended_at), (Some(Ended::TimedOut), Some(now())));
    assert_eq!((run.report_at, run.report_attempts), (Some(now()), 0));
}

#[tokio::test]
async fn calls_that_are_counted_after_the_end_change_nothing() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let run = only(&runs).await;
    assert_eq!(runs.progress(&run, calls(7)).await.expect("written"), calls(7));
    close(&runs, &run, Ended::TimedOut).await.expect("it was open");
    assert_eq!(runs.progress(&run, calls(9)).await.expect("answered"), calls(7));
    assert_eq!(only(&runs).await.progress, calls(7));
}

#[tokio::test]
async fn a_run_that_nobody_is_told_of_is_not_pending_any_more() {
    let runs = runs().await;
    open(&runs, "a", &RunPlan { webhook_url: None, ..plan() }).await;
    close(&runs, &only(&runs).await, Ended::Completed).await.expect("it was open");
    assert_eq!(pending(&runs).await, []);
    let all = runs.all().await.expect("the table answers");
    assert_eq!(all.into_iter().map(|run| run.id).collect::<Vec<_>>(), [id("a")], "it is kept");
}

#[tokio::test]
async fn an_attempt_to_report_belongs_to_one_and_to_another_only_later() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let run = close(&runs, &only(&runs).await, Ended::Completed).await.expect("it was open");
    let later = now() + TimeDelta::minutes(2);
    let claims = join_all((0..8).map(|_| runs.claim_report(&run, later))).await;
    let won = claims.into_iter().filter(|won| won.as_ref().expect("answered").is_some());
    assert_eq!(won.count(), 1);
    let run = only(&runs).await;
    assert_eq!((run.report_at, run.report_attempts), (Some(later), 1));
    let attempt = claim(&runs, &run, later + TimeDelta::minutes(2)).await.expect("it is free");
    runs.reported(&attempt, later).await.expect("written");
    assert_eq!(pending(&runs).await, []);
    assert!(claim(&runs, &run, later).await.is_none(), "it is done");
}

#[tokio::test]
async fn a_report_that_was_given_up_can_be_made_anew() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let url = "https://hooks.example.com/repaired".parse().expect("a URL");
    assert!(!runs.report_anew(&id("a"), &url, now()).await.expect("answered"), "it is open");
    let run = close(&runs, &only(&runs).await, Ended::Completed).await.expect("it was open");
    let attempt = claim(&runs, &run, now()).await.expect("it is free");
    runs.report_again(&attempt, now(), "500").await.expect("written");
    runs.give_up_report(&attempt, "500").await.expect("written");
    assert_eq!(pending(&runs).await, []);

    assert!(runs.report_anew(&id("a"), &url, now()).await.expect("answered"));
    let run = only(&runs).await;
    assert_eq!((run.plan.webhook_url, run.report_attempts), (Some(url.clone()), 0));
    assert!(!runs.report_anew(&id("b"), &url, now()).await.expect("answered"), "unknown");
}

#[tokio::test]
async fn a_report_that_failed_is_made_again_when_it_is_due() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let run = close(&runs, &only(&runs).await, Ended::Completed).await.expect("it was open");
    let attempt = claim(&runs, &run, now()).await.expect("it is free");
    assert_eq!(attempt.run(), &id("a"));
    let later = now() + TimeDelta::minutes(5);
    runs.report_again(&attempt, later, "500").await.expect("written");
    let run = only(&runs).await;
    assert_eq!((run.report_at, run.report_attempts), (Some(later), 1));
    let attempt = claim(&runs, &run, later + TimeDelta::minutes(2)).await;
    assert!(attempt.is_some(), "it is free");
    assert_eq!(only(&runs).await.report_attempts, 2);
}

#[tokio::test]
async fn an_attempt_that_another_has_overtaken_changes_nothing() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let run = close(&runs, &only(&runs).await, Ended::Completed).await.expect("it was open");
    let older = claim(&runs, &run, now()).await.expect("it is free");
    // A person puts the report back, to another receiver.
    let url = "https://hooks.example.com/repaired".parse().expect("a URL");
    assert!(runs.report_anew(&id("a"), &url, now()).await.expect("answered"));
    let waiting = only(&runs).await;
    let change_nothing = async || {
        runs.report_again(&older, now() + TimeDelta::days(1), "500").await.expect("answered");
        runs.reported(&older, now()).await.expect("answered");
        runs.give_up_report(&older, "500").await.expect("answered");
    };
    change_nothing().await;
    assert_eq!(only(&runs).await, waiting, "the end is still to be reported to the new receiver");
    // Or the attempt was thought to be dead, and another has begun.
    let newer = claim(&runs, &waiting, now()).await.expect("it is free");
    let under_way = only(&runs).await;
    change_nothing().await;
    assert_eq!(only(&runs).await, under_way);
    runs.reported(&newer, now()).await.expect("answered");
    assert_eq!(pending(&runs).await, []);
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_nobody_else_of_us() {
    let index = ["id", "Pending", "pending"];
    let client = losing_table_with_index(index, "UpdateItem", |index| index % 2 == 0).await;
    let runs = Runs::new(client, "table");
    open(&runs, "a", &plan()).await;
    let run = close(&runs, &only(&runs).await, Ended::Completed).await.expect("we have ended it");
    let attempt = claim(&runs, &run, now()).await.expect("it is ours");
    runs.reported(&attempt, now()).await.expect("answered");
    assert_eq!(pending(&runs).await, []);
}

#[tokio::test]
async fn every_pending_run_is_found_and_one_that_cannot_be_read_is_left_out() {
    let client = table().await;
    let runs = Runs::new(client.clone(), "table");
    // More than fit into one page of a megabyte.
    let padding: String = "x".repeat(7_000);
    for index in 0..200 {
        let campaign = format!("{index:03}{padding}");
        runs.open(&id(&campaign[..20]), &plan(), now()).await.expect("opened");
        let refused = [("Zone/A".to_owned(), padding.clone())];
        runs.record(&id(&campaign[..20]), &[], &refused).await.expect("written");
    }
    client
        .put_item()
        .table_name("table")
        .item("id", AttributeValue::S("garbage".into()))
        .item("pending", AttributeValue::S("yes".into()))
        .send()
        .await
        .expect("written");
    assert_eq!(pending(&runs).await.len(), 200);
}

#[tokio::test]
async fn a_run_is_forgotten_a_month_after_its_end() {
    let client = table().await;
    open(&Runs::new(client.clone(), "table"), "a", &plan()).await;
    let found = client.scan().table_name("table").send().await.expect("the table answers");
    let expires_at = found.items()[0]["expires_at"].as_n().expect("a number");
    let month = TimeDelta::days(30);
    assert_eq!(*expires_at, (plan().last_end + month).timestamp().to_string());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() })]

    #[test]
    fn counts_never_go_back(seen in prop::collection::vec(0_u64..100, 1..12)) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let runs = runs().await;
            open(&runs, "a", &plan()).await;
            // Every poller has read the run before any of them wrote.
            let run = only(&runs).await;
            join_all(seen.iter().map(|completed| runs.progress(&run, calls(*completed)))).await;
            let highest = seen.iter().copied().max().unwrap_or_default();
            assert_eq!(only(&runs).await.progress, calls(highest));
        });
    }
}

#[tokio::test]
async fn the_windows_of_zones_are_known_from_then_on() {
    let runs = runs().await;
    open(&runs, "a", &plan()).await;
    let hours = |start, end| {
        plan().first_start + TimeDelta::hours(start)..plan().first_start + TimeDelta::hours(end)
    };
    let (first, second) =
        (("America/New_York".to_owned(), hours(0, 4)), ("Asia/Tokyo".to_owned(), hours(-14, -10)));
    runs.keep_windows(&id("a"), &[first.clone()].into()).await.expect("written");
    runs.keep_windows(&id("a"), &[second.clone()].into()).await.expect("written");
    runs.keep_windows(&id("a"), &[].into()).await.expect("nothing to write");
    runs.keep_windows(&id("another"), &[first.clone()].into()).await.expect("ignored");
    assert_eq!(open(&runs, "a", &plan()).await.windows, [first, second].into());
    assert_eq!(only(&runs).await.submissions.windows.len(), 2);
}
