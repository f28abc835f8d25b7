use std::time::Duration;

use outbound::CxoneUsage;
use serde_json::json;

use super::*;

#[test]
fn an_event_becomes_one_line_of_embedded_metrics() {
    let (telemetry, lines) = Telemetry::captured("optout-webhook");
    let mut record = telemetry.event("request-1");
    record.event_id("event-1");
    record.count(Count::Accepted, 1);
    record.count(Count::CxoneCalls, 2);
    record.count(Count::CxoneCalls, 3);
    record.outcome("accepted");
    assert!(lines.read().is_empty(), "it is written when it is complete");
    drop(record);

    let mut line = lines.read().pop().expect("one line");
    let latency_ms = line["latency_ms"].take();
    assert!(latency_ms.is_number());
    line["_aws"]["Timestamp"].take();
    assert_eq!(
        line,
        json!({
            "_aws": {
                "Timestamp": null,
                "CloudWatchMetrics": [{
                    "Namespace": "CxoneOutbound",
                    "Dimensions": [["function"]],
                    "Metrics": [
                        { "Name": "latency_ms", "Unit": "Milliseconds" },
                        { "Name": "accepted" },
                        { "Name": "cxone_calls" },
                    ],
                }],
            },
            "function": "optout-webhook",
            "outcome": "accepted",
            "request_id": "request-1",
            "event_ids": ["event-1"],
            "cold_start": 1,
            "latency_ms": null,
            "accepted": 1,
            "cxone_calls": 5,
        })
    );
}

#[test]
fn the_usage_of_cxone_is_three_counts_that_add_up() {
    let (telemetry, lines) = Telemetry::captured("dnc-batcher");
    let mut record = telemetry.event("request-1");
    record.cxone_usage(CxoneUsage { calls: 5, throttled: 2, refused: 1 });
    record.cxone_usage(CxoneUsage { calls: 1, throttled: 0, refused: 1 });
    drop(record);
    let line = &lines.read()[0];
    let counted = ["cxone_calls", "cxone_throttled", "cxone_refused"].map(|name| &line[name]);
    assert_eq!(counted, [6, 2, 2]);
}

#[test]
fn a_wait_is_a_gauge_in_seconds_that_comes_back_to_zero() {
    let (telemetry, lines) = Telemetry::captured("dnc-batcher");
    for waited in [Duration::from_mins(90), Duration::ZERO] {
        let mut record = telemetry.event("request-1");
        record.oldest_waiting(Duration::from_hours(9));
        record.oldest_waiting(waited);
    }
    drop(telemetry.event("request-2"));
    let lines = lines.read();
    let waits: Vec<_> = lines.iter().map(|line| line["oldest_waiting_s"].as_f64()).collect();
    assert_eq!(waits, [Some(5400.0), Some(0.0), None], "the latest that was set, if any was");
    let metrics = &lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"];
    let unit = json!({ "Name": "oldest_waiting_s", "Unit": "Seconds" });
    assert!(metrics.as_array().is_some_and(|metrics| metrics.contains(&unit)), "{metrics}");
}

#[test]
fn an_event_that_is_left_early_counts_as_failed() {
    let (telemetry, lines) = Telemetry::captured("dnc-batcher");
    drop(telemetry.event("request-1"));
    assert_eq!(lines.read()[0]["outcome"], "failed");
}

#[test]
fn only_the_first_event_of_a_process_is_a_cold_start() {
    let (telemetry, lines) = Telemetry::captured("dnc-batcher");
    drop(telemetry.event("request-1"));
    drop(telemetry.clone().event("request-2"));
    let lines = lines.read();
    assert_eq!((&lines[0]["cold_start"], &lines[1]["cold_start"]), (&json!(1), &json!(0)));
}

#[test]
fn ids_are_bounded_in_size_and_number() {
    let (telemetry, lines) = Telemetry::captured("dnc-batcher");
    let mut record = telemetry.event("request-1");
    for _ in 0..60 {
        record.event_id(&"x".repeat(1_000));
    }
    drop(record);
    let line = &lines.read()[0];
    assert_eq!(line["event_ids"].as_array().map(Vec::len), Some(50));
    assert_eq!(line["event_ids"][0].as_str().map(str::len), Some(128));
}

#[test]
fn a_record_may_be_held_across_an_await() {
    fn assert_send<T: Send>() {}
    assert_send::<EventRecord>();
}

#[test]
fn libraries_stay_quiet_at_every_level() {
    let debug = targets(LevelFilter::DEBUG);
    assert!(debug.would_enable("optout_webhook", &tracing::Level::DEBUG));
    assert!(!debug.would_enable("aws_smithy_runtime::client", &tracing::Level::INFO));
    assert!(!debug.would_enable("lambda_runtime", &tracing::Level::INFO));
    assert!(debug.would_enable("lambda_runtime", &tracing::Level::WARN));
    let error = targets(LevelFilter::ERROR);
    assert!(!error.would_enable("lambda_runtime", &tracing::Level::WARN));
}

#[test]
fn no_field_of_a_log_line_is_obeyed_by_a_terminal() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = Registry::default().with(layer(move || writer.clone()));
    let hostile = "a\r\n\u{1b}[2J\u{7f}\u{9b}31m\u{202e}é";
    tracing::subscriber::with_default(subscriber, || tracing::warn!(campaign = hostile, "odd"));
    let written = lines.0.lock().expect("the lines").clone();
    let written = String::from_utf8(written).expect("UTF-8");
    let line = written.strip_suffix('\n').expect("a line");
    assert!(!line.contains(outbound::is_obeyed), "{line:?}");
    assert_eq!(lines.read()[0]["campaign"], hostile, "no value has changed");
}

#[test]
fn every_log_line_names_function_request_and_event_without_numbers() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = Registry::default().with(layer(move || writer.clone()));
    tracing::subscriber::with_default(subscriber, || {
        let _invocation = invocation_span("dnc-batcher", "request-1").entered();
        tracing::warn!("before");
        let _message = message_span(Some("message-1")).entered();
        about("optout-+12025550110");
        tracing::error!(code = "refused", "after");
    });
    let lines = lines.read();
    assert_eq!(
        (&lines[0]["function"], &lines[0]["request_id"]),
        (&json!("dnc-batcher"), &json!("request-1"))
    );
    assert_eq!(lines[0]["message"], "before");
    let fields = ["level", "function", "request_id", "message_id", "event_id", "code", "message"];
    assert_eq!(
        json!(fields.map(|field| &lines[1][field])),
        json!([
            "ERROR",
            "dnc-batcher",
            "request-1",
            "message-1",
            "optout-+1202***0110",
            "refused",
            "after"
        ])
    );
}
