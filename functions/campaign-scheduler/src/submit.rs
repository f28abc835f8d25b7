//! One run of a campaign: its record, and one schedule for each of its zones.

use std::{collections::BTreeMap, sync::OnceLock, time::Duration};

use chrono::NaiveDateTime;
use cxone::CallSchedule;
use futures::{StreamExt, stream};
use outbound::campaign::{CallingWindow, CampaignRequest};
use platform::{
    called_parties::DecidedStart,
    function::Function,
    idempotency,
    once::{Once, Request, Steps},
    runs::{RunId, RunPlan, Submissions},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    CampaignScheduler, InvocationTime,
    decisions::Evidence,
    plan::RunWindows,
    report::{FailedZone, RunReport},
    skill_control::SkillControl,
};

/// Schedules that are submitted at once. CXone grants about 100 requests a minute.
const SUBMISSIONS_AT_ONCE: usize = 4;
/// Time that a submission is kept after its start: until no invocation can plan it again.
const REMEMBERED: Duration = Duration::from_hours(24);
/// Ids of schedules are derived in this namespace, which nothing else uses.
const SCHEDULES: Uuid = Uuid::from_u128(0x7a5e_0c41_93b8_4f6d_8e12_c4d0_6b9f_3a57);

/// Final answer of CXone to a schedule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Submission {
    Submitted { schedule_id: Option<String> },
    Refused { detail: String },
}

impl CampaignScheduler {
    /// Records the run and submits the schedules that have not been submitted yet.
    pub(crate) async fn run(
        &self,
        campaign: &CampaignRequest,
        local_start: NaiveDateTime,
        windows: &RunWindows,
        evidence: &Evidence<'_>,
        invoked: InvocationTime,
    ) -> RunReport {
        let run = RunId { campaign_id: campaign.campaign_id.clone(), local_start };
        let mut report = RunReport::of(&run);
        let Some(plan) = plan(campaign, windows) else { return report };
        let known = match self.runs.open(&run, &plan, invoked.now).await {
            Ok(known) => known,
            Err(error) => {
                let waits = |window: &CallingWindow| {
                    FailedZone::waiting(window.zone.name(), &error.to_string())
                };
                report.failed.extend(windows.next.iter().map(waits));
                return report;
            }
        };
        self.note_planned(&run, windows, &known).await;
        let mut open = Vec::new();
        for window in &windows.next {
            let zone = window.zone.name();
            match known.refused.get(zone) {
                Some(detail) => report.failed.push(FailedZone::refused(zone, detail)),
                None if known.submitted.contains(zone) => report.submitted_before += 1,
                None => open.push(window),
            }
        }
        let submissions = self.submit_all(&run, open, evidence, invoked).await;
        let accepted = self.record(&run, submissions, &mut report).await;
        if self.skill_control == SkillControl::StartStop {
            self.keep_windows(&run, windows, &known, &accepted).await;
        }
        report
    }

    /// Writes down the windows of the zones that have a schedule: the skills of the campaign run in
    /// them.
    async fn keep_windows(
        &self,
        run: &RunId,
        windows: &RunWindows,
        known: &Submissions,
        accepted: &[String],
    ) {
        let is_new = |zone: &str| {
            let is_accepted =
                known.submitted.contains(zone) || accepted.iter().any(|it| it == zone);
            is_accepted && !known.windows.contains_key(zone)
        };
        let new = windows.next.iter().filter(|window| is_new(window.zone.name()));
        let new: BTreeMap<_, _> =
            new.map(|it| (it.zone.name().to_owned(), it.start.to_utc()..it.end.to_utc())).collect();
        if let Err(error) = self.runs.keep_windows(run, &new).await {
            tracing::warn!(%error, %run, "the record is behind until the next invocation");
        }
    }

    /// Writes down which zones the run is planned for, so that the poller notices if one starts
    /// without a schedule.
    async fn note_planned(&self, run: &RunId, windows: &RunWindows, known: &Submissions) {
        let zones = windows.next.iter().map(|window| window.zone.name());
        let new: Vec<String> =
            zones.filter(|zone| !known.planned.contains(*zone)).map(str::to_owned).collect();
        if let Err(error) = self.runs.plan(run, &new).await {
            tracing::warn!(%error, %run, "the record is behind until the next invocation");
        }
    }

