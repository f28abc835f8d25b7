//! Entries that version 0.1 wrote are read, and go on from where they stood.

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use platform::ledger::{DncResult, Record, Recorded, State};

use super::{
    after, concluded, entry, event, history, ledger_in, ledger_tables, listed, number, queued,
    record, sent, start,
};

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn count(count: u64) -> AttributeValue {
    AttributeValue::N(count.to_string())
}

/// An entry as version 0.1 left it, with what differs from one that was just created.
async fn stored(client: &Client, differing: &[(&str, AttributeValue)]) {
    let time = text("2026-03-02T10:00:00.123Z");
    let mut item = HashMap::from([
        ("phone_number".to_owned(), text(number().as_str())),
        ("state".to_owned(), text("pending")),
        ("first_requested_at".to_owned(), time.clone()),
        ("latest_requested_at".to_owned(), time.clone()),
        ("first_event_id".to_owned(), text("a")),
        ("latest_event_id".to_owned(), text("a")),
        ("event_type".to_owned(), text("contact.opt_out")),
        ("requests".to_owned(), count(1)),
        ("event_ids".to_owned(), AttributeValue::Ss(vec!["a".to_owned()])),
        ("attempts".to_owned(), count(0)),
        ("rounds".to_owned(), count(1)),
        ("pending_since".to_owned(), time),
    ]);
    item.extend(differing.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let put = client.put_item().table_name("table").set_item(Some(item));
    put.send().await.expect("the table answers");
}

#[tokio::test]
async fn a_number_that_was_not_sent_is_sent() {
    let client = ledger_tables().await;
    stored(&client, &[]).await;
    let ledger = ledger_in(client);
    assert_eq!(queued(&ledger, &event("a", 0)).await.pending_since, start());
    assert_eq!(record(&ledger, &event("a", 0)).await, Recorded::AlreadyPending);
    let entry = entry(&ledger).await;
    assert_eq!((entry.requests, entry.generation), (1, 1));
}

#[tokio::test]
async fn a_number_in_the_queue_stays_there_and_is_listed() {
    let client = ledger_tables().await;
    stored(&client, &[("queued_at", text("2026-03-02T10:00:01.000Z"))]).await;
    let ledger = ledger_in(client);
    assert_eq!(record(&ledger, &event("b", 1)).await, Recorded::AlreadyPending);
    listed(&ledger, 2).await;
    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.requests, entry.attempts), (State::Listed, 2, 1));
    assert_eq!((entry.first_listed_at, entry.honored_at), (Some(after(2)), Some(after(2))));
}

#[tokio::test]
async fn a_listing_stays_the_first_when_the_number_is_listed_again() {
    let listing = [
        ("state", text("listed")),
        ("queued_at", text("2026-03-02T10:00:01.000Z")),
        ("listed_at", text("2026-03-02T11:00:00.123Z")),
        ("attempts", count(1)),
    ];
    let client = ledger_tables().await;
    stored(&client, &listing).await;
    let ledger = ledger_in(client);
    assert_eq!(record(&ledger, &event("a", 0)).await, Recorded::AlreadyListed);
    listed(&ledger, 3).await;
    assert_eq!(entry(&ledger).await.first_listed_at, Some(after(1)));
    queued(&ledger, &event("b", 50)).await;
    listed(&ledger, 51).await;
    let entry = entry(&ledger).await;
    assert_eq!((entry.first_listed_at, entry.honored_at), (Some(after(1)), Some(after(51))));
    let closed = history(&ledger).await;
    let closed = closed.iter().find_map(|record| match record {
        Record::Generation(closed) => Some((closed.generation, closed.honored_at)),
        Record::Event(_) | Record::Fact(_) => None,
    });
    assert_eq!(closed, Some((1, Some(after(1)))));
}

#[tokio::test]
async fn a_refused_number_is_sent_again() {
    let refusal = [("state", text("failed")), ("failure", text("no")), ("attempts", count(3))];
    let client = ledger_tables().await;
    stored(&client, &refusal).await;
    let ledger = ledger_in(client);
    sent(&ledger, &event("a", 0)).await;
    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.generation, entry.failure), (State::Pending, 2, None));
}

/// Of a number that no event was recorded for, version 0.1 wrote no generation that it waits in.
#[tokio::test]
async fn a_number_that_only_the_queue_knew_is_read() {
    let client = ledger_tables().await;
    let listing = [
        ("state", text("listed")),
        ("rounds", count(0)),
        ("attempts", count(1)),
        ("listed_at", text("2026-03-02T11:00:00.123Z")),
    ];
    stored(&client, &listing).await;
    client
        .update_item()
        .table_name("table")
        .key("phone_number", text(number().as_str()))
        .update_expression("REMOVE pending_since")
        .send()
        .await
        .expect("the table answers");
    let ledger = ledger_in(client);
    concluded(&ledger, DncResult::Postponed, after(2)).await;
    assert_eq!(entry(&ledger).await.attempts, 2);
    assert_eq!(sent(&ledger, &event("b", 50)).await.pending_since, after(50));
}

/// The version before counts with every write, and writes no revision: while both are at work, its
/// writes are not overwritten.
#[tokio::test]
async fn a_write_of_the_version_before_is_not_overwritten() {
    let client = ledger_tables().await;
    let ledger = ledger_in(client.clone());
    let position = sent(&ledger, &event("a", 0)).await;
    client
        .update_item()
        .table_name("table")
        .key("phone_number", text(number().as_str()))
        .update_expression("SET #state = :listed, listed_at = :at ADD attempts :one")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":listed", text("listed"))
        .expression_attribute_values(":at", text("2026-03-02T11:00:00.123Z"))
        .expression_attribute_values(":one", count(1))
        .send()
        .await
        .expect("the table answers");
    ledger.mark_queued(&position, after(2)).await.expect("the table answers");
    let entry = entry(&ledger).await;
    assert_eq!((entry.state, entry.listed_at), (State::Listed, Some(after(1))));
}
