//! How long customers have waited whose numbers are not listed yet.
//!
//! SQS's own `ApproximateAgeOfOldestMessage` leaves out what was received more than three times,
//! and that is what waits while CXone is down.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use outbound::DncRequest;
use platform::batch::{Failure, Outcome};

use crate::requests::sent_at;

/// Since when each message waits: since the customer asked, or, if it was not read, since it was
/// sent.
pub(crate) fn since(messages: &[(SqsMessage, Outcome<DncRequest>)]) -> Vec<DateTime<Utc>> {
    let since_one = |(message, request): &(SqsMessage, Outcome<DncRequest>)| match request {
        Ok(request) => request.requested_at,
        Err(_) => sent_at(message),
    };
    messages.iter().map(since_one).collect()
}

/// The longest wait of the messages that go back to the queue: none at all if none goes back.
pub(crate) fn longest(
    since: &[DateTime<Utc>],
    outcomes: &[(SqsMessage, Outcome)],
    now: DateTime<Utc>,
) -> Duration {
    let going_back = since.iter().zip(outcomes).filter(|(_, (_, outcome))| goes_back(outcome));
    // Clocks differ: what was asked in the future has not waited.
    let waits = going_back.map(|(since, _)| (now - *since).to_std().unwrap_or_default());
    waits.max().unwrap_or_default()
}

fn goes_back(outcome: &Outcome) -> bool {
    matches!(outcome, Err(Failure::Retry { .. } | Failure::Untouched))
}

#[cfg(test)]
mod tests {
    use outbound::DncReason;
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).expect("a time")
    }

    fn dead_letter() -> Outcome {
        Err(Failure::dead_letter("refused_by_cxone", "no"))
    }

    /// The longest wait at a second, of messages that wait since some second.
    fn longest_at(now: i64, batch: &[(i64, Outcome)]) -> Duration {
        let since: Vec<_> = batch.iter().map(|(since, _)| at(*since)).collect();
        let settled = batch.iter().map(|(_, it)| (SqsMessage::default(), it.clone()));
        longest(&since, &settled.collect::<Vec<_>>(), at(now))
    }

    #[test]
    fn the_oldest_that_goes_back_counts_and_nothing_else() {
        let batch = [
            (1, Ok(())),
            (2, dead_letter()),
            (30, Err(Failure::Untouched)),
            (20, Err(Failure::Retry { not_before: Some(Duration::from_mins(1)) })),
            (40, Err(Failure::RETRY)),
        ];
        let longest = |count| longest_at(100, &batch[..count]).as_secs();
        assert_eq!([0, 1, 2, 3, 4, 5].map(longest), [0, 0, 0, 70, 80, 80]);
    }

    #[test]
    fn a_message_waits_since_the_customer_asked_or_at_least_since_it_was_sent() {
        let mut message = SqsMessage::default();
        message.attributes.insert("SentTimestamp".into(), "20000".into());
        let request = DncRequest {
            phone_number: "+12025550198".parse().expect("E.164"),
            reason: DncReason::WebhookOptOut,
            event_id: "evt-1".into(),
            requested_at: at(10),
        };
        let messages = [(message.clone(), Ok(request)), (message, Err(Failure::Untouched))];
        assert_eq!(since(&messages), [at(10), at(20)]);
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            Just(Ok(())),
            Just(dead_letter()),
            Just(Err(Failure::RETRY)),
            Just(Err(Failure::Untouched)),
        ]
    }

    proptest! {
        #[test]
        fn nobody_who_waits_has_waited_longer(
            batch in prop::collection::vec((-100_i64..100, outcomes()), 0..50),
        ) {
            let longest = longest_at(0, &batch);
            let waits: Vec<Duration> = batch
                .iter()
                .filter(|(_, outcome)| goes_back(outcome))
                .map(|(since, _)| Duration::from_secs(since.min(&0).unsigned_abs()))
                .collect();
            prop_assert!(waits.iter().all(|wait| *wait <= longest));
            prop_assert!(longest.is_zero() || waits.contains(&longest));
        }
    }
}
