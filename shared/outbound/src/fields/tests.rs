use proptest::prelude::*;

use super::*;

#[test]
fn an_id_has_1_to_128_characters_that_a_queue_takes() {
    let read = |text: &str| id(&Json::from(&Value::from(text)));
    let longest = "é".repeat(128);
    for (text, taken) in [
        ("contact-1", Some("contact-1")),
        ("  contact 1\u{a0}", Some("contact 1")),
        (&longest, Some(longest.as_str())),
        ("", None),
        (" \u{200b}", None),
        ("a\u{7}b", None),
        ("a\u{FFFF}b", None),
        (&"x".repeat(129), None),
    ] {
        assert_eq!(read(text).as_deref(), taken, "{text:?}");
    }
    for written in ["true", "null", "[1]", "{}", &"9".repeat(129)] {
        assert_eq!(id(&Json::parse(written).expect("JSON")), None, "{written}");
    }
}

#[test]
fn an_unknown_field_is_named_with_what_was_probably_meant() {
    let reported = |name: &str| {
        let document = serde_json::json!({ name: 1, "cron": 2 });
        let document = Json::from(&document);
        let fields = document.fields().expect("an object");
        unknown(&fields, &["cron", "callingHours", "webhookUrl"]).unwrap_or_default()
    };
    let long = "x".repeat(100);
    let reported =
        ["cron", "callinghours", "calling_hours", "webhookURL", "colour", &long].map(reported);
    insta::assert_snapshot!(reported.join("\n"), @r#"
    
    has the unknown field "callinghours"; did you mean callingHours? Its fields are cron, callingHours, webhookUrl
    has the unknown field "calling_hours"; did you mean callingHours? Its fields are cron, callingHours, webhookUrl
    has the unknown field "webhookURL"; did you mean webhookUrl? Its fields are cron, callingHours, webhookUrl
    has the unknown field "colour". Its fields are cron, callingHours, webhookUrl
    has the unknown field "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx". Its fields are cron, callingHours, webhookUrl
    "#);
}

proptest! {
    /// The tables behind these patterns are others than those behind the code.
    #[test]
    fn what_cannot_be_seen_is_trimmed_and_nothing_else(
        before in r"[\p{White_Space}\p{Default_Ignorable_Code_Point}]{0,4}",
        text in r"[^\p{White_Space}\p{Default_Ignorable_Code_Point}](.{0,8}[^\p{White_Space}\p{Default_Ignorable_Code_Point}])?",
        after in r"[\p{White_Space}\p{Default_Ignorable_Code_Point}]{0,4}",
    ) {
        let padded = format!("{before}{text}{after}");
        prop_assert_eq!(trimmed(&padded), text);
    }

    #[test]
    fn an_instant_of_an_event_has_at_most_59_seconds(
        second in 0_u32..=60, fraction in "(\\.[0-9]{1,9})?", offset in "Z|[+-](0[0-9]|1[0-4]):[0-5][0-9]",
    ) {
        let written = format!("2026-03-02T15:00:{second:02}{fraction}{offset}");
        let read = instant(&Json::from(&Value::from(written.as_str()))).expect("an instant");
        prop_assert_eq!(read.second(), second.min(59), "{}", written);
        prop_assert!(!read.to_rfc3339().contains(":60"));
    }
}
