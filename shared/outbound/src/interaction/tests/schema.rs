//! The schema for consumers: `schemas/interaction.schema.json`.

use std::sync::LazyLock;

use jsonschema::Validator;

use super::*;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../../../schemas/interaction.schema.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    jsonschema::options()
        .offline()
        .should_validate_formats(true)
        .build(&schema)
        .expect("the schema is well-formed")
});

/// Violations of the schema.
fn violations(interaction: &Value) -> Vec<String> {
    SCHEMA.iter_errors(interaction).map(|violation| violation.to_string()).collect()
}

fn sample(channel: &str) -> Value {
    let data = json!({
        "customer": { "phoneNumber": "+12025550198", "email": "ann@example.com" },
        "direction": "inbound",
    });
    normalized(channel, &data)
}

#[test]
fn an_interaction_of_every_channel_matches() {
    for channel in ["voice", "chat", "sms", "WhatsApp"] {
        assert_eq!(violations(&sample(channel)), [""; 0], "{channel}");
    }
}

#[test]
fn an_interaction_that_lacks_a_member_does_not_match() {
    let members = ["interactionId", "eventType", "channel", "occurredAt", "receivedAt"];
    for channel in ["voice", "whatsapp"] {
        for member in members.into_iter().chain(["customer", "context"]) {
            let mut interaction = sample(channel);
            interaction.as_object_mut().expect("an object").remove(member).expect("a member");
            assert!(!SCHEMA.is_valid(&interaction), "{channel} without {member}");
        }
        for member in ["identifier", "type"] {
            let mut interaction = sample(channel);
            interaction["customer"].as_object_mut().expect("an object").remove(member);
            assert!(!SCHEMA.is_valid(&interaction), "{channel} without customer {member}");
        }
    }
}

#[test]
fn an_interaction_with_a_wrong_member_does_not_match() {
    let cases = [
        ("voice", "/interactionId", json!(7)),
        ("voice", "/interactionId", json!("")),
        ("voice", "/eventType", json!(null)),
        ("voice", "/channel", json!(["voice"])),
        ("voice", "/channel", json!("whatsapp")),
        ("whatsapp", "/channel", json!("voice")),
        ("voice", "/occurredAt", json!("yesterday")),
        ("voice", "/receivedAt", json!("2024-05-20T10:00:00")),
        ("voice", "/receivedAt", json!(1_716_199_200)),
        ("voice", "/customer", json!("+12025550198")),
        ("voice", "/customer/identifier", json!(12_025_550_198_u64)),
        ("voice", "/customer/identifier", json!("")),
        ("voice", "/customer/type", json!("fax")),
        ("chat", "/customer/type", json!("unknown")),
        ("voice", "/context", json!(["inbound"])),
        ("whatsapp", "/customer/identifier", json!("+12025550198")),
        ("whatsapp", "/customer/type", json!("phone")),
        ("whatsapp", "/context", json!({})),
        ("whatsapp", "/context/raw", json!("inbound")),
    ];
    for (channel, pointer, wrong) in cases {
        let mut interaction = sample(channel);
        *interaction.pointer_mut(pointer).expect("a member") = wrong.clone();
        assert!(!SCHEMA.is_valid(&interaction), "{channel} with {wrong} as {pointer}");
    }
}

#[test]
fn an_interaction_with_a_member_too_many_does_not_match() {
    for (channel, pointer) in [("voice", ""), ("voice", "/customer"), ("whatsapp", "/context")] {
        let mut interaction = sample(channel);
        interaction.pointer_mut(pointer).expect("an object")["extra"] = json!(true);
        assert!(!SCHEMA.is_valid(&interaction), "{channel} with more in {pointer:?}");
    }
}

/// Any JSON, with the names that the filters look for more often than chance would have it.
fn documents() -> impl Strategy<Value = Value> {
    const NAMES: &str = "id|customer|phoneNumber|email|participants|queue|queueName|name|skill|\
                         message|body|direction|raw|[a-z]{1,3}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(NAMES, inner, 0..6).prop_map(|map| json!(map)),
        ]
    })
}

fn data() -> impl Strategy<Value = Value> {
    let name = "customer|participants|queue|queueName|skill|message|direction";
    prop::collection::vec((name, documents()), 0..8).prop_map(Value::from_iter)
}

fn channels() -> impl Strategy<Value = String> {
    prop_oneof!["[vV]oice|CHAT|sms", "\\PC{0,6}[a-zA-Z]"]
}

proptest! {
    #[test]
    fn whatever_is_normalized_matches_and_survives_the_queue(channel in channels(), data in data()) {
        let interaction = normalized(&channel, &data);
        prop_assert_eq!(violations(&interaction), [""; 0]);
        let read: Interaction = serde_json::from_value(interaction.clone()).expect("it reads back");
        prop_assert_eq!(json!(read), interaction);
    }
}
