//! The event sources of a function, distinguished by the shape of their events.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::Value;

/// An event, by its source.
pub(super) enum Trigger {
    /// A request to a route of the HTTP API.
    Http(Value),
    /// A batch of messages from SQS.
    Queue(Value),
    /// A schedule, or an operator by hand.
    Schedule(Value),
}

impl Trigger {
    pub(super) fn of(event: Value) -> Self {
        if event.get("Records").is_some() {
            Self::Queue(event)
        } else if event.pointer("/requestContext/http").is_some() {
            Self::Http(event)
        } else {
            Self::Schedule(event)
        }
    }
}

/// The messages of a batch.
pub(super) fn messages(event: Value) -> Result<Vec<SqsMessage>, serde_json::Error> {
    serde_json::from_value(event).map(|event: SqsEvent| event.records)
}
