//! An opt-out stops everything: calls to come, and calls that are arranged.

use ambient::Ambience;
use callback_intake::CallbackIntake;
use chrono::{DateTime, TimeDelta, Utc};
use dnc_batcher::DncBatcher;
use optout_webhook::OptoutWebhook;
use sandbox::Surroundings;
use serde_json::{Value, json};

use crate::{
    bodies, handler,
    law::{at, decisions, lawful, post, request, with_parameters},
};

const NUMBER: &str = "+12125550110";
const NOON: &str = "2026-12-01T12:00:00-05:00";

async fn opt_out(around: &Surroundings, event: &str, time: DateTime<Utc>) {
    let document = json!({
        "eventId": event, "eventType": "contact.opt_out", "data": { "phoneNumber": NUMBER },
    });
    let work = async {
        let answer = handler::<OptoutWebhook>(around).await.post(&document).await;
        assert_eq!(answer.body["status"], "accepted", "{answer:?}");
    };
    Ambience::new(time, 1).scope(Box::pin(work)).await;
}

/// Lists what is queued, and withdraws what is arranged. Returns whether anything has to come
/// again.
async fn work_off(around: &Surroundings, time: DateTime<Utc>) -> bool {
    let work = async {
        let queued = bodies(around, "DncQueue").await;
        let listed = handler::<DncBatcher>(around).await.batch(&queued).await;
        let queued = bodies(around, "CallbackQueue").await;
        let intake = handler::<CallbackIntake>(around).await;
        let withdrawn = intake.batch(&queued).await;
        listed.is_empty() && withdrawn.is_empty() && intake.batch(&queued).await.is_empty()
    };
    Ambience::new(time, 2).scope(Box::pin(work)).await
}

fn minutes_before_noon(minutes: i64) -> DateTime<Utc> {
    at(NOON) - TimeDelta::minutes(minutes)
}

fn booked(around: &Surroundings) -> f64 {
    let hours = around.aws.tables.items("ReservationsTable").expect("a table");
    hours.iter().filter_map(|hour| hour["booked"].as_f64()).sum()
}

#[tokio::test]
async fn a_number_that_opted_out_is_not_called() {
    let around = lawful().await;
    opt_out(&around, "evt-1", minutes_before_noon(600)).await;
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    assert_eq!((answer.status, &answer.body["code"]), (422, &json!("opted_out")), "{answer:?}");
    let detail = answer.body["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("the number opted out on 2026-12-01 at 07:00 UTC"), "{detail}");
    assert!(around.cxone.contacts().is_empty() && around.cxone.messages().is_empty());
    let [decision] = &decisions(&around)[..] else { panic!("one decision") };
    assert_eq!(decision["outcome"], "refused_opted_out");
    assert_eq!(decision["permission"]["by"]["eventId"], "evt-1");
}

#[tokio::test]
async fn an_opt_out_withdraws_what_is_arranged_and_a_person_cancels_what_cxone_cannot() {
    let around = lawful().await;
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!((booked(&around) - 1.0).abs() < f64::EPSILON);
    opt_out(&around, "evt-1", minutes_before_noon(30)).await;
    assert!(work_off(&around, minutes_before_noon(29)).await);
    assert!(booked(&around) < f64::EPSILON, "the agent is free again");
    let [dead_letter] = &bodies(&around, "CallbackDeadLetterQueue").await[..] else {
        panic!("one dead letter, though the message came twice")
    };
    let dead_letter: Value = serde_json::from_str(dead_letter).expect("JSON");
    assert_eq!(dead_letter["withdraw"]["contactId"], answer.body["contactId"]);
    let outcomes: Vec<Value> =
        decisions(&around).into_iter().map(|decision| decision["outcome"].clone()).collect();
    assert_eq!(outcomes, ["arranged", "withdrawn"]);
}

#[tokio::test]
async fn an_opt_out_stops_a_confirmation_that_waits() {
    let around = lawful().await;
    around.faults.add("sendSms:503x9".parse().expect("a fault"));
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    assert_eq!(answer.body["confirmation"], "pending", "{answer:?}");
    around.faults.clear();
    opt_out(&around, "evt-1", minutes_before_noon(30)).await;
    assert!(work_off(&around, minutes_before_noon(29)).await);
    assert!(around.cxone.messages().is_empty());
}

#[tokio::test]
async fn by_policy_a_later_request_is_evidence_of_consent_to_one_call() {
    let around = with_parameters(&[("OptedOutCallbacks", "one_call_with_evidence")]).await;
    opt_out(&around, "evt-1", minutes_before_noon(600)).await;
    assert!(work_off(&around, minutes_before_noon(590)).await);
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(around.cxone.messages().is_empty(), "a call, and no message");
    let [decision] = &decisions(&around)[..] else { panic!("one decision") };
    assert_eq!(decision["permission"]["kind"], "optedOut");
    assert_eq!(decision["request"]["callback"]["phoneNumber"], NUMBER);

    // Within the day of its listing: the number is listed anew, and the call withdrawn.
    opt_out(&around, "evt-2", minutes_before_noon(30)).await;
    assert!(work_off(&around, minutes_before_noon(29)).await);
    assert_eq!(bodies(&around, "CallbackDeadLetterQueue").await.len(), 1);
    assert!(booked(&around) < f64::EPSILON);
}

#[tokio::test]
async fn without_an_answer_of_the_ledger_there_is_no_call() {
    let around = lawful().await;
    around.faults.add("BatchGetItem:503x99".parse().expect("a fault"));
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("not_stored")), "{answer:?}");
    assert!(around.cxone.contacts().is_empty());
}

#[tokio::test]
async fn a_submission_without_an_answer_is_not_repeated_after_an_opt_out() {
    let around = lawful().await;
    around.faults.add("createContact:503x9".parse().expect("a fault"));
    let request = request(&around, NUMBER, NOON, 120);
    assert_eq!(post(&around, &request).await.status, 503);
    around.faults.clear();
    opt_out(&around, "evt-1", minutes_before_noon(59)).await;

    // The opt-out is recorded, and its number still on the way to the list.
    let answer = post(&around, &request).await;
    assert_eq!((answer.status, &answer.body["code"]), (422, &json!("withdrawn")), "{answer:?}");
    assert!(around.cxone.contacts().is_empty());
    assert!(work_off(&around, minutes_before_noon(50)).await);
    assert_eq!(bodies(&around, "CallbackDeadLetterQueue").await.len(), 1, "CXone may have it");
    assert!(booked(&around) < f64::EPSILON);
}
