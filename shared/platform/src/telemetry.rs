//! What a function tells about itself: a log for people, and one line per event for machines.
//!
//! The line is JSON in CloudWatch's embedded metric format, so it is a log entry and a set of
//! metrics at once. It is written when the [`EventRecord`] is dropped, at once and on the same
//! thread: a Lambda never works after it has answered.
//!
//! Ids and counts go into the line. Phone numbers, emails and bodies never do: there is no field
//! that would take them.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use metrique::{
    AppendAndCloseOnDrop,
    emf::{Emf, flags::NoMetric},
    timers::Timer,
    unit::Millisecond,
    unit_of_work::metrics,
    writer::{BoxEntrySink, FormatExt, sink::FlushImmediately},
};
use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Where CloudWatch files the metrics.
const NAMESPACE: &str = "CxoneOutbound";

/// Ids come from senders, so their size and number are theirs to choose.
const EVENT_ID_CHARS_MAX: usize = 128;
const EVENT_IDS_MAX: usize = 20;

/// Starts the log of this process and returns what its events are recorded with.
///
/// `LOG_LEVEL` is one of `off`, `error`, `warn`, `info`, `debug`, `trace`; anything else counts
/// as `info`. Call it once, first of all.
pub fn init(function: &'static str) -> Telemetry {
    let level = std::env::var("LOG_LEVEL")
        .ok()
        .and_then(|level| level.parse().ok())
        .unwrap_or(LevelFilter::INFO);
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stdout);
    // Only a second start fails, and the first one's log does as well.
    let _ = tracing_subscriber::registry().with(layer).with(targets(level)).try_init();
    Telemetry::writing_to(function, io::stdout())
}

/// Our own crates speak at `level`, what we build on only when something is wrong. That is not
/// for the noise alone: at `debug` and `trace` they print requests, and with them phone numbers.
fn targets(level: LevelFilter) -> Targets {
    let quiet = level.min(LevelFilter::WARN);
    [
        "aws",
        "h2",
        "hyper",
        "hyper_util",
        "lambda_http",
        "lambda_runtime",
        "reqwest",
        "rustls",
        "tower",
    ]
    .into_iter()
    .fold(Targets::new().with_default(level), |targets, library| {
        targets.with_target(library, quiet)
    })
}

/// Records events in the name of one function. Cheap to clone.
#[derive(Clone)]
pub struct Telemetry {
    function: &'static str,
    sink: BoxEntrySink,
    is_cold: Arc<AtomicBool>,
}

impl Telemetry {
    /// Telemetry whose lines a test can read.
    pub fn captured(function: &'static str) -> (Self, Lines) {
        let lines = Lines::default();
        (Self::writing_to(function, lines.clone()), lines)
    }

    fn writing_to(function: &'static str, output: impl Write + Send + Sync + 'static) -> Self {
        let dimensions = vec![vec!["function".to_owned()]];
        let stream = Emf::builder(NAMESPACE.to_owned(), dimensions).build().output_to(output);
        Self {
            function,
            sink: FlushImmediately::new_boxed(stream),
            is_cold: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Starts the record, and the clock, of one event.
    pub fn event(&self, request_id: impl Into<String>) -> EventRecord {
        let line = Line {
            function: self.function,
            outcome: "failed",
            request_id: request_id.into(),
            event_ids: Vec::new(),
            cold_start: self.is_cold.swap(false, Ordering::Relaxed),
            latency_ms: Timer::start_now(),
            accepted: None,
            duplicate: None,
            dead_lettered: None,
            cxone_calls: None,
            cxone_throttled: None,
            numbers_listed: None,
            schedules_submitted: None,
            zones_failed: None,
            campaigns_failed: None,
            runs_completed: None,
            runs_timed_out: None,
            webhooks_delivered: None,
            webhooks_failed: None,
        };
        EventRecord(line.append_on_drop(self.sink.clone()))
    }
}

/// What a function counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Events taken in.
    Accepted,
    /// Events that had been taken in before.
    Duplicate,
    /// Messages put among the dead letters.
    DeadLettered,
    /// Calls made to CXone, retries included.
    CxoneCalls,
    /// Calls that CXone answered with 429.
    CxoneThrottled,
    /// Numbers that came to be on the DNC list.
    NumbersListed,
    /// Schedules of campaigns submitted to CXone.
    SchedulesSubmitted,
    /// Time zones of campaigns that have no schedule.
    ZonesFailed,
    /// Campaigns that have no schedule at all, or cannot be watched.
    CampaignsFailed,
    /// Runs of campaigns closed as completed.
    RunsCompleted,
    /// Runs of campaigns closed as timed out.
    RunsTimedOut,
    /// Webhooks that their receiver took.
    WebhooksDelivered,
    /// Attempts to deliver a webhook that failed.
    WebhooksFailed,
}

/// The line of one event, written when it is dropped. Its outcome is `failed` until told
/// otherwise, so that an early return or a panic does not look like a success.
pub struct EventRecord(AppendAndCloseOnDrop<Line, BoxEntrySink>);

impl EventRecord {
    /// How it came out: a stable word such as `accepted`, or the code of a problem.
    pub fn outcome(&mut self, outcome: &'static str) {
        self.0.outcome = outcome;
    }

