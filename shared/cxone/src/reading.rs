//! Lenient reading of CXone's answers: ids and numbers in any JSON spelling, bodies with a byte
//! order mark or stray bytes.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A JSON value as it was written. Numbers of any size keep all their digits.
pub(crate) type Raw = Box<RawValue>;

/// Reads a body. Bytes that are not UTF-8 are replaced, so that one name in another encoding does
/// not cost the whole answer.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    let text = String::from_utf8_lossy(body);
    serde_json::from_str(text.trim_start_matches('\u{FEFF}'))
}

/// The id in a field of a body. `None` when there is none that can be read.
pub(crate) fn id(body: &[u8], field: &str) -> Option<String> {
    let fields: HashMap<String, Raw> = json(body).ok()?;
    text(fields.get(field)?)
}

/// A text, or a number as its text. What is blank or anything else is no text.
pub(crate) fn text(raw: &RawValue) -> Option<String> {
    let json = raw.get();
    let text = if json.starts_with('"') {
        serde_json::from_str(json).ok()?
    } else if json.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        json.to_owned()
    } else {
        return None;
    };
    (!text.trim().is_empty()).then_some(text)
}

/// A number, also one in quotes. `None` when it is not finite, or is no number.
pub(crate) fn number(raw: &RawValue) -> Option<f64> {
    text(raw)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// A count, also one in quotes or written as `3.0`. `None` when it is negative, or is no number.
pub(crate) fn count(raw: &RawValue) -> Option<u64> {
    let exact = text(raw).and_then(|text| text.trim().parse().ok());
    exact.or_else(|| number(raw).filter(|number| *number >= 0.0).map(whole))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast ends at zero and at the greatest number, which is what is wanted"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

/// Yes or no, also in quotes and in any case. `None` when it is neither.
pub(crate) fn flag(raw: &RawValue) -> Option<bool> {
    let json = raw.get();
    match text(raw).as_deref().unwrap_or(json).trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// An instant in ISO 8601. One without an offset is in UTC; one without a time is midnight.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let naive = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let instant = DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc()).ok();
    instant.or_else(|| {
        let midnight = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
        let local = naive("%Y-%m-%dT%H:%M:%S%.f").or_else(|| naive("%Y-%m-%d %H:%M:%S%.f"));
        Some(local.or_else(midnight)?.and_utc())
    })
}

/// Reads a field with [`flag`].
pub(crate) fn optional_flag<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    Raw::deserialize(deserializer).map(|raw| flag(&raw))
}

/// Reads a field with [`text`].
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Raw::deserialize(deserializer).map(|raw| text(&raw))
}

/// Reads a field with [`count`].
pub(crate) fn optional_count<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    Raw::deserialize(deserializer).map(|raw| count(&raw))
}

/// Reads a field with [`number`].
pub(crate) fn optional_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<f64>, D::Error> {
    Raw::deserialize(deserializer).map(|raw| number(&raw))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn raw(json: &str) -> Raw {
        RawValue::from_string(json.to_owned()).expect(json)
    }

    #[test]
    fn an_id_is_its_text_however_it_is_written() {
        for (json, expected) in [
            (r#""s-1""#, Some("s-1")),
            ("4711", Some("4711")),
            ("-1", Some("-1")),
            ("123456789012345678901234567890", Some("123456789012345678901234567890")),
            ("1.0", Some("1.0")),
            (r#""""#, None),
            (r#"" \u00a0""#, None),
            (r#""\ud800""#, None),
            ("null", None),
            ("true", None),
            ("[1]", None),
            (r#"{"id":1}"#, None),
        ] {
            assert_eq!(text(&raw(json)).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn a_number_may_be_in_quotes_and_must_be_finite() {
        for (json, expected) in [
            ("3600", Some(3600.0)),
            ("3600.0", Some(3600.0)),
            (r#"" 3600 ""#, Some(3600.0)),
            ("-1", Some(-1.0)),
            ("1e400", None),
            (r#""inf""#, None),
            (r#""NaN""#, None),
            (r#""soon""#, None),
            ("null", None),
        ] {
            assert_eq!(number(&raw(json)), expected, "{json}");
        }
    }

    #[test]
    fn a_count_is_whole_and_never_negative() {
        for (json, expected) in [
            ("3", Some(3)),
            ("3.0", Some(3)),
            ("2.9", Some(2)),
            (r#""3""#, Some(3)),
            ("18446744073709551615", Some(u64::MAX)),
            ("1e300", Some(u64::MAX)),
            ("-0.5", None),
            ("-3", None),
            ("null", None),
            ("[3]", None),
        ] {
            assert_eq!(count(&raw(json)), expected, "{json}");
        }
    }

    #[test]
    fn a_flag_may_be_in_quotes() {
        for (json, expected) in [
            ("true", Some(true)),
            (r#""True""#, Some(true)),
            ("false", Some(false)),
            (r#"" false ""#, Some(false)),
            ("1", None),
            ("null", None),
            (r#""""#, None),
        ] {
            assert_eq!(flag(&raw(json)), expected, "{json}");
        }
    }

    #[test]
    fn an_instant_without_an_offset_is_in_utc() {
        for (text, expected) in [
            ("2026-07-01T15:30:00.000Z", Some("2026-07-01T15:30:00Z")),
            ("2026-07-01T11:30:00-04:00", Some("2026-07-01T15:30:00Z")),
            ("2026-07-01T15:30:00", Some("2026-07-01T15:30:00Z")),
            ("2026-07-01 15:30:00.5", Some("2026-07-01T15:30:00.500Z")),
            ("2026-07-01", Some("2026-07-01T00:00:00Z")),
            ("", None),
            ("07/01/2026", None),
            ("2026-13-01", None),
        ] {
            let expected = expected.map(|text| text.parse::<DateTime<Utc>>().expect("an instant"));
            assert_eq!(instant(text), expected, "{text}");
        }
    }

    #[test]
    fn a_body_may_begin_with_a_byte_order_mark_and_hold_stray_bytes() {
        let body = b"\xEF\xBB\xBF{\"name\":\"Ren\xE9\",\"id\":7}";
        assert_eq!(id(body, "id").as_deref(), Some("7"));
        assert_eq!(id(b"<html>", "id"), None);
        assert_eq!(id(b"[{\"id\":7}]", "id"), None);
    }

    proptest! {
        /// Against the reader of `serde_json` for values it can hold exactly.
        #[test]
        fn an_id_is_what_another_reader_finds(
            id_text in "[ -~]{0,20}",
            id_number: u64,
            is_text: bool,
            field in "[a-zA-Z]{1,12}",
        ) {
            let body = if is_text {
                json!({ &field: id_text })
            } else {
                json!({ &field: id_number })
            };
            let expected = match &body[&field] {
                Value::String(text) if text.trim().is_empty() => None,
                Value::String(text) => Some(text.clone()),
                number => Some(number.to_string()),
            };
            prop_assert_eq!(id(body.to_string().as_bytes(), &field), expected);
        }

        #[test]
        fn reading_never_panics(body: Vec<u8>, field in ".{0,8}") {
            let _ = id(&body, &field);
        }
    }
}
