use std::{collections::HashMap, time::Duration};

use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use aws_sdk_sqs::{Client as Sqs, types::MessageSystemAttributeName};
use platform::{
    batch::{Failure, Finished, Handled, WorkQueue, each, sent_at},
    queue::{BODY_BYTES_MAX, DeadLetterQueue, Queue, QueueError, Reason},
};
use serde_json::json;

use embedded::{at, queue, receive, sqs};

struct Queues {
    sqs: Sqs,
    work: String,
    dead: String,
    work_queue: WorkQueue,
}

impl Queues {
    async fn new() -> Self {
        let sqs = sqs();
        let (work, dead) = (queue(&sqs, "work").await, queue(&sqs, "dead").await);
        let work_queue = WorkQueue {
            queue: Queue::new(sqs.clone(), &work),
            dead_letters: DeadLetterQueue::new(sqs.clone(), &dead, "dnc-batcher"),
        };
        Self { sqs, work, dead, work_queue }
    }

    /// Sends the bodies and receives them as Lambda would hand them over.
    async fn batch(&self, bodies: &[&str]) -> Vec<SqsMessage> {
        for body in bodies {
            self.work_queue.queue.send_raw(*body).await.expect("it is sent");
        }
        let received = receive(&self.sqs, &self.work).await;
        let mut batch: Vec<_> = received
            .into_iter()
            .map(|message| {
                let mut record = SqsMessage::default();
                let count = MessageSystemAttributeName::ApproximateReceiveCount;
                let count = message.attributes.as_ref().and_then(|all| all.get(&count));
                let count = count.cloned().unwrap_or_default();
                record.attributes.insert("ApproximateReceiveCount".to_owned(), count);
                record.message_id = message.message_id;
                record.receipt_handle = message.receipt_handle;
                record.body = message.body;
                record
            })
            .collect();
        batch.sort_by(|a, b| a.body.cmp(&b.body));
        batch
    }
}

fn failures(response: &aws_lambda_events::sqs::SqsBatchResponse) -> Vec<&str> {
    let failures = response.batch_item_failures.iter();
    failures.map(|failure| failure.item_identifier.as_str()).collect()
}

