//! Preference events.

use bolero::check;
use fuzz::Body;
use outbound::{Json, PreferenceEvent, called_party::Wish};
use serde_json::Value;

use super::plain;

const SAMPLES: [&str; 4] = [
    r#"{"eventId":"evt-0005","eventType":"contact.opt_out","timestamp":"2026-03-02T10:00:00Z","data":{"phoneNumber":"+12025550112"}}"#,
    r#"{"id":7,"eventType":"contact.do_not_call.add","data":{"contact":{"phoneNumber":"(202) 555-0112"},"channel":"sms","words":"STOP","inferred":true}}"#,
    r#"{"eventType":"contact.opt_out","data":{"phoneNumber":"+12025550112","scope":{"channel":"voice","topic":"sales"},"expiresAt":"2027-03-02T10:00:00Z"}}"#,
    r#"{"eventType":"contact.opt_in","timestamp":"2026-03-02T10:00:00Z","data":{"phoneNumber":"+12025550112","scope":{"channel":"text"},"expiresAt":"2027-03-02T10:00:00Z"}}"#,
];

/// The number of an opt-out that nobody could misread.
fn opted_out(document: &Value) -> Option<&str> {
    let event_type = document["eventType"].as_str()?;
    let is_opt_out = ["contact.opt_out", "contact.do_not_call.add"].contains(&event_type);
    plain(&document["data"]["phoneNumber"]).filter(|_| is_opt_out)
}

/// Whatever else it says.
#[test]
fn an_opt_out_with_a_number_is_one() {
    check!().with_type::<Body>().for_each(|body| {
        let text = body.text(&SAMPLES);
        let Ok(json) = Json::parse(&text) else { return };
        let read = PreferenceEvent::read(&json);
        let Ok(document) = serde_json::from_str::<Value>(&text) else { return };
        let Some(number) = opted_out(&document) else { return };
        let event = read.expect("an opt-out");
        assert_eq!((event.wish, event.phone_number.as_str()), (Wish::OptOut, number));
    });
}

/// What is not plainly a consent permits nothing.
#[test]
fn nothing_else_is_a_consent() {
    check!().with_type::<Body>().for_each(|body| {
        let text = body.text(&SAMPLES);
        let Ok(json) = Json::parse(&text) else { return };
        let Ok(event) = PreferenceEvent::read(&json) else { return };
        if event.wish == Wish::Consent {
            let end = serde_json::from_str::<Value>(&text).ok();
            let is_written = |end: &Value| {
                let end = &end["data"]["expiresAt"];
                end.is_null()
                    || end.as_str().is_some_and(|end| end.chars().all(|c| !c.is_alphanumeric()))
                    || event.expires_at.is_some()
            };
            assert_eq!(event.event_type, "contact.opt_in");
            assert!(end.as_ref().is_none_or(is_written), "{text}");
        }
    });
}
