//! The report on each campaign: the function's answer, its log and its metrics.

mod law;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use outbound::{
    FieldProblem, Tz,
    campaign::{CampaignRequest, Cut, StartRefused, Zones},
    mask_id, mask_words,
};
use platform::runs::RunId;
use serde::Serialize;
use serde_json::Value;

use crate::contacts::Unknown;
use law::CutZone;

/// Most zones that one line of the log names.
const ZONES_NAMED_MAX: usize = 20;

/// CXone has refused the schedule.
const REFUSED: &str = "refused_by_cxone";
/// The next invocation submits the schedule.
const WAITING: &str = "not_submitted_yet";

/// Reports on all campaigns, in the order of the request.
#[derive(Debug, Serialize)]
pub struct Report {
    /// One for each campaign.
    pub campaigns: Vec<CampaignReport>,
}

/// Report on one campaign.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CampaignReport {
    /// The campaign, if its id could be read.
    pub campaign_id: Option<String>,
    status: Status,
    /// Problems of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<FieldProblem>,
    /// Reason to wait or to fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    runs: Vec<RunReport>,
    /// Earliest start that it is too early for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_later: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<FailedZone>,
    /// Zones whose window ends earlier by law.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<CutZone>,
    /// Contacts whose number is of other clocks than their zone's.
    contradicting_numbers: u64,
}

/// Status of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// Every zone has its next schedule.
    Scheduled,
    /// Some zones have, others have not.
    PartlyScheduled,
    /// No zone has.
    NotScheduled,
    /// It is too early for every zone.
    NotDue,
    /// The next invocation goes on with it.
    Postponed,
    /// Its contacts cannot be read.
    Failed,
    /// The request is not acceptable.
    Rejected,
}

/// Report on one run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunReport {
    local_start: String,
    /// Schedules that were submitted now.
    pub(crate) submitted: usize,
    /// Schedules that had been submitted before.
    pub(crate) submitted_before: usize,
    #[serde(skip)]
    pub(crate) failed: Vec<FailedZone>,
}

/// A zone without a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailedZone {
    timezone: String,
    code: &'static str,
    detail: String,
}

impl FailedZone {
    pub(crate) fn refused(zone: &str, detail: &str) -> Self {
        Self::new(zone, REFUSED, detail)
    }

    pub(crate) fn waiting(zone: &str, why: &str) -> Self {
        Self::new(zone, WAITING, why)
    }

    fn new(zone: &str, code: &'static str, detail: &str) -> Self {
        Self { timezone: zone.to_owned(), code, detail: detail.to_owned() }
    }
}

impl RunReport {
    pub(crate) fn of(run: &RunId) -> Self {
        Self {
            local_start: run.local_start(),
            submitted: 0,
            submitted_before: 0,
            failed: Vec::new(),
        }
    }
}

impl CampaignReport {
    pub(crate) fn of(campaign: &CampaignRequest) -> Self {
        Self::new(Some(campaign.campaign_id.clone()), Status::NotScheduled)
    }

    pub(crate) fn rejected(document: &Value, problems: Vec<FieldProblem>) -> Self {
        let campaign_id = document["campaignId"].as_str().map(str::to_owned);
        Self { problems, ..Self::new(campaign_id, Status::Rejected) }
    }

    fn new(campaign_id: Option<String>, status: Status) -> Self {
        Self {
            campaign_id,
            status,
            problems: Vec::new(),
            reason: None,
            runs: Vec::new(),
            due_later: None,
            failed: Vec::new(),
            cut: Vec::new(),
            contradicting_numbers: 0,
        }
    }

    /// The report of a campaign of which no zone is known.
    pub(crate) fn without_zones(self, why: &Unknown) -> Self {
        let status = match why {
            Unknown::NotYet(_) => Status::Postponed,
            Unknown::Stuck(_) | Unknown::Unreadable(_) => Status::Failed,
        };
        Self { status, reason: Some(why.to_string()), ..self }
    }

    /// Adds the contacts whose zone is not one.
    pub(crate) fn reject(&mut self, zones: &Zones) {
        for rejected in zones.rejected() {
            let code = match rejected.time_zone.as_str() {
                "" => "missing_time_zone",
                _ => "unknown_time_zone",
            };
            let (contacts, first) = (rejected.contacts, &rejected.first_contact);
            let detail = format!("{contacts} contacts are not called, such as {first}");
            self.failed.push(FailedZone::new(&rejected.time_zone, code, &detail));
        }
        if zones.unnamed_rejections() > 0 {
            let detail = format!("{} contacts more are not called", zones.unnamed_rejections());
            self.failed.push(FailedZone::new("(others)", "unknown_time_zone", &detail));
        }
        if zones.unreadable() > 0 {
            let detail = format!("{} contacts are not called: they have no id", zones.unreadable());
            self.failed.push(FailedZone::new("(unknown)", "unreadable_contact", &detail));
        }
        let contradicting = zones.known().map(|zone| zones.sites(zone).contradicting());
        self.contradicting_numbers = contradicting.sum();
    }

