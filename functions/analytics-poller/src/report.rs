//! The report of a run that has ended, and its dead letter.

use chrono::{DateTime, SecondsFormat, Utc};
use platform::runs::{Ended, Run, RunId};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

/// Ids of webhooks are derived in this namespace, which nothing else uses.
const WEBHOOKS: Uuid = Uuid::from_u128(0x5d0b_7e42_18c9_4a3f_b6d4_90a1_2c7f_e863);

/// The report of one run. Made of what the record holds, it is the same in every attempt.
pub(crate) struct Report {
    run_id: String,
    webhook_url: Option<Url>,
    event: Value,
}

impl Report {
    pub(crate) fn of(run: &Run) -> Self {
        let ended = run.ended.unwrap_or(Ended::Completed);
        let event = json!({
            "event": format!("campaign.{}", ended.as_str()),
            "timestamp": run.ended_at.map(utc),
            "data": {
                "campaignId": run.id.campaign_id,
                "localStart": run.id.local_start(),
                "totalCompleted": run.progress.completed,
                "expected": run.plan.expected,
                "attempted": run.progress.attempted,
                "connected": run.progress.connected,
                "firstStart": utc(run.plan.first_start),
                "lastEnd": utc(run.plan.last_end),
            },
        });
        Self { run_id: run.id.to_string(), webhook_url: run.plan.webhook_url.clone(), event }
    }

    /// The same for every attempt, so that the receiver can detect a repeat.
    pub(crate) fn webhook_id(&self) -> String {
        format!("msg_{}", Uuid::new_v5(&WEBHOOKS, self.run_id.as_bytes()).simple())
    }

    pub(crate) fn body(&self) -> String {
        self.event.to_string()
    }

    /// Body of the dead letter, which a redrive brings back.
    pub(crate) fn dead_letter(&self) -> String {
        let Self { run_id, webhook_url, event } = self;
        json!({ "runId": run_id, "webhookUrl": webhook_url, "event": event }).to_string()
    }
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Redriven dead letter. Its event is not needed: the run's record has all of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedrivenReport {
    pub(crate) run_id: RunId,
    /// Receiver, which an operator may have corrected.
    pub(crate) webhook_url: Url,
}
