use proptest::prelude::*;
use serde_json::json;

use super::*;

fn parsed(text: &str) -> Json<'_> {
    Json::parse(text).expect("JSON")
}

fn spelled(text: &str) -> String {
    parsed(text).spelled().expect("a text or a number")
}

#[test]
fn a_document_is_read_whatever_the_unused_fields_are() {
    for odd in [
        r#""half \ud83d a pair""#,
        r#""\udc00""#,
        "1e400",
        "-0",
        "123456789012345678901234567890.5",
        &nested(512),
        &nested(100_000),
    ] {
        let text = format!(r#"{{"odd":{odd},"id":"x","\ud83d":1}}"#);
        let document = parsed(&text);
        let fields = document.fields().expect("an object");
        assert_eq!(fields.get("id").and_then(|id| id.text()).as_deref(), Some("x"));
    }
}

#[test]
fn a_number_is_one_unless_it_would_lose_digits() {
    for text in ["0", "-0", "7", "-7", "42", "1.50", "1e3"] {
        assert!(number(text).is_number(), "{text}");
    }
    for text in ["123456789012345678901", "-123456789012345678901", "1e400"] {
        assert_eq!(number(text), json!(text));
    }
}

#[test]
fn a_byte_order_mark_is_skipped_once() {
    assert_eq!(parsed("\u{FEFF}{}").as_written(), "{}");
    assert!(Json::parse("\u{FEFF}\u{FEFF}{}").is_err());
}

#[test]
fn what_is_not_json_is_refused() {
    for text in ["", " ", "{", "{}{}", "{a:1}", "'a'", "01", "1.", "+1", "NaN", "\"\n\"", "[1,]"] {
        assert!(Json::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn of_two_fields_with_one_name_the_last_counts() {
    let document = parsed(r#"{"id":1,"id":2,"\u0069d":3}"#);
    let fields = document.fields().expect("an object");
    assert_eq!(fields.get("id").and_then(|id| id.spelled()).as_deref(), Some("3"));
}

#[test]
fn a_number_is_its_text_whatever_its_form_and_size() {
    for (written, plain) in [
        ("1001.0", "1001"),
        ("1.001e3", "1001"),
        ("1.001E+3", "1001"),
        ("100100e-2", "1001"),
        ("1e3", "1000"),
        ("0.10", "0.1"),
        ("-5", "-5"),
        ("-0", "0"),
        ("0e0", "0"),
        ("123456789012345678901", "123456789012345678901"),
        ("9007199254740993.0", "9007199254740993"),
        // These would be very long.
        ("1e400", "1e400"),
        ("1e-400", "1e-400"),
        ("1e99999999999999999999", "1e99999999999999999999"),
    ] {
        assert_eq!(spelled(written), plain, "{written}");
    }
    let long = "9".repeat(5_000);
    assert_eq!(spelled(&long), long);
}

#[test]
fn blank_is_null_or_a_text_that_shows_nothing() {
    for blank in ["null", r#""""#, r#"" \t""#, r#""\u00a0\u200b\ufeff\u2060""#] {
        assert!(parsed(blank).is_blank(), "{blank}");
    }
    for filled in ["0", "false", "[]", "{}", r#""0""#, r#""\ud83d""#] {
        assert!(!parsed(filled).is_blank(), "{filled}");
    }
}

#[test]
fn a_value_may_nest_as_deep_as_is_allowed() {
    for levels in [1, 126, 512] {
        assert!(parsed(&nested(levels)).value(levels).is_some(), "{levels}");
        assert!(parsed(&nested(levels)).value(levels - 1).is_none(), "{levels}");
    }
    let objects = r#"{"a":"#.repeat(3) + "1" + &"}".repeat(3);
    assert!(parsed(&objects).value(3).is_some() && parsed(&objects).value(2).is_none());
}

#[test]
fn a_value_holds_what_it_can_and_texts_for_the_rest() {
    let text = r#"{"a":[1,-2,0.5,1e3,true,null,"x\ud83d"],"b":12345678901234567890123,"c":1e400}"#;
    assert_eq!(
        parsed(text).value(9),
        Some(json!({
            "a": [1, -2, 0.5, 1000.0, true, null, "x\u{FFFD}\u{FFFD}\u{FFFD}"],
            "b": "12345678901234567890123",
            "c": "1e400",
        }))
    );
}

fn nested(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    /// `serde_json` itself reads whatever a `Value` can hold.
    #[test]
    fn a_usual_document_is_read_as_others_read_it(value in values()) {
        let text = value.to_string();
        let read: Value = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(parsed(&text).value(9), Some(read));
        prop_assert_eq!(Json::from(&value).value(9), parsed(&text).value(9));
    }

    /// The digits decide, wherever the point is written.
    #[test]
    fn two_numbers_have_one_text_if_they_are_equal(
        digits in "[1-9][0-9]{0,40}", other in "[1-9][0-9]{0,40}", shift in 0_usize..20,
    ) {
        let (whole, fraction) = digits.split_at(1);
        let exponent = fraction.len() + shift;
        let scientific = format!("{whole}.{fraction}0e{exponent}");
        let plain = format!("{digits}{}", "0".repeat(shift));
        prop_assert_eq!(&spelled(&scientific), &plain);
        prop_assert_eq!(&spelled(&format!("{plain}.000")), &plain);
        prop_assert_eq!(spelled(&other) == plain, other == plain);
    }

    #[test]
    fn reading_never_panics(text in ".{0,60}|[\\[\\]{}\",:0-9eE.+\\\\u dDfF-]{0,60}") {
        if let Ok(document) = Json::parse(&text) {
            let _ = (document.value(512), document.spelled(), document.fields(), document.list());
            let _ = serde_json::from_str::<serde::de::IgnoredAny>(&text).expect("others take it");
        }
    }
}
