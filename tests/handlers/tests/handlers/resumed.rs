//! Callbacks whose first attempt stopped on its way: the next one goes on there.

use ambient::Ambience;
use callback_intake::CallbackIntake;
use chrono::{DateTime, TimeDelta, Utc};
use handlers::Answer;
use sandbox::{Options, Surroundings, cxone::Api};
use serde_json::{Value, json};

use crate::{
    bodies, handler,
    law::{at, decisions, lawful, request},
};

const NUMBER: &str = "+12125550110";
const NOON: &str = "2026-12-01T12:00:00-05:00";

fn noon() -> DateTime<Utc> {
    at(NOON)
}

fn after_noon(minutes: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minutes)
}

/// The first time at which CXone is asked to call.
fn soonest(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::seconds(30)
}

/// A request for noon to two o'clock, with the most agents at noon.
fn for_noon(around: &Surroundings) -> Value {
    let request = request(around, NUMBER, NOON, 120);
    let agents = vec![(noon(), 9.0), (after_noon(60), 1.0)];
    around.cxone.set_forecast("campaign-1", agents);
    request
}

/// From now on the most agents are there at one o'clock.
fn fewer_at_noon(around: &Surroundings) {
    let agents = vec![(noon(), 1.0), (after_noon(60), 9.0)];
    around.cxone.set_forecast("campaign-1", agents);
}

/// An attempt that takes no time.
async fn attempt(around: &Surroundings, request: &Value, time: DateTime<Utc>) -> Answer {
    let work = async { handler::<CallbackIntake>(around).await.post(request).await };
    let seed = time.timestamp().unsigned_abs(); // of ids that no other attempt has
    Ambience::new(time, seed).stopped().scope(Box::pin(work)).await
}

/// An attempt an hour before noon that is stopped by a fault.
async fn stopped(around: &Surroundings, request: &Value, fault: &str) {
    around.faults.add(fault.parse().expect("a fault"));
    let answer = attempt(around, request, after_noon(-60)).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    around.faults.clear();
}

fn promised(answer: &Answer) -> DateTime<Utc> {
    assert_eq!(answer.status, 201, "{answer:?}");
    at(answer.body["dispatchTime"].as_str().expect("a time"))
}

fn booked(around: &Surroundings) -> Vec<(String, f64)> {
    let hours = around.aws.tables.items("ReservationsTable").expect("a table");
    let count =
        |hour: &Value| (hour["id"].as_str()?[..13].to_owned(), hour["booked"].as_f64()?).into();
    hours.iter().filter_map(count).filter(|(_, count)| *count > 0.0).collect()
}

