mod promises;
mod versions;

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use outbound::{DncReason, DncRequest, E164, Evidence};
use platform::ledger::{
    DncResult, Entry, Ledger, LedgerError, OptOut, QueuePosition, Record, Recorded, RelistAfter,
    State, Tables,
};

use embedded::{at, ledger_tables, losing_ledger_tables};

const DAY: RelistAfter = RelistAfter::hours(24);

async fn ledger() -> Ledger {
    ledger_in(ledger_tables().await)
}

fn ledger_in(client: Client) -> Ledger {
    Ledger::new(client, Tables { opt_outs: "table".into(), history: "history".into() })
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

/// The event of that id, requested so many hours after the start.
fn event(id: &str, hours: i64) -> OptOut {
    OptOut {
        number: number(),
        event_id: id.to_owned(),
        event_type: "contact.opt_out".to_owned(),
        requested_at: after(hours),
        received_at: after(hours) + TimeDelta::seconds(1),
        evidence: Evidence::default(),
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

/// Concludes as dnc-batcher does: with the entries as they are stored.
async fn conclude(
    ledger: &Ledger,
    results: Vec<(DncRequest, DncResult)>,
    at: DateTime<Utc>,
) -> Vec<(DncRequest, Result<bool, LedgerError>)> {
    let mut known = HashMap::new();
    for (request, _) in &results {
        let entry = ledger.entry(&request.phone_number).await.expect("the table answers");
        known.extend(entry.map(|entry| (request.phone_number.clone(), entry)));
    }
    ledger.conclude(results, &known, at).await
}

async fn record(ledger: &Ledger, event: &OptOut) -> Recorded {
    let recorded = ledger.record(event, DAY, event.requested_at).await;
    recorded.expect("the table answers")
}

async fn sent(ledger: &Ledger, event: &OptOut) -> QueuePosition {
    match record(ledger, event).await {
        Recorded::Send(position) => position,
        other => panic!("the number was to be sent: {other:?}"),
    }
}

async fn queued(ledger: &Ledger, event: &OptOut) -> QueuePosition {
    let position = sent(ledger, event).await;
    mark_queued(ledger, &position, event.requested_at).await;
    position
}

async fn mark_queued(ledger: &Ledger, position: &QueuePosition, at: DateTime<Utc>) {
    ledger.mark_queued(position, at).await.expect("the table answers");
}

async fn concluded(ledger: &Ledger, result: DncResult, at: DateTime<Utc>) {
    let concluded = conclude(ledger, vec![(request(), result)], at).await;
    assert!(matches!(&concluded[..], [(_, Ok(_))]), "{concluded:?}");
}

async fn listed(ledger: &Ledger, hours: i64) {
    concluded(ledger, DncResult::Listed, after(hours)).await;
}

async fn refused(ledger: &Ledger, reason: &str) {
    concluded(ledger, DncResult::Refused { reason: reason.to_owned() }, after(0)).await;
}

async fn history(ledger: &Ledger) -> Vec<Record> {
    ledger.history(&number()).await.expect("the table answers")
}

async fn entry(ledger: &Ledger) -> Entry {
    let entry = ledger.entry(&number()).await.expect("the table answers");
    entry.expect("the number is known")
}

#[tokio::test]
async fn a_first_request_is_written_down_and_sent() {
    let ledger = ledger().await;
    assert_eq!(ledger.entry(&number()).await.expect("the table answers"), None);
    let position = queued(&ledger, &event("a", 0)).await;
    assert_eq!(position.pending_since, start());

    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.requests, entry.attempts), (State::Pending, 1, 0));
    assert_eq!((entry.first_requested_at, entry.latest_requested_at), (start(), start()));
    assert_eq!((entry.first_event_id.as_str(), entry.latest_event_id.as_str()), ("a", "a"));
    assert_eq!((entry.queued_at, entry.listed_at), (Some(start()), None));
    assert_eq!(entry.event_type, "contact.opt_out");
}

#[tokio::test]
async fn a_repeat_opt_out_keeps_its_queue_position() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    assert_eq!(record(&ledger, &event("b", 5)).await, Recorded::AlreadyPending);
    let entry = entry(&ledger).await;
    assert_eq!(entry.pending_since, Some(start()));
    assert_eq!((entry.requests, entry.latest_event_id.as_str()), (2, "b"));
    assert_eq!(entry.latest_requested_at, after(5));
}

#[tokio::test]
async fn a_number_that_waited_for_a_day_is_sent_again_in_its_old_position() {
    let ledger = ledger().await;
    let position = queued(&ledger, &event("a", 0)).await;
    assert_eq!(record(&ledger, &event("b", 23)).await, Recorded::AlreadyPending);
    assert_eq!(sent(&ledger, &event("c", 24)).await.pending_since, position.pending_since);
}

