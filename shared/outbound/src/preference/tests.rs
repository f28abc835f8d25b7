use serde_json::{Value, json};

use super::*;

fn read(document: &Value) -> Result<PreferenceEvent, UnreadableEvent> {
    PreferenceEvent::read(&document.into())
}

#[test]
fn both_shapes_of_the_event_are_read() {
    let flat = json!({
        "eventId": "evt-1",
        "eventType": "contact.opt_out",
        "timestamp": "2026-03-02T10:00:00+01:00",
        "data": { "phoneNumber": "(202) 555-0198" },
    });
    let event = read(&flat).expect("a readable event");
    assert_eq!(event.phone_number, "(202) 555-0198");
    assert_eq!(event.event_id.as_deref(), Some("evt-1"));
    assert_eq!(
        event.occurred_at.map(|at| at.to_rfc3339()).as_deref(),
        Some("2026-03-02T09:00:00+00:00")
    );

    let nested = json!({
        "eventType": "contact.do_not_call.add",
        "data": { "contact": { "phoneNumber": "+442079460018" } },
    });
    let event = read(&nested).expect("a readable event");
    assert_eq!(event.event_type, "contact.do_not_call.add");
    assert_eq!(event.phone_number, "+442079460018");
    assert_eq!((event.event_id, event.occurred_at), (None, None));
}

#[test]
fn a_number_of_another_type_is_kept_as_it_was_written() {
    let event =
        json!({ "eventType": "contact.opt_out", "data": { "phoneNumber": 2_025_550_198_u64 } });
    assert_eq!(read(&event).expect("readable").phone_number, "2025550198");
}

#[test]
fn an_event_is_read_as_leniently_as_it_was_written() {
    let event = |event_id: &str, number: &str| {
        let text = format!(
            "\u{feff}{{\"eventType\":\"contact.opt_out\\u00a0\",\"eventId\":{event_id},\"id\":\"spare\",\
             \"data\":{{\"phoneNumber\":{number},\"note\":\"thanks \\ud83d\",\"size\":1e400}}}}"
        );
        PreferenceEvent::read(&Json::parse(&text).expect("JSON")).expect("readable")
    };
    for (event_id, read_as) in [
        ("987654", "987654"),
        ("9876543210987654321098", "9876543210987654321098"),
        ("\" evt-1\\u200b\"", "evt-1"),
        ("\"\"", "spare"),
        ("null", "spare"),
        ("[1]", "spare"),
    ] {
        let read = event(event_id, "1").event_id;
        assert_eq!(read.as_deref(), Some(read_as), "{event_id}");
    }
    let long = format!("\"{}\"", "x".repeat(129));
    assert_eq!(event(&long, "1").event_id.as_deref(), Some("spare"));
    for (number, read_as) in [
        ("4930123456.0", "4930123456"),
        ("2.025550110e9", "2025550110"),
        ("\" +1 202 555 0110 \"", "+1 202 555 0110"),
        ("[\"+12025550110\"]", "[\"+12025550110\"]"),
    ] {
        assert_eq!(event("1", number).phone_number, read_as);
    }
}

#[test]
fn the_message_of_an_opt_out_is_its_evidence() {
    let event = json!({
        "eventType": "contact.opt_out",
        "data": {
            "phoneNumber": "+12025550198", "channel": "SMS", "words": "please stop", "inferred": true,
        },
    });
    let event = read(&event).expect("readable");
    assert_eq!(event.reason(), DncReason::MessageOptOut);
    assert_eq!(event.evidence, Evidence::of_message(Channel::Sms, "please stop", true));
    let long = Evidence::of_message(Channel::Chat, &"é".repeat(2_000), false);
    assert_eq!(long.words.map(|it| it.chars().count()), Some(Evidence::WORDS_MAX));

    let other = json!({
        "eventType": "contact.opt_out",
        "data": { "phoneNumber": "+12025550198", "channel": 7, "words": [1], "inferred": "yes" },
    });
    let other = read(&other).expect("readable");
    assert_eq!(other.evidence, Evidence::default());
    assert_eq!(other.reason(), DncReason::WebhookOptOut);
}

#[test]
fn a_time_that_is_not_rfc_3339_is_left_out() {
    for timestamp in ["yesterday", "-262143-01-01T00:00:00Z", "0000-01-01T00:00:00+14:00"] {
        let event = json!({
            "eventType": "contact.opt_out",
            "timestamp": timestamp,
            "data": { "phoneNumber": "+12025550198" },
        });
        let event = read(&event).expect("readable");
        assert_eq!(event.occurred_at, None, "{timestamp}");
    }
}

