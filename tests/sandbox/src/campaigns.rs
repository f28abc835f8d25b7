//! Campaigns as the tables have them, and how they are taken to their end faster than they would
//! get there.

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::Sandbox;

/// Step of the clock between two polls.
const STEP: TimeDelta = TimeDelta::minutes(10);
/// No campaign of the samples takes longer, a day around the world included.
const STEPS_MAX: usize = 600;

/// A run of a campaign.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// The campaign.
    pub campaign_id: String,
    /// Start by the local clock, as `2026-03-02T10:00`.
    pub local_start: String,
    /// `completed` or `timed_out`; otherwise `open`.
    #[serde(rename = "ended", default = "open")]
    pub state: String,
    /// Number of calls expected.
    pub expected: u64,
    /// Number of calls completed.
    #[serde(default)]
    pub completed: u64,
    /// The zones that have a schedule.
    #[serde(default)]
    pub submitted: Vec<String>,
    /// Start of the first zone.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub first_start: DateTime<Utc>,
    /// End of the last zone.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub last_end: DateTime<Utc>,
    /// Present while the poller has work left for the run.
    #[serde(default)]
    pending: Option<String>,
}

fn open() -> String {
    "open".to_owned()
}

impl Run {
    /// Returns whether the poller has work left for the run.
    pub fn is_pending(&self) -> bool {
        self.pending.is_some()
    }
}

/// All runs that are recorded.
pub fn runs(sandbox: &Sandbox) -> anyhow::Result<Vec<Run>> {
    let items = sandbox.aws.tables.items("RunsTable")?;
    let run = |item| serde_json::from_value(item).context("a run cannot be read");
    items.into_iter().map(run).collect()
}

/// Puts the clock forward and polls, again and again, until every run has ended and been reported.
/// `show` receives the progress.
pub async fn run_to_the_end(
    sandbox: &Sandbox,
    mut show: impl FnMut(&[Run], DateTime<Utc>),
) -> anyhow::Result<()> {
    for _ in 0..STEPS_MAX {
        let runs = runs(sandbox)?;
        show(&runs, sandbox.clock.now());
        let Some(first_start) =
            runs.iter().filter(|run| run.is_pending()).map(|r| r.first_start).min()
        else {
            return Ok(());
        };
        sandbox.clock.advance_to(first_start);
        sandbox.clock.advance(STEP);
        sandbox.schedules.fire("analytics-poller").await?;
    }
    bail!("campaigns are still running after {STEPS_MAX} polls")
}
