//! Telemetry of a function: a log for people, and one line per event for machines.
//!
//! The line is JSON in CloudWatch's embedded metric format, so it is a log entry and a set of
//! metrics at once. It is written when the [`EventRecord`] is dropped, at once and on the same
//! thread: a Lambda never works after it has answered.
//!
//! Every log line carries the function, the request id and the id of what the work is about, so that
//! one query follows an event through all functions.
//!
//! Ids and counts go into the line. Phone numbers, emails and bodies never do: there is no field
//! that would take them.

mod escaped;
mod record;

use std::{
    io::{self, Write},
    panic,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use metrique::{
    emf::Emf,
    timers::Timer,
    writer::{BoxEntrySink, FormatExt, sink::FlushImmediately},
};
use outbound::mask_words;
use serde_json::Value;
use tracing::{Span, field::Empty, level_filters::LevelFilter};
use tracing_subscriber::{
    Registry, filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

use escaped::Escaped;
use record::Line;
pub use record::{Count, EventRecord, about, shown};

/// Default namespace of the metrics, unless `METRICS_NAMESPACE` is set.
const NAMESPACE: &str = "CxoneOutbound";

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
    // Only a second start fails, and the first one's log does as well.
    let _ = tracing_subscriber::registry().with(layer(io::stdout)).with(targets(level)).try_init();
    panic::set_hook(Box::new(log_panic));
    let namespace = std::env::var("METRICS_NAMESPACE").ok().filter(|name| !name.trim().is_empty());
    Telemetry::writing_to(function, namespace.as_deref().unwrap_or(NAMESPACE), io::stdout())
}

/// JSON lines in which the fields of the event and of all spans around it stand side by side. No
/// terminal obeys what is in them.
fn layer<W>(writer: W) -> impl tracing_subscriber::Layer<Registry>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    json_subscriber::fmt::layer()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .flatten_span_list_on_top_level(true)
        .with_writer(Escaped(writer))
}

/// Writes a panic as a log line like any other. Its message may quote what was being read.
fn log_panic(info: &panic::PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("a panic without words");
    let location = info.location().map(ToString::to_string);
    tracing::error!(panic = mask_words(message), location, "a defect: the code panicked");
}

/// The span around an invocation. At the level of errors, so that no level leaves it out.
pub(crate) fn invocation_span(function: &'static str, request_id: &str) -> Span {
    tracing::error_span!("invocation", function, request_id, event_id = Empty)
}

/// The span around the work on one message of a batch.
pub(crate) fn message_span(message_id: Option<&str>) -> Span {
    tracing::error_span!("message", message_id, event_id = Empty)
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
        "rlibphonenumber",
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
            consented: None,
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
            starts_failed: None,
            campaigns_failed: None,
            skills_started: None,
            skills_stopped: None,
            skills_failed: None,
            runs_completed: None,
            runs_timed_out: None,
            outcomes_queued: None,
            outcomes_failed: None,
            webhooks_delivered: None,
            webhooks_failed: None,
            oldest_waiting_s: None,
        };
        EventRecord(line.append_on_drop(self.sink.clone()))
    }
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

    /// Every line since the last time.
    pub fn drain(&self) -> Vec<Value> {
        let lines = self.read();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        lines
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
