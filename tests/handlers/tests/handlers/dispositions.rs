//! disposition-handler.

use std::time::Duration;

use ambient::Ambience;
use chrono::TimeDelta;
use disposition_handler::DispositionHandler;
use lambda_runtime::Context;
use outbound::{Json, disposition::CallResult};
use platform::{
    aws::Aws,
    function::Function,
    idempotency::{self, Claim, IdempotencyStore, Lease},
};
use sandbox::Surroundings;
use serde_json::{Value, json};
use settings::Environment;

use crate::{
    bodies, handler,
    law::{at, lawful, post, request},
    surroundings,
};

#[tokio::test]
async fn a_do_not_call_is_queued_first_and_then_listed_recorded_and_published() {
    let around = surroundings().await;
    around.cxone.add_contact("contact-1", Some("+12025550110")).expect("an id");
    let handler = handler::<DispositionHandler>(&around).await;
    let answer = handler
        .post(&json!({
            "contactId": "contact-1", "dispositionCode": "1001", "timestamp": "2026-03-02T15:00:00Z",
        }))
        .await;
    assert_eq!((answer.status, answer.body), (200, json!({ "status": "received" })));
    assert!(bodies(&around, "DncQueue").await.is_empty(), "the webhook only queues");

    let queued = bodies(&around, "DispositionQueue").await;
    assert!(handler.batch(&queued).await.is_empty());
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
    assert_eq!(bodies(&around, "CriticalQueue").await.len(), 1);
    let contact = around.cxone.contact_record("contact-1").expect("a contact");
    assert_eq!(contact.category.as_deref(), Some("do_not_call"));

    assert!(handler.batch(&queued).await.is_empty());
    assert!(bodies(&around, "CriticalQueue").await.is_empty(), "a redelivery publishes nothing");
}

#[tokio::test]
async fn what_was_done_before_a_failure_is_not_done_again() {
    let around = surroundings().await;
    around.cxone.add_contact("contact-1", Some("+12025550110")).expect("an id");
    let handler = handler::<DispositionHandler>(&around).await;
    let event = json!({
        "contactId": "contact-1", "dispositionCode": "1001", "timestamp": "2026-03-02T15:00:00Z",
    });
    let event = [event.to_string()];
    around.faults.add("SendMessage/CriticalQueue:503x9".parse().expect("a fault"));
    assert_eq!(handler.batch(&event).await, [0], "it comes again");
    around.faults.clear();
    assert!(handler.batch(&event).await.is_empty());
    assert_eq!(around.cxone.calls("updateContact"), 1);
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
    assert_eq!(bodies(&around, "CriticalQueue").await.len(), 1);
}

/// CXone carries out what it has not answered, perhaps much later.
#[tokio::test]
async fn nothing_newer_is_written_while_an_unanswered_write_may_be_under_way() {
    let around = surroundings().await;
    around.cxone.add_contact("contact-1", Some("+12025550110")).expect("an id");
    let result = |code: &str, minute: u32| {
        json!({
            "contactId": "contact-1", "dispositionCode": code,
            "timestamp": format!("2026-03-02T15:{minute:02}:00Z"),
        })
        .to_string()
    };
    let (older, newer) = (result("3001", 1), result("1001", 2));
    let category = || around.cxone.contact_record("contact-1").expect("a contact").category;
    let noon = at("2026-03-02T17:00:00Z");
    let failed = async |event: &String, seconds: i64| {
        let work = async {
            let handler = handler::<DispositionHandler>(&around).await;
            handler.batch(std::slice::from_ref(event)).await
        };
        let now = noon + TimeDelta::seconds(seconds);
        Ambience::new(now, seconds.unsigned_abs()).scope(Box::pin(work)).await
    };
    around.faults.add("updateContact:drop-after".parse().expect("a fault"));
    assert_eq!(failed(&older, 0).await, [0], "not known to be written");
    assert_eq!(around.cxone.calls("updateContact"), 1, "and not sent again");
    around.faults.clear();
    let written = category();
    assert_eq!(failed(&newer, 29).await, [0]);
    assert_eq!(category(), written, "it has to wait");
    assert!(failed(&newer, 7_200).await.is_empty());
    assert_eq!(category().as_deref(), Some("do_not_call"));
    assert!(failed(&older, 7_201).await.is_empty());
    assert_eq!(category().as_deref(), Some("do_not_call"), "the older one is superseded");
}

