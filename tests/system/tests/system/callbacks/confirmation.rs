//! The customer gets the time of the call, if need be later.

use chrono::{TimeDelta, Utc};
use sandbox::{Options, SMS_SENDER, Sandbox, aws::Depth};
use serde_json::json;
use system::{PATIENCE, numbers, sandbox};
use uuid::Uuid;

use super::{DEAD_LETTERS, QUEUE, callback, sender};

/// Asks for a callback on a day when messages cannot be sent at once.
async fn assert_confirmed_later(fault: &str) {
    let faults = vec![fault.parse().expect("a fault")];
    let sandbox = sandbox(Options { faults, ..Options::default() }).await;
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    let reply = sender.send_event(&event).await;
    assert_eq!(reply.word(), "201 pending");
    assert!(reply.body["smsSessionId"].is_null());

    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    let texts = sandbox.cxone.texts();
    let [text] = &texts[..] else { panic!("one text: {texts:?}") };
    assert_eq!(text.to, numbers::number(0));
    assert!(sandbox.cxone.messages().iter().all(|message| message.from == SMS_SENDER));
    assert_eq!(sender.send_event(&event).await.body, reply.body, "the answer is replayed");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue is still empty");
    assert_eq!((sandbox.cxone.texts().len(), sandbox.cxone.callbacks().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_must_wait_arrives_later_by_itself() {
    assert_confirmed_later("sendSms:429=8x1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_fails_for_a_while_arrives_later_by_itself() {
    assert_confirmed_later("sendSms:503x6").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_after_the_message_was_sent_sends_no_second_one() {
    let fault = "sendSms:drop-afterx1".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let reply = sender(&sandbox).send_event(&callback(&numbers::number(0))).await;
    assert_eq!(reply.word(), "201 sent");
    assert!(reply.body["smsSessionId"].is_string());
    assert_eq!(sandbox.cxone.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_taken_is_confirmed_whatever_the_answer_contains() {
    let fault = "sendSms:html".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let reply = sender(&sandbox).send_event(&callback(&numbers::number(0))).await;
    assert_eq!(reply.word(), "201 sent");
    assert!(reply.body["smsSessionId"].is_null(), "{}", reply.body);
    sandbox.wait_until_idle(PATIENCE).await.expect("nothing is left to do");
    assert_eq!(sandbox.cxone.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_speaks_the_customers_language_on_the_customers_clock() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let mut event = callback("+49 30 901820");
    event["language"] = json!("de-DE");
    event["timezone"] = json!("Europe/Berlin");
    let reply = sender.send_event(&event).await;
    assert_eq!(reply.word(), "201 sent");
    let texts = sandbox.cxone.texts();
    let text = &texts[0].message;
    let contact_id: Uuid =
        reply.body["contactId"].as_str().expect("an id").parse().expect("a UUID");
    let reference = contact_id.simple().to_string()[..8].to_uppercase();
    assert!(text.starts_with("Wir rufen Sie am ") && text.contains("Berlin, UTC+"), "{text}");
    assert!(text.ends_with(&format!("Referenz: {reference}")), "{text}");
}

/// Puts a confirmation on the queue and returns the code it is dead-lettered with.
async fn dead_letter_of(sandbox: &Sandbox, dispatch_in: TimeDelta) -> Option<String> {
    let pending = json!({
        "contactId": Uuid::new_v4(),
        "phoneNumber": numbers::number(0),
        "text": "We will call you.",
        "dispatchTime": Utc::now() + dispatch_in,
    });
    let body = pending.to_string();
    sandbox.aws.queues.send(QUEUE, &body).await.expect("the queue takes it");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers");
    dead_letters.first().map(|dead_letter| {
        assert_eq!(dead_letter.body, body);
        dead_letter.attribute("error_code").expect("its code").to_owned()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_late_is_dead_lettered() {
    let sandbox = sandbox(Options::default()).await;
    let late = dead_letter_of(&sandbox, TimeDelta::minutes(-1)).await;
    assert_eq!(late.as_deref(), Some("confirmation_too_late"));
    assert_eq!(dead_letter_of(&sandbox, TimeDelta::hours(1)).await, None);
    assert_eq!(sandbox.cxone.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_to_a_landline_is_a_normal_day() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.faults.add("sendSms:400".parse().expect("a fault"));
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    let reply = sender.send_event(&event).await;
    assert_eq!(reply.word(), "201 not_possible");
    assert!(reply.body["smsSessionId"].is_null());
    assert_eq!(sender.send_event(&event).await.body, reply.body, "the answer is replayed");
    // One that had to wait, as CXone was away, finds the same.
    assert_eq!(dead_letter_of(&sandbox, TimeDelta::hours(1)).await, None);
    let depth = sandbox.aws.queues.depth(QUEUE).await.expect("the queue answers");
    assert_eq!(depth, Depth { visible: 0, in_flight: 0 });
    assert_eq!((sandbox.cxone.callbacks().len(), sandbox.cxone.texts().len()), (1, 0));
    let is_bad = |text: &str| text.contains("\"WARN\"") || text.contains("\"ERROR\"");
    let bad: Vec<_> = sandbox.logs.lines().into_iter().filter(|line| is_bad(&line.text)).collect();
    assert!(bad.is_empty(), "nothing that would alarm: {bad:?}");
}
