//! Takes a callback request, books it into the hour with the most free agents, creates the
//! contact in CXone and confirms the time by SMS.
//!
//! A request is processed once. Each step is stored before the next, so that a retry goes on where
//! the last attempt stopped: the customer gets one call and one message. What CXone may have
//! received is never changed, released or denied. When only the message is left to do, the sender is
//! answered and the message goes through the queue.

mod admission;
mod arrange;
mod config;
mod confirmation;
#[cfg(test)]
mod model;
mod problems;
mod progress;
mod reservations;
mod withdrawal;

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use chrono::{DateTime, Utc};
use lambda_http::{Request, RequestExt};
use lambda_runtime::{Context, Error};
use outbound::{CxoneUsage, E164, Region, callback::CallbackRequest};
use platform::{
    aws::Aws,
    batch::{self, WorkQueue},
    called_parties::{CalledParties, Decisions},
    function::Function,
    idempotency::{self, IdempotencyStore, Key, Lease},
    invocation,
    once::{Once, Request as OnceRequest, Steps},
    problem::{Problem, Reply},
    queue::DeadLetterQueue,
    telemetry::{Count, EventRecord},
    webhook::{Authenticator, Payload},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use arrange::Attempt;
pub use config::Config;
use config::Policy;
use progress::ContactIds;
use reservations::Reservations;

/// Time that an answer is replayed after the end of the window.
const ANSWER_KEPT: Duration = Duration::from_hours(24);
/// Time kept to store and send the answer.
const ANSWERING: Duration = Duration::from_secs(2);

/// Callback intake and what it works with.
pub struct CallbackIntake {
    authenticator: Authenticator,
    /// Name that distinguishes this deployment from others of the same tenant.
    stack: String,
    idempotency: IdempotencyStore,
    reservations: Reservations,
    called_parties: CalledParties,
    decisions: Decisions,
    policy: Policy,
    cxone: cxone::Client,
    sms_sender: E164,
    work_queue: WorkQueue,
    dead_letters: DeadLetterQueue,
    region: Region,
}

/// Answer to the sender of a callback.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arranged {
    contact_id: Uuid,
    sms_session_id: Option<String>,
    dispatch_time: DateTime<Utc>,
    confirmation: Confirmation,
}

/// State of the SMS to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Confirmation {
    /// The message is out.
    Sent,
    /// The message is in the queue.
    Pending,
    /// There is no message: CXone sends none to this number.
    NotPossible,
}

impl CallbackIntake {
    async fn accept(
        &self,
        request: &Request,
        record: &mut EventRecord,
    ) -> Result<Once<Arranged>, Problem> {
        self.authenticator.verify(request, record).await?;
        let payload = Payload::of(request);
        let callback = CallbackRequest::read(&payload.json()?, self.region, ambient::now())
            .map_err(problems::invalid_request)?;
        let (context, identity) = (request.lambda_context(), callback.identity());
        let key = key(request, &identity)?;
        let ids = ContactIds::of(&self.stack, &key, &identity);
        record.event_id(&ids.id(0).to_string());

        let lease = Lease::of(&context);
        let left = (callback.window.end() - ambient::now()).to_std().unwrap_or_default();
        let ends_at = invocation::ends_at(&context, ANSWERING);
        let request =
            OnceRequest { key: &key, identity: &identity, lease, keep_for: left + ANSWER_KEPT };
        let attempt = Attempt { callback: &callback, ids: &ids, ends_at };
        let arrange = async |steps: &mut Steps| self.arrange(steps, attempt).await;
        let arranged = self.idempotency.once(request, arrange).await?;
        if let Once::Repeated(Arranged { contact_id, .. }) = arranged {
            self.unless_withdrawn(&callback, contact_id).await?;
        }
        Ok(arranged)
    }
}

impl Function for CallbackIntake {
    const NAME: &'static str = "callback-intake";
    type Config = Config;

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        cxone::load_certificates();
        let (dynamodb, sqs) = (aws.dynamodb(), aws.sqs());
        let (credentials, authenticator) = tokio::try_join!(
            config.credentials.load(aws.secrets_manager()),
            Authenticator::load(config.webhook_secrets, aws.secrets_manager()),
        )?;
        Ok(Self {
            authenticator,
            idempotency: IdempotencyStore::new(dynamodb.clone(), config.idempotency_table.clone()),
            stack: config.idempotency_table,
            reservations: Reservations::new(dynamodb.clone(), config.reservations_table),
            called_parties: CalledParties::new(dynamodb.clone(), config.called_parties),
            decisions: Decisions::new(dynamodb, config.decisions_table, config.decisions_kept_days),
            policy: config.policy,
            dead_letters: DeadLetterQueue::new(
                sqs.clone(),
                config.dead_letter_queue_url.clone(),
                Self::NAME,
            ),
            cxone: cxone::Client::new(config.cxone, credentials)?,
            sms_sender: config.sms_sender,
            work_queue: WorkQueue::new(
                &sqs,
                config.callback_queue_url,
                config.dead_letter_queue_url,
                Self::NAME,
            ),
            region: config.region,
        })
    }

    async fn request(&self, request: &Request, record: &mut EventRecord) -> Result<Reply, Problem> {
        let arranged = self.accept(request, record).await?;
        let (outcome, count) = match &arranged {
            Once::Done(_) => ("accepted", Count::Accepted),
            Once::Repeated(_) => ("duplicate", Count::Duplicate),
        };
        Ok(Reply::created(&arranged.into_answer(), outcome, count))
    }

    async fn batch(
        &self,
        messages: Vec<SqsMessage>,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<SqsBatchResponse, Error> {
        let deadline = batch::deadline(context);
        let lease = Lease::of(context);
        let handle = async |message: &SqsMessage| self.handle(message, lease, deadline).await;
        Ok(self.work_queue.process(messages, deadline, record, handle).await)
    }

    fn drain_usage(&self) -> CxoneUsage {
        self.cxone.drain_usage()
    }
}

/// Idempotency key of a request: that of the sender, else one of the request's content.
fn key(request: &Request, identity: &Value) -> Result<Key, Problem> {
    let Some(header) = request.headers().get("idempotency-key") else {
        return Ok(idempotency::key(CallbackIntake::NAME, identity));
    };
    match header.to_str() {
        Ok(text) if is_key(text) => {
            Ok(idempotency::key(CallbackIntake::NAME, &json!({ "idempotencyKey": text })))
        }
        _ => Err(problems::invalid_key()),
    }
}

/// Returns whether a text is a valid key. Spaces are not: a header may lose or gain them on its
/// way.
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
