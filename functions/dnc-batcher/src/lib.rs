//! Puts queued numbers on the CXone DNC list, a batch at a time.
//!
//! Every message ends in one of three ways: its number is listed and the ledger says so, it goes
//! back to the queue, or it is among the dead letters with CXone's words.

mod config;
mod requests;

use std::{collections::HashMap, time::Instant};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::Utc;
use cxone::{DncEntry, DncOutcome, Usage};
use futures::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent};
use outbound::{DncRequest, E164, Region};
use platform::{
    aws::Aws,
    batch::{self, Failure, Outcome, Settler},
    ledger::Ledger,
    queue::{DeadLetterQueue, Queue},
    telemetry::{Count, EventRecord, Telemetry},
};

pub use config::Config;
use settings::CredentialSource;

const FUNCTION: &str = "dnc-batcher";
/// Ledger entries that are written at once.
const LEDGER_WRITES_MAX: usize = 16;

/// The batcher and what it works with.
pub struct DncBatcher {
    cxone: cxone::Client,
    list_id: String,
    ledger: Ledger,
    settler: Settler,
    region: Region,
    telemetry: Telemetry,
}

impl DncBatcher {
    /// Sets the batcher up.
    pub async fn new(config: Config, aws: &Aws, telemetry: Telemetry) -> Result<Self, Error> {
        outbound::load_phone_metadata();
        let sqs = aws.sqs();
        let credentials = config.credentials.with(aws.secrets_manager());
        // They are fetched again for every token. Here it shows whether they are there at all.
        credentials.credentials().await?;
        Ok(Self {
            cxone: cxone::Client::new(config.cxone, credentials)?,
            list_id: config.list_id,
            ledger: Ledger::new(aws.dynamodb(), config.opt_outs_table),
            settler: Settler {
                queue: Queue::new(sqs.clone(), config.dnc_queue_url),
                dead_letters: DeadLetterQueue::new(sqs, config.dead_letter_queue_url, FUNCTION),
            },
            region: config.region,
            telemetry,
        })
    }

    /// Works on one batch and says which messages must come again.
    pub async fn handle(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let mut record = self.telemetry.event(event.context.request_id.as_str());
        let deadline = batch::deadline(&event.context);
        let read = async |message: &SqsMessage| requests::read(message, self.region);
        let messages = batch::each(event.payload.records, deadline, read).await;
        let outcomes = self.list(messages, deadline, &mut record).await;
        self.settler.conclude(outcomes, &mut record).await
    }

    /// Lists the numbers of all readable messages, each once, those first that asked first.
    async fn list(
        &self,
        messages: Vec<(SqsMessage, Outcome<DncRequest>)>,
        deadline: Instant,
        record: &mut EventRecord,
    ) -> Vec<(SqsMessage, Outcome)> {
        let readable = messages.iter().filter_map(|(_, request)| request.as_ref().ok());
        let requests = requests::oldest_per_number(readable);
        let entries: Vec<DncEntry> = requests.iter().map(entry).collect();
        let outcomes = self.cxone.add_to_dnc(&self.list_id, &entries, deadline).await;
        self.tell(&requests, &outcomes, record);
        let settled = self.write_down(requests.into_iter().zip(outcomes)).await;
        let outcome_of = |request: DncRequest| {
            settled.get(&request.phone_number).cloned().unwrap_or(Err(Failure::RETRY))
        };
        messages.into_iter().map(|(message, read)| (message, read.and_then(outcome_of))).collect()
    }

    /// Writes into the ledger what became of each number, and says what becomes of its messages.
    async fn write_down(
        &self,
        outcomes: impl Iterator<Item = (DncRequest, DncOutcome)>,
    ) -> HashMap<E164, Outcome> {
        stream::iter(outcomes)
            .map(async |(request, outcome)| {
                let settled = self.write_down_one(&request, outcome).await;
                (request.phone_number, settled)
            })
            .buffer_unordered(LEDGER_WRITES_MAX)
            .collect()
            .await
    }

    async fn write_down_one(&self, request: &DncRequest, outcome: DncOutcome) -> Outcome {
        let (written, outcome) = match outcome {
            DncOutcome::Listed => (self.ledger.mark_listed(request, Utc::now()).await, Ok(())),
            DncOutcome::Rejected { reason } => {
                let failure = Failure::dead_letter("refused_by_cxone", &reason);
                (self.ledger.mark_failed(request, &reason).await, Err(failure))
            }
            DncOutcome::TryAgain { after: not_before, alone, .. } => {
                let counted = self.ledger.count_attempt(&request.phone_number).await;
                let failure = if alone {
                    Failure::RetryAlone { not_before }
                } else {
                    Failure::Retry { not_before }
                };
                (counted, Err(failure))
            }
        };
        // A number that is listed without evidence is listed once more: that changes nothing in
        // CXone, and the next attempt writes the evidence.
        written.map_err(|error| {
            tracing::error!(%error, number = %request.phone_number, "the ledger was not written");
            Failure::RETRY
        })?;
        outcome
    }

    fn tell(&self, requests: &[DncRequest], outcomes: &[DncOutcome], record: &mut EventRecord) {
        for request in requests {
            record.event_id(&request.event_id);
        }
        let listed = outcomes.iter().filter(|outcome| **outcome == DncOutcome::Listed);
        record.count(Count::NumbersListed, listed.count() as u64);
        let Usage { calls, throttled, refused } = self.cxone.take_usage();
        record.cxone_usage(calls, throttled, refused);
        // What stands in the way of one number nearly always stands in the way of all.
        let why = outcomes.iter().find_map(|outcome| match outcome {
            DncOutcome::TryAgain { why, .. } => Some(why),
            _ => None,
        });
        if let Some(why) = why {
            tracing::warn!(%why, "numbers go back to the queue");
        }
    }
}

fn entry(request: &DncRequest) -> DncEntry {
    DncEntry { number: request.phone_number.clone(), reason: request.reason }
}
