//! A thousand opt-outs at once, on a good day and on a bad one.

use std::{collections::BTreeSet, time::Duration};

use aho_corasick::AhoCorasick;
use futures::{StreamExt, stream};
use sandbox::{
    DNC_LIST, Options, Sandbox,
    aws::Depth,
    cxone::{Api, acd::DNC_GROUP},
    faults::Fault,
};
use serde_json::Value;
use system::{PATIENCE, Sender, flood, metrics_once, numbers, sandbox};

use super::{DEAD_LETTERS, LEDGER, QUEUE, opt_out, sender};

const INVALID: usize = 20;
/// Deliveries that senders have under way at once.
const AT_ONCE: usize = 32;

fn repeats() -> usize {
    flood(1_000) / 10
}

fn distinct() -> usize {
    flood(1_000) - repeats() - INVALID
}

/// Texts that are in no numbering plan, all different.
fn invalid_number(index: usize) -> String {
    match index % 4 {
        0 => format!("call me {index}"),
        1 => format!("+1 555 01{index:02}"),
        2 => format!("{index:03}"),
        _ => format!("+99 9{index:09}"),
    }
}

struct Flood {
    /// Every number once, and the events no machine can read.
    first: Vec<Value>,
    invalid: Vec<Value>,
    /// Numbers that are in `first`, spelled in five ways.
    repeats: Vec<Value>,
}

impl Flood {
    fn new() -> Self {
        let spelled = |index: usize| {
            let spellings = numbers::spellings(&numbers::number(index));
            spellings[index % spellings.len()].clone()
        };
        let respelled = |index: usize| {
            let spellings = numbers::spellings(&numbers::number(index));
            spellings[(index + 1 + index / 5) % spellings.len()].clone()
        };
        let invalid: Vec<Value> = (0..INVALID).map(|i| opt_out(&invalid_number(i))).collect();
        let mut first: Vec<Value> = (0..distinct()).map(|i| opt_out(&spelled(i))).collect();
        first.extend(invalid.iter().cloned());
        fastrand::Rng::with_seed(1).shuffle(&mut first);
        let repeats = (0..repeats()).map(|i| opt_out(&respelled(i * 8))).collect();
        Self { first, invalid, repeats }
    }

    /// The numbers that must be listed.
    fn numbers() -> BTreeSet<String> {
        (0..distinct()).map(numbers::number).collect()
    }
}

/// Delivers events, many at a time, and returns the answer to each.
async fn deliver(sender: &Sender, events: &[Value]) -> Vec<String> {
    stream::iter(events)
        .map(async |event| sender.deliver(event).await.word())
        .buffered(AT_ONCE)
        .collect()
        .await
}

fn count(answers: &[String], word: &str) -> usize {
    answers.iter().filter(|answer| *answer == word).count()
}

async fn bodies_of_the_dead(sandbox: &Sandbox) -> Vec<String> {
    let dead_letters = sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers");
    dead_letters.into_iter().map(|dead_letter| dead_letter.body).collect()
}

/// Each requested number is on the list once, in the ledger as well, and the queue is empty.
async fn assert_all_listed(sandbox: &Sandbox) {
    let listed: BTreeSet<String> = sandbox.cxone.listed();
    assert_eq!(listed, Flood::numbers());

    let ledger = sandbox.aws.tables.items(LEDGER).expect("the table answers");
    let known: BTreeSet<String> = ledger
        .iter()
        .filter(|entry| entry["state"] == "listed" && entry["listed_at"].is_string())
        .filter_map(|entry| Some(entry["phone_number"].as_str()?.to_owned()))
        .collect();
    assert_eq!((ledger.len(), known), (distinct(), Flood::numbers()));

    let depth = sandbox.aws.queues.depth(QUEUE).await.expect("the queue answers");
    assert_eq!(depth, Depth { visible: 0, in_flight: 0 });
}

/// How often each number was written to the list.
fn writes(sandbox: &Sandbox) -> Vec<u32> {
    match sandbox.cxone.api() {
        Api::V2 => {
            let list = sandbox.cxone.dnc_list(DNC_LIST);
            list.contacts.values().map(|contact| contact.writes).collect()
        }
        Api::Acd => {
            let tenant = sandbox.cxone.tenant();
            tenant.groups[&DNC_GROUP].records.values().map(|record| record.writes).collect()
        }
    }
}

