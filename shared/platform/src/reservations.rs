//! Places that callbacks hold in an hour of agents' time.
//!
//! One item per campaign and hour: how many places are taken, and by whom. A place is taken by one
//! conditional write, so that an hour is never booked beyond its agents however many ask at once.
//! Who holds one is written down beside the count: asking again for the same callback takes no
//! second place, and giving a place back that is not held changes nothing.
//!
//! The table's key is `id` (text), its TTL attribute `expires_at` (epoch seconds).

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, KeysAndAttributes, ReturnValuesOnConditionCheckFailure::AllOld},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;

use crate::aws::CallFailed;

/// How long an hour is remembered after it has begun.
const REMEMBERED: TimeDelta = TimeDelta::days(2);
/// How many items one call of DynamoDB reads.
const READ_MAX: usize = 100;
/// How often what DynamoDB left out is asked for again.
const READS_MAX: usize = 5;

/// The places that are taken: one DynamoDB table.
#[derive(Debug, Clone)]
pub struct Reservations {
    client: Client,
    table: String,
}

/// An hour of a campaign's agents.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AgentHour {
    /// The campaign.
    pub campaign_id: String,
    /// When the hour begins.
    pub begins_at: DateTime<Utc>,
}

/// What came of asking for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// The callback holds a place, since now or since it asked before.
    Held,
    /// All places are taken by others.
    Full,
}

/// Why places could not be read, taken or given back. Worth a later retry.
#[derive(Debug, thiserror::Error)]
pub enum ReservationError {
    /// DynamoDB refused or did not answer.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
    /// DynamoDB left out the same items again and again.
    #[error("DynamoDB is too busy to tell how many places are taken")]
    Busy,
    /// The table holds something that this code did not write.
    #[error("an hour cannot be read: {0}")]
    Unreadable(String),
}

#[derive(Deserialize)]
struct Taken {
    id: String,
    #[serde(default)]
    booked: u32,
}

impl AgentHour {
    fn id(&self) -> String {
        let begins_at = self.begins_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("{begins_at}#{}", self.campaign_id)
    }
}

impl Reservations {
    /// The places in `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// How many places are taken in each hour, in the order asked.
    pub async fn booked(&self, hours: &[AgentHour]) -> Result<Vec<u32>, ReservationError> {
        let ids: Vec<String> = hours.iter().map(AgentHour::id).collect();
        let mut booked = HashMap::new();
        for ids in ids.chunks(READ_MAX) {
            self.read(ids, &mut booked).await?;
        }
        Ok(ids.iter().map(|id| booked.get(id).copied().unwrap_or_default()).collect())
    }

    /// Takes one of `places` in an hour for a callback.
    pub async fn reserve(
        &self,
        hour: &AgentHour,
        places: u32,
        callback_id: &str,
    ) -> Result<Reserved, ReservationError> {
        // An hour nobody has asked for yet has no count that could be compared with none.
        if places == 0 {
            return Ok(Reserved::Full);
        }
        let expires_at = (hour.begins_at + REMEMBERED).timestamp();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(&hour.id()))
            .update_expression("ADD booked :one, holders :holder SET expires_at = :expires_at")
            .condition_expression(
                "(attribute_not_exists(booked) OR booked < :places) \
                 AND NOT contains(holders, :callback)",
            )
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":places", number(places.into()))
            .expression_attribute_values(":holder", AttributeValue::Ss(vec![callback_id.into()]))
            .expression_attribute_values(":callback", text(callback_id))
            .expression_attribute_values(":expires_at", number(expires_at))
            .return_values_on_condition_check_failure(AllOld);
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(Reserved::Held),
            Err(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                let holders = failure.item.as_ref().and_then(|item| item.get("holders"));
                let holders = holders.and_then(|holders| holders.as_ss().ok());
                let is_held = holders.is_some_and(|ids| ids.iter().any(|id| id == callback_id));
                Ok(if is_held { Reserved::Held } else { Reserved::Full })
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Gives a callback's place back, if it holds one.
    pub async fn release(
        &self,
        hour: &AgentHour,
        callback_id: &str,
    ) -> Result<(), ReservationError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(&hour.id()))
            .update_expression("ADD booked :minus_one DELETE holders :holder")
            .condition_expression("contains(holders, :callback)")
            .expression_attribute_values(":minus_one", number(-1))
            .expression_attribute_values(":holder", AttributeValue::Ss(vec![callback_id.into()]))
            .expression_attribute_values(":callback", text(callback_id));
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
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
                let taken: Taken = serde_dynamo::from_item(item)
                    .map_err(|error| ReservationError::Unreadable(error.to_string()))?;
                booked.insert(taken.id, taken.booked);
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
