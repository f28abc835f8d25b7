//! The calls to AWS and CXone that one event costs: those that are needed, and no others.

use std::collections::BTreeMap;

use analytics_poller::AnalyticsPoller;
use callback_intake::CallbackIntake;
use campaign_scheduler::CampaignScheduler;
use chrono::{SubsecRound, TimeDelta, Utc};
use disposition_handler::DispositionHandler;
use dnc_batcher::DncBatcher;
use interaction_router::InteractionRouter;
use optout_webhook::OptoutWebhook;
use platform::function::Function;
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
    let expected = [("PutItem", 1), ("SendMessage", 1), ("TransactWriteItems", 1)];
    assert_eq!(calls(&around), counts(expected));
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
    calls(&around);
    let batcher = handler::<DncBatcher>(&around).await;
    assert_eq!(calls(&around), counts([("GetSecretValue", 1)]), "at start");
    let good_day = [("BatchGetItem", 1), ("TransactWriteItems", 1), ("addToDncList", 1)];
    for tokens in [1, 0] {
        assert!(batcher.batch(&queued).await.is_empty());
        let mut made = calls(&around);
        assert_eq!(made.remove("token").unwrap_or_default(), tokens, "one a process and hour");
        assert_eq!(made, counts(good_day));
        let line = batcher.line();
        assert_eq!((&line["numbers_listed"], &line["cxone_calls"]), (&json!(50), &json!(1)));
        assert_eq!(line["event_ids"].as_array().map(Vec::len), Some(50));
    }
}

#[tokio::test]
async fn a_callback_is_claimed_booked_stored_and_arranged() {
    let around = surroundings().await;
    let start = Utc::now().trunc_subsecs(0) + TimeDelta::hours(1);
    around.cxone.set_forecast("campaign-1", vec![(start, 9.0)]);
    let request = |index: usize| {
        json!({
            "phoneNumber": format!("+1202555{:04}", 100 + index), "campaignId": "campaign-1",
            "requestedStart": start, "requestedEnd": start + TimeDelta::hours(2),
            "language": "en-US",
        })
    };
    let intake = handler::<CallbackIntake>(&around).await;
    intake.post(&request(0)).await;
    calls(&around);
    let answer = intake.post(&request(1)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let expected = [
        ("BatchGetItem", 3), // what is known of the number, bookings, the number again
        ("TransactWriteItems", 1), // the call and the decision
        ("PutItem", 1),      // the claim
        ("UpdateItem", 5),   // hour, booking, intent, contact, answer
        ("createContact", 1),
        ("forecast", 1),
        ("sendSms", 1),
    ];
    assert_eq!(calls(&around), counts(expected));
    assert_eq!(intake.line()["cxone_calls"], 3);
    assert_eq!(intake.post(&request(1)).await, answer);
    assert_eq!(calls(&around), counts([("BatchGetItem", 1), ("PutItem", 1)]), "of a repeat");
}

#[tokio::test]
async fn an_interaction_is_claimed_handed_on_and_done() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    calls(&around);
    let event = json!({
        "eventType": "interaction.created", "timestamp": "2026-03-02T15:00:00Z",
        "data": { "id": "i-1", "channelType": "voice" },
    });
    router.post(&event).await;
    assert_eq!(calls(&around), counts([("PutItem", 1), ("SendMessage", 3), ("UpdateItem", 1)]));
    router.post(&event).await;
    assert_eq!(calls(&around), counts([("PutItem", 1)]), "of a repeat");
}

#[tokio::test]
async fn a_call_result_is_queued_and_then_recorded_step_by_step() {
    let around = surroundings().await;
    let function = handler::<DispositionHandler>(&around).await;
    for contact in ["contact-1", "contact-2"] {
        around.cxone.add_contact(contact, Some("+12025550110")).expect("an id");
    }
    let now = Utc::now();
    let event = |contact: &str, code: &str| json!({ "contactId": contact, "dispositionCode": code, "timestamp": now });
    function.post(&event("contact-1", "3001")).await;
    let first = bodies(&around, "DispositionQueue").await;
    function.batch(&first).await;
    calls(&around);
    function.post(&event("contact-2", "3001")).await;
    assert_eq!(calls(&around), counts([("SendMessage", 1)]));
    let queued = bodies(&around, "DispositionQueue").await;
    calls(&around);
    assert!(function.batch(&queued).await.is_empty());
    let expected = [
        ("PutItem", 1),    // the claim
        ("UpdateItem", 6), // acquire and release, three steps, the answer
        ("SendMessage", 1),
        ("updateContact", 1),
        ("getContact", 1), // the number, for the limits on attempts
        ("BatchGetItem", 1),
        ("TransactWriteItems", 1),
    ];
    assert_eq!(calls(&around), counts(expected));
}

