//! The sample events: what a function sees, turned back into what its caller sends.
//!
//! A sample contains the time it was taken. Every time in its body is moved by as much as that is
//! ago, so that what lay an hour ahead then lies an hour ahead now.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::Path,
};

use anyhow::{Context, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::{journey::Journey, workspace_root};

/// A sample event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// A request for the gateway.
    Http(HttpRequest),
    /// Messages for a queue.
    Queue {
        /// Name of the queue.
        queue: String,
        /// Bodies of the messages.
        bodies: Vec<String>,
    },
    /// Input of a schedule.
    Schedule {
        /// Name of the function.
        function: String,
        /// The event.
        payload: Value,
    },
}

/// A request for the gateway.
#[derive(Debug, Serialize)]
pub struct HttpRequest {
    /// `POST` and the like.
    pub method: String,
    /// Path, without host.
    pub path: String,
    /// Headers, lower case.
    pub headers: BTreeMap<String, String>,
    /// The raw body.
    #[serde(serialize_with = "as_text")]
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Http(HttpDocument),
    Queue {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    Schedule(Value),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpDocument {
    raw_path: String,
    headers: BTreeMap<String, String>,
    request_context: RequestContext,
    body: String,
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    http: Http,
    time_epoch: i64,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

#[derive(Deserialize)]
struct Record {
    body: String,
    attributes: RecordAttributes,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
}

/// Paths of all samples below `events/`, in their order.
pub fn samples() -> anyhow::Result<Vec<String>> {
    let mut samples = Vec::new();
    let folder = workspace_root().join("events");
    for function in std::fs::read_dir(&folder)? {
        let function = function?;
        if !function.file_type()?.is_dir() {
            continue;
        }
        for case in std::fs::read_dir(function.path())? {
            let name = |name: OsString| name.to_string_lossy().into_owned();
            samples.push(format!("{}/{}", name(function.file_name()), name(case?.file_name())));
        }
    }
    samples.retain(|sample| Path::new(sample).extension().is_some_and(|it| it == "json"));
    samples.sort();
    Ok(samples)
}

/// The sample with a name: `optout-webhook/opt-out.json`, `optout-webhook/opt-out`, or `opt-out` if
/// no other function has one of that name.
pub fn sample(name: &str) -> anyhow::Result<Option<String>> {
    let name = name.trim_end_matches(".json");
    let is_it = |sample: &&String| {
        let sample = sample.trim_end_matches(".json");
        sample == name || sample.split_once('/').is_some_and(|(_, case)| case == name)
    };
    let all = samples()?;
    let named: Vec<&String> = all.iter().filter(is_it).collect();
    match named[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        [first, second, ..] => bail!("`{name}` may be {first} or {second}"),
    }
}

/// A sample event as it is, except that the times in its body are moved to now.
pub fn moved_to_now(name: &str) -> anyhow::Result<String> {
    let now = Utc::now();
    let sample = sample(name)?.unwrap_or_else(|| name.to_owned());
    let path = workspace_root().join("events").join(sample);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let mut document: Value =
        serde_json::from_str(&text).with_context(|| format!("cannot use {}", path.display()))?;
    if let Some(fired_at_ms) = fired_at_ms(&document) {
        move_times(&mut document, age(fired_at_ms, now));
    }
    let taken_at_ms = document["requestContext"]["timeEpoch"].as_i64();
    let body = document["body"].as_str().filter(|_| document["isBase64Encoded"] == false);
    if let (Some(taken_at_ms), Some(body)) = (taken_at_ms, body) {
        let moved = moved(body.as_bytes(), age(taken_at_ms, now));
        document["body"] = String::from_utf8_lossy(&moved).into();
    }
    Ok(serde_json::to_string_pretty(&document)?)
}

/// The campaigns that samples name, in the order of the samples' paths.
pub fn campaigns() -> anyhow::Result<BTreeSet<String>> {
    let mut campaigns = BTreeSet::new();
    for step in Journey::read()?.steps {
        let text = match Event::read(&step.event, Utc::now())? {
            Event::Http(request) => String::from_utf8_lossy(&request.body).into_owned(),
            Event::Queue { bodies, .. } => bodies.join("\n"),
            Event::Schedule { payload, .. } => payload.to_string(),
        };
        for named in text.split("\"campaignId\":\"").skip(1) {
            campaigns.extend(named.split('"').next().map(str::to_owned));
        }
    }
    Ok(campaigns)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RecordAttributes {
    sent_timestamp: String,
}

impl Record {
    fn into_body(self, now: DateTime<Utc>) -> anyhow::Result<String> {
        let sent_at_ms = self.attributes.sent_timestamp.parse().context("SentTimestamp")?;
        let moved = moved(self.body.as_bytes(), age(sent_at_ms, now));
        Ok(String::from_utf8(moved)?)
    }
}

impl Event {
    /// Reads a sample event from its path below `events/`, with its times moved to `now`.
    pub fn read(name: &str, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let path = workspace_root().join("events").join(name);
        let function = name.split('/').next().unwrap_or_default();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, function, now).with_context(|| format!("cannot use {}", path.display()))
    }

    /// Reads what a function receives, with its times moved to `now`. The function is the one that a
    /// schedule's event is for; the others name their route or their queue.
    pub fn parse(text: &str, function: &str, now: DateTime<Utc>) -> anyhow::Result<Self> {
        match serde_json::from_str(text)? {
            Document::Http(event) => Ok(Self::Http(event.into_request(now)?)),
            Document::Queue { records } => {
                let Some(first) = records.first() else { bail!("it has no records") };
                let queue = first.event_source_arn.rsplit(':').next().unwrap_or_default();
                let queue = queue.to_owned();
                let bodies = records.into_iter().map(|record| record.into_body(now));
                let bodies = bodies.collect::<anyhow::Result<_>>()?;
                Ok(Self::Queue { queue, bodies })
            }
            Document::Schedule(mut payload) => {
                let fired_at_ms = fired_at_ms(&payload).context("it does not say its time")?;
                move_times(&mut payload, age(fired_at_ms, now));
                Ok(Self::Schedule { function: function.to_owned(), payload })
            }
        }
    }

    /// The same with the text of its body changed, whoever it is for.
    pub(crate) fn map_text(self, change: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Http(mut request) => {
                if let Ok(text) = std::str::from_utf8(&request.body) {
                    request.body = change(text).into_bytes();
                }
                Self::Http(request)
            }
            Self::Queue { queue, bodies } => {
                Self::Queue { queue, bodies: bodies.iter().map(|body| change(body)).collect() }
            }
            schedule @ Self::Schedule { .. } => schedule,
        }
    }
}

/// Time at which the schedule of a sample fired.
fn fired_at_ms(payload: &Value) -> Option<i64> {
    let time = DateTime::parse_from_rfc3339(payload["time"].as_str()?).ok()?;
    Some(time.timestamp_millis())
}

/// The samples are texts.
fn as_text<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}

/// Age of a sample, in whole seconds.
fn age(taken_at_ms: i64, now: DateTime<Utc>) -> TimeDelta {
    TimeDelta::seconds(now.timestamp() - taken_at_ms / 1000)
}

/// The body with its times moved. One that is not JSON stays as it is.
fn moved(body: &[u8], by: TimeDelta) -> Vec<u8> {
    match serde_json::from_slice::<Value>(body) {
        Ok(mut document) => {
            move_times(&mut document, by);
            document.to_string().into_bytes()
        }
        Err(_) => body.to_vec(),
    }
}

fn move_times(value: &mut Value, by: TimeDelta) {
    match value {
        Value::String(text) => {
            if let Ok(time) = DateTime::parse_from_rfc3339(text) {
                *text = (time + by).to_rfc3339();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| move_times(value, by)),
        Value::Object(fields) => fields.values_mut().for_each(|value| move_times(value, by)),
        _ => {}
    }
}

impl HttpDocument {
    fn into_request(self, now: DateTime<Utc>) -> anyhow::Result<HttpRequest> {
        let body = if self.is_base64_encoded {
            BASE64_STANDARD.decode(self.body)?
        } else {
            self.body.into_bytes()
        };
        let body = moved(&body, age(self.request_context.time_epoch, now));
        let mut headers = self.headers;
        // It names the original gateway; the one of the sandbox has another.
        headers.remove("host");
        Ok(HttpRequest {
            method: self.request_context.http.method,
            path: self.raw_path,
            headers,
            body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_moved_wherever_they_stand_and_nothing_else_is() {
        let body =
            br#"{"at":"2026-03-02T07:00:00-05:00","in":[{"b":"2026-03-02T10:00:00Z"}],"n":"12"}"#;
        let moved = moved(body, TimeDelta::days(1));
        let moved: Value = serde_json::from_slice(&moved).expect("JSON");
        assert_eq!(
            moved,
            serde_json::json!({
                "at": "2026-03-03T07:00:00-05:00",
                "in": [{ "b": "2026-03-03T10:00:00+00:00" }],
                "n": "12",
            })
        );
        assert_eq!(super::moved(b"no JSON", TimeDelta::days(1)), b"no JSON");
    }
}
