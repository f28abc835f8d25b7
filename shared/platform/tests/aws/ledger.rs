mod model;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use outbound::{DncReason, DncRequest, E164};
use platform::ledger::{Entry, Ledger, OptOut, Place, Recorded, RelistAfter, State};

use crate::services::{at, table_with_key};

const DAY: RelistAfter = RelistAfter::hours(24);

async fn ledger() -> Ledger {
    Ledger::new(table_with_key("phone_number").await, "table")
}

fn number() -> E164 {
    "+12025550198".parse().expect("E.164")
}

fn start() -> DateTime<Utc> {
    at("2026-03-02T10:00:00.123Z")
}

fn after(hours: i64) -> DateTime<Utc> {
    start() + TimeDelta::hours(hours)
}

/// The event of that id, asked for so many hours after the start.
fn event(id: &str, hours: i64) -> OptOut {
    OptOut {
        number: number(),
        event_id: id.to_owned(),
        event_type: "contact.opt_out".to_owned(),
        requested_at: after(hours),
    }
}

/// The queue's message about the number.
fn request() -> DncRequest {
    DncRequest {
        phone_number: number(),
        reason: DncReason::DispositionDoNotCall,
        event_id: "disposition-1".to_owned(),
        requested_at: start(),
    }
}

async fn record(ledger: &Ledger, event: &OptOut) -> Recorded {
    let recorded = ledger.record(event, DAY, event.requested_at).await;
    recorded.expect("the table answers")
}

async fn sent(ledger: &Ledger, event: &OptOut) -> Place {
    match record(ledger, event).await {
        Recorded::Send(place) => place,
        other => panic!("the number was to be sent: {other:?}"),
    }
}

async fn queued(ledger: &Ledger, event: &OptOut) -> Place {
    let place = sent(ledger, event).await;
    ledger.mark_queued(&number(), &place, event.requested_at).await.expect("the table answers");
    place
}

async fn listed(ledger: &Ledger, hours: i64) {
    ledger.mark_listed(&request(), after(hours)).await.expect("the table answers");
}

async fn entry(ledger: &Ledger) -> Entry {
    let entry = ledger.entry(&number()).await.expect("the table answers");
    entry.expect("the number is known")
}

#[tokio::test]
async fn a_first_request_is_written_down_and_sent() {
    let ledger = ledger().await;
    assert_eq!(ledger.entry(&number()).await.expect("the table answers"), None);
    let place = queued(&ledger, &event("a", 0)).await;
    assert_eq!(place.pending_since, start());

    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.requests, entry.attempts), (State::Pending, 1, 0));
    assert_eq!((entry.first_requested_at, entry.latest_requested_at), (start(), start()));
    assert_eq!((entry.first_event_id.as_str(), entry.latest_event_id.as_str()), ("a", "a"));
    assert_eq!((entry.queued_at, entry.listed_at), (Some(start()), None));
    assert_eq!(entry.event_type, "contact.opt_out");
}

#[tokio::test]
async fn a_repeat_opt_out_keeps_its_place_in_line() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    assert_eq!(record(&ledger, &event("b", 5)).await, Recorded::AlreadyPending);
    let entry = entry(&ledger).await;
    assert_eq!(entry.pending_since, Some(start()));
    assert_eq!((entry.requests, entry.latest_event_id.as_str()), (2, "b"));
    assert_eq!(entry.latest_requested_at, after(5));
}

#[tokio::test]
async fn a_number_that_waited_for_a_day_is_sent_again_by_a_new_event_in_its_old_place() {
    let ledger = ledger().await;
    let place = queued(&ledger, &event("a", 0)).await;
    assert_eq!(record(&ledger, &event("b", 23)).await, Recorded::AlreadyPending);
    let redelivered = ledger.record(&event("b", 23), DAY, after(24)).await;
    assert_eq!(redelivered.expect("the table answers"), Recorded::AlreadyPending);
    assert_eq!(sent(&ledger, &event("c", 24)).await, place);
}

