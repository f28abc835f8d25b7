mod schema;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const RECEIVED_AT: &str = "2024-05-20T10:00:01.5Z";

fn event(channel: &str, data: &Value) -> InteractionEvent {
    let mut document = json!({
        "webhookId": "webhook-1",
        "eventType": "interaction.completed",
        "timestamp": "2024-05-20T12:00:00+02:00",
        "data": data,
    });
    document["data"]["id"] = json!("interaction-1");
    document["data"]["channelType"] = json!(channel);
    InteractionEvent::read(&crate::Json::from(&document)).expect("a readable event")
}

fn normalized_by(filters: &Filters, channel: &str, data: &Value) -> Value {
    let received_at = RECEIVED_AT.parse().expect("a time");
    json!(Interaction::normalize(&event(channel, data), filters, received_at))
}

fn normalized(channel: &str, data: &Value) -> Value {
    normalized_by(&Filters::default(), channel, data)
}

#[test]
fn a_voice_event_has_the_phone_number_the_queue_and_the_direction() {
    let interaction = normalized(
        "VOICE",
        &json!({
            "customer": { "phoneNumber": "+1 202 555 0198", "email": "ann@example.com" },
            "queue": { "name": "Sales" },
            "direction": "outbound",
            "durationSeconds": 120,
        }),
    );
    assert_eq!(
        interaction,
        json!({
            "interactionId": "interaction-1",
            "eventType": "interaction.completed",
            "channel": "voice",
            "occurredAt": "2024-05-20T10:00:00Z",
            "receivedAt": "2024-05-20T10:00:01.500Z",
            "customer": { "identifier": "+1 202 555 0198", "type": "phone" },
            "context": { "queue": "Sales", "direction": "outbound" },
        })
    );
}

#[test]
fn a_chat_event_has_the_email_address_and_the_skill() {
    let data = json!({
        "customer": { "phoneNumber": "+12025550198", "email": "ann@example.com" },
        "skill": { "name": "Billing" },
    });
    let interaction = normalized("chat", &data);
    assert_eq!(interaction["channel"], "chat");
    assert_eq!(
        interaction["customer"],
        json!({ "identifier": "ann@example.com", "type": "email" })
    );
    assert_eq!(interaction["context"], json!({ "skill": "Billing" }));
}

#[test]
fn an_sms_event_has_the_phone_number_the_message_and_the_direction() {
    let data = json!({
        "customer": { "phoneNumber": "+12025550198" },
        "message": { "body": "STOP" },
        "direction": "inbound",
    });
    let interaction = normalized("Sms", &data);
    assert_eq!(interaction["channel"], "sms");
    assert_eq!(interaction["customer"], json!({ "identifier": "+12025550198", "type": "phone" }));
    assert_eq!(interaction["context"], json!({ "message": "STOP", "direction": "inbound" }));
}

#[test]
fn the_interaction_is_named_by_its_id_whatever_else_the_event_names() {
    let data = json!({ "interactionId": "inbound", "direction": "inbound" });
    assert_eq!(normalized("voice", &data)["interactionId"], "interaction-1");
}

#[test]
fn an_unknown_channel_keeps_all_its_data() {
    let data = json!({ "customer": { "phoneNumber": "+12025550198" }, "parts": [1, null] });
    let event = event("WhatsApp", &data);
    let interaction = normalized("WhatsApp", &data);
    assert_eq!(interaction["channel"], "whatsapp");
    assert_eq!(interaction["customer"], json!({ "identifier": null, "type": "unknown" }));
    assert_eq!(interaction["context"], json!({ "raw": event.document["data"] }));
}

#[test]
fn the_deepest_event_can_be_read_by_consumers() {
    let mut data = json!([]);
    for _ in 0..123 {
        data = json!([data]);
    }
    let text = normalized("WhatsApp", &json!({ "deep": data })).to_string();
    serde_json::from_str::<Value>(&text).expect("127 levels");
}

#[test]
fn what_is_not_found_is_null_or_left_out() {
    for (channel, kind) in [("voice", "phone"), ("chat", "email"), ("sms", "phone")] {
        let interaction = normalized(channel, &json!({ "customer": [], "queue": "Sales" }));
        assert_eq!(interaction["customer"], json!({ "identifier": null, "type": kind }));
        assert_eq!(interaction["context"], json!({}), "{channel}");
    }
}

#[test]
fn a_number_is_an_identifier_as_its_text_and_a_context_as_it_is() {
    let data = json!({
        "customer": { "phoneNumber": 12_025_550_198_u64 },
        "queue": { "name": { "en": "Sales", "de": null } },
        "direction": 0,
    });
    let interaction = normalized("voice", &data);
    assert_eq!(interaction["customer"]["identifier"], "12025550198");
    let context = json!({ "queue": { "en": "Sales", "de": null }, "direction": 0 });
    assert_eq!(interaction["context"], context);
}

#[test]
fn of_all_that_one_path_finds_the_first_that_is_not_blank_counts() {
    let filters = r#"{"voice":{
        "customer":{"type":"phone","paths":["$.data.participants[*].phoneNumber"]},
        "context":{"role":["$.data.participants[?@.phoneNumber].role"]}}}"#;
    let data = json!({ "participants": [
        { "role": " ", "phoneNumber": null },
        { "phoneNumber": "" },
        { "role": "customer", "phoneNumber": "+12025550198" },
        { "role": "agent", "phoneNumber": "+12025550100" },
    ]});
    let interaction = normalized_by(&filters.parse().expect("filters"), "voice", &data);
    assert_eq!(interaction["customer"]["identifier"], "+12025550198");
    assert_eq!(interaction["context"], json!({ "role": "customer" }));
}

#[test]
fn a_path_may_lead_out_of_the_data() {
    let filters = r#"{"sms":{"customer":{"type":"email","paths":["$.webhookId"]},"context":{}}}"#;
    let interaction = normalized_by(&filters.parse().expect("filters"), "sms", &json!({}));
    assert_eq!(interaction["customer"], json!({ "identifier": "webhook-1", "type": "email" }));
}

/// Values that a sender may leave in the place of a field that it has moved.
fn remains() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        Just(json!({ "phoneNumber": null, "email": null, "name": null })),
        Just(json!({ "phoneNumber": " ", "email": "", "name": "\t" })),
        Just(json!("moved")),
        Just(json!(null)),
    ]
}

proptest! {
    #[test]
    fn a_moved_field_is_found_by_its_fallback(
        left in remains(), identifier in "[+a-z0-9@.]{1,20}", queue in "[A-Za-z ]{0,10}[a-z]",
    ) {
        let data = json!({
            "customer": left,
            "queue": left,
            "queueName": queue,
            "participants": [{ "phoneNumber": identifier, "email": identifier }],
        });
        for channel in ["voice", "chat", "sms"] {
            prop_assert_eq!(&normalized(channel, &data)["customer"]["identifier"], &identifier);
        }
        prop_assert_eq!(&normalized("voice", &data)["context"]["queue"], &queue);
    }

    #[test]
    fn the_first_path_wins(identifier in "[+a-z0-9@.]{1,20}", queue in "[A-Za-z ]{0,10}[a-z]") {
        let data = json!({
            "customer": { "phoneNumber": identifier, "email": identifier },
            "queue": { "name": queue },
            "queueName": "another queue",
            "participants": [{ "phoneNumber": "another number", "email": "another address" }],
        });
        for channel in ["voice", "chat", "sms"] {
            prop_assert_eq!(&normalized(channel, &data)["customer"]["identifier"], &identifier);
        }
        prop_assert_eq!(&normalized("voice", &data)["context"]["queue"], &queue);
    }
}
