//! Phone numbers and email addresses in what the page shows.

use outbound::mask_words;
use serde_json::{Map, Value};

/// Whether the page shows phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    Shown,
    Masked,
}

impl Numbers {
    /// The value as the page may show it: masked wherever a number may be, in names of fields too.
    pub(super) fn shown(self, value: Value) -> Value {
        match self {
            Self::Shown => value,
            Self::Masked => masked(value),
        }
    }
}

fn masked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(mask_words(&text)),
        // A duration has many digits, and a fraction.
        Value::Number(number) if number.as_f64().is_some_and(|it| it.fract() != 0.0) => {
            Value::Number(number)
        }
        Value::Number(number) => {
            let text = number.to_string();
            let shown = mask_words(&text);
            if shown == text { Value::Number(number) } else { Value::String(shown) }
        }
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (String, Value)| (mask_words(&name), masked(value));
            Value::Object(fields.into_iter().map(field).collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_masked_wherever_they_are_and_nothing_else_is() {
        let value = json!({
            "id": "0d5e8a3c-2b61-4d3a-9f2e-1c6f0f5b7a90", "sentAt": "2026-03-02T10:00:00Z",
            "count": 12, "latency_ms": 14.593_021_4, "body": { "phoneNumber": "+12025550110", "digits": 2_025_550_110_u64,
            "text": "call (202) 555-0110 or me@example.com" }, "+12025550110": true,
        });
        assert_eq!(Numbers::Shown.shown(value.clone()), value);
        let shown = Numbers::Masked.shown(value.clone());
        let text = shown.to_string();
        for hidden in ["2025550110", "555-0110", "me@example.com"] {
            assert!(!text.contains(hidden), "{text}");
        }
        for (name, same) in
            [("id", true), ("sentAt", true), ("count", true), ("latency_ms", true), ("body", false)]
        {
            assert_eq!(shown[name] == value[name], same, "{name}: {text}");
        }
    }
}