#[tokio::test]
async fn a_call_result_for_an_unknown_contact_is_a_dead_letter() {
    let around = surroundings().await;
    let handler = handler::<DispositionHandler>(&around).await;
    let event = json!({
        "contactId": "nobody", "dispositionCode": "3001", "timestamp": "2026-03-02T15:00:00Z",
    });
    assert!(handler.batch(&[event.to_string()]).await.is_empty());
    assert_eq!(bodies(&around, "DispositionDeadLetterQueue").await, [event.to_string()]);
}

/// Stores what an earlier attempt has done about a call result.
async fn store_progress(around: &Surroundings, event: &str, progress: Value) {
    let environment = around.environments[DispositionHandler::NAME].clone();
    let aws = Environment::from_pairs(environment.clone()).read(Aws::read).expect("settings");
    let claims = IdempotencyStore::new(aws.dynamodb(), &environment["IDEMPOTENCY_TABLE"]);
    let event = CallResult::read(&Json::parse(event).expect("JSON")).expect("a call result");
    let identity = event.identity();
    let key = idempotency::key(DispositionHandler::NAME, &identity);
    let lease = Lease::of(&Context::default());
    let claim = claims.claim(&key, &identity, lease, Duration::from_hours(1)).await;
    let Claim::Won(mut guard) = claim.expect("the table answers") else { panic!("it is free") };
    guard.save_progress(progress).await.expect("the table answers");
    guard.release().await.expect("the table answers");
}

#[tokio::test]
async fn steps_that_version_0_1_had_done_are_not_done_again() {
    let around = surroundings().await;
    around.cxone.add_contact("contact-1", Some("+12025550110")).expect("an id");
    let event = json!({
        "contactId": "contact-1", "dispositionCode": "1001", "timestamp": "2026-03-02T15:00:00Z",
    });
    let event = event.to_string();
    let progress = json!({ "is_listed": true, "is_recorded": false, "is_published": true });
    store_progress(&around, &event, progress).await;
    let handler = handler::<DispositionHandler>(&around).await;
    assert!(handler.batch(&[event]).await.is_empty());
    assert!(bodies(&around, "DncQueue").await.is_empty(), "it is listed");
    assert!(bodies(&around, "CriticalQueue").await.is_empty(), "it is published");
    let contact = around.cxone.contact_record("contact-1").expect("a contact");
    assert_eq!(contact.category.as_deref(), Some("do_not_call"), "that was left to do");
}

#[tokio::test]
async fn calls_that_cxone_makes_by_itself_use_up_the_limit_on_attempts() {
    const FLORIDA: &str = "+13055550110";
    let around = lawful().await;
    around.cxone.add_contact("contact-1", Some(FLORIDA)).expect("an id");
    let called = |hour: u32| {
        json!({
            "contactId": "contact-1", "dispositionCode": "3001",
            "timestamp": format!("2026-12-01T{hour}:00:00Z"),
        })
    };
    let now = at("2026-12-01T17:30:00Z");
    let work = async {
        let dispositions = handler::<DispositionHandler>(&around).await;
        // One event comes twice.
        let events: Vec<String> =
            [15, 16, 17, 17].into_iter().map(|hour| called(hour).to_string()).collect();
        around.faults.add("BatchGetItem:503x9".parse().expect("a fault"));
        assert_eq!(dispositions.batch(&events[..1]).await, [0], "it comes again");
        around.faults.clear();
        assert!(dispositions.batch(&events).await.is_empty());
    };
    Ambience::new(now, 1).scope(Box::pin(work)).await;
    let answer = post(&around, &request(&around, FLORIDA, "2026-12-01T14:00:00-05:00", 120)).await;
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (422, &json!("too_many_attempts")),
        "{answer:?}"
    );
    let answer = post(&around, &request(&around, FLORIDA, "2026-12-02T14:00:00-05:00", 120)).await;
    assert_eq!(answer.status, 201, "a day later: {answer:?}");
}
