//! Reports the end of runs: the attempts, their gaps, and the dead letters of what fails.

use std::collections::HashMap;

use ambient::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use platform::{
    queue::Reason,
    runs::{Attempt, Run, RunError},
    telemetry::{Count, EventRecord},
};
use secrecy::SecretString;
use serde::Serialize;

use crate::{
    AnalyticsPoller,
    report::Report,
    webhook::{DeliveryError, Message},
};

/// The gaps between the attempts, in minutes. After the last one the report is given up.
const GAPS_MINUTES: [i64; 9] = [1, 2, 5, 10, 30, 60, 180, 360, 720];
/// While an attempt is on its way, no other poller makes one. It takes 15 seconds at most.
const ATTEMPT_HIDDEN: TimeDelta = TimeDelta::minutes(2);
/// Reports that are sent at once: a slow receiver must not hold up the others.
const SENT_AT_ONCE: usize = 32;

/// Results of one poll's reports.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deliveries {
    delivered: u64,
    postponed: u64,
    dead_lettered: u64,
}

impl Deliveries {
    pub(crate) fn count(self, record: &mut EventRecord) {
        record.count(Count::WebhooksDelivered, self.delivered);
        record.count(Count::WebhooksFailed, self.postponed + self.dead_lettered);
        record.count(Count::DeadLettered, self.dead_lettered);
    }
}

/// Result of one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeliveryOutcome {
    Delivered,
    Postponed,
    DeadLettered,
    /// Another poller makes this attempt, or there was no time for it.
    Skipped,
}

impl AnalyticsPoller {
    /// Reports the end of each of these runs.
    pub(crate) async fn deliver(
        &self,
        due: Vec<Run>,
        now: DateTime<Utc>,
        ends_at: Instant,
    ) -> Deliveries {
        if due.is_empty() {
            return Deliveries::default();
        }
        let secrets = match self.signing_secrets.load(&self.secrets_manager).await {
            Ok(secrets) => secrets,
            Err(error) => {
                tracing::error!(%error, "reports cannot be signed");
                return Deliveries { postponed: due.len() as u64, ..Deliveries::default() };
            }
        };
        let outcomes: Vec<DeliveryOutcome> = stream::iter(due)
            .map(async |run| self.deliver_one(&run, &secrets, now, ends_at).await)
            .buffer_unordered(SENT_AT_ONCE)
            .collect()
            .await;
        let count = |outcome| outcomes.iter().filter(|one| **one == outcome).count() as u64;
        Deliveries {
            delivered: count(DeliveryOutcome::Delivered),
            postponed: count(DeliveryOutcome::Postponed),
            dead_lettered: count(DeliveryOutcome::DeadLettered),
        }
    }

    async fn deliver_one(
        &self,
        run: &Run,
        secrets: &[SecretString],
        now: DateTime<Utc>,
        ends_at: Instant,
    ) -> DeliveryOutcome {
        if Instant::now() >= ends_at {
            return DeliveryOutcome::Skipped;
        }
        self.attempt(run, secrets, now).await.unwrap_or_else(|error| {
            // The report comes due again when this attempt is no longer hidden.
            tracing::error!(%error, run = %run.id, "the record of a report was not written");
            DeliveryOutcome::Postponed
        })
    }

    async fn attempt(
        &self,
        run: &Run,
        secrets: &[SecretString],
        now: DateTime<Utc>,
    ) -> Result<DeliveryOutcome, RunError> {
        let Some(url) = &run.plan.webhook_url else { return Ok(DeliveryOutcome::Skipped) };
        let Some(attempt) = self.runs.claim_report(run, now + ATTEMPT_HIDDEN).await? else {
            return Ok(DeliveryOutcome::Skipped);
        };
        let report = Report::of(run);
        let message = Message { id: report.webhook_id(), body: report.body() };
        // A receiver compares the time with its own clock.
        let Err(error) = self.webhooks.send(url, &message, secrets, ambient::now()).await else {
            self.runs.reported(&attempt, now).await?;
            return Ok(DeliveryOutcome::Delivered);
        };
        let attempts = run.report_attempts + 1;
        tracing::warn!(%error, run = %run.id, attempts, "a report was not delivered");
        match next_attempt(&error, run.report_attempts, now) {
            Some(at) => {
                self.runs.report_again(&attempt, at, &error.to_string()).await?;
                Ok(DeliveryOutcome::Postponed)
            }
            None => self.give_up(&attempt, &report, &error, now).await,
        }
    }

    /// Puts the report among the dead letters. Should that fail, it is attempted again later.
    async fn give_up(
        &self,
        attempt: &Attempt,
        report: &Report,
        error: &DeliveryError,
        now: DateTime<Utc>,
    ) -> Result<DeliveryOutcome, RunError> {
        let code = match error {
            DeliveryError::Gone => "receiver_gone",
            DeliveryError::NotAllowed(_) => "receiver_not_allowed",
            _ => "receiver_failing",
        };
        let reason = Reason::new(code, error.to_string());
        let (body, none) = (report.dead_letter(), HashMap::new());
        if let Err(error) = self.work_queue.dead_letters.send(&body, &none, &reason, now).await {
            tracing::error!(%error, run = %attempt.run(), "a dead letter was not sent");
            return Ok(DeliveryOutcome::Postponed);
        }
        self.runs.give_up_report(attempt, &error.to_string()).await?;
        Ok(DeliveryOutcome::DeadLettered)
    }
}

/// Time of the next attempt after a failure. `None` when there is none.
fn next_attempt(error: &DeliveryError, attempts: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if matches!(error, DeliveryError::Gone | DeliveryError::NotAllowed(_)) {
        return None;
    }
    let gap = GAPS_MINUTES.get(usize::try_from(attempts).ok()?)?;
    Some(now + TimeDelta::minutes(*gap))
}

#[cfg(test)]
mod tests {
    use outbound::ForbiddenTarget;

    use super::*;

    #[test]
    fn the_gaps_grow_for_about_a_day_and_then_end() {
        let error = DeliveryError::Refused { status: 500 };
        let mut at = DateTime::UNIX_EPOCH;
        let mut gaps = Vec::new();
        for attempts in 0.. {
            let Some(next) = next_attempt(&error, attempts, at) else { break };
            gaps.push(next - at);
            at = next;
        }
        assert!(gaps.is_sorted());
        assert_eq!(at, DateTime::UNIX_EPOCH + TimeDelta::minutes(22 * 60 + 48));
    }

    #[test]
    fn a_receiver_that_is_gone_or_not_allowed_is_not_asked_again() {
        for error in [DeliveryError::Gone, DeliveryError::NotAllowed(ForbiddenTarget::NotPublic)] {
            assert_eq!(next_attempt(&error, 0, DateTime::UNIX_EPOCH), None);
        }
    }
}
