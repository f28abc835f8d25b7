//! Starts and stops the skills of campaigns at the edges of their runs, where CXone has no
//! schedules of its own.
//!
//! Everything follows from the runs and from the stored [`Bindings`], nothing from what an earlier
//! invocation remembers. One claim covers all skills, so that no two invocations act at once; the
//! bindings lie in it as its progress, and are written before any skill is started.

mod bindings;
mod report;

use std::{str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use cxone::ZoneWindow;
use futures::{StreamExt, stream};
use lambda_runtime::Context;
use platform::{
    function::Function,
    idempotency::{self, Claim, ClaimGuard, IdempotencyError, Lease},
    invocation,
    runs::{Run, RunError},
    telemetry::{Count, EventRecord},
};
use serde_json::json;
use settings::Environment;

use crate::{CampaignScheduler, InvocationTime};
use bindings::{Actions, Bindings, Due, needed_until};
pub(crate) use report::SkillReport;

/// Time to act in one invocation.
const ACTING_MAX: Duration = Duration::from_secs(40);
/// Lease of the claim: longer than the time to act, and over when the next look comes after a
/// minute, in case that this one dies.
const LEASE: Duration = Duration::from_secs(50);
/// Time that bindings are kept without a look at them.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);
/// Skills that are started or stopped at once.
const SKILLS_AT_ONCE: usize = 4;

/// What this function does to skills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SkillControl {
    /// Nothing: the API has none.
    None,
    /// It stops those that it had started when it controlled them; the rest is a supervisor's.
    Stop,
    /// It starts and stops them at the edges of runs.
    StartStop,
}

impl SkillControl {
    /// Reads the setting, and whether the API has skills.
    pub(crate) fn read(env: &mut Environment) -> Option<Self> {
        const SETTING: &str = "CXONE_SKILL_CONTROL";
        let control = env.optional(SETTING, Self::Stop)?;
        let api = env.optional("CXONE_API", String::new())?;
        match control {
            _ if api == "acd" => Some(control),
            Self::StartStop => {
                env.report(SETTING, "is `start-stop`, which needs CXONE_API=acd");
                None
            }
            _ => Some(Self::None),
        }
    }
}

impl FromStr for SkillControl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Stop),
            "start-stop" => Ok(Self::StartStop),
            _ => Err("expected off or start-stop"),
        }
    }
}

