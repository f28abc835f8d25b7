//! The record of one request as it lies in the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::IdempotencyError;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) phase: Phase,
    pub(super) claimed_by: String,
    /// Names the owner's last write. Absent in items of version 0.1, until they are taken over.
    #[serde(default)]
    pub(super) revision: String,
    pub(super) payload_hash: String,
    pub(super) lease_until_ms: i64,
    /// Epoch seconds, the table's TTL attribute.
    pub(super) expires_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) progress: Option<JsonText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<JsonText>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    InProgress,
    Completed,
}

impl Phase {
    pub(super) const IN_PROGRESS: &str = "in_progress";
    pub(super) const COMPLETED: &str = "completed";
}

impl Item {
    /// Returns whether this is a claim to the same request whose owner is gone.
    pub(super) fn is_abandoned_by_the_twin_of(&self, ours: &Self, now: DateTime<Utc>) -> bool {
        self.phase == Phase::InProgress
            && self.lease_until_ms <= now.timestamp_millis()
            && self.payload_hash == ours.payload_hash
            && self.claimed_by != ours.claimed_by
    }

    pub(super) fn to_attributes(
        &self,
    ) -> Result<HashMap<String, AttributeValue>, IdempotencyError> {
        serde_dynamo::to_item(self).map_err(|error| unreadable(&error))
    }

    pub(super) fn from_attributes(
        attributes: HashMap<String, AttributeValue>,
    ) -> Result<Self, IdempotencyError> {
        serde_dynamo::from_item(attributes).map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &serde_dynamo::Error) -> IdempotencyError {
    IdempotencyError::Unreadable(error.to_string())
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// JSON as one text: an answer is replayed as it was, with the order of its fields and numbers of
/// any size, which DynamoDB's own types do not keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct JsonText(pub(super) Value);

impl TryFrom<String> for JsonText {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

impl From<JsonText> for String {
    fn from(json: JsonText) -> Self {
        json.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_is_read_as_it_is_written_with_numbers_of_any_size() {
        let text = r#"{"b":18446744073709551615,"a":-0.5}"#;
        let document = || JsonText::try_from(text.to_owned()).expect("JSON");
        let item = Item {
            id: "router#1".to_owned(),
            phase: Phase::Completed,
            claimed_by: "a".to_owned(),
            revision: "1".to_owned(),
            payload_hash: "2".to_owned(),
            lease_until_ms: 3,
            expires_at: 4,
            progress: Some(JsonText(json!({ "step": null }))),
            answer: Some(document()),
        };
        let attributes = item.to_attributes().expect("it is written");
        assert_eq!(attributes["answer"].as_s().map(String::len), Ok(text.len()));
        assert_eq!(Item::from_attributes(attributes).expect("it is read"), item);
    }
}
