//! Watches the runs of campaigns to their end, and reports it once.
//!
//! Every minute the function reads from CXone how many calls each open run has completed. A run
//! that has as many as expected is completed; one that has not when its last zone is long over is
//! timed out. One conditional write decides which invocation ends a run. Then its end is reported
//! by a webhook, under an id that stays the same however often it is sent. A report that the
//! receiver never accepts is dead-lettered, and comes back through the queue when an operator
//! redrives it.

mod config;
mod deliver;
mod outcomes;
mod report;
mod watch;
mod webhook;

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use aws_sdk_secretsmanager::Client as SecretsManager;
use chrono::{DateTime, Utc};
use lambda_runtime::{Context, Error};
use outbound::CxoneUsage;
use platform::{
    aws::Aws,
    batch::{self, Failure, Outcome, WorkQueue},
    function::Function,
    invocation,
    runs::{Ended, Run, Runs},
    secrets::SigningSource,
    telemetry::{Count, EventRecord, about},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use config::Config;
use deliver::Deliveries;
use outcomes::Outcomes;
use report::RedrivenReport;
use watch::PollResult;
use webhook::WebhookSender;

/// Time kept for the reports, however slow CXone is.
const REPORTING: Duration = Duration::from_secs(30);
/// No report is begun later than this before the end: a receiver has 15 seconds, and then what came
/// of it must be stored.
const LAST_REPORT: Duration = Duration::from_secs(17);

/// The poller and what it works with.
pub struct AnalyticsPoller {
    cxone: cxone::Client,
    runs: Runs,
    webhooks: WebhookSender,
    signing_secrets: SigningSource,
    secrets_manager: SecretsManager,
    work_queue: WorkQueue,
    /// `None` where scripts send the outcomes of calls.
    outcomes: Option<Outcomes>,
}

/// Event of a schedule.
#[derive(Debug, Deserialize)]
struct ScheduledEvent {
    /// Time at which the schedule fired. Without it, now.
    time: Option<DateTime<Utc>>,
    #[serde(default)]
    task: Task,
}

/// Task of an invocation.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Task {
    /// Watch the runs.
    #[default]
    WatchRuns,
    /// Read the outcomes of calls.
    ReadOutcomes,
}

/// Result of one poll.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Poll {
    status: &'static str,
    /// Runs that were open.
    open: usize,
    /// Runs that were found to be over.
    ended: usize,
    #[serde(flatten)]
    deliveries: Deliveries,
}

impl AnalyticsPoller {
    async fn poll(
        &self,
        time: Option<DateTime<Utc>>,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<Poll, Error> {
        let now = invocation::now(time);
        let watch_until = invocation::ends_at(context, REPORTING);
        let report_until = invocation::ends_at(context, LAST_REPORT);
        let (open, unreported): (Vec<Run>, Vec<Run>) =
            self.runs.pending().await?.into_iter().partition(|run| run.ended.is_none());
        let open_count = open.len();
        let result = self.watch(open, now, watch_until).await;
        count(&result, record);
        let PollResult { ended, unseen, .. } = result;
        let ended_count = ended.len();
        let due = unreported.into_iter().chain(ended).filter(|run| run.report_at <= Some(now));
        let deliveries = self.deliver(due.collect(), now, report_until).await;
        deliveries.count(record);
        let status = if unseen == 0 { "polled" } else { "partly_polled" };
        record.outcome(status);
        Ok(Poll { status, open: open_count, ended: ended_count, deliveries })
    }

    /// Schedules the report of a redriven dead letter for the next poll.
    async fn redrive(&self, message: &SqsMessage) -> Outcome {
        let body = message.body.as_deref().unwrap_or_default();
        let redriven: RedrivenReport = serde_json::from_str(body)
            .map_err(|error| Failure::dead_letter("unreadable_message", error.to_string()))?;
        let RedrivenReport { run_id, webhook_url } = redriven;
        about(&run_id.to_string());
        match self.runs.report_anew(&run_id, &webhook_url, ambient::now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::dead_letter("unknown_run", "no such run has ended")),
            Err(error) => {
                tracing::warn!(%error, "a redriven report was not scheduled yet");
                Err(Failure::RETRY)
            }
        }
    }
}

fn count(result: &PollResult, record: &mut EventRecord) {
    let PollResult { ended, unseen, silent, missed } = result;
    let ended_as = |how| ended.iter().filter(|run| run.ended == Some(how)).count() as u64;
    record.count(Count::RunsCompleted, ended_as(Ended::Completed));
    record.count(Count::RunsTimedOut, ended_as(Ended::TimedOut));
    record.count(Count::StartsFailed, *missed);
    record.count(Count::CampaignsFailed, unseen + silent);
    for run in ended {
        record.event_id(&run.id.to_string());
    }
}

impl Function for AnalyticsPoller {
    const NAME: &'static str = "analytics-poller";
    type Config = Config;

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        cxone::load_certificates();
        let (sqs, secrets_manager) = (aws.sqs(), aws.secrets_manager());
        let (credentials, _) = tokio::try_join!(
            config.credentials.load(secrets_manager.clone()),
            config.signing_secrets.load(&secrets_manager),
        )?;
        Ok(Self {
            cxone: cxone::Client::new(config.cxone, credentials)?,
            outcomes: config.outcomes.map(|settings| Outcomes::new(settings, aws)),
            runs: Runs::new(aws.dynamodb(), config.runs_table),
            webhooks: WebhookSender::new(config.webhook_targets)?,
            signing_secrets: config.signing_secrets,
            secrets_manager,
            work_queue: WorkQueue::new(
                &sqs,
                config.queue_url,
                config.dead_letter_queue_url,
                Self::NAME,
            ),
        })
    }

    async fn scheduled(
        &self,
        event: Value,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<Value, Error> {
        let ScheduledEvent { time, task } = serde_json::from_value(event)?;
        match (task, &self.outcomes) {
            (Task::WatchRuns, _) => {
                Ok(serde_json::to_value(self.poll(time, context, record).await?)?)
            }
            (Task::ReadOutcomes, Some(outcomes)) => {
                let now = invocation::now(time);
                let read = self.read_outcomes(outcomes, now, context, record).await;
                Ok(serde_json::to_value(read)?)
            }
            (Task::ReadOutcomes, None) => {
                Err("CXONE_OUTCOMES is `scripts`: outcomes of calls are not read".into())
            }
        }
    }

    async fn batch(
        &self,
        messages: Vec<SqsMessage>,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<SqsBatchResponse, Error> {
        let redrive = async |message: &SqsMessage| self.redrive(message).await;
        Ok(self.work_queue.process(messages, batch::deadline(context), record, redrive).await)
    }

    fn drain_usage(&self) -> CxoneUsage {
        self.cxone.drain_usage()
    }
}
