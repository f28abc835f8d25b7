//! Finishes the messages of a batch: deletes, returns or dead-letters them.

use std::time::Duration;

use ambient::Instant;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use aws_sdk_sqs::Client;
use chrono::{DateTime, Utc};
use tracing::Instrument;

use super::{Failure, Handled, Outcome, each, in_lanes, sent_at};
use crate::{
    queue::{DeadLetterQueue, Queue, Reason},
    telemetry::{Count, EventRecord},
};

/// The wait after the first failure, before jitter, and the longest one.
const BACKOFF_BASE: Duration = Duration::from_secs(5);
const BACKOFF_MAX: Duration = Duration::from_mins(15);

/// Queue that feeds a function, with its dead letters.
#[derive(Debug, Clone)]
pub struct WorkQueue {
    /// Queue of the messages.
    pub queue: Queue,
    /// Queue of those that will never succeed.
    pub dead_letters: DeadLetterQueue,
}

/// Result of a batch.
#[derive(Debug, Default)]
pub struct Finished {
    /// Answer to the event source mapping: messages it does not name are deleted.
    pub response: SqsBatchResponse,
    /// Time at which the oldest of the messages that go back to the queue was sent.
    pub oldest_returned: Option<DateTime<Utc>>,
}

impl WorkQueue {
    /// Creates the work queue of a function from the URLs of its queues.
    pub fn new(sqs: &Client, url: String, dead_letter_url: String, function: &'static str) -> Self {
        Self {
            queue: Queue::new(sqs.clone(), url),
            dead_letters: DeadLetterQueue::new(sqs.clone(), dead_letter_url, function),
        }
    }

    /// Handles messages one by one, as [`each`] does, and finishes the batch.
    pub async fn process(
        &self,
        records: Vec<SqsMessage>,
        deadline: Instant,
        record: &mut EventRecord,
        handle: impl AsyncFn(&SqsMessage) -> Outcome,
    ) -> SqsBatchResponse {
        let outcomes = each(records, deadline, handle).await;
        self.finish_batch(outcomes, record).await
    }

    /// Handles messages lane by lane, as [`in_lanes`] does, and finishes the batch.
    pub async fn process_lanes(
        &self,
        records: Vec<SqsMessage>,
        deadline: Instant,
        record: &mut EventRecord,
        lane: impl Fn(&SqsMessage) -> String,
        handle: impl AsyncFn(&SqsMessage) -> Outcome,
    ) -> SqsBatchResponse {
        let outcomes = in_lanes(records, deadline, lane, handle).await;
        self.finish_batch(outcomes, record).await
    }

    /// Finishes a batch and records it, with the age of the oldest message that goes back. SQS's own
    /// `ApproximateAgeOfOldestMessage` leaves out messages that were received more than three times,
    /// and those are what waits while CXone is down.
    pub async fn finish_batch(
        &self,
        outcomes: Vec<Handled>,
        record: &mut EventRecord,
    ) -> SqsBatchResponse {
        record.count(Count::DeadLettered, dead_letters(&outcomes));
        let now = ambient::now();
        // Boxed: futures that are nested any deeper are too much for the compiler.
        let Finished { response, oldest_returned } = Box::pin(self.finish(outcomes, now)).await;
        // Clocks differ: what is sent in the future has not waited.
        let waited = oldest_returned.and_then(|since| (now - since).to_std().ok());
        record.oldest_waiting(waited.unwrap_or_default());
        let is_complete = response.batch_item_failures.is_empty();
        record.outcome(if is_complete { "completed" } else { "partly_returned" });
        response
    }

    /// Sends the dead letters, and hides the messages to retry until they are due.
    ///
    /// A dead letter that cannot be sent is retried as well: its message is not deleted.
    pub async fn finish(&self, outcomes: Vec<Handled>, now: DateTime<Utc>) -> Finished {
        // One draw for the whole batch: what failed together comes back together, and makes a full
        // batch again; what failed in another batch comes at another time.
        let together = ambient::chance();
        let mut finished = Finished::default();
        let mut hidden = Vec::new();
        for Handled { message, outcome, span } in outcomes {
            let Err(failure) = outcome else { continue };
            if let Failure::DeadLetter(reason) = &failure
                && self.dead_letter(&message, reason, now).instrument(span).await
            {
                continue;
            }
            let wait = wait(&failure, receives(&message), together, ambient::chance());
            let sent_at = sent_at(&message);
            let oldest = finished.oldest_returned.get_or_insert(sent_at);
            *oldest = sent_at.min(*oldest);
            if let Some(handle) = message.receipt_handle {
                hidden.push((handle, wait));
            }
            // A message without an id cannot be named. An empty name fails the whole batch, which
            // repeats work but loses nothing.
            finished.response.add_failure(message.message_id.unwrap_or_default());
        }
        self.queue.set_visibility(&hidden).await;
        finished
    }

