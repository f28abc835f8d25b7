use proptest::prelude::*;

use super::{UnreadableCallResult as Unreadable, *};

fn read(document: &Value) -> CallResult {
    CallResult::read(&document.into()).expect("a readable call result")
}

/// A call result with one field written otherwise.
fn with(field: &str, value: Value) -> Value {
    let mut document = json!({
        "contactId": "contact-1",
        "dispositionCode": "1001",
        "callResult": "answered",
        "timestamp": "2024-05-20T12:00:00+02:00",
    });
    document[field] = value;
    document
}

#[test]
fn all_fields_are_read() {
    let result = read(&with("agentId", json!("agent-1")));
    assert_eq!(result.contact_id, "contact-1");
    assert_eq!(result.disposition_code, "1001");
    assert_eq!(result.call_result.as_deref(), Some("answered"));
    assert_eq!(result.timestamp, "2024-05-20T10:00:00Z".parse().ok());
}

#[test]
fn a_number_counts_as_its_text() {
    let result =
        read(&json!({ "contactId": 18_446_744_073_709_551_615_u64, "dispositionCode": 0 }));
    assert_eq!(result.contact_id, "18446744073709551615");
    assert_eq!(result.disposition_code, "0");
}

#[test]
fn a_blank_result_or_timestamp_counts_as_left_out() {
    for blank in [json!(null), json!(""), json!(" \t")] {
        assert_eq!(read(&with("callResult", blank.clone())).call_result, None, "{blank}");
        assert_eq!(read(&with("timestamp", blank.clone())).timestamp, None, "{blank}");
    }
    let short = read(&json!({ "contactId": "c", "dispositionCode": "1" }));
    assert_eq!((short.call_result, short.timestamp), (None, None));
}

#[test]
fn the_longest_texts_are_taken() {
    let id = "é".repeat(128);
    assert_eq!(read(&with("contactId", json!(id))).contact_id, id);
    assert_eq!(read(&with("dispositionCode", json!(id))).disposition_code, id);
    let result = "é".repeat(256);
    assert_eq!(read(&with("callResult", json!(result))).call_result, Some(result));
}

#[test]
fn what_is_no_call_result_is_refused_with_the_reason() {
    let long = |length| json!("x".repeat(length));
    let cases = [
        (json!([]), Unreadable::NotAnObject),
        (json!("1001"), Unreadable::NotAnObject),
        (json!(null), Unreadable::NotAnObject),
        (json!({}), Unreadable::MissingContactId),
        (json!({ "contactId": "c" }), Unreadable::MissingDispositionCode),
        (with("contactId", json!(null)), Unreadable::MissingContactId),
        (with("contactId", json!("  ")), Unreadable::MissingContactId),
        (with("contactId", json!(true)), Unreadable::MalformedContactId),
        (with("contactId", json!(["c"])), Unreadable::MalformedContactId),
        (with("contactId", json!({})), Unreadable::MalformedContactId),
        (with("contactId", json!("c\n1")), Unreadable::MalformedContactId),
        (with("contactId", long(129)), Unreadable::MalformedContactId),
        (with("dispositionCode", json!(null)), Unreadable::MissingDispositionCode),
        (with("dispositionCode", json!("")), Unreadable::MissingDispositionCode),
        (with("dispositionCode", json!(false)), Unreadable::MalformedDispositionCode),
        (with("dispositionCode", json!([1001])), Unreadable::MalformedDispositionCode),
        (with("dispositionCode", json!("10\u{7f}01")), Unreadable::MalformedDispositionCode),
        (with("dispositionCode", long(129)), Unreadable::MalformedDispositionCode),
    ];
    for (document, reason) in cases {
        assert_eq!(CallResult::read(&Json::from(&document)), Err(reason), "{document}");
    }
}

#[test]
fn an_odd_result_counts_as_left_out() {
    for odd in [json!(["answered"]), json!({}), json!(true), json!("x".repeat(257))] {
        assert_eq!(read(&with("callResult", odd.clone())).call_result, None, "{odd}");
    }
    assert_eq!(read(&with("callResult", json!(7))).call_result.as_deref(), Some("7"));
}

