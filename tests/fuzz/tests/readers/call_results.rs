//! Call results.

use bolero::check;
use chrono::DateTime;
use fuzz::Body;
use outbound::{Json, disposition::CallResult};
use serde_json::Value;

use super::plain;

const SAMPLES: [&str; 2] = [
    r#"{"contactId":"contact-1001","dispositionCode":"DO_NOT_CALL","callResult":"completed","timestamp":"2026-03-02T10:00:00Z"}"#,
    r#"{"contactId":4711,"dispositionCode":1042,"deliveryId":"d-1","timestamp":"yesterday"}"#,
];

/// Whatever else it says: its code may be that of a customer who must not be called again.
#[test]
fn a_result_with_a_contact_and_a_code_is_one() {
    check!().with_type::<Body>().for_each(|body| {
        let text = body.text(&SAMPLES);
        let Ok(json) = Json::parse(&text) else { return };
        let read = CallResult::read(&json);
        let Ok(document) = serde_json::from_str::<Value>(&text) else { return };
        let (contact, code) = (plain(&document["contactId"]), plain(&document["dispositionCode"]));
        let Some((contact, code)) = contact.zip(code) else { return };
        let result = read.expect("a call result");
        assert_eq!((result.contact_id.as_str(), result.disposition_code.as_str()), (contact, code));
        let written = plain(&document["timestamp"]);
        if let Some(Ok(time)) = written.map(DateTime::parse_from_rfc3339) {
            assert_eq!(result.timestamp, Some(time.to_utc()), "{text}");
        }
    });
}
