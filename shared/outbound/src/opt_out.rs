//! Opt-outs: the event a contact center sends, and the request to list a number it becomes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    E164, Json,
    fields::{id, instant},
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
        let phone_number = event
            .get("data")
            .and_then(|data| written_number(&data))
            .ok_or(UnreadableEvent::MissingPhoneNumber)?;
        let id = |name| id(&event.filled(name)?);
        Ok(Self {
            event_type,
            event_id: id("eventId").or_else(|| id("id")),
            occurred_at: event.get("timestamp").as_ref().and_then(instant),
            phone_number,
        })
    }
}

/// The number in `data`, or else that of the contact in it.
fn written_number(data: &Json<'_>) -> Option<String> {
    let data = data.fields()?;
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
    /// An agent closed a call with a do-not-call disposition.
    DispositionDoNotCall,
}

impl DncReason {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebhookOptOut => "webhook_opt_out",
            Self::DispositionDoNotCall => "disposition_do_not_call",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(document: &Value) -> Result<OptOutEvent, UnreadableEvent> {
        OptOutEvent::read(&document.into())
    }

    #[test]
    fn both_shapes_of_the_event_are_read() {
        let flat = json!({
            "eventId": "evt-1",
            "eventType": "contact.opt_out",
            "timestamp": "2026-03-02T10:00:00+01:00",
            "data": { "phoneNumber": "(202) 555-0198" },
        });
        let event = read(&flat).expect("a readable event");
        assert_eq!(event.phone_number, "(202) 555-0198");
        assert_eq!(event.event_id.as_deref(), Some("evt-1"));
        assert_eq!(
            event.occurred_at.map(|at| at.to_rfc3339()).as_deref(),
            Some("2026-03-02T09:00:00+00:00")
        );

        let nested = json!({
            "eventType": "contact.do_not_call.add",
            "data": { "contact": { "phoneNumber": "+442079460018" } },
        });
        let event = read(&nested).expect("a readable event");
        assert_eq!(event.event_type, "contact.do_not_call.add");
        assert_eq!(event.phone_number, "+442079460018");
        assert_eq!((event.event_id, event.occurred_at), (None, None));
    }

    #[test]
    fn a_number_of_another_type_is_kept_as_it_was_written() {
        let event =
            json!({ "eventType": "contact.opt_out", "data": { "phoneNumber": 2_025_550_198_u64 } });
        assert_eq!(read(&event).expect("readable").phone_number, "2025550198");
    }

    #[test]
    fn an_event_is_read_as_leniently_as_it_was_written() {
        let event = |event_id: &str, number: &str| {
            let text = format!(
                "\u{feff}{{\"eventType\":\"contact.opt_out\\u00a0\",\"eventId\":{event_id},\"id\":\"spare\",\
                 \"data\":{{\"phoneNumber\":{number},\"note\":\"thanks \\ud83d\",\"size\":1e400}}}}"
            );
            OptOutEvent::read(&Json::parse(&text).expect("JSON")).expect("readable")
        };
        for (event_id, read_as) in [
            ("987654", "987654"),
            ("9876543210987654321098", "9876543210987654321098"),
            ("\" evt-1\\u200b\"", "evt-1"),
            ("\"\"", "spare"),
            ("null", "spare"),
            ("[1]", "spare"),
        ] {
            let read = event(event_id, "1").event_id;
            assert_eq!(read.as_deref(), Some(read_as), "{event_id}");
        }
        let long = format!("\"{}\"", "x".repeat(129));
        assert_eq!(event(&long, "1").event_id.as_deref(), Some("spare"));
        for (number, read_as) in [
            ("4930123456.0", "4930123456"),
            ("2.025550110e9", "2025550110"),
            ("\" +1 202 555 0110 \"", "+1 202 555 0110"),
            ("[\"+12025550110\"]", "[\"+12025550110\"]"),
        ] {
            assert_eq!(event("1", number).phone_number, read_as);
        }
    }

    #[test]
    fn a_time_that_is_not_rfc_3339_is_left_out() {
        for timestamp in ["yesterday", "-262143-01-01T00:00:00Z", "0000-01-01T00:00:00+14:00"] {
            let event = json!({
                "eventType": "contact.opt_out",
                "timestamp": timestamp,
                "data": { "phoneNumber": "+12025550198" },
            });
            let event = read(&event).expect("readable");
            assert_eq!(event.occurred_at, None, "{timestamp}");
        }
    }

    #[test]
    fn a_blank_number_falls_back_to_the_contact() {
        let event = json!({
            "eventType": "contact.opt_out",
            "data": { "phoneNumber": " ", "contact": { "phoneNumber": "+12025550198" } },
        });
        assert_eq!(read(&event).expect("readable").phone_number, "+12025550198");
    }

    #[test]
    fn what_is_not_an_event_is_refused_with_the_reason() {
        let refused = |document: Value| read(&document).expect_err("it is no event");
        assert_eq!(refused(json!([1])), UnreadableEvent::NotAnObject);
        assert_eq!(refused(json!({})), UnreadableEvent::MissingEventType);
        assert_eq!(refused(json!({ "eventType": " " })), UnreadableEvent::MissingEventType);
        assert_eq!(refused(json!({ "eventType": 7 })), UnreadableEvent::UnknownEventType);
        let without_number = json!({ "eventType": "contact.opt_out", "data": "x" });
        assert_eq!(refused(without_number), UnreadableEvent::MissingPhoneNumber);
    }

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
