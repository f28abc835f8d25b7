use proptest::prelude::*;
use serde_json::json;

use super::*;

fn event() -> Value {
    json!({
        "webhookId": "webhook-1",
        "eventType": "interaction.completed",
        "timestamp": "2024-05-20T12:00:00.000+02:00",
        "data": { "id": "interaction-1", "channelType": "VOICE", "direction": "outbound" },
    })
}

fn read(document: &Value) -> Result<InteractionEvent, UnreadableInteraction> {
    InteractionEvent::read(&document.into())
}

/// The event with one field written otherwise.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = event();
    *document.pointer_mut(pointer).expect("a field of the event") = value;
    document
}

#[test]
fn an_event_is_read_and_kept_whole() {
    let document = event();
    let event = read(&document).expect("a readable event");
    assert_eq!(event.id, "interaction-1");
    assert_eq!(event.event_type, "interaction.completed");
    assert_eq!(event.timestamp, "2024-05-20T12:00:00.000+02:00");
    assert_eq!(event.occurred_at.to_rfc3339(), "2024-05-20T10:00:00+00:00");
    assert_eq!(event.channel, Channel::Voice);
    assert_eq!(event.document, document);
}

#[test]
fn the_key_is_made_of_what_was_sent() {
    let key = |document: Value| read(&document).expect("a readable event").key();
    let first = json!(["interaction-1", "interaction.completed", "2024-05-20T12:00:00.000+02:00"]);
    assert_eq!(key(event()), first);
    // Its other fields make no other event of it.
    assert_eq!(key(with("/webhookId", json!("webhook-2"))), first);
    assert_eq!(key(with("/data/direction", json!("inbound"))), first);
    for (pointer, other) in [
        ("/data/id", json!(7)),
        ("/eventType", json!("interaction.updated")),
        ("/timestamp", json!("2024-05-20T10:00:00Z")),
    ] {
        assert_ne!(key(with(pointer, other)), first, "{pointer}");
    }
}

#[test]
fn an_id_that_is_a_number_counts_as_its_text() {
    let event = read(&with("/data/id", json!(42))).expect("a readable event");
    assert_eq!(event.id, "42");
}

#[test]
fn what_a_queue_would_not_take_as_a_key_is_refused() {
    for odd in ["a\u{7}b", "a\u{FFFF}b", &"x".repeat(129)] {
        for (pointer, code) in [("/data/id", "missing_id"), ("/eventType", "missing_event_type")] {
            let refused = read(&with(pointer, json!(odd)));
            assert_eq!(refused.expect_err("it is refused").code(), code, "{odd:?}");
        }
    }
}

#[test]
fn what_is_no_event_is_refused_with_the_reason() {
    let cases = [
        (json!(["interaction.created"]), "not_an_object"),
        (json!(null), "not_an_object"),
        (json!({}), "missing_data"),
        (with("/data", json!(null)), "missing_data"),
        (with("/data", json!([{ "id": "interaction-1" }])), "missing_data"),
        (with("/data", json!({})), "missing_id"),
        (with("/data/id", json!(null)), "missing_id"),
        (with("/data/id", json!(" ")), "missing_id"),
        (with("/data/id", json!(true)), "missing_id"),
        (with("/data/id", json!({ "id": "interaction-1" })), "missing_id"),
        (with("/data", json!({ "id": "interaction-1" })), "missing_channel_type"),
        (with("/data/channelType", json!("")), "missing_channel_type"),
        (with("/data/channelType", json!(1)), "missing_channel_type"),
        (with("/eventType", json!(null)), "missing_event_type"),
        (with("/eventType", json!("\n")), "missing_event_type"),
        (with("/eventType", json!(["interaction.created"])), "missing_event_type"),
        (with("/timestamp", json!(null)), "missing_timestamp"),
        (with("/timestamp", json!("")), "missing_timestamp"),
        (with("/timestamp", json!("yesterday")), "missing_timestamp"),
        (with("/timestamp", json!("2024-05-20T12:00:00")), "missing_timestamp"),
        (with("/timestamp", json!(1_716_199_200)), "missing_timestamp"),
        (with("/timestamp", json!("9999-12-31T23:00:00-02:00")), "missing_timestamp"),
    ];
    for (document, code) in cases {
        let reason = read(&document).expect_err("it is no event");
        assert_eq!(reason.code(), code, "{document}");
        let nameless = ["not_an_object", "missing_data", "missing_id"].contains(&code);
        let id = (!nameless).then(|| "interaction-1".to_owned());
        assert_eq!(reason.interaction_id(), id, "{document}");
    }
}

#[test]
fn two_events_whose_parts_only_look_alike_are_two() {
    let key = |id: &str, event_type: &str| {
        let mut document = with("/data/id", json!(id));
        document["eventType"] = json!(event_type);
        read(&document).expect("a readable event").key()
    };
    assert_ne!(key("x:y", "z"), key("x", "y:z"));
    assert_ne!(key("x\",\"y", "z"), key("x", "y\",\"z"));
}

#[test]
fn an_event_is_read_as_leniently_as_it_was_written() {
    for (id, read_as) in [
        (r#"" i-1\u00a0""#, "i-1"),
        ("123456789012345678901", "123456789012345678901"),
        ("42.0", "42"),
    ] {
        let text = format!(
            r#"{{"eventType":"interaction.created ","timestamp":" 2026-03-02T15:00:60.5Z",
                "data":{{"id":{id},"channelType":"voice ","note":"\ud83d","size":1e400}}}}"#
        );
        let event = InteractionEvent::read(&Json::parse(&text).expect("JSON")).expect("readable");
        assert_eq!(event.id, read_as);
        assert_eq!(event.event_type, "interaction.created");
        assert_eq!(event.timestamp, "2026-03-02T15:00:60.5Z");
        assert_eq!(event.occurred_at.to_rfc3339(), "2026-03-02T15:00:59+00:00");
        assert_eq!(event.channel, Channel::Voice);
        assert_eq!(event.document["data"]["size"], "1e400");
    }
}

#[test]
fn an_event_that_nests_too_deep_for_consumers_is_refused() {
    let nested = |levels: usize| {
        let list = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let text = event().to_string().replace(r#""outbound""#, &list);
        InteractionEvent::read(&Json::parse(&text).expect("JSON"))
    };
    // Two levels are those of the event and its data.
    assert!(nested(124).is_ok());
    for levels in [125, 510] {
        let why = nested(levels).expect_err("it is refused");
        assert_eq!(
            (why.code(), why.interaction_id().as_deref()),
            ("too_deep", Some("interaction-1"))
        );
    }
}

proptest! {
    #[test]
    fn an_event_with_all_its_fields_is_read(
        id in "[!-~é]([ -~é]{0,8}[!-~é])?", event_type in "[a-z.]{1,20}", channel in "[a-zA-Z]{1,8}",
    ) {
        let document = json!({
            "eventType": event_type,
            "timestamp": "2024-05-20T10:00:00Z",
            "data": { "id": id, "channelType": channel },
        });
        let event = read(&document).expect("a readable event");
        prop_assert_eq!(event.key(), json!([id, event_type, "2024-05-20T10:00:00Z"]));
        prop_assert_eq!(event.channel.as_str(), channel.to_lowercase());
    }
}
