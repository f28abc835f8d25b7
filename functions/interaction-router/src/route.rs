//! The way of one event.

use std::collections::HashMap;

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use outbound::interaction::{Interaction, InteractionEvent, UnreadableInteraction};
use platform::{
    batch::{Failure, Outcome},
    idempotency::{self, Claim, Lease, Ticket},
    problem::Problem,
    queue::Reason,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    DELIVER_AGAIN_AFTER, FUNCTION, InteractionRouter, REMEMBERED, Reply, Status,
    fan_out::{Consumer, Missing},
};

/// How far an event has come.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    received_at: DateTime<Utc>,
    /// Who does not have it yet.
    missing: Vec<Consumer>,
}

impl InteractionRouter {
    /// Takes an event in, once however often it is delivered.
    pub(crate) async fn take(
        &self,
        body: &str,
        document: &Value,
        lease: Lease,
    ) -> Result<Reply, Problem> {
        let read = InteractionEvent::read(document);
        let (identity, interaction_id) = match &read {
            Ok(event) => (json!(event.key()), Some(event.id.clone())),
            // What cannot be read has no key: the document itself is it.
            Err(unreadable) => (document.clone(), unreadable.interaction_id()),
        };
        let key = idempotency::key(FUNCTION, &identity);
        let claim = self.idempotency.claim(&key, &identity, lease, REMEMBERED).await;
        let reply = |status| Reply { status, interaction_id: interaction_id.clone() };
        let ticket = match claim.map_err(not_stored)? {
            Claim::Won(ticket) => ticket,
            Claim::Replay(_) if read.is_err() => return Ok(reply(Status::DeadLettered)),
            Claim::Replay(_) => return Ok(reply(Status::Duplicate)),
            Claim::InProgress { retry_after } => {
                let detail = "the same event is being worked on";
                return Err(Problem::conflict("in_progress", detail).retry_after(retry_after));
            }
            Claim::Mismatch => return Err(not_stored("one event has two digests")),
        };
        match &read {
            Ok(event) => self.route(event, ticket).await.map(reply),
            Err(why) => self.keep(body, why, ticket).await.map(reply),
        }
    }

    /// Hands an event to every consumer that does not have it yet.
    async fn route(&self, event: &InteractionEvent, mut ticket: Ticket) -> Result<Status, Problem> {
        let stored = ticket.progress().cloned();
        let stored = stored.and_then(|stored| serde_json::from_value(stored).ok());
        let Progress { received_at, missing } = stored
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
                let progress = json!(Progress { received_at, missing: left });
                if let Err(error) = ticket.save_progress(progress).await {
                    tracing::warn!(%error, "some consumers may get an event twice");
                }
                // Should this fail, the next delivery has to wait for the lease to lapse.
                ticket.release().await.ok();
                return Err(not_stored(error));
            }
        }
        if let Err(error) = ticket.complete(&json!(status)).await {
            tracing::warn!(%error, "an event may be handed on twice");
        }
        Ok(status)
    }

    /// Keeps the whole event for a person.
    async fn keep(
        &self,
        body: &str,
        why: &UnreadableInteraction,
        ticket: Ticket,
    ) -> Result<Status, Problem> {
        let reason = Reason::new(why.code(), why.to_string());
        let sent = self.settler.dead_letters.send(body, &HashMap::new(), &reason, Utc::now()).await;
        if let Err(error) = sent {
            // Free for the next delivery at once. If not even that works, its lease lapses.
            ticket.release().await.ok();
            return Err(not_stored(error));
        }
        if let Err(error) = ticket.complete(&json!(Status::DeadLettered)).await {
            tracing::warn!(%error, "a dead letter may be sent twice");
        }
        Ok(Status::DeadLettered)
    }

    /// Works on a message of the interaction queue: what one consumer lacks, or an event that was a
    /// dead letter and has been put back.
    pub(crate) async fn take_again(&self, message: &SqsMessage, lease: Lease) -> Outcome {
        let body = message.body.as_deref().unwrap_or_default();
        let document: Value = serde_json::from_str(body)
            .map_err(|error| Failure::dead_letter("unreadable_message", error.to_string()))?;
        if let Ok(missing) = Missing::deserialize(&document) {
            let Missing { consumer, key, interaction } = missing;
            let sent = self.consumers.send_to(consumer, &interaction, &key).await;
            return sent.map_err(|error| {
                tracing::warn!(%error, ?consumer, key, "a consumer has to wait for an event");
                Failure::RETRY
            });
        }
        if let Err(why) = InteractionEvent::read(&document) {
            return Err(Failure::dead_letter(why.code(), why.to_string()));
        }
        match self.take(body, &document, lease).await {
            Ok(_) => Ok(()),
            Err(problem) => {
                tracing::warn!(code = problem.code(), "an event that was put back has to wait");
                Err(Failure::RETRY)
            }
        }
    }
}

/// The event is not safe yet: the sender must deliver it again.
fn not_stored(why: impl std::fmt::Display) -> Problem {
    tracing::error!(%why, "an interaction could not be made safe");
    let detail = "the event could not be stored; deliver it again";
    Problem::unavailable("not_stored", detail).retry_after(DELIVER_AGAIN_AFTER)
}
