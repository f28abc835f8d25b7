//! Takes the outcome of a call, writes its category to the contact in CXone, and publishes it by
//! severity. A customer who does not want to be called is put on the DNC list as well, and each call
//! counts as an attempt to reach its number.
//!
//! The webhook only queues the event: CXone gets its answer before anything is requested of it.
//! From the queue each event is processed once, step by step. Last writer wins by event time: an
//! older event of a contact never overwrites a newer one.

mod config;
mod contact_events;
mod steps;

use std::time::Duration;

use ambient::Instant;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use chrono::{DateTime, TimeDelta, Utc};
use lambda_http::{Request, RequestExt};
use lambda_runtime::{Context, Error};
use outbound::{
    CxoneUsage, Json, Region,
    disposition::{CallResult, DispositionMap, UnreadableCallResult},
};
use platform::{
    aws::Aws,
    batch::{self, Failure, Outcome, WorkQueue, sent_at},
    called_parties::CalledParties,
    function::Function,
    idempotency::{self, IdempotencyStore, Lease},
    ledger::Ledger,
    once::{Request as OnceRequest, Steps},
    opt_outs::OptOuts,
    problem::{Problem, Reply},
    queue::{self, Queue, Reason},
    telemetry::{Count, EventRecord, about},
    webhook::{self, Authenticator, Payload},
};
use serde_json::{Value, json};

pub use config::Config;
use contact_events::ContactEvents;

/// Time that an event is remembered. No sender delivers one later.
const REMEMBERED: Duration = Duration::from_hours(72);
/// A sender's clock may be ahead by so much. One that is further ahead must not keep later events of
/// the contact from being newer, nor be written down as the truth.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);

/// The handler and what it works with.
pub struct DispositionHandler {
    authenticator: Authenticator,
    cxone: cxone::Client,
    dispositions: DispositionMap,
    region: Region,
    idempotency: IdempotencyStore,
    contact_events: ContactEvents,
    opt_outs: OptOuts,
    called_parties: CalledParties,
    counts_attempts: bool,
    severities: Severities,
    work_queue: WorkQueue,
}

/// A queue for each severity.
struct Severities {
    critical: Queue,
    medium: Queue,
    low: Queue,
}

impl DispositionHandler {
    async fn receive(&self, request: &Request, record: &mut EventRecord) -> Result<Value, Problem> {
        self.authenticator.verify(request, record).await?;
        let payload = Payload::of(request);
        let mut call_result = match read(&payload) {
            Ok(call_result) => call_result,
            Err(problem) => return Err(self.keep(request, &payload, record, problem).await?),
        };
        record.event_id(&call_result.contact_id);
        call_result.delivery_id = match call_result.timestamp {
            Some(_) => None,
            // The time of arrival is another one whenever the same event arrives.
            None => webhook::delivery_id(request).or(call_result.delivery_id),
        };
        call_result.timestamp.get_or_insert_with(ambient::now);
        self.work_queue.queue.send(&call_result).await.map_err(Problem::not_stored)?;
        Ok(json!({ "status": "received" }))
    }

    /// Keeps the whole body of an event that is refused for a person: it may be a customer who must
    /// not be called again.
    async fn keep(
        &self,
        request: &Request,
        payload: &Payload<'_>,
        record: &mut EventRecord,
        problem: Problem,
    ) -> Result<Problem, Problem> {
        let reason = Reason::new(problem.code(), problem.detail());
        let (claims, lease) = (&self.idempotency, Lease::of(&request.lambda_context()));
        self.work_queue.dead_letters.send_once(payload.bytes(), &reason, claims, lease).await?;
        record.count(Count::DeadLettered, 1);
        Ok(problem.and_kept())
    }

    /// Identity of an event. Where a contact is one call, it is the call and what its outcome means:
    /// a script and the poller may both report it, with other times, codes and words.
    fn identity(&self, call_result: &CallResult) -> Value {
        if self.cxone.contacts_are_calls() {
            let category = self.dispositions.category(&call_result.disposition_code);
            return json!({ "call": call_result.contact_id, "category": category });
        }
        call_result.identity()
    }

