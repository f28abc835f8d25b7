//! An opt-out stops everything: calls to come, and calls that are arranged.

use ambient::Ambience;
use callback_intake::CallbackIntake;
use chrono::{DateTime, TimeDelta, Utc};
use dnc_batcher::DncBatcher;
use optout_webhook::OptoutWebhook;
use sandbox::{DNC_LIST, Options, Surroundings, cxone::Api};
use serde_json::{Value, json};

use crate::{
    bodies, handler,
    law::{at, decisions, lawful, post, request, with_parameters},
};

pub(crate) const NUMBER: &str = "+12125550110";
pub(crate) const NOON: &str = "2026-12-01T12:00:00-05:00";

pub(crate) async fn opt_out(around: &Surroundings, event: &str, time: DateTime<Utc>) {
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

pub(crate) fn minutes_before_noon(minutes: i64) -> DateTime<Utc> {
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
    let items = around.aws.tables.items("DecisionsTable").expect("a table");
    assert!(items.iter().all(|item| item["phone_number"] == NUMBER), "to be found by the number");
}

/// Posts a request that was answered with 201, or that died right before, once more.
async fn repeat(around: &Surroundings, request: &Value, time: DateTime<Utc>) -> (u64, Value) {
    let work = async {
        let answer = handler::<CallbackIntake>(around).await.post(request).await;
        (answer.status, answer.body["code"].clone())
    };
    Ambience::new(time, 5).scope(Box::pin(work)).await
}

#[tokio::test]
async fn a_repeat_is_not_told_of_a_call_that_an_opt_out_has_stopped() {
    let around = lawful().await;
    let request = request(&around, NUMBER, NOON, 120);
    let first = post(&around, &request).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(repeat(&around, &request, minutes_before_noon(40)).await, (201, Value::Null));
    let withdrawn = (422, json!("withdrawn"));
    opt_out(&around, "evt-1", minutes_before_noon(30)).await;
    assert_eq!(repeat(&around, &request, minutes_before_noon(30)).await, withdrawn, "recorded");
    assert!(work_off(&around, minutes_before_noon(29)).await);
    assert_eq!(repeat(&around, &request, minutes_before_noon(28)).await, withdrawn, "withdrawn");
    assert_eq!(around.cxone.contacts().len(), 1, "nothing new is arranged");

    around.faults.add("BatchGetItem:503x99".parse().expect("a fault"));
    let unknown = repeat(&around, &request, minutes_before_noon(27)).await;
    assert_eq!(unknown, (503, json!("not_stored")), "without an answer of the ledger");
}

#[tokio::test]
async fn an_opt_out_after_the_call_does_not_unmake_it() {
    let around = lawful().await;
    let request = request(&around, NUMBER, NOON, 120);
    assert_eq!(post(&around, &request).await.status, 201);
    // CXone has called four times by one o'clock.
    opt_out(&around, "evt-1", minutes_before_noon(-60)).await;
    assert!(work_off(&around, minutes_before_noon(-61)).await);
    assert_eq!(repeat(&around, &request, minutes_before_noon(-62)).await, (201, Value::Null));
}

#[tokio::test]
async fn an_attempt_that_died_before_its_answer_does_not_outlive_an_opt_out() {
    let around = lawful().await;
    let request = request(&around, NUMBER, NOON, 120);
    around.faults.add("sendSms:503x9".parse().expect("a fault"));
    around.faults.add("SendMessage/CallbackQueue:503x9".parse().expect("a fault"));
    assert_eq!(post(&around, &request).await.status, 503);
    assert_eq!(around.cxone.contacts().len(), 1, "the contact is there and noted");
    around.faults.clear();
    opt_out(&around, "evt-1", minutes_before_noon(30)).await;
    let withdrawn = (422, json!("withdrawn"));
    assert_eq!(repeat(&around, &request, minutes_before_noon(30)).await, withdrawn);
    assert!(work_off(&around, minutes_before_noon(29)).await);
    assert!(booked(&around) < f64::EPSILON);
    assert_eq!(bodies(&around, "CallbackDeadLetterQueue").await.len(), 1);
    assert!(around.cxone.messages().is_empty());
}

#[tokio::test]
async fn a_request_that_is_refused_keeps_no_agent_of_an_earlier_attempt() {
    let around = lawful().await;
    let request = request(&around, NUMBER, NOON, 120);
    around.faults.add("UpdateItem/ReservationsTable:drop-afterx9".parse().expect("a fault"));
    assert_eq!(post(&around, &request).await.status, 503);
    assert!(booked(&around) > 0.0, "the answer of a booking was lost");
    around.faults.clear();
    opt_out(&around, "evt-1", minutes_before_noon(59)).await;
    let refused = (422, json!("opted_out"));
    assert_eq!(repeat(&around, &request, minutes_before_noon(58)).await, refused);
    assert!(booked(&around) < f64::EPSILON);
}

/// With the ACD services: a call that was submitted an hour before noon, and whose number opted out in
/// the same instant. Returns what withdraws it.
async fn submitted_and_opted_out() -> (Surroundings, Vec<String>) {
    let options = Options { cxone_api: Api::Acd, ..Options::default() };
    let around = Surroundings::with(options).await.expect("the services start");
    let request = request(&around, NUMBER, NOON, 120);
    let arrange = async { handler::<CallbackIntake>(&around).await.post(&request).await };
    let an_hour_before = Ambience::new(minutes_before_noon(60), 7).stopped();
    let answer = an_hour_before.scope(Box::pin(arrange)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(around.cxone.callbacks().len(), 1);
    opt_out(&around, "evt-1", minutes_before_noon(60)).await;
    let list = async {
        let queued = bodies(&around, "DncQueue").await;
        assert!(handler::<DncBatcher>(&around).await.batch(&queued).await.is_empty());
    };
    Ambience::new(minutes_before_noon(60), 2).scope(Box::pin(list)).await;
    let queued = bodies(&around, "CallbackQueue").await;
    (around, queued)
}

/// Withdraws what is queued, so many seconds after the submission. Returns whether it comes again.
async fn withdrawn_after(around: &Surroundings, queued: &[String], seconds: i64) -> bool {
    let withdraw =
        async { !handler::<CallbackIntake>(around).await.batch(queued).await.is_empty() };
    let time = minutes_before_noon(60) + TimeDelta::seconds(seconds);
    Ambience::new(time, 6).stopped().scope(Box::pin(withdraw)).await
}

#[tokio::test]
async fn a_call_that_was_submitted_right_before_is_looked_for_again() {
    let (around, queued) = submitted_and_opted_out().await;
    for (seconds, comes_again) in [(0, true), (30, true), (59, true), (60, false)] {
        assert_eq!(withdrawn_after(&around, &queued, seconds).await, comes_again, "{seconds} s");
        assert!(around.cxone.callbacks().is_empty(), "it is withdrawn at once");
        assert_eq!(booked(&around) < f64::EPSILON, !comes_again);
    }
}

/// An attempt that ran for 26 s sent it last of all, and CXone takes its time.
#[tokio::test]
async fn a_booking_that_cxone_carries_out_late_does_not_outlive_an_opt_out() {
    for late in [1, 29, 31, 40, 59] {
        let (around, queued) = submitted_and_opted_out().await;
        let under_way = std::mem::take(&mut around.cxone.tenant().callbacks);
        for seconds in (0..late).step_by(30) {
            assert!(withdrawn_after(&around, &queued, seconds).await, "{seconds} s");
        }
        around.cxone.tenant().callbacks = under_way;
        assert!(!withdrawn_after(&around, &queued, 60).await);
        assert!(around.cxone.callbacks().is_empty(), "carried out after {late} s");
    }
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

/// An event at the opt-out webhook that lists nothing.
pub(crate) async fn prefer(
    around: &Surroundings,
    event_type: &str,
    scope: Value,
    time: DateTime<Utc>,
) {
    let document = json!({
        "eventId": format!("{event_type} {scope}"), "eventType": event_type,
        "data": { "phoneNumber": NUMBER, "scope": scope },
    });
    let work = async {
        let answer = handler::<OptoutWebhook>(around).await.post(&document).await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("recorded")),
            "{answer:?}"
        );
    };
    Ambience::new(time, 3).scope(Box::pin(work)).await;
    assert!(around.cxone.dnc_list(DNC_LIST).contacts.is_empty());
}

#[tokio::test]
async fn an_opt_out_from_a_topic_withdraws_what_it_covers_and_lists_nothing() {
    let around = lawful().await;
    assert_eq!(post(&around, &request(&around, NUMBER, NOON, 120)).await.status, 201);
    prefer(&around, "contact.opt_out", json!({ "topic": "debt" }), minutes_before_noon(40)).await;
    assert!(work_off(&around, minutes_before_noon(39)).await);
    assert!(booked(&around) > 0.0, "the call is about something else");
    prefer(&around, "contact.opt_out", json!({ "topic": "sales" }), minutes_before_noon(30)).await;
    assert!(work_off(&around, minutes_before_noon(29)).await);
    assert!(booked(&around) < f64::EPSILON);
    assert_eq!(bodies(&around, "CallbackDeadLetterQueue").await.len(), 1);
    assert!(around.aws.tables.items("OptOutsTable").expect("a table").is_empty());
    let history = around.aws.tables.items("OptOutHistoryTable").expect("a table");
    assert_eq!(history.len(), 2, "each wish is evidence");
}

#[tokio::test]
async fn an_opt_out_from_texts_stops_the_confirmation_and_not_the_call() {
    let around = lawful().await;
    prefer(&around, "contact.opt_out", json!({ "channel": "text" }), minutes_before_noon(600))
        .await;
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(around.cxone.messages().is_empty());
    assert!(bodies(&around, "CallbackQueue").await.is_empty());
}

#[tokio::test]
async fn a_consent_permits_what_it_covers_until_the_next_opt_out_lists_the_number_again() {
    let around = lawful().await;
    opt_out(&around, "evt-1", minutes_before_noon(700)).await;
    assert!(work_off(&around, minutes_before_noon(690)).await);
    let scope = json!({ "channel": "voice", "topic": "sales" });
    let consent = json!({
        "eventId": "evt-2", "eventType": "contact.opt_in",
        "data": { "phoneNumber": NUMBER, "scope": scope, "words": "call me after all" },
    });
    let webhook = async {
        for _ in 0..2 {
            let answer = handler::<OptoutWebhook>(&around).await.post(&consent).await;
            assert_eq!(answer.body["status"], "recorded", "{answer:?}");
        }
    };
    Ambience::new(minutes_before_noon(600), 4).scope(Box::pin(webhook)).await;
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(around.cxone.messages().is_empty(), "a consent to calls is none to texts");
    let [decision] = &decisions(&around)[..] else { panic!("one decision") };
    assert_eq!(decision["permission"]["by"]["words"], "call me after all");
    let history = around.aws.tables.items("OptOutHistoryTable").expect("a table");
    let facts = history.iter().filter(|record| record["fact"].is_object());
    assert_eq!(facts.count(), 1, "delivered twice, stated once");

    opt_out(&around, "evt-3", minutes_before_noon(30)).await;
    assert!(work_off(&around, minutes_before_noon(29)).await);
    assert_eq!(bodies(&around, "CallbackDeadLetterQueue").await.len(), 1);
    assert!(booked(&around) < f64::EPSILON);
}

/// An opt-out of `asked` that arrives at `time`.
async fn late_opt_out(around: &Surroundings, asked: DateTime<Utc>, time: DateTime<Utc>) {
    let document = json!({
        "eventId": "evt-late", "eventType": "contact.opt_out", "timestamp": asked,
        "data": { "phoneNumber": NUMBER },
    });
    let work = async {
        let answer = handler::<OptoutWebhook>(around).await.post(&document).await;
        assert_eq!(answer.body["status"], "accepted", "{answer:?}");
    };
    Ambience::new(time, 5).scope(Box::pin(work)).await;
}

/// The number is listed, and the consent is its newest wish. A callback is booked, and then it opts
/// out once more, within the day of its listing.
async fn opts_out_once_more(around: &Surroundings) {
    let answer = post(around, &request(around, NUMBER, NOON, 120)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let listed_anew = around.cxone.calls("addToDncList");
    opt_out(around, "evt-3", minutes_before_noon(30)).await;
    assert!(work_off(around, minutes_before_noon(29)).await);
    assert_eq!(around.cxone.calls("addToDncList"), listed_anew + 1);
    assert_eq!(bodies(around, "CallbackDeadLetterQueue").await.len(), 1);
    assert!(booked(around) < f64::EPSILON);
}

#[tokio::test]
async fn a_listing_after_the_consent_does_not_answer_the_next_opt_out() {
    let around = lawful().await;
    opt_out(&around, "evt-1", minutes_before_noon(700)).await;
    prefer(&around, "contact.opt_in", json!({}), minutes_before_noon(650)).await;
    assert!(work_off(&around, minutes_before_noon(600)).await);
    opts_out_once_more(&around).await;
}

#[tokio::test]
async fn a_message_that_comes_twice_does_not_hide_the_consent_between() {
    let around = lawful().await;
    opt_out(&around, "evt-1", minutes_before_noon(700)).await;
    let queued = bodies(&around, "DncQueue").await;
    prefer(&around, "contact.opt_in", json!({}), minutes_before_noon(650)).await;
    for minutes in [690, 640] {
        let work = async {
            let left = handler::<DncBatcher>(&around).await.batch(&queued).await;
            assert!(left.is_empty(), "{left:?}");
        };
        Ambience::new(minutes_before_noon(minutes), 6).scope(Box::pin(work)).await;
    }
    opts_out_once_more(&around).await;
}

#[tokio::test]
async fn an_opt_out_of_before_the_consent_may_arrive_after_it() {
    let around = lawful().await;
    prefer(&around, "contact.opt_in", json!({}), minutes_before_noon(700)).await;
    late_opt_out(&around, minutes_before_noon(720), minutes_before_noon(650)).await;
    assert!(work_off(&around, minutes_before_noon(600)).await);
    opts_out_once_more(&around).await;
}

/// An operator may have taken it off the list, by the consent.
#[tokio::test]
async fn after_a_consent_that_came_first_the_next_opt_out_lists_the_number_again() {
    let around = lawful().await;
    prefer(&around, "contact.opt_in", json!({}), minutes_before_noon(700)).await;
    late_opt_out(&around, minutes_before_noon(720), minutes_before_noon(650)).await;
    assert!(work_off(&around, minutes_before_noon(600)).await);
    opt_out(&around, "evt-3", minutes_before_noon(30)).await;
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
}

/// Not only the batcher: it may be about to write the listing down.
#[tokio::test]
async fn a_booking_notes_a_consent_that_came_before_its_opt_out() {
    let around = lawful().await;
    prefer(&around, "contact.opt_in", json!({}), minutes_before_noon(700)).await;
    late_opt_out(&around, minutes_before_noon(720), minutes_before_noon(650)).await;
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
    assert_eq!(post(&around, &request(&around, NUMBER, NOON, 120)).await.status, 201);
    opt_out(&around, "evt-3", minutes_before_noon(30)).await;
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
}

/// The batcher has withdrawn all calls that it knows of, and is about to write down the listing.
#[tokio::test]
async fn an_opt_out_is_sent_though_one_of_before_the_consent_is_on_its_way() {
    let around = lawful().await;
    opt_out(&around, "evt-1", minutes_before_noon(700)).await;
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
    prefer(&around, "contact.opt_in", json!({}), minutes_before_noon(650)).await;
    opt_out(&around, "evt-2", minutes_before_noon(640)).await;
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
}

/// What a sender without ids and times sends of this type. Returns the answer.
async fn nameless(
    around: &Surroundings,
    event_type: &str,
    scope: &Value,
    time: DateTime<Utc>,
) -> Value {
    let document =
        json!({ "eventType": event_type, "data": { "phoneNumber": NUMBER, "scope": scope } });
    let work = async { handler::<OptoutWebhook>(around).await.post(&document).await };
    let answer = Ambience::new(time, 7).scope(Box::pin(work)).await;
    answer.body["status"].clone()
}

#[tokio::test]
async fn the_same_words_of_another_day_are_another_opt_out() {
    for (scope, accepted, repeated) in [
        (Value::Null, "accepted", "duplicate"),
        (json!({ "topic": "sales" }), "recorded", "recorded"),
    ] {
        let around = lawful().await;
        for days in [60, 1] {
            let minute = |minute| {
                minutes_before_noon(600) - TimeDelta::days(days) + TimeDelta::minutes(minute)
            };
            assert_eq!(nameless(&around, "contact.opt_out", &scope, minute(0)).await, accepted);
            assert_eq!(nameless(&around, "contact.opt_out", &scope, minute(1)).await, repeated);
            assert!(work_off(&around, minute(2)).await);
            let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
            assert_eq!(answer.body["code"], "opted_out", "{days}: {answer:?}");
            let id = format!("consent-{days}");
            consent(&around, &id, json!({ "phoneNumber": NUMBER }), minute(3)).await;
        }
    }
}

/// Else it would overrule the opt-out of meanwhile.
#[tokio::test]
async fn the_same_consent_of_another_day_is_the_same() {
    let around = lawful().await;
    let (all, days_before) = (json!({}), |days| minutes_before_noon(600) - TimeDelta::days(days));
    assert_eq!(nameless(&around, "contact.opt_in", &all, days_before(9)).await, "recorded");
    opt_out(&around, "evt-1", days_before(8)).await;
    assert_eq!(nameless(&around, "contact.opt_in", &all, days_before(7)).await, "recorded");
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    assert_eq!(answer.body["code"], "opted_out", "{answer:?}");
}

/// A consent until `end`, and a callback that is wanted in the two hours from noon on.
async fn called_until(end: DateTime<Utc>) -> (Surroundings, Value) {
    let around = lawful().await;
    opt_out(&around, "evt-1", minutes_before_noon(700)).await;
    assert!(work_off(&around, minutes_before_noon(690)).await);
    consent_until(&around, end, minutes_before_noon(600)).await;
    let answer = post(&around, &request(&around, NUMBER, NOON, 120)).await;
    let code = answer.body["code"].clone();
    (around, json!([answer.status, code]))
}

#[tokio::test]
async fn a_consent_permits_no_attempt_after_its_end() {
    for (minutes, attempts) in [(1, 1), (15, 1), (16, 2), (46, 4)] {
        let end = at(NOON) + TimeDelta::minutes(minutes);
        let (around, answer) = called_until(end).await;
        assert_eq!(answer, json!([201, null]), "{minutes}");
        let [decision] = &decisions(&around)[..] else { panic!("one decision") };
        assert_eq!(decision["attempts"], attempts, "{minutes} minutes after noon");
    }
    for end in [at(NOON), minutes_before_noon(1)] {
        let (around, answer) = called_until(end).await;
        assert_eq!(answer, json!([422, "opted_out"]), "{end}");
        let [decision] = &decisions(&around)[..] else { panic!("one decision") };
        assert_eq!(decision["permission"]["by"]["eventId"], "evt-1");
        assert!(around.cxone.contacts().is_empty());
    }
}

#[tokio::test]
async fn a_consent_that_cannot_be_read_permits_nothing_and_is_kept() {
    let around = lawful().await;
    let consent = json!({
        "eventType": "contact.opt_in",
        "data": { "phoneNumber": NUMBER, "scope": { "topic": "everything" } },
    });
    let answer = handler::<OptoutWebhook>(&around).await.post(&consent).await;
    assert_eq!((answer.status, &answer.body["code"]), (422, &json!("malformed_consent")));
    assert_eq!(bodies(&around, "DncDeadLetterQueue").await.len(), 1);
    assert!(around.aws.tables.items("CalledPartiesTable").expect("a table").is_empty());
}

#[tokio::test]
async fn a_redriven_consent_is_recorded_and_lists_nothing() {
    let around = lawful().await;
    let consent = json!({
        "eventType": "contact.opt_in", "data": { "phoneNumber": NUMBER, "scope": { "channel": "text" } },
    });
    let batcher = handler::<DncBatcher>(&around).await;
    around.faults.add("BatchGetItem:503x9".parse().expect("a fault"));
    assert_eq!(batcher.batch(&[consent.to_string()]).await, [0], "it comes again");
    around.faults.clear();
    assert!(batcher.batch(&[consent.to_string()]).await.is_empty());
    assert!(around.cxone.dnc_list(DNC_LIST).contacts.is_empty());
    assert_eq!(around.aws.tables.items("CalledPartiesTable").expect("a table").len(), 1);
}

/// The number opts out while CXone may have the call, and consents before the call is withdrawn.
#[tokio::test]
async fn a_call_that_moves_to_another_hour_is_decided_anew() {
    let around = lawful().await;
    let request = request(&around, NUMBER, NOON, 120);
    around.faults.add("createContact:503x9".parse().expect("a fault"));
    assert_eq!(post(&around, &request).await.status, 503);
    around.faults.clear();
    opt_out(&around, "evt-1", minutes_before_noon(50)).await;
    let withdrawn = (422, json!("withdrawn"));
    assert_eq!(repeat(&around, &request, minutes_before_noon(40)).await, withdrawn);
    prefer(&around, "contact.opt_in", json!({ "channel": "voice" }), minutes_before_noon(30)).await;
    let later = at(NOON) + TimeDelta::hours(1);
    around.cxone.set_forecast("campaign-1", vec![(at(NOON), 1.0), (later, 9.0)]);
    assert_eq!(repeat(&around, &request, minutes_before_noon(20)).await, (201, Value::Null));

    let outcomes: Vec<Value> =
        decisions(&around).into_iter().map(|decision| decision["outcome"].clone()).collect();
    assert_eq!(outcomes, ["arranged", "withdrawn", "arranged"]);
    let [party] = &around.aws.tables.items("CalledPartiesTable").expect("a table")[..] else {
        panic!("one number")
    };
    let party: Value =
        serde_json::from_str(party["document"].as_str().expect("a document")).expect("JSON");
    assert_eq!(party["calls"].as_array().expect("a list").len(), 1);
    assert_eq!(party["calls"][0]["dispatchAt"], json!(later));
}

#[tokio::test]
async fn a_consent_overrules_no_opt_out_of_the_same_instant() {
    for (later_ms, is_overruled) in [(0, false), (1, true)] {
        let around = lawful().await;
        opt_out(&around, "evt-1", minutes_before_noon(700)).await;
        let entry = || around.aws.tables.items("OptOutsTable").expect("a table").remove(0);
        let requested_at = at(entry()["latest_requested_at"].as_str().expect("a time"));
        let consent = json!({
            "eventId": "evt-2", "eventType": "contact.opt_in", "data": { "phoneNumber": NUMBER },
            "timestamp": requested_at + TimeDelta::milliseconds(later_ms),
        });
        let work = async { handler::<OptoutWebhook>(&around).await.post(&consent).await };
        let answer = Ambience::new(minutes_before_noon(600), 4).scope(Box::pin(work)).await;
        assert_eq!(answer.body["status"], "recorded", "{answer:?}");
        assert_eq!(entry()["overruled_at"].is_string(), is_overruled, "{later_ms} ms later");
    }
}

/// Sends a consent to all contacts, which counts until then.
async fn consent_until(around: &Surroundings, end: DateTime<Utc>, time: DateTime<Utc>) {
    consent(around, "evt-2", json!({ "phoneNumber": NUMBER, "expiresAt": end }), time).await;
}

async fn consent(around: &Surroundings, event: &str, data: Value, time: DateTime<Utc>) {
    let document = json!({ "eventId": event, "eventType": "contact.opt_in", "data": data });
    let work = async {
        let answer = handler::<OptoutWebhook>(around).await.post(&document).await;
        assert_eq!(answer.body["status"], "recorded", "{answer:?}");
    };
    Ambience::new(time, 4).stopped().scope(Box::pin(work)).await;
}

#[tokio::test]
async fn a_call_that_was_withdrawn_is_not_made_even_after_a_consent() {
    let around = lawful().await;
    let request = request(&around, NUMBER, NOON, 120);
    around.faults.add("createContact:503x9".parse().expect("a fault"));
    assert_eq!(post(&around, &request).await.status, 503);
    around.faults.clear();
    opt_out(&around, "evt-1", minutes_before_noon(50)).await;
    assert!(work_off(&around, minutes_before_noon(40)).await);
    consent_until(&around, at(NOON) + TimeDelta::days(1), minutes_before_noon(30)).await;
    let withdrawn = (422, json!("withdrawn"));
    assert_eq!(repeat(&around, &request, minutes_before_noon(20)).await, withdrawn);
    assert!(around.cxone.contacts().is_empty());
}

#[tokio::test]
async fn a_consent_that_is_over_overrules_no_opt_out() {
    let time = minutes_before_noon(600);
    for (seconds, is_overruled) in [(-1, false), (0, false), (1, true)] {
        let around = lawful().await;
        opt_out(&around, "evt-1", minutes_before_noon(700)).await;
        assert!(work_off(&around, minutes_before_noon(690)).await);
        consent_until(&around, time + TimeDelta::seconds(seconds), time).await;
        let [entry] = &around.aws.tables.items("OptOutsTable").expect("a table")[..] else {
            panic!("one entry")
        };
        assert_eq!(entry["overruled_at"].is_string(), is_overruled, "{seconds}: {entry}");
    }
}
