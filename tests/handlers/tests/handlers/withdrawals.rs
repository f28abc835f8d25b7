//! Withdrawals that fail or die on the way: of many calls, and of one that a person has to cancel.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use ambient::Ambience;
use callback_intake::CallbackIntake;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use sandbox::{Surroundings, aws::Message};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bodies,
    consent::{NOON, NUMBER, minutes_before_noon, opt_out, prefer},
    handler,
    law::{decisions, lawful, post, request},
};

/// Most calls that a number may have ahead.
const CALLS_MAX: usize = 100;
/// Calls that are marked together.
const TOGETHER_MAX: usize = 5;

/// Services with a number that has so many calls ahead.
async fn with_calls(count: usize) -> Surroundings {
    let around = lawful().await;
    assert_eq!(post(&around, &request(&around, NUMBER, NOON, 120)).await.status, 201);
    let mut party = party(&around);
    let arranged = party["calls"][0].clone();
    let another = |id: usize| {
        let mut call = arranged.clone();
        call["contactId"] = json!(Uuid::from_u128(id.try_into().expect("a small number")));
        call
    };
    let others = (1..count).map(another);
    party["calls"] = [arranged.clone()].into_iter().chain(others).collect();
    set_party(&around, &party);
    around
}

fn set_party(around: &Surroundings, party: &Value) {
    let key = ("phone_number", NUMBER);
    let set = around.aws.tables.set_text("CalledPartiesTable", key, "document", &party.to_string());
    set.expect("the number is known");
}

fn party(around: &Surroundings) -> Value {
    let [party] = &around.aws.tables.items("CalledPartiesTable").expect("a table")[..] else {
        panic!("one number")
    };
    serde_json::from_str(party["document"].as_str().expect("a document")).expect("JSON")
}

/// The ids of the calls that are marked.
fn marked(around: &Surroundings) -> BTreeSet<String> {
    let party = party(around);
    let calls = party["calls"].as_array().expect("calls").iter();
    let marked = calls.filter(|call| call["withdrawnAt"].is_string());
    marked.map(|call| call["contactId"].as_str().expect("an id").to_owned()).collect()
}

/// How often each call was withdrawn, by the evidence.
fn evidence(around: &Surroundings) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for decision in decisions(around).iter().filter(|it| it["outcome"] == "withdrawn") {
        let id = decision["contactId"].as_str().expect("an id").to_owned();
        *times.entry(id).or_default() += 1;
    }
    times
}

/// The calls that have letters, and how many letters there are.
async fn letters(around: &Surroundings) -> (BTreeSet<String>, usize) {
    let letters = around.aws.queues.peek("CallbackDeadLetterQueue").await.expect("the queue");
    let named = |letter: &Message| {
        let letter: Value = serde_json::from_str(&letter.body).expect("JSON");
        letter["withdraw"]["contactId"].as_str().expect("an id").to_owned()
    };
    (letters.iter().map(named).collect(), letters.len())
}

/// Receives a message once, in a process of its own. Returns whether it must be received again.
async fn handle(
    around: &Surroundings,
    message: &str,
    time: DateTime<Utc>,
    polls_max: usize,
) -> bool {
    let message = [message.to_owned()];
    let work = async { handler::<CallbackIntake>(around).await.batch(&message).await };
    let seed = time.timestamp().unsigned_abs();
    let left = dying(polls_max, Ambience::new(time, seed).stopped().scope(Box::pin(work))).await;
    left.is_none_or(|left| !left.is_empty())
}

/// The message that withdraws all calls of the number.
fn withdrawal() -> String {
    json!({ "withdraw": { "phoneNumber": NUMBER } }).to_string()
}

/// Receives the message of an opt-out, when the claims of the time before have lapsed. Returns whether
/// it must be received again.
async fn receive(around: &Surroundings, time: usize, polls_max: usize) -> bool {
    let minutes = i64::try_from(time).expect("a few times");
    handle(around, &withdrawal(), minutes_before_noon(29 - minutes), polls_max).await
}

/// Ends a future that is not ready when it was polled so often.
async fn dying<T>(polls_max: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if polls == polls_max => Poll::Ready(None),
        Poll::Pending => {
            polls += 1;
            Poll::Pending
        }
    })
    .await
}

/// The letter of the first opt-out was written, its mark was not, and a consent answered the letter.
#[tokio::test]
async fn each_opt_out_tells_a_person_anew() {
    let around = with_calls(1).await;
    opt_out(&around, "evt-1", minutes_before_noon(30)).await;
    around.faults.add("TransactWriteItems:503x9".parse().expect("a fault"));
    assert!(receive(&around, 0, usize::MAX).await, "it is not marked");
    around.faults.clear();
    let [letter] = &bodies(&around, "CallbackDeadLetterQueue").await[..] else {
        panic!("a letter")
    };
    prefer(&around, "contact.opt_in", json!({}), minutes_before_noon(20)).await;
    assert!(!handle(&around, letter, minutes_before_noon(19), usize::MAX).await);
    assert!(bodies(&around, "CallbackDeadLetterQueue").await.is_empty(), "the call goes on");
    opt_out(&around, "evt-2", minutes_before_noon(10)).await;
    for time in [20, 21] {
        assert!(!receive(&around, time, usize::MAX).await);
    }
    assert_eq!(letters(&around).await.1, 1);
}

