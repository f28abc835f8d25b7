//! Receives all messages of dead-letter queues, each once, and shows again what stays.

use std::collections::BTreeMap;

use anyhow::bail;
use aws_sdk_sqs::{
    Client,
    types::{ChangeMessageVisibilityBatchRequestEntry, MessageSystemAttributeName},
};
use futures::{StreamExt, stream};

use super::{Letter, Selection, selection::is_named};
use crate::{
    queues::{DeadLetterQueue, dead_letter_queues, short_name},
    stack::{Stack, failed},
};

/// Most messages of one call.
const BATCH_MAX: i32 = 10;
/// Time that received messages are hidden.
const HIDDEN_S: i32 = 600;
/// A call waits for so long if there is nothing, and then asks all servers of SQS.
const WAIT_S: i32 = 1;
/// Queues that are received from at once.
const QUEUES_AT_ONCE: usize = 16;

/// Dead letters that are hidden from everyone else.
pub(crate) struct Received {
    pub(super) client: Client,
    pub(super) queues: BTreeMap<String, DeadLetterQueue>,
    pub(super) letters: Vec<Letter>,
}

impl Received {
    /// Receives all messages of the selected queues, the oldest first.
    pub(crate) async fn all(stack: &Stack, selection: &Selection) -> anyhow::Result<Self> {
        let queues = dead_letter_queues(stack).await?;
        for named in &selection.queue {
            if !queues.iter().any(|queue| is_named(&queue.name, named)) {
                let known: Vec<_> = queues.iter().map(|queue| short_name(&queue.name)).collect();
                bail!("there is no queue {named}; there are {}", known.join(", "));
            }
        }
        let queues = queues.into_iter().filter(|queue| selection.has_queue(&queue.name));
        Self::of(stack, queues.collect()).await
    }

    /// Receives all messages of these queues. If one fails, those of the others are shown again.
    pub(crate) async fn of(stack: &Stack, queues: Vec<DeadLetterQueue>) -> anyhow::Result<Self> {
        let client = stack.sqs();
        let received: Vec<(Vec<Letter>, anyhow::Result<()>)> = stream::iter(&queues)
            .map(async |queue| receive(&client, queue).await)
            .buffered(QUEUES_AT_ONCE)
            .collect()
            .await;
        let (letters, outcomes): (Vec<_>, Vec<_>) = received.into_iter().unzip();
        let mut letters: Vec<Letter> = letters.into_iter().flatten().collect();
        letters.sort_by(|a, b| (a.sent_at, &a.id).cmp(&(b.sent_at, &b.id)));
        let queues = queues.into_iter().map(|queue| (queue.name.clone(), queue)).collect();
        let received = Self { client, queues, letters };
        match outcomes.into_iter().find_map(Result::err) {
            None => Ok(received),
            Some(why) => {
                // What stays hidden shows itself after a while; why it failed matters more.
                let _ = received.release().await;
                Err(why)
            }
        }
    }

    /// Lets others see all letters again.
    pub(crate) async fn release(self) -> anyhow::Result<Vec<Letter>> {
        let letters: Vec<&Letter> = self.letters.iter().collect();
        self.show_again(&letters).await?;
        Ok(self.letters)
    }

    /// Lets others see some letters again.
    pub(super) async fn show_again(&self, letters: &[&Letter]) -> anyhow::Result<()> {
        for (name, queue) in &self.queues {
            let of_queue: Vec<_> = letters.iter().filter(|letter| letter.queue == *name).collect();
            for batch in of_queue.chunks(BATCH_MAX.unsigned_abs() as usize) {
                let entries = batch.iter().enumerate().map(|(id, letter)| {
                    ChangeMessageVisibilityBatchRequestEntry::builder()
                        .id(id.to_string())
                        .receipt_handle(&letter.receipt_handle)
                        .visibility_timeout(0)
                        .build()
                });
                let entries = entries.collect::<Result<Vec<_>, _>>()?;
                let change = self.client.change_message_visibility_batch().queue_url(&queue.url);
                let changed = change.set_entries(Some(entries)).send().await;
                changed.map_err(|error| failed("SQS", &error))?;
            }
        }
        Ok(())
    }
}

/// The messages of a queue, as far as they could be received.
async fn receive(client: &Client, queue: &DeadLetterQueue) -> (Vec<Letter>, anyhow::Result<()>) {
    // By id: a message that is received twice is one.
    let mut letters = BTreeMap::new();
    let outcome = receive_into(&mut letters, client, queue).await;
    (letters.into_values().collect(), outcome)
}

async fn receive_into(
    letters: &mut BTreeMap<String, Letter>,
    client: &Client,
    queue: &DeadLetterQueue,
) -> anyhow::Result<()> {
    let count = usize::try_from(queue.count).unwrap_or(usize::MAX);
    if count == 0 {
        return Ok(());
    }
    loop {
        let is_counted = letters.len() >= count;
        let receive = client
            .receive_message()
            .queue_url(&queue.url)
            .max_number_of_messages(BATCH_MAX)
            .visibility_timeout(HIDDEN_S)
            .wait_time_seconds(if is_counted { 0 } else { WAIT_S })
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_attribute_names("All");
        let received = receive.send().await.map_err(|error| failed("SQS", &error))?;
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            return Ok(());
        }
        let before = letters.len();
        for message in messages {
            let letter = Letter::of(&queue.name, message)?;
            letters.insert(letter.id.clone(), letter);
        }
        if letters.len() == before {
            // All were seen before: so many that the first are visible again.
            return Ok(());
        }
    }
}
