//! The opt-out ledger: who asked not to be called, when, and with what result.
//!
//! It is the evidence a regulator requests, and it decides whether an event sends its number to the
//! DNC queue. A number is `pending` from the request until it is `listed`, or until CXone refused
//! it for good (`failed`). Each time it becomes pending is a generation; a [`QueuePosition`] names
//! it, so that a step which comes late for one does nothing to the next.
//!
//! A pending number without `queued_at` was requested and not sent: the next delivery sends it. So
//! nothing is lost when a function dies between its write and its send. A number that has been in
//! the queue for as long as a listing may be old is sent again by the next delivery as well: its
//! message may be gone by then, to the dead letters or with a queue that was purged.
//!
//! There are two tables, and nothing in them expires. The first holds one entry per number: the
//! state, and totals. Its key is `phone_number` (text, E.164). The second is append-only: one
//! record per event, with when it was requested and when it came in, and one per generation that is
//! over, with when it was honored. Its keys are `phone_number` and `record` (text). An entry and
//! its records are written in one transaction; an entry without any is one conditional write.

mod entry;
mod history;
#[cfg(test)]
mod model;
mod store;
mod stored;
mod transition;

use std::{collections::HashMap, str::FromStr, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::scan::{ScanError, ScanOutput},
    types::{AttributeValue, TransactWriteItem},
};
use aws_smithy_async::future::pagination_stream::PaginationStream;
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use outbound::{DncRequest, E164, Evidence, called_party::Fact};
use settings::{Environment, settings};

use crate::aws::CallFailed;
pub use entry::{Entry, State};
pub use history::{Event, Generation, Record, StatedFact};
pub(crate) use store::read_entry;
use transition::Seen;

/// Entries that are written at once when they cannot be written together.
const WRITES_MAX: usize = 16;

settings! { env;
    /// The names of the ledger's tables.
    #[derive(Clone)]
    pub struct Tables {
        /// One entry per number.
        pub opt_outs: String = env.required("OPT_OUTS_TABLE"),
        /// The append-only records.
        pub history: String = env.required("OPT_OUT_HISTORY_TABLE"),
    }
}

/// The ledger: two DynamoDB tables.
#[derive(Debug, Clone)]
pub struct Ledger {
    client: Client,
    tables: Tables,
}

/// One request not to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOut {
    /// The number that must not be called.
    pub number: E164,
    /// The event that asked for it. The same id is the same event, delivered again.
    pub event_id: String,
    /// Type of the event, such as `contact.opt_out`.
    pub event_type: String,
    /// Time of the customer's request. A sender whose clock is ahead does not get to choose: a time
    /// after `received_at` counts as that.
    pub requested_at: DateTime<Utc>,
    /// Time at which the event arrived.
    pub received_at: DateTime<Utc>,
    /// Message in which the customer asked, if it was one.
    pub evidence: Evidence,
}

impl OptOut {
    /// The request in a message of the DNC queue.
    fn from_request(request: &DncRequest, received_at: DateTime<Utc>) -> Self {
        Self {
            number: request.phone_number.clone(),
            event_id: request.event_id.clone(),
            event_type: request.reason.as_str().to_owned(),
            requested_at: request.requested_at,
            received_at,
            evidence: Evidence::default(),
        }
        .bounded()
    }

    /// The request with a time that is not ahead, and an id that can be stored.
    fn bounded(&self) -> Self {
        let received_at = stored::to_the_millisecond(self.received_at);
        Self {
            event_id: stored::event_id(&self.event_id),
            requested_at: stored::to_the_millisecond(self.requested_at).min(received_at),
            received_at,
            ..self.clone()
        }
    }
}

/// Result of recording an opt-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Send the number to the DNC queue, then call [`Ledger::mark_queued`].
    Send(QueuePosition),
    /// It is on its way already.
    AlreadyPending,
    /// It is on the list already.
    AlreadyListed,
}

/// The position of a number in the DNC queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePosition {
    /// Time of the first request of this generation, which the queue's message carries so that a
    /// repeat does not send the number to the end of the line.
    pub pending_since: DateTime<Utc>,
    entry: Box<Entry>,
}

impl QueuePosition {
    fn of(entry: &Entry) -> Self {
        let pending_since = entry.pending_since.unwrap_or(entry.first_requested_at);
        Self { pending_since, entry: Box::new(entry.clone()) }
    }
}

/// The result of a call to CXone about a number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DncResult {
    /// CXone lists the number.
    Listed,
    /// CXone refused the number for good.
    Refused {
        /// CXone's error message.
        reason: String,
    },
    /// The call decided nothing.
    Postponed,
}

/// Age of a listing at which a new request lists the number again: the list may have been edited
/// since. Also the longest wait in the queue before a delivery sends the number again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelistAfter(Duration);

impl RelistAfter {
    /// Reads `RELIST_AFTER_HOURS`, 24 when it is not set.
    pub fn read(env: &mut Environment) -> Option<Self> {
        env.optional("RELIST_AFTER_HOURS", Self::hours(24))
    }

    /// That many hours.
    pub const fn hours(hours: u32) -> Self {
        Self(Duration::from_secs(hours as u64 * 3_600))
    }

    /// Returns whether this time has passed since an event, or there was none.
    fn is_over(self, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        since.is_none_or(|at| (now - at).to_std().is_ok_and(|passed| passed >= self.0))
    }
}

impl FromStr for RelistAfter {
    type Err = NotHours;

    fn from_str(hours: &str) -> Result<Self, Self::Err> {
        hours.parse().map(Self::hours).map_err(|_| NotHours)
    }
}

