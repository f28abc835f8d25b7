//! The runs of campaigns: what was submitted for each, how far it is, and which receiver got its
//! report.
//!
//! A run is a campaign and a local start time: all time zones start it at that hour of their own.
//! The scheduler opens it; the poller counts its calls, closes it and reports its end. Each of
//! these is one conditional write, so that it happens once however many invocations try.
//!
//! The table's key is `id` (text), its TTL attribute `expires_at` (epoch seconds). The sparse index
//! `Pending` over the attribute `pending` holds the runs that the poller still has something to do
//! for.

mod change;
mod id;
mod item;
mod report;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use aws_sdk_dynamodb::{Client, error::SdkError, operation::put_item::PutItemError};
use chrono::{DateTime, Utc};
use outbound::campaign::Progress;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::aws::CallFailed;
use change::{Change, text};
pub use id::{MalformedRunId, RunId};
use item::Item;
pub use report::Attempt;

/// The index of runs that the poller still has something to do for.
const PENDING: &str = "Pending";
/// Most attempts to write while others are faster. Each time, another write succeeded.
const TRIES_MAX: usize = 10;
/// Most zones in one write. An expression must not grow beyond 4 KiB.
const ZONES_PER_WRITE: usize = 50;

/// The runs: one DynamoDB table.
#[derive(Debug, Clone)]
pub struct Runs {
    client: Client,
    table: String,
}

/// Plan of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlan {
    /// The completed calls that make it complete.
    pub expected: u64,
    /// Receiver of its report.
    pub webhook_url: Option<Url>,
    /// Start of the first zone.
    pub first_start: DateTime<Utc>,
    /// End of the last zone.
    pub last_end: DateTime<Utc>,
}

/// The zones of a run, and CXone's answers about them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submissions {
    /// Zones that are to have a schedule. A run of version 0.1.0 does not have them.
    pub planned: BTreeSet<String>,
    /// Zones with a schedule.
    pub submitted: BTreeSet<String>,
    /// Zones that CXone refused, with its message.
    pub refused: BTreeMap<String, String>,
    /// Windows of zones with a schedule. They are kept only where skills are started and stopped by
    /// them.
    pub windows: BTreeMap<String, Range<DateTime<Utc>>>,
}

/// End of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// As many calls were completed as expected.
    Completed,
    /// They were not, and there is no more time for them.
    TimedOut,
}

impl Ended {
    /// Value that is stored and reported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::TimedOut => "timed_out",
        }
    }
}

/// A run as its record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Id of the run.
    pub id: RunId,
    /// Plan of the run.
    pub plan: RunPlan,
    /// The zones it is planned for, and those that have a schedule.
    pub submissions: Submissions,
    /// The calls so far.
    pub progress: Progress,
    /// End of the run. `None` while it is open.
    pub ended: Option<Ended>,
    /// Time at which the end was found.
    pub ended_at: Option<DateTime<Utc>>,
    /// Time at which its end is to be reported, or reported again.
    pub report_at: Option<DateTime<Utc>>,
    /// Number of failed reports.
    pub report_attempts: u32,
}

/// Failure to read or write a run. Worth a later retry.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// DynamoDB refused or did not answer.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
    /// Others changed the run again and again.
    #[error("others keep changing the record of the run")]
    Busy,
    /// The table holds something that this code did not write.
    #[error("the record of a run cannot be read: {0}")]
    Unreadable(String),
}

impl Runs {
    /// The runs in `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Opens a run, or takes a new plan over into one that is open: the earlier start and the later
    /// end hold. One that has ended stays as it is. Returns what was submitted for it so far.
    pub async fn open(
        &self,
        id: &RunId,
        plan: &RunPlan,
        now: DateTime<Utc>,
    ) -> Result<Submissions, RunError> {
        for _ in 0..TRIES_MAX {
            let Some(known) = self.get(id).await? else {
                if self.create(id, plan, now).await? {
                    return Ok(Submissions::default());
                }
                continue;
            };
            let run = known.run()?;
            let widened = RunPlan {
                first_start: run.plan.first_start.min(plan.first_start),
                last_end: run.plan.last_end.max(plan.last_end),
                ..plan.clone()
            };
            let is_done = run.ended.is_some() || run.plan == widened;
            if is_done || self.change(id, Change::of_plan(&run.plan, &widened)).await?.is_some() {
                return Ok(known.submissions());
            }
        }
        Err(RunError::Busy)
    }