#[tokio::test]
async fn a_resend_that_failed_is_made_up_for_by_the_same_event() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    let first = sent(&ledger, &event("b", 25)).await;
    // The queue refuses the message, the sender gets 503 and delivers the event again.
    let second = sent(&ledger, &event("b", 25)).await;
    assert_eq!(second.pending_since, first.pending_since);
    mark_queued(&ledger, &second, after(25)).await;
    assert_eq!(record(&ledger, &event("b", 25)).await, Recorded::AlreadyPending);
}

#[tokio::test]
async fn a_lost_answer_of_any_write_changes_nothing_about_what_is_sent() {
    for lost in 0..8 {
        let is_lost = move |index| index == lost;
        let ledger = ledger_in(losing_ledger_tables("TransactWriteItems", is_lost).await);
        queued(&ledger, &event("a", 0)).await;
        assert_eq!(record(&ledger, &event("b", 1)).await, Recorded::AlreadyPending);
        queued(&ledger, &event("c", 25)).await;
        listed(&ledger, 26).await;
        queued(&ledger, &event("d", 51)).await;
        refused(&ledger, "no").await;
        let entry = entry(&ledger).await;
        assert_eq!((entry.requests, entry.generation, entry.attempts), (4, 2, 2), "{lost}");
        assert_eq!(history(&ledger).await.len(), 5, "{lost}: four events and one generation");
    }
}

#[tokio::test]
async fn a_request_whose_send_failed_is_sent_by_the_next_delivery() {
    let ledger = ledger().await;
    let first = sent(&ledger, &event("a", 0)).await;
    assert_eq!(sent(&ledger, &event("a", 0)).await, first, "the same event again");
    let other = sent(&ledger, &event("b", 1)).await;
    assert_eq!(other.pending_since, first.pending_since, "another event");
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
async fn every_entry_is_on_a_page() {
    let ledger = ledger().await;
    let numbers: BTreeSet<String> = (100..130).map(|line| format!("+12025550{line}")).collect();
    for number in &numbers {
        let event = OptOut { number: number.parse().expect("E.164"), ..event("a", 0) };
        record(&ledger, &event).await;
    }
    let (mut pages, mut found) = (ledger.pages(), BTreeSet::new());
    while let Some(page) = pages.next().await {
        let page = page.expect("the table answers");
        found.extend(page.into_iter().map(|entry| entry.phone_number.as_str().to_owned()));
    }
    assert_eq!(found, numbers);
}

#[tokio::test]
async fn of_events_of_one_instant_the_first_and_the_last_to_come_in_are_named() {
    let ledger = ledger().await;
    for id in ["b", "a", "c"] {
        record(&ledger, &event(id, 0)).await;
    }
    let entry = entry(&ledger).await;
    assert_eq!((entry.first_event_id.as_str(), entry.latest_event_id.as_str()), ("b", "c"));
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
    let position = sent(&ledger, &event("c", 25)).await;
    assert_eq!(position.pending_since, after(25));

    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.generation, entry.requests), (State::Pending, 2, 3));
    assert_eq!((entry.queued_at, entry.listed_at), (None, Some(after(1))));
}

#[tokio::test]
async fn a_refused_number_is_sent_again_when_it_is_asked_for_again() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    refused(&ledger, &"no ".repeat(500)).await;
    let failed = entry(&ledger).await;
    assert_eq!(
        (failed.state, failed.failure.map(|message| message.len())),
        (State::Failed, Some(500))
    );

    sent(&ledger, &event("a", 0)).await;
    let reopened = entry(&ledger).await;
    assert_eq!((reopened.state, reopened.requests), (State::Pending, 1));
    assert_eq!((reopened.failure, reopened.queued_at), (None, None));
}

#[tokio::test]
async fn a_listed_number_stays_listed_whatever_comes_late() {
    let ledger = ledger().await;
    let position = sent(&ledger, &event("a", 0)).await;
    listed(&ledger, 1).await;
    mark_queued(&ledger, &position, after(2)).await;
    refused(&ledger, "too late").await;
    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.queued_at, entry.failure), (State::Listed, None, None));
}

#[tokio::test]
async fn a_late_mark_of_one_generation_does_not_pass_for_the_next() {
    let ledger = ledger().await;
    let old = sent(&ledger, &event("a", 0)).await;
    listed(&ledger, 1).await;
    let new = sent(&ledger, &event("b", 48)).await;
    mark_queued(&ledger, &old, after(48)).await;
    assert_eq!(sent(&ledger, &event("b", 48)).await, new, "it has not been sent yet");
    mark_queued(&ledger, &new, after(48)).await;
    assert_eq!(record(&ledger, &event("b", 48)).await, Recorded::AlreadyPending);
}

