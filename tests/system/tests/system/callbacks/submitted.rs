//! A submission to CXone is final: it is never changed, released or denied.

use chrono::{DateTime, TimeDelta, Utc};
use outbound::{Region, callback::CallbackRequest};
use platform::idempotency;
use sandbox::{Options, Sandbox, cxone::Contact};
use serde_json::{Value, json};
use system::{Delivery, Reply, numbers, sandbox};

use super::{CAMPAIGN, booked, callback, forecast, hour, sender};

const CLAIMS: &str = "IdempotencyTable";

fn dispatched(reply: &Reply) -> DateTime<Utc> {
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.body["dispatchTime"].as_str().expect("a time").parse().expect("RFC 3339")
}

fn only_contact(sandbox: &Sandbox) -> Contact {
    let contacts: Vec<Contact> = sandbox.cxone.contacts().into_values().collect();
    let [contact] = &contacts[..] else { panic!("one contact: {contacts:?}") };
    contact.clone()
}

async fn sandbox_with(fault: &str) -> Sandbox {
    let faults = vec![fault.parse().expect("a fault")];
    sandbox(Options { faults, ..Options::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_gets_the_time_at_which_cxone_calls_in_v2() {
    let sandbox = sandbox_with("createContact:kill=callback-intakex1").await;
    let sender = sender(&sandbox);
    // An hour that is under way: with every second, another instant of it is the earliest.
    let now = Utc::now();
    sandbox.cxone.set_forecast(CAMPAIGN, vec![(now - TimeDelta::minutes(1), 9.0)]);
    let mut event = callback(&numbers::number(0));
    event["requestedStart"] = json!(now - TimeDelta::minutes(1));
    event["requestedEnd"] = json!(now + TimeDelta::hours(2));
    sender.send_event(&event).await;
    // The time is reported, though by then the call may be due and the SMS too late.
    let promised = dispatched(&sender.deliver(&event).await);
    let contact = only_contact(&sandbox);
    assert_eq!((promised, contact.differing_posts), (contact.scheduled_start, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_capacity_means_that_cxone_does_not_call_in_v2() {
    let sandbox = sandbox_with("createContact:kill=callback-intakex1").await;
    forecast(&sandbox, &[1.0]);
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    sender.send_event(&event).await;
    // No agent is free any more: that does not affect a call that is arranged.
    forecast(&sandbox, &[0.0, 0.0]);
    let reply = sender.deliver(&event).await;
    assert_eq!((reply.word(), dispatched(&reply)), ("201 sent".to_owned(), hour(0)));
    assert_eq!((only_contact(&sandbox).scheduled_start, booked(&sandbox)), (hour(0), 1));
}

/// Claim of the only request.
fn only_claim(sandbox: &Sandbox) -> Value {
    let claims = sandbox.aws.tables.items(CLAIMS).expect("the table answers");
    let [claim] = &claims[..] else { panic!("one claim: {claims:?}") };
    claim.clone()
}

/// Key and progress of the only request.
fn claim(sandbox: &Sandbox) -> (String, Value) {
    let claim = only_claim(sandbox);
    let progress = claim["progress"].as_str().expect("it has progress");
    let progress = serde_json::from_str(progress).expect("JSON");
    (claim["id"].as_str().expect("an id").to_owned(), progress)
}

/// Replaces what is stored about the only request.
fn set_progress(sandbox: &Sandbox, progress: &Value) {
    let (id, _) = claim(sandbox);
    let set = sandbox.aws.tables.set_text(CLAIMS, ("id", &id), "progress", &progress.to_string());
    set.expect("the table answers");
}

/// Moves the window of the only request into the past, in its claim as well: hours have passed.
fn end_window(sandbox: &Sandbox, event: &mut Value) {
    event["requestedStart"] = json!(Utc::now() - TimeDelta::hours(3));
    event["requestedEnd"] = json!(Utc::now() - TimeDelta::hours(1));
    let request = CallbackRequest::read(&(&*event).into(), Region::US, Utc::now());
    let key = idempotency::key("", &request.expect("it can be read").identity()).to_string();
    let id = only_claim(sandbox)["id"].as_str().expect("an id").to_owned();
    let hash = key.trim_start_matches('#');
    let set = sandbox.aws.tables.set_text(CLAIMS, ("id", &id), "payload_hash", hash);
    set.expect("the table answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_given_again_when_the_window_is_over() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let mut event = callback(&numbers::number(0));
    let keyed = |event: &Value| Delivery::of(event.to_string()).keyed("key-1");
    let first = sender.send(&keyed(&event)).await;
    assert_eq!(first.word(), "201 sent");
    end_window(&sandbox, &mut event);
    let again = sender.send(&keyed(&event)).await;
    assert_eq!((again.word(), again.body), (first.word(), first.body));
    // A first request for such a window is rejected, since it is over.
    assert_eq!(sender.send_event(&event).await.word(), "422 invalid_request");
    assert_eq!(sandbox.cxone.callbacks().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cxone_does_not_have_by_its_time_is_arranged_anew_in_v2() {
    // Four attempts make one call: CXone may have got the request, as far as the function can tell.
    let sandbox = sandbox_with("createContact:503x4").await;
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    assert_eq!(sender.send_event(&event).await.word(), "503 cxone_unavailable");
    let (_, mut progress) = claim(&sandbox);
    progress["intent"]["booking"]["dispatch_at"] = json!(Utc::now() - TimeDelta::hours(2));
    set_progress(&sandbox, &progress);
    let promised = dispatched(&sender.deliver(&event).await);
    assert!(promised >= hour(0));
    assert_eq!((only_contact(&sandbox).scheduled_start, booked(&sandbox)), (promised, 1));
}

/// Version 0.1 stored its progress without names of steps.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_arranged_by_version_0_1_is_kept_in_v2() {
    for is_scheduled in [false, true] {
        let sandbox = sandbox_with("createContact:503x4").await;
        let sender = sender(&sandbox);
        let event = callback(&numbers::number(0));
        sender.send_event(&event).await;
        let stored = json!({
            "hour": hour(2), "dispatch_at": hour(2), "agents": 8, "is_scheduled": is_scheduled,
        });
        set_progress(&sandbox, &stored);
        assert_eq!(dispatched(&sender.deliver(&event).await), hour(2));
        assert_eq!(only_contact(&sandbox).scheduled_start, hour(2));
        assert_eq!(sandbox.cxone.calls("forecast"), 1, "the hour was chosen already");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_version_0_1_that_cxone_does_not_have_by_its_time_is_arranged_anew_in_v2() {
    let sandbox = sandbox_with("createContact:503x4").await;
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    sender.send_event(&event).await;
    let over = hour(0) - TimeDelta::hours(4);
    let stored = json!({ "hour": over, "dispatch_at": over, "agents": 8, "is_scheduled": true });
    set_progress(&sandbox, &stored);
    let promised = dispatched(&sender.deliver(&event).await);
    assert!(promised >= hour(0));
    assert_eq!(only_contact(&sandbox).scheduled_start, promised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_hour_of_version_0_1_was_never_requested_in_v2() {
    let sandbox = sandbox_with("createContact:503x4").await;
    forecast(&sandbox, &[1.0, 1.0]);
    let sender = sender(&sandbox);
    let event = callback(&numbers::number(0));
    sender.send_event(&event).await;
    // Its own first attempt, under a holder unknown to version 0.1, fills the hour.
    let stored = json!({
        "hour": hour(0), "dispatch_at": hour(0), "agents": 1, "is_scheduled": false,
    });
    set_progress(&sandbox, &stored);
    assert_eq!(dispatched(&sender.deliver(&event).await), hour(1));
    assert_eq!(only_contact(&sandbox).scheduled_start, hour(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_used_again_once_it_has_expired_books_its_own_customer() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let keyed =
        |index| Delivery::of(callback(&numbers::number(index)).to_string()).keyed("ivr-session-7");
    assert_eq!(sender.send(&keyed(0)).await.word(), "201 sent");
    sandbox.aws.tables.lapse(CLAIMS, "id").expect("the table answers");
    assert_eq!(sender.send(&keyed(1)).await.word(), "201 sent");
    let expected = [numbers::number(0), numbers::number(1)];
    let callbacks = sandbox.cxone.callbacks();
    assert_eq!(callbacks.len(), 2);
    assert!(callbacks.iter().all(|callback| expected.contains(&callback.number)));
    let texts = sandbox.cxone.texts();
    assert!(texts.len() == 2 && texts.iter().all(|text| expected.contains(&text.to)));
}
