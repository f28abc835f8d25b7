//! Puts queued numbers on the CXone DNC list, a batch at a time.
//!
//! Every message ends in one of three ways: its number is listed and the ledger records it, it goes
//! back to the queue, or it is dead-lettered with CXone's reason.

mod config;
mod requests;

use std::collections::{HashMap, HashSet};

use ambient::Instant;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use cxone::{DncEntry, DncOutcome};
use lambda_runtime::{Context, Error};
use outbound::{CxoneUsage, DncRequest, E164, Region};
use platform::{
    aws::Aws,
    batch::{self, Failure, Handled, Outcome, WorkQueue},
    called_parties::{CalledParties, Known},
    function::Function,
    ledger::{DncResult, Ledger, RelistAfter},
    opt_outs::CallbackWithdrawal,
    queue::Queue,
    telemetry::{Count, EventRecord, about},
};

pub use config::Config;

/// The batcher and what it works with.
pub struct DncBatcher {
    cxone: cxone::Client,
    list_id: String,
    ledger: Ledger,
    called_parties: CalledParties,
    callbacks: Queue,
    work_queue: WorkQueue,
    region: Region,
}

impl DncBatcher {
    /// Reads a message. A redriven opt-out goes into the ledger first, as at the webhook;
    /// its number is in the queue already, and on its way to the list again in any case.
    async fn read(&self, message: &SqsMessage) -> Outcome<DncRequest> {
        let (request, opt_out) = requests::read(message, self.region)?;
        about(&request.event_id);
        if let Some(opt_out) = opt_out {
            let recorded =
                self.ledger.record(&opt_out, RelistAfter::hours(0), ambient::now()).await;
            recorded.map_err(|error| {
                let event_id = &request.event_id;
                tracing::error!(%error, event_id, "a redriven opt-out is not recorded");
                Failure::RETRY
            })?;
        }
        Ok(request)
    }

    /// Lists the numbers of all readable messages, each once, the earliest requests first.
    async fn list(
        &self,
        messages: Vec<Handled<DncRequest>>,
        deadline: Instant,
        record: &mut EventRecord,
    ) -> Vec<Handled> {
        let readable = messages.iter().filter_map(|it| it.outcome.as_ref().ok());
        let requests = requests::oldest_per_number(readable);
        let known = self.known(&requests).await;
        let unfinished = self.withdraw_callbacks(&requests, &known).await;
        let entries: Vec<DncEntry> = requests.iter().map(entry).collect();
        let outcomes = self.cxone.add_to_dnc(&self.list_id, &entries, deadline).await;
        record_results(&requests, &outcomes, record);
        let written = self.write_down(requests, outcomes, known).await;
        let outcome_of = |request: DncRequest| {
            if unfinished.contains(&request.phone_number) {
                return Err(Failure::RETRY);
            }
            written.get(&request.phone_number).cloned().unwrap_or(Err(Failure::RETRY))
        };
        messages.into_iter().map(|read| read.and_then(outcome_of)).collect()
    }

    /// Everything known of the numbers. Numbers are listed even if it cannot be read; their messages
    /// come back then.
    async fn known(&self, requests: &[DncRequest]) -> HashMap<E164, Known> {
        let numbers: Vec<E164> = requests.iter().map(|it| it.phone_number.clone()).collect();
        self.called_parties.read_all(&numbers).await.unwrap_or_else(|error| {
            tracing::error!(%error, "callbacks of a batch are not withdrawn yet");
            HashMap::new()
        })
    }

    /// Has the callbacks of the numbers withdrawn. Returns the numbers for which that is not sure.
    async fn withdraw_callbacks(
        &self,
        requests: &[DncRequest],
        known: &HashMap<E164, Known>,
    ) -> HashSet<E164> {
        let mut unfinished = HashSet::new();
        let now = ambient::now();
        for DncRequest { phone_number: number, event_id, .. } in requests {
            let is_sure = match known.get(number) {
                None => false,
                Some(known) if known.party.pending_calls(now).next().is_none() => true,
                Some(_) => {
                    let sent = self.callbacks.send(&CallbackWithdrawal::of(number.clone())).await;
                    sent.inspect_err(|error| {
                        tracing::error!(%error, event_id, "a callback is not withdrawn yet");
                    })
                    .is_ok()
                }
            };
            if !is_sure {
                unfinished.insert(number.clone());
            }
        }
        unfinished
    }

