//! The report of an ended run reaches its receiver, or a person finds it among the dead letters.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use futures::{StreamExt, stream::FuturesUnordered};
use sandbox::{
    Options, Sandbox,
    receiver::{Answer, Delivery},
};
use serde_json::{Value, json};
use system::PATIENCE;
use tokio::{sync::Notify, time};

use super::{advance_into, campaign, plan, poll, run, sandbox};

const QUEUE: &str = "CampaignWebhookQueue";
const DEAD_LETTERS: &str = "CampaignWebhookDeadLetterQueue";
/// Minutes after which a webhook that failed is sent again.
const GAPS: [i64; 9] = [1, 2, 5, 10, 30, 60, 180, 360, 720];

/// A run of which all expected calls are completed, which is not noticed yet.
async fn completed(sandbox: &Sandbox) {
    plan(sandbox, &[campaign(sandbox, "spring", &["Europe/London"])]).await;
    advance_into(sandbox, &run(sandbox, "spring"), TimeDelta::hours(3));
    sandbox.cxone.make_calls("spring", 40);
}

fn assert_all_are_the_same_and_authentic(deliveries: &[Delivery]) {
    let ids: BTreeSet<_> = deliveries.iter().map(|delivery| &delivery.id).collect();
    let bodies: BTreeSet<_> = deliveries.iter().map(|delivery| delivery.body.to_string()).collect();
    assert_eq!((ids.len(), bodies.len()), (1, 1), "{deliveries:?}");
    assert!(deliveries.iter().all(|delivery| delivery.is_authentic), "{deliveries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_contains_the_result_of_the_run_and_is_signed() {
    let sandbox = sandbox(Options::default()).await;
    completed(&sandbox).await;
    poll(&sandbox).await;
    let deliveries = sandbox.receiver.deliveries();
    let [report] = &deliveries[..] else { panic!("one report: {deliveries:?}") };
    assert!(report.is_authentic);
    assert_eq!(report.path, "/campaigns");
    let run = run(&sandbox, "spring");
    assert_eq!(report.body["event"], "campaign.completed");
    assert!(report.body["timestamp"].is_string());
    let data = &report.body["data"];
    assert_eq!(data["campaignId"], "spring");
    assert_eq!(data["localStart"], run.local_start.as_str());
    assert_eq!((&data["totalCompleted"], &data["expected"]), (&json!(40), &json!(40)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_down_for_five_polls_gets_the_same_report_in_the_end() {
    let sandbox = sandbox(Options::default()).await;
    completed(&sandbox).await;
    sandbox.receiver.answer_next([503, 500, 502, 404, 429].map(Answer::Status));
    for gap in &GAPS[..5] {
        poll(&sandbox).await;
        // It is not due yet: nothing is sent.
        poll(&sandbox).await;
        sandbox.clock.advance(TimeDelta::minutes(*gap));
    }
    assert_eq!(sandbox.receiver.deliveries().len(), 5);
    assert!(run(&sandbox, "spring").is_pending());
    poll(&sandbox).await;
    let deliveries = sandbox.receiver.deliveries();
    assert_eq!(deliveries.len(), 6);
    assert!(deliveries[5].is_taken);
    assert_all_are_the_same_and_authentic(&deliveries);
    assert!(!run(&sandbox, "spring").is_pending());
    assert_eq!(sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let sandbox = sandbox(Options::default()).await;
    completed(&sandbox).await;
    sandbox.receiver.answer_next([Answer::Redirect("/elsewhere")]);
    poll(&sandbox).await;
    sandbox.clock.advance(TimeDelta::minutes(GAPS[0]));
    poll(&sandbox).await;
    let deliveries = sandbox.receiver.deliveries();
    assert_eq!(deliveries.len(), 2);
    assert!(deliveries.iter().all(|delivery| delivery.path == "/campaigns"), "{deliveries:?}");
    assert_all_are_the_same_and_authentic(&deliveries);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_does_not_hold_up_the_others() {
    let sandbox = sandbox(Options::default()).await;
    let campaigns = ["slow", "quick"].map(|id| campaign(&sandbox, id, &["Europe/London"]));
    plan(&sandbox, &campaigns).await;
    advance_into(&sandbox, &run(&sandbox, "quick"), TimeDelta::hours(3));
    for id in ["slow", "quick"] {
        sandbox.cxone.make_calls(id, 40);
    }
    let allowed = Arc::new(Notify::new());
    sandbox.receiver.answer_next([Answer::Held(Arc::clone(&allowed))]);
    tokio::join!(poll(&sandbox), async {
        // One of the two is held. The other has arrived all the same.
        time::timeout(PATIENCE, arrived(&sandbox, 2)).await.expect("both are sent");
        allowed.notify_one();
    });
    assert_eq!(sandbox.receiver.deliveries().iter().filter(|one| one.is_taken).count(), 1);
    assert!(["slow", "quick"].iter().any(|id| !run(&sandbox, id).is_pending()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_too_slow_gets_the_report_again() {
    let sandbox = sandbox(Options::default()).await;
    completed(&sandbox).await;
    // It never answers: the poller gives it 15 seconds.
    sandbox.receiver.answer_next([Answer::Held(Arc::default())]);
    poll(&sandbox).await;
    assert!(run(&sandbox, "spring").is_pending());
    sandbox.clock.advance(TimeDelta::minutes(GAPS[0]));
    poll(&sandbox).await;
    let deliveries = sandbox.receiver.deliveries();
    assert_eq!(deliveries.len(), 2);
    assert_all_are_the_same_and_authentic(&deliveries);
    assert!(!run(&sandbox, "spring").is_pending());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_is_made_by_one_of_several_pollers() {
    let sandbox = sandbox(Options::default()).await;
    let mut endless = campaign(&sandbox, "endless", &["Europe/London"]);
    endless["expectedCompleted"] = json!(1_000);
    plan(&sandbox, &[endless]).await;
    completed(&sandbox).await;
    let allowed = Arc::new(Notify::new());
    sandbox.receiver.answer_next([Answer::Status(500), Answer::Held(Arc::clone(&allowed))]);
    poll(&sandbox).await;
    sandbox.clock.advance(TimeDelta::minutes(GAPS[0]));
    // All of them have read what is due before any of them has asked CXone.
    sandbox.faults.add("queryAnalytics:delay=3".parse().expect("a fault"));
    let mut polls: FuturesUnordered<_> = (0..4).map(|_| poll(&sandbox)).collect();
    // The attempt is held up until the others have found nothing to do.
    for _ in 0..3 {
        polls.next().await;
    }
    allowed.notify_one();
    polls.next().await;
    assert_eq!(sandbox.receiver.deliveries().len(), 2);
}

async fn arrived(sandbox: &Sandbox, count: usize) {
    while sandbox.receiver.deliveries().len() < count {
        time::sleep(time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_not_asked_again() {
    let sandbox = sandbox(Options::default()).await;
    completed(&sandbox).await;
    sandbox.receiver.answer_next([Answer::Status(410)]);
    poll(&sandbox).await;
    sandbox.clock.advance(TimeDelta::days(1));
    poll(&sandbox).await;
    assert_eq!(sandbox.receiver.deliveries().len(), 1);
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    let [dead_letter] = &dead_letters[..] else { panic!("one dead letter: {dead_letters:?}") };
    assert_eq!(dead_letter.attribute("error_code"), Some("receiver_gone"));
    assert_eq!(dead_letter.attribute("function"), Some("analytics-poller"));
    let body: Value = serde_json::from_str(&dead_letter.body).expect("JSON");
    assert_eq!(body["event"], sandbox.receiver.deliveries()[0].body);
    assert_eq!(run(&sandbox, "spring").state, "completed", "it is completed all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_no_receiver_accepts_is_given_up_after_a_day_and_can_be_redriven() {
    let sandbox = sandbox(Options::default()).await;
    completed(&sandbox).await;
    sandbox.receiver.answer_next(vec![Answer::Status(500); GAPS.len() + 1]);
    poll(&sandbox).await;
    for gap in GAPS {
        sandbox.clock.advance(TimeDelta::minutes(gap));
        poll(&sandbox).await;
    }
    assert_eq!(sandbox.receiver.deliveries().len(), GAPS.len() + 1);
    assert!(!run(&sandbox, "spring").is_pending());
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    let [dead_letter] = &dead_letters[..] else { panic!("one dead letter: {dead_letters:?}") };
    assert_eq!(dead_letter.attribute("error_code"), Some("receiver_failing"));

    // A person repairs the address and puts it back.
    let repaired = dead_letter.body.replace("/campaigns", "/repaired");
    sandbox.aws.queues.send(QUEUE, &repaired).await.expect("the queue");
    sandbox.wait_until_idle(PATIENCE).await.expect("it is taken");
    poll(&sandbox).await;
    let deliveries = sandbox.receiver.deliveries();
    let last = deliveries.last().expect("a delivery");
    assert_eq!((last.path.as_str(), last.is_taken), ("/repaired", true));
    assert_all_are_the_same_and_authentic(&deliveries);
    assert!(!run(&sandbox, "spring").is_pending());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redriven_report_of_an_unknown_run_is_a_dead_letter_again() {
    let sandbox = sandbox(Options::default()).await;
    let dead_letter = json!({
        "runId": "2026-03-02T10:00#forgotten", "webhookUrl": "https://example.com/", "event": {},
    });
    sandbox.aws.queues.send(QUEUE, &dead_letter.to_string()).await.expect("the queue");
    sandbox.aws.queues.send(QUEUE, "not JSON").await.expect("the queue");
    sandbox.wait_until_idle(PATIENCE).await.expect("they are taken");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    let codes: BTreeSet<_> =
        dead_letters.iter().filter_map(|l| l.attribute("error_code")).collect();
    assert_eq!(codes, BTreeSet::from(["unknown_run", "unreadable_message"]));
}