/// Reason why the skills were not, or not all, looked after.
#[derive(Debug, thiserror::Error)]
enum ControlError {
    #[error(transparent)]
    NotStored(#[from] IdempotencyError),
    #[error("the bindings of skills are not as this version stores them: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("none was started, because the runs cannot be read: {0}")]
    RunsUnread(#[from] RunError),
}

impl CampaignScheduler {
    /// Starts the skills whose runs have begun, if it controls them, and stops those that it had
    /// started and whose runs are over. `None` when this failed as a whole; the next look comes
    /// within minutes.
    pub(crate) async fn control_skills(
        &self,
        invoked: InvocationTime,
        context: &Context,
        record: &mut EventRecord,
    ) -> Option<SkillReport> {
        let mut report = SkillReport::default();
        let controlled = self.claim_skills(&mut report, invoked, context).await;
        report.count(record);
        match controlled {
            Ok(()) => Some(report),
            Err(error) => {
                tracing::error!(%error, "skills are not controlled");
                record.count(Count::SkillsFailed, 1);
                None
            }
        }
    }

    async fn claim_skills(
        &self,
        report: &mut SkillReport,
        invoked: InvocationTime,
        context: &Context,
    ) -> Result<(), ControlError> {
        let identity = json!("skills");
        let key = idempotency::key(Self::NAME, &identity);
        let until = invoked.now + LEASE.min(invocation::left(context));
        let lease = Lease { from: invoked.now, until };
        let Claim::Won(mut guard) =
            self.idempotency.claim(&key, &identity, lease, REMEMBERED).await?
        else {
            *report = SkillReport::busy();
            return Ok(());
        };
        let stored = guard.progress().cloned().map(serde_json::from_value).transpose()?;
        let mut bindings: Bindings = stored.unwrap_or_default();
        let ends_at = invoked.ends_at.min(invoked.began + ACTING_MAX);
        let invoked = InvocationTime { ends_at, ..invoked };
        let acted = self.act(&mut guard, &mut bindings, report, invoked).await;
        let given_back =
            if bindings.is_empty() { guard.discard().await } else { guard.release().await };
        if let Err(error) = given_back {
            tracing::warn!(%error, %key, "a claim was not given back: it holds until its lease lapses");
        }
        acted
    }

    /// Binds, acts, and writes down what came of it. Without the runs, it only stops, and so it does
    /// where it controls skills no longer: whoever started a skill stops it.
    async fn act(
        &self,
        guard: &mut ClaimGuard,
        bindings: &mut Bindings,
        report: &mut SkillReport,
        invoked: InvocationTime,
    ) -> Result<(), ControlError> {
        let runs = match self.skill_control {
            SkillControl::StartStop => self.runs.pending().await,
            SkillControl::Stop | SkillControl::None => Ok(Vec::new()),
        };
        let due = match &runs {
            Ok(runs) => self.due(runs, bindings, report, invoked).await,
            Err(_) => Vec::new(),
        };
        let stored = bindings.clone();
        bindings.bind(&due, invoked.now);
        if *bindings != stored {
            guard.save_progress(json!(bindings)).await?;
        }
        let bound = bindings.clone();
        self.carry_out(bound.actions(&due, invoked.now), bindings, report, invoked).await;
        // Without any, the record is deleted.
        if *bindings != bound && !bindings.is_empty() {
            guard.save_progress(json!(bindings)).await?;
        }
        runs.map(drop).map_err(ControlError::from)
    }

    /// The skills that runs need now, without those that would call outside of the windows.
    async fn due(
        &self,
        runs: &[Run],
        bindings: &Bindings,
        report: &mut SkillReport,
        invoked: InvocationTime,
    ) -> Vec<Due> {
        let needed = self.needed(runs, report, invoked.now);
        let (mut due, new): (Vec<Due>, _) =
            needed.into_iter().partition(|due| bindings.cover(due, invoked.now));
        let mut examined = stream::iter(new)
            .map(async |due| (self.examine(&due, runs, invoked).await, due))
            .buffer_unordered(SKILLS_AT_ONCE);
        while let Some((examined, of_run)) = examined.next().await {
            match examined {
                Ok(()) => due.push(of_run),
                Err(why) => report.not_admitted(&of_run.skill, &why),
            }
        }
        due
    }

    /// The skills that runs need now.
    fn needed(&self, runs: &[Run], report: &mut SkillReport, now: DateTime<Utc>) -> Vec<Due> {
        let mut due = Vec::new();
        for run in runs {
            let Some(until) = needed_until(run, now) else { continue };
            match self.cxone.skills(&run.id.campaign_id) {
                Ok(skills) => {
                    let of_run = |skill| Due { skill, run: run.id.to_string(), until };
                    due.extend(skills.into_iter().map(of_run));
                }
                Err(why) => report.no_skill(&run.id.campaign_id, &why),
            }
        }
        due
    }

    /// Looks whether a skill, while it runs, calls each zone in a window of its runs.
    async fn examine(
        &self,
        due: &Due,
        runs: &[Run],
        invoked: InvocationTime,
    ) -> Result<(), String> {
        let calls_by_it = |run: &&Run| {
            self.cxone.skills(&run.id.campaign_id).is_ok_and(|skills| skills.contains(&due.skill))
        };
        let windows = runs.iter().filter(calls_by_it).flat_map(|run| &run.submissions.windows);
        let windows: Vec<ZoneWindow> = windows
            .map(|(zone, window)| ZoneWindow { time_zone: zone.clone(), window: window.clone() })
            .collect();
        let running = invoked.now..due.until;
        let outside =
            self.cxone.calls_outside(&due.skill, &running, &windows, invoked.ends_at).await;
        match outside.map_err(|error| error.to_string())? {
            Some(zone) => Err(format!("it has hours for {zone}")),
            None => Ok(()),
        }
    }

    async fn carry_out(
        &self,
        Actions { stop, start }: Actions,
        bindings: &mut Bindings,
        report: &mut SkillReport,
        invoked: InvocationTime,
    ) {
        let mut stopped = stream::iter(stop)
            .map(async |(skill, end)| (self.stop_skill(&skill, invoked).await, skill, end))
            .buffer_unordered(SKILLS_AT_ONCE);
        while let Some((stopped, skill, end)) = stopped.next().await {
            if stopped.is_ok() {
                bindings.stopped(&skill);
            }
            report.stopped(&skill, end, &stopped, invoked.now);
        }
        let mut started = stream::iter(start)
            .map(async |(skill, until)| (self.start_skill(&skill, until, invoked).await, skill))
            .buffer_unordered(SKILLS_AT_ONCE);
        while let Some((started, skill)) = started.next().await {
            if started.is_ok() {
                bindings.started(&skill, invoked.now);
            }
            report.started(&skill, &started);
        }
    }

    /// Starts a skill unless it runs, and looks whether it does.
    async fn start_skill(
        &self,
        skill: &str,
        until: DateTime<Utc>,
        invoked: InvocationTime,
    ) -> Result<(), String> {
        let left = (until - invoked.now).to_std().unwrap_or_default();
        let ends_at = invoked.ends_at.min(invoked.began + left);
        let is_running = || self.cxone.is_running(skill, ends_at);
        if is_running().await.map_err(|error| error.to_string())? {
            return Ok(());
        }
        if invoked.has_passed(until) {
            return Err("its run ends before it could be started".to_owned());
        }
        self.cxone.start_skill(skill, ends_at).await.map_err(|error| error.to_string())?;
        let is_running = is_running().await.map_err(|error| error.to_string())?;
        is_running.then_some(()).ok_or_else(|| "CXone shows it at rest after the start".to_owned())
    }

    /// Stops a skill, even one that seems to be at rest, since a start may show late; and looks
    /// whether it has stopped.
    async fn stop_skill(&self, skill: &str, invoked: InvocationTime) -> Result<(), String> {
        let ends_at = invoked.ends_at;
        self.cxone.stop_skill(skill, ends_at).await.map_err(|error| error.to_string())?;
        let is_running =
            self.cxone.is_running(skill, ends_at).await.map_err(|error| error.to_string())?;
        (!is_running)
            .then_some(())
            .ok_or_else(|| "CXone shows it running after the stop".to_owned())
    }
}
