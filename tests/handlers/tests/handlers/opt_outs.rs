//! optout-webhook and dnc-batcher.

use dnc_batcher::DncBatcher;
use optout_webhook::OptoutWebhook;
use sandbox::DNC_LIST;
use serde_json::{Value, json};

use crate::{bodies, handler, surroundings};

const NUMBER: &str = "+12025550110";

fn opt_out(number: &str) -> Value {
    json!({
        "eventId": format!("evt-{number}"),
        "eventType": "contact.opt_out",
        "data": { "phoneNumber": number },
    })
}

#[tokio::test]
async fn an_opt_out_is_pending_in_the_ledger_and_queued_once() {
    let around = surroundings().await;
    let webhook = handler::<OptoutWebhook>(&around).await;
    let answer = webhook.post(&opt_out(NUMBER)).await;
    assert_eq!((answer.status, &answer.body), (200, &json!({ "status": "accepted" })));
    let entry = around.aws.tables.item("OptOutsTable", "phone_number", NUMBER);
    let entry = entry.expect("a table").expect("an entry");
    assert_eq!(entry["state"], "pending", "{entry}");

    let answer = webhook.post(&opt_out(NUMBER)).await;
    assert_eq!((answer.status, &answer.body), (200, &json!({ "status": "duplicate" })));
    assert_eq!(webhook.outcome(), "duplicate");
    let [body] = &bodies(&around, "DncQueue").await[..] else { panic!("one message") };
    assert!(body.contains(NUMBER), "{body}");
}

#[tokio::test]
async fn an_opt_out_whose_number_cannot_be_read_is_kept_whole() {
    let around = surroundings().await;
    let webhook = handler::<OptoutWebhook>(&around).await;
    let event = opt_out("call me");
    assert_eq!(webhook.post(&event).await.body, json!({ "status": "dead_lettered" }));
    assert_eq!(bodies(&around, "DncDeadLetterQueue").await, [event.to_string()]);
    assert!(bodies(&around, "DncQueue").await.is_empty());
}

#[tokio::test]
async fn a_queued_number_is_listed_and_the_ledger_says_so() {
    let around = surroundings().await;
    handler::<OptoutWebhook>(&around).await.post(&opt_out(NUMBER)).await;
    let queued = bodies(&around, "DncQueue").await;
    let batcher = handler::<DncBatcher>(&around).await;
    assert!(batcher.batch(&queued).await.is_empty());
    assert!(around.cxone.dnc_list(DNC_LIST).contacts.contains_key(NUMBER));
    let entry = around.aws.tables.item("OptOutsTable", "phone_number", NUMBER);
    assert_eq!(entry.expect("a table").expect("an entry")["state"], "listed");
}

#[tokio::test]
async fn a_batch_fails_only_what_failed() {
    let around = surroundings().await;
    handler::<OptoutWebhook>(&around).await.post(&opt_out(NUMBER)).await;
    let mut batch = bodies(&around, "DncQueue").await;
    batch.push("not JSON".to_owned());
    let batcher = handler::<DncBatcher>(&around).await;
    assert!(batcher.batch(&batch).await.is_empty(), "the unreadable one is a dead letter");
    assert_eq!(bodies(&around, "DncDeadLetterQueue").await, ["not JSON"]);

    around.faults.add("addToDncList:503x9".parse().expect("a fault"));
    assert_eq!(batcher.batch(&batch[..1]).await, [0]);
}

#[tokio::test]
async fn an_opt_out_that_was_redriven_is_recorded_like_any_other() {
    let around = surroundings().await;
    handler::<OptoutWebhook>(&around).await.post(&opt_out(NUMBER)).await;
    let redriven = [("known-2", "2026-11-01T10:00:00Z"), ("", "2026-11-02T10:00:00Z")];
    let redriven = redriven.map(|(event_id, timestamp)| {
        let data = json!({ "phoneNumber": NUMBER });
        let event_type = "contact.opt_out";
        json!({ "eventId": event_id, "eventType": event_type, "timestamp": timestamp, "data": data })
            .to_string()
    });
    let batcher = handler::<DncBatcher>(&around).await;
    assert!(batcher.batch(&redriven).await.is_empty());
    let entry = around.aws.tables.item("OptOutsTable", "phone_number", NUMBER);
    let entry = entry.expect("a table").expect("an entry");
    assert_eq!(entry["requests"], 3, "{entry}");
    assert_eq!(entry["first_event_id"], "known-2", "it was requested first");
    // A blank id is none: the message's own id replaces it.
    assert_eq!(entry["event_ids"], json!(["1", format!("evt-{NUMBER}"), "known-2"]));
}
