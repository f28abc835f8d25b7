//! No hour is booked beyond its agents.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use sandbox::{Options, Sandbox};
use system::{PATIENCE, Sender, numbers, sandbox};

use super::{CAMPAIGN, booked, callback, forecast, hour, sender};

/// Number of contacts by scheduled instant.
fn scheduled(sandbox: &Sandbox) -> BTreeMap<DateTime<Utc>, usize> {
    let mut scheduled = BTreeMap::new();
    for callback in sandbox.cxone.callbacks() {
        *scheduled.entry(callback.at).or_default() += 1;
    }
    scheduled
}

/// Asks for callbacks of so many numbers at once, and returns the answers.
async fn ask(sender: &Sender, count: usize) -> Vec<String> {
    stream::iter(0..count)
        .map(async |index| sender.deliver(&callback(&numbers::number(index))).await.word())
        .buffer_unordered(count)
        .collect()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_requests_at_once_fill_every_hour_and_no_hour_beyond_its_agents_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    forecast(&sandbox, &[40.0, 10.0, 30.0, 20.0]);
    let answers = ask(&sender(&sandbox), 500).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");

    let occurrences = |word: &str| answers.iter().filter(|answer| *answer == word).count();
    assert_eq!(
        (occurrences("201 sent"), occurrences("409 no_capacity")),
        (100, 400),
        "{answers:?}"
    );
    let expected = [(0, 40), (1, 10), (2, 30), (3, 20)].map(|(ahead, n)| (hour(ahead), n));
    assert_eq!(scheduled(&sandbox), BTreeMap::from(expected));
    assert_eq!(booked(&sandbox), 100);
    assert_eq!(sandbox.cxone.texts().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hour_with_the_most_agents_left_is_taken_first_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    let agents = [4, 1, 3, 2];
    forecast(&sandbox, &agents.map(f64::from));
    let sender = sender(&sandbox);
    let mut left = agents;
    for index in 0..10 {
        let reply = sender.send_event(&callback(&numbers::number(index))).await;
        assert_eq!(reply.word(), "201 sent");
        let dispatched: DateTime<Utc> =
            reply.body["dispatchTime"].as_str().expect("a time").parse().expect("RFC 3339");
        let most = *left.iter().max().expect("four hours");
        let earliest = left.iter().position(|agents| *agents == most).expect("it is one of them");
        assert_eq!(dispatched, hour(earliest.try_into().expect("small")), "request {index}");
        left[earliest] -= 1;
    }
    let reply = sender.send_event(&callback(&numbers::number(10))).await;
    assert_eq!(reply.word(), "409 no_capacity");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_cxone_refuses_leaves_no_place_behind_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    forecast(&sandbox, &[1.0]);
    let (refused, taken) = (numbers::number(0), numbers::number(1));
    sandbox.cxone.refuse_contacts(&refused, "this number is blocked");
    let sender = sender(&sandbox);
    let reply = sender.send_event(&callback(&refused)).await;
    assert_eq!(reply.word(), "422 refused_by_cxone");
    let detail = reply.body["detail"].as_str().expect("a detail");
    assert!(detail.contains("this number is blocked"), "{detail}");
    assert_eq!(booked(&sandbox), 0);
    assert_eq!(sender.send_event(&callback(&taken)).await.word(), "201 sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_forecast_nothing_is_booked_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.set_forecast(CAMPAIGN, Vec::new());
    let reply = sender(&sandbox).send_event(&callback(&numbers::number(0))).await;
    assert_eq!(reply.word(), "422 no_forecast");
    assert_eq!((booked(&sandbox), sandbox.cxone.callbacks().len()), (0, 0));
}
