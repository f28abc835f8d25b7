//! The calls to AWS and CXone that one event costs: those that are needed, and no others.

use std::collections::BTreeMap;

use dnc_batcher::DncBatcher;
use optout_webhook::OptoutWebhook;
use sandbox::Surroundings;
use serde_json::{Value, json};

use crate::{bodies, handler, surroundings};

/// Calls since the last time, by operation.
fn calls(around: &Surroundings) -> BTreeMap<String, usize> {
    let mut calls = around.aws.drain_calls();
    calls.extend(around.cxone.drain_calls());
    calls
}

fn counts<const N: usize>(counts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    counts.map(|(operation, count)| (operation.to_owned(), count)).into()
}

fn opt_out(index: usize) -> Value {
    let number = format!("+1202555{:04}", 100 + index);
    let data = json!({ "phoneNumber": number });
    json!({ "eventId": index.to_string(), "eventType": "contact.opt_out", "data": data })
}

#[tokio::test]
async fn an_opt_out_is_recorded_sent_and_marked() {
    let around = surroundings().await;
    let webhook = handler::<OptoutWebhook>(&around).await;
    assert_eq!(calls(&around), counts([("GetSecretValue", 1)]), "at start");
    webhook.post(&opt_out(0)).await;
    assert_eq!(calls(&around), counts([("SendMessage", 1), ("TransactWriteItems", 2)]));
    webhook.post(&opt_out(0)).await;
    assert_eq!(calls(&around), counts([("TransactWriteItems", 1)]), "of a repeat");
}

#[tokio::test]
async fn fifty_numbers_are_one_read_one_call_of_cxone_and_one_write() {
    let around = surroundings().await;
    let webhook = handler::<OptoutWebhook>(&around).await;
    for index in 0..50 {
        webhook.post(&opt_out(index)).await;
    }
    let queued = bodies(&around, "DncQueue").await;
    let batcher = handler::<DncBatcher>(&around).await;
    calls(&around);
    let good_day = [("BatchGetItem", 1), ("TransactWriteItems", 1), ("addToDncList", 1)];
    for tokens in [1, 0] {
        assert!(batcher.batch(&queued).await.is_empty());
        let mut made = calls(&around);
        assert_eq!(made.remove("token").unwrap_or_default(), tokens, "one a process and hour");
        // The secret is read with each token, so that a rotated one needs no restart.
        assert_eq!(made.remove("GetSecretValue").unwrap_or_default(), tokens);
        assert_eq!(made, counts(good_day));
    }
}
