//! The status of a deployment, and how a person reads it.

use chrono::{DateTime, TimeDelta, Utc};
use comfy_table::{Cell, CellAlignment};
use serde::Serialize;

use crate::{
    output::{alert, line, show, span, table},
    queues::short_name,
    runs::{self, Progress},
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) stack: String,
    pub(super) functions: Vec<FunctionCalls>,
    pub(super) queues: Vec<WorkQueue>,
    pub(super) dead_letters: Vec<DeadLetters>,
    /// Runs that are open.
    pub(super) runs: Vec<Progress>,
    /// Alarms that fire.
    pub(super) alarms: Vec<Alarm>,
}

/// Calls of a function within an hour: invocations, errors, throttles.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FunctionCalls {
    pub(crate) function: String,
    pub(crate) counts: [u64; 3],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkQueue {
    pub(super) queue: String,
    pub(super) waiting: u64,
    pub(super) in_flight: u64,
    /// Age of the oldest message, where it is measured.
    pub(super) oldest_seconds: Option<u64>,
}

/// Dead letters of one queue and one code.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeadLetters {
    pub(super) queue: String,
    /// None where there are too many to read.
    pub(super) code: Option<String>,
    pub(super) count: u64,
    pub(super) oldest: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Alarm {
    pub(super) alarm: String,
    pub(super) since: Option<DateTime<Utc>>,
}

impl Report {
    /// Returns whether anything does not go on by itself.
    pub(super) fn needs_a_person(&self) -> bool {
        !self.dead_letters.is_empty() || !self.alarms.is_empty()
    }

    pub(super) fn shown(&self, now: DateTime<Utc>) -> String {
        let mut text = String::new();
        let verdict = if self.needs_a_person() { "needs a person" } else { "all is well" };
        line(&mut text, "", &format!("{}: {verdict}", self.stack));
        text.push('\n');
        text.push_str(&self.alarms(now));
        text.push_str(&self.dead_letters(now));
        text.push_str(&self.queues());
        text.push('\n');
        text.push_str(&self.functions());
        text.push('\n');
        if self.runs.is_empty() {
            text.push_str("No run is open.\n");
        } else {
            text.push_str(&runs::table(&self.runs));
        }
        text
    }

    fn alarms(&self, now: DateTime<Utc>) -> String {
        if self.alarms.is_empty() {
            return "No alarm fires.\n\n".to_owned();
        }
        let mut rows = table(&["ALARM", "FOR", "WHAT TO DO"]);
        for Alarm { alarm, since } in &self.alarms {
            let since = since.map(|at| span(now - at)).unwrap_or_default();
            let page = format!("docs/operations.md#{alarm}");
            rows.add_row([alert(alarm), Cell::new(since), Cell::new(page)]);
        }
        show(&rows) + "\n"
    }

    fn dead_letters(&self, now: DateTime<Utc>) -> String {
        if self.dead_letters.is_empty() {
            return "No dead letters.\n\n".to_owned();
        }
        let mut rows = table(&["DEAD LETTERS", "CODE", "COUNT", "OLDEST"]);
        for DeadLetters { queue, code, count, oldest } in &self.dead_letters {
            rows.add_row([
                Cell::new(short_name(queue)),
                Cell::new(code.as_deref().unwrap_or("too many to read")),
                alert(count).set_alignment(CellAlignment::Right),
                Cell::new(oldest.map(|at| span(now - at)).unwrap_or_default()),
            ]);
        }
        show(&rows) + "Next: outbound dead-letters list\n\n"
    }

    fn queues(&self) -> String {
        let mut rows = table(&["QUEUE", "WAITING", "IN FLIGHT", "OLDEST"]);
        for WorkQueue { queue, waiting, in_flight, oldest_seconds } in &self.queues {
            let oldest = oldest_seconds.filter(|_| waiting + in_flight > 0);
            let oldest = oldest.and_then(|it| TimeDelta::try_seconds(it.try_into().ok()?));
            rows.add_row([
                Cell::new(short_name(queue)),
                Cell::new(waiting).set_alignment(CellAlignment::Right),
                Cell::new(in_flight).set_alignment(CellAlignment::Right),
                Cell::new(oldest.map(span).unwrap_or_default()),
            ]);
        }
        show(&rows)
    }

    fn functions(&self) -> String {
        let mut rows = table(&["FUNCTION", "CALLS IN AN HOUR", "ERRORS", "THROTTLED"]);
        for FunctionCalls { function, counts } in &self.functions {
            let [calls, errors, throttled] = counts;
            let calls = Cell::new(calls).set_alignment(CellAlignment::Right);
            let mut row = vec![Cell::new(function), calls];
            for count in [errors, throttled] {
                let cell = if *count > 0 { alert(count) } else { Cell::new(count) };
                row.push(cell.set_alignment(CellAlignment::Right));
            }
            rows.add_row(row);
        }
        show(&rows)
    }
}
