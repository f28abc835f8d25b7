//! An opt-out that is refused is not lost: an authenticated sender reported a customer who must not
//! be called.

use std::collections::BTreeSet;

use sandbox::Options;
use serde_json::{Value, json};
use system::{Delivery, PATIENCE, metrics_once, numbers, sandbox};

use super::{DEAD_LETTERS, LEDGER, QUEUE, ledger_entry, opt_out, sender};

/// Bodies that are no opt-out, and the answer to each.
fn odd_bodies() -> Vec<(String, &'static str)> {
    let of = |document: Value| document.to_string();
    vec![
        ("phoneNumber=+12025550110".into(), "400 malformed_json"),
        ("{\"eventType\":\"contact.opt_out\",".into(), "400 malformed_json"),
        (of(json!([opt_out(&numbers::number(0))])), "400 not_an_object"),
        (of(json!({ "data": { "phoneNumber": numbers::number(1) } })), "400 missing_event_type"),
        (
            of(
                json!({ "eventType": "contact.optOut", "data": { "phoneNumber": numbers::number(2) } }),
            ),
            "422 unknown_event_type",
        ),
        (
            of(json!({ "eventType": "contact.opt_out", "data": { "phone": numbers::number(3) } })),
            "400 missing_phone_number",
        ),
        (
            of(
                json!({ "eventType": "contact.opt_out", "data": { "contact": { "phones": [numbers::number(4)] } } }),
            ),
            "400 missing_phone_number",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_in_another_shape_is_kept_whole_and_once() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let mut sent = BTreeSet::new();
    for (body, expected) in odd_bodies() {
        for _ in 0..2 {
            let reply = sender.send(&Delivery::of(body.clone())).await;
            assert_eq!(reply.word(), expected, "{body}");
            let detail = reply.body["detail"].as_str().unwrap_or_default();
            assert!(detail.ends_with("the event is kept for a person"), "{detail}");
        }
        sent.insert(body);
    }
    // A form is one, too, and what SQS would not store as it is.
    let form = "{\"a\":\"form\"}";
    let typed = Delivery::of(form).typed("application/x-www-form-urlencoded");
    assert_eq!(sender.send(&typed).await.word(), "415 not_json");
    sent.insert(form.to_owned());
    assert_eq!(sender.send(&Delivery::of("stop\0calling")).await.word(), "400 malformed_json");
    sent.insert("c3RvcABjYWxsaW5n".to_owned());

    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers");
    assert_eq!(dead_letters.len(), sent.len(), "once each: {dead_letters:?}");
    assert!(
        dead_letters
            .iter()
            .all(|dead_letter| dead_letter.attribute("function") == Some("optout-webhook"))
    );
    let encoded: Vec<_> = dead_letters
        .iter()
        .filter_map(|dead_letter| dead_letter.attribute("body_encoding"))
        .collect();
    assert_eq!(encoded, ["base64"]);
    let kept: BTreeSet<String> =
        dead_letters.into_iter().map(|dead_letter| dead_letter.body).collect();
    assert_eq!(kept, sent);
    assert!(sandbox.aws.tables.items(LEDGER).expect("the table answers").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_kept_is_kept_by_the_next_delivery() {
    let fault = "SendMessage:500x3".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let delivery = Delivery::of("{");
    assert_eq!(sender(&sandbox).send(&delivery).await.word(), "503 not_stored");
    assert_eq!(sender(&sandbox).send(&delivery).await.word(), "400 malformed_json");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers");
    assert_eq!(dead_letters.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_turned_away_is_counted_with_its_code() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let event = |index| Delivery::of(opt_out(&numbers::number(index)).to_string());
    let foreign = "whsec_b3RoZXIgc2VjcmV0IG9mIGEgcm90YXRpb24=";
    for delivery in [
        event(0).signed_with(foreign),
        event(1).unsigned(),
        Delivery::of("{"),
        Delivery::of(json!({ "eventType": "contact.opt_out.v2" }).to_string()),
        Delivery::of(" ".repeat(256 * 1024 + 1)),
        event(2),
    ] {
        sender.send(&delivery).await;
    }
    let lines = metrics_once(&sandbox, "optout-webhook", |lines| lines.len() >= 6).await;
    let mut counted: Vec<(&str, u64)> = lines
        .iter()
        .filter_map(|line| Some((line["outcome"].as_str()?, line["refused"].as_u64()?)))
        .collect();
    counted.sort_unstable();
    assert_eq!(
        counted,
        [
            ("body_too_large", 1),
            ("malformed_json", 1),
            ("unauthenticated", 1),
            ("unauthenticated", 1),
            ("unknown_event_type", 1),
        ]
    );
    let named = |line: &Value| line["_aws"]["CloudWatchMetrics"][0]["Metrics"].to_string();
    assert!(lines.iter().all(|line| named(line).contains("refused") != line["refused"].is_null()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_body_is_measured_before_it_is_hashed() {
    let sandbox = sandbox(Options::default()).await;
    let forged = Delivery::of("{}").forged("x".repeat(5_800_000));
    assert_eq!(sender(&sandbox).send(&forged).await.word(), "413 body_too_large");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers");
    assert!(dead_letters.is_empty(), "a stranger's body is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_senders_write_is_read_leniently() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let nested = "[".repeat(512) + &"]".repeat(512);
    let texts = [
        (
            "a byte order mark",
            r#"\u{feff}{"eventType":"contact.opt_out","data":{"phoneNumber":"NUMBER"}}"#,
        ),
        (
            "half of a pair",
            r#"{"eventType":"contact.opt_out","data":{"phoneNumber":"NUMBER","note":"thanks \ud83d"}}"#,
        ),
        (
            "a huge number",
            r#"{"eventType":"contact.opt_out","cost":1e400,"data":{"phoneNumber":"NUMBER"}}"#,
        ),
        (
            "deep nesting",
            r#"{"eventType":"contact.opt_out","tree":NESTED,"data":{"phoneNumber":"NUMBER"}}"#,
        ),
        ("padding", r#"{"eventType":"contact.opt_out ","data":{"phoneNumber":" NUMBER\u00a0"}}"#),
        (
            "a leap second",
            r#"{"eventType":"contact.opt_out","timestamp":"2026-03-02T10:00:60Z","data":{"phoneNumber":"NUMBER"}}"#,
        ),
    ];
    for (index, (what, text)) in texts.iter().enumerate() {
        let text = text.replace(r"\u{feff}", "\u{feff}").replace("NESTED", &nested);
        let text = text.replace("NUMBER", &numbers::number(index));
        let reply = sender.send(&Delivery::of(text)).await;
        assert_eq!(reply.word(), "200 accepted", "{what}");
    }
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    let listed = sandbox.cxone.listed();
    let expected: Vec<String> = (0..texts.len()).map(numbers::number).collect();
    assert!(listed.iter().eq(&expected), "{listed:?}");
    let requested_at = &ledger_entry(&sandbox, &numbers::number(5))["first_requested_at"];
    assert_eq!(requested_at, "2026-03-02T10:00:59.000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_that_counts_its_attempts_is_one_request() {
    let sandbox = sandbox(Options::default()).await;
    let number = numbers::number(0);
    for attempt in 1..=3 {
        let event = json!({
            "eventType": "contact.opt_out", "eventId": 987_654, "attempt": attempt,
            "data": { "phoneNumber": number },
        });
        sender(&sandbox).send_event(&event).await;
    }
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    let entry = ledger_entry(&sandbox, &number);
    assert_eq!((&entry["requests"], &entry["first_event_id"]), (&json!(1), &json!("987654")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_in_base64_is_read_when_it_is_redriven() {
    let sandbox = sandbox(Options::default()).await;
    // It cannot be read in the US, and holds what SQS replaces.
    let event = opt_out("call me maybe").to_string().replace("call me", "call\u{FFFF}me");
    assert_eq!(sender(&sandbox).send(&Delivery::of(event)).await.word(), "200 dead_lettered");
    sandbox.aws.queues.redrive(DEAD_LETTERS, QUEUE).await.expect("the queues answer");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers");
    let [dead_letter] = &dead_letters[..] else { panic!("one dead letter: {dead_letters:?}") };
    assert_eq!(dead_letter.attribute("body_encoding"), Some("base64"));
    assert_eq!(dead_letter.attribute("error_code"), Some("invalid_phone_number"), "it was read");
    assert_eq!(dead_letter.attribute("function"), Some("dnc-batcher"));
}
