//! Functions with a clock: a schedule, by which the work begins, and a queue of their own, where
//! the rest of it waits.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::intake::Door;

/// A function with a schedule and a queue.
pub trait Scheduled {
    /// What the schedule says when it fires.
    type Event: DeserializeOwned;

    /// Does what is due. The answer is for whoever invokes the function by hand; after an error the
    /// schedule fires again.
    fn fired(&self, event: LambdaEvent<Self::Event>) -> impl Future<Output = Result<Value, Error>>;

    /// Works on a batch of messages and says which must come again.
    fn batch(&self, event: LambdaEvent<SqsEvent>) -> impl Future<Output = SqsBatchResponse>;
}

/// Serves the schedule and the queue until Lambda ends the process.
pub async fn run(scheduled: &impl Scheduled) -> Result<(), Error> {
    // Boxed: futures that are nested any deeper are too much for the compiler.
    lambda_runtime::run(service_fn(async |event| Box::pin(dispatch(scheduled, event)).await)).await
}

async fn dispatch(scheduled: &impl Scheduled, event: LambdaEvent<Value>) -> Result<Value, Error> {
    match Door::of(event)? {
        Door::Queue(event) => Ok(serde_json::to_value(scheduled.batch(event).await)?),
        Door::Front(LambdaEvent { payload, context }) => {
            scheduled.fired(LambdaEvent::new(serde_json::from_value(payload)?, context)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_runtime::Context;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    struct Due {
        time: String,
    }

    /// Says what made it move.
    struct Clockwork;

    impl Scheduled for Clockwork {
        type Event = Due;

        async fn fired(&self, event: LambdaEvent<Due>) -> Result<Value, Error> {
            let LambdaEvent { payload: Due { time }, context } = event;
            if time == "never" {
                return Err("nothing was done".into());
            }
            Ok(json!({ "time": time, "request": context.request_id }))
        }

        async fn batch(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
            let mut response = SqsBatchResponse::default();
            for record in event.payload.records {
                response.add_failure(record.message_id.unwrap_or_default());
            }
            response
        }
    }

    async fn answer(payload: Value) -> Result<Value, Error> {
        let mut context = Context::default();
        context.request_id = "request-1".into();
        dispatch(&Clockwork, LambdaEvent::new(payload, context)).await
    }

    #[tokio::test]
    async fn a_schedule_that_fires_is_answered_with_what_was_done() {
        let answer = answer(json!({ "time": "ten" })).await.expect("an answer");
        assert_eq!(answer, json!({ "time": "ten", "request": "request-1" }));
    }

    #[tokio::test]
    async fn a_batch_is_answered_with_what_must_come_again() {
        let event = json!({ "Records": [{ "messageId": "message-1" }] });
        let answer = answer(event).await.expect("an answer");
        assert_eq!(answer["batchItemFailures"], json!([{ "itemIdentifier": "message-1" }]));
    }

    #[tokio::test]
    async fn what_was_not_done_or_not_understood_is_an_error() {
        assert!(answer(json!({ "time": "never" })).await.is_err());
        assert!(answer(json!({ "detail-type": "Scheduled Event" })).await.is_err());
    }
}