    /// Adds the zones in which the start is not allowed.
    pub(crate) fn refuse(&mut self, refused: &[(Tz, StartRefused)]) {
        let failed = |(zone, refusal): &(Tz, StartRefused)| FailedZone::of_refusal(*zone, refusal);
        self.failed.extend(refused.iter().map(failed));
    }

    /// Adds zones whose start has to wait.
    pub(crate) fn wait(&mut self, waiting: impl Iterator<Item = FailedZone>) {
        self.failed.extend(waiting);
    }

    /// Adds the zones whose window the law cuts.
    pub(crate) fn cut(&mut self, cuts: &[(Tz, Cut)]) {
        self.cut.extend(cuts.iter().map(|(zone, cut)| CutZone::new(*zone, cut)));
    }

    /// Adds the result of a run.
    pub(crate) fn add(&mut self, mut run: RunReport) {
        self.failed.append(&mut run.failed);
        self.runs.push(run);
    }

    /// The report with the status that its parts add up to.
    pub(crate) fn concluded(self) -> Self {
        let has_schedules = self.runs.iter().any(|run| run.submitted + run.submitted_before > 0);
        let status = match (has_schedules, self.failed.is_empty()) {
            (true, true) => Status::Scheduled,
            (true, false) => Status::PartlyScheduled,
            (false, true) if self.due_later.is_some() => Status::NotDue,
            (false, _) => Status::NotScheduled,
        };
        Self { status, ..self }
    }

    fn log(&self) {
        let campaign = mask_id(self.campaign_id.as_deref().unwrap_or_default());
        for FieldProblem { field, detail } in &self.problems {
            tracing::error!(campaign, field, why = mask_words(detail), "a campaign cannot be read");
        }
        if let Some(why) = &self.reason {
            if self.status == Status::Failed {
                tracing::error!(campaign, why, "the contacts of a campaign cannot be read");
            } else {
                tracing::warn!(campaign, why, "a campaign has to wait");
            }
        }
        for ((code, why), zones) in self.failed_by_reason() {
            let named = zones[..zones.len().min(ZONES_NAMED_MAX)].join(", ");
            tracing::warn!(campaign, code, why, count = zones.len(), zones = named, "no schedule");
        }
        for CutZone { timezone, minutes, rules: why, alone } in &self.cut {
            tracing::info!(campaign, timezone, minutes, why, alone, "the law cuts a window");
        }
        if self.contradicting_numbers > 0 {
            let count = self.contradicting_numbers;
            tracing::info!(campaign, count, "numbers contradict the zones of their contacts");
        }
        if self.status == Status::NotScheduled && self.failed.is_empty() {
            tracing::warn!(campaign, "a campaign has no contacts");
        }
    }

    /// Groups the failed zones by reason, for one line of the log each.
    fn failed_by_reason(&self) -> BTreeMap<(&str, &str), Vec<&str>> {
        let mut zones: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for FailedZone { timezone, code, detail } in &self.failed {
            zones.entry((*code, detail.as_str())).or_default().push(timezone);
        }
        zones
    }

    fn is_failed(&self) -> bool {
        matches!(self.status, Status::Rejected | Status::NotScheduled | Status::Failed)
    }
}

impl Report {
    pub(crate) fn log(&self) {
        self.campaigns.iter().for_each(CampaignReport::log);
    }

    /// One word for all: what the worst of the campaigns came to.
    pub(crate) fn outcome(&self) -> &'static str {
        let has = |status| self.campaigns.iter().any(|campaign| campaign.status == status);
        let is_incomplete = |campaign: &CampaignReport| {
            campaign.is_failed() || campaign.status == Status::PartlyScheduled
        };
        if self.campaigns.iter().any(is_incomplete) {
            "partly_scheduled"
        } else if has(Status::Postponed) {
            "postponed"
        } else if has(Status::Scheduled) {
            "scheduled"
        } else if has(Status::NotDue) {
            "not_due"
        } else {
            "no_campaigns"
        }
    }

    pub(crate) fn submitted(&self) -> u64 {
        let runs = self.campaigns.iter().flat_map(|campaign| &campaign.runs);
        runs.map(|run| run.submitted as u64).sum()
    }

    pub(crate) fn zones_failed(&self) -> u64 {
        self.campaigns.iter().map(|campaign| campaign.failed.len() as u64).sum()
    }

    /// Starts that are planned and have no schedule, because of CXone.
    pub(crate) fn starts_failed(&self) -> u64 {
        let failed = self.campaigns.iter().flat_map(|campaign| &campaign.failed);
        failed.filter(|zone| matches!(zone.code, REFUSED | WAITING)).count() as u64
    }

    pub(crate) fn campaigns_failed(&self) -> u64 {
        self.campaigns.iter().filter(|campaign| campaign.is_failed()).count() as u64
    }
}