/// A text that is not a number of hours.
#[derive(Debug, thiserror::Error)]
#[error("expected a whole number of hours")]
pub struct NotHours;

/// Failure to read or write the ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Others wrote to the same number again and again. Worth a later retry.
    #[error("too many writers to one number at once")]
    Contended,
    /// The table holds something that this code did not write.
    #[error("an entry of the ledger cannot be read: {0}")]
    Unreadable(String),
    /// DynamoDB canceled a transaction for a reason that is not another writer, such as throttling.
    #[error("DynamoDB canceled a transaction: {0}")]
    Canceled(String),
    /// DynamoDB refused or did not answer.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
}

impl Ledger {
    /// The ledger in its tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }

    /// The entry of a number, strongly consistent.
    pub async fn entry(&self, number: &E164) -> Result<Option<Entry>, LedgerError> {
        let get = self.client.get_item().table_name(&self.tables.opt_outs);
        let get = get.set_key(Some(store::key(number))).consistent_read(true);
        let found = get.send().await.map_err(|error| failed(&error.into_service_error()))?;
        found.item.map(store::read_entry).transpose()
    }

    /// The history of a number: its events by id, its facts by id, then the generations that are
    /// over, by number.
    pub async fn history(&self, number: &E164) -> Result<Vec<Record>, LedgerError> {
        let query = self.client.query().table_name(&self.tables.history);
        let query = query
            .key_condition_expression("phone_number = :number")
            .expression_attribute_values(":number", AttributeValue::S(number.as_str().to_owned()))
            .consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut records = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed(&error.into_service_error()))?;
            records.push(serde_dynamo::from_item(item).map_err(|error| store::unreadable(&error))?);
        }
        Ok(records)
    }

    /// The write of a fact to the history, for a transaction, on condition that its event is not
    /// there.
    pub fn write_fact(&self, number: &E164, fact: &Fact) -> Result<TransactWriteItem, LedgerError> {
        store::put_record(&self.tables.history, &Record::of_fact(number, fact))
    }

    /// All entries, page by page, in no order.
    pub fn pages(&self) -> Pages {
        Pages(self.client.scan().table_name(&self.tables.opt_outs).into_paginator().send())
    }

    /// Records an opt-out and decides whether its number must be sent to the queue.
    pub async fn record(
        &self,
        opt_out: &OptOut,
        relist_after: RelistAfter,
        now: DateTime<Utc>,
    ) -> Result<Recorded, LedgerError> {
        let opt_out = opt_out.bounded();
        let decide = |seen: &Seen| transition::record(seen, &opt_out, relist_after, now);
        match self.change(Seen::default(), decide).await? {
            (Recorded::Send(_), Some(entry)) => Ok(Recorded::Send(QueuePosition::of(&entry))),
            (recorded, _) => Ok(recorded),
        }
    }

    /// Notes that a number is in the queue. It was not sent before `at`.
    pub async fn mark_queued(
        &self,
        position: &QueuePosition,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let generation = position.entry.generation;
        let queued = |seen: &Seen| {
            let entry = seen.entry.as_ref();
            (entry.and_then(|entry| transition::queued(entry, generation, at)), ())
        };
        let seen = Seen { entry: Some(position.entry.as_ref().clone()), is_recorded: true };
        self.change(seen, queued).await.map(drop)
    }

    /// Records the results of a call to CXone, in one transaction if no other writer changes any of
    /// the numbers meanwhile, else one by one. Each number is named once. `known` holds the entries
    /// that were read before; a number without one counts as new, and is read if it is not.
    ///
    /// Returns for each number whether this has listed it: true once in each generation, whoever
    /// else writes.
    pub async fn conclude(
        &self,
        results: Vec<(DncRequest, DncResult)>,
        known: &HashMap<E164, Entry>,
        at: DateTime<Utc>,
    ) -> Vec<(DncRequest, Result<bool, LedgerError>)> {
        let seen = |request: &DncRequest| known.get(&request.phone_number);
        let changes = results.iter().filter_map(|(request, result)| {
            let state = Seen { entry: seen(request).cloned(), is_recorded: false };
            Some((seen(request), transition::concluded(&state, request, result, at)?))
        });
        let together = self.change_together(changes.collect()).await;
        if matches!(together, Ok(true)) {
            let written = |(request, result): (DncRequest, DncResult)| {
                let lists = transition::lists(seen(&request), &result);
                (request, Ok(lists))
            };
            return results.into_iter().map(written).collect();
        }
        stream::iter(results)
            .map(async |(request, result)| {
                let decide = |seen: &Seen| {
                    let lists = transition::lists(seen.entry.as_ref(), &result);
                    (transition::concluded(seen, &request, &result, at), lists)
                };
                let state = Seen { entry: seen(&request).cloned(), is_recorded: false };
                let written = self.change(state, decide).await;
                (request, written.map(|(lists, _)| lists))
            })
            .buffer_unordered(WRITES_MAX)
            .collect()
            .await
    }
}

/// Pages of the ledger's entries.
#[derive(Debug)]
pub struct Pages(PaginationStream<Result<ScanOutput, SdkError<ScanError>>>);

impl Pages {
    /// The next page, if there is one.
    pub async fn next(&mut self) -> Option<Result<Vec<Entry>, LedgerError>> {
        let page = self.0.next().await?.map_err(|error| failed(&error.into_service_error()));
        let entries = |page: ScanOutput| {
            page.items.unwrap_or_default().into_iter().map(store::read_entry).collect()
        };
        Some(page.and_then(entries))
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> LedgerError {
    CallFailed::new("DynamoDB", error).into()
}
