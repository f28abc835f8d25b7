//! Dead letters: messages that cannot be processed, kept unchanged for an operator to repair and
//! redrive with `aws sqs start-message-move-task`.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use aws_sdk_sqs::{Client, error::BuildError, primitives::Blob, types::MessageAttributeValue};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::{MESSAGE_BYTES_MAX, Queue, QueueError, Reason, text_attribute};
use crate::{
    aws::CallFailed,
    idempotency::{self, IdempotencyStore, Lease},
    once::{Request, Steps},
    problem::Problem,
};

/// Most attributes of an SQS message.
const ATTRIBUTES_MAX: usize = 10;
/// Time that a stored body is remembered.
const REMEMBERED: Duration = Duration::from_hours(24);
/// The attribute of a body that SQS would not store as it is, and its value.
const ENCODING: &str = "body_encoding";
const BASE64: &str = "base64";

/// A queue of dead letters, filled by one function.
#[derive(Debug, Clone)]
pub struct DeadLetterQueue {
    queue: Queue,
    function: &'static str,
}

impl DeadLetterQueue {
    /// The queue at `url`, filled by `function`.
    pub fn new(client: Client, url: impl Into<String>, function: &'static str) -> Self {
        Self { queue: Queue::new(client, url), function }
    }

    /// Sends a message with its original body and attributes, and beside them why it failed:
    /// `error_code`, `error_message`, `function` and `failed_at`. A body that is no text, or holds
    /// what SQS would replace, is sent in base64 with the attribute `body_encoding`.
    ///
    /// SQS allows ten attributes: of the original ones the first six by name are kept, as far as
    /// there is room.
    pub async fn send<S: std::hash::BuildHasher>(
        &self,
        body: impl AsRef<[u8]>,
        attributes: &HashMap<String, SqsMessageAttribute, S>,
        reason: &Reason,
        failed_at: DateTime<Utc>,
    ) -> Result<(), QueueError> {
        let text = std::str::from_utf8(body.as_ref()).ok().filter(|text| is_kept_by_sqs(text));
        let encoded = text.is_none();
        let body = text.map_or_else(|| BASE64_STANDARD.encode(&body), str::to_owned);
        let ours = self
            .ours(reason, failed_at, encoded)
            .map_err(|error| CallFailed::new("SQS", &error))?;
        let attributes =
            with_original(ours, attributes, MESSAGE_BYTES_MAX - body.len().min(MESSAGE_BYTES_MAX));
        self.queue.send_with(body, attributes).await?;
        tracing::warn!(
            code = reason.code(),
            why = reason.message(),
            "a message was put among the dead letters"
        );
        Ok(())
    }

    /// Keeps the body of a webhook that cannot be worked on, once however often it is delivered
    /// within a day: its sender may repeat it for as long.
    pub async fn send_once(
        &self,
        body: &[u8],
        reason: &Reason,
        claims: &IdempotencyStore,
        lease: Lease,
    ) -> Result<(), Problem> {
        if body.is_empty() {
            return Ok(());
        }
        let key = idempotency::key_of_body(self.function, body);
        let identity = json!(key.to_string());
        let request = Request { key: &key, identity: &identity, lease, keep_for: REMEMBERED };
        let send = async |_: &mut Steps| {
            let sent = self.send(body, &HashMap::new(), reason, ambient::now()).await;
            sent.map_err(Problem::not_stored)
        };
        claims.once(request, send).await?;
        Ok(())
    }

    /// Attributes of ours: the reason of the failure, and the encoding of the body.
    fn ours(
        &self,
        reason: &Reason,
        failed_at: DateTime<Utc>,
        encoded: bool,
    ) -> Result<Attributes, BuildError> {
        let failed_at = failed_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        // An attribute must not be empty.
        let message = match reason.message() {
            "" => reason.code(),
            message => message,
        };
        let why = [
            ("error_code", reason.code()),
            ("error_message", message),
            ("function", self.function),
            ("failed_at", &failed_at),
        ];
        let encoding = encoded.then_some((ENCODING, BASE64));
        why.into_iter()
            .chain(encoding)
            .map(|(name, value)| Ok((name.to_owned(), text_attribute(value)?)))
            .collect()
    }
}

type Attributes = Vec<(String, MessageAttributeValue)>;

/// The body of a message as it was before it was a dead letter. What is no UTF-8 is replaced.
pub fn original(message: &SqsMessage) -> Cow<'_, str> {
    let body = message.body.as_deref().unwrap_or_default();
    let encoding = message.message_attributes.get(ENCODING);
    if encoding.and_then(|encoding| encoding.string_value.as_deref()) != Some(BASE64) {
        return body.into();
    }
    let bytes = BASE64_STANDARD.decode(body);
    bytes.map_or(body.into(), |bytes| String::from_utf8_lossy(&bytes).into_owned().into())
}

/// Adds the original attributes that fit. The encoding of the body comes first: without it, the
/// body could not be read.
fn with_original<S>(
    ours: Attributes,
    original: &HashMap<String, SqsMessageAttribute, S>,
    mut room: usize,
) -> Attributes {
    let mut original: Vec<_> = original
        .iter()
        // A dead letter that was redriven names its earlier death: ours replaces it.
        .filter(|(name, _)| ours.iter().all(|(our, _)| our != *name))
        .filter_map(|(name, attribute)| Some((name.clone(), copied(attribute)?)))
        .collect();
    original.sort_by_cached_key(|(name, _)| (name != ENCODING, name.clone()));
    let mut kept = ours;
    room = room.saturating_sub(kept.iter().map(size).sum());
    for attribute in original {
        let size = size(&attribute);
        if kept.len() < ATTRIBUTES_MAX && size <= room {
            room -= size;
            kept.push(attribute);
        }
    }
    kept
}

/// Size of an attribute within its message.
fn size((name, value): &(String, MessageAttributeValue)) -> usize {
    let text = value.string_value().map_or(0, str::len);
    let bytes = value.binary_value().map_or(0, |bytes| bytes.as_ref().len());
    name.len() + value.data_type().len() + text + bytes
}

/// Returns whether SQS stores a text as it is. Of most control characters, and of noncharacters, it
/// makes U+FFFD, and it takes no empty body.
fn is_kept_by_sqs(text: &str) -> bool {
    let is_kept = |c: char| match c {
        '\t' | '\n' | '\r' => true,
        '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => false,
        _ => true,
    };
    !text.is_empty() && text.chars().all(is_kept)
}

/// An attribute as Lambda hands it over, as SQS takes it. `None` when it has no value.
fn copied(attribute: &SqsMessageAttribute) -> Option<MessageAttributeValue> {
    let builder = MessageAttributeValue::builder().data_type(attribute.data_type.as_deref()?);
    let builder = match (&attribute.string_value, &attribute.binary_value) {
        (Some(text), _) if !text.is_empty() => builder.string_value(text),
        (_, Some(bytes)) if !bytes.is_empty() => builder.binary_value(Blob::new(bytes.0.clone())),
        _ => return None,
    };
    builder.build().ok()
}
