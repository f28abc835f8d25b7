//! Dead letters hold what was sent, byte for byte, whatever it was.

use std::collections::HashMap;

use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use aws_sdk_sqs::{Client as Sqs, types::Message};
use chrono::TimeDelta;
use platform::{
    idempotency::{IdempotencyStore, Lease},
    queue::{DeadLetterQueue, Reason, original},
};
use proptest::prelude::*;
use serde_json::json;

use embedded::{at, queue, receive, sqs, table_with_key};

/// Limit of SQS: body, and names, types and values of attributes.
const SQS_BYTES_MAX: usize = 1_048_576;

struct DeadLetters {
    sqs: Sqs,
    url: String,
    queue: DeadLetterQueue,
}

impl DeadLetters {
    async fn new() -> Self {
        let sqs = sqs();
        let url = queue(&sqs, "dead").await;
        let queue = DeadLetterQueue::new(sqs.clone(), &url, "optout-webhook");
        Self { sqs, url, queue }
    }

    async fn send(&self, body: &[u8], attributes: &HashMap<String, SqsMessageAttribute>) {
        let reason = Reason::new("malformed_json", "x".repeat(1_000));
        let sent = self.queue.send(body, attributes, &reason, at("2026-03-02T10:00:00Z")).await;
        sent.expect("it is sent");
    }

    async fn only(&self) -> Message {
        let mut dead_letters = receive(&self.sqs, &self.url).await;
        assert_eq!(dead_letters.len(), 1, "{dead_letters:?}");
        dead_letters.remove(0)
    }
}

/// The message as Lambda hands it over.
fn received(dead_letter: &Message) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.body.clone_from(&dead_letter.body);
    for (name, value) in dead_letter.message_attributes.iter().flatten() {
        message.message_attributes.insert(name.clone(), attribute(value.string_value()));
    }
    message
}

fn attribute(value: Option<&str>) -> SqsMessageAttribute {
    let json = json!({ "stringValue": value, "dataType": "String" });
    serde_json::from_value(json).expect("an attribute")
}

/// As SQS counts.
fn size(dead_letter: &Message) -> usize {
    let attributes = dead_letter.message_attributes.iter().flatten();
    let sizes = attributes.map(|(name, value)| {
        let text = value.string_value().unwrap_or_default();
        name.len() + value.data_type().len() + text.len()
    });
    dead_letter.body().unwrap_or_default().len() + sizes.sum::<usize>()
}

#[tokio::test]
async fn a_text_is_kept_as_it_is_and_the_rest_in_base64() {
    for (body, encoded) in [
        (&b"{\"note\":\"caf\xc3\xa9\"}"[..], false),
        (b"phoneNumber=+12025550110", false),
        (b"a\tb\r\nc", false),
        (b"\xef\xbb\xbf{}", false),
        (b"Gr\xfc\xdfe", true),
        (b"a\0b", true),
        (b"a\x1bb", true),
        (b"\xef\xbf\xbe", true),
        (b"\xff\xfe{\0}\0", true),
    ] {
        let dead_letters = DeadLetters::new().await;
        dead_letters.send(body, &HashMap::new()).await;
        let dead_letter = dead_letters.only().await;
        let attributes = dead_letter.message_attributes.clone().expect("attributes");
        let encoding = attributes.get("body_encoding").and_then(|value| value.string_value());
        assert_eq!(encoding, encoded.then_some("base64"), "{body:?}");
        assert_eq!(original(&received(&dead_letter)), String::from_utf8_lossy(body), "{body:?}");
    }
}

#[tokio::test]
async fn a_redriven_message_keeps_its_encoding_when_it_is_dead_lettered_again() {
    let dead_letters = DeadLetters::new().await;
    let mut attributes: HashMap<_, _> =
        (0..9).map(|n| (format!("a-{n}"), attribute(Some("first by name")))).collect();
    attributes.insert("body_encoding".to_owned(), attribute(Some("base64")));
    dead_letters.send(b"R3L832U=", &attributes).await;
    let dead_letter = dead_letters.only().await;
    assert_eq!(original(&received(&dead_letter)), "Gr\u{FFFD}\u{FFFD}e");
    assert_eq!(dead_letter.message_attributes.expect("attributes").len(), 10);
}

#[tokio::test]
async fn the_longest_body_that_is_let_in_has_room_for_its_reason() {
    let longest = vec![0xff; platform::webhook::BODY_BYTES_MAX];
    let dead_letters = DeadLetters::new().await;
    dead_letters.send(&longest, &HashMap::new()).await;
    assert!(size(&dead_letters.only().await) <= SQS_BYTES_MAX);
}

#[tokio::test]
async fn the_longest_message_that_is_sent_has_room_for_its_reason() {
    let longest = "x".repeat(platform::queue::BODY_BYTES_MAX);
    let dead_letters = DeadLetters::new().await;
    // SQS took them once: together with their body they were no longer than it allows.
    let attributes = HashMap::from([
        ("a".to_owned(), attribute(Some(&"x".repeat(8_000)))),
        ("b".to_owned(), attribute(Some(&"x".repeat(8_000)))),
        ("c".to_owned(), attribute(Some("short"))),
    ]);
    dead_letters.send(longest.as_bytes(), &attributes).await;
    let dead_letter = dead_letters.only().await;
    assert!(size(&dead_letter) <= SQS_BYTES_MAX, "{}", size(&dead_letter));
    let kept = dead_letter.message_attributes.expect("attributes");
    assert!(kept.contains_key("a") && kept.contains_key("c") && !kept.contains_key("b"));
}

#[tokio::test]
async fn a_body_that_is_delivered_again_is_kept_once() {
    let dead_letters = DeadLetters::new().await;
    let claims = IdempotencyStore::new(table_with_key("id").await, "table");
    let now = at("2026-03-02T10:00:00Z");
    let lease = Lease { from: now, until: now + TimeDelta::seconds(10) };
    let reason = Reason::new("malformed_json", "no JSON");
    for body in [
        &b"{\"a\":1}"[..],
        b"{\"a\":1}",
        b"{\"a\":1.0}",
        b"{\"a\":1,\"a\":1}",
        b"\xff",
        b"\xfe",
        b"\xff",
        b"",
    ] {
        dead_letters.queue.send_once(body, &reason, &claims, lease).await.expect("it is kept");
    }
    let kept = receive(&dead_letters.sqs, &dead_letters.url).await;
    assert_eq!(kept.len(), 5, "once each, and nothing of an empty body: {kept:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// SQS keeps these characters and makes U+FFFD of others.
    #[test]
    fn whatever_is_sent_comes_back(body in prop_oneof![
        prop::collection::vec(any::<u8>(), 1..40),
        "\\PC{1,20}".prop_map(String::into_bytes),
        "[\\x00-\\x{FFFF}]{1,20}".prop_map(String::into_bytes),
    ]) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let dead_letter = runtime.block_on(async {
            let dead_letters = DeadLetters::new().await;
            dead_letters.send(&body, &HashMap::new()).await;
            dead_letters.only().await
        });
        let is_kept = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
        let stored = dead_letter.body().expect("a body");
        prop_assert!(stored.chars().all(is_kept), "{stored:?}");
        let received = received(&dead_letter);
        prop_assert_eq!(original(&received), String::from_utf8_lossy(&body));
    }
}
