//! SQS batches: one bad record fails alone.
//!
//! [`WorkQueue::process`] handles the messages of a batch one by one and finishes them,
//! [`WorkQueue::process_lanes`] those side by side that do not concern each other. A function that
//! needs all messages at once, such as dnc-batcher, reads them with [`each`], does its work, and
//! calls [`WorkQueue::finish_batch`].

mod work_queue;

use std::{collections::BTreeMap, panic::AssertUnwindSafe, time::Duration};

use ambient::Instant;

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use futures::{FutureExt, future::join_all};
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

/// Handles messages of different lanes side by side, and those of one lane one by one, in order, as
/// [`each`] does. Returns them in the order of the batch.
pub async fn in_lanes<T, F>(
    records: Vec<SqsMessage>,
    deadline: Instant,
    lane: impl Fn(&SqsMessage) -> String,
    handle: F,
) -> Vec<Handled<T>>
where
    F: AsyncFn(&SqsMessage) -> Outcome<T>,
{
    let mut lanes: BTreeMap<String, (Vec<usize>, Vec<SqsMessage>)> = BTreeMap::new();
    for (position, record) in records.into_iter().enumerate() {
        let (positions, records) = lanes.entry(lane(&record)).or_default();
        positions.push(position);
        records.push(record);
    }
    let lanes = lanes.into_values().map(async |(positions, records)| {
        positions.into_iter().zip(each(records, deadline, &handle).await).collect::<Vec<_>>()
    });
    let mut handled: Vec<_> = join_all(lanes).await.into_iter().flatten().collect();
    handled.sort_unstable_by_key(|(position, _)| *position);
    handled.into_iter().map(|(_, handled)| handled).collect()
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
    async fn lanes_run_side_by_side_and_each_keeps_its_order() {
        let lane = |record: &SqsMessage| record.message_id.as_deref().unwrap_or("")[..1].to_owned();
        // Each of the first two waits for the other: one after the other they would never end.
        let meeting = tokio::sync::Barrier::new(2);
        let order = std::sync::Mutex::new(Vec::new());
        let handle = async |record: &SqsMessage| {
            let id = record.message_id.clone().unwrap_or_default();
            if id.ends_with('1') {
                meeting.wait().await;
            }
            order.lock().expect("no panic").push(id.clone());
            if id == "b2" { panic!("a bad record") } else { Ok(id) }
        };
        let outcomes =
            in_lanes(records(&["a1", "a2", "b1", "b2", "a3"]), far(), lane, handle).await;
        let ok = |id: &str| Ok(id.to_owned());
        let outcomes: Vec<_> = outcomes.into_iter().map(|it| it.outcome).collect();
        assert_eq!(outcomes, [ok("a1"), ok("a2"), ok("b1"), Err(Failure::RETRY), ok("a3")]);
        let mut order = order.into_inner().expect("no panic");
        order.sort_by_key(|id| id[..1].to_owned());
        assert_eq!(order, ["a1", "a2", "a3", "b1", "b2"]);
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
