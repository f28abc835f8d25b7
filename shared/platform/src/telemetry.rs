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
    time::Duration,
};

use metrique::{
    AppendAndCloseOnDrop,
    emf::{Emf, flags::NoMetric},
    timers::Timer,
    unit::{Millisecond, Second},
    unit_of_work::metrics,
    writer::{BoxEntrySink, FormatExt, sink::FlushImmediately},
};
use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Where CloudWatch files the metrics, if `METRICS_NAMESPACE` names no other place.
const NAMESPACE: &str = "CxoneOutbound";

/// Ids come from senders, so their size and number are theirs to choose.
const EVENT_ID_CHARS_MAX: usize = 128;
const EVENT_IDS_MAX: usize = 20;

/// Starts the log of this process and returns what its events are recorded with.
///
/// `LOG_LEVEL` is one of `off`, `error`, `warn`, `info`, `debug`, `trace`; anything else counts
/// as `info`. `METRICS_NAMESPACE` keeps the metrics of several deployments apart. Call it once,
/// first of all.
pub fn init(function: &'static str) -> Telemetry {
    let level = std::env::var("LOG_LEVEL")
        .ok()
        .and_then(|level| level.parse().ok())
        .unwrap_or(LevelFilter::INFO);
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stdout);
    // Only a second start fails, and the first one's log does as well.
    let _ = tracing_subscriber::registry().with(layer).with(targets(level)).try_init();
    let namespace = std::env::var("METRICS_NAMESPACE").ok().filter(|name| !name.trim().is_empty());
    Telemetry::writing_to(function, namespace.as_deref().unwrap_or(NAMESPACE), io::stdout())
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
        (Self::writing_to(function, NAMESPACE, lines.clone()), lines)
    }

    fn writing_to(
        function: &'static str,
        namespace: &str,
        output: impl Write + Send + Sync + 'static,
    ) -> Self {
        let dimensions = vec![vec!["function".to_owned()]];
        let stream = Emf::builder(namespace.to_owned(), dimensions).build().output_to(output);
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
            refused: None,
            old_secret: None,
            cxone_calls: None,
            cxone_throttled: None,
            cxone_refused: None,
            numbers_listed: None,
            schedules_submitted: None,
            zones_failed: None,
            campaigns_failed: None,
            runs_completed: None,
            runs_timed_out: None,
            webhooks_delivered: None,
            webhooks_failed: None,
            oldest_waiting_s: None,
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
    /// Requests answered with a 4xx. The outcome says why.
    Refused,
    /// Requests that were proven by a secret other than the newest.
    OldSecret,
    /// Calls made to CXone, retries included.
    CxoneCalls,
    /// Calls that CXone answered with 429.
    CxoneThrottled,
    /// Calls that CXone did not accept because of who asks: credentials, token or scope.
    CxoneRefused,
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
            Count::Refused => &mut line.refused,
            Count::OldSecret => &mut line.old_secret,
            Count::CxoneCalls => &mut line.cxone_calls,
            Count::CxoneThrottled => &mut line.cxone_throttled,
            Count::CxoneRefused => &mut line.cxone_refused,
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

    /// Adds how much CXone was used: the calls made, those it throttled and those it refused.
    pub fn cxone_usage(&mut self, calls: u64, throttled: u64, refused: u64) {
        self.count(Count::CxoneCalls, calls);
        self.count(Count::CxoneThrottled, throttled);
        self.count(Count::CxoneRefused, refused);
    }

    /// How long the oldest of what must wait on has waited: no time at all when nothing must. It
    /// is a gauge, so what was said before is replaced.
    pub fn oldest_waiting(&mut self, waited: Duration) {
        self.0.oldest_waiting_s = Some(waited);
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
    refused: Option<u64>,
    old_secret: Option<u64>,
    cxone_calls: Option<u64>,
    cxone_throttled: Option<u64>,
    cxone_refused: Option<u64>,
    numbers_listed: Option<u64>,
    schedules_submitted: Option<u64>,
    zones_failed: Option<u64>,
    campaigns_failed: Option<u64>,
    runs_completed: Option<u64>,
    runs_timed_out: Option<u64>,
    webhooks_delivered: Option<u64>,
    webhooks_failed: Option<u64>,
    #[metrics(unit = Second)]
    oldest_waiting_s: Option<Duration>,
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
mod tests;
