//! Limits of SQS that the embedded service lacks.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use axum::body::Bytes;
use serde_json::Value;

/// A request to send a message as SQS stores it: what is too long is refused, and characters that no
/// message may have become U+FFFD.
pub(super) fn stored(
    body: &Bytes,
    message_bytes_max: &BTreeMap<String, usize>,
) -> anyhow::Result<Bytes> {
    let mut request: Value = serde_json::from_slice(body)?;
    let queue = request["QueueUrl"].as_str().context("QueueUrl is missing")?;
    let longest = *message_bytes_max.get(queue).context("there is no such queue")?;
    let message = request["MessageBody"].as_str().context("MessageBody is missing")?;
    let attributes = request["MessageAttributes"].as_object();
    let attributes = attributes.into_iter().flatten().map(attribute_bytes).sum::<usize>();
    let bytes = message.len() + attributes;
    if message.is_empty() || bytes > longest {
        bail!(
            "One or more parameters are invalid. Reason: Message must be between 1 and {longest} bytes; it has {bytes}."
        );
    }
    let replaced = |c: char| if is_kept(c) { c } else { char::REPLACEMENT_CHARACTER };
    request["MessageBody"] = message.chars().map(replaced).collect::<String>().into();
    Ok(request.to_string().into())
}

/// Name, type and value count.
fn attribute_bytes((name, attribute): (&String, &Value)) -> usize {
    let values = attribute.as_object().into_iter().flat_map(|fields| fields.values());
    name.len() + values.filter_map(Value::as_str).map(str::len).sum::<usize>()
}

fn is_kept(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(message: &str, attribute: &str) -> anyhow::Result<Value> {
        let request = json!({
            "QueueUrl": "queue", "MessageBody": message,
            "MessageAttributes": { "why": { "DataType": "String", "StringValue": attribute } },
        });
        let limits = BTreeMap::from([("queue".to_owned(), 100)]);
        stored(&request.to_string().into(), &limits)
            .map(|it| serde_json::from_slice(&it).expect("JSON"))
    }

    #[test]
    fn a_message_counts_with_its_attributes() {
        assert!(sent(&"x".repeat(90), "y").is_ok());
        assert!(sent(&"x".repeat(90), "yy").is_err());
        assert!(sent("", "y").is_err());
    }

    #[test]
    fn characters_that_no_message_may_have_are_replaced() {
        let stored = sent("a\u{0}b\u{FFFE}c\t\u{7f}", "y").expect("it is stored");
        assert_eq!(stored["MessageBody"], "a\u{FFFD}b\u{FFFD}c\t\u{7f}");
    }
}
