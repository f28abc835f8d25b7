//! Processes each request once and replays the stored response to retries.
//!
//! A request is claimed by one conditional write: when no one has claimed it, when its record has
//! expired, or when it is in progress with a lapsed lease. The lease is the invocation's own
//! deadline: an invocation cannot outlive it, so whoever holds a lapsed one is gone. Every claim
//! carries an owner token, and what is written later is conditional on it, so that a worker that
//! comes late cannot overwrite its successor: it gets [`IdempotencyError::Lost`]. Each write of an
//! owner has a revision as well: one that DynamoDB carries out late changes nothing, and one whose
//! answer was lost is known when it is made again.
//!
//! The table's key is `id` (text), its TTL attribute `expires_at` (epoch seconds). TTL deletes
//! late, so expiry is checked in the condition as well.

mod item;
mod key;

mod guard;

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{put_item::PutItemError, update_item::UpdateItemError},
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure::AllOld},
};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{aws::CallFailed, invocation};
pub use guard::ClaimGuard;
use item::{Item, Phase, number, text};
pub use key::{Key, key, key_of_body};

/// The shortest wait that is returned.
const RETRY_AFTER_MIN: Duration = Duration::from_secs(1);

/// The store of claims: one DynamoDB table.
#[derive(Debug, Clone)]
pub struct IdempotencyStore {
    client: Client,
    table: String,
}

/// Period for which a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Time at which the claim is made.
    pub from: DateTime<Utc>,
    /// End of the lease, at which its owner is no longer running.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// The lease of an invocation: from now to its deadline.
    pub fn of(context: &lambda_runtime::Context) -> Self {
        Self::starting(invocation::now(None), context)
    }

    /// The same for an invocation that takes place at `now`, which need not be the time of the
    /// clock.
    pub fn starting(now: DateTime<Utc>, context: &lambda_runtime::Context) -> Self {
        Self { from: now, until: now + invocation::left(context) }
    }
}

/// Result of claiming a request.
#[derive(Debug)]
pub enum Claim {
    /// It is ours: do the work, then [`ClaimGuard::complete`] it.
    Won(ClaimGuard),
    /// It was completed before, with this answer.
    Replay(Value),
    /// Another worker is processing it. Try again after that long.
    InProgress {
        /// Rest of the lease, at least a second.
        retry_after: Duration,
    },
    /// The same key came with another payload before.
    Mismatch,
}

/// Failure to make or keep a claim.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// The lease lapsed and another worker took over: stop, and change nothing.
    #[error("another worker has taken the request over")]
    Lost,
    /// The table holds something that this code did not write.
    #[error("the record of the request cannot be read: {0}")]
    Unreadable(String),
    /// DynamoDB refused or did not answer.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
}

impl IdempotencyStore {
    /// The claims in `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Asks for the request behind `key`. Its record is kept for `keep_for` from the claim on.
    pub async fn claim(
        &self,
        key: &Key,
        payload: &Value,
        lease: Lease,
        keep_for: Duration,
    ) -> Result<Claim, IdempotencyError> {
        let keep_seconds = keep_for.as_secs();
        let ours = Item {
            id: key.to_string(),
            phase: Phase::InProgress,
            claimed_by: ambient::id().to_string(),
            revision: ambient::id().to_string(),
            payload_hash: key::digest(payload),
            lease_until_ms: lease.until.timestamp_millis(),
            expires_at: lease.from.timestamp().saturating_add_unsigned(keep_seconds),
            progress: None,
            answer: None,
        };
        match self.put(&ours, lease.from).await? {
            Written::Yes => Ok(Claim::Won(ClaimGuard::new(self, ours))),
            Written::No(Some(found)) if found.is_abandoned_by_the_twin_of(&ours, lease.from) => {
                self.take_over(ours, &found, lease.from).await
            }
            Written::No(found) => Ok(self.judge(&ours, found, lease.from)),
        }
    }