    /// Writes the results into the ledger. Returns the outcome for the messages of each number.
    async fn write_down(
        &self,
        requests: Vec<DncRequest>,
        outcomes: Vec<DncOutcome>,
        known: HashMap<E164, Known>,
    ) -> HashMap<E164, Outcome> {
        let (results, outcomes): (Vec<_>, HashMap<_, _>) = requests
            .into_iter()
            .zip(outcomes)
            .map(|(request, outcome)| {
                let (result, outcome) = judge(outcome);
                let number = request.phone_number.clone();
                ((request, result), (number, outcome))
            })
            .unzip();
        let entry = |(number, known): (E164, Known)| Some((number, known.entry?));
        let entries = known.into_iter().filter_map(entry).collect();
        let written = self.ledger.conclude(results, &entries, ambient::now()).await;
        written
            .into_iter()
            .map(|(request, written)| {
                let DncRequest { phone_number: number, event_id, .. } = request;
                // A number that is listed without evidence is listed once more: that changes
                // nothing in CXone, and the next attempt writes the evidence.
                if let Err(error) = written {
                    tracing::error!(%error, %number, event_id, "the ledger was not written");
                    return (number, Err(Failure::RETRY));
                }
                let outcome = outcomes.get(&number).cloned().unwrap_or(Err(Failure::RETRY));
                (number, outcome)
            })
            .collect()
    }
}

fn record_results(requests: &[DncRequest], outcomes: &[DncOutcome], record: &mut EventRecord) {
    for request in requests {
        record.event_id(&request.event_id);
    }
    let listed = outcomes.iter().filter(|outcome| **outcome == DncOutcome::Listed);
    record.count(Count::NumbersListed, listed.count() as u64);
    // The cause for one number is nearly always that for all.
    let why = outcomes.iter().find_map(|outcome| match outcome {
        DncOutcome::TryAgain { why, .. } => Some(why),
        _ => None,
    });
    if let Some(why) = why {
        tracing::warn!(%why, "numbers go back to the queue");
    }
}

impl Function for DncBatcher {
    const NAME: &'static str = "dnc-batcher";
    type Config = Config;

    async fn build(config: Config, aws: &Aws) -> Result<Self, Error> {
        cxone::load_certificates();
        let sqs = aws.sqs();
        let credentials = config.credentials.load(aws.secrets_manager()).await?;
        Ok(Self {
            cxone: cxone::Client::new(config.cxone, credentials)?,
            list_id: config.list_id,
            ledger: Ledger::new(aws.dynamodb(), config.ledger),
            called_parties: CalledParties::new(aws.dynamodb(), config.called_parties),
            callbacks: Queue::new(sqs.clone(), config.callback_queue_url),
            work_queue: WorkQueue::new(
                &sqs,
                config.dnc_queue_url,
                config.dead_letter_queue_url,
                Self::NAME,
            ),
            region: config.region,
        })
    }

    async fn batch(
        &self,
        messages: Vec<SqsMessage>,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<SqsBatchResponse, Error> {
        let deadline = batch::deadline(context);
        let read = async |message: &SqsMessage| self.read(message).await;
        let messages = batch::each(messages, deadline, read).await;
        let outcomes = self.list(messages, deadline, record).await;
        Ok(self.work_queue.finish_batch(outcomes, record).await)
    }

    fn drain_usage(&self) -> CxoneUsage {
        self.cxone.drain_usage()
    }
}

/// The result for the ledger, and the outcome for the messages.
fn judge(outcome: DncOutcome) -> (DncResult, Outcome) {
    match outcome {
        DncOutcome::Listed => (DncResult::Listed, Ok(())),
        DncOutcome::Rejected { reason } => {
            let failure = Failure::dead_letter("refused_by_cxone", &reason);
            (DncResult::Refused { reason }, Err(failure))
        }
        DncOutcome::TryAgain { after: not_before, alone: true, .. } => {
            (DncResult::Postponed, Err(Failure::RetryAlone { not_before }))
        }
        DncOutcome::TryAgain { after: not_before, .. } => {
            (DncResult::Postponed, Err(Failure::Retry { not_before }))
        }
    }
}

fn entry(request: &DncRequest) -> DncEntry {
    DncEntry { number: request.phone_number.clone(), reason: request.reason }
}
