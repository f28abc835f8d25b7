//! The error message of a refusal: CXone's services write it in four shapes of a body, or in a
//! header.

use std::{borrow::Cow, collections::HashMap};

use serde::Deserialize;

use crate::{
    MessagePlace,
    reading::{self, Raw},
    sender::Answer,
};

/// Fields of a body that describe an error.
const DESCRIPTIONS: [&str; 3] = ["errorDescription", "error_description", "message"];

/// Returns the first message that is found, else the body. What is no refusal has none: its body
/// may hold customers.
pub(super) fn error_message(answer: &Answer) -> Cow<'_, [u8]> {
    if answer.status.is_success() {
        return Cow::Borrowed(b"");
    }
    let in_body = reading::json(&answer.body).ok().and_then(|fields| message(&fields));
    match (in_body, &answer.status_description) {
        (Some(message), _) => Cow::Owned(message.into_bytes()),
        (None, Some(header)) if !header.trim_ascii().is_empty() => Cow::Borrowed(header),
        (None, _) => Cow::Borrowed(&answer.body),
    }
}

/// Returns where the message of a refusal is.
pub(super) fn place(answer: &Answer) -> MessagePlace {
    if answer.status.is_success() {
        return MessagePlace::Nowhere;
    }
    let fields: Option<HashMap<String, Raw>> = reading::json(&answer.body).ok();
    let fields = fields.filter(|fields| message(fields).is_some());
    let has_text = |fields: &HashMap<String, Raw>, name: &str| {
        fields.get(name).is_some_and(|raw| reading::text(raw).is_some())
    };
    match (fields, &answer.status_description) {
        (Some(fields), _) => {
            let mut texts = DESCRIPTIONS.into_iter().chain(["error"]);
            MessagePlace::Field(texts.find(|name| has_text(&fields, name)).unwrap_or("errors"))
        }
        (None, Some(header)) if !header.trim_ascii().is_empty() => MessagePlace::Header,
        (None, _) if answer.body.trim_ascii().is_empty() => MessagePlace::Nowhere,
        (None, _) => MessagePlace::Body,
    }
}

/// The message in the fields of a refusal by the ACD services, by the token endpoint, or by Digital
/// First Omnichannel.
fn message(fields: &HashMap<String, Raw>) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(|raw| reading::text(raw));
    let own = [text("error"), DESCRIPTIONS.into_iter().find_map(text)];
    joined(own.into_iter().flatten(), ": ").or_else(|| {
        let errors: Vec<Raw> = serde_json::from_str(fields.get("errors")?.get()).ok()?;
        let errors = errors.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok());
        joined(errors.filter_map(FieldError::text), "; ")
    })
}

/// A field that Digital First Omnichannel refuses.
#[derive(Deserialize)]
struct FieldError {
    #[serde(default, deserialize_with = "reading::optional_text")]
    field: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    message: Option<String>,
    #[serde(default, rename = "errorCode", deserialize_with = "reading::optional_text")]
    code: Option<String>,
}

impl FieldError {
    fn text(self) -> Option<String> {
        joined([self.field, self.message.or(self.code)].into_iter().flatten(), ": ")
    }
}

/// The parts in one text, `None` when there are none.
fn joined(parts: impl Iterator<Item = String>, separator: &str) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(separator))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::StatusCode;
    use serde_json::{Value, json};

    use super::*;

    fn shown(status: u16, header: Option<&str>, body: &[u8]) -> String {
        let answer = Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            status_description: header.map(|header| header.as_bytes().to_vec()),
            body: body.to_vec(),
        };
        String::from_utf8_lossy(&error_message(&answer)).into_owned()
    }

    #[test]
    fn every_known_shape_is_read() {
        for (body, expected) in [
            (json!({ "error": "InvalidParameter" }), "InvalidParameter"),
            (json!({ "error": "invalid", "errorDescription": "no skill" }), "invalid: no skill"),
            (json!({ "error": "invalid", "error_description": "no skill" }), "invalid: no skill"),
            (json!({ "message": "no skill" }), "no skill"),
            (json!({ "error": null, "message": "no skill" }), "no skill"),
            (json!({ "error": { "code": 4 }, "message": "no skill" }), "no skill"),
            (
                json!({ "errors": [{ "field": "recipients", "message": "not a number" },
                                   { "errorCode": "E7" }, 7], "uid": "1" }),
                "recipients: not a number; E7",
            ),
        ] {
            assert_eq!(shown(400, None, body.to_string().as_bytes()), expected, "{body}");
            let both = shown(400, Some("InvalidParameter"), body.to_string().as_bytes());
            assert_eq!(both, expected, "the body says more than the header");
        }
        assert_eq!(shown(400, Some("InvalidParameter"), b""), "InvalidParameter");
        assert_eq!(shown(400, Some("InvalidParameter"), b"{}"), "InvalidParameter");
        assert_eq!(shown(400, Some(" "), b"<html>"), "<html>");
        assert_eq!(shown(400, None, br#"{"errors":[]}"#), r#"{"errors":[]}"#);
    }

    #[test]
    fn the_place_of_a_message_is_told() {
        let place = |status: u16, header: Option<&str>, body: &[u8]| {
            place(&Answer {
                status: StatusCode::from_u16(status).expect("a status"),
                status_description: header.map(|header| header.as_bytes().to_vec()),
                body: body.to_vec(),
            })
        };
        for (body, expected) in [
            (r#"{"error":"x","errorDescription":"y"}"#, MessagePlace::Field("errorDescription")),
            (r#"{"error":"x","error_description":"y"}"#, MessagePlace::Field("error_description")),
            (r#"{"message":"y"}"#, MessagePlace::Field("message")),
            (r#"{"error":"x"}"#, MessagePlace::Field("error")),
            (r#"{"errors":[{"errorCode":"E7"}]}"#, MessagePlace::Field("errors")),
        ] {
            assert_eq!(place(400, Some("said"), body.as_bytes()), expected, "{body}");
        }
        assert_eq!(place(400, Some("said"), b"{}"), MessagePlace::Header);
        assert_eq!(place(400, Some(" "), b"<html>"), MessagePlace::Body);
        assert_eq!(place(400, None, b" "), MessagePlace::Nowhere);
        assert_eq!(place(200, Some("OK"), br#"{"message":"x"}"#), MessagePlace::Nowhere);
    }

    #[test]
    fn what_is_no_refusal_has_no_message() {
        assert_eq!(shown(200, Some("OK"), br#"{"message":"a customer"}"#), "");
    }

    proptest! {
        /// Whatever the shape, what CXone says is in the message.
        #[test]
        fn no_message_is_lost(
            text in "[a-zA-Z][a-zA-Z ]{0,40}[a-zA-Z]",
            shape in 0..6_usize,
            other in prop_oneof![
                Just(json!(null)), Just(json!("")), Just(json!([1])), Just(json!({ "a": 1 })),
            ],
        ) {
            let body: Value = match shape {
                0 => json!({ "error": text, "uid": other }),
                1 => json!({ "error": other, "errorDescription": text }),
                2 => json!({ "error": other, "error_description": text }),
                3 => json!({ "errorDescription": other, "message": text }),
                4 => json!({ "error": other, "errors": [other, { "message": text }] }),
                _ => other,
            };
            let header = if shape == 5 { Some(text.as_str()) } else { None };
            let message = shown(422, header, body.to_string().as_bytes());
            prop_assert!(message.contains(&text), "{message} of {body}");
        }

        #[test]
        fn reading_never_panics(body: Vec<u8>, status in 300..600_u16) {
            shown(status, None, &body);
        }
    }
}