    async fn work_on(&self, message: &SqsMessage, lease: Lease, ends_at: Instant) -> Outcome {
        let (call_result, happened_at) = read_message(message)?;
        about(&call_result.contact_id);
        let identity = self.identity(&call_result);
        let key = idempotency::key(Self::NAME, &identity);
        let call = steps::Call { event: &call_result, happened_at, key: &key.to_string() };
        let request = OnceRequest { key: &key, identity: &identity, lease, keep_for: REMEMBERED };
        let work = async |steps: &mut Steps| self.perform(&call, steps, lease, ends_at).await;
        self.idempotency.once(request, work).await?;
        Ok(())
    }
}

fn read(payload: &Payload<'_>) -> Result<CallResult, Problem> {
    CallResult::read(&payload.json()?).map_err(unreadable)
}

/// The event in a message, and when it happened. One that does not say so happened when it was sent,
/// and none much later than that, whatever its sender's clock shows.
fn read_message(message: &SqsMessage) -> Result<(CallResult, DateTime<Utc>), Failure> {
    let unreadable = |why: String| Failure::dead_letter("unreadable_message", why);
    let body = queue::original(message);
    let document = Json::parse(&body).map_err(|error| unreadable(error.to_string()))?;
    let mut call_result =
        CallResult::read(&document).map_err(|reason| unreadable(reason.to_string()))?;
    let sent_at = sent_at(message);
    let stated = *call_result.timestamp.get_or_insert(sent_at);
    Ok((call_result, stated.min(sent_at + AHEAD_MAX)))
}

/// The contact that a message is about. Its events are handled one after another: two at once would
/// only wait for each other.
fn contact_id(message: &SqsMessage) -> String {
    read_message(message).map(|(call_result, _)| call_result.contact_id).unwrap_or_default()
}

fn retry(error: &dyn std::fmt::Display) -> Failure {
    tracing::warn!(%error, "a call result goes back to the queue");
    Failure::RETRY
}

fn unreadable(why: UnreadableCallResult) -> Problem {
    let detail = why.to_string();
    match why {
        UnreadableCallResult::NotAnObject => Problem::bad_request("not_an_object", detail),
        UnreadableCallResult::MissingContactId => {
            Problem::bad_request("missing_contact_id", detail)
        }
        UnreadableCallResult::MissingDispositionCode => {
            Problem::bad_request("missing_disposition_code", detail)
        }
        UnreadableCallResult::MalformedContactId
        | UnreadableCallResult::MalformedDispositionCode => {
            Problem::unprocessable("invalid_call_result", detail)
        }
    }
}

impl Function for DispositionHandler {
    const NAME: &'static str = "disposition-handler";
    type Config = Config;

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        cxone::load_certificates();
        let Config { tables, queues, .. } = config;
        let (dynamodb, sqs) = (aws.dynamodb(), aws.sqs());
        let (credentials, authenticator) = tokio::try_join!(
            config.credentials.load(aws.secrets_manager()),
            Authenticator::load(config.webhook_secrets, aws.secrets_manager()),
        )?;
        let queue = |url: String| Queue::new(sqs.clone(), url);
        Ok(Self {
            authenticator,
            cxone: cxone::Client::new(config.cxone, credentials)?,
            dispositions: config.dispositions,
            region: config.region,
            idempotency: IdempotencyStore::new(dynamodb.clone(), tables.idempotency),
            contact_events: ContactEvents::new(dynamodb.clone(), tables.contact_events),
            called_parties: CalledParties::new(dynamodb.clone(), tables.called_parties),
            counts_attempts: config.count_attempts,
            opt_outs: OptOuts {
                ledger: Ledger::new(dynamodb, tables.ledger),
                dnc_queue: queue(queues.dnc),
                relist_after: config.relist_after,
            },
            severities: Severities {
                critical: queue(queues.critical),
                medium: queue(queues.medium),
                low: queue(queues.low),
            },
            work_queue: WorkQueue::new(&sqs, queues.dispositions, queues.dead_letters, Self::NAME),
        })
    }

    async fn request(&self, request: &Request, record: &mut EventRecord) -> Result<Reply, Problem> {
        let received = self.receive(request, record).await?;
        Ok(Reply::ok(&received, "received", Count::Accepted))
    }

    async fn batch(
        &self,
        messages: Vec<SqsMessage>,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<SqsBatchResponse, Error> {
        let (deadline, lease) = (batch::deadline(context), Lease::of(context));
        let work = async |message: &SqsMessage| self.work_on(message, lease, deadline).await;
        Ok(self.work_queue.process_lanes(messages, deadline, record, contact_id, work).await)
    }

    fn drain_usage(&self) -> CxoneUsage {
        self.cxone.drain_usage()
    }
}