    /// Sends a message to the dead letters. Returns whether it is stored there.
    async fn dead_letter(&self, message: &SqsMessage, reason: &Reason, now: DateTime<Utc>) -> bool {
        let body = message.body.as_deref().unwrap_or_default();
        let sent = self.dead_letters.send(body, &message.message_attributes, reason, now).await;
        if let Err(error) = &sent {
            tracing::error!(%error, message_id = message.message_id, "dead letter not sent");
        }
        sent.is_ok()
    }
}

/// Number of messages that will never succeed.
fn dead_letters(outcomes: &[Handled]) -> u64 {
    let is_dead = |failure: &Failure| matches!(failure, Failure::DeadLetter(_));
    let dead = outcomes.iter().filter(|it| it.outcome.as_ref().is_err_and(is_dead));
    dead.count() as u64
}

/// Number of times that the message has been received, this time included.
fn receives(message: &SqsMessage) -> u32 {
    message
        .attributes
        .get("ApproximateReceiveCount")
        .and_then(|count| count.parse().ok())
        .unwrap_or(1)
}

/// Time that a message stays in its queue: by the draw for its batch, `together`, or by its own,
/// `alone`, after those that it would fail again.
fn wait(failure: &Failure, receives: u32, together: f64, alone: f64) -> Duration {
    match failure {
        Failure::Untouched => Duration::ZERO,
        Failure::Retry { not_before } => {
            backoff(receives, together).max(not_before.unwrap_or_default())
        }
        Failure::RetryAlone { not_before } => {
            backoff(receives.saturating_add(1), alone).max(not_before.unwrap_or_default())
        }
        // It could not be dead-lettered.
        Failure::DeadLetter(_) => backoff(receives, together),
    }
}

/// Doubles with every receive up to a cap. `random` of 0 to 1 takes it down to half.
///
/// It is the least wait even if CXone requested a shorter one: in an outage of hours, short waits
/// would use up the receives that the queue allows.
fn backoff(receives: u32, random: f64) -> Duration {
    let doublings = receives.saturating_sub(1).min(16);
    let longest = (BACKOFF_BASE * 2_u32.pow(doublings)).min(BACKOFF_MAX);
    longest.mul_f64(0.5 + random / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let longest = |receives| backoff(receives, 1.0).as_secs();
        assert_eq!([1, 2, 3, 4].map(longest), [5, 10, 20, 40]);
        assert_eq!([9, 100, u32::MAX].map(longest), [900, 900, 900]);
    }

    #[test]
    fn only_what_will_never_succeed_is_counted_as_dead() {
        let dead = || Err(Failure::dead_letter("unreadable_message", "not JSON"));
        let outcomes = [Ok(()), dead(), Err(Failure::RETRY), dead()];
        let handled = outcomes.map(|outcome| Handled::new(SqsMessage::default(), outcome));
        assert_eq!((dead_letters(&handled), dead_letters(&[])), (2, 0));
    }

    #[test]
    fn a_message_that_says_nothing_else_is_received_for_the_first_time() {
        let mut message = SqsMessage::default();
        assert_eq!(receives(&message), 1);
        for (count, received) in [("7", 7), ("seven", 1)] {
            message.attributes.insert("ApproximateReceiveCount".into(), count.into());
            assert_eq!(receives(&message), received, "{count}");
        }
    }

    #[test]
    fn what_failed_alone_comes_back_after_those_it_failed() {
        let (retry, alone) =
            (Failure::Retry { not_before: None }, Failure::RetryAlone { not_before: None });
        // The latest of those that failed together, and the earliest of those that failed alone.
        for receives in 1..7 {
            assert!(wait(&retry, receives, 1.0, 0.0) <= wait(&alone, receives, 1.0, 0.0));
        }
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept() {
        let not_before = Some(Duration::from_hours(1));
        for failure in [Failure::Retry { not_before }, Failure::RetryAlone { not_before }] {
            assert_eq!(wait(&failure, 1, 0.5, 0.5), Duration::from_hours(1));
        }
        assert_eq!(wait(&Failure::Untouched, 9, 0.5, 0.5), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn a_batch_stays_together_and_what_failed_alone_goes_its_own_way(
            receives in 1_u32..200,
            draws in (0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64),
        ) {
            let (together, one, other) = draws;
            let wait = |failure: &Failure, alone| wait(failure, receives, together, alone);
            let retry = Failure::RETRY;
            prop_assert_eq!(wait(&retry, one), wait(&retry, other));
            let apart = Failure::RetryAlone { not_before: None };
            let own = |draw| super::backoff(receives + 1, draw);
            prop_assert_eq!(wait(&apart, one), own(one));
            prop_assert_eq!(wait(&apart, other), own(other));
        }

        #[test]
        fn jitter_takes_away_half_at_most(receives in any::<u32>(), random in 0.0..1.0_f64) {
            let (wait, longest) = (backoff(receives, random), backoff(receives, 1.0));
            prop_assert!(longest / 2 <= wait && wait <= longest);
        }
    }
}