#[tokio::test]
async fn a_request_whose_send_failed_is_sent_by_the_next_delivery() {
    let ledger = ledger().await;
    let first = sent(&ledger, &event("a", 0)).await;
    assert_eq!(sent(&ledger, &event("a", 0)).await, first, "the same event again");
    assert_eq!(sent(&ledger, &event("b", 1)).await, first, "another event");
    assert_eq!(entry(&ledger).await.requests, 2);
}

#[tokio::test]
async fn an_event_delivered_again_adds_no_evidence() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    let before = entry(&ledger).await;
    assert_eq!(record(&ledger, &event("a", 0)).await, Recorded::AlreadyPending);
    assert_eq!(entry(&ledger).await, before);

    listed(&ledger, 1).await;
    let before = entry(&ledger).await;
    assert_eq!(record(&ledger, &event("a", 100)).await, Recorded::AlreadyListed);
    assert_eq!(entry(&ledger).await, before);
}

#[tokio::test]
async fn events_that_overtake_each_other_are_put_in_order() {
    let ledger = ledger().await;
    queued(&ledger, &event("noon", 12)).await;
    record(&ledger, &event("evening", 18)).await;
    record(&ledger, &event("morning", 6)).await;
    record(&ledger, &event("afternoon", 15)).await;
    let entry = entry(&ledger).await;
    assert_eq!((entry.first_requested_at, entry.latest_requested_at), (after(6), after(18)));
    assert_eq!(
        (entry.first_event_id.as_str(), entry.latest_event_id.as_str(), entry.requests),
        ("morning", "evening", 4)
    );
}

#[tokio::test]
async fn a_new_event_lists_again_once_the_listing_is_old() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    listed(&ledger, 1).await;
    assert_eq!(record(&ledger, &event("b", 24)).await, Recorded::AlreadyListed);
    let place = sent(&ledger, &event("c", 25)).await;
    assert_eq!(place.pending_since, after(25));

    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.rounds, entry.requests), (State::Pending, 2, 3));
    assert_eq!((entry.queued_at, entry.listed_at), (None, Some(after(1))));
}

#[tokio::test]
async fn a_refused_number_is_sent_again_when_it_is_asked_for_again() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    ledger.mark_failed(&request(), &"no ".repeat(500)).await.expect("the table answers");
    let failed = entry(&ledger).await;
    assert_eq!((failed.state, failed.failure.map(|words| words.len())), (State::Failed, Some(500)));

    sent(&ledger, &event("a", 0)).await;
    let reopened = entry(&ledger).await;
    assert_eq!((reopened.state, reopened.requests), (State::Pending, 1));
    assert_eq!((reopened.failure, reopened.queued_at), (None, None));
}

#[tokio::test]
async fn a_listed_number_stays_listed_whatever_comes_late() {
    let ledger = ledger().await;
    let place = sent(&ledger, &event("a", 0)).await;
    listed(&ledger, 1).await;
    ledger.mark_queued(&number(), &place, after(2)).await.expect("the table answers");
    ledger.mark_failed(&request(), "too late").await.expect("the table answers");
    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.queued_at, entry.failure), (State::Listed, None, None));
}

#[tokio::test]
async fn a_late_mark_of_one_round_does_not_pass_for_the_next() {
    let ledger = ledger().await;
    let old = sent(&ledger, &event("a", 0)).await;
    listed(&ledger, 1).await;
    let new = sent(&ledger, &event("b", 48)).await;
    ledger.mark_queued(&number(), &old, after(48)).await.expect("the table answers");
    assert_eq!(sent(&ledger, &event("b", 48)).await, new, "it has not been sent yet");
    ledger.mark_queued(&number(), &new, after(48)).await.expect("the table answers");
    assert_eq!(record(&ledger, &event("b", 48)).await, Recorded::AlreadyPending);
}

