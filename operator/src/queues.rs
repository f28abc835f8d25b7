//! Queues of a stack, and which of them holds the dead letters of which.

use std::collections::BTreeMap;

use anyhow::Context;
use aws_sdk_sqs::types::QueueAttributeName;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use crate::stack::{Stack, failed};

/// Kind of a queue in CloudFormation.
const QUEUE: &str = "AWS::SQS::Queue";
/// Calls at once.
const CALLS_MAX: usize = 16;

/// A queue of dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLetterQueue {
    /// Its name in the template.
    pub(crate) name: String,
    pub(crate) url: String,
    /// URL of the queue whose messages it gets. Scheduled events come from none.
    pub(crate) source: Option<String>,
    /// Messages in it, about.
    pub(crate) count: u64,
}

/// A queue with its attributes.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    /// Its name in the template.
    pub(crate) name: String,
    pub(crate) url: String,
    attributes: BTreeMap<String, String>,
}

impl Queue {
    /// Messages that wait, in flight, and delayed.
    pub(crate) fn counts(&self) -> [u64; 3] {
        use QueueAttributeName::{
            ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed,
            ApproximateNumberOfMessagesNotVisible,
        };
        [
            ApproximateNumberOfMessages,
            ApproximateNumberOfMessagesNotVisible,
            ApproximateNumberOfMessagesDelayed,
        ]
        .map(|name| self.attribute(&name).and_then(|count| count.parse().ok()).unwrap_or_default())
    }

    fn attribute(&self, name: &QueueAttributeName) -> Option<&str> {
        self.attributes.get(name.as_str()).map(String::as_str)
    }

    /// ARN of the queue that gets its dead letters.
    fn dead_letters(&self) -> Option<String> {
        let policy: Value =
            serde_json::from_str(self.attribute(&QueueAttributeName::RedrivePolicy)?).ok()?;
        policy["deadLetterTargetArn"].as_str().map(str::to_owned)
    }
}

/// All queues of a stack.
pub(crate) async fn queues(stack: &Stack) -> anyhow::Result<Vec<Queue>> {
    let client = stack.sqs();
    let queues: Vec<_> = stack.of_kind(QUEUE).collect();
    stream::iter(queues)
        .map(async |(name, url)| {
            let get = client.get_queue_attributes().queue_url(url);
            let got = get.attribute_names(QueueAttributeName::All).send().await;
            let got =
                got.map_err(|error| failed("SQS", &error)).with_context(|| name.to_owned())?;
            let attributes = got.attributes.unwrap_or_default().into_iter();
            let attributes = attributes.map(|(name, value)| (name.as_str().to_owned(), value));
            anyhow::Ok(Queue {
                name: name.to_owned(),
                url: url.to_owned(),
                attributes: attributes.collect(),
            })
        })
        .buffered(CALLS_MAX)
        .try_collect()
        .await
}

/// Divides queues into those that work is in, and those of dead letters.
pub(crate) fn divided(queues: Vec<Queue>) -> (Vec<Queue>, Vec<DeadLetterQueue>) {
    let sources: BTreeMap<String, String> = queues
        .iter()
        .filter_map(|queue| Some((queue.dead_letters()?, queue.url.clone())))
        .collect();
    let (dead, work): (Vec<_>, Vec<_>) =
        queues.into_iter().partition(|queue| queue.name.ends_with("DeadLetterQueue"));
    let dead = dead.into_iter().map(|queue| DeadLetterQueue {
        source: queue
            .attribute(&QueueAttributeName::QueueArn)
            .and_then(|arn| sources.get(arn).cloned()),
        count: queue.counts().iter().sum(),
        name: queue.name,
        url: queue.url,
    });
    (work, dead.collect())
}

/// The queues of dead letters of a stack.
pub(crate) async fn dead_letter_queues(stack: &Stack) -> anyhow::Result<Vec<DeadLetterQueue>> {
    Ok(divided(queues(stack).await?).1)
}

/// The part of a queue's name that it has in common with its dead letters: `Dnc`, `CrmSync`.
pub(crate) fn short_name(queue: &str) -> &str {
    queue.strip_suffix("DeadLetterQueue").or_else(|| queue.strip_suffix("Queue")).unwrap_or(queue)
}
