//! SQS batches: one bad record fails alone.
//!
//! [`WorkQueue::process`] handles the messages of a batch one by one and finishes them. A function
//! that needs all messages at once, such as dnc-batcher, reads them with [`each`], does its work, and
//! calls [`WorkQueue::finish_batch`].

mod work_queue;

use std::{panic::AssertUnwindSafe, time::Duration};

use ambient::Instant;

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use tokio::time::timeout_at;
use tracing::{Instrument, Span};

use crate::{invocation, queue::Reason, telemetry::message_span};
pub use work_queue::{Finished, WorkQueue};

/// Time kept to finish the batch.
const FINISHING: Duration = Duration::from_secs(1);

/// Result of one message. `Ok` deletes it.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Failure to handle a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Retry: the message goes back to its queue, for longer the more often it has been received.
    Retry {
        /// Shortest wait.
        not_before: Option<Duration>,
    },
    /// Retry apart from the rest of its batch: the message failed by itself, and would fail those it
    /// comes back with.
    RetryAlone {
        /// Shortest wait.
        not_before: Option<Duration>,
    },
    /// No time left: the message goes back and can be received at once.
    Untouched,
    /// Permanent failure: the message goes to the dead letters.
    DeadLetter(Reason),
}

/// Message of a batch with its outcome.
#[derive(Debug)]
pub struct Handled<T = ()> {
    /// The message.
    pub message: SqsMessage,
    /// Its outcome.
    pub outcome: Outcome<T>,
    /// Span of the message: its log lines name the event.
    span: Span,
}

impl<T> Handled<T> {
    /// Creates a message that was handled without a span of its own.
    pub fn new(message: SqsMessage, outcome: Outcome<T>) -> Self {
        Self { message, outcome, span: Span::none() }
    }

    /// Applies `next` to the outcome, unless it is a failure.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Outcome<U>) -> Handled<U> {
        let Self { message, outcome, span } = self;
        Handled { message, outcome: outcome.and_then(next), span }
    }
}

impl Failure {
    /// Retry, later the more often it has been tried.
    pub const RETRY: Self = Self::Retry { not_before: None };

    /// Permanent failure.
    pub fn dead_letter(code: &'static str, message: impl AsRef<str>) -> Self {
        Self::DeadLetter(Reason::new(code, message))
    }
}

/// Deadline for the messages: that of the invocation, less the time to finish the batch.
pub fn deadline(context: &lambda_runtime::Context) -> Instant {
    invocation::ends_at(context, FINISHING)
}

/// Time at which a message was sent to its queue.
pub fn sent_at(message: &SqsMessage) -> DateTime<Utc> {
    let sent_at_ms = message.attributes.get("SentTimestamp").and_then(|text| text.parse().ok());
    sent_at_ms.and_then(DateTime::from_timestamp_millis).unwrap_or_else(ambient::now)
}

/// Handles messages one by one, in order.
///
/// A message whose handler panics fails alone. One that is still handled at the deadline is canceled
/// and fails; those after it go back untouched, to be received again at once.
pub async fn each<T, F>(records: Vec<SqsMessage>, deadline: Instant, handle: F) -> Vec<Handled<T>>
where
    F: AsyncFn(&SqsMessage) -> Outcome<T>,
{
    let mut outcomes = Vec::with_capacity(records.len());
    for record in records {
        let span = message_span(record.message_id.as_deref());
        let outcome = if Instant::now() < deadline {
            one(&record, deadline, &handle).instrument(span.clone()).await
        } else {
            Err(Failure::Untouched)
        };
        outcomes.push(Handled { message: record, outcome, span });
    }
    outcomes
}

async fn one<T, F>(record: &SqsMessage, deadline: Instant, handle: &F) -> Outcome<T>
where
    F: AsyncFn(&SqsMessage) -> Outcome<T>,
{
    // Called inside the block, so that a panic before the first await is caught as well. Nothing
    // of a record that panicked is used again.
    let work = AssertUnwindSafe(async { handle(record).await }).catch_unwind();
    match timeout_at(deadline, work).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => {
            tracing::error!(message_id = record.message_id, "a record panicked");
            Err(Failure::RETRY)
        }
        Err(_) => {
            tracing::warn!(message_id = record.message_id, "a record ran out of time");
            Err(Failure::RETRY)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(ids: &[&str]) -> Vec<SqsMessage> {
        let record = |id: &&str| {
            let mut record = SqsMessage::default();
            record.message_id = Some((*id).to_owned());
            record
        };
        ids.iter().map(record).collect()
    }

    fn far() -> Instant {
        Instant::now() + Duration::from_hours(1)
    }

    fn assert_send<T: Send>(value: T) -> T {
        value
    }

    #[tokio::test]
    async fn a_panic_fails_its_own_record_only() {
        let handle = async |record: &SqsMessage| match record.message_id.as_deref() {
            Some("b") => panic!("a bad record"),
            id => Ok(id.map(str::to_owned)),
        };
        let outcomes = assert_send(each(records(&["a", "b", "c"]), far(), handle)).await;
        let outcomes: Vec<_> = outcomes.into_iter().map(|it| it.outcome).collect();
        assert_eq!(
            outcomes,
            [Ok(Some("a".to_owned())), Err(Failure::RETRY), Ok(Some("c".to_owned()))]
        );
    }

    #[tokio::test]
    async fn what_there_is_no_time_for_goes_back_untouched() {
        let handle = async |_: &SqsMessage| -> Outcome { unreachable!("there is no time") };
        let outcomes = each(records(&["a", "b"]), Instant::now(), handle).await;
        assert!(outcomes.iter().all(|it| it.outcome == Err(Failure::Untouched)));
        assert_eq!(outcomes.len(), 2);
    }

    #[tokio::test]
    async fn a_record_that_never_ends_cannot_keep_the_batch() {
        let handle = async |_: &SqsMessage| -> Outcome { std::future::pending().await };
        // Long enough for the first record to begin, however busy the machine is.
        let soon = Instant::now() + Duration::from_secs(3);
        let outcomes = each(records(&["a", "b"]), soon, handle).await;
        let outcomes: Vec<_> = outcomes.into_iter().map(|it| it.outcome).collect();
        assert_eq!(outcomes, [Err(Failure::RETRY), Err(Failure::Untouched)]);
    }
}
