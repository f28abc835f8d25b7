//! Interactions of customers as CXone reports them: each is created, updated and completed, and
//! every one of these events goes to the gateway as a signed webhook.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, iter, num::NonZeroU16, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    routing::post,
};
use chrono::{SecondsFormat, Utc};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::time;
use uuid::Uuid;

use crate::WEBHOOK_SECRET;

/// The most events that one request can ask for.
const EVENTS_MAX: usize = 1000;
/// The most events that wait for their replies at once. They may overtake each other, as webhooks
/// do.
const IN_FLIGHT_MAX: usize = 32;
/// Types of the events of an interaction, in order.
const EVENT_TYPES: [&str; 3] =
    ["interaction.created", "interaction.updated", "interaction.completed"];
const DEPARTMENTS: [&str; 3] = ["Sales", "Support", "Billing"];
const MESSAGES: [&str; 3] = ["Where is my order?", "Please call me back", "Thank you, that helped"];

/// Channel between a customer and the contact center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// By phone.
    #[default]
    Voice,
    /// In a chat window.
    Chat,
    /// By text message.
    Sms,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 3] = [Self::Voice, Self::Chat, Self::Sms];
}

/// Events that were sent, and the replies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// Number of events.
    pub sent: usize,
    /// Number of replies by status word, by HTTP status if it has no word, or `unanswered`.
    pub replies: BTreeMap<String, usize>,
    /// The interaction of each event. The events of one follow each other.
    pub interaction_ids: Vec<String>,
}

impl Sent {
    fn add(&mut self, event: &Value, reply: String) {
        self.sent += 1;
        *self.replies.entry(reply).or_default() += 1;
        self.interaction_ids.extend(event["data"]["id"].as_str().map(str::to_owned));
    }
}

/// Sends interactions.
pub struct Traffic {
    http: reqwest::Client,
    url: String,
    key: Webhook,
}

impl Traffic {
    /// Traffic to a gateway.
    pub(crate) fn to(gateway_url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            http: reqwest::Client::new(),
            url: format!("{gateway_url}/webhooks/cxone"),
            key: Webhook::new(WEBHOOK_SECRET)?,
        })
    }

    /// URL of the gateway's route.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends so many events of a channel and waits for their replies.
    pub async fn send(&self, channel: Channel, count: usize) -> Sent {
        let deliver = |event| async {
            let reply = self.deliver(&event).await;
            (event, reply.unwrap_or_else(|_| "unanswered".to_owned()))
        };
        stream::iter(events(iter::repeat(channel)).take(count))
            .map(deliver)
            .buffered(IN_FLIGHT_MAX)
            .fold(Sent::default(), |mut sent, (event, reply)| async move {
                sent.add(&event, reply);
                sent
            })
            .await
    }

    /// Sends events of all channels at a rate, until it is dropped.
    pub async fn keep_sending(&self, events_per_second: NonZeroU16) {
        let ticks = time::interval(pause(events_per_second));
        let events = events(Channel::ALL.into_iter().cycle());
        stream::unfold((ticks, events), |(mut ticks, mut events)| async {
            ticks.tick().await;
            Some((events.next()?, (ticks, events)))
        })
        .for_each_concurrent(IN_FLIGHT_MAX, |event| async move {
            // The function's own log has the result.
            self.deliver(&event).await.ok();
        })
        .await;
    }

    /// Signs and sends an event, and returns the outcome of the reply in a word.
    async fn deliver(&self, event: &Value) -> anyhow::Result<String> {
        let (id, timestamp) = (Uuid::new_v4().to_string(), Utc::now().timestamp());
        let body = event.to_string();
        let signature = self.key.sign(&id, timestamp, body.as_bytes())?;
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body);
        let response = request.send().await?;
        let status = response.status();
        let reply: Value = response.json().await.unwrap_or_default();
        let word = reply["status"].as_str().unwrap_or(status.as_str());
        Ok(word.to_owned())
    }
}

/// Pause between two events.
fn pause(events_per_second: NonZeroU16) -> Duration {
    Duration::from_secs(1) / u32::from(events_per_second.get())
}

/// The events of one interaction after another, each made on request.
fn events(channels: impl Iterator<Item = Channel>) -> impl Iterator<Item = Value> {
    channels.map(interaction).flat_map(|data| {
        EVENT_TYPES.into_iter().map(move |event_type| {
            json!({
                "webhookId": "sim-webhook-001",
                "eventType": event_type,
                "timestamp": Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
                "data": data,
            })
        })
    })
}

/// Data common to every event of an interaction.
fn interaction(channel: Channel) -> Value {
    // Numbers that are kept for fiction.
    let phone = || json!({ "phoneNumber": format!("+1202555{:04}", fastrand::u32(100..200)) });
    let email =
        || json!({ "email": format!("customer-{}@example.com", fastrand::u32(1..=10_000)) });
    let (customer, subject, about) = match channel {
        Channel::Voice => (phone(), "queue", json!({ "name": one_of(&DEPARTMENTS) })),
        Channel::Chat => (email(), "skill", json!({ "name": one_of(&DEPARTMENTS) })),
        Channel::Sms => (phone(), "message", json!({ "body": one_of(&MESSAGES) })),
    };
    json!({
        "id": format!("sim-{}", Uuid::new_v4()),
        "channelType": channel,
        "direction": one_of(&["inbound", "outbound"]),
        "customer": customer,
        (subject): about,
    })
}

fn one_of(words: &[&'static str]) -> &'static str {
    words[fastrand::usize(..words.len())]
}

/// `POST /simulator/generate` sends events on demand.
pub(crate) fn router(traffic: Arc<Traffic>) -> Router {
    Router::new().route("/simulator/generate", post(generate)).with_state(traffic)
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(default)]
    channel: Channel,
    #[serde(default = "one")]
    count: usize,
}

fn one() -> usize {
    1
}

async fn generate(
    State(traffic): State<Arc<Traffic>>,
    asked: Result<Query<Parameters>, QueryRejection>,
) -> Result<Json<Sent>, (StatusCode, String)> {
    let refuse = |message: String| (StatusCode::UNPROCESSABLE_ENTITY, format!("{message}\n"));
    let Query(Parameters { channel, count }) =
        asked.map_err(|rejection| refuse(rejection.body_text()))?;
    if !(1..=EVENTS_MAX).contains(&count) {
        return Err(refuse(format!("count must be from 1 to {EVENTS_MAX}")));
    }
    Ok(Json(traffic.send(channel, count).await))
}
