//! Interaction events.

use bolero::check;
use chrono::DateTime;
use fuzz::Body;
use outbound::{Json, interaction::InteractionEvent};
use serde_json::Value;

use super::plain;

const SAMPLES: [&str; 2] = [
    r#"{"eventType":"interaction.completed","timestamp":"2026-03-02T10:00:00Z","data":{"id":"int-1","channelType":"voice","customer":{"phoneNumber":"+12025550112"},"wrapUp":{"notes":"~/"}}}"#,
    r#"{"eventType":"message.created","timestamp":"2026-03-02T10:00:00.5-05:00","data":{"id":17,"channelType":"sms","direction":"inbound","message":{"body":"STOP","direction":"inbound"}}}"#,
];

#[test]
fn an_event_that_can_be_told_from_others_is_read_whole() {
    check!().with_type::<Body>().for_each(|body| {
        let text = body.text(&SAMPLES);
        let Ok(json) = Json::parse(&text) else { return };
        let read = InteractionEvent::read(&json);
        let Ok(document) = serde_json::from_str::<Value>(&text) else { return };
        let data = &document["data"];
        let (id, channel) = (plain(&data["id"]), plain(&data["channelType"]));
        let (kind, time) = (plain(&document["eventType"]), plain(&document["timestamp"]));
        let Some(((id, _), (kind, time))) = id.zip(channel).zip(kind.zip(time)) else { return };
        let Ok(occurred_at) = DateTime::parse_from_rfc3339(time) else { return };
        match read {
            Ok(event) => {
                assert_eq!((event.id.as_str(), event.event_type.as_str()), (id, kind));
                assert_eq!(event.occurred_at, occurred_at.to_utc());
                assert_eq!(event.document, document, "{text}");
            }
            Err(refused) => assert!(format!("{refused:?}").starts_with("TooDeep"), "{text}"),
        }
    });
}
