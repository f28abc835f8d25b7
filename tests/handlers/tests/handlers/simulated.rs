//! Handlers in a simulated process: their clock, randomness and ids are those of the simulation.

use ambient::Ambience;
use chrono::{DateTime, TimeDelta, Utc};
use disposition_handler::DispositionHandler;
use optout_webhook::OptoutWebhook;
use serde_json::{Value, json};

use crate::{bodies, handler, surroundings};

fn evening() -> DateTime<Utc> {
    "2031-03-09T23:59:58Z".parse().expect("an instant")
}

/// What a process with this seed leaves behind in the ledger after one opt-out.
async fn ledger_after_an_opt_out(seed: u64) -> (Value, Value) {
    let around = surroundings().await;
    let event = json!({
        "eventId": "evt-1",
        "eventType": "contact.opt_out",
        "data": { "phoneNumber": "+12025550110" },
    });
    let work = async {
        handler::<OptoutWebhook>(&around).await.post(&event).await;
    };
    Ambience::new(evening(), seed).stopped().scope(Box::pin(work)).await;
    let items = |table| Value::from(around.aws.tables.items(table).expect("a table"));
    (items("OptOutsTable"), items("OptOutHistoryTable"))
}

#[tokio::test]
async fn the_same_seed_and_clock_leave_the_same_items() {
    let first = ledger_after_an_opt_out(1).await;
    assert_eq!(first, ledger_after_an_opt_out(1).await);
    assert_ne!(first, ledger_after_an_opt_out(2).await, "the revision follows the seed");
    assert_eq!(first.0[0]["first_requested_at"], "2031-03-09T23:59:58.000Z");
}

#[tokio::test]
async fn a_call_result_without_a_time_gets_that_of_the_process() {
    let around = surroundings().await;
    let result = json!({ "contactId": "c-1", "dispositionCode": "1001", "callResult": "ended" });
    let work = async {
        handler::<DispositionHandler>(&around).await.post(&result).await;
    };
    Ambience::new(evening(), 1).scope(Box::pin(work)).await;
    let [body] = &bodies(&around, "DispositionQueue").await[..] else { panic!("one message") };
    let event: Value = serde_json::from_str(body).expect("JSON");
    let time: DateTime<Utc> =
        event["timestamp"].as_str().expect("a time").parse().expect("an instant");
    assert!((time - evening()) < TimeDelta::hours(1) && time >= evening(), "{time}");
}
