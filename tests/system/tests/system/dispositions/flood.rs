//! A thousand call results with repeats, in any order, on a bad day of CXone.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::{StreamExt, stream};
use sandbox::{Options, cxone::Api};
use serde_json::Value;
use system::{PATIENCE, flood, numbers, sandbox};

use super::{DEAD_LETTERS, SEVERITIES, call_result, category, contact_id, sender};

const EVENTS_EACH: usize = 5;
const UNKNOWN: usize = 10;
const AT_ONCE: usize = 32;
const CODES: [(&str, &str); 10] = [
    ("1002", "do_not_call"),
    ("2001", "callback_later"),
    ("2002", "callback_later"),
    ("3001", "qualified_lead"),
    ("3002", "qualified_lead"),
    ("3003", "qualified_lead"),
    ("4001", "wrong_number"),
    ("4002", "unclassified"),
    ("5000", "unclassified"),
    ("A1", "unclassified"),
];

/// With the REST services a contact is one call, and an outcome counts once however often it is
/// reported: each event of a contact has an outcome of its own there.
const OF_EACH_CATEGORY: [usize; EVENTS_EACH] = [0, 2, 5, 6, 8];

fn code(contact: usize, event: usize) -> (&'static str, &'static str) {
    match system::api() {
        Some(Api::Acd) => CODES[OF_EACH_CATEGORY[(contact + event) % EVENTS_EACH]],
        _ => CODES[(contact * 7 + event * 3) % CODES.len()],
    }
}

fn known(contacts: usize) -> Vec<Value> {
    let events = (0..contacts).flat_map(|contact| (0..EVENTS_EACH).map(move |e| (contact, e)));
    events.map(|(c, e)| call_result(&contact_id(c), code(c, e).0, e * 10)).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn each_contact_ends_with_its_newest_event_and_each_event_is_published_once() {
    let faults = [
        "updateContact:429=0@5%",
        "updateContact:503@5%",
        "getContact:429-date=0@5%",
        "getContact:500@5%",
    ];
    let (contacts, count) = (flood(180), flood(1_000));
    let sandbox = sandbox(Options {
        faults: faults.map(|fault| fault.parse().expect("a fault")).into(),
        seed: 5,
        redelivery: Some(Duration::from_secs(1)),
        ..Options::default()
    })
    .await;
    for contact in 0..contacts {
        sandbox
            .cxone
            .add_contact(&contact_id(contact), Some(&numbers::number(contact)))
            .expect("an id");
    }
    let mut events = known(contacts);
    events.extend((0..UNKNOWN).map(|i| call_result(&contact_id(contacts + i), "2001", 30)));
    let repeats = count - events.len();
    events.extend_from_within(..repeats);
    fastrand::Rng::with_seed(3).shuffle(&mut events);

    let sender = sender(&sandbox);
    let answers: Vec<String> = stream::iter(&events)
        .map(async |event| sender.deliver(event).await.word())
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    assert!(answers.iter().all(|answer| answer == "200 received"));
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    assert!(sandbox.faults.strikes().values().all(|strikes| *strikes > 0), "it was a bad day");

    for contact in 0..contacts {
        let newest = code(contact, EVENTS_EACH - 1).1;
        assert_eq!(category(&sandbox, &contact_id(contact)).as_deref(), Some(newest));
    }
    let mut published = BTreeMap::<String, usize>::new();
    for queue in SEVERITIES {
        for message in sandbox.aws.queues.drain(queue).await.expect("the queue") {
            *published.entry(message.body).or_default() += 1;
        }
    }
    assert_eq!(published.len(), contacts * EVENTS_EACH, "one message per distinct event");
    assert!(published.values().all(|times| *times == 1), "and no more than one");

    let asked: BTreeSet<String> = (0..contacts)
        .filter(|c| (0..EVENTS_EACH).any(|event| code(*c, event).1 == "do_not_call"))
        .map(numbers::number)
        .collect();
    let listed: BTreeSet<String> = sandbox.cxone.listed();
    assert_eq!(listed, asked);

    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue");
    assert_eq!(dead_letters.len(), UNKNOWN);
    assert!(dead_letters.iter().all(|l| l.attribute("error_code") == Some("unknown_contact")));
}
