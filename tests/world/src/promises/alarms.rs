//! Promises about metrics that alarms watch.

use std::collections::BTreeMap;

use http::{Request, StatusCode};
use serde_json::Value;

use crate::services::{Call, RECEIVER_PATH};

/// A call that an invocation made, as it saw it.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    name: String,
    /// What it is about: repeats have the same.
    subject: Vec<u8>,
    is_success: bool,
}

/// Failures that count: the function, the end of what its calls are about, and the metric.
const FAILURES: [(&str, &str, &str); 2] = [
    ("analytics-poller", RECEIVER_PATH, "webhooks_failed"),
    ("campaign-scheduler", "/schedules", "starts_failed"),
];

impl Made {
    /// The call that a request makes, before it has an answer.
    pub(crate) fn of(call: &Call, request: &Request<Vec<u8>>) -> Self {
        let id = request.headers().get("webhook-id").map(|id| id.as_bytes().to_vec());
        let subject = id.unwrap_or_else(|| request.body().clone());
        Self { name: call.name.clone(), subject, is_success: false }
    }

    /// A conflict says that it is there already.
    pub(crate) fn answered(self, status: Option<StatusCode>) -> Self {
        let is_done = |status: StatusCode| status.is_success() || status == StatusCode::CONFLICT;
        Self { is_success: status.is_some_and(is_done), ..self }
    }
}

/// What an invocation did not get done, and did not count in its line of the log.
pub(crate) fn uncounted(function: &str, made: &[Made], line: &Value) -> Vec<String> {
    let uncounted = |(_, path, metric): &(&str, &str, &str)| {
        let mut is_done: BTreeMap<&[u8], bool> = BTreeMap::new();
        for call in made.iter().filter(|it| it.name.starts_with("POST") && it.name.ends_with(path))
        {
            *is_done.entry(&call.subject).or_default() |= call.is_success;
        }
        let failed = is_done.values().filter(|done| !**done).count() as u64;
        let counted = line[metric].as_u64().unwrap_or_default();
        (counted < failed).then(|| format!("{function} failed {failed} times, {metric}: {counted}"))
    };
    FAILURES.iter().filter(|(counting, ..)| *counting == function).filter_map(uncounted).collect()
}
