//! Takes the interaction events of all channels, brings them into one form, and hands each to three
//! consumers, once. An opt-out in the words of a customer is recorded before.
//!
//! A consumer whose queue does not take an event gets it later, through the interaction queue: the
//! others do not see it again for that. An event that cannot be read is kept whole for a person,
//! refused or not.

mod config;
mod fan_out;
mod opt_out;
mod route;

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use lambda_http::{Request, RequestExt};
use lambda_runtime::{Context, Error};
use outbound::interaction::{Filters, InteractionEvent};
use platform::{
    aws::Aws,
    batch::{self, WorkQueue},
    function::Function,
    idempotency::{IdempotencyStore, Lease},
    problem::{Problem, Reply},
    queue::{Queue, Reason},
    telemetry::{Count, EventRecord},
    webhook::{Authenticator, Payload},
};
use serde::{Deserialize, Serialize};

pub use config::Config;
use fan_out::Consumers;
use opt_out::Receivers;

/// Time that an event is remembered. A later repeat counts as new.
const REMEMBERED: Duration = Duration::from_hours(1);

/// The router and what it works with.
pub struct InteractionRouter {
    authenticator: Authenticator,
    filters: Filters,
    idempotency: IdempotencyStore,
    consumers: Consumers,
    receivers: Receivers,
    work_queue: WorkQueue,
}

/// Answer to the sender of an event that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: Status,
    /// Absent when the event does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction_id: Option<String>,
}

/// Result of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// Every consumer has it.
    Processed,
    /// It was here before.
    Duplicate,
    /// Some consumer gets it later.
    QueuedForRetry,
    /// It cannot be read; a person will look at it.
    DeadLettered,
}

impl InteractionRouter {
    async fn receive(
        &self,
        request: &Request,
        record: &mut EventRecord,
    ) -> Result<Answer, Problem> {
        self.authenticator.verify(request, record).await?;
        let payload = Payload::of(request);
        let (body, lease) = (payload.bytes(), Lease::of(&request.lambda_context()));
        let document = match payload.json() {
            Ok(document) => document,
            Err(problem) => {
                let reason = Reason::new(problem.code(), problem.detail());
                self.keep(body, &reason, lease).await?;
                record.count(Count::DeadLettered, 1);
                return Err(problem.and_kept());
            }
        };
        let read = InteractionEvent::read(&document);
        let interaction_id = match &read {
            Ok(event) => Some(event.id.clone()),
            Err(why) => why.interaction_id(),
        };
        record.event_id(interaction_id.as_deref().unwrap_or_default());
        let status = match &read {
            Ok(event) => self.accept(event, body, lease).await?,
            Err(why) => self.keep(body, &Reason::new(why.code(), why.to_string()), lease).await?,
        };
        Ok(Answer { status, interaction_id })
    }
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Duplicate => "duplicate",
            Self::QueuedForRetry => "queued_for_retry",
            Self::DeadLettered => "dead_lettered",
        }
    }

    fn count(self) -> Count {
        match self {
            Self::Processed | Self::QueuedForRetry => Count::Accepted,
            Self::Duplicate => Count::Duplicate,
            Self::DeadLettered => Count::DeadLettered,
        }
    }
}

impl Function for InteractionRouter {
    const NAME: &'static str = "interaction-router";
    type Config = Config;

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        let sqs = aws.sqs();
        let queue = |url: String| Queue::new(sqs.clone(), url);
        let secrets = config.webhook_secrets;
        Ok(Self {
            authenticator: Authenticator::load(secrets, aws.secrets_manager()).await?,
            filters: config.filters,
            idempotency: IdempotencyStore::new(aws.dynamodb(), config.idempotency_table),
            consumers: Consumers {
                analytics: queue(config.analytics_queue_url),
                crm_sync: queue(config.crm_sync_queue_url),
                notification: queue(config.notification_queue_url),
            },
            receivers: Receivers::new(config.opt_outs, aws),
            work_queue: WorkQueue::new(
                &sqs,
                config.interaction_queue_url,
                config.dead_letter_queue_url,
                Self::NAME,
            ),
        })
    }

    async fn request(&self, request: &Request, record: &mut EventRecord) -> Result<Reply, Problem> {
        let reply = self.receive(request, record).await?;
        Ok(Reply::ok(&reply, reply.status.as_str(), reply.status.count()))
    }

    async fn batch(
        &self,
        messages: Vec<SqsMessage>,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<SqsBatchResponse, Error> {
        let (deadline, lease) = (batch::deadline(context), Lease::of(context));
        let work = async |message: &SqsMessage| self.redrive(message, lease).await;
        Ok(self.work_queue.process(messages, deadline, record, work).await)
    }
}