    async fn submit_all<'a>(
        &self,
        run: &RunId,
        windows: Vec<&'a CallingWindow>,
        evidence: &Evidence<'_>,
        invoked: InvocationTime,
    ) -> Vec<(&'a str, Result<Submission, String>)> {
        let obstacle = OnceLock::new();
        stream::iter(windows)
            .map(async |window| {
                let decided = evidence.submitted(window);
                let submission = self.submit(run, window, &decided, invoked, &obstacle).await;
                (window.zone.name(), submission)
            })
            .buffer_unordered(SUBMISSIONS_AT_ONCE)
            .collect()
            .await
    }

    /// Records CXone's answers. Returns the zones that have a schedule now.
    async fn record(
        &self,
        run: &RunId,
        submissions: Vec<(&str, Result<Submission, String>)>,
        report: &mut RunReport,
    ) -> Vec<String> {
        let (mut submitted, mut refused) = (Vec::new(), Vec::new());
        for (zone, submission) in submissions {
            match submission {
                Ok(Submission::Submitted { .. }) => submitted.push(zone.to_owned()),
                Ok(Submission::Refused { detail }) => {
                    report.failed.push(FailedZone::refused(zone, &detail));
                    refused.push((zone.to_owned(), detail));
                }
                Err(why) => report.failed.push(FailedZone::waiting(zone, &why)),
            }
        }
        report.submitted = submitted.len();
        if let Err(error) = self.runs.record(run, &submitted, &refused).await {
            tracing::warn!(%error, %run, "the record is behind until the next invocation");
        }
        submitted
    }

    /// Keeps the decision and submits one schedule, unless that was done before. When nothing is
    /// certain yet, returns the reason.
    async fn submit(
        &self,
        run: &RunId,
        window: &CallingWindow,
        decided: &DecidedStart,
        invoked: InvocationTime,
        obstacle: &OnceLock<String>,
    ) -> Result<Submission, String> {
        if let Some(why) = obstacle.get() {
            return Err(why.clone());
        }
        // CXone would refuse it, and the refusal would stand.
        if invoked.has_passed(window.start.to_utc()) {
            return Err("its start has passed before it could be submitted".to_owned());
        }
        let identity = json!({ "run": run.to_string(), "timezone": window.zone.name() });
        let key = idempotency::key(Self::NAME, &identity);
        let until_start = (window.start.to_utc() - invoked.now).to_std().unwrap_or_default();
        let keep_for = until_start + REMEMBERED;
        let schedule = CallSchedule {
            id: Uuid::new_v5(&SCHEDULES, key.to_string().as_bytes()),
            campaign: run.campaign_id.clone(),
            time_zone: window.zone.name().to_owned(),
            start: window.start,
            end: window.end,
        };
        let request = Request { key: &key, identity: &identity, lease: invoked.lease, keep_for };
        let submit = async |_: &mut Steps| {
            self.decisions.keep_start(decided).await.map_err(|error| error.to_string())?;
            match self.cxone.submit_schedule(&schedule, invoked.ends_at).await {
                Ok(schedule_id) => Ok(Submission::Submitted { schedule_id }),
                Err(cxone::Error::Invalid { detail }) => Ok(Submission::Refused { detail }),
                Err(error) => {
                    if stands_in_the_way_of_all(&error) {
                        // Of several that were under way, the first one has the reason.
                        obstacle.set(error.to_string()).ok();
                    }
                    Err(error.to_string())
                }
            }
        };
        let submission = self.idempotency.once(request, submit).await;
        submission.map(Once::into_answer).map_err(|why| why.to_string())
    }
}

/// Returns whether the campaign's other zones would get the same error.
fn stands_in_the_way_of_all(error: &cxone::Error) -> bool {
    use cxone::Error::{Forbidden, NotFound, RateLimited, Unauthorized};
    matches!(error, RateLimited { .. } | Unauthorized { .. } | Forbidden { .. } | NotFound { .. })
}

/// Record of the run before anything is submitted. `None` when there is nothing to do.
fn plan(campaign: &CampaignRequest, windows: &RunWindows) -> Option<RunPlan> {
    Some(RunPlan {
        expected: campaign.expected_completed,
        webhook_url: campaign.webhook_url.clone(),
        first_start: windows.next.iter().map(|window| window.start.to_utc()).min()?,
        last_end: windows.last_end,
    })
}