    /// Writes down which zones are to have a schedule, beside those that were planned before.
    pub async fn plan(&self, id: &RunId, zones: &[String]) -> Result<(), RunError> {
        if !zones.is_empty() {
            self.change(id, Change::of_planned(zones)).await?;
        }
        Ok(())
    }

    /// Records which zones have a schedule by now, and which CXone refused, with its message.
    pub async fn record(
        &self,
        id: &RunId,
        submitted: &[String],
        refused: &[(String, String)],
    ) -> Result<(), RunError> {
        if !submitted.is_empty() {
            self.change(id, Change::of_submitted(submitted)).await?;
        }
        for refused in refused.chunks(ZONES_PER_WRITE) {
            self.change(id, Change::of_refused(refused)).await?;
        }
        Ok(())
    }

    /// Writes down the windows of zones that have a schedule, beside those that were written before.
    pub async fn keep_windows(
        &self,
        id: &RunId,
        windows: &BTreeMap<String, Range<DateTime<Utc>>>,
    ) -> Result<(), RunError> {
        if !windows.is_empty() {
            self.change(id, Change::of_windows(windows)).await?;
        }
        Ok(())
    }

    /// Every run that the poller still has something to do for. One that cannot be read is logged
    /// and left out.
    pub async fn pending(&self) -> Result<Vec<Run>, RunError> {
        self.scan(Some(PENDING)).await
    }

    /// Every run that is kept, as [`Runs::pending`] reads them.
    pub async fn all(&self) -> Result<Vec<Run>, RunError> {
        self.scan(None).await
    }

    async fn scan(&self, index: Option<&str>) -> Result<Vec<Run>, RunError> {
        let scan = self.client.scan().table_name(&self.table);
        let scan = scan.set_index_name(index.map(str::to_owned));
        let mut items = scan.into_paginator().items().send();
        let mut runs = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed(&error.into_service_error()))?;
            match Item::from_attributes(item).and_then(|item| item.run()) {
                Ok(run) => runs.push(run),
                Err(error) => tracing::error!(%error, "a run is left out"),
            }
        }
        Ok(runs)
    }

    /// Stores how many calls were seen. A count never goes back. Returns what is stored now.
    pub async fn progress(&self, run: &Run, seen: Progress) -> Result<Progress, RunError> {
        let mut known = run.progress;
        for _ in 0..TRIES_MAX {
            let highest = known.max(seen);
            if highest == known {
                return Ok(known);
            }
            if self.change(&run.id, Change::of_progress(known, highest)).await?.is_some() {
                return Ok(highest);
            }
            match self.get(&run.id).await?.map(|item| item.run()).transpose()? {
                Some(found) if found.ended.is_none() => known = found.progress,
                Some(found) => return Ok(found.progress),
                None => return Ok(known),
            }
        }
        Err(RunError::Busy)
    }

    /// Ends an open run. Returns it as it is then, or `None` when another writer has ended it or
    /// changed its receiver just now.
    pub async fn close(
        &self,
        run: &Run,
        ended: Ended,
        now: DateTime<Utc>,
    ) -> Result<Option<Run>, RunError> {
        let change = Change::of_end(ended, run.plan.webhook_url.is_some(), now);
        self.change(&run.id, change).await?.map(|item| item.run()).transpose()
    }

    async fn create(
        &self,
        id: &RunId,
        plan: &RunPlan,
        now: DateTime<Utc>,
    ) -> Result<bool, RunError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(Item::opened(id, plan, now).into_attributes()?))
            .condition_expression("attribute_not_exists(id)");
        match put.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn get(&self, id: &RunId) -> Result<Option<Item>, RunError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("id", text(id.to_string()))
            .consistent_read(true);
        let found = get.send().await.map_err(|error| failed(&error.into_service_error()))?;
        found.item.map(Item::from_attributes).transpose()
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> RunError {
    CallFailed::new("DynamoDB", error).into()
}
