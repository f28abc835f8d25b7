//! Takes the interaction events of all channels, brings them into one form, and hands each to three
//! consumers, once.
//!
//! A consumer whose queue does not take an event gets it later, through the interaction queue: the
//! others do not see it again for that. An event that cannot be read is kept whole for a person,
//! refused or not.

mod config;
mod fan_out;
mod route;

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_http::{Body, Request, RequestExt, Response};
use lambda_runtime::LambdaEvent;
use outbound::interaction::{Filters, InteractionEvent};
use platform::{
    aws::Aws,
    batch::{self, Settler},
    idempotency::{IdempotencyStore, Lease},
    intake::Intake,
    problem::{self, Problem},
    queue::{DeadLetterQueue, Queue, Reason},
    secrets::SecretError,
    telemetry::{Count, EventRecord, Telemetry},
    webhook::{Authenticator, Payload},
};
use serde::{Deserialize, Serialize};

pub use config::Config;
use fan_out::Consumers;

const FUNCTION: &str = "interaction-router";
/// How long an event is known: the same one that comes later is new again.
const REMEMBERED: Duration = Duration::from_hours(1);

/// The router and what it works with.
pub struct InteractionRouter {
    authenticator: Authenticator,
    filters: Filters,
    idempotency: IdempotencyStore,
    consumers: Consumers,
    settler: Settler,
    telemetry: Telemetry,
}

/// What the sender is told about an event that is safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    status: Status,
    /// Absent when the event does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction_id: Option<String>,
}

/// What came of an event.
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
    /// Sets the router up.
    pub async fn new(config: Config, aws: &Aws, telemetry: Telemetry) -> Result<Self, SecretError> {
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
            settler: Settler {
                queue: queue(config.interaction_queue_url),
                dead_letters: DeadLetterQueue::new(
                    sqs.clone(),
                    config.dead_letter_queue_url,
                    FUNCTION,
                ),
            },
            telemetry,
        })
    }

    async fn receive(&self, request: &Request, record: &mut EventRecord) -> Result<Reply, Problem> {
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
            Ok(event) => self.take(event, body, lease).await?,
            Err(why) => self.keep(body, &Reason::new(why.code(), why.to_string()), lease).await?,
        };
        Ok(Reply { status, interaction_id })
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

impl Intake for InteractionRouter {
    async fn request(&self, request: Request) -> Response<Body> {
        let mut record = self.telemetry.event(request.lambda_context().request_id);
        match self.receive(&request, &mut record).await {
            Ok(reply) => {
                record.outcome(reply.status.as_str());
                record.count(reply.status.count(), 1);
                problem::ok(&reply)
            }
            Err(problem) => problem.answer(&mut record),
        }
    }

    async fn batch(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let mut record = self.telemetry.event(event.context.request_id.as_str());
        let (deadline, lease) = (batch::deadline(&event.context), Lease::of(&event.context));
        let work = async |message: &SqsMessage| self.take_again(message, lease).await;
        self.settler.work(event.payload.records, deadline, &mut record, work).await
    }
}
