//! Preference events, which a contact center sends: a called party opts out, or consents again.

use chrono::{DateTime, Utc};

use crate::{
    DncReason, Fields, Json,
    called_party::{self, Fact, Scope, Wish},
    fields::{id, instant},
    interaction::Channel,
    law::Kind,
};

/// Types of event, each with the wish that it states.
const EVENT_TYPES: [(&str, Wish); 3] = [
    ("contact.opt_out", Wish::OptOut),
    ("contact.do_not_call.add", Wish::OptOut),
    ("contact.opt_in", Wish::Consent),
];

/// A preference event, read as far as it can be without judging the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreferenceEvent {
    /// `contact.opt_out`, `contact.do_not_call.add` or `contact.opt_in`.
    pub event_type: &'static str,
    /// The wish of the called party.
    pub wish: Wish,
    /// The contacts that it covers, from `data.scope`. An opt-out whose scope cannot be read covers
    /// everything.
    pub scope: Scope,
    /// First instant at which it no longer counts, from `data.expiresAt`. An opt-out whose end
    /// cannot be read has none.
    pub expires_at: Option<DateTime<Utc>>,
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

impl PreferenceEvent {
    /// Reads the event out of a JSON document.
    pub fn read(document: &Json<'_>) -> Result<Self, UnreadableEvent> {
        let event = document.fields().ok_or(UnreadableEvent::NotAnObject)?;
        let event_type = event.filled("eventType").ok_or(UnreadableEvent::MissingEventType)?;
        let (event_type, wish) = event_type
            .text()
            .and_then(|text| EVENT_TYPES.into_iter().find(|(known, _)| *known == text))
            .ok_or(UnreadableEvent::UnknownEventType)?;
        let data = event.get("data");
        let data = data.as_ref().and_then(Json::fields);
        let data = data.ok_or(UnreadableEvent::MissingPhoneNumber)?;
        let phone_number = written_number(&data).ok_or(UnreadableEvent::MissingPhoneNumber)?;
        let (scope, expires_at) = match (scope(&data), end(&data)) {
            (Ok(scope), Ok(expires_at)) => (scope, expires_at),
            _ if wish == Wish::Consent => return Err(UnreadableEvent::MalformedConsent),
            (scope, expires_at) => (scope.unwrap_or_default(), expires_at.unwrap_or_default()),
        };
        let id = |name| id(&event.filled(name)?);
        Ok(Self {
            event_type,
            wish,
            scope,
            expires_at,
            event_id: id("eventId").or_else(|| id("id")),
            occurred_at: event.get("timestamp").as_ref().and_then(instant),
            phone_number,
            evidence: Evidence::read(&data),
        })
    }

    /// Returns whether the number goes on the do-not-call list, which knows no scope and no end: an
    /// opt-out from calls about everything does.
    pub fn is_listed(&self) -> bool {
        let covers_calls = self.scope.channel != Some(called_party::Channel::Text);
        self.wish == Wish::OptOut && covers_calls && self.scope.topic.is_none()
    }

    /// The fact that the event states, at the time of arrival unless an earlier one is known.
    pub fn into_fact(self, event_id: String, received_at: DateTime<Utc>) -> Fact {
        Fact {
            wish: self.wish,
            scope: self.scope,
            at: self.occurred_at.map_or(received_at, |at| at.min(received_at)),
            event_id,
            event_type: self.event_type.to_owned(),
            words: self.evidence.words,
            expires_at: self.expires_at,
        }
    }

    /// Reason for the listing.
    pub fn reason(&self) -> DncReason {
        DncReason::of_channel(self.evidence.channel.as_ref())
    }
}

/// End of a wish. What is absent has no end.
fn end(data: &Fields<'_>) -> Result<Option<DateTime<Utc>>, Malformed> {
    data.get("expiresAt").map(|end| instant(&end).ok_or(Malformed)).transpose()
}

/// A scope or an end that cannot be read.
#[derive(Debug)]
struct Malformed;

/// Scope of a wish, such as `{"channel": "text", "topic": "sales"}`, both parts optional. What is
/// absent covers everything, and what is blank is not absent: a template that fills in nothing must not
/// widen a consent. A topic is a kind of call, since no other is ever looked for.
fn scope(data: &Fields<'_>) -> Result<Scope, Malformed> {
    let Some(scope) = data.get("scope") else { return Ok(Scope::default()) };
    let scope = scope.fields().ok_or(Malformed)?;
    if scope.names().any(|name| !["channel", "topic"].contains(&name)) {
        return Err(Malformed);
    }
    let part = |name| scope.get(name).map(|part| part.text().ok_or(Malformed)).transpose();
    let channel = part("channel")?.map(|channel| match channel.as_str() {
        "voice" => Ok(called_party::Channel::Voice),
        "text" => Ok(called_party::Channel::Text),
        _ => Err(Malformed),
    });
    let topic = part("topic")?.map(|topic| topic.parse::<Kind>().map_err(|_| Malformed));
    let topic = topic.transpose()?.map(|kind| kind.to_string());
    Ok(Scope { channel: channel.transpose()?, topic })
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

/// Reason why a document is not a preference event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableEvent {
    /// The document is a list, a text or a number.
    #[error("the event must be a JSON object")]
    NotAnObject,
    /// `eventType` is absent.
    #[error(
        "eventType is missing; expected contact.opt_out, contact.do_not_call.add or contact.opt_in"
    )]
    MissingEventType,
    /// `eventType` names something else.
    #[error("eventType must be contact.opt_out, contact.do_not_call.add or contact.opt_in")]
    UnknownEventType,
    /// Neither place holds a number.
    #[error("data.phoneNumber, or data.contact.phoneNumber, is missing")]
    MissingPhoneNumber,
    /// It is a consent, and its scope or its end cannot be read.
    #[error(
        "data.scope or data.expiresAt of a consent cannot be read; a scope has the fields channel \
         (voice or text) and topic (sales, service, debt, research, fundraising, automated or \
         text), and an end is in RFC 3339"
    )]
    MalformedConsent,
}

#[cfg(test)]
mod tests;