/// The calls that are written down for the number.
fn arranged(around: &Surroundings) -> Vec<Value> {
    let parties = around.aws.tables.items("CalledPartiesTable").expect("a table");
    let document = |party: &Value| serde_json::from_str::<Value>(party["document"].as_str()?).ok();
    let parties = parties.iter().filter_map(document);
    parties.flat_map(|party| party["calls"].as_array().cloned().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_submission_without_an_answer_is_repeated_as_it_was_and_decided_once() {
    let around = lawful().await;
    let request = for_noon(&around);
    stopped(&around, &request, "createContact:503x9").await;
    fewer_at_noon(&around);
    assert_eq!(promised(&attempt(&around, &request, after_noon(-50)).await), noon());
    assert_eq!(around.cxone.contacts().len(), 1);
    assert_eq!(decisions(&around).len(), 1);
    let [call] = &arranged(&around)[..] else { panic!("one call") };
    let resubmitted_at = at(call["resubmittedAt"].as_str().expect("it was submitted again"));
    assert_eq!(resubmitted_at, after_noon(-50));
}

#[tokio::test]
async fn a_booking_whose_answer_was_lost_is_kept() {
    let around = lawful().await;
    let request = for_noon(&around);
    stopped(&around, &request, "UpdateItem/ReservationsTable:drop-afterx9").await;
    fewer_at_noon(&around);
    let answer = attempt(&around, &request, after_noon(20)).await;
    assert_eq!(promised(&answer), soonest(after_noon(20)), "in what is left of the hour");
    assert_eq!(booked(&around), [("2026-12-01T17".to_owned(), 1.0)]);
}

#[tokio::test]
async fn a_booking_whose_hour_is_over_is_given_up() {
    let around = lawful().await;
    let request = for_noon(&around);
    stopped(&around, &request, "UpdateItem/ReservationsTable:drop-afterx9").await;
    let answer = attempt(&around, &request, after_noon(61)).await;
    assert_eq!(promised(&answer), soonest(after_noon(61)));
    assert_eq!(booked(&around), [("2026-12-01T18".to_owned(), 1.0)]);
}

#[tokio::test]
async fn a_booking_that_was_never_made_is_no_right_to_an_hour_that_others_filled() {
    let around = lawful().await;
    let request = for_noon(&around);
    around.cxone.set_forecast("campaign-1", vec![(noon(), 1.0), (after_noon(60), 1.0)]);
    stopped(&around, &request, "UpdateItem/ReservationsTable:503x9").await;
    let mut other = request.clone();
    other["phoneNumber"] = json!("+12125550111");
    assert_eq!(promised(&attempt(&around, &other, after_noon(-55)).await), noon());
    let answer = attempt(&around, &request, after_noon(-50)).await;
    assert_eq!(promised(&answer), after_noon(60));
}

#[tokio::test]
async fn a_call_that_cxone_refuses_leaves_nothing_behind() {
    let around = lawful().await;
    let request = for_noon(&around);
    around.faults.add("createContact:400x1".parse().expect("a fault"));
    let answer = attempt(&around, &request, after_noon(-60)).await;
    assert_eq!((answer.status, &answer.body["code"]), (422, &json!("refused_by_cxone")));
    assert!(booked(&around).is_empty() && arranged(&around).is_empty());
    let hours = around.aws.tables.items("ReservationsTable").expect("a table");
    assert!(hours.iter().all(|hour| hour["withdrawn"].is_null()), "no other can arrive: {hours:?}");
    let claims = around.aws.tables.items("IdempotencyTable").expect("a table");
    assert!(claims.is_empty(), "the request is forgotten, its key is free: {claims:?}");
    assert_eq!(promised(&attempt(&around, &request, after_noon(-50)).await), noon());
}

#[tokio::test]
async fn a_call_that_cxone_does_not_have_by_its_time_is_arranged_anew() {
    for late in [1, 30] {
        let around = lawful().await;
        let request = for_noon(&around);
        stopped(&around, &request, "createContact:503x9").await;
        let answer = attempt(&around, &request, after_noon(late)).await;
        let promised = promised(&answer);
        assert_eq!(promised, soonest(after_noon(late)));
        let [call] = &arranged(&around)[..] else { panic!("one call") };
        assert_eq!(at(call["dispatchAt"].as_str().expect("a time")), promised);
        assert_eq!(booked(&around), [("2026-12-01T17".to_owned(), 1.0)]);
        let hours = around.aws.tables.items("ReservationsTable").expect("a table");
        let is_kept_out = |hour: &Value| hour["withdrawn"].is_array();
        assert!(hours.iter().any(is_kept_out), "what the first attempt may still book: {hours:?}");
    }
}

/// An attempt that began just before the time of the call may have it created after that.
#[tokio::test]
async fn nothing_is_denied_while_cxone_may_still_get_a_call_whose_time_has_come() {
    let around = lawful().await;
    let request = for_noon(&around);
    stopped(&around, &request, "createContact:503x9").await;
    let answer = attempt(&around, &request, noon()).await;
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("cxone_unavailable")));
    assert!(around.cxone.contacts().is_empty());
    assert_eq!(booked(&around), [("2026-12-01T17".to_owned(), 1.0)], "the call may come");
    assert_eq!(arranged(&around).len(), 1, "an opt-out has to find it");
}

/// The services with an API. CXone takes a time that is over, and calls nobody.
async fn credulous(cxone_api: Api) -> Surroundings {
    let options = Options {
        cxone_api,
        skilled_campaigns: vec!["campaign-1".to_owned()],
        ..Options::default()
    };
    let around = Surroundings::with(options).await.expect("the embedded services start");
    if cxone_api == Api::Acd {
        let mut tenant = around.cxone.tenant();
        let change = json!({ "callbacks": { "past": "accepted", "whenStopped": "held" } });
        tenant.traits = tenant.traits.changed(&change).expect("a trait");
        tenant.skills.values_mut().for_each(|skill| skill.is_running = false);
    }
    around
}

