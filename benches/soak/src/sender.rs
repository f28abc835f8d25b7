//! A sender of webhooks: it signs, and sends again what was not accepted yet.

use std::time::{Duration, Instant};

use anyhow::bail;
use chrono::Utc;
use reqwest::{Client, Response, StatusCode, header::RETRY_AFTER};
use sandbox::{Sandbox, WEBHOOK_SECRET};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::time;
use uuid::Uuid;

/// Most deliveries of one event.
const DELIVERIES_MAX: usize = 20;
/// Pause before the next delivery, unless the answer has one.
const PAUSE: Duration = Duration::from_secs(1);

/// A sender to the gateway of a sandbox.
pub(crate) struct Sender {
    http: Client,
    gateway_url: String,
    key: Webhook,
}

/// An answer to an event.
pub(crate) struct Answer {
    /// The status, and the word for the outcome of the event: `200 accepted`.
    pub(crate) word: String,
    pub(crate) body: Value,
    /// From the first delivery to this answer.
    pub(crate) latency: Duration,
}

impl Sender {
    pub(crate) fn to(sandbox: &Sandbox) -> anyhow::Result<Self> {
        let key = Webhook::new(WEBHOOK_SECRET)?;
        Ok(Self { http: Client::new(), gateway_url: sandbox.gateway_url.clone(), key })
    }

    /// Delivers an event, again where the answer asks for it.
    pub(crate) async fn deliver(&self, path: &str, event: &Value) -> anyhow::Result<Answer> {
        let (id, body, started) = (Uuid::new_v4().to_string(), event.to_string(), Instant::now());
        for _ in 0..DELIVERIES_MAX {
            let response = self.post(path, &id, &body).await?;
            let status = response.status();
            if status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error() {
                let body = response.json().await.unwrap_or_default();
                let word = word(status, &body);
                return Ok(Answer { word, body, latency: started.elapsed() });
            }
            time::sleep(pause(&response)).await;
        }
        bail!("{path} accepts an event in none of {DELIVERIES_MAX} deliveries")
    }

    async fn post(&self, path: &str, id: &str, body: &str) -> anyhow::Result<Response> {
        let timestamp = Utc::now().timestamp();
        let signature = self.key.sign(id, timestamp, body.as_bytes())?;
        let request = self
            .http
            .post(format!("{}{path}", self.gateway_url))
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body.to_owned());
        Ok(request.send().await?)
    }
}

fn word(status: StatusCode, body: &Value) -> String {
    let fields = ["status", "code", "confirmation"];
    let word = fields.iter().find_map(|field| body[field].as_str());
    format!("{} {}", status.as_u16(), word.unwrap_or_default())
}

fn pause(response: &Response) -> Duration {
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    seconds.and_then(|seconds| seconds.parse().ok()).map_or(PAUSE, Duration::from_secs)
}
