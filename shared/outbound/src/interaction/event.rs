//! The event that a webhook was sent.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Channel;
use crate::{
    Json,
    fields::{id, instant, is_id},
};

/// Deepest nesting of an event. Consumers get its data one level deeper, and many a reader of JSON
/// takes no more than 127.
const LEVELS_MAX: usize = 126;

/// An event of an interaction, with everything that its sender reported.
#[derive(Debug, Clone, PartialEq)]
pub struct InteractionEvent {
    /// The interaction, from `data.id`. Opaque, 1 to 128 characters without control characters.
    pub id: String,
    /// Type of the event, such as `interaction.completed`.
    pub event_type: String,
    /// Time of the event, as it was sent.
    pub timestamp: String,
    /// Time of the event.
    pub occurred_at: DateTime<Utc>,
    /// The channel, from `data.channelType`.
    pub channel: Channel,
    /// The whole event. `data` is an object.
    pub document: Value,
}

impl InteractionEvent {
    /// Reads `{eventType, timestamp, data: {id, channelType, …}}`. Blank fields count as left out,
    /// an id that is a number as its text.
    pub fn read(document: &Json<'_>) -> Result<Self, UnreadableInteraction> {
        use UnreadableInteraction as Unreadable;
        let event = document.fields().ok_or(Unreadable::NotAnObject)?;
        let data = event.get("data").ok_or(Unreadable::MissingData)?;
        let data = data.fields().ok_or(Unreadable::MissingData)?;
        let interaction = data.filled("id").as_ref().and_then(id).ok_or(Unreadable::MissingId)?;
        let refused = |why: fn(String) -> Unreadable| why(interaction.clone());
        let text = |field: Option<Json<'_>>| field?.text().filter(|text| is_id(text));
        let channel = text(data.filled("channelType"))
            .ok_or_else(|| refused(Unreadable::MissingChannelType))?;
        let event_type =
            text(event.filled("eventType")).ok_or_else(|| refused(Unreadable::MissingEventType))?;
        let timestamp = event.filled("timestamp");
        let (timestamp, occurred_at) = timestamp
            .and_then(|timestamp| timestamp.text().zip(instant(&timestamp)))
            .ok_or_else(|| refused(Unreadable::MissingTimestamp))?;
        let document = document.value(LEVELS_MAX).ok_or_else(|| refused(Unreadable::TooDeep))?;
        let channel = channel.as_str().into();
        Ok(Self { id: interaction, event_type, timestamp, occurred_at, channel, document })
    }

    /// Identity of an event: the list of id, event type and timestamp. In a text of the three, an
    /// id with the separator in it would pass for another.
    pub fn key(&self) -> Value {
        json!([self.id, self.event_type, self.timestamp])
    }
}

/// Reason why a document is not an interaction event. Where the interaction is known, its id is
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
    /// `data.channelType` is absent, blank, or cannot be a name.
    #[error(
        "data.channelType is missing; it must be a text such as voice, chat or sms, of at most 128 \
         characters without control characters"
    )]
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
    /// Lists and objects nest too deep.
    #[error("lists and objects must nest at most {LEVELS_MAX} levels deep")]
    TooDeep(String),
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
            Self::TooDeep(_) => "too_deep",
        }
    }

    /// The interaction, if the document named it.
    pub fn interaction_id(&self) -> Option<String> {
        match self {
            Self::NotAnObject | Self::MissingData | Self::MissingId => None,
            Self::MissingChannelType(id)
            | Self::MissingEventType(id)
            | Self::MissingTimestamp(id)
            | Self::TooDeep(id) => Some(id.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
