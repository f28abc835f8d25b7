//! The record of one run as it lies in the table.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{
    DateTime, TimeDelta, Utc,
    serde::{ts_seconds, ts_seconds_option},
};
use outbound::campaign::Progress;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Ended, Run, RunError, RunId, RunPlan, Submissions};

/// Value of the attribute `pending` while it is present.
pub(super) const YES: &str = "yes";
/// Time that a run is kept after its last zone: longer than a dead letter is kept.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Item {
    id: String,
    campaign_id: String,
    local_start: String,
    expected: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<Url>,
    #[serde(with = "ts_seconds")]
    first_start: DateTime<Utc>,
    #[serde(with = "ts_seconds")]
    last_end: DateTime<Utc>,
    completed: u64,
    attempted: u64,
    connected: u64,
    /// A set must not be empty in DynamoDB: it is absent then.
    #[serde(default, skip_serializing)]
    planned: BTreeSet<String>,
    #[serde(default, skip_serializing)]
    submitted: BTreeSet<String>,
    /// Windows as [`window_of`] writes them.
    #[serde(default, skip_serializing)]
    windows: BTreeSet<String>,
    refused: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
    #[serde(default, with = "ts_seconds_option", skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    #[serde(default, with = "ts_seconds_option", skip_serializing_if = "Option::is_none")]
    report_at: Option<DateTime<Utc>>,
    #[serde(default)]
    report_attempts: u32,
    #[serde(with = "ts_seconds")]
    opened_at: DateTime<Utc>,
    expires_at: i64,
}

impl Item {
    pub(super) fn opened(id: &RunId, plan: &RunPlan, now: DateTime<Utc>) -> Self {
        Self {
            id: id.to_string(),
            campaign_id: id.campaign_id.clone(),
            local_start: id.local_start(),
            expected: plan.expected,
            webhook_url: plan.webhook_url.clone(),
            first_start: plan.first_start,
            last_end: plan.last_end,
            completed: 0,
            attempted: 0,
            connected: 0,
            planned: BTreeSet::new(),
            submitted: BTreeSet::new(),
            windows: BTreeSet::new(),
            refused: BTreeMap::new(),
            pending: Some(YES.to_owned()),
            ended: None,
            ended_at: None,
            report_at: None,
            report_attempts: 0,
            opened_at: now,
            expires_at: expires_at(plan.last_end),
        }
    }

    pub(super) fn run(&self) -> Result<Run, RunError> {
        let id: RunId = self
            .id
            .parse()
            .map_err(|reason| RunError::Unreadable(format!("id `{}`: {reason}", self.id)))?;
        Ok(Run {
            id,
            plan: RunPlan {
                expected: self.expected,
                webhook_url: self.webhook_url.clone(),
                first_start: self.first_start,
                last_end: self.last_end,
            },
            submissions: self.clone().submissions(),
            progress: Progress {
                completed: self.completed,
                attempted: self.attempted,
                connected: self.connected,
            },
            ended: self.ended,
            ended_at: self.ended_at,
            report_at: self.report_at,
            report_attempts: self.report_attempts,
        })
    }

    pub(super) fn submissions(self) -> Submissions {
        let Self { planned, submitted, refused, windows, .. } = self;
        // A window that cannot be read is none: its zone is not called.
        let windows = windows.iter().filter_map(|window| read_window(window)).collect();
        Submissions { planned, submitted, refused, windows }
    }

    pub(super) fn into_attributes(self) -> Result<HashMap<String, AttributeValue>, RunError> {
        serde_dynamo::to_item(self).map_err(|error| unreadable(&error))
    }

    pub(super) fn from_attributes(
        attributes: HashMap<String, AttributeValue>,
    ) -> Result<Self, RunError> {
        serde_dynamo::from_item(attributes).map_err(|error| unreadable(&error))
    }
}

/// In epoch seconds.
pub(super) fn expires_at(last_end: DateTime<Utc>) -> i64 {
    (last_end + REMEMBERED).timestamp()
}

/// The window of a zone as a text: `America/New_York 1772463600 1772478000`, in epoch seconds.
pub(super) fn window_of(zone: &str, window: &Range<DateTime<Utc>>) -> String {
    format!("{zone} {} {}", window.start.timestamp(), window.end.timestamp())
}

fn read_window(text: &str) -> Option<(String, Range<DateTime<Utc>>)> {
    let mut parts = text.split(' ');
    let zone = parts.next()?.to_owned();
    let mut instant = || DateTime::from_timestamp(parts.next()?.parse().ok()?, 0);
    Some((zone, instant()?..instant()?))
}

fn unreadable(error: &serde_dynamo::Error) -> RunError {
    RunError::Unreadable(error.to_string())
}