#[tokio::test]
async fn a_number_that_no_event_asked_for_gets_its_evidence_from_the_queue() {
    for outcome in [State::Listed, State::Failed] {
        let ledger = ledger().await;
        concluded(&ledger, DncResult::Postponed, after(0)).await;
        assert_eq!(ledger.entry(&number()).await.expect("the table answers"), None);
        match outcome {
            State::Failed => refused(&ledger, "no").await,
            _ => listed(&ledger, 1).await,
        }
        let entry = entry(&ledger).await;
        assert_eq!((entry.state, entry.requests, entry.attempts), (outcome, 1, 1));
        assert_eq!(entry.generation, 0, "no event made it pending");
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
async fn a_generation_is_listed_once() {
    let ledger = ledger().await;
    let lists = async |result: DncResult, hours: i64| {
        let concluded = conclude(&ledger, vec![(request(), result)], after(hours)).await;
        matches!(&concluded[..], [(_, Ok(true))])
    };
    queued(&ledger, &event("a", 0)).await;
    assert!(!lists(DncResult::Postponed, 1).await);
    assert!(lists(DncResult::Listed, 2).await && !lists(DncResult::Listed, 3).await);
    queued(&ledger, &event("b", 40)).await;
    assert!(lists(DncResult::Listed, 41).await && !lists(DncResult::Listed, 42).await);
}

#[tokio::test]
async fn attempts_are_counted() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    for _ in 0..3 {
        concluded(&ledger, DncResult::Postponed, after(0)).await;
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
    for known in [104, 103, 100, 99, 0] {
        record(&ledger, &event(&known.to_string(), known)).await;
    }
    let entry = entry(&ledger).await;
    assert_eq!((entry.requests, entry.event_ids.len()), (105, 100));
    assert_eq!(history(&ledger).await.len(), 105);
    assert_eq!((entry.first_event_id.as_str(), entry.latest_event_id.as_str()), ("0", "104"));
}

#[tokio::test]
async fn ten_events_at_once_are_all_counted_and_share_one_position() {
    let ledger = ledger().await;
    let events: Vec<_> = (0..10).map(|id| event(&id.to_string(), id)).collect();
    let recorded = join_all(events.iter().map(|event| record(&ledger, event))).await;
    let since = |recorded: &Recorded| match recorded {
        Recorded::Send(position) => position.pending_since,
        other => panic!("nothing is queued yet: {other:?}"),
    };
    assert!(recorded.iter().all(|each| since(each) == since(&recorded[0])));
    let entry = entry(&ledger).await;
    assert_eq!((entry.requests, entry.generation, entry.event_ids.len()), (10, 1, 10));
    assert_eq!((entry.first_requested_at, entry.latest_requested_at), (start(), after(9)));
}

#[tokio::test]
async fn one_event_delivered_ten_times_at_once_is_counted_once() {
    let ledger = ledger().await;
    for (event, requests) in [(event("first", 0), 1), (event("second", 1), 2)] {
        let recorded = join_all((0..10).map(|_| record(&ledger, &event))).await;
        assert!(recorded.iter().all(|each| matches!(each, Recorded::Send(_))));
        let entry = entry(&ledger).await;
        assert_eq!((entry.requests, entry.generation), (requests, 1));
    }
}

#[tokio::test]
async fn new_events_while_the_batcher_lists_never_leave_a_number_behind() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    listed(&ledger, 0).await;
    let deliveries = (0..8).map(async |id: i64| {
        let event = event(&format!("late-{id}"), 48);
        if let Recorded::Send(position) = record(&ledger, &event).await {
            mark_queued(&ledger, &position, after(48)).await;
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

#[tokio::test]
async fn the_history_contains_when_each_event_was_requested_and_when_it_came_in() {
    let ledger = ledger().await;
    queued(&ledger, &event("a", 0)).await;
    record(&ledger, &event("b", 1)).await;
    // Delivered again a day later: it came in when it came in first.
    let redelivered = OptOut { received_at: after(30), ..event("b", 1) };
    ledger.record(&redelivered, DAY, after(30)).await.expect("the table answers");
    let history = history(&ledger).await;
    let [Record::Event(a), Record::Event(b)] = &history[..] else { panic!("{history:?}") };
    let fields = |event: &platform::ledger::Event| {
        (event.event_id.clone(), event.requested_at, event.received_at, event.generation)
    };
    let second = TimeDelta::seconds(1);
    assert_eq!(fields(a), ("a".to_owned(), start(), start() + second, 1));
    assert_eq!(fields(b), ("b".to_owned(), after(1), after(1) + second, 1));
}

#[tokio::test]
async fn when_a_request_was_honored_is_known_after_every_later_one() {
    let ledger = ledger().await;
    for generation in 0..3 {
        let asked = generation * 100;
        queued(&ledger, &event(&format!("event-{generation}"), asked)).await;
        listed(&ledger, asked + 2).await;
        listed(&ledger, asked + 3).await;
    }
    let entry = entry(&ledger).await;
    assert_eq!((entry.first_listed_at, entry.honored_at), (Some(after(2)), Some(after(202))));
    assert_eq!(entry.listed_at, Some(after(203)), "the last confirmation");
    let closed: Vec<_> = history(&ledger)
        .await
        .into_iter()
        .filter_map(|record| match record {
            Record::Generation(it) => Some((it.generation, it.honored_at, it.closed_at)),
            Record::Event(_) | Record::Fact(_) => None,
        })
        .collect();
    assert_eq!(closed, [(1, Some(after(2)), after(100)), (2, Some(after(102)), after(200))]);
}

#[tokio::test]
async fn a_time_that_is_ahead_counts_as_now() {
    let ledger = ledger().await;
    let ahead = OptOut { requested_at: after(1_000_000), ..event("a", 0) };
    let position = sent(&ledger, &ahead).await;
    let second = TimeDelta::seconds(1);
    assert_eq!(position.pending_since, start() + second);
    let entry = entry(&ledger).await;
    assert_eq!(entry.latest_requested_at, start() + second);
}

#[tokio::test]
async fn an_event_id_of_any_length_is_recorded_once() {
    let ledger = ledger().await;
    for id in ["x".repeat(200_000), String::new()] {
        for _ in 0..2 {
            record(&ledger, &event(&id, 0)).await;
        }
        let request = DncRequest { event_id: id, ..request() };
        let concluded = conclude(&ledger, vec![(request, DncResult::Listed)], after(1)).await;
        assert!(matches!(&concluded[..], [(_, Ok(_))]), "{concluded:?}");
    }
    assert_eq!((entry(&ledger).await.requests, history(&ledger).await.len()), (2, 2));
}

fn numbers() -> Vec<E164> {
    (100..150).map(|line| format!("+12025550{line}").parse().expect("E.164")).collect()
}

/// A ledger with fifty numbers, and the requests of a batch about them.
async fn fifty(client: Client) -> (Ledger, Vec<DncRequest>) {
    let ledger = ledger_in(client);
    let mut requests = Vec::new();
    for number in numbers() {
        record(&ledger, &OptOut { number: number.clone(), ..event("a", 0) }).await;
        requests.push(DncRequest { phone_number: number, ..request() });
    }
    (ledger, requests)
}

async fn conclude_all(ledger: &Ledger, results: Vec<(DncRequest, DncResult)>) {
    let count = results.len();
    let written = conclude(ledger, results, after(1)).await;
    assert_eq!(written.len(), count);
    assert!(written.iter().all(|(_, written)| written.is_ok()), "{written:?}");
}

#[tokio::test]
async fn a_batch_is_written_in_one_transaction_once() {
    // The 51st write is that of the batch.
    for lost in [usize::MAX, 50] {
        let client = losing_ledger_tables("TransactWriteItems", move |index| index == lost).await;
        let (ledger, requests) = fifty(client).await;
        let refused = || DncResult::Refused { reason: "no".to_owned() };
        let results = [DncResult::Listed, refused(), DncResult::Postponed];
        let results = requests.into_iter().zip(results.into_iter().cycle());
        conclude_all(&ledger, results.collect()).await;
        for (number, state) in
            numbers().iter().zip([State::Listed, State::Failed, State::Pending].into_iter().cycle())
        {
            let entry = ledger.entry(number).await.expect("the table answers").expect("known");
            assert_eq!((entry.state, entry.attempts), (state, 1), "{number}");
        }
    }
}

#[tokio::test]
async fn batches_and_events_that_meet_are_all_written() {
    let (ledger, requests) = fifty(ledger_tables().await).await;
    let batch = async || {
        let results = requests.iter().map(|request| (request.clone(), DncResult::Postponed));
        conclude_all(&ledger, results.collect()).await;
    };
    let events = numbers().into_iter().map(|number| OptOut { number, ..event("b", 1) });
    let events = events.map(async |event| record(&ledger, &event).await);
    tokio::join!(join_all((0..3).map(|_| batch())), join_all(events));
    for number in numbers() {
        let entry = ledger.entry(&number).await.expect("the table answers").expect("known");
        assert_eq!((entry.attempts, entry.requests), (3, 2), "{number}");
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
