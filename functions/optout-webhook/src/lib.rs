//! Takes an opt-out event, records it in the ledger and queues its number for the DNC list.
//!
//! The sender gets its 200 only once the event is safe: the number is in the queue, or was
//! there already, or the whole event is among the dead letters. An event that is refused is kept
//! there as well: somebody who knows a secret said that a customer must not be called.

mod config;

use chrono::Utc;
use lambda_http::{Body, Request, RequestExt, Response};
use outbound::{DncReason, E164, OptOutEvent, Region, UnreadableEvent};
use platform::{
    aws::Aws,
    idempotency::{self, IdempotencyStore, Lease},
    ledger::{Ledger, OptOut},
    opt_outs::{OptOuts, Taken},
    problem::{self, Problem},
    queue::{DeadLetterQueue, Queue, Reason},
    secrets::SecretError,
    telemetry::{Count, EventRecord, Telemetry},
    webhook::{self, Authenticator, Payload},
};
use serde::Serialize;

pub use config::Config;

const FUNCTION: &str = "optout-webhook";

/// The webhook and what it works with.
pub struct OptoutWebhook {
    authenticator: Authenticator,
    opt_outs: OptOuts,
    idempotency: IdempotencyStore,
    dead_letters: DeadLetterQueue,
    region: Region,
    telemetry: Telemetry,
}

/// What the sender is told about an event that is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Reply {
    /// The number is in the queue now.
    Accepted,
    /// The number was on its way, or on the list, already.
    Duplicate,
    /// The number cannot be read; a person will look at the event.
    DeadLettered,
}

impl OptoutWebhook {
    /// Sets the webhook up.
    pub async fn new(config: Config, aws: &Aws, telemetry: Telemetry) -> Result<Self, SecretError> {
        outbound::load_phone_metadata();
        let (dynamodb, sqs) = (aws.dynamodb(), aws.sqs());
        let secrets = config.webhook_secrets;
        Ok(Self {
            authenticator: Authenticator::load(secrets, aws.secrets_manager()).await?,
            opt_outs: OptOuts {
                ledger: Ledger::new(dynamodb.clone(), config.opt_outs_table),
                dnc_queue: Queue::new(sqs.clone(), config.dnc_queue_url),
                relist_after: config.relist_after,
            },
            idempotency: IdempotencyStore::new(dynamodb, config.idempotency_table),
            dead_letters: DeadLetterQueue::new(sqs, config.dead_letter_queue_url, FUNCTION),
            region: config.region,
            telemetry,
        })
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let mut record = self.telemetry.event(request.lambda_context().request_id);
        match self.take(&request, &mut record).await {
            Ok(reply) => {
                record.outcome(reply.as_str());
                record.count(reply.count(), 1);
                problem::ok(&reply)
            }
            Err(problem) => problem.answer(&mut record),
        }
    }

    async fn take(&self, request: &Request, record: &mut EventRecord) -> Result<Reply, Problem> {
        self.authenticator.verify(request, record).await?;
        let payload = Payload::of(request);
        let lease = Lease::of(&request.lambda_context());
        let event = match read(&payload) {
            Ok(event) => event,
            Err(problem) => {
                let reason = Reason::new(problem.code(), problem.detail());
                self.keep(&payload, &reason, lease).await?;
                record.count(Count::DeadLettered, 1);
                return Err(problem.and_kept());
            }
        };
        let event_id = event_id(&event, request, &payload);
        record.event_id(&event_id);
        match E164::parse(&event.phone_number, self.region) {
            Ok(number) => self.queue(number, event, event_id).await,
            Err(invalid) => {
                let reason = Reason::new("invalid_phone_number", invalid.to_string());
                self.keep(&payload, &reason, lease).await?;
                Ok(Reply::DeadLettered)
            }
        }
    }

    /// Takes the number in, unless it is on its way or on the list already.
    async fn queue(
        &self,
        number: E164,
        event: OptOutEvent,
        event_id: String,
    ) -> Result<Reply, Problem> {
        let now = Utc::now();
        let opt_out = OptOut {
            number,
            event_type: event.event_type.to_owned(),
            // A sender whose clock is ahead does not get to choose its place.
            requested_at: event.occurred_at.map_or(now, |at| at.min(now)),
            event_id,
        };
        let taken = self.opt_outs.take(&opt_out, DncReason::WebhookOptOut, now).await;
        match taken.map_err(Problem::not_stored)? {
            Taken::Accepted => Ok(Reply::Accepted),
            Taken::Duplicate => Ok(Reply::Duplicate),
        }
    }

    /// Keeps the whole event for a person, once however often it is delivered.
    async fn keep(
        &self,
        payload: &Payload<'_>,
        reason: &Reason,
        lease: Lease,
    ) -> Result<(), Problem> {
        let claims = &self.idempotency;
        self.dead_letters.send_once(payload.bytes(), reason, claims, lease).await
    }
}

fn read(payload: &Payload<'_>) -> Result<OptOutEvent, Problem> {
    OptOutEvent::read(&payload.json()?).map_err(unreadable)
}

/// The id that the sender gave the event, in the event itself or in its signature. Without one, the
/// same body is the same event.
fn event_id(event: &OptOutEvent, request: &Request, payload: &Payload<'_>) -> String {
    let given = event.event_id.clone().or_else(|| webhook::delivery_id(request));
    given.unwrap_or_else(|| idempotency::key_of_body(FUNCTION, payload.bytes()).to_string())
}

impl Reply {
    fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::DeadLettered => "dead_lettered",
        }
    }

    fn count(self) -> Count {
        match self {
            Self::Accepted => Count::Accepted,
            Self::Duplicate => Count::Duplicate,
            Self::DeadLettered => Count::DeadLettered,
        }
    }
}

fn unreadable(why: UnreadableEvent) -> Problem {
    let detail = why.to_string();
    match why {
        UnreadableEvent::NotAnObject => Problem::bad_request("not_an_object", detail),
        UnreadableEvent::MissingEventType => Problem::bad_request("missing_event_type", detail),
        UnreadableEvent::UnknownEventType => Problem::unprocessable("unknown_event_type", detail),
        UnreadableEvent::MissingPhoneNumber => Problem::bad_request("missing_phone_number", detail),
    }
}
