//! Outcomes of calls, where CXone sends no events: calls that are over are read, and each goes to
//! the queue of the disposition handler.
//!
//! CXone lists calls late and lists them again when they change, so each pass begins before the
//! begin of the last one; a pass that is cut short goes on where it was. What was queued is claimed
//! by call and outcome, so that it is queued once. How far calls were read is stored only after they
//! are queued.

mod position;

use std::{num::NonZeroU32, str::FromStr, time::Duration};

use ambient::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use cxone::EndedCall;
use futures::{StreamExt, stream};
use lambda_runtime::Context;
use outbound::disposition::CallResult;
use platform::{
    aws::Aws,
    function::Function,
    idempotency::{self, Claim, ClaimGuard, IdempotencyError, IdempotencyStore, Lease},
    invocation,
    once::{Once, Request, Steps},
    queue::Queue,
    telemetry::{Count, EventRecord},
};
use serde::Serialize;
use serde_json::json;
use settings::{Environment, settings};

use crate::AnalyticsPoller;
use position::{Next, Position, Progress};

/// Time that is remembered what was queued, and how far calls were read: CXone is never asked for
/// calls that were changed longer ago.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);
/// Time kept to store how far calls were read.
const STORING: Duration = Duration::from_secs(5);
/// Calls that are queued at once.
const CALLS_AT_ONCE: usize = 16;

settings! { env;
    /// Settings of reading outcomes.
    pub(crate) struct OutcomeSettings {
        idempotency_table: String = env.required("IDEMPOTENCY_TABLE"),
        queue_url: String = env.required("DISPOSITION_QUEUE_URL"),
        overlap_minutes: NonZeroU32 = env.optional("CXONE_OUTCOMES_OVERLAP_MINUTES", OVERLAP_MINUTES),
    }
}

/// Minutes by which CXone may list a call late.
const OVERLAP_MINUTES: NonZeroU32 = NonZeroU32::new(60).expect("it is not zero");

/// Source of the outcomes of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Scripts send them.
    Scripts,
    /// This function reads them.
    Poll,
}

impl FromStr for Source {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "scripts" => Ok(Self::Scripts),
            "poll" => Ok(Self::Poll),
            _ => Err("expected scripts or poll"),
        }
    }
}

impl OutcomeSettings {
    /// Reads the settings if outcomes are to be read, and whether the API lists calls.
    #[expect(clippy::option_option, reason = "whether they can be read, and whether there are any")]
    pub(crate) fn read_if_polled(env: &mut Environment) -> Option<Option<Self>> {
        const SETTING: &str = "CXONE_OUTCOMES";
        if env.optional(SETTING, Source::Scripts)? == Source::Scripts {
            return Some(None);
        }
        let api = env.optional("CXONE_API", String::new())?;
        if api != "acd" {
            env.report(SETTING, "is `poll`, which needs CXONE_API=acd");
            return None;
        }
        <Self as settings::Settings>::read(env).map(Some)
    }
}

/// Reader of outcomes, and what it works with.
pub(crate) struct Outcomes {
    idempotency: IdempotencyStore,
    queue: Queue,
    overlap: TimeDelta,
}

/// Result of one reading.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutcomesRead {
    /// Outcomes that were queued now.
    queued: u64,
    /// Calls that cannot be read, such as those without an id.
    unreadable: u64,
    /// True if another invocation is reading.
    busy: bool,
    /// True if it ended before the last call. The next reading goes on from there.
    is_partial: bool,
}

