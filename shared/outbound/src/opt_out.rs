//! Requests to put a number on the do-not-call list.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{E164, interaction::Channel};

/// One number to be put on the DNC list: the message on the DNC queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DncRequest {
    /// The number that must not be called.
    pub phone_number: E164,
    /// Origin of the request.
    pub reason: DncReason,
    /// The event that asked for it.
    pub event_id: String,
    /// Time at which the request was accepted. Older requests go first.
    pub requested_at: DateTime<Utc>,
}

/// Reason for a listing on the DNC list, in the words CXone stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DncReason {
    /// The customer opted out, reported by a webhook.
    WebhookOptOut,
    /// The customer opted out in a text message.
    MessageOptOut,
    /// An agent closed a call with a do-not-call disposition.
    DispositionDoNotCall,
}

impl DncReason {
    /// Reason for an opt-out that came by this channel.
    pub fn of_channel(channel: Option<&Channel>) -> Self {
        if channel == Some(&Channel::Sms) { Self::MessageOptOut } else { Self::WebhookOptOut }
    }

    /// Reason for an opt-out that an event of this type stated.
    pub fn of_event_type(event_type: &str) -> Self {
        let reasons = [Self::MessageOptOut, Self::DispositionDoNotCall];
        let named = reasons.into_iter().find(|reason| reason.as_str() == event_type);
        named.unwrap_or(Self::WebhookOptOut)
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebhookOptOut => "webhook_opt_out",
            Self::MessageOptOut => "message_opt_out",
            Self::DispositionDoNotCall => "disposition_do_not_call",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_the_queue() {
        let request = DncRequest {
            phone_number: "+12025550198".parse().expect("E.164"),
            reason: DncReason::WebhookOptOut,
            event_id: "evt-1".into(),
            requested_at: "2026-03-02T09:00:00Z".parse().expect("a time"),
        };
        let message = serde_json::to_value(&request).expect("it serializes");
        assert_eq!(message["reason"], request.reason.as_str());
        assert_eq!(serde_json::from_value::<DncRequest>(message).expect("it reads back"), request);
    }
}
