//! Takes a callback request, books it into the hour with the most free agents, creates the
//! contact in CXone and confirms the time by SMS.
//!
//! A request is worked on once. Each step is stored before the next, so that a retry goes on where
//! the last attempt stopped: the customer gets one call and one message. When only the message is
//! left to do, the sender is answered and the message goes through the queue.

mod arrange;
mod config;
mod confirmation;
mod problems;

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::{DateTime, Utc};
use cxone::Usage;
use lambda_http::{Body, Request, RequestExt, Response};
use lambda_runtime::{Error, LambdaEvent};
use outbound::{E164, Region, callback::CallbackRequest};
use platform::{
    aws::Aws,
    batch::{self, Settler},
    idempotency::{self, IdempotencyStore, Key, Lease},
    intake::Intake,
    invocation,
    once::{Once, Request as OnceRequest, Steps},
    problem::{self, Problem},
    queue::{DeadLetterQueue, Queue},
    reservations::Reservations,
    telemetry::{Count, EventRecord, Telemetry},
    webhook::{Authenticator, Payload},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use settings::CredentialSource;
use uuid::Uuid;

pub use config::Config;

const FUNCTION: &str = "callback-intake";
/// How long an answer is replayed after the window is over. While it is not, the same request is
/// the same callback.
const ANSWER_KEPT: Duration = Duration::from_hours(24);
/// What is kept of a request's time to store and send the answer.
const ANSWERING: Duration = Duration::from_secs(2);
/// Contact ids are derived in this namespace, which is nobody else's.
const CONTACTS: Uuid = Uuid::from_u128(0x1f6c_93d0_64b5_4c0e_9a37_5f20_7e1b_84ca);

/// Callback intake and what it works with.
pub struct CallbackIntake {
    authenticator: Authenticator,
    idempotency: IdempotencyStore,
    reservations: Reservations,
    cxone: cxone::Client,
    sms_sender: E164,
    callback_queue: Queue,
    settler: Settler,
    region: Region,
    telemetry: Telemetry,
}

/// What the sender is told about a callback that is arranged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arranged {
    contact_id: Uuid,
    sms_session_id: Option<String>,
    dispatch_time: DateTime<Utc>,
    confirmation: Confirmation,
}

/// Whether the customer has been told the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Confirmation {
    /// The message is out.
    Sent,
    /// The message is in the queue.
    Pending,
}

impl CallbackIntake {
    /// Sets the intake up.
    pub async fn new(config: Config, aws: &Aws, telemetry: Telemetry) -> Result<Self, Error> {
        outbound::load_phone_metadata();
        let (dynamodb, sqs) = (aws.dynamodb(), aws.sqs());
        let credentials = config.credentials.with(aws.secrets_manager());
        // They are fetched again for every token. Here it shows whether they are there at all.
        credentials.credentials().await?;
        let callback_queue = Queue::new(sqs.clone(), config.callback_queue_url);
        Ok(Self {
            authenticator: Authenticator::load(config.webhook_secrets, aws.secrets_manager())
                .await?,
            idempotency: IdempotencyStore::new(dynamodb.clone(), config.idempotency_table),
            reservations: Reservations::new(dynamodb, config.reservations_table),
            cxone: cxone::Client::new(config.cxone, credentials)?,
            sms_sender: config.sms_sender,
            callback_queue: callback_queue.clone(),
            settler: Settler {
                queue: callback_queue,
                dead_letters: DeadLetterQueue::new(sqs, config.dead_letter_queue_url, FUNCTION),
            },
            region: config.region,
            telemetry,
        })
    }

    async fn take(&self, request: &Request, record: &mut EventRecord) -> Result<Arranged, Problem> {
        self.authenticator.verify(request, record).await?;
        let payload = Payload::of(request);
        let callback = CallbackRequest::read(&payload.json()?, self.region, Utc::now())
            .map_err(problems::invalid_request)?;
        let (context, identity) = (request.lambda_context(), callback.identity());
        let key = key(request, &identity)?;
        let contact_id = Uuid::new_v5(&CONTACTS, key.to_string().as_bytes());
        record.event_id(&contact_id.to_string());

        let lease = Lease::of(&context);
        let left = (callback.window.end() - Utc::now()).to_std().unwrap_or_default();
        let ends_at = invocation::ends_at(&context, ANSWERING);
        let request =
            OnceRequest { key: &key, identity: &identity, lease, keep_for: left + ANSWER_KEPT };
        let arrange =
            async |steps: &mut Steps| self.arrange(steps, &callback, contact_id, ends_at).await;
        let arranged = self.idempotency.once(request, arrange).await?;
        let (outcome, count) = match &arranged {
            Once::Done(_) => ("accepted", Count::Accepted),
            Once::Repeated(_) => ("duplicate", Count::Duplicate),
        };
        record.outcome(outcome);
        record.count(count, 1);
        Ok(arranged.into_answer())
    }

    fn count_calls(&self, record: &mut EventRecord) {
        let Usage { calls, throttled, refused } = self.cxone.take_usage();
        record.cxone_usage(calls, throttled, refused);
    }
}

impl Intake for CallbackIntake {
    async fn request(&self, request: Request) -> Response<Body> {
        let mut record = self.telemetry.event(request.lambda_context().request_id);
        let taken = self.take(&request, &mut record).await;
        self.count_calls(&mut record);
        match taken {
            Ok(arranged) => problem::created(&arranged),
            Err(problem) => problem.answer(&mut record),
        }
    }

    async fn batch(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let mut record = self.telemetry.event(event.context.request_id.as_str());
        let deadline = batch::deadline(&event.context);
        let confirm = async |message: &SqsMessage| self.confirm(message, deadline).await;
        let records = event.payload.records;
        let response = self.settler.work(records, deadline, &mut record, confirm).await;
        self.count_calls(&mut record);
        response
    }
}

/// What makes two requests the same one: the sender's key, or else what is asked for.
fn key(request: &Request, identity: &Value) -> Result<Key, Problem> {
    let Some(header) = request.headers().get("idempotency-key") else {
        return Ok(idempotency::key(FUNCTION, identity));
    };
    match header.to_str() {
        Ok(text) if is_key(text) => {
            Ok(idempotency::key(FUNCTION, &json!({ "idempotencyKey": text })))
        }
        _ => Err(problems::invalid_key()),
    }
}

/// Whether a text can be a key. On its way a header may lose or gain spaces.
fn is_key(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_255_visible_ascii_characters() {
        for key in ["1", "!", "~", "0f7c1a2e-1", &"k".repeat(255)] {
            assert!(is_key(key), "{key}");
        }
        for text in ["", " ", "a b", "a\tb", "\u{7f}", "ü", &"k".repeat(256)] {
            assert!(!is_key(text), "{text:?}");
        }
    }
}
