use super::*;

fn refusal(text: &str) -> String {
    text.parse::<Filters>().expect_err("it is invalid").to_string()
}

/// Filters for voice with one path each.
fn voice(customer: &str, queue: &str) -> String {
    serde_json::json!({
        "voice": {
            "customer": { "type": "phone", "paths": [customer] },
            "context": { "queue": [queue] },
        },
    })
    .to_string()
}

#[test]
fn a_channel_that_is_left_out_keeps_its_default() {
    let filters: Filters = voice("$.data.ani", "$.data.queue").parse().expect("filters");
    let default = Filters::default();
    assert_ne!(filters.of(&Channel::Voice), default.of(&Channel::Voice));
    assert_eq!(filters.of(&Channel::Chat), default.of(&Channel::Chat));
    assert_eq!(filters.of(&Channel::Sms), default.of(&Channel::Sms));
    assert_eq!(DEFAULT.parse(), Ok(default));
}

#[test]
fn a_channel_that_is_given_keeps_nothing_of_its_default() {
    let filters: Filters = voice("$.data.ani", "$.data.queue").parse().expect("filters");
    let voice = filters.of(&Channel::Voice).expect("voice is known");
    assert_eq!(voice.context.keys().collect::<Vec<_>>(), ["queue"]);
}

#[test]
fn exactly_voice_chat_and_sms_are_known() {
    let filters = Filters::default();
    assert_eq!(filters.0.keys().collect::<Vec<_>>(), ["chat", "sms", "voice"]);
    assert_eq!(filters.of(&Channel::from("fax")), None);
}

#[test]
fn all_of_rfc_9535_may_be_used() {
    for path in [
        "$",
        "$..phoneNumber",
        "$['data']['customer']",
        "$.data.participants[-1].email",
        "$.data.participants[0:2].email",
        "$.data.participants[?@.role == 'customer' && @.active].phoneNumber",
        "$.data.participants[?match(@.role, 'cust.*')].phoneNumber",
        "$.data.participants[?length(@.email) > 0].email",
    ] {
        assert!(voice(path, path).parse::<Filters>().is_ok(), "{path}");
    }
}

#[test]
fn a_malformed_path_is_refused_with_its_place() {
    let refusals = [
        voice("", "$"),
        voice("data.customer", "$"),
        voice(" $.data", "$"),
        voice("$.data ", "$"),
        voice("$.data.customer..", "$"),
        voice("$", "$.data.participants[0.name"),
        voice("$", "$.data.participants[?@.role = 'x']"),
        voice("$", "$['é'].é[01]"),
        voice("$", "$.data.participants[?size(@) > 1]"),
    ]
    .map(|text| refusal(&text));
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    voice.customer has "", which is no JSONPath (RFC 9535) from column 1 on
    voice.customer has "data.customer", which is no JSONPath (RFC 9535) from column 1 on
    voice.customer has " $.data", which is no JSONPath (RFC 9535) from column 1 on
    voice.customer has "$.data ", which is no JSONPath (RFC 9535) from column 7 on
    voice.customer has "$.data.customer..", which is no JSONPath (RFC 9535) from column 18 on
    voice.context.queue has "$.data.participants[0.name", which is no JSONPath (RFC 9535) from column 22 on
    voice.context.queue has "$.data.participants[?@.role = 'x']", which is no JSONPath (RFC 9535) from column 29 on
    voice.context.queue has "$['é'].é[01]", which is no JSONPath (RFC 9535) from column 11 on
    voice.context.queue has "$.data.participants[?size(@) > 1]", which is no JSONPath (RFC 9535) from column 22 on
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of cases")]
fn what_has_another_shape_is_refused_with_the_reason() {
    let texts = [
        "voice",
        "[]",
        r#"{"fax":{"customer":{"type":"phone","paths":["$"]},"context":{}}}"#,
        r#"{"Voice":{"customer":{"type":"phone","paths":["$"]},"context":{}}}"#,
        r#"{"voice":{}}"#,
        r#"{"voice":null}"#,
        r#"{"voice":{"customer":{"type":"phone","paths":["$"]}}}"#,
        r#"{"voice":{"customer":{"type":"phone","paths":["$"]},"context":{},"agent":[]}}"#,
        r#"{"voice":{"customer":{"type":"phone","paths":["$"],"path":"$"},"context":{}}}"#,
        r#"{"voice":{"customer":{"type":"unknown","paths":["$"]},"context":{}}}"#,
        r#"{"voice":{"customer":{"paths":["$"]},"context":{}}}"#,
        r#"{"voice":{"customer":{"type":"phone","paths":"$"},"context":{}}}"#,
        r#"{"voice":{"customer":{"type":"phone","paths":[]},"context":{}}}"#,
        r#"{"voice":{"customer":{"type":"phone","paths":["$"]},"context":{"queue":[]}}}"#,
    ];
    let refusals = texts.map(|text| format!("{text}\n  {}", refusal(text)));
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    voice
      must be JSON, with customer and context for each channel: expected value at line 1 column 1
    []
      must be JSON, with customer and context for each channel: invalid type: sequence, expected a map at line 1 column 0
    {"fax":{"customer":{"type":"phone","paths":["$"]},"context":{}}}
      has filters for "fax"; they must be for voice, chat or sms
    {"Voice":{"customer":{"type":"phone","paths":["$"]},"context":{}}}
      has filters for "Voice"; they must be for voice, chat or sms
    {"voice":{}}
      must be JSON, with customer and context for each channel: missing field `customer` at line 1 column 11
    {"voice":null}
      must be JSON, with customer and context for each channel: invalid type: null, expected customer and context at line 1 column 13
    {"voice":{"customer":{"type":"phone","paths":["$"]}}}
      must be JSON, with customer and context for each channel: missing field `context` at line 1 column 52
    {"voice":{"customer":{"type":"phone","paths":["$"]},"context":{},"agent":[]}}
      must be JSON, with customer and context for each channel: unknown field `agent`, expected `customer` or `context` at line 1 column 72
    {"voice":{"customer":{"type":"phone","paths":["$"],"path":"$"},"context":{}}}
      must be JSON, with customer and context for each channel: unknown field `path`, expected `type` or `paths` at line 1 column 57
    {"voice":{"customer":{"type":"unknown","paths":["$"]},"context":{}}}
      must be JSON, with customer and context for each channel: unknown variant `unknown`, expected `phone` or `email` at line 1 column 38
    {"voice":{"customer":{"paths":["$"]},"context":{}}}
      must be JSON, with customer and context for each channel: missing field `type` at line 1 column 36
    {"voice":{"customer":{"type":"phone","paths":"$"},"context":{}}}
      must be JSON, with customer and context for each channel: invalid type: string "$", expected a sequence at line 1 column 48
    {"voice":{"customer":{"type":"phone","paths":[]},"context":{}}}
      voice.customer has no paths; there must be at least one
    {"voice":{"customer":{"type":"phone","paths":["$"]},"context":{"queue":[]}}}
      voice.context.queue has no paths; there must be at least one
    "#);
}
