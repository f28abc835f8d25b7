//! Log lines of the functions, as a person reads them at a terminal.
//!
//! A function writes two kinds of JSON: messages of the log, and one record per event with its
//! outcome and counts, in CloudWatch's embedded metric format. Before its log is set up, and from
//! the libraries below it, there may be plain text.

use std::fmt;

use outbound::printable;
use serde_json::{Map, Value};

/// Fields that are shown apart, or say nothing to a person.
const SHOWN_APART: [&str; 12] = [
    "_aws",
    "cold_start",
    "event_id",
    "event_ids",
    "function",
    "latency_ms",
    "level",
    "message",
    "outcome",
    "request_id",
    "target",
    "timestamp",
];
/// Outcomes that say no more than the counts beside them.
const PLAIN_OUTCOMES: [&str; 5] = ["completed", "controlled", "polled", "read", "scheduled"];
/// Counts of a single event: its outcome is the same in other words.
const SINGLE: [&str; 5] = ["", "1 accepted", "1 consent", "1 duplicate", "1 dead letter"];
/// Outcomes of a schedule that found nothing to do, if nothing is counted either.
const IDLE_OUTCOMES: [&str; 5] = ["polled", "not_due", "no_campaigns", "controlled", "read"];
/// Counts of a record: the field, then the words for one and for more.
const COUNTS: [(&str, &str, &str); 18] = [
    ("accepted", "accepted", "accepted"),
    ("consented", "consent", "consents"),
    ("duplicate", "duplicate", "duplicates"),
    ("numbers_listed", "number listed", "numbers listed"),
    ("schedules_submitted", "schedule submitted", "schedules submitted"),
    ("runs_completed", "run completed", "runs completed"),
    ("runs_timed_out", "run timed out", "runs timed out"),
    ("webhooks_delivered", "report delivered", "reports delivered"),
    ("webhooks_failed", "report not delivered", "reports not delivered"),
    ("dead_lettered", "dead letter", "dead letters"),
    ("zones_failed", "zone without a schedule", "zones without a schedule"),
    ("starts_failed", "start without a schedule", "starts without a schedule"),
    ("campaigns_failed", "campaign failed", "campaigns failed"),
    ("skills_started", "skill started", "skills started"),
    ("skills_stopped", "skill stopped", "skills stopped"),
    ("skills_failed", "skill not started or stopped", "skills not started or stopped"),
    ("outcomes_queued", "outcome queued", "outcomes queued"),
    ("outcomes_failed", "reading of outcomes ended early", "readings of outcomes ended early"),
];
/// Counts that stand behind the others, in parentheses: calls to CXone first of all.
const ASIDE: [(&str, &str, &str); 4] = [
    ("cxone_calls", "call", "calls"),
    ("cxone_throttled", "throttled", "throttled"),
    ("cxone_refused", "refused", "refused"),
    ("old_secret", "by an old secret", "by an old secret"),
];

/// Severity of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nothing that needs attention.
    Plain,
    /// A warning.
    Warning,
    /// An error.
    Error,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Line(Value);

impl Line {
    /// Reads a line as it was written.
    pub fn read(text: &str) -> Self {
        let read = serde_json::from_str(text).ok().filter(Value::is_object);
        Self(read.unwrap_or_else(|| text.into()))
    }

    /// The line as JSON; a plain text as a JSON string.
    pub fn as_json(&self) -> &Value {
        &self.0
    }

    /// A field that is a text; empty if there is none.
    pub fn field(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    /// The severity. That of a record is plain, unless the event failed.
    pub fn level(&self) -> Level {
        match (self.field("level"), self.field("outcome")) {
            ("WARN", _) => Level::Warning,
            ("ERROR", _) => Level::Error,
            (_, "failed" | "panicked") if self.is_record() => Level::Error,
            _ => Level::Plain,
        }
    }

    /// True for the record of an event.
    pub fn is_record(&self) -> bool {
        self.0["_aws"].is_object()
    }

    /// True for the record of a schedule that found nothing to do.
    pub fn is_idle(&self) -> bool {
        let counts = COUNTS.iter().chain(&ASIDE);
        self.is_record()
            && IDLE_OUTCOMES.contains(&self.field("outcome"))
            && counts.into_iter().all(|(field, ..)| self.count(field) == 0)
    }

    /// A count of a record, zero if it is absent.
    fn count(&self, field: &str) -> u64 {
        self.0[field].as_u64().unwrap_or_default()
    }

    /// The message with its details, or the outcome with its counts.
    pub fn what(&self) -> String {
        let Some(fields) = self.0.as_object() else {
            return self.0.as_str().unwrap_or_default().to_owned();
        };
        if self.is_record() {
            return self.record();
        }
        let (message, details) = (self.field("message"), details(fields));
        if details.is_empty() { message.to_owned() } else { format!("{message}: {details}") }
    }

    /// The outcome and the counts of a record.
    fn record(&self) -> String {
        let outcome = self.field("outcome");
        let counts = self.counted(&COUNTS).join(", ");
        let is_plain = PLAIN_OUTCOMES.contains(&outcome) && !counts.is_empty();
        let text = if is_plain {
            counts
        } else if self.count("refused") > 0 {
            format!("refused: {outcome}")
        } else if SINGLE.contains(&counts.as_str()) {
            outcome.to_owned()
        } else {
            format!("{outcome}: {counts}")
        };
        let aside = self.counted(&ASIDE).join(", ");
        if aside.is_empty() { text } else { format!("{text} ({aside})") }
    }

    fn counted(&self, words: &[(&str, &str, &str)]) -> Vec<String> {
        let counted = words.iter().map(|(field, one, more)| (self.count(field), one, more));
        let counted = counted.filter(|(count, ..)| *count > 0);
        let worded = counted
            .map(|(count, one, more)| format!("{count} {}", if count == 1 { one } else { more }));
        worded.collect()
    }

    /// The event that a line is about, if it is one.
    fn event(&self) -> Option<&str> {
        let several = self.0["event_ids"].as_array().map(Vec::as_slice);
        let id = match several {
            Some([only]) => only.as_str(),
            _ => self.0["event_id"].as_str(),
        };
        id.filter(|id| !id.is_empty())
    }
}

/// What happened, and the event in brackets, on one line. Senders choose ids: what a terminal would
/// obey is replaced.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.what()))?;
        self.event().map_or(Ok(()), |id| write!(f, " [{}]", printable(id)))
    }
}

fn details(fields: &Map<String, Value>) -> String {
    let shown = fields.iter().filter(|(name, _)| !SHOWN_APART.contains(&name.as_str()));
    let shown = shown.map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        value => format!("{name}={value}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