    /// Adds an id by which the event can be found elsewhere. Only the first twenty are kept, and
    /// of each the first 128 characters.
    pub fn event_id(&mut self, id: &str) {
        if self.0.event_ids.len() < EVENT_IDS_MAX {
            let id = id.chars().take(EVENT_ID_CHARS_MAX).collect();
            self.0.event_ids.push(id);
        }
    }

    /// Adds to a count. A count that is never added to is absent from the line.
    pub fn count(&mut self, count: Count, by: u64) {
        let line = &mut *self.0;
        let total = match count {
            Count::Accepted => &mut line.accepted,
            Count::Duplicate => &mut line.duplicate,
            Count::DeadLettered => &mut line.dead_lettered,
            Count::CxoneCalls => &mut line.cxone_calls,
            Count::CxoneThrottled => &mut line.cxone_throttled,
            Count::NumbersListed => &mut line.numbers_listed,
            Count::SchedulesSubmitted => &mut line.schedules_submitted,
            Count::ZonesFailed => &mut line.zones_failed,
            Count::CampaignsFailed => &mut line.campaigns_failed,
            Count::RunsCompleted => &mut line.runs_completed,
            Count::RunsTimedOut => &mut line.runs_timed_out,
            Count::WebhooksDelivered => &mut line.webhooks_delivered,
            Count::WebhooksFailed => &mut line.webhooks_failed,
        };
        *total = Some(total.unwrap_or(0) + by);
    }
}

#[metrics]
struct Line {
    function: &'static str,
    outcome: &'static str,
    request_id: String,
    event_ids: Vec<String>,
    #[metrics(flags(NoMetric))]
    cold_start: bool,
    #[metrics(unit = Millisecond)]
    latency_ms: Timer,
    accepted: Option<u64>,
    duplicate: Option<u64>,
    dead_lettered: Option<u64>,
    cxone_calls: Option<u64>,
    cxone_throttled: Option<u64>,
    numbers_listed: Option<u64>,
    schedules_submitted: Option<u64>,
    zones_failed: Option<u64>,
    campaigns_failed: Option<u64>,
    runs_completed: Option<u64>,
    runs_timed_out: Option<u64>,
    webhooks_delivered: Option<u64>,
    webhooks_failed: Option<u64>,
}

/// The lines that a [`Telemetry::captured`] has written so far.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Every line, oldest first.
    pub fn read(&self) -> Vec<Value> {
        let written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::Deserializer::from_slice(&written).into_iter().filter_map(Result::ok).collect()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
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
        for _ in 0..30 {
            record.event_id(&"x".repeat(1_000));
        }
        drop(record);
        let line = &lines.read()[0];
        assert_eq!(line["event_ids"].as_array().map(Vec::len), Some(20));
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
}
