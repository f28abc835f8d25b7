//! Subscriptions to CXone's events. A name can be registered once: with another address it is the
//! same registration, which stays as it is.

use std::sync::Arc;

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Cxone, rejected};

/// A receiver of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The operation that registered it, as the contract names it.
    pub operation: &'static str,
    /// Name.
    pub name: String,
    /// Receiver of the events.
    pub url: String,
}

impl Cxone {
    /// Everything that was registered, in its order.
    pub fn registrations(&self) -> Vec<Registration> {
        self.world().registrations.clone()
    }

    /// Answers with the new id in a field, unless the name is registered already.
    fn register(&self, registration: Registration, id_field: &str) -> Response {
        let registrations = &mut self.world().registrations;
        let is_same = |it: &Registration| {
            it.operation == registration.operation && it.name == registration.name
        };
        if registrations.iter().any(is_same) {
            let body = Json(json!({ "message": "already registered" }));
            return (StatusCode::CONFLICT, body).into_response();
        }
        registrations.push(registration);
        (StatusCode::CREATED, Json(json!({ (id_field): ambient::id() }))).into_response()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Subscription {
    name: String,
    event_types: Vec<String>,
    callback_url: String,
    enabled: bool,
    retry_policy: RetryPolicy,
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetryPolicy {
    max_retries: u32,
    interval: u32,
}

impl Subscription {
    /// Violation of the contract, if any.
    fn problem(&self) -> Option<&'static str> {
        if self.name != "dnc-optout-listener" {
            Some("name must be dnc-optout-listener")
        } else if self.event_types != ["contact.opt_out", "contact.do_not_call.add"] {
            Some("eventTypes must be contact.opt_out, contact.do_not_call.add")
        } else if Url::parse(&self.callback_url).is_err() {
            Some("callbackUrl must be a URL")
        } else if !self.enabled {
            Some("enabled must be true")
        } else if self.retry_policy != (RetryPolicy { max_retries: 3, interval: 60 }) {
            Some("retryPolicy must be maxRetries 3, interval 60")
        } else {
            None
        }
    }
}

pub(super) async fn subscribe_events(
    State(cxone): State<Arc<Cxone>>,
    body: Result<Json<Subscription>, JsonRejection>,
) -> Response {
    let subscription = match body {
        Ok(Json(subscription)) => subscription,
        Err(rejection) => return rejected(&rejection.body_text()),
    };
    if let Some(problem) = subscription.problem() {
        return rejected(problem);
    }
    let Subscription { name, callback_url: url, .. } = subscription;
    cxone.register(Registration { operation: "subscribeEvents", name, url }, "id")
}

#[derive(Deserialize)]
pub(super) struct Webhook {
    name: String,
    url: String,
    scope: String,
    events: Vec<String>,
}

impl Webhook {
    /// Violation of the contract, if any.
    fn problem(&self) -> Option<&'static str> {
        let events = ["interaction.created", "interaction.updated", "interaction.completed"];
        if self.name != "Interaction Router" {
            Some("name must be Interaction Router")
        } else if Url::parse(&self.url).is_err() {
            Some("url must be a URL")
        } else if self.scope != "interactions:read" {
            Some("scope must be interactions:read")
        } else if self.events != events {
            Some("events must be interaction.created, interaction.updated, interaction.completed")
        } else {
            None
        }
    }
}

pub(super) async fn register_webhook(
    State(cxone): State<Arc<Cxone>>,
    body: Result<Json<Webhook>, JsonRejection>,
) -> Response {
    let webhook = match body {
        Ok(Json(webhook)) => webhook,
        Err(rejection) => return rejected(&rejection.body_text()),
    };
    if let Some(problem) = webhook.problem() {
        return rejected(problem);
    }
    let Webhook { name, url, .. } = webhook;
    cxone.register(Registration { operation: "registerWebhook", name, url }, "webhookId")
}
