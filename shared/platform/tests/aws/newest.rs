use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use platform::{
    idempotency::Lease,
    newest::{Asked, Newest, Turn},
};
use proptest::prelude::*;

use crate::services::{at, losing_table, table_with_key};

async fn newest() -> Newest {
    Newest::new(table_with_key("id").await, "table")
}

fn now() -> DateTime<Utc> {
    at("2026-03-02T12:00:00Z")
}

fn lease(from: DateTime<Utc>) -> Lease {
    Lease { from, until: from + TimeDelta::seconds(30) }
}

/// An event so many seconds before now.
fn ago(seconds: i64) -> DateTime<Utc> {
    now() - TimeDelta::seconds(seconds)
}

async fn ask(newest: &Newest, happened_at: DateTime<Utc>) -> Asked {
    newest.ask("contact-1", happened_at, lease(now())).await.expect("the table answers")
}

async fn turn(newest: &Newest, happened_at: DateTime<Utc>) -> Turn {
    match ask(newest, happened_at).await {
        Asked::Ours(turn) => turn,
        other => panic!("it is free: {other:?}"),
    }
}

#[tokio::test]
async fn an_older_event_is_too_late_and_an_equal_one_is_not() {
    let newest = newest().await;
    turn(&newest, ago(10)).await.end().await.expect("ended");
    assert!(matches!(ask(&newest, ago(11)).await, Asked::Superseded));
    turn(&newest, ago(10)).await.end().await.expect("ended");
    turn(&newest, ago(9)).await.end().await.expect("ended");
    assert!(matches!(ask(&newest, ago(10)).await, Asked::Superseded));
}

#[tokio::test]
async fn one_at_a_time_has_the_turn() {
    let newest = newest().await;
    let asked = join_all((0..8).map(|index| ask(&newest, ago(index)))).await;
    assert_eq!(asked.iter().filter(|asked| matches!(asked, Asked::Ours(_))).count(), 1);
    let waits = asked.iter().filter_map(|asked| match asked {
        Asked::Busy { retry_after } => Some(*retry_after),
        _ => None,
    });
    assert_eq!(waits.collect::<Vec<_>>(), [Duration::from_secs(30); 7]);
}

#[tokio::test]
async fn a_lost_answer_does_not_block_the_subject() {
    for lost in 0..6 {
        let client = losing_table("id", "UpdateItem", move |index| index == lost).await;
        let newest = Newest::new(client, "table");
        for seconds in [3, 2] {
            turn(&newest, ago(seconds)).await.end().await.expect("ended");
        }
        turn(&newest, ago(1)).await.give_back().await.expect("given back");
        assert!(matches!(ask(&newest, ago(4)).await, Asked::Superseded), "{lost}");
    }
}

#[tokio::test]
async fn subjects_do_not_wait_for_each_other() {
    let newest = newest().await;
    let _held = turn(&newest, ago(1)).await;
    let other = newest.ask("contact-2", ago(1), lease(now())).await.expect("answered");
    assert!(matches!(other, Asked::Ours(_)));
}

#[tokio::test]
async fn a_turn_that_is_given_back_leaves_no_trace() {
    let newest = newest().await;
    turn(&newest, ago(1)).await.give_back().await.expect("given back");
    turn(&newest, ago(2)).await.end().await.expect("ended");
}

#[tokio::test]
async fn whoever_outlives_the_lease_has_lost_the_turn() {
    let newest = newest().await;
    let lost = turn(&newest, ago(1)).await;
    let later = lease(now() + TimeDelta::seconds(30));
    let taken = newest.ask("contact-1", ago(5), later).await.expect("answered");
    let Asked::Ours(taken) = taken else { panic!("the lease has lapsed: {taken:?}") };
    lost.end().await.expect("it changes nothing");
    taken.end().await.expect("ended");
    turn(&newest, ago(4)).await.give_back().await.expect("five seconds ago is the newest");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn in_whatever_order_they_come_the_newest_is_written_last(
        order in Just((0..12_i64).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let written = runtime.block_on(async {
            let newest = newest().await;
            let mut written = Vec::new();
            for seconds in &order {
                if let Asked::Ours(turn) = ask(&newest, ago(*seconds)).await {
                    written.push(*seconds);
                    turn.end().await.expect("ended");
                }
            }
            written
        });
        prop_assert!(written.is_sorted_by(|a, b| a > b), "{written:?}");
        prop_assert_eq!(written.last(), Some(&0));
    }
}
