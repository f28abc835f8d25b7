//! Campaigns as the tables have them, and how they are taken to their end faster than they would
//! get there.

use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::{
    Sandbox,
    aws::Aws,
    clock::Clock,
    cxone::{Api, Cxone},
};

/// Step of the clock between two polls.
const STEP: TimeDelta = TimeDelta::minutes(10);
/// No campaign of the samples takes longer, a day around the world included.
const STEPS_MAX: usize = 600;

/// The schedule that has skills started and stopped, where no supervisor does.
pub const SKILL_CONTROL: &str = "SkillControlSchedule";

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
    runs_in(&sandbox.aws)
}

fn runs_in(aws: &Aws) -> anyhow::Result<Vec<Run>> {
    let items = aws.tables.items("RunsTable")?;
    let run = |item| serde_json::from_value(item).context("a run cannot be read");
    items.into_iter().map(run).collect()
}

/// Starts and stops the skills of campaigns as a supervisor does who knows their runs. Skills of
/// campaigns without runs stay as they are. The API v2 needs nobody for this.
pub(crate) fn supervise(aws: &Aws, cxone: &Cxone, now: DateTime<Utc>) -> anyhow::Result<()> {
    if cxone.api() == Api::V2 {
        return Ok(());
    }
    let runs = runs_in(aws)?;
    for skill in cxone.tenant().skills.values_mut() {
        skill.is_running = is_on(&runs, &skill.name, now).unwrap_or(skill.is_running);
    }
    Ok(())
}

/// Returns whether a run of a campaign is on, if it has any.
fn is_on(runs: &[Run], campaign: &str, now: DateTime<Utc>) -> Option<bool> {
    let mut own = runs.iter().filter(|run| run.campaign_id == campaign).peekable();
    own.peek()?;
    Some(own.any(|run| run.first_start <= now && now < run.last_end))
}

/// Supervises once a minute by the clock, until it is dropped.
pub(crate) async fn keep_supervising(aws: Arc<Aws>, cxone: Arc<Cxone>, clock: Arc<Clock>) {
    loop {
        let now = clock.now();
        if supervise(&aws, &cxone, now).is_err() {
            return;
        }
        clock.reach(now + TimeDelta::minutes(1)).await;
    }
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
        if sandbox.schedules.has(SKILL_CONTROL) {
            sandbox.schedules.fire(SKILL_CONTROL).await?;
        } else {
            supervise(&sandbox.aws, &sandbox.cxone, sandbox.clock.now())?;
        }
        sandbox.clock.advance(STEP);
        sandbox.schedules.fire("analytics-poller").await?;
    }
    bail!("campaigns are still running after {STEPS_MAX} polls")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_skill_runs_from_the_first_start_of_a_run_to_its_last_end() {
        let run = |first_start: i64, last_end: i64| {
            let run = json!({
                "campaign_id": "spring", "local_start": "2026-03-02T10:00", "expected": 40,
                "first_start": first_start, "last_end": last_end,
            });
            serde_json::from_value::<Run>(run).expect("a run")
        };
        let runs = [run(100, 200), run(300, 400)];
        let on = |campaign, second| {
            is_on(&runs, campaign, DateTime::from_timestamp(second, 0).expect("an instant"))
        };
        for (second, expected) in [(99, false), (100, true), (199, true), (200, false), (300, true)]
        {
            assert_eq!(on("spring", second), Some(expected), "{second}");
        }
        assert_eq!(on("autumn", 100), None, "a skill without runs stays as it is");
    }
}