#[tokio::test]
async fn a_number_that_no_event_asked_for_gets_its_evidence_from_the_queue() {
    for outcome in [State::Listed, State::Failed] {
        let ledger = ledger().await;
        ledger.count_attempt(&number()).await.expect("the table answers");
        assert_eq!(ledger.entry(&number()).await.expect("the table answers"), None);
        match outcome {
            State::Failed => ledger.mark_failed(&request(), "no").await.expect("an answer"),
            _ => listed(&ledger, 1).await,
        }
        let entry = entry(&ledger).await;
        assert_eq!((entry.state, entry.requests, entry.attempts), (outcome, 1, 1));
        assert_eq!(entry.event_type, "disposition_do_not_call");
        assert_eq!(
            (entry.first_event_id.as_str(), entry.first_requested_at),
            ("disposition-1", start())
        );

        let expected = record(&ledger, &event("disposition-1", 0)).await;
        assert_eq!(expected == Recorded::AlreadyListed, outcome == State::Listed);
    }
}

#[tokio::test]
async fn attempts_are_counted() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    for _ in 0..3 {
        ledger.count_attempt(&number()).await.expect("the table answers");
    }
    listed(&ledger, 1).await;
    assert_eq!(entry(&ledger).await.attempts, 4);
}

#[tokio::test]
async fn the_memory_of_events_is_bounded_and_their_number_is_not() {
    let ledger = ledger().await;
    for id in 0..105 {
        record(&ledger, &event(&id.to_string(), id)).await;
    }
    record(&ledger, &event("104", 104)).await;
    record(&ledger, &event("0", 0)).await;
    let entry = entry(&ledger).await;
    assert_eq!((entry.requests, entry.event_ids.len()), (105, 100));
    assert_eq!((entry.first_event_id.as_str(), entry.latest_event_id.as_str()), ("0", "104"));
}

#[tokio::test]
async fn ten_events_at_once_are_all_counted_and_share_one_place() {
    let ledger = ledger().await;
    let events: Vec<_> = (0..10).map(|id| event(&id.to_string(), id)).collect();
    let recorded = join_all(events.iter().map(|event| record(&ledger, event))).await;
    let Recorded::Send(place) = &recorded[0] else { panic!("nothing is queued yet") };
    assert!(recorded.iter().all(|each| *each == Recorded::Send(place.clone())));
    let entry = entry(&ledger).await;
    assert_eq!((entry.requests, entry.rounds, entry.event_ids.len()), (10, 1, 10));
    assert_eq!((entry.first_requested_at, entry.latest_requested_at), (start(), after(9)));
}

#[tokio::test]
async fn one_event_delivered_ten_times_at_once_is_counted_once() {
    let ledger = ledger().await;
    for (event, requests) in [(event("first", 0), 1), (event("second", 1), 2)] {
        let recorded = join_all((0..10).map(|_| record(&ledger, &event))).await;
        assert!(recorded.iter().all(|each| matches!(each, Recorded::Send(_))));
        let entry = entry(&ledger).await;
        assert_eq!((entry.requests, entry.rounds), (requests, 1));
    }
}

#[tokio::test]
async fn new_events_while_the_batcher_lists_never_leave_a_number_behind() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    listed(&ledger, 0).await;
    let deliveries = (0..8).map(async |id: i64| {
        let event = event(&format!("late-{id}"), 48);
        if let Recorded::Send(place) = record(&ledger, &event).await {
            ledger.mark_queued(&number(), &place, after(48)).await.expect("the table answers");
        }
    });
    let listings = (0..4).map(async |_| listed(&ledger, 48).await);
    tokio::join!(join_all(deliveries), join_all(listings));

    let entry = entry(&ledger).await;
    assert_eq!(entry.requests, 9);
    match entry.state {
        State::Listed => assert_eq!(entry.listed_at, Some(after(48))),
        _ => assert!(entry.queued_at.is_some(), "it is on its way"),
    }
}

#[test]
fn relisting_is_set_in_hours() {
    let read = |pairs: &[(&str, &str)]| {
        settings::Environment::from_pairs(pairs.iter().copied()).read(RelistAfter::read)
    };
    assert_eq!(read(&[]).expect("it has a default"), DAY);
    let week = read(&[("RELIST_AFTER_HOURS", "168")]).expect("it is a number");
    assert_eq!(week, RelistAfter::hours(168));
    assert!(read(&[("RELIST_AFTER_HOURS", "a day")]).is_err());
}