    /// Writes the item unless it is claimed.
    async fn put(&self, ours: &Item, now: DateTime<Utc>) -> Result<Written, IdempotencyError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(ours.to_attributes()?))
            // Progress is worth keeping, and a put would wipe it out. An abandoned claim with
            // progress is taken over by a write of its own.
            .condition_expression(
                "attribute_not_exists(id) OR expires_at <= :now_s \
                 OR (phase = :in_progress AND lease_until_ms <= :now_ms \
                 AND payload_hash = :payload_hash AND attribute_not_exists(progress))",
            )
            .expression_attribute_values(":in_progress", text(Phase::IN_PROGRESS))
            .expression_attribute_values(":payload_hash", text(&ours.payload_hash))
            .expression_attribute_values(":now_s", number(now.timestamp()))
            .expression_attribute_values(":now_ms", number(now.timestamp_millis()))
            .return_values_on_condition_check_failure(AllOld);
        match put.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(Written::Yes),
            Err(PutItemError::ConditionalCheckFailedException(failure)) => {
                let found = failure.item.map(Item::from_attributes).transpose()?;
                Ok(Written::No(found))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Becomes the owner of an abandoned claim, unless another worker has just done so.
    async fn take_over(
        &self,
        mut ours: Item,
        abandoned: &Item,
        now: DateTime<Utc>,
    ) -> Result<Claim, IdempotencyError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(&ours.id))
            .update_expression(
                "SET claimed_by = :ours, lease_until_ms = :lease_until_ms, \
                 expires_at = :expires_at, revision = :revision",
            )
            .expression_attribute_values(":revision", text(&ours.revision))
            .condition_expression("claimed_by = :abandoned AND phase = :in_progress")
            .expression_attribute_values(":ours", text(&ours.claimed_by))
            .expression_attribute_values(":lease_until_ms", number(ours.lease_until_ms))
            .expression_attribute_values(":expires_at", number(ours.expires_at))
            .expression_attribute_values(":abandoned", text(&abandoned.claimed_by))
            .expression_attribute_values(":in_progress", text(Phase::IN_PROGRESS))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(AllOld);
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(written) => {
                let written = Item::from_attributes(written.attributes.unwrap_or_default())?;
                ours.progress = written.progress;
                Ok(Claim::Won(ClaimGuard::new(self, ours)))
            }
            Err(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                let found = failure.item.map(Item::from_attributes).transpose()?;
                Ok(self.judge(&ours, found, now))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Result of a claim when another item is stored.
    fn judge(&self, ours: &Item, found: Option<Item>, now: DateTime<Utc>) -> Claim {
        let Some(found) = found else {
            // Released between two reads: it is free for the next attempt.
            return Claim::InProgress { retry_after: RETRY_AFTER_MIN };
        };
        if found.payload_hash != ours.payload_hash {
            return Claim::Mismatch;
        }
        if found.claimed_by == ours.claimed_by {
            // Our own write arrived, its answer was lost, and the SDK wrote again.
            return Claim::Won(ClaimGuard::new(self, found));
        }
        match found.phase {
            Phase::Completed => Claim::Replay(found.answer.map(|text| text.0).unwrap_or_default()),
            Phase::InProgress => {
                let left_ms = found.lease_until_ms.saturating_sub(now.timestamp_millis());
                let left = Duration::from_millis(left_ms.try_into().unwrap_or_default());
                let retry_after = left.max(RETRY_AFTER_MIN);
                Claim::InProgress { retry_after }
            }
        }
    }
}

/// Result of a conditional write: done, or the item that is stored instead.
enum Written {
    Yes,
    No(Option<Item>),
}

fn failed(error: &(dyn std::error::Error + 'static)) -> IdempotencyError {
    CallFailed::new("DynamoDB", error).into()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_lease_ends_with_its_invocation_whatever_the_clock_shows() {
        let mut context = lambda_runtime::Context::default();
        let in_a_minute = Utc::now() + TimeDelta::minutes(1);
        context.deadline = in_a_minute.timestamp_millis().try_into().expect("in this age");
        let ahead = Utc::now() + TimeDelta::hours(3);
        let lease = Lease::starting(ahead, &context);
        assert_eq!(lease.from, ahead);
        assert!(lease.until > ahead && lease.until <= ahead + TimeDelta::minutes(1));
    }
}
