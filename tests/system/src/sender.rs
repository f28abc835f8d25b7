//! A sender of webhooks that behaves as senders do: it signs, and delivers again what failed.

use std::time::Duration;

use chrono::Utc;
use reqwest::{Client, Response, header::HeaderMap};
use sandbox::{Sandbox, WEBHOOK_SECRET};
use serde_json::Value;
use standardwebhooks::Webhook;
use uuid::Uuid;

/// A sender of webhooks.
pub struct Sender {
    http: Client,
    url: String,
}

/// Reply to the sender.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, `null` when it is not JSON.
    pub body: Value,
}

impl Reply {
    /// Reads an answer to the end.
    pub async fn of(response: Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.json().await.unwrap_or_default(),
        }
    }

    /// The status, and the word for the outcome of the event: `200 accepted`.
    pub fn word(&self) -> String {
        let fields = ["status", "code", "confirmation"];
        let word = fields.iter().find_map(|field| self.body[field].as_str());
        format!("{} {}", self.status, word.unwrap_or_default())
    }
}

/// One delivery of a webhook, before it is sent.
#[derive(Clone)]
pub struct Delivery {
    request_id: String,
    timestamp: i64,
    content_type: &'static str,
    body: Vec<u8>,
    signature: Option<String>,
    idempotency_key: Option<&'static str>,
}

impl Sender {
    /// A sender to a path of a sandbox's gateway.
    pub fn to(sandbox: &Sandbox, path: &str) -> Self {
        Self { http: Client::new(), url: format!("{}{path}", sandbox.gateway_url) }
    }

    /// Sends once.
    pub async fn send(&self, delivery: &Delivery) -> Reply {
        self.try_send(delivery).await.expect("the gateway answers")
    }

    /// Signs and sends an event once.
    pub async fn send_event(&self, event: &Value) -> Reply {
        self.send(&Delivery::of(event.to_string())).await
    }

    /// Delivers an event again and again, as long as the answer asks for a retry or is a crash.
    pub async fn deliver(&self, event: &Value) -> Reply {
        self.deliver_until_accepted(Delivery::of(event.to_string())).await
    }

    /// Delivers a webhook as [`Sender::deliver`] does.
    pub async fn deliver_until_accepted(&self, mut delivery: Delivery) -> Reply {
        loop {
            delivery = delivery.sent_now();
            let reply = self.send(&delivery).await;
            let seconds = reply.headers.get("retry-after");
            let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
            let wait = match (reply.status, seconds) {
                (_, Some(seconds)) => Duration::from_secs(seconds),
                (500.., None) => Duration::from_secs(1),
                _ => return reply,
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn try_send(&self, delivery: &Delivery) -> reqwest::Result<Reply> {
        let mut request = self
            .http
            .post(&self.url)
            .header("content-type", delivery.content_type)
            .body(delivery.body.clone());
        if let Some(signature) = &delivery.signature {
            request = request
                .header("webhook-id", &delivery.request_id)
                .header("webhook-timestamp", delivery.timestamp)
                .header("webhook-signature", signature);
        }
        if let Some(key) = delivery.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        Ok(Reply::of(request.send().await?).await)
    }

    /// Sends a body with a token in a header, unsigned.
    pub async fn send_with_token(&self, header: &str, token: &str, event: &Value) -> Reply {
        let response = self.http.post(&self.url).header(header, token).json(event).send().await;
        Reply::of(response.expect("the gateway answers")).await
    }
}

impl Delivery {
    /// A body, signed with the current secret, sent now.
    pub fn of(body: impl Into<Vec<u8>>) -> Self {
        let delivery = Self {
            request_id: Uuid::new_v4().to_string(),
            timestamp: 0,
            content_type: "application/json",
            body: body.into(),
            signature: None,
            idempotency_key: None,
        };
        delivery.sent_now()
    }

    /// The same webhook, delivered again now.
    #[must_use]
    pub fn sent_now(self) -> Self {
        self.sent_at(Utc::now().timestamp())
    }

    /// The same webhook, sent at another time, in seconds since 1970.
    #[must_use]
    pub fn sent_at(mut self, timestamp: i64) -> Self {
        self.timestamp = timestamp;
        self.signed_with(WEBHOOK_SECRET)
    }

    /// The same webhook, signed with another secret.
    #[must_use]
    pub fn signed_with(mut self, secret: &str) -> Self {
        let key = Webhook::new(secret).expect("a secret");
        let signature = key.sign(&self.request_id, self.timestamp, &self.body);
        self.signature = Some(signature.expect("a body in UTF-8"));
        self
    }

    /// The same webhook with an older signature beside its own, as senders do in a rotation.
    #[must_use]
    pub fn signed_also_with(mut self, secret: &str) -> Self {
        let own = self.signature.take().unwrap_or_default();
        let mut other = self.signed_with(secret);
        other.signature = other.signature.map(|other| format!("{other} {own}"));
        other
    }

    /// The same webhook without a signature.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        self.signature = None;
        self
    }

    /// The same webhook with another body under the same signature.
    #[must_use]
    pub fn forged(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same webhook under a key of the sender's.
    #[must_use]
    pub fn keyed(mut self, key: &'static str) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    /// The same webhook as another content type.
    #[must_use]
    pub fn typed(mut self, content_type: &'static str) -> Self {
        self.content_type = content_type;
        self
    }
}
