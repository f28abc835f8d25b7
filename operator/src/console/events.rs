//! Events, each with its way through the functions, from the lines that the functions logged.

use std::collections::{BTreeMap, HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use log_lines::Level;
use serde::Serialize;
use serde_json::Value;

use crate::{
    logs::{self, LINES_MAX, LogLine},
    stack::Stack,
};

/// How far back a page looks when it is opened.
const LOOKS_BACK: TimeDelta = TimeDelta::hours(1);
/// Lines are read again for so long: CloudWatch Logs may list them late.
const LATE: TimeDelta = TimeDelta::seconds(20);
/// Events that the page shows, the newest.
const EVENTS_MAX: usize = 120;
/// The newest lines of the functions.
#[derive(Default)]
pub(super) struct Lines {
    newest: VecDeque<LogLine>,
    seen: HashSet<String>,
}

/// An event and its way.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    id: &'a str,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    steps: Vec<Step<'a>>,
}

/// What a function did with an event, or wrote about it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Step<'a> {
    at: DateTime<Utc>,
    function: &'a str,
    /// Result of an invocation; none of a line for people.
    outcome: Option<&'a str>,
    /// The line in words.
    what: String,
    level: &'static str,
    latency_ms: Option<f64>,
    dead_lettered: u64,
    /// Events that were handled together with this one.
    batch: usize,
}

impl Lines {
    /// Reads the lines that came since the last time.
    pub(super) async fn read(&mut self, stack: &Stack) -> anyhow::Result<()> {
        let newest = self.newest.back().map(|line| line.at - LATE);
        let start = newest.unwrap_or_else(|| ambient::now() - LOOKS_BACK);
        for line in logs::since(stack, None, start).await? {
            if self.seen.insert(line.id.clone()) {
                self.newest.push_back(line);
            }
        }
        while self.newest.len() > LINES_MAX {
            let oldest = self.newest.pop_front();
            oldest.map(|line| self.seen.remove(&line.id));
        }
        self.newest.make_contiguous().sort_by_key(|line| line.at);
        Ok(())
    }

    /// The lines, the earliest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &LogLine> {
        self.newest.iter()
    }

    /// The newest events, the newest first.
    pub(super) fn events(&self) -> Vec<Event<'_>> {
        let mut ways: BTreeMap<&str, Vec<Step<'_>>> = BTreeMap::new();
        for line in &self.newest {
            let ids = ids(line.line.as_json());
            for id in &ids {
                ways.entry(id).or_default().extend(Step::of(line, ids.len()));
            }
        }
        let mut events: Vec<Event<'_>> =
            ways.into_iter().filter_map(|(id, steps)| Event::of(id, steps)).collect();
        events.sort_by(|a, b| (b.last_at, b.id).cmp(&(a.last_at, a.id)));
        events.truncate(EVENTS_MAX);
        events
    }
}

impl<'a> Event<'a> {
    fn of(id: &'a str, steps: Vec<Step<'a>>) -> Option<Self> {
        let (first_at, last_at) = (steps.first()?.at, steps.last()?.at);
        Some(Self { id, first_at, last_at, steps })
    }
}

/// Ids of the events that a line is about.
fn ids(line: &Value) -> Vec<&str> {
    let of_batch = line["event_ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
    of_batch.chain(line["event_id"].as_str()).collect()
}

impl<'a> Step<'a> {
    fn of(LogLine { at, line, .. }: &'a LogLine, batch: usize) -> Option<Self> {
        let fields = line.as_json();
        Some(Self {
            at: *at,
            function: fields["function"].as_str()?,
            outcome: fields["outcome"].as_str(),
            what: line.what(),
            level: match line.level() {
                Level::Plain => "plain",
                Level::Warning => "warning",
                Level::Error => "error",
            },
            latency_ms: fields["latency_ms"].as_f64(),
            dead_lettered: fields["dead_lettered"].as_u64().unwrap_or_default(),
            batch,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is passed is written where it is passed"
    )]
    fn line(second: u32, line: Value) -> LogLine {
        let at = format!("2026-03-02T10:00:{second:02}Z").parse().expect("an instant");
        LogLine { id: second.to_string(), at, line: log_lines::Line::read(&line.to_string()) }
    }

    #[test]
    fn an_event_has_the_lines_of_all_functions_and_the_newest_event_is_first() {
        let newest = VecDeque::from([
            line(
                1,
                json!({ "function": "optout-webhook", "event_ids": ["a"], "outcome": "accepted",
                "latency_ms": 4.5, "_aws": {}, "request_id": "r", "accepted": 1 }),
            ),
            line(
                2,
                json!({ "function": "optout-webhook", "event_ids": ["b"], "outcome": "accepted" }),
            ),
            line(
                3,
                json!({ "function": "analytics-poller", "event_ids": [], "outcome": "polled" }),
            ),
            line(
                4,
                json!({ "function": "dnc-batcher", "event_id": "a", "message": "refused",
                "level": "WARN", "code": "refused_by_cxone" }),
            ),
            line(5, json!("Error: no settings")),
            line(
                6,
                json!({ "function": "dnc-batcher", "event_ids": ["a", "b"],
                "outcome": "completed", "_aws": {}, "numbers_listed": 1 }),
            ),
        ]);
        let lines = Lines { newest, seen: HashSet::new() };
        let events = json!(lines.events());
        let ids: Vec<_> = events.as_array().expect("a list").iter().map(|it| &it["id"]).collect();
        assert_eq!(ids, ["b", "a"]);
        let steps = &events[1]["steps"];
        assert_eq!(steps.as_array().map(Vec::len), Some(3), "{steps}");
        assert_eq!(
            (&steps[0]["outcome"], &steps[0]["level"]),
            (&json!("accepted"), &json!("plain"))
        );
        assert_eq!(steps[0]["latencyMs"], 4.5);
        assert_eq!(steps[1]["what"], "refused: code=refused_by_cxone");
        assert_eq!(steps[1]["level"], "warning");
        assert_eq!((&steps[2]["batch"], &steps[2]["what"]), (&json!(2), &json!("1 number listed")));
    }
}
