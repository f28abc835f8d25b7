//! Turns a campaign's cron expression into one schedule per time zone in CXone, inside the calling
//! hours of the house on the customer's own clock, and inside what the law allows at the places of
//! the contacts in each zone.
//!
//! The function runs every few minutes. Each time it looks at the next start in every zone of a
//! campaign's contacts and submits what has not been submitted yet. A run is a campaign and a local
//! start time: all zones start it at that hour of their own, so it takes up to a day to go around
//! the world. It is recorded before anything is submitted, so that the poller never misses one.

mod config;
mod contacts;
mod decisions;
mod plan;
mod report;
mod shared_zones;
mod skill_control;
mod submit;

use std::time::Duration;

use ambient::Instant;

use chrono::{DateTime, Utc};
use futures::{StreamExt, future, stream};
use lambda_runtime::{Context, Error};
use outbound::{
    CxoneUsage, FieldProblem, Region, WebhookTargets,
    campaign::{CallingHours, CampaignRequest},
    law::HousePolicy,
};
use platform::{
    aws::Aws,
    called_parties::{CalledParties, Decisions},
    function::Function,
    idempotency::{IdempotencyStore, Lease},
    invocation,
    runs::Runs,
    telemetry::{Count, EventRecord},
};
use serde::Deserialize;
use serde_json::Value;

pub use config::Config;
use decisions::Evidence;
pub use report::{CampaignReport, Report};
use skill_control::{SkillControl, SkillReport};

/// Campaigns that are worked on at once: one with a million contacts must not hold up the others.
const CAMPAIGNS_AT_ONCE: usize = 4;
/// Time kept to store the progress.
const STORING: Duration = Duration::from_secs(5);

/// The scheduler and what it works with.
pub struct CampaignScheduler {
    cxone: cxone::Client,
    runs: Runs,
    called_parties: CalledParties,
    decisions: Decisions,
    idempotency: IdempotencyStore,
    region: Region,
    calling_hours: CallingHours,
    policy: HousePolicy,
    webhook_targets: WebhookTargets,
    skill_control: SkillControl,
}

/// Event of a schedule.
#[derive(Debug, Deserialize)]
struct ScheduledEvent {
    /// Time at which the schedule fired. Without it, now.
    time: Option<DateTime<Utc>>,
    #[serde(default)]
    task: Task,
    /// The campaigns, each to be read by itself: one that cannot be read must not stop the others.
    campaigns: Option<Vec<Value>>,
}

/// Task of an invocation.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Task {
    /// Submit the next schedules of the campaigns, and look after the skills as well: their own
    /// schedule may have stopped.
    #[default]
    StartCampaigns,
    /// Look after the skills alone.
    ControlSkills,
}

/// Time of an invocation, and its limits.
#[derive(Debug, Clone, Copy)]
struct InvocationTime {
    now: DateTime<Utc>,
    began: Instant,
    lease: Lease,
    ends_at: Instant,
}

impl InvocationTime {
    fn of(fired_at: Option<DateTime<Utc>>, context: &Context) -> Self {
        let now = invocation::now(fired_at);
        let (began, lease) = (Instant::now(), Lease::starting(now, context));
        Self { now, began, lease, ends_at: invocation::ends_at(context, STORING) }
    }

    /// Returns whether an instant has passed, counting the time since the invocation began.
    fn has_passed(&self, instant: DateTime<Utc>) -> bool {
        instant <= self.now + self.began.elapsed()
    }
}

impl CampaignScheduler {
    /// Submits the next schedules of campaigns, and looks after the skills meanwhile.
    async fn start_campaigns(
        &self,
        campaigns: Vec<Value>,
        invoked: InvocationTime,
        context: &Context,
        record: &mut EventRecord,
    ) -> Report {
        let campaigns = stream::iter(campaigns)
            .map(async |document| self.campaign(&document, invoked).await)
            .buffered(CAMPAIGNS_AT_ONCE)
            .collect();
        let skills = async {
            if self.skill_control != SkillControl::None {
                self.control_skills(invoked, context, record).await;
            }
        };
        let (campaigns, ()) = future::join(campaigns, skills).await;
        let report = Report { campaigns };
        report.log();
        count(&report, record);
        report
    }

