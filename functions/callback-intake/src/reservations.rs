//! Bookings of callbacks in an hour of agents' time.
//!
//! One item per campaign and hour of the clock: the number of bookings, and their holders. A booking
//! is one conditional write, so that an hour is never booked beyond its agents however many ask at
//! once. Holders are stored beside the count: asking again for the same holder books nothing more,
//! and a release of what is not held changes nothing. A holder can be withdrawn as well: then a
//! booking for it that arrives late is refused.
//!
//! The table's key is `id` (text), its TTL attribute `expires_at` (epoch seconds).

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, KeysAndAttributes, ReturnValuesOnConditionCheckFailure::AllOld},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use outbound::callback::dispatch::clock_hour;
use platform::aws::CallFailed;
use serde::Deserialize;

/// Time that an hour is kept after it has begun.
const REMEMBERED: TimeDelta = TimeDelta::days(2);
/// Most items that one call of DynamoDB reads.
const READ_MAX: usize = 100;
/// Most calls to read items that DynamoDB left out.
const READS_MAX: usize = 5;
/// Most attempts to withdraw a booking: a late one arrives once.
const WITHDRAWALS_MAX: usize = 5;

/// The bookings: one DynamoDB table.
#[derive(Debug, Clone)]
pub(crate) struct Reservations {
    client: Client,
    table: String,
}

/// An hour of a campaign's agents. Times in one hour of the clock are the same hour: of forecasts
/// whose hours overlap, no agent is booked twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AgentHour {
    /// The campaign.
    pub(crate) campaign_id: String,
    /// A time in the hour.
    pub(crate) begins_at: DateTime<Utc>,
}

/// The result of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reserved {
    /// It is held, since now or since an earlier attempt.
    Held,
    /// All agents are booked by others, or the holder was withdrawn.
    Full,
}

/// Failure to read, make or release bookings. Worth a later retry.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReservationError {
    /// DynamoDB refused or did not answer.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
    /// DynamoDB left out the same items again and again.
    #[error("DynamoDB is too busy to return the number of bookings")]
    Busy,
    /// The table holds something that this code did not write.
    #[error("an hour cannot be read: {0}")]
    Unreadable(String),
}

#[derive(Deserialize)]
struct Count {
    id: String,
    #[serde(default)]
    booked: u32,
}

impl AgentHour {
    fn id(&self) -> String {
        let begins_at = clock_hour(self.begins_at).to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("{begins_at}#{}", self.campaign_id)
    }

    fn expires_at(&self) -> i64 {
        (self.begins_at + REMEMBERED).timestamp()
    }
}

impl Reservations {
    /// The bookings in `table`.
    pub(crate) fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The number of bookings in each hour, in the order of `hours`.
    pub(crate) async fn booked(&self, hours: &[AgentHour]) -> Result<Vec<u32>, ReservationError> {
        let ids: Vec<String> = hours.iter().map(AgentHour::id).collect();
        let mut booked = HashMap::new();
        for ids in ids.chunks(READ_MAX) {
            self.read(ids, &mut booked).await?;
        }
        Ok(ids.iter().map(|id| booked.get(id).copied().unwrap_or_default()).collect())
    }

    /// Books one of `agents` in an hour for a holder.
    pub(crate) async fn reserve(
        &self,
        hour: &AgentHour,
        agents: u32,
        holder: &str,
    ) -> Result<Reserved, ReservationError> {
        // An hour without a booking yet has no count that could be compared with none.
        if agents == 0 {
            return Ok(Reserved::Full);
        }
        let booked = self
            .update(hour, holder, "ADD booked :one, holders :holders SET expires_at = :expires_at")
            .condition_expression(
                "(attribute_not_exists(booked) OR booked < :agents) \
                 AND NOT contains(holders, :holder) AND NOT contains(withdrawn, :holder)",
            )
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":agents", number(agents.into()))
            .expression_attribute_values(":expires_at", number(hour.expires_at()))
            .return_values_on_condition_check_failure(AllOld);
        match booked.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(Reserved::Held),
            Err(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                let holders = failure.item.as_ref().and_then(|item| item.get("holders"));
                let holders = holders.and_then(|holders| holders.as_ss().ok());
                let is_held = holders.is_some_and(|ids| ids.iter().any(|id| id == holder));
                Ok(if is_held { Reserved::Held } else { Reserved::Full })
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Releases what a holder has booked, if anything.
    pub(crate) async fn release(
        &self,
        hour: &AgentHour,
        holder: &str,
    ) -> Result<(), ReservationError> {
        let released = self.update(hour, holder, "ADD booked :minus_one DELETE holders :holders");
        self.release_by(released).await.map(drop)
    }

    /// Releases what a holder has booked, and refuses any booking for it from now on: one that an
    /// attempt which is gone had under way may still arrive.
    pub(crate) async fn withdraw(
        &self,
        hour: &AgentHour,
        holder: &str,
    ) -> Result<(), ReservationError> {
        for _ in 0..WITHDRAWALS_MAX {
            let held = "ADD booked :minus_one, withdrawn :holders DELETE holders :holders";
            if self.release_by(self.update(hour, holder, held)).await? {
                return Ok(());
            }
            let not_held = self
                .update(hour, holder, "ADD withdrawn :holders SET expires_at = :expires_at")
                .condition_expression("NOT contains(holders, :holder)")
                .expression_attribute_values(":expires_at", number(hour.expires_at()));
            match not_held.send().await.map_err(SdkError::into_service_error) {
                Ok(_) => return Ok(()),
                // It has just arrived.
                Err(UpdateItemError::ConditionalCheckFailedException(_)) => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        Err(ReservationError::Busy)
    }

    /// Makes an update that releases a holder's booking. False when it has none.
    async fn release_by(&self, update: UpdateItemFluentBuilder) -> Result<bool, ReservationError> {
        let released = update
            .condition_expression("contains(holders, :holder)")
            .expression_attribute_values(":minus_one", number(-1));
        match released.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }

    fn update(&self, hour: &AgentHour, holder: &str, expression: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("id", text(&hour.id()))
            .update_expression(expression)
            .expression_attribute_values(":holders", AttributeValue::Ss(vec![holder.into()]))
            .expression_attribute_values(":holder", text(holder))
    }

    async fn read(
        &self,
        ids: &[String],
        booked: &mut HashMap<String, u32>,
    ) -> Result<(), ReservationError> {
        let keys = ids.iter().map(|id| HashMap::from([("id".to_owned(), text(id))])).collect();
        let asked = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .projection_expression("id, booked")
            .consistent_read(true)
            .build()
            .map_err(|error| CallFailed::new("DynamoDB", &error))?;
        let mut left = HashMap::from([(self.table.clone(), asked)]);
        for _ in 0..READS_MAX {
            let answer = self
                .client
                .batch_get_item()
                .set_request_items(Some(left))
                .send()
                .await
                .map_err(|error| failed(&error.into_service_error()))?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                let count: Count = serde_dynamo::from_item(item)
                    .map_err(|error| ReservationError::Unreadable(error.to_string()))?;
                booked.insert(count.id, count.booked);
            }
            left = answer.unprocessed_keys.unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(ReservationError::Busy)
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> ReservationError {
    CallFailed::new("DynamoDB", error).into()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

#[cfg(test)]
mod tests;
