//! An opt-out with many calls ahead, some of which fail or die on the way.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use ambient::Ambience;
use callback_intake::CallbackIntake;
use proptest::prelude::*;
use sandbox::{Surroundings, aws::Message};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    consent::{NOON, NUMBER, minutes_before_noon, opt_out},
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
    let key = ("phone_number", NUMBER);
    let set = around.aws.tables.set_text("CalledPartiesTable", key, "document", &party.to_string());
    set.expect("the number is known");
    around
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

/// Receives the message of an opt-out, when the claims of the time before have lapsed. Returns whether
/// it must be received again.
async fn receive(around: &Surroundings, time: usize, polls_max: usize) -> bool {
    let message = json!({ "withdraw": { "phoneNumber": NUMBER } }).to_string();
    let work = async { handler::<CallbackIntake>(around).await.batch(&[message]).await };
    let minutes = i64::try_from(time).expect("a few times");
    let ambience = Ambience::new(minutes_before_noon(29 - minutes), 2);
    let left = dying(polls_max, ambience.scope(Box::pin(work))).await;
    left.is_none_or(|left| !left.is_empty())
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
    // All that the client tries for one letter.
    around.faults.add("SendMessage/CallbackDeadLetterQueue:503x3".parse().expect("a fault"));
    assert!(receive(&around, 0, usize::MAX).await, "one is left");
    assert_eq!(marked(&around).len(), 11);
    assert!(!receive(&around, 1, usize::MAX).await);
    assert_eq!(letters(&around).await, (marked(&around), 12));
    assert_eq!(marked(&around).len(), 12);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

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