/// What becomes of a request that CXone surely did not take at first, and that is sent again so many
/// minutes after noon, with both APIs.
async fn sent_again(minutes: i64) -> [(Surroundings, Answer); 2] {
    let sent_again = async |cxone_api, fault| {
        let around = credulous(cxone_api).await;
        let request = for_noon(&around);
        stopped(&around, &request, fault).await;
        let answer = attempt(&around, &request, after_noon(minutes)).await;
        (around, answer)
    };
    [
        sent_again(Api::V2, "createContact:429x9").await,
        sent_again(Api::Acd, "createCallback:429x9").await,
    ]
}

/// CXone would call at once, in an hour that was never judged: at night, say.
#[tokio::test]
async fn a_call_that_cxone_did_not_take_in_time_is_not_submitted_once_its_window_is_over() {
    for (around, answer) in sent_again(10 * 60 + 30).await {
        assert_eq!((answer.status, &answer.body["code"]), (422, &json!("invalid_request")));
        assert_eq!(answer.body["errors"][0]["field"], "requestedEnd", "{answer:?}");
        assert!(around.cxone.callbacks().is_empty(), "nobody is called");
        assert!(booked(&around).is_empty() && arranged(&around).is_empty());
        let claims = around.aws.tables.items("IdempotencyTable").expect("a table");
        assert!(claims.is_empty(), "the key is free: {claims:?}");
    }
}

#[tokio::test]
async fn a_call_that_cxone_did_not_take_in_time_is_judged_and_booked_anew() {
    for (around, answer) in sent_again(61).await {
        assert_eq!(promised(&answer), soonest(after_noon(61)));
        assert_eq!(around.cxone.callbacks().len(), 1);
        assert_eq!(booked(&around), [("2026-12-01T18".to_owned(), 1.0)]);
        assert_eq!(decisions(&around).len(), 2, "it is decided upon once more");
        let [call] = &arranged(&around)[..] else { panic!("one call") };
        assert_eq!(at(call["dispatchAt"].as_str().expect("a time")), soonest(after_noon(61)));
    }
}

#[tokio::test]
async fn a_call_that_cxone_took_stands_after_its_time() {
    let around = lawful().await;
    let request = for_noon(&around);
    stopped(&around, &request, "createContact:504-afterx9").await;
    let answer = attempt(&around, &request, after_noon(10 * 60)).await;
    assert_eq!(promised(&answer), noon());
    assert_eq!(around.cxone.contacts().len(), 1);
}

/// Begin of the submission that CXone may carry out still, as it is stored.
fn submitted_at(around: &Surroundings) -> Option<DateTime<Utc>> {
    let claims = around.aws.tables.items("IdempotencyTable").expect("a table");
    let [claim] = &claims[..] else { panic!("one claim: {claims:?}") };
    let progress: Value =
        serde_json::from_str(claim["progress"].as_str().expect("progress")).expect("JSON");
    progress["intent"]["submitted_at"].as_str().map(at)
}

/// Who comes next must know whether an earlier submission may be carried out still.
#[tokio::test]
async fn a_submission_is_on_record_as_long_as_cxone_may_have_it() {
    let around = lawful().await;
    let request = for_noon(&around);
    let refused = "createContact:429x9"; // surely not done
    let unanswered = "createContact:503x9";
    let rounds = [
        (-60, refused, None),
        (-55, unanswered, Some(-55)),
        (-50, refused, Some(-55)),
        (-45, unanswered, Some(-45)),
    ];
    for (minutes, fault, since) in rounds {
        around.faults.add(fault.parse().expect("a fault"));
        let answer = attempt(&around, &request, after_noon(minutes)).await;
        assert_eq!(answer.status, 503, "{answer:?}");
        around.faults.clear();
        assert_eq!(submitted_at(&around), since.map(after_noon), "{minutes}: {fault}");
    }
    assert_eq!(promised(&attempt(&around, &request, after_noon(-40)).await), noon());
}

