//! A thousand interactions of four channels, redelivered at random, while a queue fails and the
//! function dies.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, stream};
use jsonschema::Validator;
use sandbox::{Options, Sandbox, workspace_root};
use serde_json::{Value, json};
use system::{PATIENCE, flood, sandbox};

use super::{CONSUMERS, DEAD_LETTERS, handed_to, interaction, sender};

/// One of so many events is delivered again.
const REPEATED_ONE_IN: usize = 10;
const KILLS: usize = 15;
const AT_ONCE: usize = 16;
const CHANNELS: [&str; 4] = ["voice", "chat", "sms", "fax"];
const TYPES: [&str; 3] = ["interaction.created", "interaction.updated", "interaction.completed"];

/// Every event once: three of each interaction.
fn events() -> Vec<Value> {
    let event = |index: usize| {
        let id = format!("i-{}", index / TYPES.len());
        interaction(&id, CHANNELS[index / TYPES.len() % CHANNELS.len()], TYPES[index % TYPES.len()])
    };
    (0..flood(1_000)).map(event).collect()
}

fn keys(events: &[Value]) -> BTreeSet<String> {
    let key = |event: &Value| {
        let id = event["data"]["id"].as_str().expect("an id");
        let event_type = event["eventType"].as_str().expect("a type");
        json!([id, event_type, "2026-03-02T09:30:00Z"]).to_string()
    };
    events.iter().map(key).collect()
}

/// Delivers every event, some of them again, in any order.
async fn deliver(sandbox: &Sandbox, events: &[Value]) {
    let mut deliveries: Vec<&Value> =
        events.iter().chain(&events[..events.len() / REPEATED_ONE_IN]).collect();
    fastrand::Rng::with_seed(7).shuffle(&mut deliveries);
    let sender = sender(sandbox);
    let answers: BTreeSet<String> = stream::iter(deliveries)
        .map(async |event| sender.deliver(event).await.word())
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let expected = ["200 processed", "200 duplicate", "200 queued_for_retry"];
    assert!(answers.iter().all(|answer| expected.contains(&answer.as_str())), "{answers:?}");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    assert_eq!(dead_letters.len(), 0, "{dead_letters:?}");
}

fn schema() -> Validator {
    let path = workspace_root().join("schemas/interaction.schema.json");
    let schema = std::fs::read_to_string(path).expect("the schema is there");
    jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("a schema")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_consumer_gets_each_event_once_though_one_queue_fails_for_a_while() {
    let fault = "SendMessage/NotificationQueue:500x120".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let events = events();
    deliver(&sandbox, &events).await;
    assert!(sandbox.faults.strikes().values().all(|strikes| *strikes == 120));
    let schema = schema();
    for queue in CONSUMERS {
        let (times, bodies) = handed_to(&sandbox, queue).await;
        assert!(times.values().all(|times| *times == 1), "{queue}: none twice");
        assert_eq!(times.into_keys().collect::<BTreeSet<_>>(), keys(&events), "{queue}");
        for body in bodies {
            assert!(schema.is_valid(&body), "{:?}", schema.iter_errors(&body).collect::<Vec<_>>());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_consumer_gets_each_event_at_least_once_though_the_function_dies() {
    let sandbox = sandbox(Options {
        faults: vec!["SendMessage/AnalyticsQueue:500x60".parse().expect("a fault")],
        seed: 9,
        redelivery: Some(Duration::from_secs(1)),
        ..Options::default()
    })
    .await;
    // The first event is left alone: from it the sandbox learns how long one takes.
    let events = events();
    sender(&sandbox).deliver(&events[0]).await;
    let kill = format!("kill=interaction-routerx{KILLS}");
    sandbox.faults.add(kill.parse().expect("a fault"));
    deliver(&sandbox, &events).await;
    for queue in CONSUMERS {
        let (times, _) = handed_to(&sandbox, queue).await;
        let again: usize = times.values().map(|times| times - 1).sum();
        // Who died after it had sent, and before it could say so, sends again.
        assert!(again <= KILLS * 10, "{queue}: {again} more than once");
        assert_eq!(times.into_keys().collect::<BTreeSet<_>>(), keys(&events), "{queue}");
    }
}