#[tokio::test]
async fn an_opt_out_withdraws_all_calls_however_many_are_ahead() {
    for count in [1, 4, 5, 6, 98, 99, CALLS_MAX] {
        let around = with_calls(count).await;
        opt_out(&around, "evt-1", minutes_before_noon(30)).await;
        assert!(!receive(&around, 0, usize::MAX).await, "{count} calls");
        let marked = marked(&around);
        assert_eq!(marked.len(), count);
        assert_eq!(letters(&around).await, (marked.clone(), count));
        assert_eq!(evidence(&around), marked.into_iter().map(|id| (id, 1)).collect());
    }
}

#[tokio::test]
async fn a_call_that_is_not_withdrawn_keeps_no_other_back() {
    let around = with_calls(12).await;
    opt_out(&around, "evt-1", minutes_before_noon(30)).await;
    around.faults.add("SendMessage/CallbackDeadLetterQueue:403x1".parse().expect("a fault"));
    assert!(receive(&around, 0, usize::MAX).await, "one is left");
    assert_eq!(marked(&around).len(), 11);
    assert!(!receive(&around, 1, usize::MAX).await);
    assert_eq!(letters(&around).await, (marked(&around), 12));
    assert_eq!(marked(&around).len(), 12);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// An attempt that has no time left ends like one that dies: what it did must not be lost.
    #[test]
    fn each_attempt_gets_on_with_it_wherever_the_one_before_died(
        count in 1..=CALLS_MAX,
        deaths in proptest::collection::vec(1_usize..4_000, 1..4),
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let around = with_calls(count).await;
            opt_out(&around, "evt-1", minutes_before_noon(30)).await;
            let mut under_way_max = 0;
            for (time, polls_max) in deaths.iter().enumerate() {
                receive(&around, time, *polls_max).await;
                let (named, _) = letters(&around).await;
                under_way_max = under_way_max.max(named.len() - marked(&around).len());
            }
            prop_assert!(under_way_max <= TOGETHER_MAX, "{under_way_max} were not marked");
            prop_assert!(!receive(&around, deaths.len(), usize::MAX).await);
            let marked = marked(&around);
            prop_assert_eq!(marked.len(), count);
            let (named, sent) = letters(&around).await;
            prop_assert_eq!(&named, &marked);
            prop_assert!(sent <= count + deaths.len(), "{} letters", sent);
            prop_assert_eq!(evidence(&around), marked.into_iter().map(|id| (id, 1)).collect());
            Ok(())
        })?;
    }
}

const LETTERS: &str = "CallbackDeadLetterQueue";
/// Minutes from noon, the time of the first attempt, to the last one.
const LAST_ATTEMPT: i64 = 45;

/// Receives a dead letter that was redriven. Returns the dead letters that there are then.
async fn redriven(around: &Surroundings, letter: &str, time: DateTime<Utc>) -> Vec<String> {
    assert!(!handle(around, letter, time, usize::MAX).await, "it is dealt with");
    bodies(around, LETTERS).await
}

