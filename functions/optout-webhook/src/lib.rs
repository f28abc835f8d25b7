//! Takes an opt-out event, records it in the ledger and queues its number for the DNC list. A
//! consent, and an opt-out from a part of the contacts, is recorded and lists nothing.
//!
//! The sender gets its 200 only once the event is safe: the number is in the queue, or was there
//! already, or the wish is stored, or the whole event is among the dead letters. An event that is
//! refused is kept there as well: an authenticated sender reported a customer who must not be called.

mod config;

use lambda_http::{Request, RequestExt};
use lambda_runtime::Error;
use outbound::{E164, PreferenceEvent, Region, UnreadableEvent, called_party::Wish};
use platform::{
    aws::Aws,
    called_parties::CalledParties,
    function::Function,
    idempotency::{self, IdempotencyStore, Lease},
    ledger::{Ledger, OptOut},
    opt_outs::{Accepted, OptOuts, Preferences},
    problem::{Problem, Reply},
    queue::{DeadLetterQueue, Queue, Reason},
    telemetry::{Count, EventRecord},
    webhook::{self, Authenticator, Payload},
};
use serde::Serialize;

pub use config::Config;

/// The webhook and what it works with.
pub struct OptoutWebhook {
    authenticator: Authenticator,
    opt_outs: OptOuts,
    preferences: Preferences,
    idempotency: IdempotencyStore,
    dead_letters: DeadLetterQueue,
    region: Region,
}

/// Answer to the sender of an event that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Answer {
    /// The number is in the queue now.
    Accepted,
    /// The number was on its way, or on the list, already.
    Duplicate,
    /// The opt-out is stored; it lists no number.
    Recorded,
    /// The consent is stored.
    #[serde(rename = "recorded")]
    Consented,
    /// The number cannot be read; a person will look at the event.
    DeadLettered,
}

impl OptoutWebhook {
    async fn accept(&self, request: &Request, record: &mut EventRecord) -> Result<Answer, Problem> {
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
            Ok(number) if event.is_listed() => self.queue(number, event, event_id).await,
            Ok(number) => {
                let fact = event.into_fact(event_id, ambient::now());
                self.preferences.accept(&number, &fact).await.map_err(Problem::not_stored)?;
                Ok(if fact.wish == Wish::Consent { Answer::Consented } else { Answer::Recorded })
            }
            Err(invalid) => {
                let reason = Reason::new("invalid_phone_number", invalid.to_string());
                self.keep(&payload, &reason, lease).await?;
                Ok(Answer::DeadLettered)
            }
        }
    }

    /// Takes the number in, unless it is on its way or on the list already.
    async fn queue(
        &self,
        number: E164,
        event: PreferenceEvent,
        event_id: String,
    ) -> Result<Answer, Problem> {
        let now = ambient::now();
        let reason = event.reason();
        let opt_out = OptOut {
            number,
            event_type: event.event_type.to_owned(),
            requested_at: event.occurred_at.unwrap_or(now),
            received_at: now,
            event_id,
            evidence: event.evidence,
        };
        let accepted = self.opt_outs.accept(&opt_out, reason, now).await;
        match accepted.map_err(Problem::not_stored)? {
            Accepted::Queued => Ok(Answer::Accepted),
            Accepted::Duplicate => Ok(Answer::Duplicate),
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

impl Function for OptoutWebhook {
    const NAME: &'static str = "optout-webhook";
    type Config = Config;

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        let (dynamodb, sqs) = (aws.dynamodb(), aws.sqs());
        let secrets = config.webhook_secrets;
        let ledger = Ledger::new(dynamodb.clone(), config.ledger);
        Ok(Self {
            authenticator: Authenticator::load(secrets, aws.secrets_manager()).await?,
            preferences: Preferences {
                called_parties: CalledParties::new(dynamodb.clone(), config.called_parties),
                ledger: ledger.clone(),
                callbacks: Queue::new(sqs.clone(), config.callback_queue_url),
            },
            opt_outs: OptOuts {
                ledger,
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

fn read(payload: &Payload<'_>) -> Result<PreferenceEvent, Problem> {
    PreferenceEvent::read(&payload.json()?).map_err(unreadable)
}

/// The id that the sender gave the event, in the event itself or in its signature. Without one, the
/// same body is the same event: a consent for good, so that one which is delivered late overrules no
/// opt-out of meanwhile; an opt-out that names no time for a day, since its customer may opt out again.
fn event_id(event: &PreferenceEvent, request: &Request, payload: &Payload<'_>) -> String {
    let given = event.event_id.clone().or_else(|| webhook::delivery_id(request));
    given.unwrap_or_else(|| {
        let body = idempotency::key_of_body(OptoutWebhook::NAME, payload.bytes());
        match (event.wish, event.occurred_at) {
            (Wish::OptOut, None) => format!("{body}#{}", ambient::now().date_naive()),
            _ => body.to_string(),
        }
    })
}

impl Answer {
    fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Recorded | Self::Consented => "recorded",
            Self::DeadLettered => "dead_lettered",
        }
    }

    fn count(self) -> Count {
        match self {
            Self::Accepted | Self::Recorded => Count::Accepted,
            Self::Consented => Count::Consented,
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
        UnreadableEvent::MalformedConsent => Problem::unprocessable("malformed_consent", detail),
    }
}
