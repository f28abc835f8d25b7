//! One dead letter.

use std::{collections::HashMap, fmt};

use anyhow::Context;
use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use chrono::{DateTime, Utc};
use outbound::{E164, Region};
use platform::queue::original;
use serde::Serialize;
use serde_json::Value;

use crate::output;

/// The code of letters that SQS moved by itself.
pub(crate) const NO_CODE: &str = "none";
/// The code of messages that may be opt-outs: a person decides.
pub(crate) const DOUBTFUL: &str = "doubtful_opt_out";
/// Characters of an id that are shown in lists.
const ID_SHOWN: usize = 8;

/// One dead letter.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letter {
    /// SQS's id of the message.
    pub(crate) id: String,
    /// Its queue, by the name in the template.
    pub(crate) queue: String,
    /// Time at which it was sent, to this queue or, if SQS moved it, to its first.
    pub(crate) sent_at: DateTime<Utc>,
    /// Why it is here. None if SQS moved it, because it was received too often.
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
    /// The function that gave it up.
    pub(crate) function: Option<String>,
    /// Time at which it gave up.
    pub(crate) failed_at: Option<String>,
    /// The body as it was before it was a dead letter.
    pub(crate) body: Value,
    /// The message as it is stored, to be sent again.
    #[serde(skip)]
    pub(crate) stored_body: String,
    #[serde(skip)]
    pub(crate) attributes: HashMap<String, MessageAttributeValue>,
    /// Handle of this receive.
    #[serde(skip)]
    pub(crate) receipt_handle: String,
}

/// A body may hold a number: only the id is shown.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Letter {
    /// Reads a received message of a queue.
    pub(crate) fn of(queue: &str, message: Message) -> anyhow::Result<Self> {
        let attributes = message.message_attributes.unwrap_or_default();
        let text = |name: &str| {
            attributes.get(name).and_then(MessageAttributeValue::string_value).map(str::to_owned)
        };
        let stored_body = message.body.unwrap_or_default();
        let sent_at = message.attributes.as_ref().and_then(|system| {
            let sent = system.get(&MessageSystemAttributeName::SentTimestamp)?;
            DateTime::from_timestamp_millis(sent.parse().ok()?)
        });
        Ok(Self {
            id: message.message_id.context("SQS returned a message without id")?,
            queue: queue.to_owned(),
            sent_at: sent_at.context("SQS returned a message without the time of its sending")?,
            error_code: text("error_code"),
            error_message: text("error_message"),
            function: text("function"),
            failed_at: text("failed_at"),
            body: read_body(&stored_body, &attributes),
            receipt_handle: message.receipt_handle.context("SQS returned no receipt handle")?,
            stored_body,
            attributes,
        })
    }

    /// The code, as a selection names it.
    pub(crate) fn code(&self) -> &str {
        self.error_code.as_deref().unwrap_or(NO_CODE)
    }

    /// The beginning of the id, by which a person names it.
    pub(crate) fn short_id(&self) -> &str {
        self.id.get(..ID_SHOWN).unwrap_or(&self.id)
    }

    /// Returns whether any text of the body is this number, in any usual spelling.
    pub(crate) fn is_about(&self, number: &E164, region: Region) -> bool {
        is_in(&self.body, number, region)
    }

    /// Everything, for a person.
    pub(crate) fn shown(&self, now: DateTime<Utc>) -> String {
        let mut text = String::new();
        let age = output::span(now - self.sent_at);
        for (title, content) in [
            ("id", Some(self.id.as_str())),
            ("queue", Some(&self.queue)),
            ("sent", Some(&format!("{}, {age} ago", output::instant(self.sent_at)))),
            ("code", Some(self.code())),
            ("why", self.error_message.as_deref()),
            ("function", self.function.as_deref()),
            ("failed", self.failed_at.as_deref()),
        ] {
            if let Some(content) = content {
                output::line(&mut text, "", &format!("{title:<8}  {content}"));
            }
        }
        let body = match &self.body {
            Value::String(text) => text.clone(),
            body => serde_json::to_string_pretty(body).unwrap_or_default(),
        };
        text + &body + "\n"
    }
}

/// The original body, as JSON where it is JSON.
fn read_body(stored: &str, attributes: &HashMap<String, MessageAttributeValue>) -> Value {
    let mut message = SqsMessage::default();
    message.body = Some(stored.to_owned());
    for (name, attribute) in attributes {
        let mut copy = SqsMessageAttribute::default();
        copy.string_value = attribute.string_value().map(str::to_owned);
        message.message_attributes.insert(name.clone(), copy);
    }
    let body = original(&message);
    serde_json::from_str(&body).unwrap_or_else(|_| Value::String(body.into_owned()))
}

fn is_in(value: &Value, number: &E164, region: Region) -> bool {
    match value {
        Value::String(text) => E164::parse(text, region).is_ok_and(|it| it == *number),
        Value::Number(digits) => is_in(&Value::String(digits.to_string()), number, region),
        Value::Array(items) => items.iter().any(|item| is_in(item, number, region)),
        Value::Object(fields) => fields.values().any(|field| is_in(field, number, region)),
        Value::Null | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_is_found_in_any_spelling_and_depth_and_no_other() {
        let number: E164 = "+12025550110".parse().expect("a number");
        for body in [
            json!({ "phoneNumber": "+12025550110" }),
            json!({ "data": { "contact": { "phoneNumber": "(202) 555-0110" } } }),
            json!(["1-202-555-0110"]),
            json!({ "data": { "phoneNumber": 2_025_550_110_u64 } }),
        ] {
            assert!(is_in(&body, &number, Region::US), "{body}");
        }
        for body in
            [json!({ "phoneNumber": "+12025550111" }), json!({ "id": "evt-1" }), json!(null)]
        {
            assert!(!is_in(&body, &number, Region::US), "{body}");
        }
    }
}
