//! Dead letters: messages that cannot be worked on, kept as they were for a person to repair and
//! `aws sqs start-message-move-task` to put back.

use std::collections::HashMap;

use aws_lambda_events::sqs::SqsMessageAttribute;
use aws_sdk_sqs::{Client, error::BuildError, primitives::Blob, types::MessageAttributeValue};
use chrono::{DateTime, SecondsFormat, Utc};

use super::{Queue, QueueError, Reason};
use crate::aws::CallFailed;

/// How many attributes SQS lets a message have.
const ATTRIBUTES_MAX: usize = 10;

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
    /// `error_code`, `error_message`, `function` and `failed_at`.
    ///
    /// SQS allows ten attributes: of the original ones the first six by name are kept.
    pub async fn send<S: std::hash::BuildHasher>(
        &self,
        body: &str,
        attributes: &HashMap<String, SqsMessageAttribute, S>,
        reason: &Reason,
        failed_at: DateTime<Utc>,
    ) -> Result<(), QueueError> {
        let attributes = self
            .attributes(attributes, reason, failed_at)
            .map_err(|error| CallFailed::new("SQS", &error))?;
        self.queue.send_with(body.to_owned(), attributes).await?;
        tracing::warn!(
            code = reason.code(),
            why = reason.message(),
            "a message was put among the dead letters"
        );
        Ok(())
    }

    fn attributes<S>(
        &self,
        original: &HashMap<String, SqsMessageAttribute, S>,
        reason: &Reason,
        failed_at: DateTime<Utc>,
    ) -> Result<Vec<(String, MessageAttributeValue)>, BuildError> {
        let failed_at = failed_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        // An attribute must not be empty.
        let message = match reason.message() {
            "" => reason.code(),
            message => message,
        };
        let ours = [
            ("error_code", reason.code()),
            ("error_message", message),
            ("function", self.function),
            ("failed_at", &failed_at),
        ];
        let mut kept: Vec<_> = original
            .iter()
            // A letter that died before names its earlier death: ours replaces it.
            .filter(|(name, _)| ours.iter().all(|(our, _)| our != name))
            .filter_map(|(name, attribute)| Some((name.clone(), copied(attribute)?)))
            .collect();
        kept.sort_by(|(a, _), (b, _)| a.cmp(b));
        kept.truncate(ATTRIBUTES_MAX - ours.len());
        for (name, value) in ours {
            let value =
                MessageAttributeValue::builder().data_type("String").string_value(value).build()?;
            kept.push((name.to_owned(), value));
        }
        Ok(kept)
    }
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
