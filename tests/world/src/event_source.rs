//! SQS event source mappings: gather batches, invoke the function, delete what succeeded.

use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use ambient::Instant;
use sandbox::template::EventSource;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::spawn_local, time::timeout_at};

use crate::{lambda::Lambda, planted::Planted, queues::Message, story::Weight};

/// Rate of messages that Lambda does not delete although they succeeded, beside the duplicates.
const UNDELETED: f64 = 0.2;

/// Polls a queue for a function until the world ends.
pub(crate) async fn run(lambda: Rc<Lambda>, function: String, source: EventSource) {
    let concurrency = Arc::new(Semaphore::new(source.concurrency_max));
    let source = Rc::new(source);
    loop {
        let permit = Arc::clone(&concurrency).acquire_owned().await.expect("it is never closed");
        let batch = gather(&lambda, &source).await;
        let (lambda, function, source) = (Rc::clone(&lambda), function.clone(), Rc::clone(&source));
        spawn_local(async move {
            hand_over(&lambda, &function, &source, batch).await;
            drop(permit);
        });
    }
}

/// Waits for messages, then for the window to pass or the batch to fill.
async fn gather(lambda: &Lambda, source: &EventSource) -> Vec<Message> {
    let services = &lambda.services;
    let mut batch = Vec::new();
    let mut closes_at: Option<Instant> = None;
    loop {
        let changed = services.queue_changed.notified();
        let missing = source.batch_size - batch.len();
        let duplicates = if services.is_stormy() { services.weather.duplicates } else { 0.0 };
        let received = {
            let mut random = services.random();
            services.queues().receive(&source.queue, missing, duplicates, &mut random)
        };
        let is_empty = received.is_empty();
        batch.extend(received);
        if !batch.is_empty() && closes_at.is_none() {
            closes_at = Some(Instant::now() + source.window);
        }
        let is_full = batch.len() >= source.batch_size;
        if is_full || closes_at.is_some_and(|closes_at| closes_at <= Instant::now()) {
            return batch;
        }
        if !is_empty {
            continue;
        }
        let due_at = services.queues().due_at(&source.queue);
        match due_at.into_iter().chain(closes_at).min() {
            Some(next) => drop(timeout_at(next, changed).await),
            None => changed.await,
        }
    }
}

async fn hand_over(lambda: &Lambda, function: &str, source: &EventSource, batch: Vec<Message>) {
    let services = &lambda.services;
    let ids: Vec<&str> = batch.iter().map(|message| message.id.as_str()).collect();
    let received = format!("receives {} of {}", ids.join(", "), source.queue);
    services.tell(function, Weight::Turn, received);
    services.count_mishap(function);
    let event = json!({ "Records": batch.iter().map(Message::record).collect::<Vec<_>>() });
    let answer = lambda.invoke(function, event).await;
    let failed = match (&answer, services.planted) {
        (_, Some(Planted::FailedMessagesDeleted)) => Some(BTreeSet::new()),
        (Ok(answer), _) => failed(answer, &ids),
        (Err(_), _) => None,
    };
    let Some(failed) = failed else { return };
    if !failed.is_empty() {
        services.tell(function, Weight::Turn, format!("returns {failed:?}"));
    }
    for message in batch.iter().filter(|it| !failed.contains(&it.id)) {
        if !services.strikes(services.weather.duplicates * UNDELETED) {
            services.queues().delete(&source.queue, &message.handle);
        }
    }
}

/// Ids that the function reported as failed; `None` when all count as failed.
fn failed(answer: &Value, ids: &[&str]) -> Option<BTreeSet<String>> {
    let failures = answer["batchItemFailures"].as_array()?;
    let id = |failure: &Value| Some(failure["itemIdentifier"].as_str()?.to_owned());
    let failed: BTreeSet<String> = failures.iter().map(id).collect::<Option<_>>()?;
    failed.iter().all(|id| ids.contains(&id.as_str())).then_some(failed)
}