/// No log line shows a number, however it was spelled.
fn assert_no_number_in_the_logs(sandbox: &Sandbox) {
    let logs = sandbox.logs.lines();
    assert!(!logs.is_empty(), "the functions log");
    let log: String = logs.into_iter().map(|line| line.text + "\n").collect();
    let spellings = Flood::numbers().into_iter().flat_map(|number| {
        let [e164, spaced, dotted, dashed, _] = numbers::spellings(&number);
        [e164[2..].to_owned(), spaced, dotted, dashed[2..].to_owned()]
    });
    let invalid = (0..INVALID).map(invalid_number).filter(|text| text.len() > 3);
    let searched = AhoCorasick::new(spellings.chain(invalid)).expect("patterns");
    let found = searched.find(&log).map(|found| &log[found.range()]);
    assert_eq!(found, None, "in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_opt_outs_are_listed_once_and_each_batch_in_one_call() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let flood = Flood::new();

    let answers = deliver(&sender, &flood.first).await;
    assert_eq!(count(&answers, "200 accepted"), distinct());
    assert_eq!(count(&answers, "200 dead_lettered"), INVALID);
    let answers = deliver(&sender, &flood.repeats).await;
    assert_eq!(count(&answers, "200 duplicate"), repeats());
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");

    assert_all_listed(&sandbox).await;
    assert!(writes(&sandbox).iter().all(|writes| *writes == 1), "each written once");
    let listed = |batch: &Value| batch["numbers_listed"].as_u64().unwrap_or_default();
    let are_all = |batches: &[Value]| batches.iter().map(listed).sum::<u64>() == distinct() as u64;
    let batches = metrics_once(&sandbox, "dnc-batcher", are_all).await;
    let batches = batches.iter().filter(|batch| listed(batch) > 0).count();
    assert_eq!(sandbox.cxone.calls("addToDncList"), batches);
    assert_eq!(sandbox.cxone.calls("upsertDncContact"), 0);

    let mut dead = bodies_of_the_dead(&sandbox).await;
    let mut invalid: Vec<String> = flood.invalid.iter().map(Value::to_string).collect();
    dead.sort();
    invalid.sort();
    assert_eq!(dead, invalid, "the whole events, once each, and nothing else");
    assert_no_number_in_the_logs(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_listed_twice_when_everything_fails_now_and_then() {
    // Those with a count strike for sure, the others by chance.
    let faults = [
        "429=1x2",
        "429=1@5%",
        "429-date=2x2",
        "429-date=2@5%",
        "503x2",
        "503@5%",
        "addToDncList:dropx2",
        "drop@3%",
        "addToDncList:drop-afterx2",
        "drop-after@3%",
        "kill=optout-webhookx20",
        "kill=optout-webhook@3%",
        "kill=dnc-batcherx4",
        "kill=dnc-batcher@10%",
    ];
    let faults: Vec<Fault> = faults.iter().map(|text| text.parse().expect(text)).collect();
    let sandbox = sandbox(Options {
        faults,
        seed: 42,
        token_lifetime: Duration::from_secs(1),
        redelivery: Some(Duration::from_secs(1)),
        ..Options::default()
    })
    .await;
    let sender = sender(&sandbox);
    let flood = Flood::new();

    let answers = deliver(&sender, &flood.first).await;
    assert_eq!(count(&answers, "200 dead_lettered"), INVALID);
    deliver(&sender, &flood.repeats).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");

    let strikes = sandbox.faults.strikes();
    let counted = strikes.iter().filter(|(fault, _)| fault.contains('x') && !fault.contains('@'));
    assert!(counted.clone().count() == 7 && counted.clone().all(|(_, strikes)| *strikes >= 2));
    assert!(sandbox.cxone.calls("token") > 10, "tokens expired");
    assert_all_listed(&sandbox).await;
    // A function that was killed between its dead letter and its record of it writes a second one.
    let dead: BTreeSet<String> = bodies_of_the_dead(&sandbox).await.into_iter().collect();
    let invalid: BTreeSet<String> = flood.invalid.iter().map(Value::to_string).collect();
    assert_eq!(dead, invalid, "the whole events, and nothing else");
    assert_no_number_in_the_logs(&sandbox);
}
