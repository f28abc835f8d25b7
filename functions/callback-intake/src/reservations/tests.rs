use std::collections::HashSet;

use embedded::{at, losing_table, table_with_key};
use futures::future::join_all;
use proptest::prelude::*;

use super::*;

async fn reservations() -> Reservations {
    Reservations::new(table_with_key("id").await, "table")
}

fn hour(hour: u32) -> AgentHour {
    AgentHour {
        campaign_id: "campaign-1".into(),
        begins_at: at(&format!("2026-03-02T{hour:02}:00:00Z")),
    }
}

async fn booked(reservations: &Reservations, hours: &[AgentHour]) -> Vec<u32> {
    reservations.booked(hours).await.expect("the table answers")
}

async fn reserve(reservations: &Reservations, places: u32, callback: &str) -> Reserved {
    reservations.reserve(&hour(9), places, callback).await.expect("the table answers")
}

#[tokio::test]
async fn an_hour_is_never_booked_beyond_its_agents() {
    let reservations = reservations().await;
    let asked = (0..30).map(|id| {
        let reservations = &reservations;
        async move { reserve(reservations, 10, &format!("callback-{id}")).await }
    });
    let asked = join_all(asked).await;
    assert_eq!(asked.iter().filter(|reserved| **reserved == Reserved::Held).count(), 10);
    assert_eq!(booked(&reservations, &[hour(9)]).await, [10]);
}

#[tokio::test]
async fn asking_again_takes_no_second_place_even_when_the_hour_is_full() {
    let reservations = reservations().await;
    assert_eq!(reserve(&reservations, 1, "a").await, Reserved::Held);
    assert_eq!(reserve(&reservations, 1, "a").await, Reserved::Held);
    assert_eq!(reserve(&reservations, 1, "b").await, Reserved::Full);
    assert_eq!(booked(&reservations, &[hour(9)]).await, [1]);
}

#[tokio::test]
async fn a_place_that_is_given_back_is_free_for_another_and_given_back_once() {
    let reservations = reservations().await;
    reserve(&reservations, 1, "a").await;
    for _ in 0..2 {
        reservations.release(&hour(9), "a").await.expect("the table answers");
    }
    assert_eq!(booked(&reservations, &[hour(9)]).await, [0]);
    assert_eq!(reserve(&reservations, 1, "b").await, Reserved::Held);
}

#[tokio::test]
async fn an_hour_is_forgotten_two_days_after_it_has_begun() {
    let reservations = reservations().await;
    reserve(&reservations, 1, "a").await;
    let scan = reservations.client.scan().table_name(&reservations.table);
    let hours = scan.send().await.expect("the table answers");
    let expires_at = hours.items()[0]["expires_at"].as_n().expect("a number");
    assert_eq!(*expires_at, at("2026-03-04T09:00:00Z").timestamp().to_string());
}

#[tokio::test]
async fn an_agent_is_not_booked_twice_in_hours_that_overlap() {
    let reservations = reservations().await;
    let hour = |begins: &str| AgentHour { campaign_id: "campaign-1".into(), begins_at: at(begins) };
    let (full, quarter) = (hour("2026-03-02T10:00:00Z"), hour("2026-03-02T10:15:00Z"));
    let first = reservations.reserve(&full, 1, "a").await.expect("the table answers");
    let second = reservations.reserve(&quarter, 1, "b").await.expect("the table answers");
    assert_eq!((first, second), (Reserved::Held, Reserved::Full));
    assert_eq!(booked(&reservations, std::slice::from_ref(&quarter)).await, [1]);
    reservations.release(&quarter, "a").await.expect("the table answers");
    assert_eq!(booked(&reservations, &[full]).await, [0]);
}

#[tokio::test]
async fn a_booking_that_arrives_after_its_holder_was_withdrawn_is_refused() {
    for was_held in [false, true] {
        let reservations = reservations().await;
        reserve(&reservations, 2, "other").await;
        if was_held {
            reserve(&reservations, 2, "a").await;
        }
        for _ in 0..2 {
            reservations.withdraw(&hour(9), "a").await.expect("the table answers");
        }
        assert_eq!(reserve(&reservations, 2, "a").await, Reserved::Full);
        assert_eq!(booked(&reservations, &[hour(9)]).await, [1]);
        assert_eq!(reserve(&reservations, 2, "b").await, Reserved::Held);
    }
}

#[tokio::test]
async fn a_lost_answer_books_and_releases_once() {
    for lost in 0..8 {
        let client = losing_table("id", "UpdateItem", move |index| index == lost).await;
        let reservations = Reservations::new(client, "table");
        for holder in ["a", "b", "c"] {
            assert_eq!(reserve(&reservations, 3, holder).await, Reserved::Held);
        }
        reservations.release(&hour(9), "a").await.expect("the table answers");
        reservations.withdraw(&hour(9), "b").await.expect("the table answers");
        reservations.withdraw(&hour(9), "d").await.expect("the table answers");
        assert_eq!(booked(&reservations, &[hour(9)]).await, [1], "{lost}");
    }
}

#[tokio::test]
async fn an_hour_without_agents_is_full() {
    let reservations = reservations().await;
    assert_eq!(reserve(&reservations, 0, "a").await, Reserved::Full);
    assert_eq!(booked(&reservations, &[hour(9)]).await, [0]);
}

#[tokio::test]
async fn hours_and_campaigns_are_counted_apart_in_the_order_asked() {
    let reservations = reservations().await;
    let other = AgentHour { campaign_id: "campaign-2".into(), ..hour(9) };
    for (hour, callback) in [(&hour(9), "a"), (&hour(9), "b"), (&other, "a"), (&hour(10), "a")] {
        reservations.reserve(hour, 9, callback).await.expect("the table answers");
    }
    let hours = [hour(11), other, hour(9), hour(10)];
    assert_eq!(booked(&reservations, &hours).await, [0, 1, 2, 1]);
}

/// Walks random requests and checks that the count is the number of holders, within the places.
async fn walk(steps: Vec<(bool, u8)>, places: u32) {
    let reservations = reservations().await;
    let mut holders = HashSet::new();
    for (reserves, callback) in steps {
        let callback = format!("callback-{callback}");
        if reserves {
            let expected = if holders.contains(&callback) || holders.len() < places as usize {
                holders.insert(callback.clone());
                Reserved::Held
            } else {
                Reserved::Full
            };
            assert_eq!(reserve(&reservations, places, &callback).await, expected);
        } else {
            reservations.release(&hour(9), &callback).await.expect("the table answers");
            holders.remove(&callback);
        }
        assert_eq!(
            booked(&reservations, &[hour(9)]).await,
            [u32::try_from(holders.len()).expect("few")]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_count_is_always_the_number_of_holders(
        steps in prop::collection::vec((any::<bool>(), 0..6_u8), 1..20),
        places in 0..5_u32,
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(walk(steps, places));
    }
}
