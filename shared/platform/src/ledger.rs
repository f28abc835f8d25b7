//! The opt-out ledger: who asked not to be called, when, and what came of it.
//!
//! It is the evidence a regulator asks for, and it decides whether an event sends its number to
//! the DNC queue. A number is `pending` from the request until it is `listed`, or until CXone
//! refused it for good (`failed`). Each time it becomes pending is a round; a [`Place`] names the
//! round, so that a step which comes late for one round does nothing to the next.
//!
//! A pending number without `queued_at` has been asked for and not been sent: the next delivery
//! sends it. So nothing is lost when a function dies between its write and its send. A number that
//! has been in the queue for as long as a listing may be old is sent again by a new event: its
//! message may be gone by then, to the dead letters or with a queue that was purged.
//!
//! The table's key is `phone_number` (text, E.164). Nothing in it expires.

mod decision;
mod entry;
mod update;

use std::{str::FromStr, time::Duration};

use aws_sdk_dynamodb::{Client, error::SdkError, operation::update_item::UpdateItemError};
use chrono::{DateTime, Utc};
use outbound::{DncRequest, E164};
use settings::Environment;

use crate::aws::CallFailed;
pub use entry::{Entry, State};
use update::{Update, number, text, time};

/// How often a write is tried against other writers of the same number. Each failure means that
/// another one succeeded, so running out takes that many deliveries of one number at once.
const TRIES_MAX: usize = 20;

/// The longest reason that is kept, in characters.
const FAILURE_CHARS_MAX: usize = 500;

/// The ledger: one DynamoDB table.
#[derive(Debug, Clone)]
pub struct Ledger {
    client: Client,
    table: String,
}

/// One request not to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOut {
    /// Who must not be called.
    pub number: E164,
    /// The event that asked for it. The same id is the same event, delivered again.
    pub event_id: String,
    /// What kind of event it was, such as `contact.opt_out`.
    pub event_type: String,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
}

/// What to do about an opt-out that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Send the number to the DNC queue, then call [`Ledger::mark_queued`].
    Send(Place),
    /// It is on its way already.
    AlreadyPending,
    /// It is on the list already.
    AlreadyListed,
}

/// A number's place in line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// When the first request of this round was made: what the queue's message carries, so that
    /// a repeat does not send the number to the end of the line.
    pub pending_since: DateTime<Utc>,
    round: u64,
}

/// How old a listing must be for a new request to list the number again: somebody may have edited
/// the list since. And how long a number may wait in the queue before a new request sends it again.
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
}

impl FromStr for RelistAfter {
    type Err = NotHours;

    fn from_str(hours: &str) -> Result<Self, Self::Err> {
        hours.parse().map(Self::hours).map_err(|_| NotHours)
    }
}

/// A number of hours that is none.
#[derive(Debug, thiserror::Error)]
#[error("expected a whole number of hours")]
pub struct NotHours;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Others wrote to the same number again and again. Worth a later retry.
    #[error("too many writers to one number at once")]
    Contended,
    /// The table holds something that this code did not write.
    #[error("an entry of the ledger cannot be read: {0}")]
    Unreadable(String),
    /// DynamoDB refused or did not answer.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
}

impl Ledger {
    /// The ledger in `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// What is known about a number.
    pub async fn entry(&self, number: &E164) -> Result<Option<Entry>, LedgerError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("phone_number", text(number.as_str()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed(&error.into_service_error()))?;
        let entry = found.item.map(serde_dynamo::from_item).transpose();
        entry.map_err(|error| LedgerError::Unreadable(error.to_string()))
    }

    /// Takes an opt-out down and says whether its number must be sent to the queue.
    pub async fn record(
        &self,
        opt_out: &OptOut,
        relist_after: RelistAfter,
        now: DateTime<Utc>,
    ) -> Result<Recorded, LedgerError> {
        for _ in 0..TRIES_MAX {
            let entry = self.entry(&opt_out.number).await?;
            let decision = decision::decide(entry.as_ref(), opt_out, relist_after, now);
            let is_settled = match decision.update {
                None => true,
                Some(update) => self.write(&opt_out.number, update).await?,
            };
            if is_settled {
                return Ok(decision.recorded);
            }
        }
        Err(LedgerError::Contended)
    }

    /// Notes that the number of this place is in the queue. Does nothing when the round is over.
    pub async fn mark_queued(
        &self,
        number: &E164,
        place: &Place,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let update = Update::default()
            .only_if_state(State::Pending)
            .only_if("rounds = :round")
            .set("queued_at", ":queued_at")
            .value(":round", self::number(place.round))
            .value(":queued_at", time(at));
        self.write(number, update).await.map(drop)
    }

    /// Notes that CXone lists the number. A number that no event was recorded for, such as one
    /// queued by a disposition, gets its evidence from the request.
    pub async fn mark_listed(
        &self,
        request: &DncRequest,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let update = Update::default()
            .set_state(State::Listed)
            .set("listed_at", ":listed_at")
            .remove("failure")
            .value(":listed_at", time(at))
            .after_call_about(request);
        self.write(&request.phone_number, update).await.map(drop)
    }

    /// Notes that CXone refused the number, in its words. A number that is listed stays listed.
    pub async fn mark_failed(&self, request: &DncRequest, reason: &str) -> Result<(), LedgerError> {
        let reason: String = reason.chars().take(FAILURE_CHARS_MAX).collect();
        let update = Update::default()
            .only_if("(attribute_not_exists(#state) OR #state <> :listed)")
            .value(":listed", text(State::Listed.as_str()))
            .set_state(State::Failed)
            .set("failure", ":failure")
            .value(":failure", text(&reason))
            .after_call_about(request);
        self.write(&request.phone_number, update).await.map(drop)
    }

    /// Counts a call to CXone that settled nothing, if the ledger knows the number.
    pub async fn count_attempt(&self, number: &E164) -> Result<(), LedgerError> {
        let update = Update::default()
            .only_if("attribute_exists(#state)")
            .add("attempts", ":one")
            .value(":one", self::number(1));
        self.write(number, update).await.map(drop)
    }

    /// Whether the update was made: false when its condition did not hold.
    async fn write(&self, number: &E164, update: Update) -> Result<bool, LedgerError> {
        let written = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("phone_number", text(number.as_str()))
            .update_expression(update.expression())
            .set_condition_expression(update.condition())
            .expression_attribute_names("#state", "state")
            .set_expression_attribute_values(Some(update.into_values()))
            .send()
            .await;
        match written.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> LedgerError {
    CallFailed::new("DynamoDB", error).into()
}
