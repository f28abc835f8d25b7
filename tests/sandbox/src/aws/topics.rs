//! SNS: the one topic of the template, and who gets what is published there.

use std::{
    fmt::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::cloudformation::{element, error};

/// A subscription to the topic of alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The receiver's email address.
    pub email: String,
    /// False until the receiver has confirmed it: nothing is sent before.
    pub is_confirmed: bool,
}

/// The topic of alarms.
#[derive(Debug, Default)]
pub struct AlarmTopic(Mutex<Vec<Subscription>>);

impl AlarmTopic {
    /// Those who get alarms.
    pub fn subscriptions(&self) -> MutexGuard<'_, Vec<Subscription>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request of the query protocol.
    pub(super) fn handle(&self, action: &str, request: &Value) -> Response {
        if action != "ListSubscriptionsByTopic" {
            return error("InvalidAction", "the sandbox does not know this operation");
        }
        let topic = request["TopicArn"].as_str().unwrap_or_default();
        let mut members = String::new();
        for (at, Subscription { email, is_confirmed }) in self.subscriptions().iter().enumerate() {
            let confirmed = format!("{topic}:{at}");
            let arn = if *is_confirmed { confirmed.as_str() } else { "PendingConfirmation" };
            let fields = [
                ("TopicArn", topic),
                ("Protocol", "email"),
                ("SubscriptionArn", arn),
                ("Owner", super::ACCOUNT),
                ("Endpoint", email),
            ];
            let fields: String = fields.iter().map(|(name, value)| element(name, value)).collect();
            // Writing to a String cannot fail.
            let _ = write!(members, "<member>{fields}</member>");
        }
        let body = format!(
            "<{action}Response><{action}Result><Subscriptions>{members}</Subscriptions>\
             </{action}Result></{action}Response>"
        );
        ([(CONTENT_TYPE, "text/xml")], body).into_response()
    }
}
