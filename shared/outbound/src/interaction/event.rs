//! The event that a webhook was sent.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::Channel;
use crate::fields::{filled, instant, is_id, spelled};

/// Something that happened in an interaction, with all that its sender told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct InteractionEvent {
    /// The interaction, from `data.id`. Opaque, 1 to 128 characters without control characters.
    pub id: String,
    /// What happened, such as `interaction.completed`.
    pub event_type: String,
    /// When it happened, as it was sent.
    pub timestamp: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// The channel, from `data.channelType`.
    pub channel: Channel,
    /// The whole event. `data` is an object.
    pub document: Value,
}

impl InteractionEvent {
    /// Reads `{eventType, timestamp, data: {id, channelType, …}}`. Blank fields count as left out,
    /// an id that is a number as its text.
    pub fn read(document: &Value) -> Result<Self, UnreadableInteraction> {
        use UnreadableInteraction as Unreadable;
        let event = document.as_object().ok_or(Unreadable::NotAnObject)?;
        let data = event.get("data").and_then(Value::as_object).ok_or(Unreadable::MissingData)?;
        let id = filled(data, "id").and_then(spelled).filter(|id| is_id(id));
        let id = id.ok_or(Unreadable::MissingId)?;
        let channel = filled_text(data, "channelType")
            .ok_or_else(|| Unreadable::MissingChannelType(id.clone()))?;
        let event_type = filled_text(event, "eventType")
            .filter(|event_type| is_id(event_type))
            .ok_or_else(|| Unreadable::MissingEventType(id.clone()))?;
        let (timestamp, occurred_at) = filled_text(event, "timestamp")
            .zip(event.get("timestamp").and_then(instant))
            .ok_or_else(|| Unreadable::MissingTimestamp(id.clone()))?;
        Ok(Self {
            id,
            event_type: event_type.to_owned(),
            timestamp: timestamp.to_owned(),
            occurred_at,
            channel: channel.into(),
            document: document.clone(),
        })
    }

    /// What makes two events the same one: `id:eventType:timestamp`.
    pub fn key(&self) -> String {
        format!("{}:{}:{}", self.id, self.event_type, self.timestamp)
    }
}

fn filled_text<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    filled(fields, field)?.as_str()
}

/// Why a document is not an event of an interaction. Where the interaction is known, its id is
/// kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableInteraction {
    /// The document is a list, a text or a number.
    #[error("the event must be a JSON object")]
    NotAnObject,
    /// `data` is absent or no object.
    #[error("data is missing; it must be an object with id and channelType")]
    MissingData,
    /// `data.id` is absent, blank, or cannot be an id.
    #[error("data.id is missing; it must be 1 to 128 characters without control characters")]
    MissingId,
    /// `data.channelType` is absent, blank or no text.
    #[error("data.channelType is missing; it must be a text, such as voice, chat or sms")]
    MissingChannelType(String),
    /// `eventType` is absent, blank, or cannot be a type.
    #[error(
        "eventType is missing; it must be a text such as interaction.created, of at most 128 \
         characters without control characters"
    )]
    MissingEventType(String),
    /// `timestamp` is absent, blank or no instant.
    #[error(
        "timestamp is missing; it must be an RFC 3339 instant with its offset, \
         such as 2026-03-10T14:30:00-04:00"
    )]
    MissingTimestamp(String),
}

impl UnreadableInteraction {
    /// The reason as a word that never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::MissingData => "missing_data",
            Self::MissingId => "missing_id",
            Self::MissingChannelType(_) => "missing_channel_type",
            Self::MissingEventType(_) => "missing_event_type",
            Self::MissingTimestamp(_) => "missing_timestamp",
        }
    }

    /// The interaction, if the document named it.
    pub fn interaction_id(&self) -> Option<String> {
        match self {
            Self::NotAnObject | Self::MissingData | Self::MissingId => None,
            Self::MissingChannelType(id)
            | Self::MissingEventType(id)
            | Self::MissingTimestamp(id) => Some(id.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