#[test]
fn a_blank_number_falls_back_to_the_contact() {
    let event = json!({
        "eventType": "contact.opt_out",
        "data": { "phoneNumber": " ", "contact": { "phoneNumber": "+12025550198" } },
    });
    assert_eq!(read(&event).expect("readable").phone_number, "+12025550198");
}

#[test]
fn what_is_not_an_event_is_refused_with_the_reason() {
    let refused = |document: Value| read(&document).expect_err("it is no event");
    assert_eq!(refused(json!([1])), UnreadableEvent::NotAnObject);
    assert_eq!(refused(json!({})), UnreadableEvent::MissingEventType);
    assert_eq!(refused(json!({ "eventType": " " })), UnreadableEvent::MissingEventType);
    assert_eq!(refused(json!({ "eventType": 7 })), UnreadableEvent::UnknownEventType);
    let without_number = json!({ "eventType": "contact.opt_out", "data": "x" });
    assert_eq!(refused(without_number), UnreadableEvent::MissingPhoneNumber);
}

#[test]
fn an_opt_out_from_all_calls_is_listed_and_one_from_a_part_is_a_fact() {
    let event = |data: Value| {
        let mut event = json!({
            "eventType": "contact.opt_out", "data": { "phoneNumber": "+12025550198" },
        });
        for (name, value) in data.as_object().expect("an object") {
            event["data"][name] = value.clone();
        }
        read(&event).expect("readable")
    };
    for (data, is_listed) in [
        (json!({}), true),
        (json!({ "scope": {} }), true),
        (json!({ "scope": { "channel": "voice" } }), true),
        (json!({ "expiresAt": "2027-01-01T00:00:00Z" }), true),
        (json!({ "scope": { "channel": "text" } }), false),
        (json!({ "scope": { "topic": "sales" } }), false),
        (json!({ "scope": { "channel": "voice", "topic": "debt" } }), false),
        // What cannot be read must not stop less than was asked for.
        (json!({ "scope": "text" }), true),
        (json!({ "scope": { "channel": "fax" } }), true),
        (json!({ "scope": { "channel": "text", "topic": "newsletter" } }), true),
        (json!({ "scope": { "chanel": "text" } }), true),
        (json!({ "scope": { "channel": ["text"] } }), true),
    ] {
        assert_eq!(event(data.clone()).is_listed(), is_listed, "{data}");
    }
    let fact = event(json!({ "scope": { "topic": " Sales " }, "words": "no offers, please" }))
        .into_fact("evt-1".into(), "2026-12-01T00:00:00Z".parse().expect("a time"));
    assert_eq!(fact.scope.topic.as_deref(), Some("sales"));
    assert_eq!((fact.wish, fact.words.as_deref()), (Wish::OptOut, Some("no offers, please")));
    let endless = event(json!({ "scope": { "channel": "text" }, "expiresAt": "next year" }));
    assert_eq!(endless.expires_at, None);
}

#[test]
fn a_consent_is_no_wider_and_no_longer_than_it_states() {
    let consent = |data: Value| {
        let mut event =
            json!({ "eventType": "contact.opt_in", "timestamp": "2026-12-01T00:00:00Z" });
        event["data"] = data;
        event["data"]["phoneNumber"] = json!("+12025550198");
        read(&event)
    };
    let scope = json!({ "channel": "voice", "topic": "service" });
    let given = consent(json!({ "scope": scope, "expiresAt": "2027-01-01T00:00:00+01:00" }));
    let given = given.expect("readable");
    assert!(!given.is_listed());
    let fact = given.into_fact("evt-1".into(), "2026-11-30T00:00:00Z".parse().expect("a time"));
    assert_eq!(fact.wish, Wish::Consent);
    assert_eq!(fact.at.to_rfc3339(), "2026-11-30T00:00:00+00:00", "not ahead of its arrival");
    assert_eq!(
        fact.expires_at.map(|at| at.to_rfc3339()).as_deref(),
        Some("2026-12-31T23:00:00+00:00")
    );
    for data in [
        json!({ "scope": "service" }),
        json!({ "scope": { "topic": "anything" } }),
        json!({ "expiresAt": "soon" }),
        json!({ "expiresAt": "" }),
        json!({ "scope": "" }),
        json!({ "scope": { "channel": "voice", "topic": " " } }),
    ] {
        assert_eq!(consent(data), Err(UnreadableEvent::MalformedConsent));
    }
}
