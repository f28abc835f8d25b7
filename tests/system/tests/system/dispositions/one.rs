//! One call result at a time.

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use sandbox::{Options, cxone::Api};
use serde_json::{Value, json};
use system::{Delivery, PATIENCE, metrics_once, numbers, sandbox};

use super::{CONTACT, DEAD_LETTERS, SEVERITIES, call_result, category, contact_id, sender};

#[tokio::test(flavor = "multi_thread")]
async fn every_category_is_written_and_published_by_severity() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let cases = [
        ("1001", "do_not_call", "critical"),
        ("1003", "do_not_call", "critical"),
        ("2001", "callback_later", "medium"),
        ("3003", "qualified_lead", "medium"),
        ("4001", "wrong_number", "low"),
        ("9999", "unclassified", "low"),
    ];
    for (index, (code, ..)) in cases.iter().enumerate() {
        let contact = contact_id(index);
        sandbox.cxone.add_contact(&contact, Some(&format!("+1212555010{index}"))).expect("an id");
        let reply = sender.send_event(&call_result(&contact, code, 30)).await;
        assert_eq!(reply.word(), "200 received");
    }
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    let mut published = Vec::new();
    for queue in SEVERITIES {
        let messages = sandbox.aws.queues.drain(queue).await.expect("the queue");
        published.extend(
            messages
                .into_iter()
                .map(|message| serde_json::from_str::<Value>(&message.body).expect("JSON")),
        );
    }
    for (index, (code, expected, severity)) in cases.into_iter().enumerate() {
        let contact = contact_id(index);
        assert_eq!(category(&sandbox, &contact).as_deref(), Some(expected));
        if sandbox.cxone.api() == Api::V2 {
            let record = sandbox.cxone.contact_record(&contact).expect("the contact");
            let audit = format!("[2026-03-02T09:30:00Z] Disposition {code} mapped to {expected}");
            assert_eq!(record.audit_log, Some(audit));
        }
        let message = json!({
            "contactId": contact, "category": expected, "severity": severity,
            "timestamp": "2026-03-02T09:30:00Z",
        });
        assert_eq!(published.iter().filter(|body| **body == message).count(), 1, "{published:?}");
        let is_listed = sandbox.cxone.is_listed(&format!("+1212555010{index}"));
        assert_eq!(is_listed, expected == "do_not_call");
    }
    assert_eq!(published.len(), cases.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_answers_before_cxone_is_asked_anything() {
    let sandbox = sandbox(Options::default()).await;
    // CXone delays every answer.
    sandbox.faults.add("delay=600".parse().expect("a fault"));
    let sender = sender(&sandbox);
    let answers: Vec<String> = stream::iter(0..20)
        .map(async |index| {
            let contact = contact_id(index);
            sandbox.cxone.add_contact(&contact, None).expect("an id");
            sender.send_event(&call_result(&contact, "2001", 30)).await.word()
        })
        .buffer_unordered(8)
        .collect()
        .await;
    assert!(answers.iter().all(|answer| answer == "200 received"), "{answers:?}");
    assert!((0..20).all(|index| category(&sandbox, &contact_id(index)).is_none()));
    sandbox.faults.clear();
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    assert!((0..20).all(|index| category(&sandbox, &contact_id(index)).is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_event_does_not_overwrite_a_newer_one_and_is_published_all_the_same() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.add_contact(CONTACT, Some("+12125550101")).expect("an id");
    for (code, minute) in [("3001", 40), ("1001", 20), ("2001", 30)] {
        sender(&sandbox).send_event(&call_result(CONTACT, code, minute)).await;
        sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    }
    assert_eq!(category(&sandbox, CONTACT).as_deref(), Some("qualified_lead"));
    assert!(sandbox.cxone.is_listed("+12125550101"), "an opt-out counts, however old");
    let mut published = 0;
    for queue in SEVERITIES {
        published += sandbox.aws.queues.drain(queue).await.expect("the queue").len();
    }
    assert_eq!(published, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    for (event, expected) in [
        (json!({ "dispositionCode": "1001" }), "400 missing_contact_id"),
        (json!({ "contactId": "c", "dispositionCode": " " }), "400 missing_disposition_code"),
        (json!([]), "400 not_an_object"),
        (json!({ "contactId": "c", "dispositionCode": [1001] }), "422 invalid_call_result"),
    ] {
        for _ in 0..2 {
            assert_eq!(sender.send_event(&event).await.word(), expected, "{event}");
        }
    }
    assert_eq!(sender.send(&Delivery::of("{")).await.word(), "400 malformed_json");
    let event = call_result(CONTACT, "1001", 30);
    let unsigned = Delivery::of(event.to_string()).unsigned();
    assert_eq!(sender.send(&unsigned).await.word(), "401 unauthenticated");
    assert_eq!(sandbox.backlog().await.expect("the queues"), 0);
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    let mut codes: Vec<_> =
        dead_letters.iter().filter_map(|dead_letter| dead_letter.attribute("error_code")).collect();
    codes.sort_unstable();
    let expected = [
        "invalid_call_result",
        "malformed_json",
        "missing_contact_id",
        "missing_disposition_code",
        "not_an_object",
    ];
    assert_eq!(codes, expected, "what is refused is kept, once, and a stranger's is not");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_do_not_call_is_one_however_it_is_written_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let cases = [
        r#""dispositionCode":"1001 ""#,
        r#""dispositionCode":"1001\u00a0""#,
        r#""dispositionCode":1001.0"#,
        r#""dispositionCode":1.001e3"#,
        r#""dispositionCode":"1001","callResult":"thanks \ud83d""#,
        r#""dispositionCode":"1001","callResult":["answered"]"#,
        r#""dispositionCode":"1001","timestamp":1772463600"#,
        r#""dispositionCode":"1001","timestamp":"2026-03-02T15:00:60.75Z""#,
    ];
    for (index, fields) in cases.iter().enumerate() {
        // Beyond 64 bits, where doubles have one number for all of them.
        let contact = format!("12345678901234567890{index}");
        sandbox.cxone.add_contact(&contact, Some(&numbers::number(index))).expect("an id");
        let body = format!(r#"{{"contactId":{contact},{fields}}}"#);
        assert_eq!(sender.send(&Delivery::of(body)).await.word(), "200 received", "{fields}");
    }
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    for (index, fields) in cases.iter().enumerate() {
        let contact = format!("12345678901234567890{index}");
        assert_eq!(category(&sandbox, &contact).as_deref(), Some("do_not_call"), "{fields}");
        assert!(sandbox.cxone.is_listed(&numbers::number(index)), "{fields}");
    }
    let published = sandbox.aws.queues.drain("CriticalQueue").await.expect("the queue");
    assert_eq!(published.len(), cases.len());
    assert!(published.iter().all(|message| !message.body.contains(":60")), "{published:?}");
    let last = format!("12345678901234567890{}", cases.len() - 1);
    let audit = sandbox.cxone.contact_record(&last).expect("the contact").audit_log;
    let expected = "[2026-03-02T15:00:59Z] Disposition 1001 mapped to do_not_call";
    assert_eq!(audit.as_deref(), Some(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_call_result_without_a_time_is_one_event() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.add_contact(CONTACT, None).expect("an id");
    let sender = sender(&sandbox);
    let event = json!({ "contactId": CONTACT, "dispositionCode": "4001" });
    let delivery = Delivery::of(event.to_string());
    for _ in 0..3 {
        assert_eq!(sender.send(&delivery).await.word(), "200 received");
    }
    // A retry of the sender is signed anew, under the same id.
    sender.send(&delivery.clone().sent_at(Utc::now().timestamp() - 60)).await;
    // Another call of the same contact that ended the same way has an id of its own.
    sender.send_event(&event).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    let published = sandbox.aws.queues.drain("LowQueue").await.expect("the queue");
    // Where a contact is one call, it has ended once.
    let expected = match sandbox.cxone.api() {
        Api::V2 => 2,
        Api::Acd => 1,
    };
    assert_eq!(published.len(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_in_the_future_is_not_written_down_as_the_truth() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.add_contact(CONTACT, None).expect("an id");
    let event = json!({
        "contactId": CONTACT, "dispositionCode": "4001", "timestamp": "9999-12-31T23:59:59Z",
    });
    sender(&sandbox).send_event(&event).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    let published = sandbox.aws.queues.drain("LowQueue").await.expect("the queue");
    let published: Value = serde_json::from_str(&published[0].body).expect("JSON");
    let at: DateTime<Utc> =
        published["timestamp"].as_str().expect("a text").parse().expect("a time");
    assert!(at < Utc::now() + TimeDelta::minutes(6), "{at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_do_not_call_without_a_number_needs_a_person() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.add_contact(CONTACT, None).expect("an id");
    sender(&sandbox).send_event(&call_result(CONTACT, "1001", 30)).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    let [dead_letter] = &dead_letters[..] else { panic!("one dead letter: {dead_letters:?}") };
    assert_eq!(dead_letter.attribute("error_code"), Some("invalid_phone_number"));

    // The number is added in CXone, and the dead letter redriven.
    sandbox.cxone.add_contact(CONTACT, Some("+12125550101")).expect("an id");
    sandbox.aws.queues.send("DispositionQueue", &dead_letter.body).await.expect("the queue");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    assert!(sandbox.cxone.is_listed("+12125550101"));
    assert_eq!(category(&sandbox, CONTACT).as_deref(), Some("do_not_call"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_of_the_oldest_call_result_grows_while_cxone_is_down_and_ends_with_it() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.add_contact(CONTACT, None).expect("an id");
    sandbox.faults.add("updateContact:503".parse().expect("a fault"));
    let before = Utc::now();
    let reply = sender(&sandbox).send_event(&call_result(CONTACT, "2001", 30)).await;
    assert_eq!(reply.word(), "200 received");
    let waits = |lines: &[Value]| -> Vec<f64> {
        lines.iter().filter_map(|line| line["oldest_waiting_s"].as_f64()).collect()
    };
    let is_waiting = |lines: &[Value]| waits(lines).len() >= 2;
    let waited = waits(&metrics_once(&sandbox, "disposition-handler", is_waiting).await);
    let longest = (Utc::now() - before).as_seconds_f64();
    assert!(waited.is_sorted_by(|a, b| a < b), "{waited:?}");
    assert!(waited.iter().all(|wait| (0.0..=longest).contains(wait)), "{waited:?}");

    sandbox.faults.clear();
    let is_over = |lines: &[Value]| waits(lines).last().is_some_and(|wait| *wait <= 0.0);
    metrics_once(&sandbox, "disposition-handler", is_over).await;
    assert_eq!(category(&sandbox, CONTACT).as_deref(), Some("callback_later"));
}
