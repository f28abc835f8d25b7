//! One interaction at a time.

use std::collections::BTreeSet;

use sandbox::Options;
use serde_json::{Value, json};
use system::{Delivery, PATIENCE, sandbox};

use super::{CONSUMERS, DEAD_LETTERS, QUEUE, handed_to, interaction, sender};

#[tokio::test(flavor = "multi_thread")]
async fn every_consumer_gets_the_same_normalized_event() {
    let sandbox = sandbox(Options::default()).await;
    let reply =
        sender(&sandbox).send_event(&interaction("i-1", "voice", "interaction.created")).await;
    assert_eq!(reply.word(), "200 processed");
    assert_eq!(reply.body["interactionId"], "i-1");
    for queue in CONSUMERS {
        let (times, bodies) = handed_to(&sandbox, queue).await;
        assert_eq!(times[r#"["i-1","interaction.created","2026-03-02T09:30:00Z"]"#], 1);
        let [body] = &bodies[..] else { panic!("one event: {bodies:?}") };
        assert_eq!((&body["interactionId"], &body["channel"]), (&json!("i-1"), &json!("voice")));
        assert_eq!(body["customer"], json!({ "identifier": "+12125550140", "type": "phone" }));
        assert_eq!(body["context"], json!({ "queue": "Sales", "direction": "inbound" }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn created_updated_and_completed_are_three_events() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    for event_type in ["interaction.created", "interaction.updated", "interaction.completed"] {
        let event = interaction("i-1", "chat", event_type);
        assert_eq!(sender.send_event(&event).await.word(), "200 processed");
        assert_eq!(sender.send_event(&event).await.word(), "200 duplicate");
    }
    for queue in CONSUMERS {
        let (times, _) = handed_to(&sandbox, queue).await;
        assert_eq!(times.into_values().collect::<Vec<_>>(), [1, 1, 1], "{queue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_new_again_after_its_hour() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let event = interaction("i-1", "sms", "interaction.created");
    assert_eq!(sender.send_event(&event).await.word(), "200 processed");
    let items = sandbox.aws.tables.items("IdempotencyTable").expect("the table");
    let left = items[0]["expires_at"].as_i64().expect("a time") - chrono::Utc::now().timestamp();
    assert!((3_000..=3_600).contains(&left), "it is known for an hour: {left} s are left");
    sandbox.aws.tables.lapse("IdempotencyTable", "id").expect("the table");
    assert_eq!(sender.send_event(&event).await.word(), "200 processed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_moved_is_found_by_its_fallback() {
    let sandbox = sandbox(Options::default()).await;
    let mut event = interaction("i-1", "voice", "interaction.created");
    event["data"]["customer"].take();
    event["data"]["participants"] = json!([{ "phoneNumber": "+12125550199" }]);
    assert_eq!(sender(&sandbox).send_event(&event).await.word(), "200 processed");
    let (_, bodies) = handed_to(&sandbox, CONSUMERS[0]).await;
    assert_eq!(bodies[0]["customer"]["identifier"], "+12125550199");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_is_kept_whole_and_can_be_redriven() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let mut event = interaction("i-1", "voice", "interaction.created");
    event["data"].as_object_mut().expect("an object").remove("channelType");
    for _ in 0..2 {
        let reply = sender.send_event(&event).await;
        assert_eq!(reply.word(), "200 dead_lettered");
        assert_eq!(reply.body["interactionId"], "i-1");
    }
    let reply = sender.send_event(&json!({ "eventType": "interaction.created" })).await;
    assert_eq!(reply.word(), "200 dead_lettered");

    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    assert_eq!(dead_letters.len(), 2, "once each: {dead_letters:?}");
    let dead_letter =
        dead_letters.iter().find(|l| l.attribute("error_code") == Some("missing_channel_type"));
    let dead_letter = dead_letter.expect("a dead letter with its reason");
    assert_eq!(dead_letter.body, event.to_string());

    event["data"]["channelType"] = json!("voice");
    sandbox.aws.queues.send(QUEUE, &event.to_string()).await.expect("the queue");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    for queue in CONSUMERS {
        assert_eq!(handed_to(&sandbox, queue).await.1.len(), 1, "{queue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_fails_gets_the_event_later_and_the_others_do_not_see_it_again() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.faults.add("SendMessage/CrmSyncQueue:500x5".parse().expect("a fault"));
    let event = interaction("i-1", "voice", "interaction.created");
    let sender = sender(&sandbox);
    assert_eq!(sender.send_event(&event).await.word(), "200 queued_for_retry");
    assert_eq!(sender.send_event(&event).await.word(), "200 duplicate");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    for queue in CONSUMERS {
        assert_eq!(handed_to(&sandbox, queue).await.1.len(), 1, "{queue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_stored_at_all_goes_on_with_the_next_delivery() {
    let sandbox = sandbox(Options::default()).await;
    for fault in ["SendMessage/CrmSyncQueue:500x3", "SendMessage/InteractionQueue:500x3"] {
        sandbox.faults.add(fault.parse().expect("a fault"));
    }
    let event = interaction("i-1", "voice", "interaction.created");
    let sender = sender(&sandbox);
    let reply = sender.send_event(&event).await;
    assert_eq!(reply.word(), "503 not_stored");
    assert!(reply.headers.contains_key("retry-after"));
    assert_eq!(sender.deliver(&event).await.word(), "200 processed");
    for queue in CONSUMERS {
        assert_eq!(handed_to(&sandbox, queue).await.1.len(), 1, "{queue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_events_whose_parts_only_look_alike_are_two() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let text = Delivery::of(r#""x:y:z:2026-03-02T09:30:00Z""#);
    assert_eq!(sender.send(&text).await.word(), "200 dead_lettered");
    for (id, event_type) in [("x:y", "z"), ("x", "y:z"), ("x:y:z", "z")] {
        let event = interaction(id, "voice", event_type);
        assert_eq!(sender.send_event(&event).await.word(), "200 processed", "{id} {event_type}");
        assert_eq!(sender.send_event(&event).await.word(), "200 duplicate", "{id} {event_type}");
    }
    for queue in CONSUMERS {
        assert_eq!(handed_to(&sandbox, queue).await.1.len(), 3, "{queue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_senders_write_is_read_leniently() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let text = r#"\u{feff}{"eventType":"interaction.created","timestamp":"2026-03-02T15:00:60Z","size":1e400,
        "data":{"id":12345678901234567890123,"channelType":"voice ","note":"ok \ud83d",
        "customer":{"phoneNumber":"+12125550140 "}}}"#;
    let reply = sender.send(&Delivery::of(text.replace(r"\u{feff}", "\u{feff}"))).await;
    assert_eq!(reply.word(), "200 processed");
    assert_eq!(reply.body["interactionId"], "12345678901234567890123");
    let (_, bodies) = handed_to(&sandbox, CONSUMERS[0]).await;
    assert_eq!(bodies[0]["channel"], "voice");
    assert_eq!(bodies[0]["customer"], json!({ "identifier": "+12125550140", "type": "phone" }));
    assert_eq!(bodies[0]["occurredAt"], "2026-03-02T15:00:59Z");
}

/// An event of an unknown channel, of which consumers get all the data.
fn raw(id: &str, data: &str) -> String {
    format!(
        r#"{{"eventType":"interaction.created","timestamp":"2026-03-02T09:30:00Z","data":{{"id":"{id}","channelType":"fax","x":{data}}}}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deepest_and_the_longest_event_reach_a_consumer_that_has_to_wait() {
    let sandbox = sandbox(Options::default()).await;
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    // A float that is written with all its zeros becomes almost four times as long.
    let floats = |bytes: usize| format!("[{}0]", "1e15,".repeat(bytes / 5));
    let longest = floats(256 * 1024 - raw("i-2", "[0]").len());
    for (id, data) in [("i-1", nested(124)), ("i-2", longest)] {
        // As often as a client tries.
        sandbox.faults.add("SendMessage/CrmSyncQueue:500x3".parse().expect("a fault"));
        let reply = sender(&sandbox).send(&Delivery::of(raw(id, &data))).await;
        assert_eq!(reply.word(), "200 queued_for_retry", "{id}");
        sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    }
    for queue in CONSUMERS {
        let (_, bodies) = handed_to(&sandbox, queue).await;
        // A busy machine may take longer than the function waits for an answer: it sends again.
        let ids: BTreeSet<_> = bodies.iter().map(|body| body["interactionId"].as_str()).collect();
        assert_eq!(ids, [Some("i-1"), Some("i-2")].into(), "{queue}");
    }
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    assert!(dead_letters.is_empty(), "{} dead letters", dead_letters.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_consumers_could_not_read_or_is_no_json_is_kept_whole() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let deep = raw("i-1", &("[".repeat(500) + &"]".repeat(500)));
    let mut expected = Vec::new();
    for (body, outcome) in [(deep.as_str(), "200 dead_lettered"), ("{", "400 malformed_json")] {
        for _ in 0..2 {
            assert_eq!(sender.send(&Delivery::of(body)).await.word(), outcome);
        }
        expected.push(body);
    }
    let mut dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    dead_letters.sort_by_key(|dead_letter| dead_letter.attribute("error_code") != Some("too_deep"));
    let bodies: Vec<&str> =
        dead_letters.iter().map(|dead_letter| dead_letter.body.as_str()).collect();
    assert_eq!(bodies, expected, "once each");
}

/// As the version before wrote them.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_the_version_before_reaches_its_consumer() {
    let sandbox = sandbox(Options::default()).await;
    let interaction: Value = json!({
        "interactionId": "i-1", "eventType": "interaction.created", "channel": "voice",
        "occurredAt": "2026-03-02T09:30:00Z", "receivedAt": "2026-03-02T09:30:01Z",
        "customer": { "identifier": null, "type": "phone" }, "context": {},
    });
    let message = json!({
        "consumer": "crm_sync", "key": "i-1:interaction.created:2026-03-02T09:30:00Z",
        "interaction": interaction,
    });
    sandbox.aws.queues.send(QUEUE, &message.to_string()).await.expect("the queue");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    let (times, bodies) = handed_to(&sandbox, "CrmSyncQueue").await;
    assert_eq!(times["i-1:interaction.created:2026-03-02T09:30:00Z"], 1);
    assert_eq!(bodies, [interaction]);
}
