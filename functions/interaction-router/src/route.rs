//! The way of one event.

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use outbound::{
    Json,
    interaction::{Interaction, InteractionEvent},
};
use platform::{
    batch::{Failure, Outcome},
    function::Function,
    idempotency::{self, Lease},
    once::{Once, Request, Steps},
    problem::Problem,
    queue::{self, Reason},
    telemetry::{about, shown},
};
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;

use crate::{
    InteractionRouter, REMEMBERED, Status,
    fan_out::{Consumer, Missing},
};

/// The step that hands an event on.
const FAN_OUT: &str = "fan_out";

/// The longest message for a consumer, in bytes. The key is longest when each of its characters is
/// escaped, and it goes beside the message to a consumer that has to wait.
const INTERACTION_BYTES_MAX: usize = queue::BODY_BYTES_MAX - 8 * 1024;

/// Progress of an event.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    received_at: DateTime<Utc>,
    /// Consumers that lack it.
    missing: Vec<Consumer>,
}

impl InteractionRouter {
    /// Takes an event in, once however often it is delivered.
    pub(crate) async fn accept(
        &self,
        event: &InteractionEvent,
        body: &[u8],
        lease: Lease,
    ) -> Result<Status, Problem> {
        let identity = event.key();
        let key = idempotency::key(Self::NAME, &identity);
        let request = Request { key: &key, identity: &identity, lease, keep_for: REMEMBERED };
        let work = async |steps: &mut Steps| self.route(event, body, lease, steps).await;
        match self.idempotency.once(request, work).await? {
            Once::Done(status) => Ok(status),
            Once::Repeated(_) => Ok(Status::Duplicate),
        }
    }

    /// Records an opt-out in the event, then hands the event to every consumer that does not have
    /// it yet.
    async fn route(
        &self,
        event: &InteractionEvent,
        body: &[u8],
        lease: Lease,
        steps: &mut Steps,
    ) -> Result<Status, Problem> {
        self.heed(event, lease, steps).await?;
        let Progress { received_at, missing } = steps.recall(FAN_OUT).unwrap_or_else(|| Progress {
            received_at: ambient::now(),
            missing: Consumer::ALL.into(),
        });
        let interaction = Interaction::normalize(event, &self.filters, received_at);
        let interaction = to_raw_value(&interaction).map_err(Problem::not_stored)?;
        if interaction.get().len() > INTERACTION_BYTES_MAX {
            return self.keep(body, &too_large(), lease).await;
        }
        let key = event.key().to_string();
        let mut left = self.consumers.send(&missing, &interaction, &key).await;
        let status = if left.is_empty() { Status::Processed } else { Status::QueuedForRetry };
        while let Some(consumer) = left.pop() {
            let (key, interaction) = (key.clone(), interaction.clone());
            let message = Missing { consumer, key, interaction };
            if let Err(error) = self.work_queue.queue.send(&message).await {
                // The next delivery goes on with those that are left.
                left.push(consumer);
                let progress = Progress { received_at, missing: left };
                if let Err(error) = steps.remember(FAN_OUT, &progress).await {
                    tracing::warn!(%error, "some consumers may get an event twice");
                }
                return Err(Problem::not_stored(error));
            }
        }
        Ok(status)
    }

    /// Keeps the whole event for a person, once however often it is delivered.
    pub(crate) async fn keep(
        &self,
        body: &[u8],
        reason: &Reason,
        lease: Lease,
    ) -> Result<Status, Problem> {
        let (dead_letters, claims) = (&self.work_queue.dead_letters, &self.idempotency);
        dead_letters.send_once(body, reason, claims, lease).await?;
        Ok(Status::DeadLettered)
    }

    /// Works on a message of the interaction queue: what one consumer lacks, or an event that was a
    /// dead letter and was redriven.
    pub(crate) async fn redrive(&self, message: &SqsMessage, lease: Lease) -> Outcome {
        let body = queue::original(message);
        let document = Json::parse(&body)
            .map_err(|error| Failure::dead_letter("unreadable_message", error.to_string()))?;
        if let Ok(missing) = serde_json::from_str(document.as_written()) {
            let Missing { consumer, key, interaction } = missing;
            about(&key);
            let sent = self.consumers.send_to(consumer, &interaction, &key).await;
            return sent.map_err(|error| {
                let key = shown(&key);
                tracing::warn!(%error, ?consumer, key, "a consumer has to wait for an event");
                Failure::RETRY
            });
        }
        let event = InteractionEvent::read(&document)
            .map_err(|why| Failure::dead_letter(why.code(), why.to_string()))?;
        about(&event.id);
        match self.accept(&event, body.as_bytes(), lease).await {
            Ok(_) => Ok(()),
            Err(problem) => {
                tracing::warn!(code = problem.code(), "a redriven event has to wait");
                Err(Failure::RETRY)
            }
        }
    }
}

fn too_large() -> Reason {
    let why = "what consumers would get is longer than a queue takes";
    Reason::new("too_large", why)
}
