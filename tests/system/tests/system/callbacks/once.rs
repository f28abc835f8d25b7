//! The same request, sent again in every way: one contact, one message, one answer.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, stream};
use sandbox::{Options, Sandbox, cxone::Api};
use serde_json::{Value, json};
use system::{Delivery, PATIENCE, numbers, sandbox};

use super::{booked, callback, hour, sender};

/// One contact and one message for each of so many numbers, and a place for each.
fn assert_called_once_each(sandbox: &Sandbox, count: usize) {
    let expected: BTreeSet<String> = (0..count).map(numbers::number).collect();
    let callbacks = sandbox.cxone.callbacks();
    let called: BTreeSet<String> = callbacks.iter().map(|it| it.number.clone()).collect();
    assert_eq!((callbacks.len(), &called), (count, &expected));
    assert_no_changed_mind(sandbox);
    let texts = sandbox.cxone.texts();
    let recipients: BTreeSet<String> = texts.iter().map(|text| text.to.clone()).collect();
    assert_eq!((texts.len(), &recipients), (count, &expected));
    assert_eq!(booked(sandbox), count as u64, "no place is left behind");
}

/// A contact of `v2` is requested again as it was.
fn assert_no_changed_mind(sandbox: &Sandbox) {
    assert!(sandbox.cxone.contacts().values().all(|contact| contact.differing_posts == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_twice_gets_the_same_answer() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let first = sender.send_event(&callback(&numbers::number(0))).await;
    assert_eq!(first.word(), "201 sent");
    let [_, spelled, ..] = numbers::spellings(&numbers::number(0));
    // Other order, other spelling, other offset: the same request.
    let again = json!({
        "language": "en-us",
        "campaignId": "campaign-1",
        "requestedEnd": hour(4).to_rfc3339().replace("+00:00", "Z"),
        "requestedStart": hour(0).with_timezone(&chrono::FixedOffset::west_opt(18_000).expect("an offset")),
        "phoneNumber": spelled,
    });
    let second = sender.send_event(&again).await;
    assert_eq!((second.status, &second.body), (201, &first.body));
    assert_called_once_each(&sandbox, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contact_of_a_request_is_the_same_in_another_place_and_time() {
    let event = callback(&numbers::number(0));
    let (one, other) = tokio::join!(sandbox(Options::default()), sandbox(Options::default()));
    let [one, other] = [&one, &other].map(|sandbox| (sender(sandbox), event.clone()));
    let one = one.0.send_event(&one.1).await;
    let other = other.0.send_event(&other.1).await;
    assert!(one.body["contactId"].is_string());
    assert_eq!(one.body["contactId"], other.body["contactId"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_twenty_times_at_once_is_carried_out_once() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    let answers: Vec<Value> = stream::iter(0..20)
        .map(async |_| {
            let reply = sender.deliver(&event).await;
            assert_eq!(reply.word(), "201 sent");
            reply.body
        })
        .buffer_unordered(20)
        .collect()
        .await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_called_once_each(&sandbox, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_with_another_request_is_refused() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let keyed = |index| Delivery::of(callback(&numbers::number(index)).to_string()).keyed("ivr-7");
    let first = sender.send(&keyed(0)).await;
    assert_eq!(first.word(), "201 sent");
    assert_eq!(sender.send(&keyed(1)).await.word(), "422 idempotency_key_reused");
    let again = sender.send(&keyed(0)).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_called_once_each(&sandbox, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_killed_at_any_step_leave_one_contact_and_one_message_each() {
    const REQUESTS: usize = 60;
    let sandbox = sandbox(Options {
        seed: 11,
        redelivery: Some(Duration::from_secs(1)),
        ..Options::default()
    })
    .await;
    let sender = sender(&sandbox);
    // The first request is left alone: from it the sandbox learns how long one takes.
    assert_eq!(sender.deliver(&callback(&numbers::number(0))).await.word(), "201 sent");
    sandbox.faults.add("kill=callback-intakex30".parse().expect("a fault"));
    let answers: Vec<String> = stream::iter(1..REQUESTS)
        .map(async |index| sender.deliver(&callback(&numbers::number(index))).await.word())
        .buffer_unordered(16)
        .collect()
        .await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");

    assert_eq!(sandbox.faults.strikes().values().sum::<u64>(), 30);
    let is_capacity = answers.iter().filter(|answer| *answer == "409 no_capacity").count();
    assert_eq!(is_capacity, REQUESTS - 32, "four hours of eight agents are full: {answers:?}");
    let (callbacks, texts) = (sandbox.cxone.callbacks().len(), sandbox.cxone.texts().len());
    assert_eq!((callbacks, texts, booked(&sandbox)), (32, 32, 32));
    assert_no_changed_mind(&sandbox);
}

/// The function dies once CXone has carried an operation out; then the request is sent again.
async fn assert_killed_after(operation: &str) {
    let fault = format!("{operation}:kill=callback-intakex1").parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    assert_eq!(sender.send_event(&event).await.status, 500, "it died");
    assert_eq!(sender.deliver(&event).await.word(), "201 sent");
    assert_called_once_each(&sandbox, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_killed_after_the_forecast_takes_one_place_in_v2() {
    assert_killed_after("forecast").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_killed_after_the_contact_makes_no_second_one() {
    assert_killed_after("createContact").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_killed_after_the_message_sends_no_second_one_in_v2() {
    assert_killed_after("sendSms").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_after_the_contact_was_stored_makes_no_second_one() {
    let fault = "createContact:drop-afterx1".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let reply = sender(&sandbox).send_event(&callback(&numbers::number(0))).await;
    assert_eq!(reply.word(), "201 sent");
    // The same contact again, or none once it is found among those of the skill.
    let requests = match sandbox.cxone.api() {
        Api::V2 => 2,
        Api::Acd => 1,
    };
    assert_eq!(sandbox.cxone.calls("createContact"), requests);
    assert_called_once_each(&sandbox, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cxone_was_not_there_for_goes_on_where_it_stopped() {
    // Four attempts make one call: the contact is not created the first time.
    let fault = "createContact:503x4".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    let reply = sender.send_event(&event).await;
    assert_eq!(reply.word(), "503 cxone_unavailable");
    assert!(reply.headers.contains_key("retry-after"));
    assert_eq!(sender.deliver(&event).await.word(), "201 sent");
    if sandbox.cxone.api() == Api::V2 {
        assert_eq!(sandbox.cxone.calls("forecast"), 1, "the hour was chosen already");
    }
    assert_called_once_each(&sandbox, 1);
}
