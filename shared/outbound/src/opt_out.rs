//! Opt-outs: the event a contact center sends, and the request to list a number it becomes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    E164, Fields, Json,
    fields::{id, instant},
    interaction::Channel,
};

const EVENT_TYPES: [&str; 2] = ["contact.opt_out", "contact.do_not_call.add"];

/// An opt-out event, read as far as it can be without judging the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOutEvent {
    /// `contact.opt_out` or `contact.do_not_call.add`.
    pub event_type: &'static str,
    /// The sender's id of the event, from `eventId` or `id`, 1 to 128 characters. Many senders give
    /// none.
    pub event_id: Option<String>,
    /// Time of the customer's request, from `timestamp`, in the past or in the future. Absent or
    /// unreadable times are `None`.
    pub occurred_at: Option<DateTime<Utc>>,
    /// The number as it was written, from `data.phoneNumber` or `data.contact.phoneNumber`.
    pub phone_number: String,
    /// Message with which the customer opted out, from `data.channel`, `data.words` and
    /// `data.inferred`.
    pub evidence: Evidence,
}

/// Message with which a customer opted out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// Channel of the message.
    pub channel: Option<Channel>,
    /// Text of the message, as it was written.
    pub words: Option<String>,
    /// True if the text asks in other words than the known keywords.
    pub inferred: bool,
}

impl Evidence {
    /// Longest text that is kept, in characters.
    pub const WORDS_MAX: usize = 1_000;

    /// The evidence of a message, its text cut to [`Self::WORDS_MAX`].
    pub fn of_message(channel: Channel, text: &str, inferred: bool) -> Self {
        let words = text.chars().take(Self::WORDS_MAX).collect();
        Self { channel: Some(channel), words: Some(words), inferred }
    }

    fn read(data: &Fields<'_>) -> Self {
        let text = |name| data.filled(name)?.text();
        let words = text("words");
        Self {
            channel: text("channel").map(Channel::from),
            words: words.map(|words| words.chars().take(Self::WORDS_MAX).collect()),
            inferred: data.filled("inferred").is_some_and(|it| it.as_written() == "true"),
        }
    }
}

impl OptOutEvent {
    /// Reads the event out of a JSON document.
    pub fn read(document: &Json<'_>) -> Result<Self, UnreadableEvent> {
        let event = document.fields().ok_or(UnreadableEvent::NotAnObject)?;
        let event_type = event.filled("eventType").ok_or(UnreadableEvent::MissingEventType)?;
        let event_type = event_type
            .text()
            .and_then(|text| EVENT_TYPES.into_iter().find(|known| *known == text))
            .ok_or(UnreadableEvent::UnknownEventType)?;
        let data = event.get("data");
        let data = data.as_ref().and_then(Json::fields);
        let phone_number = data.as_ref().and_then(written_number);
        let phone_number = phone_number.ok_or(UnreadableEvent::MissingPhoneNumber)?;
        let id = |name| id(&event.filled(name)?);
        Ok(Self {
            event_type,
            event_id: id("eventId").or_else(|| id("id")),
            occurred_at: event.get("timestamp").as_ref().and_then(instant),
            phone_number,
            evidence: data.as_ref().map(Evidence::read).unwrap_or_default(),
        })
    }

    /// Reason for the listing: a message if its words are known.
    pub fn reason(&self) -> DncReason {
        if self.evidence.words.is_some() {
            DncReason::MessageOptOut
        } else {
            DncReason::WebhookOptOut
        }
    }
}

/// The number in `data`, or else that of the contact in it.
fn written_number(data: &Fields<'_>) -> Option<String> {
    if let Some(number) = data.filled("phoneNumber") {
        return Some(number_text(&number));
    }
    Some(number_text(&data.get("contact")?.fields()?.filled("phoneNumber")?))
}

/// A number as text. Senders that write it as a JSON number, a list or an object still named a
/// customer who must not be called: what they wrote is kept for a person to read.
fn number_text(value: &Json<'_>) -> String {
    value.spelled().unwrap_or_else(|| value.as_written().to_owned())
}

/// Reason why a document is not an opt-out event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableEvent {
    /// The document is a list, a text or a number.
    #[error("the event must be a JSON object")]
    NotAnObject,
    /// `eventType` is absent.
    #[error("eventType is missing; expected contact.opt_out or contact.do_not_call.add")]
    MissingEventType,
    /// `eventType` names something else.
    #[error("eventType must be contact.opt_out or contact.do_not_call.add")]
    UnknownEventType,
    /// Neither place holds a number.
    #[error("data.phoneNumber, or data.contact.phoneNumber, is missing")]
    MissingPhoneNumber,
}

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
    /// The customer opted out in a message.
    MessageOptOut,
    /// An agent closed a call with a do-not-call disposition.
    DispositionDoNotCall,
}

impl DncReason {
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
mod tests;
