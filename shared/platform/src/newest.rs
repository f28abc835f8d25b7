//! Of all that is said about a subject, the newest stands, in whatever order it comes.
//!
//! Events of one subject take turns: whoever holds the turn may write what the event says, and
//! nobody else does meanwhile. Between two turns the time of the newest event is kept, so that one
//! that comes late is known to be too late. The turn ends with the invocation's lease, should its
//! holder die.
//!
//! The table's key is `id` (text), its TTL attribute `expires_at` (epoch seconds).

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure::AllOld},
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{aws::CallFailed, idempotency::Lease};

/// How long a subject's newest event is remembered. No event is delivered later.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// The shortest wait for a turn.
const RETRY_AFTER_MIN: Duration = Duration::from_secs(1);

/// The newest events: one DynamoDB table.
#[derive(Debug, Clone)]
pub struct Newest {
    client: Client,
    table: String,
}

/// What came of asking for a turn.
#[derive(Debug)]
pub enum Asked {
    /// It is ours: write what the event says, then [`Turn::end`] it.
    Ours(Turn),
    /// A newer event has been written.
    Superseded,
    /// Another event of the subject is being written. Ask again after that long.
    Busy {
        /// What is left of its lease, at least a second.
        retry_after: Duration,
    },
}

/// The right to write what an event says about its subject.
#[derive(Debug)]
#[must_use = "a turn that is not ended blocks its subject until the lease lapses"]
pub struct Turn {
    newest: Newest,
    subject: String,
    holder: String,
    at: DateTime<Utc>,
}

impl Newest {
    /// The newest events in `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Asks for the turn of an event that happened at `at`. Of two at the same instant, the one that
    /// comes last stands.
    pub async fn ask(
        &self,
        subject: &str,
        at: DateTime<Utc>,
        lease: Lease,
    ) -> Result<Asked, CallFailed> {
        let holder = Uuid::new_v4().to_string();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(subject))
            .update_expression(
                "SET holder = :holder, lease_until_ms = :until, expires_at = :expires_at",
            )
            .condition_expression(
                "(attribute_not_exists(holder) OR lease_until_ms <= :now) \
                 AND (attribute_not_exists(newest_us) OR newest_us <= :at)",
            )
            .expression_attribute_values(":holder", text(&holder))
            .expression_attribute_values(":until", number(lease.until.timestamp_millis()))
            .expression_attribute_values(":now", number(lease.from.timestamp_millis()))
            .expression_attribute_values(":at", number(at.timestamp_micros()))
            .expression_attribute_values(
                ":expires_at",
                number((lease.from + REMEMBERED).timestamp()),
            )
            .return_values_on_condition_check_failure(AllOld);
        let turn = |holder| Turn { newest: self.clone(), subject: subject.to_owned(), holder, at };
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(Asked::Ours(turn(holder))),
            Err(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                let found = failure.item.unwrap_or_default();
                // Our own write arrived, its answer was lost, and the SDK wrote again.
                if found.get("holder") == Some(&text(&holder)) {
                    return Ok(Asked::Ours(turn(holder)));
                }
                Ok(judge(&found, at, lease))
            }
            Err(error) => Err(CallFailed::new("DynamoDB", &error)),
        }
    }
}

fn judge(found: &HashMap<String, AttributeValue>, at: DateTime<Utc>, lease: Lease) -> Asked {
    let stored = |name| found.get(name)?.as_n().ok()?.parse::<i64>().ok();
    if stored("newest_us").is_some_and(|newest_us| newest_us > at.timestamp_micros()) {
        return Asked::Superseded;
    }
    let left_ms = stored("lease_until_ms").unwrap_or_default() - lease.from.timestamp_millis();
    let left = Duration::from_millis(left_ms.try_into().unwrap_or_default());
    Asked::Busy { retry_after: left.max(RETRY_AFTER_MIN) }
}

impl Turn {
    /// Ends the turn: the event is written, and no older one may be any more.
    pub async fn end(self) -> Result<(), CallFailed> {
        let newest_us = number(self.at.timestamp_micros());
        self.leave("SET newest_us = :newest REMOVE holder, lease_until_ms", Some(newest_us)).await
    }

    /// Gives the turn back: nothing is written.
    pub async fn give_back(self) -> Result<(), CallFailed> {
        self.leave("REMOVE holder, lease_until_ms", None).await
    }

    /// A turn that was lost to another holder changes nothing.
    async fn leave(
        self,
        expression: &str,
        newest: Option<AttributeValue>,
    ) -> Result<(), CallFailed> {
        let Self { newest: Newest { client, table }, subject, holder, .. } = self;
        let mut update = client
            .update_item()
            .table_name(table)
            .key("id", text(&subject))
            .update_expression(expression)
            .condition_expression("holder = :holder")
            .expression_attribute_values(":holder", text(&holder));
        if let Some(newest) = newest {
            update = update.expression_attribute_values(":newest", newest);
        }
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