#[tokio::test]
async fn a_call_that_a_person_has_to_cancel_stays_a_dead_letter_until_its_last_attempt() {
    for opted_out in [-30, 0, 14, 15, 44] {
        let around = with_calls(1).await;
        opt_out(&around, "evt-1", minutes_before_noon(-opted_out)).await;
        assert!(!handle(&around, &withdrawal(), minutes_before_noon(-opted_out), usize::MAX).await);
        let letters = bodies(&around, LETTERS).await;
        assert_eq!(letters.len(), 1);
        let nearly = minutes_before_noon(-LAST_ATTEMPT) - TimeDelta::milliseconds(1);
        for time in [minutes_before_noon(-opted_out), nearly] {
            assert_eq!(redriven(&around, &letters[0], time).await, letters, "CXone would call");
        }
        let over = minutes_before_noon(-LAST_ATTEMPT);
        assert_eq!(redriven(&around, &letters[0], over).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn fewer_attempts_are_over_earlier_and_a_call_that_is_forgotten_had_as_many_as_any() {
    let around = with_calls(1).await;
    opt_out(&around, "evt-1", minutes_before_noon(30)).await;
    assert!(!receive(&around, 0, usize::MAX).await);
    let letters = bodies(&around, LETTERS).await;
    let known = party(&around);
    let mut twice = known.clone();
    twice["calls"][0]["attempts"] = json!(2);
    let mut forgotten = known;
    forgotten["calls"] = json!([]);
    for (party, last_attempt) in [(twice, 15), (forgotten, LAST_ATTEMPT)] {
        set_party(&around, &party);
        let nearly = minutes_before_noon(1 - last_attempt);
        assert_eq!(redriven(&around, &letters[0], nearly).await, letters, "{last_attempt}");
        let over = minutes_before_noon(-last_attempt);
        assert_eq!(redriven(&around, &letters[0], over).await, Vec::<String>::new());
    }
}

/// What may fail between the letter and the mark. No client tries again what is forbidden.
const NOT_MARKED: [&str; 2] = ["TransactWriteItems:403x9", "UpdateItem/ReservationsTable:403x9"];

#[tokio::test]
async fn a_letter_that_is_redriven_before_its_call_is_marked_stays_a_letter() {
    for fault in NOT_MARKED {
        let around = with_calls(1).await;
        opt_out(&around, "evt-1", minutes_before_noon(30)).await;
        around.faults.add(fault.parse().expect("a fault"));
        assert!(receive(&around, 0, usize::MAX).await, "the letter is sent, and no more");
        around.faults.clear();
        let letters = bodies(&around, LETTERS).await;
        assert_eq!(letters.len(), 1);
        assert_eq!(redriven(&around, &letters[0], minutes_before_noon(28)).await, letters);
        assert!(!receive(&around, 2, usize::MAX).await);
        assert_eq!(bodies(&around, LETTERS).await, Vec::<String>::new(), "no other is sent");
        assert_eq!(evidence(&around).into_values().collect::<Vec<_>>(), [1]);
    }
}

#[tokio::test]
async fn a_letter_about_a_call_that_goes_on_after_a_consent_is_done() {
    let around = with_calls(1).await;
    opt_out(&around, "evt-1", minutes_before_noon(30)).await;
    around.faults.add(NOT_MARKED[0].parse().expect("a fault"));
    assert!(receive(&around, 0, usize::MAX).await);
    around.faults.clear();
    let letters = bodies(&around, LETTERS).await;
    prefer(&around, "contact.opt_in", json!({}), minutes_before_noon(28)).await;
    let left = redriven(&around, &letters[0], minutes_before_noon(27)).await;
    assert_eq!(left, Vec::<String>::new(), "nobody is to cancel it");
    assert!(marked(&around).is_empty());
}

/// What happens to the messages about a call.
#[derive(Debug, Clone)]
enum Happening {
    /// One is received while something fails, by an attempt that may die.
    Received { which: usize, fault: &'static str, polls_max: usize },
    /// An operator redrives all dead letters.
    Redriven,
}

fn happenings() -> impl Strategy<Value = Happening> {
    let faults = [
        "SendMessage/CallbackDeadLetterQueue:403x9",
        "SendMessage/CallbackDeadLetterQueue:403-afterx9",
        "UpdateItem/IdempotencyTable:403x9",
        NOT_MARKED[0],
        NOT_MARKED[1],
        "BatchGetItem:403x9",
        "TransactWriteItems:403-afterx9",
        "PutItem/OptOutsTable:403x9",
    ];
    let polls_max = prop_oneof![1_usize..200, Just(usize::MAX)];
    let received = (0_usize..4, proptest::sample::select(faults.to_vec()), polls_max)
        .prop_map(|(which, fault, polls_max)| Happening::Received { which, fault, polls_max });
    prop_oneof![2 => received, 1 => Just(Happening::Redriven)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_person_is_told_of_the_call_whatever_fails_dies_or_is_redriven(
        opted_out in -30_i64..30,
        happenings in proptest::collection::vec(happenings(), 0..12),
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let around = with_calls(1).await;
            opt_out(&around, "evt-1", minutes_before_noon(-opted_out)).await;
            let mut queue = vec![withdrawal()];
            let mut minute = opted_out;
            for happening in happenings {
                minute += 1;
                match happening {
                    Happening::Redriven => queue.extend(bodies(&around, LETTERS).await),
                    Happening::Received { which, fault, polls_max } if !queue.is_empty() => {
                        let which = which % queue.len();
                        around.faults.add(fault.parse().expect("a fault"));
                        let time = minutes_before_noon(-minute);
                        if !handle(&around, &queue[which], time, polls_max).await {
                            queue.remove(which);
                        }
                        around.faults.clear();
                    }
                    Happening::Received { .. } => {}
                }
            }
            // Letters first: what withdraws the call has to find out what came of them.
            for (second, message) in (0..).zip(queue.into_iter().rev()) {
                let time = minutes_before_noon(-minute - 1) + TimeDelta::seconds(second);
                prop_assert!(!handle(&around, &message, time, usize::MAX).await);
            }
            let (named, _) = letters(&around).await;
            prop_assert_eq!((named.len(), &named), (1, &marked(&around)));
            for letter in bodies(&around, LETTERS).await {
                let over = minutes_before_noon(-LAST_ATTEMPT);
                prop_assert_eq!(redriven(&around, &letter, over).await, Vec::<String>::new());
            }
            Ok(())
        })?;
    }
}
