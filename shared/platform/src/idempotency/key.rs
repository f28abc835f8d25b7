//! Keys and digests. Of an identity they are over canonical JSON (RFC 8785), so that the order and
//! the spacing of a document make no difference; of a body they are over its bytes.

use std::fmt::{self, Write};

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

/// The largest integer that canonical JSON, which has only doubles, distinguishes from its
/// neighbors.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// Prefix of a text that represents a number, or that had this prefix before.
const ESCAPE: char = '\0';

/// Names one request to one function: `dnc-batcher#<64 hex digits>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

/// The key of what identifies a request: an idempotency key, or the fields that count.
pub fn key(function: &str, identity: &Value) -> Key {
    Key(format!("{function}#{}", digest(identity)))
}

/// The key of a body that has no identity: every byte of it counts. No identity has this key.
pub fn key_of_body(function: &str, body: &[u8]) -> Key {
    Key(format!("{function}#body#{}", hex(body)))
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
    hex(&canonical)
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The document with those numbers as texts that canonical JSON would make others of. As doubles,
/// two ids that differ in the last digit would be one, and the second event would be lost as a
/// duplicate of the first. The texts are such as no other text becomes.
fn exact(document: &Value) -> Value {
    match document {
        Value::Number(number) if !is_exact(number) => format!("{ESCAPE}number {number}").into(),
        Value::String(text) if text.starts_with(ESCAPE) => format!("{ESCAPE}{text}").into(),
        Value::Array(list) => list.iter().map(exact).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), exact(value))).collect()
        }
        other => other.clone(),
    }
}

fn is_exact(number: &Number) -> bool {
    let is_negative_zero = |number: f64| number == 0.0 && number.is_sign_negative();
    number.as_u64().is_some_and(|integer| integer <= EXACT_MAX)
        || number.as_i64().is_some_and(|integer| integer.unsigned_abs() <= EXACT_MAX)
        || number.is_f64() && !number.as_f64().is_some_and(is_negative_zero)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

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
        assert_eq!(of(&json!([-1, 0])), of(&json!([-1.0, 0.0])));
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
        // The double may stand for the next integer as well.
        assert_ne!(of(&json!([1_u64 << 53])), of(&json!([2_f64.powi(53)])));
        assert_eq!(of(&json!([(1_u64 << 53) - 1])), of(&json!([2_f64.powi(53) - 1.0])));
    }

    #[test]
    fn a_number_is_never_a_text_and_minus_zero_is_not_zero() {
        let large = 9_007_199_254_740_993_u64;
        for text in [large.to_string(), format!("\0number {large}"), format!("\0\0number {large}")]
        {
            assert_ne!(of(&json!([large])), of(&json!([text])), "{text:?}");
        }
        assert_ne!(of(&json!("\0a")), of(&json!("\0\0a")));
        assert_ne!(of(&json!([-0.0])), of(&json!([0])));
    }

    #[test]
    fn a_body_has_a_key_of_its_own_whatever_it_holds() {
        let keys = [
            key_of_body("router", b"{}"),
            key_of_body("router", b"{ }"),
            key_of_body("router", b"\xff"),
            key_of_body("router", "\u{FFFD}".as_bytes()),
            key_of_body("other", b"{}"),
            key("router", &json!({})),
            key("router", &json!("{}")),
        ];
        let distinct: HashSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
        assert_eq!(key_of_body("router", b"{}"), keys[0]);
    }

    /// The numbers of RFC 8785, appendix B, by their bits, and the text of section 3.2.3. That of
    /// minus zero is ours: to us it is not zero.
    #[test]
    fn the_canonical_form_is_that_of_the_standard() {
        for (bits, text) in [
            (0x0000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            let number = json!(f64::from_bits(bits));
            assert_eq!(digest(&number), hex(text.as_bytes()), "{text}");
        }
        let sorted = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
            "\u{f6}": "Latin Small Letter O With Diaeresis",
        });
        let canonical = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
                         \"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\
                         \"\u{1f600}\":\"Emoji: Grinning Face\",\
                         \"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
        assert_eq!(digest(&sorted), hex(canonical.as_bytes()));
    }

    /// Another way to distinguish documents that shares no code with ours: each part with its type
    /// and its length before it. A number is its value.
    fn naive(document: &Value) -> String {
        let part = |kind: char, text: String| format!("{kind}{}:{text}", text.len());
        match document {
            Value::Null => part('z', String::new()),
            Value::Bool(value) => part('b', value.to_string()),
            Value::Number(number) => {
                let text = number.to_string();
                let text = text.strip_suffix(".0").filter(|whole| *whole != "-0");
                part('n', text.map_or(number.to_string(), str::to_owned))
            }
            Value::String(text) => part('s', text.clone()),
            Value::Array(list) => part('l', list.iter().map(naive).collect()),
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by_key(|(name, _)| name.as_str());
                let field =
                    |(name, value): (&String, &Value)| part('k', name.clone()) + &naive(value);
                part('o', fields.into_iter().map(field).collect())
            }
        }
    }

    fn leaves() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-3_i64..3).prop_map(Value::from),
            prop::sample::select(vec![json!(0.0), json!(-0.0), json!(1.0), json!(-1.5)]),
            // Around what a double holds.
            ((1_u64 << 53) - 2..(1 << 53) + 3).prop_map(Value::from),
            (u64::MAX - 1..=u64::MAX).prop_map(Value::from),
            "[\\x000-2]{0,2}".prop_map(Value::from),
            ((1_u64 << 53) - 2..(1 << 53) + 3)
                .prop_map(|number| format!("\0number {number}").into()),
            ((1_u64 << 53) - 2..(1 << 53) + 3).prop_map(|number| number.to_string().into()),
        ]
    }

    /// Small documents out of few parts, so that two are often nearly the same.
    fn documents() -> impl Strategy<Value = Value> {
        leaves().prop_recursive(2, 6, 2, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a\\x00]{0,2}", inner, 0..3)
                    .prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn two_identities_have_one_key_only_if_they_are_one(a in documents(), b in documents()) {
            prop_assert_eq!(of(&a) == of(&b), naive(&a) == naive(&b), "{} {}", a, b);
        }

        #[test]
        fn two_leaves_have_one_key_only_if_they_are_one(a in leaves(), b in leaves()) {
            prop_assert_eq!(of(&a) == of(&b), naive(&a) == naive(&b), "{} {}", a, b);
        }

        #[test]
        fn one_byte_makes_another_body(body in prop::collection::vec(any::<u8>(), 1..60), at in any::<prop::sample::Index>(), by in 1_u8..) {
            let mut other = body.clone();
            other[at.index(body.len())] ^= by;
            prop_assert_ne!(key_of_body("f", &body), key_of_body("f", &other));
            prop_assert_eq!(key_of_body("f", &body), key_of_body("f", &body.clone()));
        }
    }

    proptest! {
        #[test]
        fn different_texts_have_different_keys(a in ".*", b in ".*") {
            prop_assert_eq!(a == b, of(&json!({ "id": a })) == of(&json!({ "id": b })));
        }
    }
}
