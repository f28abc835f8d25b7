//! CloudWatch Logs: `FilterLogEvents` over what the functions wrote.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::LogLine;

/// Most events of one page.
const PAGE: usize = 1_000;

/// Answers `FilterLogEvents`.
pub(super) fn filter(lines: &[LogLine], request: &Value) -> Response {
    let terms = terms(request["filterPattern"].as_str().unwrap_or_default());
    let start = request["startTime"].as_i64().unwrap_or(i64::MIN);
    let end = request["endTime"].as_i64().unwrap_or(i64::MAX);
    let skipped = request["nextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0);
    let mut events = lines.iter().enumerate().skip(skipped).filter(|(_, line)| {
        (start..=end).contains(&line.at.timestamp_millis())
            && terms.iter().all(|term| line.text.contains(term))
    });
    let page: Vec<_> = events.by_ref().take(PAGE).collect();
    let next = page.last().filter(|_| events.next().is_some()).map(|(at, _)| (at + 1).to_string());
    let event = |(at, line): &(usize, &LogLine)| {
        json!({
            "eventId": at.to_string(), "logStreamName": line.function, "message": line.text,
            "timestamp": line.at.timestamp_millis(), "ingestionTime": line.at.timestamp_millis(),
        })
    };
    let events: Vec<Value> = page.iter().map(event).collect();
    let mut answer = json!({ "events": events, "searchedLogStreams": [] });
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    axum::Json(answer).into_response()
}

/// The words of a pattern, and the texts in quotes: an event must hold all of them. The rest of the
/// syntax is not known here.
fn terms(pattern: &str) -> Vec<String> {
    let quoted = pattern.split('"').enumerate();
    let terms = quoted.flat_map(|(at, piece)| match at % 2 {
        1 => vec![piece.to_owned()],
        _ => piece.split_whitespace().map(str::to_owned).collect(),
    });
    terms.collect()
}