/// Reason why a reading ended early.
#[derive(Debug, thiserror::Error)]
enum ReadingError {
    #[error(transparent)]
    Cxone(#[from] cxone::Error),
    #[error(transparent)]
    NotStored(#[from] IdempotencyError),
    #[error("an outcome cannot be queued: {0}")]
    NotQueued(String),
    #[error("how far calls were read is not as this version stores it: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl Outcomes {
    pub(crate) fn new(settings: OutcomeSettings, aws: &Aws) -> Self {
        Self {
            idempotency: IdempotencyStore::new(aws.dynamodb(), settings.idempotency_table),
            queue: Queue::new(aws.sqs(), settings.queue_url),
            overlap: TimeDelta::minutes(settings.overlap_minutes.get().into()),
        }
    }

    /// Queues one outcome, unless that was done before. Returns whether it was done now.
    async fn queue(&self, call: &EndedCall, lease: Lease) -> Result<bool, ReadingError> {
        // What has no outcome yet comes again when it has one.
        let Some(code) = &call.disposition else { return Ok(false) };
        let identity = json!({ "contactId": call.contact, "dispositionCode": code });
        let key = idempotency::key(AnalyticsPoller::NAME, &identity);
        let request = Request { key: &key, identity: &identity, lease, keep_for: REMEMBERED };
        let result = CallResult {
            contact_id: call.contact.clone(),
            disposition_code: code.clone(),
            call_result: None,
            timestamp: Some(call.updated_at),
            delivery_id: None,
        };
        let send =
            async |_: &mut Steps| self.queue.send(&result).await.map_err(|error| error.to_string());
        let queued = self.idempotency.once(request, send).await;
        let queued = queued.map_err(|why| ReadingError::NotQueued(why.to_string()))?;
        Ok(matches!(queued, Once::Done(())))
    }
}

impl AnalyticsPoller {
    /// Reads the calls that are over, from where the last reading ended.
    pub(crate) async fn read_outcomes(
        &self,
        outcomes: &Outcomes,
        now: DateTime<Utc>,
        context: &Context,
        record: &mut EventRecord,
    ) -> OutcomesRead {
        let mut read = OutcomesRead::default();
        let lease = Lease::starting(now, context);
        if let Err(error) = self.claim_outcomes(outcomes, &mut read, lease, context).await {
            tracing::warn!(%error, "outcomes of calls are not all read");
            read.is_partial = true;
        }
        if read.unreadable > 0 {
            tracing::warn!(count = read.unreadable, "calls that are over cannot be read");
        }
        record.count(Count::OutcomesQueued, read.queued);
        record.count(Count::OutcomesFailed, u64::from(read.is_partial || read.unreadable > 0));
        record.outcome(match read {
            OutcomesRead { busy: true, .. } => "busy",
            OutcomesRead { is_partial: true, .. } => "partly_read",
            _ => "read",
        });
        read
    }

    async fn claim_outcomes(
        &self,
        outcomes: &Outcomes,
        read: &mut OutcomesRead,
        lease: Lease,
        context: &Context,
    ) -> Result<(), ReadingError> {
        let identity = json!("outcomes");
        let key = idempotency::key(Self::NAME, &identity);
        let claim = outcomes.idempotency.claim(&key, &identity, lease, REMEMBERED).await?;
        let Claim::Won(mut guard) = claim else {
            read.busy = true;
            return Ok(());
        };
        let stored = guard.progress().cloned().map(serde_json::from_value).transpose()?;
        let progress = if let Some(progress) = stored {
            progress
        } else {
            // However long CXone cannot be read, it is read from here on.
            let first = Progress::of_pass(lease.from);
            guard.save_progress(json!(first)).await?;
            first
        };
        let position = Position::after(progress, outcomes.overlap, lease.from);
        let ends_at = invocation::ends_at(context, STORING);
        let done = self.read_pages(outcomes, &mut guard, position, read, lease, ends_at).await;
        guard.release().await?;
        done
    }

    /// Queues what is on each page, then stores how far it goes.
    async fn read_pages(
        &self,
        outcomes: &Outcomes,
        guard: &mut ClaimGuard,
        mut position: Position,
        read: &mut OutcomesRead,
        lease: Lease,
        ends_at: Instant,
    ) -> Result<(), ReadingError> {
        loop {
            let page = self.cxone.ended_calls(position.since, position.skip, ends_at).await?;
            let mut queued = stream::iter(&page.calls)
                .map(async |call| outcomes.queue(call, lease).await)
                .buffer_unordered(CALLS_AT_ONCE);
            while let Some(is_new) = queued.next().await {
                read.queued += u64::from(is_new?);
            }
            read.unreadable += page.unreadable;
            let next = position.next(&page);
            if let Some(progress) = next.progress() {
                guard.save_progress(json!(progress)).await?;
            }
            match next {
                Next::Page(next, _) => position = next,
                Next::End(_) => return Ok(()),
            }
        }
    }
}
