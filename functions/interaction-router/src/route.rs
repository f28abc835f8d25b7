//! The way of one event.

use std::collections::HashMap;

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use outbound::interaction::{Interaction, InteractionEvent, UnreadableInteraction};
use platform::{
    batch::{Failure, Outcome},
    function::Function,
    idempotency::{self, Lease},
    once::{Once, Request, Steps},
    problem::Problem,
    queue::Reason,
    telemetry::about,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Answer, InteractionRouter, REMEMBERED, Status,
    fan_out::{Consumer, Missing},
};

/// The step that hands an event on.
const FAN_OUT: &str = "fan_out";

/// How far an event has come.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    received_at: DateTime<Utc>,
    /// Who does not have it yet.
    missing: Vec<Consumer>,
}

impl InteractionRouter {
    /// Takes an event in, once however often it is delivered.
    pub(crate) async fn accept(
        &self,
        body: &str,
        document: &Value,
        lease: Lease,
    ) -> Result<Answer, Problem> {
        let read = InteractionEvent::read(document);
        let (identity, interaction_id) = match &read {
            Ok(event) => (json!(event.key()), Some(event.id.clone())),
            // What cannot be read has no key: the document itself is it.
            Err(unreadable) => (document.clone(), unreadable.interaction_id()),
        };
        about(interaction_id.as_deref().unwrap_or_default());
        let key = idempotency::key(Self::NAME, &identity);
        let request = Request { key: &key, identity: &identity, lease, keep_for: REMEMBERED };
        let work = async |steps: &mut Steps| match &read {
            Ok(event) => self.route(event, steps).await,
            Err(why) => self.keep(body, why).await,
        };
        let status = match self.idempotency.once(request, work).await? {
            Once::Repeated(_) if read.is_ok() => Status::Duplicate,
            once => once.into_answer(),
        };
        Ok(Answer { status, interaction_id })
    }

    /// Hands an event to every consumer that does not have it yet.
    async fn route(&self, event: &InteractionEvent, steps: &mut Steps) -> Result<Status, Problem> {
        let Progress { received_at, missing } = steps
            .recall(FAN_OUT)
            .unwrap_or_else(|| Progress { received_at: Utc::now(), missing: Consumer::ALL.into() });
        let interaction = Interaction::normalise(event, &self.filters, received_at);
        let key = event.key();
        let mut left = self.consumers.send(&missing, &interaction, &key).await;
        let status = if left.is_empty() { Status::Processed } else { Status::QueuedForRetry };
        while let Some(consumer) = left.pop() {
            let (key, interaction) = (key.clone(), interaction.clone());
            let message = Missing { consumer, key, interaction };
            if let Err(error) = self.settler.queue.send(&message).await {
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

    /// Keeps the whole event for a person.
    async fn keep(&self, body: &str, why: &UnreadableInteraction) -> Result<Status, Problem> {
        let reason = Reason::new(why.code(), why.to_string());
        let sent = self.settler.dead_letters.send(body, &HashMap::new(), &reason, Utc::now()).await;
        sent.map(|()| Status::DeadLettered).map_err(Problem::not_stored)
    }

    /// Works on a message of the interaction queue: what one consumer lacks, or an event that was a
    /// dead letter and has been put back.
    pub(crate) async fn redrive(&self, message: &SqsMessage, lease: Lease) -> Outcome {
        let body = message.body.as_deref().unwrap_or_default();
        let document: Value = serde_json::from_str(body)
            .map_err(|error| Failure::dead_letter("unreadable_message", error.to_string()))?;
        if let Ok(missing) = Missing::deserialize(&document) {
            let Missing { consumer, key, interaction } = missing;
            about(&interaction.interaction_id);
            let sent = self.consumers.send_to(consumer, &interaction, &key).await;
            return sent.map_err(|error| {
                tracing::warn!(%error, ?consumer, key, "a consumer has to wait for an event");
                Failure::RETRY
            });
        }
        if let Err(why) = InteractionEvent::read(&document) {
            return Err(Failure::dead_letter(why.code(), why.to_string()));
        }
        match self.accept(body, &document, lease).await {
            Ok(_) => Ok(()),
            Err(problem) => {
                tracing::warn!(code = problem.code(), "an event that was put back has to wait");
                Err(Failure::RETRY)
            }
        }
    }
}
