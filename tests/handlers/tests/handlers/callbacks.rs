//! callback-intake.

use ambient::Ambience;
use callback_intake::CallbackIntake;
use chrono::{SubsecRound, TimeDelta, Utc};
use sandbox::Surroundings;
use serde_json::{Value, json};

use crate::{
    bodies, handler,
    law::{at, lawful},
    surroundings,
};

/// A request for the hours from the next one on, and a forecast for them.
fn request(around: &Surroundings, agents: f64) -> Value {
    let start = Utc::now().trunc_subsecs(0) + TimeDelta::hours(1);
    around.cxone.set_forecast("campaign-1", vec![(start, agents)]);
    json!({
        "phoneNumber": "+12025550110",
        "requestedStart": start,
        "requestedEnd": start + TimeDelta::hours(2),
        "campaignId": "campaign-1",
        "language": "en-US",
        "timezone": "America/New_York",
    })
}

#[tokio::test]
async fn a_callback_is_one_contact_and_one_message_however_often_it_is_sent() {
    let around = surroundings().await;
    let intake = handler::<CallbackIntake>(&around).await;
    let request = request(&around, 3.0);
    let first = intake.post(&request).await;
    assert_eq!((first.status, &first.body["confirmation"]), (201, &json!("sent")), "{first:?}");
    assert_eq!(intake.post(&request).await, first);
    assert_eq!(intake.outcome(), "duplicate");
    assert_eq!(around.cxone.contacts().len(), 1);
    let messages = around.cxone.messages();
    let [message] = &messages[..] else { panic!("one message: {messages:?}") };
    let reference = first.body["contactId"].as_str().expect("an id")[..8].to_uppercase();
    assert!(message.message.contains(&reference), "{message:?}");
}

#[tokio::test]
async fn a_key_of_the_sender_stands_for_one_request() {
    let around = surroundings().await;
    let intake = handler::<CallbackIntake>(&around).await;
    let request = request(&around, 9.0);
    let first = intake.post_keyed("ivr-1", &request).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(intake.post_keyed("ivr-1", &request).await, first);
    let other = intake.post_keyed("ivr-2", &request).await;
    assert_ne!(other.body["contactId"], first.body["contactId"], "another request");
    let mut changed = request.clone();
    changed["language"] = json!("fr");
    for (key, status, code) in
        [("ivr-1", 422, "idempotency_key_reused"), ("ivr 3", 400, "invalid_idempotency_key")]
    {
        let answer = intake.post_keyed(key, &changed).await;
        assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)), "{key}");
    }
    assert_eq!(around.cxone.contacts().len(), 2);
}

#[tokio::test]
async fn without_agents_nobody_is_called() {
    let around = surroundings().await;
    let intake = handler::<CallbackIntake>(&around).await;
    let answer = intake.post(&request(&around, 0.0)).await;
    assert_eq!((answer.status, &answer.body["code"]), (409, &json!("no_capacity")));
    assert!(around.cxone.contacts().is_empty());
}

#[tokio::test]
async fn each_callback_is_booked_where_the_most_agents_are_left() {
    let around = lawful().await;
    let noon = at("2026-12-01T12:00:00-05:00");
    let hour = TimeDelta::hours(1);
    around.cxone.set_forecast("campaign-1", vec![(noon, 3.0), (noon + hour, 2.0)]);
    let mut answers = Vec::new();
    for line in 110..116 {
        let request = json!({
            "phoneNumber": format!("+12125550{line}"), "campaignId": "campaign-1",
            "language": "en-US", "requestedStart": noon, "requestedEnd": noon + hour * 2,
        });
        let intake = async { handler::<CallbackIntake>(&around).await.post(&request).await };
        let answer = Ambience::new(noon - hour, line).scope(Box::pin(intake)).await;
        let booked = answer.body["dispatchTime"].as_str().map(|time| time[..13].to_owned());
        answers.push(booked.unwrap_or_else(|| answer.body["code"].to_string()));
    }
    answers[..5].sort();
    let (first, second) = ("2026-12-01T17", "2026-12-01T18");
    assert_eq!(answers, [first, first, first, second, second, "\"no_capacity\""]);
}

#[tokio::test]
async fn a_confirmation_that_cannot_be_sent_waits_in_the_queue() {
    let around = surroundings().await;
    around.faults.add("sendSms:503x9".parse().expect("a fault"));
    let intake = handler::<CallbackIntake>(&around).await;
    let answer = intake.post(&request(&around, 3.0)).await;
    assert_eq!((answer.status, &answer.body["confirmation"]), (201, &json!("pending")));
    let queued = bodies(&around, "CallbackQueue").await;
    assert_eq!(queued.len(), 1);
    around.faults.clear();
    // The breaker is closed in a new process.
    let intake = handler::<CallbackIntake>(&around).await;
    assert!(intake.batch(&queued).await.is_empty());
    assert_eq!(around.cxone.messages().len(), 1);
}

/// Whoever asks again and again for one number would fill its item, and with it what is known of the
/// number's wishes.
#[tokio::test]
async fn no_number_has_more_than_a_hundred_callbacks_ahead() {
    let around = surroundings().await;
    let intake = handler::<CallbackIntake>(&around).await;
    let mut request = request(&around, 500.0);
    let ends_at = Utc::now().trunc_subsecs(0) + TimeDelta::hours(3);
    let mut answers = Vec::new();
    for second in 0..102 {
        request["requestedEnd"] = json!(ends_at + TimeDelta::seconds(second));
        let answer = intake.post(&request).await;
        answers.push((answer.status, answer.body["code"].clone()));
    }
    assert!(answers[..100].iter().all(|(status, _)| *status == 201), "{answers:?}");
    let refused = (422, json!("too_many_attempts"));
    assert_eq!(answers[100..], [refused.clone(), refused]);
    assert_eq!(around.cxone.contacts().len(), 100);
}
