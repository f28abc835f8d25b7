//! How far the open runs are, and which of them are over.

use std::{collections::BTreeMap, time::Instant};

use chrono::{DateTime, TimeDelta, Utc};
use cxone::CampaignProgress;
use futures::{StreamExt, stream};
use platform::runs::{Ended, Progress, Run, RunError};

use crate::AnalyticsPoller;

/// How long after its last zone a run may still gain calls: agents finish those they are in, and
/// CXone's analytics lag behind.
const GRACE: TimeDelta = TimeDelta::hours(1);
/// How long after its last zone a run is given up of which CXone tells nothing.
const UNSEEN_MAX: TimeDelta = TimeDelta::hours(24);
/// Records that are written at once.
const WRITES_AT_ONCE: usize = 16;

/// What one look at all open runs found.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// Runs that are over, as they are recorded now.
    pub(crate) ended: Vec<Run>,
    /// How many could not be looked at.
    pub(crate) unseen: u64,
}

impl AnalyticsPoller {
    /// Looks at every run that has begun.
    pub(crate) async fn watch(&self, open: Vec<Run>, now: DateTime<Utc>, ends_at: Instant) -> Look {
        let mut look = Look::default();
        for (first_start, runs) in by_start(open, now) {
            let campaigns: Vec<String> =
                runs.iter().map(|run| run.id.campaign_id.clone()).collect();
            let seen = self.cxone.progress(&campaigns, &(first_start..now), ends_at).await;
            look.unseen += seen.iter().filter(|seen| seen.is_err()).count() as u64;
            let ended: Vec<Option<Run>> = stream::iter(runs.into_iter().zip(seen))
                .map(async |(run, seen)| self.look_at(&run, seen, now).await)
                .buffer_unordered(WRITES_AT_ONCE)
                .collect()
                .await;
            look.ended.extend(ended.into_iter().flatten());
        }
        look
    }

    /// Stores what was seen of a run, and ends it if it is over. Returns it if it ends here.
    async fn look_at(
        &self,
        run: &Run,
        seen: Result<CampaignProgress, cxone::Error>,
        now: DateTime<Utc>,
    ) -> Option<Run> {
        if let Err(why) = &seen {
            tracing::warn!(%why, run = %run.id, "a campaign cannot be watched");
        }
        self.judge(run, seen.ok(), now).await.unwrap_or_else(|error| {
            tracing::error!(%error, run = %run.id, "a run was not written");
            None
        })
    }

    async fn judge(
        &self,
        run: &Run,
        seen: Option<CampaignProgress>,
        now: DateTime<Utc>,
    ) -> Result<Option<Run>, RunError> {
        let progress = match seen {
            Some(seen) => self.runs.progress(run, stored(seen)).await?,
            None => run.progress,
        };
        match verdict(run, progress, seen.is_some(), now) {
            Some(ended) => self.runs.close(run, ended, now).await,
            None => Ok(None),
        }
    }
}

fn stored(seen: CampaignProgress) -> Progress {
    let CampaignProgress { completed, attempted, connected } = seen;
    Progress { completed, attempted, connected }
}

/// Whether a run is over, and how.
fn verdict(run: &Run, progress: Progress, is_seen: bool, now: DateTime<Utc>) -> Option<Ended> {
    let patience = if is_seen { GRACE } else { UNSEEN_MAX };
    if progress.completed >= run.plan.expected {
        Some(Ended::Completed)
    } else if now >= run.plan.last_end + patience {
        Some(Ended::TimedOut)
    } else {
        None
    }
}

/// Runs that have begun, those together that began at the same instant: one query counts the calls
/// of all of them since then. Those that began at another may not share it: calls of a campaign's
/// former run would count again.
fn by_start(open: Vec<Run>, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Vec<Run>)> {
    let mut groups: BTreeMap<DateTime<Utc>, Vec<Run>> = BTreeMap::new();
    for run in open.into_iter().filter(|run| run.plan.first_start < now) {
        groups.entry(run.plan.first_start).or_default().push(run);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    // When time or CXone's patience runs out, it is not always the same ones that are left out.
    fastrand::shuffle(&mut groups);
    groups
}

#[cfg(test)]
mod tests {
    use platform::runs::RunPlan;

    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().expect("an instant")
    }

    fn run(campaign: &str, first_start: &str) -> Run {
        Run {
            id: format!("2026-03-02T10:00#{campaign}").parse().expect("an id"),
            plan: RunPlan {
                expected: 40,
                webhook_url: None,
                first_start: at(first_start),
                last_end: at("2026-03-02T22:00:00Z"),
            },
            progress: Progress::default(),
            ended: None,
            ended_at: None,
            report_at: None,
            report_attempts: 0,
        }
    }

    fn judged(completed: u64, is_seen: bool, now: &str) -> Option<Ended> {
        let progress = Progress { completed, ..Progress::default() };
        verdict(&run("a", "2026-03-02T15:00:00Z"), progress, is_seen, at(now))
    }

    #[test]
    fn a_run_is_over_when_the_calls_are_made_or_the_time_is() {
        assert_eq!(judged(40, true, "2026-03-02T15:01:00Z"), Some(Ended::Completed));
        assert_eq!(judged(41, true, "2026-03-04T00:00:00Z"), Some(Ended::Completed));
        assert_eq!(judged(39, true, "2026-03-02T22:59:59Z"), None);
        assert_eq!(judged(39, true, "2026-03-02T23:00:00Z"), Some(Ended::TimedOut));
    }

    #[test]
    fn a_run_that_nobody_can_see_is_given_a_day() {
        assert_eq!(judged(39, false, "2026-03-03T21:59:59Z"), None);
        assert_eq!(judged(39, false, "2026-03-03T22:00:00Z"), Some(Ended::TimedOut));
    }

    #[test]
    fn only_runs_that_began_together_share_a_query() {
        let open = vec![
            run("a", "2026-03-02T15:00:00Z"),
            run("b", "2026-03-02T16:00:00Z"),
            run("c", "2026-03-02T15:00:00Z"),
            run("later", "2026-03-02T17:00:00Z"),
        ];
        let mut groups = by_start(open, at("2026-03-02T17:00:00Z"));
        groups.sort_by_key(|(start, _)| *start);
        let campaigns: Vec<Vec<&str>> = groups
            .iter()
            .map(|(_, runs)| runs.iter().map(|run| run.id.campaign_id.as_str()).collect())
            .collect();
        assert_eq!(campaigns, [vec!["a", "c"], vec!["b"]]);
    }
}
