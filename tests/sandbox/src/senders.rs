//! The senders of events: whoever calls the gateway, fills a queue, or fires a schedule.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Lambda, Outcome,
    aws::Aws,
    clock::Clock,
    events::{Event, HttpRequest},
    receiver::Receiver,
};

/// Receiver of reports in the samples. Here that is the sandbox's own.
const SAMPLE_RECEIVER: &str = "https://hooks.example.com";

/// Brings events to where their senders would.
pub(crate) struct Senders {
    pub(crate) gateway_url: String,
    pub(crate) aws: Arc<Aws>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) http: reqwest::Client,
}

/// An event that was sent, with the answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Sent {
    /// To a route.
    Http {
        /// Method and path.
        route: String,
        /// Status of the answer.
        status: u16,
        /// Its body; null if it is no JSON.
        body: Value,
    },
    /// To a queue.
    Queue {
        /// Name of the queue.
        queue: String,
        /// Number of messages.
        messages: usize,
    },
    /// To a function, as its schedule does.
    Schedule {
        /// Name of the function.
        function: String,
        /// Its answer.
        answer: Option<Value>,
        /// The way in which it failed.
        failure: Option<String>,
    },
}

impl Senders {
    /// Sends an event, and waits for the answer if there is one.
    pub(crate) async fn send(&self, event: Event) -> anyhow::Result<Sent> {
        match event {
            Event::Http(request) => self.request(request).await,
            Event::Queue { queue, bodies } => {
                for body in &bodies {
                    self.aws.queues.send(&queue, body).await?;
                }
                Ok(Sent::Queue { queue, messages: bodies.len() })
            }
            Event::Schedule { function, payload } => self.fire(function, payload).await,
        }
    }

    async fn request(&self, request: HttpRequest) -> anyhow::Result<Sent> {
        let HttpRequest { method, path, headers, body } = request;
        let url = format!("{}{path}", self.gateway_url);
        let mut sent = self.http.request(method.parse()?, url).body(body);
        for (name, value) in headers {
            sent = sent.header(name, value);
        }
        let answer = sent.send().await?;
        let status = answer.status().as_u16();
        let body = answer.json().await.unwrap_or_default();
        Ok(Sent::Http { route: format!("{method} {path}"), status, body })
    }

    /// At the time of the sandbox's clock.
    async fn fire(&self, function: String, mut payload: Value) -> anyhow::Result<Sent> {
        payload["time"] = json!(self.clock.now());
        let payload = payload.to_string().replace(SAMPLE_RECEIVER, &self.receiver.url());
        let (answer, failure) = match self.lambda.invoke(&function, payload.into()).await? {
            Outcome::Answer(answer) => (Some(serde_json::from_slice(&answer)?), None),
            failed => (None, Some(format!("{failed:?}"))),
        };
        Ok(Sent::Schedule { function, answer, failure })
    }
}

impl Sent {
    /// The answer in a word or two: the status and the status word of a reply, the status of the
    /// first campaign of a schedule. A queue has no answer.
    pub(crate) fn word(&self) -> Option<String> {
        match self {
            Self::Http { status, body, .. } => {
                let fields = ["status", "code", "confirmation"];
                let word = fields.iter().find_map(|field| body[field].as_str());
                Some(format!("{status} {}", word.unwrap_or_default()))
            }
            Self::Queue { .. } => None,
            Self::Schedule { failure: Some(failure), .. } => Some(format!("failed: {failure}")),
            Self::Schedule { answer, .. } => {
                let answer = answer.as_ref().unwrap_or(&Value::Null);
                let status = answer["campaigns"][0]["status"].as_str();
                Some(status.or(answer["status"].as_str()).unwrap_or_default().to_owned())
            }
        }
    }
}
