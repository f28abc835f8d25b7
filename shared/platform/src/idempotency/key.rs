//! Keys and digests over canonical JSON (RFC 8785): how a sender orders or spaces a document makes
//! no difference.

use std::fmt::{self, Write};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The largest integer that canonical JSON, which knows only doubles, tells from its neighbours.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// Names one request to one function: `dnc-batcher#<64 hex digits>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

/// The key of what identifies a request: an idempotency key, an event's id, or its whole payload.
pub fn key(function: &str, identity: &Value) -> Key {
    Key(format!("{function}#{}", digest(identity)))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 over canonical JSON, in hex.
pub(super) fn digest(document: &Value) -> String {
    // Only a number that is none (NaN) has no canonical form, and JSON has no such number.
    let canonical = serde_json_canonicalizer::to_vec(&exact(document))
        .unwrap_or_else(|_| document.to_string().into_bytes());
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(canonical) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Writes large integers as texts. As doubles, two ids that differ in the last digit would be one,
/// and the second event would be lost as a duplicate of the first.
fn exact(document: &Value) -> Value {
    match document {
        Value::Number(number) => {
            let is_large = number.as_u64().is_some_and(|number| number > EXACT_MAX)
                || number.as_i64().is_some_and(|number| number.unsigned_abs() > EXACT_MAX);
            if is_large { Value::String(number.to_string()) } else { document.clone() }
        }
        Value::Array(list) => list.iter().map(exact).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), exact(value))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn of(identity: &Value) -> String {
        key("router", identity).to_string()
    }

    #[test]
    fn a_key_is_the_function_and_a_digest() {
        assert_eq!(
            of(&json!({})),
            "router#44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }

    #[test]
    fn order_and_number_format_make_no_difference() {
        let parse = |text| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(of(&parse(r#"{"b": [1, 2], "a": 1.0}"#)), of(&parse(r#"{"a":1,"b":[1,2]}"#)));
        assert_ne!(of(&json!([1, 2])), of(&json!([2, 1])));
        assert_ne!(of(&json!("1")), of(&json!(1)));
    }

    #[test]
    fn ids_beyond_a_doubles_precision_stay_apart() {
        assert_ne!(
            of(&json!({ "id": 9_007_199_254_740_992_u64 })),
            of(&json!({ "id": 9_007_199_254_740_993_u64 }))
        );
        assert_ne!(of(&json!([i64::MIN])), of(&json!([i64::MIN + 1])));
    }

    proptest! {
        #[test]
        fn different_texts_have_different_keys(a in ".*", b in ".*") {
            prop_assert_eq!(a == b, of(&json!({ "id": a })) == of(&json!({ "id": b })));
        }
    }
}