#[tokio::test]
async fn every_message_ends_done_in_the_queue_or_among_the_dead() {
    let queues = Queues::new().await;
    let mut batch = queues.batch(&["a done", "b panic", "c dead", "d at once"]).await;
    for (record, sent_at_ms) in batch.iter_mut().zip(["1000", "3000", "2000", "4000"]) {
        record.attributes.insert("SentTimestamp".to_owned(), sent_at_ms.to_owned());
    }
    let sent: Vec<_> = batch.iter().map(sent_at).collect();
    let ids: Vec<_> = batch.iter().filter_map(|record| record.message_id.clone()).collect();
    let deadline = ambient::Instant::now() + Duration::from_mins(1);
    let outcomes = each(batch, deadline, async |record| match record.body.as_deref() {
        Some("b panic") => panic!("a bad record"),
        Some("c dead") => Err(Failure::dead_letter("invalid_number", "+12025550198 is invalid")),
        Some("d at once") => Err(Failure::Untouched),
        _ => Ok(()),
    });
    let now = at("2026-03-02T10:00:00Z");
    let Finished { response, oldest_returned } =
        queues.work_queue.finish(outcomes.await, now).await;
    assert_eq!(failures(&response), [&ids[1], &ids[3]]);
    assert_eq!(oldest_returned, Some(sent[1]), "of those that go back");

    let back = receive(&queues.sqs, &queues.work).await;
    let back: Vec<_> = back.iter().filter_map(|message| message.body()).collect();
    assert_eq!(back, ["d at once"], "the others wait, or wait for Lambda to delete them");

    let dead = receive(&queues.sqs, &queues.dead).await.pop().expect("one dead letter");
    assert_eq!(dead.body(), Some("c dead"));
    let attributes = dead.message_attributes.expect("its reason");
    let attribute = |name: &str| attributes[name].string_value().expect("a text").to_owned();
    assert_eq!(attribute("error_code"), "invalid_number");
    assert_eq!(attribute("error_message"), "+1202***0198 is invalid");
    assert_eq!(attribute("function"), "dnc-batcher");
    assert_eq!(attribute("failed_at"), "2026-03-02T10:00:00.000Z");
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_sent_is_not_acknowledged() {
    let mut queues = Queues::new().await;
    let gone = format!("{}-gone", queues.dead);
    queues.work_queue.dead_letters = DeadLetterQueue::new(queues.sqs.clone(), gone, "dnc-batcher");
    let mut batch = queues.batch(&["dead"]).await;
    batch[0].attributes.insert("SentTimestamp".to_owned(), "1000".to_owned());
    let sent = sent_at(&batch[0]);
    let id = batch[0].message_id.clone().expect("an id");
    let outcomes = batch
        .into_iter()
        .map(|record| Handled::new(record, Err(Failure::dead_letter("invalid_number", "no"))))
        .collect();
    let finished = queues.work_queue.finish(outcomes, at("2026-03-02T10:00:00Z")).await;
    assert_eq!(failures(&finished.response), [&id]);
    assert_eq!(finished.oldest_returned, Some(sent), "it waits like any other");
}

#[tokio::test]
async fn a_message_without_an_id_fails_the_whole_batch_rather_than_be_lost() {
    let queues = Queues::new().await;
    let outcomes = vec![Handled::new(SqsMessage::default(), Err(Failure::RETRY))];
    let finished = queues.work_queue.finish(outcomes, at("2026-03-02T10:00:00Z")).await;
    assert_eq!(failures(&finished.response), [""]);
}

#[tokio::test]
async fn more_messages_than_one_call_takes_become_visible_again() {
    let queues = Queues::new().await;
    let bodies: Vec<_> = (10..23).map(|n| n.to_string()).collect();
    let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
    let mut handles = Vec::new();
    for part in bodies.chunks(10) {
        let batch = queues.batch(part).await;
        handles.extend(batch.into_iter().filter_map(|record| record.receipt_handle));
    }
    assert_eq!(handles.len(), 13);
    assert!(receive(&queues.sqs, &queues.work).await.is_empty());

    let timeouts: Vec<_> = handles.into_iter().map(|handle| (handle, Duration::ZERO)).collect();
    queues.work_queue.queue.set_visibility(&timeouts).await;
    let mut back = 0;
    for _ in 0..13 {
        back += receive(&queues.sqs, &queues.work).await.len();
    }
    assert_eq!(back, 13);
}

#[tokio::test]
async fn a_dead_letter_keeps_as_many_of_its_own_attributes_as_sqs_allows() {
    let queues = Queues::new().await;
    let attribute = |value: &str| {
        let json = json!({ "stringValue": value, "dataType": "String" });
        serde_json::from_value::<SqsMessageAttribute>(json).expect("an attribute")
    };
    let mut original: HashMap<_, _> =
        (0..9).map(|n| (format!("attribute-{n}"), attribute("kept"))).collect();
    original.insert("error_code".to_owned(), attribute("an earlier death"));
    original.insert("a-blank".to_owned(), attribute(""));
    let reason = Reason::new("rejected", "");
    queues
        .work_queue
        .dead_letters
        .send("body", &original, &reason, at("2026-03-02T10:00:00Z"))
        .await
        .expect("it is sent");

    let dead = receive(&queues.sqs, &queues.dead).await.pop().expect("one dead letter");
    let attributes = dead.message_attributes.expect("attributes");
    let mut names: Vec<_> = attributes.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "attribute-0",
            "attribute-1",
            "attribute-2",
            "attribute-3",
            "attribute-4",
            "attribute-5",
            "error_code",
            "error_message",
            "failed_at",
            "function",
        ]
    );
    assert_eq!(attributes["error_code"].string_value(), Some("rejected"));
    assert_eq!(attributes["error_message"].string_value(), Some("rejected"), "never empty");
}

#[tokio::test]
async fn a_message_is_json_that_sqs_takes() {
    let queues = Queues::new().await;
    let message = json!({ "text": "a\u{FFFF}\u{FFFE}\u{0}" });
    queues.work_queue.queue.send(&message).await.expect("it is sent");
    let received = receive(&queues.sqs, &queues.work).await.pop().expect("one message");
    let body = received.body().expect("a body");
    assert_eq!(body, r#"{"text":"a\uffff\ufffe\u0000"}"#);
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).expect("JSON"), message);
}

#[tokio::test]
async fn a_body_that_no_queue_takes_is_refused_before_it_is_sent() {
    let queues = Queues::new().await;
    let refused = queues.work_queue.queue.send_raw("x".repeat(BODY_BYTES_MAX + 1)).await;
    assert!(matches!(refused, Err(QueueError::TooLarge { bytes }) if bytes == BODY_BYTES_MAX + 1));
}
