//! Validation of requests.

use chrono::TimeDelta;
use sandbox::Options;
use serde_json::{Value, json};
use system::{Delivery, numbers, sandbox};

use super::{callback, forecast, hour, sender};

/// The fields that are named as wrong, in order.
fn named(body: &Value) -> Vec<&str> {
    let errors = body["errors"].as_array().expect("a list of errors");
    errors.iter().map(|error| error["field"].as_str().expect("a field")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_of_a_request_is_reported_at_once() {
    let sandbox = sandbox(Options::default()).await;
    let event = json!({
        "phoneNumber": "911",
        "requestedStart": "tomorrow",
        "requestedEnd": hour(-9),
        "language": "not a language",
        "timezone": "Mars/Olympus",
    });
    let reply = sender(&sandbox).send_event(&event).await;
    assert_eq!(reply.word(), "422 invalid_request");
    let mut fields = named(&reply.body);
    fields.sort_unstable();
    let expected =
        ["campaignId", "language", "phoneNumber", "requestedEnd", "requestedStart", "timezone"];
    assert_eq!(fields, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_one_to_four_hours_long_and_lies_within_a_month() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    for (what, start, end) in [
        ("five hours", hour(0), hour(5)),
        ("half an hour", hour(0), hour(0) + TimeDelta::minutes(30)),
        ("backwards", hour(4), hour(0)),
        ("in the past", hour(-9), hour(-6)),
        ("in two months", hour(24 * 60), hour(24 * 60 + 2)),
    ] {
        let mut event = callback(&numbers::number(0));
        (event["requestedStart"], event["requestedEnd"]) = (json!(start), json!(end));
        let reply = sender.send_event(&event).await;
        assert_eq!(reply.word(), "422 invalid_request", "{what}");
    }
    assert_eq!(sandbox.cxone.calls("forecast"), 0, "CXone is not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn cxone_gets_whole_seconds() {
    let sandbox = sandbox(Options::default()).await;
    forecast(&sandbox, &[5.0]);
    let mut event = callback(&numbers::number(0));
    let start = hour(0) + TimeDelta::milliseconds(250);
    event["requestedStart"] = json!(start);
    let reply = sender(&sandbox).send_event(&event).await;
    assert_eq!(reply.word(), "201 sent");
    let callbacks = sandbox.cxone.callbacks();
    let callback = callbacks.first().expect("a callback");
    assert_eq!(callback.at, hour(0) + TimeDelta::seconds(1));

    let leap = format!("{}:59:60Z", hour(0).format("%Y-%m-%dT%H"));
    event["requestedStart"] = json!(leap);
    let reply = sender(&sandbox).send_event(&event).await;
    assert_eq!(
        (reply.word().as_str(), named(&reply.body)),
        ("422 invalid_request", vec!["requestedStart"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_nothing_booked() {
    let sandbox = sandbox(Options::default()).await;
    let delivery = Delivery::of(callback(&numbers::number(0)).to_string()).unsigned();
    assert_eq!(sender(&sandbox).send(&delivery).await.word(), "401 unauthenticated");
    assert_eq!(sandbox.cxone.calls("forecast"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_shows_a_number_or_a_message() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.refuse_contacts(&numbers::number(1), "no calls to this number");
    let sender = sender(&sandbox);
    for index in 0..2 {
        sender.send_event(&callback(&numbers::number(index))).await;
    }
    let log: String = sandbox.logs.lines().into_iter().map(|line| line.text + "\n").collect();
    assert!(log.contains("callback-intake"));
    let texts = sandbox.cxone.texts();
    for secret in [&numbers::number(0)[2..], &numbers::number(1)[2..], &texts[0].message] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
