//! Last writer wins by event time: an older event of a contact never overwrites a newer one.
//!
//! One event of a contact is written at a time, under a lock. The time of the newest event that was
//! written is kept, so that an older one is recognized. A lock expires some time after
//! the invocation that acquired it, since what CXone has not answered may yet be carried out.
//!
//! The table's key is `id` (text), its TTL attribute `expires_at` (epoch seconds).

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure::AllOld},
};
use chrono::{DateTime, TimeDelta, Utc};
use platform::{aws::CallFailed, idempotency::Lease};

/// Time that the newest event of a contact is kept. No event is delivered later.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// Time after which CXone has carried out a request, or never will: as long as a gateway waits.
const SETTLED: TimeDelta = TimeDelta::seconds(30);
/// No invocation holds the contact, and no newer event was written to it.
const IS_FREE_AND_NOT_NEWER: &str = "(attribute_not_exists(holder) OR lease_until_ms <= :now) \
                                     AND (attribute_not_exists(newest_us) OR newest_us <= :at)";

/// The newest event of each contact: one DynamoDB table.
#[derive(Debug, Clone)]
pub(crate) struct ContactEvents {
    client: Client,
    table: String,
}

/// Result of [`ContactEvents::acquire`].
#[derive(Debug)]
pub(crate) enum Acquire {
    /// Write the event, then [`commit`](ContactLock::commit).
    Acquired(ContactLock),
    /// A newer event has been written.
    Superseded,
    /// Another event of the contact is being written.
    Busy,
}

/// Lock of a contact, held to write one event.
#[derive(Debug)]
#[must_use = "a lock that is neither committed nor released blocks its contact until it expires"]
pub(crate) struct ContactLock {
    events: ContactEvents,
    contact_id: String,
    holder: String,
    happened_at: DateTime<Utc>,
}

impl ContactEvents {
    /// Uses the table of this name.
    pub(crate) fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Acquires the lock of a contact for an event that happened at `happened_at`. Of two events at
    /// the same instant, the one that arrives last wins.
    pub(crate) async fn acquire(
        &self,
        contact_id: &str,
        happened_at: DateTime<Utc>,
        lease: Lease,
    ) -> Result<Acquire, CallFailed> {
        let holder = ambient::id().to_string();
        let expires_at = (lease.from + REMEMBERED).timestamp();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(contact_id))
            .update_expression(
                "SET holder = :holder, lease_until_ms = :until, expires_at = :expires_at",
            )
            .condition_expression(IS_FREE_AND_NOT_NEWER)
            .expression_attribute_values(":holder", text(&holder))
            .expression_attribute_values(
                ":until",
                number((lease.until + SETTLED).timestamp_millis()),
            )
            .expression_attribute_values(":now", number(lease.from.timestamp_millis()))
            .expression_attribute_values(":at", number(happened_at.timestamp_micros()))
            .expression_attribute_values(":expires_at", number(expires_at))
            .return_values_on_condition_check_failure(AllOld);
        let found = match update.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => None,
            Err(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                Some(failure.item.unwrap_or_default())
            }
            Err(error) => return Err(CallFailed::new("DynamoDB", &error)),
        };
        Ok(match found {
            // Also when our own write arrived, its answer was lost, and the SDK wrote again.
            Some(found) if found.get("holder") != Some(&text(&holder)) => {
                if is_newer(&found, happened_at) { Acquire::Superseded } else { Acquire::Busy }
            }
            _ => Acquire::Acquired(ContactLock {
                events: self.clone(),
                contact_id: contact_id.to_owned(),
                holder,
                happened_at,
            }),
        })
    }
}

/// Returns whether an event that happened after `happened_at` has been written.
fn is_newer(found: &HashMap<String, AttributeValue>, happened_at: DateTime<Utc>) -> bool {
    let newest_us = found.get("newest_us").and_then(|value| value.as_n().ok()?.parse().ok());
    newest_us.is_some_and(|newest_us: i64| newest_us > happened_at.timestamp_micros())
}

impl ContactLock {
    /// Releases the lock of an event that was written: no older one is accepted from now on.
    pub(crate) async fn commit(self) -> Result<(), CallFailed> {
        let newest_us = number(self.happened_at.timestamp_micros());
        self.unlock("SET newest_us = :newest REMOVE holder, lease_until_ms", Some(newest_us)).await
    }

    /// Releases the lock of an event that was not written.
    pub(crate) async fn release(self) -> Result<(), CallFailed> {
        self.unlock("REMOVE holder, lease_until_ms", None).await
    }

    /// Changes nothing if the lock has expired and another holder has acquired it.
    async fn unlock(
        self,
        expression: &str,
        newest: Option<AttributeValue>,
    ) -> Result<(), CallFailed> {
        let Self { events: ContactEvents { client, table }, contact_id, holder, .. } = self;
        let update = client
            .update_item()
            .table_name(table)
            .key("id", text(&contact_id))
            .update_expression(expression)
            .condition_expression("holder = :holder")
            .expression_attribute_values(":holder", text(&holder));
        let update = match newest {
            Some(newest) => update.expression_attribute_values(":newest", newest),
            None => update,
        };
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(CallFailed::new("DynamoDB", &error)),
        }
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

#[cfg(test)]
mod tests;
