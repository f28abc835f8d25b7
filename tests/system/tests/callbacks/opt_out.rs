//! An opt-out stops everything: calls to come and calls that are arranged, whatever fails or dies
//! meanwhile.

use std::time::Duration;

use sandbox::{DNC_LIST, Options, Sandbox};
use serde_json::{Value, json};
use system::{PATIENCE, Sender, sandbox};

use crate::{DEAD_LETTERS, booked, callback, forecast, sender};

const NUMBER: &str = "+12025550110";

async fn opt_out(sandbox: &Sandbox, event: &str) {
    let event = json!({
        "eventId": event, "eventType": "contact.opt_out", "data": { "phoneNumber": NUMBER },
    });
    Sender::to(sandbox, "/webhook/opt-out").deliver(&event).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    assert!(sandbox.cxone.dnc_list(DNC_LIST).contacts.contains_key(NUMBER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_opted_out_gets_no_call_and_no_message() {
    let sandbox = sandbox(Options::default()).await;
    forecast(&sandbox, &[9.0, 9.0]);
    opt_out(&sandbox, "evt-1").await;
    for _ in 0..3 {
        let reply = sender(&sandbox).deliver(&callback(NUMBER)).await;
        assert_eq!(reply.word(), "422 opted_out");
    }
    assert!(sandbox.cxone.contacts().is_empty() && sandbox.cxone.messages().is_empty());
    assert_eq!(booked(&sandbox), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_arranged_call_is_withdrawn_whatever_fails_or_dies() {
    let options = Options { redelivery: Some(Duration::from_secs(2)), ..Options::default() };
    let sandbox = sandbox(options).await;
    forecast(&sandbox, &[9.0, 9.0]);
    let fault = |text: &str| sandbox.faults.add(text.parse().expect("a fault"));
    // The message waits in the queue, and must never be sent.
    fault("sendSms:503x1000");
    let reply = sender(&sandbox).deliver(&callback(NUMBER)).await;
    assert_eq!(reply.word(), "201 pending");
    assert_eq!(booked(&sandbox), 1);

    for text in [
        "addToDncList:kill=dnc-batcherx2",
        "BatchGetItem:500x6",
        "UpdateItem/ReservationsTable:kill=callback-intakex1",
        "TransactWriteItems:500x6",
        "SendMessage/CallbackQueue:500x3",
        "SendMessage/CallbackDeadLetterQueue:500x3",
    ] {
        fault(text);
    }
    opt_out(&sandbox, "evt-1").await;
    sandbox.faults.clear();
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");

    assert_eq!(booked(&sandbox), 0, "the agent is free again");
    assert!(sandbox.cxone.messages().is_empty());
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    let [dead_letter] = &dead_letters[..] else { panic!("one dead letter: {dead_letters:?}") };
    assert_eq!(dead_letter.attribute("error_code"), Some("callback_not_withdrawn"));
    let body: Value = serde_json::from_str(&dead_letter.body).expect("JSON");
    let contacts = sandbox.cxone.contacts();
    let contact = contacts.keys().next().expect("a contact");
    assert_eq!(body["withdraw"]["contactId"], contact.as_str());
    let reply = sender(&sandbox).deliver(&callback(NUMBER)).await;
    assert_eq!(reply.word(), "201 pending", "the stored answer; nothing new is arranged");
    assert_eq!(sandbox.cxone.contacts().len(), 1);
}
