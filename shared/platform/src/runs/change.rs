//! A conditional change of one run's record.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue},
};
use chrono::{DateTime, Utc};
use outbound::campaign::Progress;

use super::{
    Ended, RunError, RunId, RunPlan, Runs, failed,
    item::{Item, YES, expires_at, window_of},
};

/// Change with its condition. A run that is not there is never made by a change.
#[derive(Debug, Default)]
pub(super) struct Change {
    expression: String,
    condition: &'static str,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Change {
    pub(super) fn new(expression: impl Into<String>, condition: &'static str) -> Self {
        Self { expression: expression.into(), condition, ..Self::default() }
    }

    pub(super) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// A new plan for a run that is still open and as it was read.
    pub(super) fn of_plan(read: &RunPlan, plan: &RunPlan) -> Self {
        const SET: &str = "SET expected = :expected, first_start = :first_start, \
                           last_end = :last_end, expires_at = :expires_at";
        const AS_READ: &str = "attribute_not_exists(ended) AND first_start = :first_read \
                               AND last_end = :last_read";
        let change = match &plan.webhook_url {
            Some(url) => Self::new(format!("{SET}, webhook_url = :webhook_url"), AS_READ)
                .value(":webhook_url", text(url.as_str())),
            None => Self::new(format!("{SET} REMOVE webhook_url"), AS_READ),
        };
        change
            .value(":expected", number(plan.expected))
            .value(":first_start", time(plan.first_start))
            .value(":last_end", time(plan.last_end))
            .value(":expires_at", number(expires_at(plan.last_end)))
            .value(":first_read", time(read.first_start))
            .value(":last_read", time(read.last_end))
    }

    pub(super) fn of_planned(zones: &[String]) -> Self {
        Self::new("ADD planned :zones", "attribute_exists(id)")
            .value(":zones", AttributeValue::Ss(zones.to_vec()))
    }

    pub(super) fn of_submitted(zones: &[String]) -> Self {
        Self::new("ADD submitted :zones", "attribute_exists(id)")
            .value(":zones", AttributeValue::Ss(zones.to_vec()))
    }

    pub(super) fn of_windows(windows: &BTreeMap<String, Range<DateTime<Utc>>>) -> Self {
        let windows = windows.iter().map(|(zone, window)| window_of(zone, window)).collect();
        Self::new("ADD windows :windows", "attribute_exists(id)")
            .value(":windows", AttributeValue::Ss(windows))
    }

    pub(super) fn of_refused(refused: &[(String, String)]) -> Self {
        let sets = (0..refused.len()).map(|index| format!("refused.#zone{index} = :words{index}"));
        let sets: Vec<String> = sets.collect();
        let mut change = Self::new(format!("SET {}", sets.join(", ")), "attribute_exists(id)");
        for (index, (zone, message)) in refused.iter().enumerate() {
            change.names.insert(format!("#zone{index}"), zone.clone());
            change.values.insert(format!(":words{index}"), text(message));
        }
        change
    }

    /// New counts for an open run whose counts are as they were read.
    pub(super) fn of_progress(read: Progress, progress: Progress) -> Self {
        Self::new(
            "SET completed = :completed, attempted = :attempted, connected = :connected",
            "attribute_not_exists(ended) AND completed = :completed_read \
             AND attempted = :attempted_read AND connected = :connected_read",
        )
        .value(":completed", number(progress.completed))
        .value(":attempted", number(progress.attempted))
        .value(":connected", number(progress.connected))
        .value(":completed_read", number(read.completed))
        .value(":attempted_read", number(read.attempted))
        .value(":connected_read", number(read.connected))
    }

    /// The end of an open run. It stays pending if it is to be reported.
    ///
    /// By `ended_by` it recognizes its own write, whose answer may have been lost.
    pub(super) fn of_end(ended: Ended, is_reported: bool, now: DateTime<Utc>) -> Self {
        let change = if is_reported {
            Self::new(
                "SET ended = :ended, ended_at = :now, ended_by = :ended_by, report_at = :now",
                "attribute_exists(id) AND attribute_exists(webhook_url) \
                 AND (attribute_not_exists(ended) OR ended_by = :ended_by)",
            )
        } else {
            Self::new(
                "SET ended = :ended, ended_at = :now, ended_by = :ended_by REMOVE pending",
                "attribute_exists(id) AND attribute_not_exists(webhook_url) \
                 AND (attribute_not_exists(ended) OR ended_by = :ended_by)",
            )
        };
        change
            .value(":ended", text(ended.as_str()))
            .value(":ended_by", text(ambient::id().to_string()))
            .value(":now", time(now))
    }
}

impl Runs {
    /// Changes a run's record and returns it as it is then, or `None` when the condition does not
    /// hold.
    pub(super) async fn change(
        &self,
        id: &RunId,
        change: Change,
    ) -> Result<Option<Item>, RunError> {
        let Change { expression, condition, names, values } = change;
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(id.to_string()))
            .update_expression(expression)
            .condition_expression(condition)
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values(Some(values))
            .return_values(ReturnValue::AllNew);
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(changed) => changed.attributes.map(Item::from_attributes).transpose(),
            Err(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }
}

pub(super) fn pending() -> AttributeValue {
    text(YES)
}

pub(super) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn number(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// In epoch seconds.
pub(super) fn time(time: DateTime<Utc>) -> AttributeValue {
    number(time.timestamp())
}
