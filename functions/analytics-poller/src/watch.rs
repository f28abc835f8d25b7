//! Progress of the open runs, and the end of those that are over.

use std::collections::BTreeMap;

use ambient::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use outbound::{Tz, campaign::Progress, zone};
use platform::runs::{Ended, Run, RunError};

use crate::AnalyticsPoller;

/// Time after its last zone during which a run may still gain calls: agents finish those they are
/// in, and CXone's analytics lag behind.
const GRACE: TimeDelta = TimeDelta::hours(1);
/// Time after its last zone at which a run without any analytics is closed.
const UNSEEN_MAX: TimeDelta = TimeDelta::hours(24);
/// Time after its first zone at which a run without calls is reported.
const SILENT_MAX: TimeDelta = TimeDelta::hours(1);
/// For how long a start counts as missed: it cannot be made up for.
const MISSED_FOR: TimeDelta = TimeDelta::hours(1);
/// Most zones that one line of the log names.
const ZONES_NAMED_MAX: usize = 20;
/// Records that are written at once.
const WRITES_AT_ONCE: usize = 16;

/// Findings about all open runs.
#[derive(Debug, Default)]
pub(crate) struct PollResult {
    /// Runs that are over, as they are recorded now.
    pub(crate) ended: Vec<Run>,
    /// Runs whose progress could not be read.
    pub(crate) unseen: u64,
    /// Runs that should be calling and are not.
    pub(crate) silent: u64,
    /// Starts in time zones that have just passed without a schedule.
    pub(crate) missed: u64,
}

/// Findings about one run.
#[derive(Debug, Default)]
struct RunResult {
    ended: Option<Run>,
    is_silent: bool,
}

impl AnalyticsPoller {
    /// Polls the progress of every run that has begun.
    pub(crate) async fn watch(
        &self,
        open: Vec<Run>,
        now: DateTime<Utc>,
        ends_at: Instant,
    ) -> PollResult {
        let missed = open.iter().map(|run| missed_starts(run, now)).sum();
        let mut result = PollResult { missed, ..PollResult::default() };
        for (first_start, runs) in by_start(open, now) {
            let campaigns: Vec<String> =
                runs.iter().map(|run| run.id.campaign_id.clone()).collect();
            let seen = self.cxone.progress(&campaigns, &(first_start..now), ends_at).await;
            result.unseen += seen.iter().filter(|seen| seen.is_err()).count() as u64;
            let seen: Vec<RunResult> = stream::iter(runs.into_iter().zip(seen))
                .map(async |(run, seen)| self.poll_run(&run, seen, now).await)
                .buffer_unordered(WRITES_AT_ONCE)
                .collect()
                .await;
            result.silent += seen.iter().filter(|seen| seen.is_silent).count() as u64;
            result.ended.extend(seen.into_iter().filter_map(|seen| seen.ended));
        }
        result
    }

    /// Stores what was seen of a run, and ends it if it is over.
    async fn poll_run(
        &self,
        run: &Run,
        seen: Result<Progress, cxone::Error>,
        now: DateTime<Utc>,
    ) -> RunResult {
        if let Err(why) = &seen {
            tracing::warn!(%why, run = %run.id, "a campaign cannot be watched");
        }
        self.judge(run, seen.ok(), now).await.unwrap_or_else(|error| {
            tracing::error!(%error, run = %run.id, "a run was not written");
            RunResult::default()
        })
    }

    async fn judge(
        &self,
        run: &Run,
        seen: Option<Progress>,
        now: DateTime<Utc>,
    ) -> Result<RunResult, RunError> {
        let progress = match seen {
            Some(seen) => self.runs.progress(run, seen).await?,
            None => run.progress,
        };
        if let Some(ended) = verdict(run, progress, seen.is_some(), now) {
            let ended = self.runs.close(run, ended, now).await?;
            return Ok(RunResult { ended, is_silent: false });
        }
        let is_silent = seen.is_some() && is_silent(run, progress, now);
        if is_silent {
            tracing::warn!(run = %run.id, "a campaign makes no calls");
        }
        Ok(RunResult { ended: None, is_silent })
    }
}

/// Returns how a run has ended, if it has.
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

/// Returns whether a run should have made calls by now and has made none.
fn is_silent(run: &Run, progress: Progress, now: DateTime<Utc>) -> bool {
    progress == Progress::default() && now >= run.plan.first_start + SILENT_MAX
}

/// In how many time zones the start of a run has just passed without a schedule.
fn missed_starts(run: &Run, now: DateTime<Utc>) -> u64 {
    let (planned, submitted) = (&run.submissions.planned, &run.submissions.submitted);
    let missed = planned.difference(submitted).filter(|name| {
        let start = name.parse().map(|zone: Tz| zone::instant(zone, run.id.local_start).to_utc());
        start.is_ok_and(|start| start <= now && now < start + MISSED_FOR)
    });
    let missed: Vec<&str> = missed.map(String::as_str).collect();
    if !missed.is_empty() {
        let (count, zones) = (missed.len(), missed[..missed.len().min(ZONES_NAMED_MAX)].join(", "));
        tracing::warn!(run = %run.id, count, zones, "a start has passed without a schedule");
    }
    missed.len() as u64
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
    ambient::rng().shuffle(&mut groups);
    groups
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use platform::runs::{RunPlan, Submissions};

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
            submissions: Submissions::default(),
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
    fn a_run_whose_calls_cannot_be_read_is_given_a_day() {
        assert_eq!(judged(39, false, "2026-03-03T21:59:59Z"), None);
        assert_eq!(judged(39, false, "2026-03-03T22:00:00Z"), Some(Ended::TimedOut));
    }

    #[test]
    fn a_run_that_makes_no_calls_for_an_hour_is_silent() {
        let run = run("a", "2026-03-02T15:00:00Z");
        let silent = |progress, now| is_silent(&run, progress, at(now));
        let none = Progress::default();
        assert!(!silent(none, "2026-03-02T15:59:59Z"));
        assert!(silent(none, "2026-03-02T16:00:00Z"));
        assert!(!silent(Progress { attempted: 1, ..none }, "2026-03-02T16:00:00Z"));
    }

    #[test]
    fn a_start_without_a_schedule_is_missed_in_its_own_zone_for_an_hour() {
        let zones = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(|&name| name.to_owned()).collect()
        };
        let mut run = run("a", "2026-03-02T10:00:00Z");
        run.submissions.planned =
            zones(&["Europe/London", "America/New_York", "America/Chicago", "Mars/Olympus_Mons"]);
        run.submissions.submitted = zones(&["Europe/London"]);
        // Ten o'clock in London, in New York, in Chicago, and an hour later.
        for (now, expected) in [
            ("2026-03-02T10:00:00Z", 0),
            ("2026-03-02T14:59:59Z", 0),
            ("2026-03-02T15:00:00Z", 1),
            ("2026-03-02T15:59:59Z", 1),
            ("2026-03-02T16:00:00Z", 1),
            ("2026-03-02T17:00:00Z", 0),
        ] {
            assert_eq!(missed_starts(&run, at(now)), expected, "{now}");
        }
        run.submissions.planned.clear();
        assert_eq!(missed_starts(&run, at("2026-03-02T15:00:00Z")), 0, "of version 0.1.0");
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