#[test]
fn an_odd_timestamp_counts_as_left_out_and_still_identifies_repeats() {
    let odd = [
        json!(1_716_199_200),
        json!("yesterday"),
        json!("2024-05-20"),
        json!("2024-05-20T10:00:00"),
        json!("2024-02-30T10:00:00Z"),
        // In UTC it lies in a year that RFC 3339 cannot write.
        json!("9999-12-31T23:00:00-02:00"),
        json!("0000-01-01T00:00:00+01:00"),
    ];
    let mut identities: Vec<_> = odd
        .iter()
        .map(|odd| {
            let mut result = read(&with("timestamp", odd.clone()));
            assert_eq!(result.timestamp, None, "{odd}");
            let identity = result.identity();
            result.timestamp = "2026-03-02T15:00:00Z".parse().ok();
            assert_eq!(result.identity(), identity, "whenever it arrives");
            identity.to_string()
        })
        .collect();
    identities.sort();
    identities.dedup();
    assert_eq!(identities.len(), odd.len());
}

#[test]
fn a_leap_second_counts_as_the_one_before() {
    for written in ["2026-03-02T15:00:60Z", "2026-03-02T16:00:60.987+01:00"] {
        let at = read(&with("timestamp", json!(written))).timestamp.expect("an instant");
        assert_eq!(at.to_rfc3339(), "2026-03-02T15:00:59+00:00", "{written}");
    }
}

#[test]
fn a_code_is_the_same_however_it_is_padded_or_written_as_a_number() {
    for written in [
        r#""1001 ""#,
        r#""1001\u00a0""#,
        r#""\u200b1001\ufeff""#,
        r#""\t1001\r\n""#,
        "1001",
        "1001.0",
        "1.001e3",
        "100100e-2",
        "1.00100E+3",
    ] {
        let text = format!(r#"{{"contactId":"c","dispositionCode":{written}}}"#);
        let result = CallResult::read(&Json::parse(&text).expect("JSON")).expect("readable");
        assert_eq!(result.disposition_code, "1001", "{written}");
    }
}

#[test]
fn what_a_result_does_not_need_may_be_anything_that_is_json() {
    for written in [r#""\ud83d""#, "1e400", "123456789012345678901234567890", &deep(512)] {
        let text = format!(
            "\u{FEFF}{{\"contactId\":123456789012345678901,\"dispositionCode\":\"1\",\"x\":{written}}}"
        );
        let result = CallResult::read(&Json::parse(&text).expect("JSON")).expect("readable");
        assert_eq!(result.contact_id, "123456789012345678901");
    }
}

fn deep(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

#[test]
fn two_spellings_are_the_same_event_and_another_result_is_another() {
    let event = with("timestamp", json!("2024-05-20T10:00:00.500Z"));
    let mut respelled = with("timestamp", json!("2024-05-20t05:30:00.50-04:30"));
    respelled["dispositionCode"] = json!(1001);
    respelled["extra"] = json!(true);
    assert_eq!(read(&respelled).identity(), read(&event).identity());
    for (field, other) in [
        ("contactId", "contact-2"),
        ("dispositionCode", "01001"),
        ("callResult", "busy"),
        ("timestamp", "2024-05-20T10:00:00.501Z"),
    ] {
        let mut another = event.clone();
        another[field] = json!(other);
        assert_ne!(read(&another).identity(), read(&event).identity(), "{field}");
    }
}

fn call_results() -> impl Strategy<Value = CallResult> {
    let id = || "[!-~é][^\\p{Cc}\u{FFFE}\u{FFFF}]{0,30}[!-~é]";
    let last_second = 253_402_300_799_i64;
    let time = (-62_167_219_200..=last_second, 0_u32..1_000_000_000)
        .prop_map(|(second, nano)| DateTime::from_timestamp(second, nano).expect("a time"));
    let optional = || prop::option::of(id());
    (id(), id(), optional(), prop::option::of(time), optional()).prop_map(
        |(contact_id, disposition_code, call_result, timestamp, delivery_id)| CallResult {
            contact_id,
            disposition_code,
            call_result,
            timestamp,
            delivery_id,
        },
    )
}

proptest! {
    #[test]
    fn a_call_result_survives_the_queue(result in call_results()) {
        let message = serde_json::to_string(&result).expect("it serializes");
        let document = Json::parse(&message).expect("it is JSON");
        prop_assert_eq!(CallResult::read(&document), Ok(result));
    }

    #[test]
    fn what_is_read_can_be_queued(id in "\\PC{0,4}|[0-9]{1,20}", time in "[0-9TZ:+.-]{0,25}") {
        let document = json!({ "contactId": id, "dispositionCode": "1", "timestamp": time });
        if let Ok(result) = CallResult::read(&Json::from(&document)) {
            prop_assert_eq!(CallResult::read(&Json::from(&json!(result))), Ok(result));
        }
    }
}
