//! Takes the outcome of a call, writes its category to the contact in CXone, and publishes it by
//! severity. A customer who does not want to be called is put on the DNC list as well.
//!
//! The webhook only queues the event: CXone gets its answer before anything is asked of CXone. From
//! the queue each event is worked on once, step by step. The newest event of a contact stands, in
//! whatever order they come.

mod config;
mod settle;

use std::time::{Duration, Instant};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use chrono::{DateTime, Utc};
use lambda_http::Request;
use lambda_runtime::{Context, Error};
use outbound::{
    CxoneUsage, Region,
    disposition::{CallResult, DispositionMap, UnreadableCallResult},
};
use platform::{
    aws::Aws,
    batch::{self, Failure, Outcome, Settler, sent_at},
    function::Function,
    idempotency::{self, IdempotencyStore, Lease},
    ledger::Ledger,
    newest::Newest,
    once::{Request as OnceRequest, Steps},
    opt_outs::OptOuts,
    problem::{Problem, Reply},
    queue::{DeadLetterQueue, Queue},
    telemetry::{Count, EventRecord, about},
    webhook::{self, Authenticator},
};
use serde_json::{Value, json};
use settings::{CredentialSource, Environment};

pub use config::Config;

/// How long an event is known. Nobody delivers one later.
const REMEMBERED: Duration = Duration::from_hours(72);

/// The handler and what it works with.
pub struct DispositionHandler {
    authenticator: Authenticator,
    cxone: cxone::Client,
    dispositions: DispositionMap,
    region: Region,
    idempotency: IdempotencyStore,
    newest: Newest,
    opt_outs: OptOuts,
    severities: Severities,
    settler: Settler,
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
        let document = webhook::json_body(request)?;
        let mut call_result = CallResult::read(&document).map_err(unreadable)?;
        record.event_id(&call_result.contact_id);
        call_result.timestamp.get_or_insert_with(Utc::now);
        self.settler.queue.send(&call_result).await.map_err(Problem::not_stored)?;
        Ok(json!({ "status": "received" }))
    }

    async fn work_on(&self, message: &SqsMessage, lease: Lease, ends_at: Instant) -> Outcome {
        let (call_result, happened_at) = read(message)?;
        about(&call_result.contact_id);
        let identity = call_result.identity();
        let key = idempotency::key(Self::NAME, &identity);
        let call = settle::Call { event: &call_result, happened_at, key: &key.to_string() };
        let request = OnceRequest { key: &key, identity: &identity, lease, keep_for: REMEMBERED };
        let work = async |steps: &mut Steps| self.settle(&call, steps, lease, ends_at).await;
        self.idempotency.once(request, work).await?;
        Ok(())
    }
}

/// The event in a message, and when it happened. One that does not say so happened when it was sent.
fn read(message: &SqsMessage) -> Result<(CallResult, DateTime<Utc>), Failure> {
    let unreadable = |why: String| Failure::dead_letter("unreadable_message", why);
    let body = message.body.as_deref().unwrap_or_default();
    let document = serde_json::from_str(body).map_err(|error| unreadable(error.to_string()))?;
    let mut call_result =
        CallResult::read(&document).map_err(|reason| unreadable(reason.to_string()))?;
    let happened_at = *call_result.timestamp.get_or_insert_with(|| sent_at(message));
    Ok((call_result, happened_at))
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
        | UnreadableCallResult::MalformedDispositionCode
        | UnreadableCallResult::MalformedCallResult
        | UnreadableCallResult::MalformedTimestamp => {
            Problem::unprocessable("invalid_call_result", detail)
        }
    }
}

impl Function for DispositionHandler {
    const NAME: &'static str = "disposition-handler";
    type Config = Config;

    fn configure(env: &mut Environment) -> Option<Config> {
        Config::read(env)
    }

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        outbound::load_phone_metadata();
        let Config { tables, queues, .. } = config;
        let (dynamodb, sqs) = (aws.dynamodb(), aws.sqs());
        let credentials = config.credentials.with(aws.secrets_manager());
        // They are fetched again for every token. Here it shows whether they are there at all.
        credentials.credentials().await?;
        let queue = |url: String| Queue::new(sqs.clone(), url);
        Ok(Self {
            authenticator: Authenticator::load(config.webhook_secrets, aws.secrets_manager())
                .await?,
            cxone: cxone::Client::new(config.cxone, credentials)?,
            dispositions: config.dispositions,
            region: config.region,
            idempotency: IdempotencyStore::new(dynamodb.clone(), tables.idempotency),
            newest: Newest::new(dynamodb.clone(), tables.contact_events),
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
            settler: Settler {
                queue: queue(queues.dispositions),
                dead_letters: DeadLetterQueue::new(sqs.clone(), queues.dead_letters, Self::NAME),
            },
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
        Ok(self.settler.work(messages, deadline, record, work).await)
    }

    fn drain_usage(&self) -> CxoneUsage {
        self.cxone.drain_usage()
    }
}
