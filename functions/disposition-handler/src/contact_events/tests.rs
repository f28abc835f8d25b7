use embedded::{at, losing_table, table_with_key};
use futures::future::join_all;
use proptest::prelude::*;

use super::*;

async fn contact_events() -> ContactEvents {
    ContactEvents::new(table_with_key("id").await, "table")
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

async fn acquire(events: &ContactEvents, happened_at: DateTime<Utc>) -> Acquire {
    events.acquire("contact-1", happened_at, lease(now())).await.expect("the table answers")
}

async fn lock(events: &ContactEvents, happened_at: DateTime<Utc>) -> ContactLock {
    match acquire(events, happened_at).await {
        Acquire::Acquired(lock) => lock,
        other => panic!("it is free: {other:?}"),
    }
}

async fn write(events: &ContactEvents, happened_at: DateTime<Utc>) {
    lock(events, happened_at).await.commit().await.expect("committed");
}

#[tokio::test]
async fn an_older_event_is_superseded_and_an_equal_one_is_not() {
    let events = contact_events().await;
    write(&events, ago(10)).await;
    assert!(matches!(acquire(&events, ago(11)).await, Acquire::Superseded));
    write(&events, ago(10)).await;
    write(&events, ago(9)).await;
    assert!(matches!(acquire(&events, ago(10)).await, Acquire::Superseded));
}

#[tokio::test]
async fn one_event_at_a_time_has_the_lock() {
    let events = contact_events().await;
    let acquired = join_all((0..8).map(|index| acquire(&events, ago(index)))).await;
    let count = |is: fn(&Acquire) -> bool| acquired.iter().filter(|it| is(it)).count();
    assert_eq!(count(|it| matches!(it, Acquire::Acquired(_))), 1);
    assert_eq!(count(|it| matches!(it, Acquire::Busy)), 7);
}

#[tokio::test]
async fn a_lost_answer_does_not_block_the_contact() {
    for lost in 0..6 {
        let client = losing_table("id", "UpdateItem", move |index| index == lost).await;
        let events = ContactEvents::new(client, "table");
        write(&events, ago(3)).await;
        write(&events, ago(2)).await;
        lock(&events, ago(1)).await.release().await.expect("released");
        assert!(matches!(acquire(&events, ago(4)).await, Acquire::Superseded), "{lost}");
    }
}

#[tokio::test]
async fn contacts_do_not_wait_for_each_other() {
    let events = contact_events().await;
    let _held = lock(&events, ago(1)).await;
    let other = events.acquire("contact-2", ago(1), lease(now())).await.expect("answered");
    assert!(matches!(other, Acquire::Acquired(_)));
}

#[tokio::test]
async fn a_lock_that_is_released_leaves_no_trace() {
    let events = contact_events().await;
    lock(&events, ago(1)).await.release().await.expect("released");
    write(&events, ago(2)).await;
}

#[tokio::test]
async fn a_lock_is_lost_once_nothing_of_its_lease_can_come_late() {
    let events = contact_events().await;
    let lost = lock(&events, ago(1)).await;
    let after = async |seconds| {
        let later = lease(now() + TimeDelta::seconds(seconds));
        events.acquire("contact-1", ago(5), later).await.expect("answered")
    };
    assert!(matches!(after(59).await, Acquire::Busy), "the lease is over, and 29 seconds");
    let acquired = after(60).await;
    let Acquire::Acquired(next) = acquired else { panic!("the lease is over: {acquired:?}") };
    lost.commit().await.expect("it changes nothing");
    next.commit().await.expect("committed");
    lock(&events, ago(4)).await.release().await.expect("five seconds ago is the newest");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn in_any_order_of_arrival_the_newest_event_is_written_last(
        order in Just((0..12_i64).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let written = runtime.block_on(async {
            let events = contact_events().await;
            let mut written = Vec::new();
            for seconds in &order {
                if let Acquire::Acquired(lock) = acquire(&events, ago(*seconds)).await {
                    written.push(*seconds);
                    lock.commit().await.expect("committed");
                }
            }
            written
        });
        prop_assert!(written.is_sorted_by(|a, b| a > b), "{written:?}");
        prop_assert_eq!(written.last(), Some(&0));
    }
}