    async fn campaign(&self, document: &Value, invoked: InvocationTime) -> CampaignReport {
        let read = CampaignRequest::read(&document.into(), &self.calling_hours);
        let campaign = match read.and_then(|campaign| self.checked(campaign)) {
            Ok(campaign) => campaign,
            Err(problems) => return CampaignReport::rejected(document, problems),
        };
        let mut report = CampaignReport::of(&campaign);
        let zones = match self.zones(&campaign, invoked).await {
            Ok(zones) => zones,
            Err(why) => return report.without_zones(&why),
        };
        report.reject(&zones);
        let mut plan = plan::plan(&campaign, &zones, &self.policy, invoked.now);
        self.refuse_shared(&campaign, &mut plan, &mut report, invoked).await;
        let evidence = Evidence::of(&campaign, &zones, &plan, &self.policy, invoked.now);
        self.keep_refusals(&evidence).await;
        report.refuse(&plan.refused);
        report.cut(&plan.cuts);
        report.due_later = plan.due_later;
        for (local_start, windows) in &plan.runs {
            report.add(self.run(&campaign, *local_start, windows, &evidence, invoked).await);
        }
        report.concluded()
    }

    /// The campaign, if its end may be reported where it wants.
    fn checked(&self, campaign: CampaignRequest) -> Result<CampaignRequest, Vec<FieldProblem>> {
        let checked =
            campaign.webhook_url.iter().try_for_each(|url| self.webhook_targets.check(url));
        checked
            .map_err(|why| vec![FieldProblem { field: "webhookUrl", detail: why.to_string() }])?;
        Ok(campaign)
    }
}

impl Function for CampaignScheduler {
    const NAME: &'static str = "campaign-scheduler";
    type Config = Config;

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        cxone::load_certificates();
        let credentials = config.credentials.load(aws.secrets_manager()).await?;
        let dynamodb = aws.dynamodb();
        Ok(Self {
            cxone: cxone::Client::new(config.cxone, credentials)?,
            runs: Runs::new(dynamodb.clone(), config.runs_table),
            called_parties: CalledParties::new(dynamodb.clone(), config.called_parties),
            decisions: Decisions::new(
                dynamodb.clone(),
                config.decisions_table,
                config.decisions_kept_days,
            ),
            idempotency: IdempotencyStore::new(dynamodb, config.idempotency_table),
            region: config.region,
            calling_hours: config.calling_hours,
            policy: HousePolicy { strictness: config.strictness, closures: config.closures },
            webhook_targets: config.webhook_targets,
            skill_control: config.skill_control,
        })
    }

    async fn scheduled(
        &self,
        event: Value,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<Value, Error> {
        let ScheduledEvent { time, task, campaigns } = serde_json::from_value(event)?;
        let invoked = InvocationTime::of(time, context);
        match task {
            Task::StartCampaigns => {
                let campaigns = campaigns.ok_or("the event has no `campaigns`")?;
                Ok(serde_json::to_value(
                    self.start_campaigns(campaigns, invoked, context, record).await,
                )?)
            }
            Task::ControlSkills if self.skill_control == SkillControl::None => {
                Err("CXONE_API is not `acd`: there are no skills to start or stop".into())
            }
            Task::ControlSkills => {
                let report = self.control_skills(invoked, context, record).await;
                record.outcome(report.as_ref().map_or("failed", SkillReport::outcome));
                Ok(serde_json::to_value(report)?)
            }
        }
    }

    fn drain_usage(&self) -> CxoneUsage {
        self.cxone.drain_usage()
    }
}

fn count(report: &Report, record: &mut EventRecord) {
    for campaign in &report.campaigns {
        record.event_id(campaign.campaign_id.as_deref().unwrap_or_default());
    }
    record.count(Count::SchedulesSubmitted, report.submitted());
    record.count(Count::ZonesFailed, report.zones_failed());
    record.count(Count::StartsFailed, report.starts_failed());
    record.count(Count::CampaignsFailed, report.campaigns_failed());
    record.outcome(report.outcome());
}
