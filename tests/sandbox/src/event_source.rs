//! An SQS event source mapping: gathers batches, invokes the function, deletes what succeeded.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time,
};

use crate::{
    aws::{Aws, Message, Queues},
    lambda::{Lambda, Outcome},
    template::EventSource,
};

/// Pause before an empty queue is polled again.
const IDLE: Duration = Duration::from_millis(20);

pub(crate) struct Mapping {
    pub(crate) source: EventSource,
    pub(crate) function: String,
    /// Time after which a batch that failed as a whole is received again. `None` leaves that to the
    /// queue's visibility timeout, as AWS does.
    pub(crate) redelivery: Option<Duration>,
    pub(crate) aws: Arc<Aws>,
    pub(crate) lambda: Arc<Lambda>,
}

/// Polls until it is dropped.
pub(crate) async fn run(mapping: Mapping) {
    let mapping = Arc::new(mapping);
    let concurrency = Arc::new(Semaphore::new(mapping.source.concurrency_max));
    let mut running = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&concurrency).acquire_owned().await else {
            return;
        };
        let batch = mapping.gather().await;
        running.spawn(Arc::clone(&mapping).handle(batch, permit));
        while running.try_join_next().is_some() {}
    }
}

impl Mapping {
    /// Waits for messages, then for the window to pass or the batch to fill.
    async fn gather(&self) -> Vec<Message> {
        let mut batch = Vec::new();
        let mut closes_at = None;
        while batch.len() < self.source.batch_size
            && closes_at.is_none_or(|closes_at| Instant::now() < closes_at)
        {
            let missing = self.source.batch_size - batch.len();
            match self.aws.queues.receive(&self.source.queue, missing).await {
                Ok(messages) if !messages.is_empty() => {
                    closes_at.get_or_insert_with(|| Instant::now() + self.source.window);
                    batch.extend(messages);
                }
                // An empty queue, or one that went away with the sandbox.
                _ => time::sleep(IDLE).await,
            }
        }
        batch
    }

    async fn handle(self: Arc<Self>, batch: Vec<Message>, permit: OwnedSemaphorePermit) {
        let event = json!({ "Records": batch.iter().map(|m| self.record(m)).collect::<Vec<_>>() });
        let outcome = self.lambda.invoke(&self.function, event.to_string().into()).await;
        drop(permit);
        let failed = match outcome {
            Ok(Outcome::Answer(answer)) => self.failed(&answer, &batch),
            _ => None,
        };
        match failed {
            Some(failed) => {
                for message in batch.iter().filter(|m| !failed.contains(&m.message_id)) {
                    self.delete(message).await;
                }
            }
            None => self.return_whole(&batch).await,
        }
    }

    /// Deletes a message that was handled. One that cannot be deleted comes again, as in AWS.
    async fn delete(&self, message: &Message) {
        if self.aws.fails("DeleteMessage", &self.source.queue) {
            return self.return_whole(std::slice::from_ref(message)).await;
        }
        self.aws.queues.delete(&self.source.queue, message).await.ok();
    }

    async fn return_whole(&self, batch: &[Message]) {
        let Some(redelivery) = self.redelivery else {
            return;
        };
        for message in batch {
            // One that cannot be hidden for so long comes back after the queue's own timeout.
            self.aws.queues.hide(&self.source.queue, message, redelivery).await.ok();
        }
    }

    /// The ids that the function reported as failed; `None` when all count as failed.
    fn failed(&self, answer: &[u8], batch: &[Message]) -> Option<HashSet<String>> {
        if !self.source.reports_failures {
            return Some(HashSet::new());
        }
        let answer: Value = serde_json::from_slice(answer).ok()?;
        let Some(failures) = answer.get("batchItemFailures") else {
            return Some(HashSet::new());
        };
        let id = |failure: &Value| Some(failure["itemIdentifier"].as_str()?.to_owned());
        let failed: HashSet<String> = failures.as_array()?.iter().map(id).collect::<Option<_>>()?;
        let known: HashSet<&str> = batch.iter().map(|m| m.message_id.as_str()).collect();
        failed.iter().all(|id| known.contains(id.as_str())).then_some(failed)
    }

    fn record(&self, message: &Message) -> Value {
        let attributes: Value = message
            .message_attributes
            .iter()
            .map(|(name, attribute)| {
                let text = &attribute["StringValue"];
                let data_type = &attribute["DataType"];
                (name.clone(), json!({ "stringValue": text, "dataType": data_type }))
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": message.attributes,
            "messageAttributes": attributes,
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": Queues::arn(&self.source.queue),
            "awsRegion": crate::aws::REGION,
        })
    }
}
