//! Takes an opt-out event, records it in the ledger and queues its number for the DNC list.
//!
//! The sender gets its 200 only once the event is safe: the number is in the queue, or was
//! there already, or the whole event is among the dead letters.

mod config;

use std::{collections::HashMap, time::Duration};

use chrono::Utc;
use lambda_http::{Request, RequestExt};
use lambda_runtime::Error;
use outbound::{DncReason, E164, InvalidNumber, OptOutEvent, Region, UnreadableEvent};
use platform::{
    aws::Aws,
    function::Function,
    idempotency::{self, IdempotencyStore, Lease},
    ledger::{Ledger, OptOut},
    once::{Request as OnceRequest, Steps},
    opt_outs::{Accepted, OptOuts},
    problem::{Problem, Reply},
    queue::{DeadLetterQueue, Queue, Reason},
    telemetry::{Count, EventRecord},
    webhook::{self, Authenticator},
};
use serde::Serialize;
use serde_json::Value;
use settings::Environment;

pub use config::Config;

/// Senders give up on an event long before.
const DEAD_LETTER_REMEMBERED: Duration = Duration::from_hours(24);
/// Ids of a sender's own making are stored and logged as they are, up to this length.
const EVENT_ID_LENGTH_MAX: usize = 128;

/// The webhook and what it works with.
pub struct OptoutWebhook {
    authenticator: Authenticator,
    opt_outs: OptOuts,
    idempotency: IdempotencyStore,
    dead_letters: DeadLetterQueue,
    region: Region,
}

/// What the sender is told about an event that is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Answer {
    /// The number is in the queue now.
    Accepted,
    /// The number was on its way, or on the list, already.
    Duplicate,
    /// The number cannot be read; a person will look at the event.
    DeadLettered,
}

/// An event that got past the door.
struct Received<'a> {
    body: &'a str,
    document: Value,
    event: OptOutEvent,
    event_id: String,
    lease: Lease,
}

impl OptoutWebhook {
    async fn accept(&self, request: &Request, record: &mut EventRecord) -> Result<Answer, Problem> {
        self.authenticator.verify(request, record).await?;
        let received = Received::read(request)?;
        record.event_id(&received.event_id);
        match E164::parse(&received.event.phone_number, self.region) {
            Ok(number) => self.queue(number, received).await,
            Err(invalid) => self.dead_letter(received, invalid).await,
        }
    }

    /// Takes the number in, unless it is on its way or on the list already.
    async fn queue(&self, number: E164, received: Received<'_>) -> Result<Answer, Problem> {
        let now = Utc::now();
        let opt_out = OptOut {
            number,
            event_type: received.event.event_type.to_owned(),
            requested_at: received.event.occurred_at.unwrap_or(now),
            received_at: now,
            event_id: received.event_id,
        };
        let accepted = self.opt_outs.accept(&opt_out, DncReason::WebhookOptOut, now).await;
        match accepted.map_err(Problem::not_stored)? {
            Accepted::Queued => Ok(Answer::Accepted),
            Accepted::Duplicate => Ok(Answer::Duplicate),
        }
    }

    /// Keeps the whole event for a person, once however often it is delivered.
    async fn dead_letter(
        &self,
        received: Received<'_>,
        invalid: InvalidNumber,
    ) -> Result<Answer, Problem> {
        // The document itself is the key: a sender that reuses its ids must not lose an event.
        let (key, document) =
            (idempotency::key(OptoutWebhook::NAME, &received.document), &received.document);
        let request = OnceRequest {
            key: &key,
            identity: document,
            lease: received.lease,
            keep_for: DEAD_LETTER_REMEMBERED,
        };
        let reason = Reason::new("invalid_phone_number", invalid.to_string());
        self.idempotency
            .once(request, async |_: &mut Steps| {
                let none = HashMap::new();
                let sent = self.dead_letters.send(received.body, &none, &reason, Utc::now()).await;
                sent.map_err(Problem::not_stored)
            })
            .await?;
        Ok(Answer::DeadLettered)
    }
}

impl Function for OptoutWebhook {
    const NAME: &'static str = "optout-webhook";
    type Config = Config;

    fn configure(env: &mut Environment) -> Option<Config> {
        Config::read(env)
    }

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        outbound::load_phone_metadata();
        let (dynamodb, sqs) = (aws.dynamodb(), aws.sqs());
        let secrets = config.webhook_secrets;
        Ok(Self {
            authenticator: Authenticator::load(secrets, aws.secrets_manager()).await?,
            opt_outs: OptOuts {
                ledger: Ledger::new(dynamodb.clone(), config.ledger),
                dnc_queue: Queue::new(sqs.clone(), config.dnc_queue_url),
                relist_after: config.relist_after,
            },
            idempotency: IdempotencyStore::new(dynamodb, config.idempotency_table),
            dead_letters: DeadLetterQueue::new(sqs, config.dead_letter_queue_url, Self::NAME),
            region: config.region,
        })
    }

    async fn request(&self, request: &Request, record: &mut EventRecord) -> Result<Reply, Problem> {
        let answer = self.accept(request, record).await?;
        Ok(Reply::ok(&answer, answer.as_str(), answer.count()))
    }
}

impl<'a> Received<'a> {
    fn read(request: &'a Request) -> Result<Self, Problem> {
        let document = webhook::json_body(request)?;
        let event = OptOutEvent::read(&document).map_err(unreadable)?;
        let event_id = event_id(&event, request)
            .unwrap_or_else(|| idempotency::key(OptoutWebhook::NAME, &document).to_string());
        let body = std::str::from_utf8(request.body()).unwrap_or_default();
        let lease = Lease::of(&request.lambda_context());
        Ok(Self { body, document, event, event_id, lease })
    }
}

/// The id the sender gave the event, in the event itself or in its signature.
fn event_id(event: &OptOutEvent, request: &Request) -> Option<String> {
    let header = || Some(request.headers().get("webhook-id")?.to_str().ok()?.to_owned());
    let id = event.event_id.clone().or_else(header)?;
    (1..=EVENT_ID_LENGTH_MAX).contains(&id.len()).then_some(id)
}

impl Answer {
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
