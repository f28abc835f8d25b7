//! Puts queued numbers on the CXone DNC list, a batch at a time.
//!
//! Every message ends in one of three ways: its number is listed and the ledger records it, it goes
//! back to the queue, or it is dead-lettered with CXone's reason.

mod config;
mod confirmation;
mod requests;

use std::collections::{HashMap, HashSet};

use ambient::Instant;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use cxone::{DncEntry, DncOutcome};
use futures::{StreamExt, stream};
use lambda_runtime::{Context, Error};
use outbound::{CxoneUsage, DncRequest, E164, Region};
use platform::{
    aws::Aws,
    batch::{self, Failure, Handled, Outcome, WorkQueue},
    called_parties::{CalledParties, Known},
    function::Function,
    ledger::{DncResult, Ledger, RelistAfter},
    opt_outs::{CallbackWithdrawal, Preferences},
    queue::Queue,
    telemetry::{Count, EventRecord, about, shown},
};

pub use config::Config;
use confirmation::Confirmation;
use requests::Message;

/// Confirmations that are sent at once.
const CONFIRMATIONS_AT_ONCE: usize = 4;

/// The batcher and what it works with.
pub struct DncBatcher {
    cxone: cxone::Client,
    list_id: String,
    preferences: Preferences,
    confirmation: Confirmation,
    work_queue: WorkQueue,
    region: Region,
}

impl DncBatcher {
    /// Reads a message. A redriven event is recorded first, as at the webhook. The number of an
    /// opt-out is in the queue already, and on its way to the list again in any case; any other wish
    /// has no request.
    async fn read(&self, message: &SqsMessage) -> Outcome<Option<DncRequest>> {
        match requests::read(message, self.region)? {
            Message::Request(request) => {
                about(&request.event_id);
                Ok(Some(request))
            }
            Message::OptOut(request, opt_out) => {
                about(&request.event_id);
                let ledger = &self.preferences.ledger;
                let recorded = ledger.record(&opt_out, RelistAfter::hours(0), ambient::now()).await;
                recorded.map_err(|error| not_recorded(&error, &request.event_id))?;
                Ok(Some(request))
            }
            Message::Preference(number, fact) => {
                about(&fact.event_id);
                let accepted = self.preferences.accept(&number, &fact).await;
                accepted.map_err(|error| not_recorded(&error, &fact.event_id))?;
                Ok(None)
            }
        }
    }

    /// Lists the numbers of all readable messages, each once, the earliest requests first.
    async fn list(
        &self,
        messages: Vec<Handled<Option<DncRequest>>>,
        deadline: Instant,
        record: &mut EventRecord,
    ) -> Vec<Handled> {
        let readable = messages.iter().filter_map(|it| it.outcome.as_ref().ok()?.as_ref());
        let requests = requests::oldest_per_number(readable);
        let known = self.known(&requests).await;
        let unfinished = self.withdraw_callbacks(&requests, &known).await;
        let entries: Vec<DncEntry> = requests.iter().map(entry).collect();
        let outcomes = self.cxone.add_to_dnc(&self.list_id, &entries, deadline).await;
        record_results(&requests, &outcomes, record);
        let written = self.write_down(requests, outcomes, known, deadline).await;
        let outcome_of = |request: Option<DncRequest>| {
            let Some(request) = request else { return Ok(()) };
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
        self.preferences.called_parties.read_all(&numbers).await.unwrap_or_else(|error| {
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
                    let sent = self
                        .preferences
                        .callbacks
                        .send(&CallbackWithdrawal::of(number.clone()))
                        .await;
                    sent.inspect_err(|error| {
                        let event_id = shown(event_id);
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

    /// Writes the results into the ledger, and confirms the opt-outs that are honored now. Returns
    /// the outcome for the messages of each number.
    async fn write_down(
        &self,
        requests: Vec<DncRequest>,
        outcomes: Vec<DncOutcome>,
        known: HashMap<E164, Known>,
        deadline: Instant,
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
        let now = ambient::now();
        let entry = |(number, known): (E164, Known)| Some((number, known.overruled_entry(now)?));
        let entries = known.into_iter().filter_map(entry).collect();
        let written = self.preferences.ledger.conclude(results, &entries, now).await;
        let listed = written.iter().filter(|(_, written)| matches!(written, Ok(true)));
        let confirmations = listed.map(|(request, _)| self.confirm(request, deadline));
        stream::iter(confirmations).for_each_concurrent(CONFIRMATIONS_AT_ONCE, |it| it).await;
        let mut judged = HashMap::new();
        for (request, written) in written {
            let DncRequest { phone_number: number, event_id, .. } = request;
            let outcome = match written {
                Ok(_) => outcomes.get(&number).cloned().unwrap_or(Err(Failure::RETRY)),
                // A number that is listed without evidence is listed once more: that changes
                // nothing in CXone, and the next attempt writes the evidence.
                Err(error) => {
                    let event_id = shown(&event_id);
                    tracing::error!(%error, %number, event_id, "the ledger was not written");
                    Err(Failure::RETRY)
                }
            };
            judged.insert(number, outcome);
        }
        judged
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
            preferences: Preferences {
                called_parties: CalledParties::new(aws.dynamodb(), config.called_parties),
                ledger: Ledger::new(aws.dynamodb(), config.ledger),
                callbacks: Queue::new(sqs.clone(), config.callback_queue_url),
            },
            confirmation: config.confirmation,
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

fn not_recorded(error: &dyn std::error::Error, event_id: &str) -> Failure {
    tracing::error!(%error, event_id = shown(event_id), "a redriven event is not recorded");
    Failure::RETRY
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
