//! A day on which AWS carries everything out and loses a quarter of its answers: nothing is lost,
//! and there is one of each.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures::{StreamExt, stream};
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use system::{PATIENCE, Sender, flood, numbers, sandbox};

const CALLBACKS: usize = 15;
const AT_ONCE: usize = 36;
/// Numbers of contacts and of callbacks begin here.
const CONTACTS_FROM: usize = 1_000;
const CALLBACKS_FROM: usize = 1_500;

/// Of each: opt-outs, call results, interactions.
fn events() -> usize {
    flood(90)
}

fn contact_id(index: usize) -> String {
    (4_712_000 + index).to_string()
}

fn opt_out(index: usize) -> Value {
    json!({
        "eventId": format!("opt-out-{index}"), "eventType": "contact.opt_out",
        "data": { "phoneNumber": numbers::number(index) },
    })
}

fn is_do_not_call(index: usize) -> bool {
    index.is_multiple_of(2)
}

fn call_result(index: usize) -> Value {
    json!({
        "contactId": contact_id(index), "timestamp": "2026-03-02T09:00:00Z",
        "dispositionCode": if is_do_not_call(index) { "1001" } else { "3001" },
    })
}

fn interaction(index: usize) -> Value {
    json!({
        "eventType": "interaction.created", "timestamp": "2026-03-02T15:00:00Z",
        "data": { "id": format!("interaction-{index}"), "channelType": "voice" },
    })
}

fn callback(index: usize, start: DateTime<Utc>) -> Value {
    json!({
        "phoneNumber": numbers::number(CALLBACKS_FROM + index), "campaignId": "campaign-1",
        "requestedStart": start, "requestedEnd": start + TimeDelta::hours(4), "language": "en-US",
    })
}

/// Delivers everything until it is accepted. Returns the number and the time of each callback, as it
/// was answered.
async fn deliver_all(sandbox: &Sandbox, start: DateTime<Utc>) -> Vec<(String, DateTime<Utc>)> {
    let to = |path: &str| Sender::to(sandbox, path);
    let (opt_outs, results) = (to("/webhook/opt-out"), to("/webhook/call-result"));
    let (interactions, callbacks) = (to("/webhooks/cxone"), to("/callbacks"));
    let answers = stream::iter(0..events()).map(async |index| {
        for (sender, event) in [
            (&opt_outs, opt_out(index)),
            (&results, call_result(index)),
            (&interactions, interaction(index)),
        ] {
            assert_eq!(sender.deliver(&event).await.status, 200);
        }
        if index >= CALLBACKS {
            return None;
        }
        let reply = callbacks.deliver(&callback(index, start)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        let at = serde_json::from_value(reply.body["dispatchTime"].clone()).expect("a time");
        Some((numbers::number(CALLBACKS_FROM + index), at))
    });
    let answers: Vec<Option<_>> = answers.buffer_unordered(AT_ONCE).collect().await;
    answers.into_iter().flatten().collect()
}

/// The events that a queue's consumer sees, each once: it detects repeats by their key.
async fn consumed(sandbox: &Sandbox, queue: &str) -> usize {
    let messages = sandbox.aws.queues.drain(queue).await.expect("the queue answers");
    let keys = messages.iter().map(|it| it.attribute("idempotency_key").expect("a key").to_owned());
    keys.collect::<BTreeSet<_>>().len()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn nothing_is_lost_or_done_twice_while_a_quarter_of_all_answers_is_lost() {
    let faults = vec!["AWS:drop-after@25%".parse().expect("a fault")];
    let redelivery = Some(Duration::from_secs(2));
    let sandbox = sandbox(Options { redelivery, seed: 5, ..Options::default() }).await;
    let start = Utc::now().trunc_subsecs(0) + TimeDelta::hours(2);
    for index in 0..events() {
        let number = numbers::number(CONTACTS_FROM + index);
        sandbox.cxone.add_contact(&contact_id(index), Some(&number)).expect("an id");
    }
    for fault in faults {
        sandbox.faults.add(fault);
    }
    let arranged = deliver_all(&sandbox, start).await;
    assert!(
        sandbox.faults.strikes().values().all(|strikes| *strikes > flood(200) as u64),
        "it was a bad day"
    );
    sandbox.faults.clear();
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");

    let asked = (0..events()).map(numbers::number);
    let closed = (0..events()).filter(|index| is_do_not_call(*index));
    let asked: BTreeSet<String> =
        asked.chain(closed.map(|index| numbers::number(CONTACTS_FROM + index))).collect();
    let listed: BTreeSet<String> = sandbox.cxone.listed();
    assert_eq!(listed, asked);
    let entries = sandbox.aws.tables.items("OptOutsTable").expect("the table answers");
    let is_right = |entry: &&Value| entry["state"] == "listed" && entry["requests"] == 1;
    assert_eq!(entries.iter().filter(is_right).count(), asked.len());
    let history = sandbox.aws.tables.items("OptOutHistoryTable").expect("the table answers");
    assert_eq!(history.len(), asked.len(), "one record per event");

    let promised: BTreeSet<(String, DateTime<Utc>)> = arranged.into_iter().collect();
    let calls = sandbox.cxone.callbacks();
    let planned: BTreeSet<_> = calls.iter().map(|call| (call.number.clone(), call.at)).collect();
    assert_eq!(promised, planned, "each gets the time at which CXone calls");
    let holders = |hour: &Value| hour["booked"].as_u64();
    let hours = sandbox.aws.tables.items("ReservationsTable").expect("the table answers");
    let booked: u64 = hours.iter().filter_map(holders).sum();
    assert_eq!(
        (calls.len(), promised.len(), booked, sandbox.cxone.texts().len()),
        (CALLBACKS, CALLBACKS, CALLBACKS as u64, CALLBACKS)
    );

    let (critical, medium) = (events().div_ceil(2), events() / 2);
    for (queue, expected) in [
        ("CriticalQueue", critical),
        ("MediumQueue", medium),
        ("LowQueue", 0),
        ("AnalyticsQueue", events()),
        ("CrmSyncQueue", events()),
        ("NotificationQueue", events()),
    ] {
        assert_eq!(consumed(&sandbox, queue).await, expected, "{queue}");
    }
    for queue in ["DncDeadLetterQueue", "DispositionDeadLetterQueue", "InteractionDeadLetterQueue"]
    {
        assert_eq!(consumed(&sandbox, queue).await, 0, "{queue}");
    }
}
