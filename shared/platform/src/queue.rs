//! Sends SQS messages; dead letters carry the failure reason as attributes.

mod dead_letter;
mod reason;

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    error::BuildError,
    types::{ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue},
};
use serde::Serialize;

use crate::aws::CallFailed;
pub use dead_letter::{DeadLetterQueue, original};
pub use reason::Reason;

/// The longest message that SQS takes: its body, and the names, types and values of its attributes.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// The longest body that is sent. The rest is left for attributes, so that whatever is sent can be
/// dead-lettered with its reason.
pub const BODY_BYTES_MAX: usize = MESSAGE_BYTES_MAX - 16 * 1024;

/// Most messages in one batch call.
const BATCH_MAX: usize = 10;

/// The longest a message may be hidden: SQS counts twelve hours from when it was received, which
/// may be as long ago as a Lambda runs.
const HIDDEN_MAX: Duration = Duration::from_mins(12 * 60 - 15);

/// One SQS queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

/// Failure to send a message.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// No queue takes a body of this length.
    #[error("a message of {bytes} bytes is longer than a queue takes")]
    TooLarge {
        /// Length of the message.
        bytes: usize,
    },
    /// The message cannot be written as JSON.
    #[error("the message cannot be written as JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// SQS refused or did not answer.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
}

impl Queue {
    /// The queue at `url`.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Sends a message as JSON. It is in the queue when this returns.
    pub async fn send(&self, message: &impl Serialize) -> Result<(), QueueError> {
        self.send_raw(serde_json::to_string(message)?).await
    }

    /// Sends a message as JSON for a consumer of ours, with the attribute `idempotency_key` to
    /// detect repeats: a message may come twice.
    pub async fn send_keyed(
        &self,
        message: &(impl Serialize + ?Sized),
        key: &str,
    ) -> Result<(), QueueError> {
        let attribute = text_attribute(key).map_err(|error| CallFailed::new("SQS", &error))?;
        let attributes = vec![("idempotency_key".to_owned(), attribute)];
        self.send_json(serde_json::to_string(message)?, attributes).await
    }

    /// Sends JSON as it is. It is in the queue when this returns.
    pub async fn send_raw(&self, body: impl Into<String>) -> Result<(), QueueError> {
        self.send_json(body.into(), Vec::new()).await
    }

    async fn send_json(
        &self,
        body: String,
        attributes: Vec<(String, MessageAttributeValue)>,
    ) -> Result<(), QueueError> {
        let body = storable(body);
        if body.len() > BODY_BYTES_MAX {
            return Err(QueueError::TooLarge { bytes: body.len() });
        }
        self.send_with(body, attributes).await
    }

    async fn send_with(
        &self,
        body: String,
        attributes: Vec<(String, MessageAttributeValue)>,
    ) -> Result<(), QueueError> {
        let send = self.client.send_message().queue_url(&self.url).message_body(body);
        attributes
            .into_iter()
            .fold(send, |send, (name, value)| send.message_attributes(name, value))
            .send()
            .await
            .map_err(|error| CallFailed::new("SQS", &error))?;
        Ok(())
    }

    /// Hides received messages, named by receipt handle, for that long from now on.
    ///
    /// A failure is only logged: the queue's own visibility timeout then applies.
    pub async fn set_visibility(&self, timeouts: &[(String, Duration)]) {
        for chunk in timeouts.chunks(BATCH_MAX) {
            if let Err(error) = self.set_visibility_of_batch(chunk).await {
                tracing::warn!(%error, messages = chunk.len(), "visibility not changed");
            }
        }
    }

    async fn set_visibility_of_batch(
        &self,
        timeouts: &[(String, Duration)],
    ) -> Result<(), CallFailed> {
        let entries = timeouts.iter().enumerate().map(|(id, (handle, timeout))| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(id.to_string())
                .receipt_handle(handle)
                .visibility_timeout(whole_seconds(*timeout))
                .build()
        });
        let entries = entries.collect::<Result<_, _>>();
        let answer = self
            .client
            .change_message_visibility_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries.map_err(|error| CallFailed::new("SQS", &error))?))
            .send()
            .await
            .map_err(|error| CallFailed::new("SQS", &error))?;
        for failure in answer.failed() {
            tracing::warn!(code = failure.code(), "visibility of a message not changed");
        }
        Ok(())
    }
}

fn text_attribute(text: &str) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type("String").string_value(text).build()
}

/// JSON may hold these two characters as they are, SQS replaces them. In JSON they only ever stand in
/// a text: escaped, they mean the same.
fn storable(body: String) -> String {
    if body.contains(['\u{FFFE}', '\u{FFFF}']) {
        body.replace('\u{FFFE}', "\\ufffe").replace('\u{FFFF}', "\\uffff")
    } else {
        body
    }
}

/// Rounded up, so that a wait which CXone requested is never cut short.
fn whole_seconds(timeout: Duration) -> i32 {
    let timeout = timeout.min(HIDDEN_MAX);
    let seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqs_would_refuse_is_escaped_and_means_the_same() {
        let body = "{\"note\":\"a\u{FFFE}b\u{FFFF}\"}".to_owned();
        let stored = storable(body.clone());
        assert!(stored.is_ascii());
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(parse(&stored), parse(&body));
    }

    #[test]
    fn a_wait_is_rounded_up_and_kept_within_what_sqs_allows() {
        assert_eq!(whole_seconds(Duration::ZERO), 0);
        assert_eq!(whole_seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(whole_seconds(Duration::MAX), 42_300);
    }
}
