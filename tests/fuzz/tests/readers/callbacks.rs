//! Callback requests.

use bolero::check;
use chrono::{DateTime, Utc};
use fuzz::Body;
use outbound::{Json, Region, callback::CallbackRequest};
use serde_json::Value;

use super::plain;

const SAMPLES: [&str; 2] = [
    r#"{"phoneNumber":"+12025550143","requestedStart":"2026-03-02T15:00:00Z","requestedEnd":"2026-03-02T18:00:00Z","campaignId":"campaign-1","language":"en-US"}"#,
    r#"{"phoneNumber":"030 12345678","requestedStart":"2026-03-02T15:00:00+01:00","requestedEnd":"2026-03-02T18:00:00.25+01:00","campaignId":"17","language":"de","timezone":"Europe/Berlin","place":{"country":"DE"}}"#,
];

fn now() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().expect("RFC 3339")
}

#[test]
fn a_request_is_for_the_number_and_the_time_that_it_names() {
    check!().with_type::<Body>().for_each(|body| {
        let text = body.text(&SAMPLES);
        let Ok(json) = Json::parse(&text) else { return };
        let region: Region = "US".parse().expect("a region");
        let Ok(request) = CallbackRequest::read(&json, region, now()) else { return };
        let Ok(document) = serde_json::from_str::<Value>(&text) else { return };
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        if let Some(written) = plain(&document["phoneNumber"]).filter(|it| it.starts_with('+')) {
            assert_eq!(digits(written), digits(request.number.as_str()), "{text}");
        }
        let start = plain(&document["requestedStart"]).map(DateTime::parse_from_rfc3339);
        if let Some(Ok(start)) = start {
            assert!(request.window.start() >= start.to_utc(), "{text}");
        }
        assert!(request.window.start() < request.window.end(), "{text}");
    });
}

#[test]
fn a_refusal_says_why_and_repeats_no_number() {
    check!().with_type::<Body>().for_each(|body| {
        let text = body.text(&SAMPLES);
        let Ok(json) = Json::parse(&text) else { return };
        let region: Region = "US".parse().expect("a region");
        let Err(problems) = CallbackRequest::read(&json, region, now()) else { return };
        assert!(!problems.is_empty(), "{text}");
        let words = format!("{problems:?}");
        for digits in ["2025550143", "12345678"] {
            assert!(!words.contains(digits), "{text}: {words}");
        }
    });
}