/// Requests of strangers: nothing proves who they are, or too much is sent to be looked at.
fn of_strangers() -> Vec<Value> {
    let now = Utc::now().timestamp().to_string();
    let signed = |at: &str| json!({ "webhook-id": "msg_1", "webhook-timestamp": at, "webhook-signature": "v1,AAAA" });
    let headers = [
        json!({}),
        json!({ "x-webhook-token": "guessed" }),
        json!({ "authorization": "Bearer guessed" }),
        signed(&now),
        signed("0"),
        signed("soon"),
    ];
    let request = |headers: Value, body: &str| {
        json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
            "headers": headers, "isBase64Encoded": false, "body": body,
            "requestContext": { "http": { "method": "POST", "path": "/" }, "stage": "$default" },
        })
    };
    let body = opt_out(0).to_string();
    let mut requests: Vec<Value> = headers.map(|headers| request(headers, &body)).into();
    requests.push(request(signed(&now), &" ".repeat(256 * 1024 + 1)));
    requests
}

/// Whoever has no secret makes us read the secrets at most once in 10 seconds, and nothing else.
async fn assert_strangers_cost_nothing<F: Function>(around: &Surroundings) {
    let function = handler::<F>(around).await;
    calls(around);
    let started = std::time::Instant::now();
    for request in of_strangers().iter().cycle().take(70) {
        let answer = function.invoke(request.clone()).await.expect("an answer");
        let status = answer["statusCode"].as_u64();
        assert!(matches!(status, Some(401 | 413)), "{}: {answer}", F::NAME);
    }
    let mut made = calls(around);
    let looks = made.remove("GetSecretValue").unwrap_or_default();
    let looks_max = 1 + started.elapsed().as_secs() / 10;
    assert!(u64::try_from(looks).expect("few") <= looks_max, "{}: {looks}", F::NAME);
    assert_eq!(made, counts([]), "{}", F::NAME);
}

#[tokio::test]
async fn a_flood_of_strangers_writes_nothing_and_asks_cxone_nothing() {
    let around = surroundings().await;
    assert_strangers_cost_nothing::<OptoutWebhook>(&around).await;
    assert_strangers_cost_nothing::<CallbackIntake>(&around).await;
    assert_strangers_cost_nothing::<DispositionHandler>(&around).await;
    assert_strangers_cost_nothing::<InteractionRouter>(&around).await;
}

#[tokio::test]
async fn contacts_are_looked_up_fifty_numbers_a_call() {
    let around = surroundings().await;
    let contact = |index: usize| {
        let number = format!("+1202555{:04}", 100 + index);
        json!({ "id": index.to_string(), "timezone": "America/New_York", "phoneNumber": number })
    };
    let contacts: Vec<Value> = (0..120).map(contact).collect();
    // A Monday: it is too early for the start.
    let event = json!({ "time": "2030-03-04T13:00:00Z", "campaigns": [{
        "campaignId": "campaign-1", "cron": "0 9 * * fri", "expectedCompleted": 1,
        "contacts": contacts,
    }] });
    let scheduler = handler::<CampaignScheduler>(&around).await;
    calls(&around);
    let report = scheduler.invoke(event).await.expect("a report");
    assert_eq!(report["campaigns"][0]["status"], "not_due", "{report}");
    assert_eq!(calls(&around), counts([("BatchGetItem", 3)]));
}

#[tokio::test]
async fn a_scheduler_and_a_poller_without_work_ask_cxone_nothing() {
    let around = surroundings().await;
    let now = Utc::now();
    let scheduler = handler::<CampaignScheduler>(&around).await;
    let poller = handler::<AnalyticsPoller>(&around).await;
    calls(&around);
    scheduler.invoke(json!({ "campaigns": [], "time": now })).await.expect("a report");
    assert_eq!(calls(&around), counts([]));
    poller.invoke(json!({ "time": now })).await.expect("a report");
    assert_eq!(calls(&around), counts([("Scan", 1)]));
}
