//! Functions: how often they were called and started, how long they took, and the memory they used.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use log_lines::Level;
use serde::Serialize;

use super::events::Lines;
use crate::{logs::LogLine, status::FunctionCalls};

/// Invocations of a function that the page draws, the newest.
const DRAWN_MAX: usize = 60;

/// A function as the page shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownFunction {
    function: String,
    /// Invocations, errors and throttles within an hour, as CloudWatch counted them.
    counts: [u64; 3],
    /// Starts of a process, among the lines that were read.
    starts: usize,
    /// The newest invocations, the earliest first.
    invocations: Vec<Invocation>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    at: DateTime<Utc>,
    latency_ms: f64,
    is_start: bool,
    is_failed: bool,
    /// The most memory that its process had used by then, in MB: used, and allowed. None where
    /// Lambda did not report it.
    memory_mb: Option<[u32; 2]>,
}

/// The functions of a stack, by what was counted and what they logged.
pub(super) fn functions(counted: &[FunctionCalls], lines: &Lines) -> Vec<ShownFunction> {
    let mut logged = logged(lines);
    let function = |FunctionCalls { function, counts }: &FunctionCalls| {
        let function = kebab_case(function);
        let mut invocations = logged.remove(&function).unwrap_or_default();
        let starts = invocations.iter().filter(|it| it.is_start).count();
        let invocations = invocations.split_off(invocations.len().saturating_sub(DRAWN_MAX));
        ShownFunction { function, counts: *counts, starts, invocations }
    };
    counted.iter().map(function).collect()
}

/// The invocations that functions wrote their line about.
fn logged(lines: &Lines) -> BTreeMap<String, Vec<Invocation>> {
    let reported: BTreeMap<&str, [u32; 2]> = lines.iter().filter_map(reported).collect();
    let mut logged: BTreeMap<String, Vec<Invocation>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.line.is_record()) {
        let fields = line.line.as_json();
        let (Some(function), Some(latency_ms)) =
            (fields["function"].as_str(), fields["latency_ms"].as_f64())
        else {
            continue;
        };
        logged.entry(function.to_owned()).or_default().push(Invocation {
            at: line.at,
            latency_ms,
            is_start: fields["cold_start"].as_f64().is_some_and(|it| it > 0.0),
            is_failed: line.line.level() == Level::Error,
            memory_mb: reported.get(line.line.field("request_id")).copied(),
        });
    }
    logged
}

/// Id of a request and its memory, from the line that Lambda adds to the log of a function:
/// `REPORT RequestId: …<tab>Duration: … ms<tab>Memory Size: 256 MB<tab>Max Memory Used: 31 MB`.
fn reported(line: &LogLine) -> Option<(&str, [u32; 2])> {
    let report = line.line.as_json().as_str()?.strip_prefix("REPORT ")?;
    let part = |name: &str| {
        report.split('\t').find_map(|it| it.trim().strip_prefix(name)?.strip_prefix(": "))
    };
    let megabytes = |name: &str| part(name)?.strip_suffix(" MB")?.parse().ok();
    Some((part("RequestId")?, [megabytes("Max Memory Used")?, megabytes("Memory Size")?]))
}

/// `OptoutWebhook` to `optout-webhook`, as the function calls itself.
fn kebab_case(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(text: &str) -> Option<(String, [u32; 2])> {
        let line = log_lines::Line::read(text);
        let line = LogLine { id: String::new(), at: DateTime::default(), line };
        reported(&line).map(|(id, memory)| (id.to_owned(), memory))
    }

    /// The first was published with a change of OpenTelemetry's Lambda layer, the second has the
    /// fields of active tracing.
    #[test]
    fn memory_is_read_from_the_reports_of_lambda() {
        let id = "bf5f58db-ef7d-4cb2-b3c6-266eba1bbedb";
        for line in [
            format!(
                "REPORT RequestId: {id}\tDuration: 395.99 ms\tBilled Duration: 662 ms\t\
                 Memory Size: 512 MB\tMax Memory Used: 301 MB\tInit Duration: 265.72 ms\t\n"
            ),
            format!(
                "REPORT RequestId: {id}\tDuration: 1.10 ms\tBilled Duration: 2 ms\t\
                 Memory Size: 512 MB\tMax Memory Used: 301 MB\t\nXRAY TraceId: 1-5759e988\t\
                 SegmentId: 1a2b\tSampled: true\t\n"
            ),
        ] {
            assert_eq!(memory(&line), Some((id.to_owned(), [301, 512])), "{line}");
        }
        for other in [
            "REPORT RequestId: a\tDuration: 1 ms",
            "END RequestId: a",
            "REPORT RequestId: a\tMemory Size: 128 MB\tMax Memory Used: much",
            r#"{"message":"REPORT RequestId: a\tMemory Size: 1 MB\tMax Memory Used: 1 MB"}"#,
        ] {
            assert_eq!(memory(other), None, "{other}");
        }
    }
}
