//! Authentication at the webhook, and the errors.

use std::time::{Duration, Instant};

use chrono::Utc;
use sandbox::{Options, PREVIOUS_WEBHOOK_SECRET, WEBHOOK_SECRET, WEBHOOK_TOKEN};
use serde_json::{Value, json};
use system::{Delivery, PATIENCE, metrics_once, numbers, sandbox};
use tokio::time;

use super::{DEAD_LETTERS, LEDGER, opt_out, sender};

/// The secret that senders change to.
const NEXT_SECRET: &str = "whsec_c2FuZGJveCBzZWNyZXQsIHRoZSBuZXh0IG9uZSE=";
/// Base64 of something that is no secret of the sandbox.
const FOREIGN_SECRET: &str = "whsec_Zm9yZWlnbiBzZWNyZXQ=";

fn delivery(index: usize) -> Delivery {
    Delivery::of(opt_out(&numbers::number(index)).to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_sender_with_a_secret_gets_in() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let now = Utc::now().timestamp();
    let forged = opt_out(&numbers::number(9)).to_string();
    for (what, delivery, expected) in [
        ("no signature", delivery(0).unsigned(), "401 unauthenticated"),
        ("a wrong signature", delivery(1).signed_with(FOREIGN_SECRET), "401 unauthenticated"),
        ("another body", delivery(2).forged(forged), "401 unauthenticated"),
        ("an old signature", delivery(3).sent_at(now - 400), "401 unauthenticated"),
        ("one from the future", delivery(4).sent_at(now + 400), "401 unauthenticated"),
        ("the current secret", delivery(5), "200 accepted"),
        ("the previous one", delivery(6).signed_with(PREVIOUS_WEBHOOK_SECRET), "200 accepted"),
        ("two signatures", delivery(7).signed_also_with(FOREIGN_SECRET), "200 accepted"),
    ] {
        let reply = sender.send(&delivery).await;
        assert_eq!(reply.word(), expected, "{what}");
    }

    let event = opt_out(&numbers::number(8));
    let bearer = format!("Bearer {WEBHOOK_TOKEN}");
    for (header, token, expected) in [
        ("authorization", bearer.as_str(), "200 accepted"),
        ("x-webhook-token", WEBHOOK_TOKEN, "200 duplicate"),
        ("x-webhook-token", "sandbox-tokem", "401 unauthenticated"),
        ("authorization", "Basic c2FuZGJveC10b2tlbg==", "401 unauthenticated"),
    ] {
        let reply = sender.send_with_token(header, token, &event).await;
        assert_eq!(reply.word(), expected, "{header}: {token}");
    }

    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    let let_in: Vec<String> = (5..=8).map(numbers::number).collect();
    assert!(sandbox.cxone.listed().iter().eq(&let_in), "and no other");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers");
    assert!(dead_letters.is_empty(), "a stranger's event is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_rotated_without_turning_anybody_away() {
    // One process, which has fetched the secrets before they change.
    let sandbox = sandbox(Options { concurrency_max: 1, ..Options::default() }).await;
    let sender = sender(&sandbox);
    let is_let_in =
        async |secret| sender.send(&delivery(0).signed_with(secret)).await.status == 200;
    assert!(is_let_in(WEBHOOK_SECRET).await);
    assert!(!is_let_in(NEXT_SECRET).await);

    sandbox.rotate_webhook_secrets(&[NEXT_SECRET, WEBHOOK_SECRET]);
    let started = Instant::now();
    while !is_let_in(NEXT_SECRET).await {
        assert!(is_let_in(WEBHOOK_SECRET).await, "whoever has not changed yet");
        // After five minutes every secret is fetched again, which would be too late.
        assert!(started.elapsed() < Duration::from_mins(4), "the new secret is not honored");
        time::sleep(Duration::from_millis(100)).await;
    }
    let old_secrets = |lines: &[Value]| lines.iter().filter(|line| line["old_secret"] == 1).count();
    let before = old_secrets(&metrics_once(&sandbox, "optout-webhook", |_| true).await);
    assert!(is_let_in(WEBHOOK_SECRET).await);
    let is_counted = |lines: &[Value]| old_secrets(lines) > before;
    metrics_once(&sandbox, "optout-webhook", is_counted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_webhook_is_a_duplicate() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let delivery = delivery(0);
    assert_eq!(sender.send(&delivery).await.word(), "200 accepted");
    assert_eq!(sender.send(&delivery).await.word(), "200 duplicate");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    assert_eq!(sender.send(&delivery).await.word(), "200 duplicate", "listed by now");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue is still empty");

    let ledger = sandbox.aws.tables.items(LEDGER).expect("the table answers");
    let [entry] = &ledger[..] else { panic!("one number: {ledger:?}") };
    assert_eq!(entry["requests"], 1, "one event, however often it came");
    assert_eq!(sandbox.cxone.calls("addToDncList"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_opt_out_is_refused_with_the_reason() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let long = json!({ "eventType": "contact.opt_out", "padding": "x".repeat(256 * 1024) });
    let of = |document: Value| Delivery::of(document.to_string());
    for (what, delivery, expected) in [
        ("too long", of(long), "413 body_too_large"),
        ("a form", delivery(0).typed("application/x-www-form-urlencoded"), "415 not_json"),
        ("not JSON", Delivery::of("phoneNumber=+12025550198"), "400 malformed_json"),
        ("nothing", Delivery::of(""), "400 malformed_json"),
        ("a list", of(json!([])), "400 not_an_object"),
        ("no type", of(json!({ "data": {} })), "400 missing_event_type"),
        ("another type", of(json!({ "eventType": "contact.updated" })), "422 unknown_event_type"),
        (
            "no number",
            of(json!({ "eventType": "contact.opt_out", "data": 5 })),
            "400 missing_phone_number",
        ),
    ] {
        let reply = sender.send(&delivery).await;
        assert_eq!(reply.word(), expected, "{what}");
        assert_eq!(reply.headers["content-type"], "application/problem+json", "{what}");
        assert_eq!(reply.body["status"], reply.status, "{what}");
        assert!(reply.body["title"].is_string() && reply.body["detail"].is_string(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_in_base64_is_checked_and_read_as_it_was_sent() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    // The gateway passes a media type on as text only when it is known to be one.
    let encoded = delivery(0).typed("application/cloudevents+json");
    assert_eq!(sender.send(&encoded).await.word(), "200 accepted");
    let forged = encoded.forged(opt_out(&numbers::number(1)).to_string());
    assert_eq!(sender.send(&forged).await.word(), "401 unauthenticated");
}
