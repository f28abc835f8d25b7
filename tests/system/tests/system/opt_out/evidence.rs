//! Nothing is acknowledged before it is safe, and the ledger records what happened.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use sandbox::{DNC_LIST, Options, cxone::Api};
use serde_json::json;
use system::{PATIENCE, numbers, sandbox};

use super::{DEAD_LETTERS, ledger_entry, opt_out, sender};

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_that_could_not_be_queued_is_queued_by_the_next_delivery() {
    // Each try of the function is three calls of SQS.
    let fault = "SendMessage:500x3".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let sender = sender(&sandbox);
    let number = numbers::number(0);
    let event = opt_out(&number);

    let reply = sender.send_event(&event).await;
    assert_eq!(reply.word(), "503 not_stored");
    assert!(reply.headers.contains_key("retry-after"));
    let entry = ledger_entry(&sandbox, &number);
    assert_eq!((&entry["state"], &entry["queued_at"]), (&json!("pending"), &json!(null)));

    assert_eq!(sender.send_event(&event).await.word(), "200 accepted");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    assert!(sandbox.cxone.is_listed(&number));
    assert_eq!(ledger_entry(&sandbox, &number)["state"], "listed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_event_that_could_not_be_kept_is_kept_by_the_next_delivery() {
    let fault = "SendMessage:500x3".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let sender = sender(&sandbox);
    let event = opt_out("call me maybe");

    assert_eq!(sender.send_event(&event).await.word(), "503 not_stored");
    assert_eq!(sender.send_event(&event).await.word(), "200 dead_lettered");
    assert_eq!(sender.send_event(&event).await.word(), "200 dead_lettered");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers");
    let [dead_letter] = &dead_letters[..] else { panic!("kept once: {dead_letters:?}") };
    assert_eq!(dead_letter.body, event.to_string());
    assert_eq!(dead_letter.attribute("error_code"), Some("invalid_phone_number"));
    assert_eq!(dead_letter.attribute("function"), Some("optout-webhook"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_many_ask_for_at_once_is_listed_once_with_all_the_evidence() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let number = numbers::number(0);
    let spellings = numbers::spellings(&number);
    let events: Vec<_> = spellings.iter().cycle().take(20).map(|text| opt_out(text)).collect();
    let answers: BTreeSet<String> = stream::iter(&events)
        .map(async |event| sender.deliver(event).await.word())
        .buffer_unordered(20)
        .collect()
        .await;
    assert!(answers.contains("200 accepted"), "{answers:?}");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");

    assert!(sandbox.cxone.listed().iter().eq([&number]));
    assert_eq!(sandbox.cxone.calls("addToDncList"), 1, "one batch");
    if sandbox.cxone.api() == Api::V2 {
        assert_eq!(sandbox.cxone.dnc_list(DNC_LIST).contacts[&number].writes, 1, "once");
    }
    let entry = ledger_entry(&sandbox, &number);
    assert_eq!((&entry["state"], &entry["requests"]), (&json!("listed"), &json!(20)));
    let known: BTreeSet<&str> =
        entry["event_ids"].as_array().into_iter().flatten().filter_map(|id| id.as_str()).collect();
    assert!(events.iter().all(|event| known.contains(event["eventId"].as_str().expect("an id"))));
}
