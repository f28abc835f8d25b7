use proptest::prelude::*;

use super::{UnreadableCallResult as Unreadable, *};

fn read(document: &Value) -> CallResult {
    CallResult::read(document).expect("a readable call result")
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
        (with("callResult", json!(7)), Unreadable::MalformedCallResult),
        (with("callResult", json!(["answered"])), Unreadable::MalformedCallResult),
        (with("callResult", long(257)), Unreadable::MalformedCallResult),
        (with("timestamp", json!(1_716_199_200)), Unreadable::MalformedTimestamp),
        (with("timestamp", json!("yesterday")), Unreadable::MalformedTimestamp),
        (with("timestamp", json!("2024-05-20")), Unreadable::MalformedTimestamp),
        (with("timestamp", json!("2024-05-20T10:00:00")), Unreadable::MalformedTimestamp),
        (with("timestamp", json!("2024-02-30T10:00:00Z")), Unreadable::MalformedTimestamp),
        // In UTC it lies in a year that RFC 3339 cannot write.
        (with("timestamp", json!("9999-12-31T23:00:00-02:00")), Unreadable::MalformedTimestamp),
        (with("timestamp", json!("0000-01-01T00:00:00+01:00")), Unreadable::MalformedTimestamp),
    ];
    for (document, reason) in cases {
        assert_eq!(CallResult::read(&document), Err(reason), "{document}");
    }
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
    let id = || "[^\\p{Cc}]{0,30}[^\\p{Cc}\\s]";
    let last_second = 253_402_300_799_i64;
    let time = (-62_167_219_200..=last_second, 0_u32..1_000_000_000)
        .prop_map(|(second, nano)| DateTime::from_timestamp(second, nano).expect("a time"));
    (id(), id(), prop::option::of(".{0,30}[^\\s]"), prop::option::of(time)).prop_map(
        |(contact_id, disposition_code, call_result, timestamp)| CallResult {
            contact_id,
            disposition_code,
            call_result,
            timestamp,
        },
    )
}

proptest! {
    #[test]
    fn a_call_result_survives_the_queue(result in call_results()) {
        let message = serde_json::to_string(&result).expect("it serialises");
        let document = serde_json::from_str(&message).expect("it is JSON");
        prop_assert_eq!(CallResult::read(&document), Ok(result));
    }

    #[test]
    fn what_is_read_can_be_queued(id in "\\PC{0,4}|[0-9]{1,20}", time in "[0-9TZ:+.-]{0,25}") {
        let document = json!({ "contactId": id, "dispositionCode": "1", "timestamp": time });
        if let Ok(result) = CallResult::read(&document) {
            prop_assert_eq!(CallResult::read(&json!(result)), Ok(result));
        }
    }
}