/// The list of the ACD services does not show what is under way: who books again beside it, or books
/// what is not noted, has the customer called twice.
#[tokio::test]
async fn with_the_acd_services_an_attempt_books_a_minute_after_the_one_before_and_is_noted_then() {
    let around = credulous(Api::Acd).await;
    let request = for_noon(&around);
    let after = |seconds| after_noon(-60) + TimeDelta::seconds(seconds);
    for (seconds, submissions, since) in [(0, 1, 0), (59, 1, 0), (60, 2, 60), (119, 2, 60)] {
        around.faults.add("createCallback:504x9".parse().expect("a fault"));
        let answer = attempt(&around, &request, after(seconds)).await;
        assert_eq!(answer.status, 503, "{seconds}: {answer:?}");
        around.faults.clear();
        assert_eq!(around.cxone.calls("createCallback"), submissions, "{seconds}");
        assert_eq!(submitted_at(&around), Some(after(since)), "{seconds}");
    }
    assert_eq!(promised(&attempt(&around, &request, after(120)).await), noon());
    assert_eq!(around.cxone.callbacks().len(), 1);
}

#[tokio::test]
async fn a_confirmation_that_comes_no_earlier_than_the_call_is_not_sent() {
    for (seconds, sent) in [(-1, 1), (0, 0)] {
        let around = lawful().await;
        around.faults.add("sendSms:503x9".parse().expect("a fault"));
        let answer = attempt(&around, &for_noon(&around), after_noon(-60)).await;
        assert_eq!((promised(&answer), &answer.body["confirmation"]), (noon(), &json!("pending")));
        around.faults.clear();
        let queued = bodies(&around, "CallbackQueue").await;
        let confirm = async { handler::<CallbackIntake>(&around).await.batch(&queued).await };
        let then = Ambience::new(noon() + TimeDelta::seconds(seconds), 6).stopped();
        assert!(then.scope(Box::pin(confirm)).await.is_empty(), "it is dealt with");
        assert_eq!(around.cxone.messages().len(), sent, "{seconds} s after the time of the call");
        assert_eq!(bodies(&around, "CallbackDeadLetterQueue").await.len(), 1 - sent);
    }
}

/// What version 0.1 stored between its steps, which had no names.
fn leave_progress_of_version_0_1(around: &Surroundings, progress: &Value) {
    let claims = around.aws.tables.items("IdempotencyTable").expect("a table");
    let [claim] = &claims[..] else { panic!("one claim: {claims:?}") };
    let key = ("id", claim["id"].as_str().expect("an id"));
    let progress = progress.to_string();
    let set = around.aws.tables.set_text("IdempotencyTable", key, "progress", &progress);
    set.expect("it is set");
}

#[tokio::test]
async fn a_call_that_version_0_1_may_have_submitted_is_submitted_as_it_was() {
    for is_scheduled in [false, true] {
        let around = lawful().await;
        let request = for_noon(&around);
        stopped(&around, &request, "createContact:503x9").await;
        let chosen = after_noon(60);
        let progress = json!({
            "hour": chosen, "dispatch_at": chosen, "agents": 8, "is_scheduled": is_scheduled,
        });
        leave_progress_of_version_0_1(&around, &progress);
        let answer = attempt(&around, &request, after_noon(-50)).await;
        assert_eq!(promised(&answer), chosen);
        let contacts = around.cxone.contacts();
        let contact = contacts.values().next().expect("a contact");
        assert_eq!((contacts.len(), contact.scheduled_start), (1, chosen));
        assert_eq!(decisions(&around).len(), 1, "it was admitted before");
        assert_eq!(attempt(&around, &request, after_noon(-40)).await, answer);
    }
}

#[tokio::test]
async fn a_call_whose_hour_version_0_1_never_got_is_arranged_anew() {
    let around = lawful().await;
    let request = for_noon(&around);
    around.cxone.set_forecast("campaign-1", vec![(noon(), 1.0), (after_noon(60), 1.0)]);
    stopped(&around, &request, "createContact:503x9").await;
    // Under a holder that version 0.1 did not know, the only agent of this hour is taken.
    let progress =
        json!({ "hour": noon(), "dispatch_at": noon(), "agents": 1, "is_scheduled": false });
    leave_progress_of_version_0_1(&around, &progress);
    let answer = attempt(&around, &request, after_noon(-50)).await;
    assert_eq!(promised(&answer), after_noon(60));
}
