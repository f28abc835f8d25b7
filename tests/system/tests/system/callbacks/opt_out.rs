//! An opt-out stops everything: calls to come and calls that are arranged, whatever fails or dies
//! meanwhile.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::America::New_York;
use sandbox::{Options, Sandbox, cxone::Api};
use serde_json::{Value, json};
use system::{PATIENCE, Sender, sandbox};

use super::{CAMPAIGN, DEAD_LETTERS, booked, callback, forecast, sender};

const NUMBER: &str = "+12025550110";
/// A number of New York.
const CUSTOMER: &str = "+12125550110";

async fn opt_out(sandbox: &Sandbox, event: &str) {
    let event = json!({
        "eventId": event, "eventType": "contact.opt_out", "data": { "phoneNumber": NUMBER },
    });
    Sender::to(sandbox, "/webhook/opt-out").deliver(&event).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    assert!(sandbox.cxone.is_listed(NUMBER));
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
    assert!(sandbox.cxone.callbacks().is_empty() && sandbox.cxone.texts().is_empty());
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
    assert!(sandbox.cxone.texts().is_empty());
    let reply = sender(&sandbox).deliver(&callback(NUMBER)).await;
    assert_eq!(reply.word(), "422 withdrawn", "not the stored answer: CXone is not to call");
    match sandbox.cxone.api() {
        Api::V2 => assert_left_to_a_person(&sandbox).await,
        Api::Acd => assert!(sandbox.cxone.callbacks().is_empty()),
    }
}

/// Nothing of `v2` withdraws a contact.
async fn assert_left_to_a_person(sandbox: &Sandbox) {
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    let [dead_letter] = &dead_letters[..] else { panic!("one dead letter: {dead_letters:?}") };
    assert_eq!(dead_letter.attribute("error_code"), Some("callback_not_withdrawn"));
    let body: Value = serde_json::from_str(&dead_letter.body).expect("JSON");
    let contacts = sandbox.cxone.contacts();
    let contact = contacts.keys().next().expect("a contact");
    assert_eq!(body["withdraw"]["contactId"], contact.as_str());
    assert_eq!(contacts.len(), 1);
}

/// A time in New York on a day. None of the hours that are asked for is one that a change of the
/// clocks leaves out.
fn on(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    day.and_time(time).and_local_timezone(New_York).earliest().expect("no gap").to_utc()
}

/// Asks for a call within two hours from a time on, while things fail. Returns the status, and the code of
/// a refusal.
async fn ask(sandbox: &Sandbox, from: DateTime<Utc>, faults: &[&str]) -> String {
    let mut event = callback(CUSTOMER);
    event["requestedStart"] = json!(from);
    event["requestedEnd"] = json!(from + TimeDelta::hours(2));
    for fault in faults {
        sandbox.faults.add(fault.parse().expect("a fault"));
    }
    let reply = sender(sandbox).deliver(&event).await;
    sandbox.faults.clear();
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    format!("{} {}", reply.status, reply.body["code"].as_str().unwrap_or_default())
}

/// Reports what the customer wants, while things fail.
async fn report(sandbox: &Sandbox, path: &str, event: &Value, faults: &[&str]) {
    for fault in faults {
        sandbox.faults.add(fault.parse().expect("a fault"));
    }
    let reply = Sender::to(sandbox, path).deliver(event).await;
    assert_eq!(reply.status, 200, "{}", reply.word());
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    sandbox.faults.clear();
}

/// With the REST services a withdrawal right after the submission takes a minute.
#[tokio::test(flavor = "multi_thread")]
async fn each_word_of_a_customer_turns_the_answer_whatever_fails_or_dies_in_v2() {
    // Sales calls: those whose hours the law limits.
    let parameters = BTreeMap::new();
    let options =
        Options { redelivery: Some(Duration::from_secs(2)), parameters, ..Options::default() };
    let sandbox = sandbox(options).await;
    // One day for all that is asked, whenever this begins and ends.
    let day = (Utc::now() + TimeDelta::days(2)).with_timezone(&New_York).date_naive();
    let [night, noon, two, four] = [3, 12, 14, 16].map(|hour| on(day, hour));
    let hours = (3..20).map(|hour| (on(day, hour), 9.0));
    sandbox.cxone.set_forecast(CAMPAIGN, hours.collect());
    let wish =
        |event_type: &str| json!({ "eventType": event_type, "data": { "phoneNumber": CUSTOMER } });

    assert_eq!(ask(&sandbox, night, &["BatchGetItem:500x2"]).await, "422 not_allowed", "at night");
    assert_eq!(ask(&sandbox, noon, &["TransactWriteItems:500x2"]).await, "201 ", "at noon");
    assert_eq!(booked(&sandbox), 1);

    let faults = [
        "TransactWriteItems:500x2",
        "addToDncList:kill=dnc-batcherx1",
        "UpdateItem/ReservationsTable:kill=callback-intakex1",
    ];
    report(&sandbox, "/webhook/opt-out", &wish("contact.opt_out"), &faults).await;
    assert!(sandbox.cxone.is_listed(CUSTOMER));
    assert_eq!(booked(&sandbox), 0);
    assert_eq!(ask(&sandbox, noon, &["BatchGetItem:500x2"]).await, "422 withdrawn", "not 201");
    assert_eq!(ask(&sandbox, two, &["PutItem:500x2"]).await, "422 opted_out");

    report(&sandbox, "/webhook/opt-out", &wish("contact.opt_in"), &["BatchGetItem:500x2"]).await;
    assert_eq!(ask(&sandbox, night, &[]).await, "422 not_allowed", "a consent is no other law");
    assert_eq!(ask(&sandbox, two, &["UpdateItem:500x2"]).await, "201 ", "a consent");
    assert_eq!(booked(&sandbox), 1);

    let stop = json!({
        "eventType": "interaction.message", "timestamp": Utc::now(),
        "data": {
            "id": "i-1", "channelType": "sms", "direction": "inbound",
            "customer": { "phoneNumber": CUSTOMER }, "message": { "body": "Stop!" },
        },
    });
    let faults =
        ["TransactWriteItems:500x2", "UpdateItem/ReservationsTable:kill=callback-intakex1"];
    report(&sandbox, "/webhooks/cxone", &stop, &faults).await;
    assert_eq!(booked(&sandbox), 0);
    assert_eq!(ask(&sandbox, two, &[]).await, "422 withdrawn");
    assert_eq!(ask(&sandbox, four, &[]).await, "422 opted_out");
}
