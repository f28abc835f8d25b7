//! DNC groups. What to send next is decided in `dnc::batch`, and the answer is matched in
//! `results`; this module sends the requests, and reads back what is doubtful.

mod results;

use std::sync::atomic::Ordering;

use ambient::Instant;

use futures::future::join_all;
use outbound::E164;
use serde::{Deserialize, Serialize};

use super::{Acd, Operation, refusal};
use crate::{
    DncEntry, DncOutcome, Error, Seen, SeenRecord,
    dnc::batch::{Answer, Batch, Request},
    error,
    paths::Operation as _,
    reading,
    retry::Repeat,
    transport::Reply,
};

use results::{Results, Verdict};

/// Most searches at once.
const SEARCHES_AT_ONCE: usize = 4;

/// A number that the tenant's format cannot express.
const NOT_WRITABLE: &str =
    "with CXONE_NUMBER_FORMAT=national, its digits mean a number of North America";

impl Acd {
    /// Puts `entries` on a list, one outcome each. One request at a time.
    pub(crate) async fn add_to_dnc(
        &self,
        list: &str,
        entries: &[DncEntry],
        until: Instant,
    ) -> Vec<DncOutcome> {
        let chunk = self.settings.dnc_chunk.get();
        let mut batch = Batch::new(entries, chunk, ambient::rng());
        // The last refusal of a request with a single number, and whether CXone has taken any.
        let (mut refused, mut has_taken) = (None, false);
        while let Some(request) = batch.next() {
            let Request::Post { members, is_suspect } = &request else { continue };
            let repeat = if *is_suspect { Repeat::Suspect } else { Repeat::Harmless };
            let answer = self.add(list, &batch.pick(members), repeat, until).await;
            let answer = answer.unwrap_or_else(|error| match error {
                Error::Invalid { detail } => Answer::Refused { reason: detail },
                error if error.is_about_size() => Answer::TooLarge(error),
                error => Answer::Failed(error),
            });
            match (&answer, &members[..]) {
                (Answer::Refused { reason }, [_]) => refused = Some(reason.clone()),
                (Answer::Each(outcomes), _) => has_taken |= outcomes.iter().any(is_of_cxone),
                (answer, _) => has_taken |= matches!(answer, Answer::Done),
            }
            batch.apply(request, answer);
        }
        if has_taken {
            self.has_listed.store(true, Ordering::Relaxed);
        }
        // A number that is refused comes again, alone in the end: then what other batches have shown
        // counts as well.
        let was_taken = entries.len() == 1 && self.has_listed.load(Ordering::Relaxed);
        match refused {
            // What CXone says of every number is not about a number.
            Some(reason) if !has_taken && !was_taken => {
                let detail = format!("every record is refused: {reason}");
                vec![
                    DncOutcome::try_again(Error::Unexpected { status: 400, detail });
                    entries.len()
                ]
            }
            _ => batch.outcomes(),
        }
    }

    /// Sends one request, and reads back what its answer leaves open.
    async fn add(
        &self,
        list: &str,
        entries: &[&DncEntry],
        repeat: Repeat,
        until: Instant,
    ) -> Result<Answer, Error> {
        let format = self.settings.number_format;
        let writable = |entry: &&&DncEntry| format.dnc_digits(&entry.number).is_some();
        let numbers: Vec<&E164> = entries.iter().filter(writable).map(|it| &it.number).collect();
        let outcomes = if numbers.is_empty() {
            vec![]
        } else {
            let reply = self.post_records(list, &numbers, repeat, until).await?;
            if !reply.status.is_success() {
                return self.refused(list, reply, &numbers, until).await;
            }
            let verdicts = results(&reply)?.verdicts(&numbers, format);
            self.outcomes(list, &numbers, verdicts, until).await
        };
        let mut outcomes = outcomes.into_iter();
        let not_writable = DncOutcome::Rejected { reason: NOT_WRITABLE.to_owned() };
        let outcome = |entry: &&DncEntry| match format.dnc_digits(&entry.number) {
            Some(_) => outcomes.next(),
            None => Some(not_writable.clone()),
        };
        Ok(Answer::Each(entries.iter().filter_map(outcome).collect()))
    }

    async fn post_records(
        &self,
        list: &str,
        numbers: &[&E164],
        repeat: Repeat,
        until: Instant,
    ) -> Result<Reply, Error> {
        let operation = Operation::AddDncRecords;
        let url = self.address(operation, &[("{groupId}", list)])?;
        let digits = numbers.iter().filter_map(|it| self.settings.number_format.dnc_digits(it));
        let body = NewRecords::of(digits);
        self.transport
            .call(operation.id(), repeat, until, |http| http.post(url.clone()).json(&body))
            .await
    }

    /// The answer to a request that CXone refuses as a whole. A number that is alone in it may be
    /// listed already.
    async fn refused(
        &self,
        list: &str,
        reply: Reply,
        numbers: &[&E164],
        until: Instant,
    ) -> Result<Answer, Error> {
        match (refusal(reply), numbers) {
            (refused @ Error::Invalid { .. }, [number]) => {
                if self.is_listed(list, number, until).await? {
                    Ok(Answer::Done)
                } else {
                    Err(refused)
                }
            }
            (error, _) => Err(error),
        }
    }

    /// The outcomes of verdicts. Doubtful ones are searched, as far as the time goes.
    async fn outcomes(
        &self,
        list: &str,
        numbers: &[&E164],
        verdicts: Vec<Verdict>,
        until: Instant,
    ) -> Vec<DncOutcome> {
        let mut outcomes = Vec::new();
        let mut stopped: Option<Error> = None;
        let judged: Vec<(&&E164, Verdict)> = numbers.iter().zip(verdicts).collect();
        for part in judged.chunks(SEARCHES_AT_ONCE) {
            let found = part.iter().map(|(number, verdict)| {
                let stopped = stopped.clone();
                async move {
                    let Verdict::Doubtful { error } = verdict else { return DncOutcome::Listed };
                    let found = match stopped {
                        Some(why) => Err(why),
                        None => self.is_listed(list, number, until).await,
                    };
                    doubted(found, error.as_deref())
                }
            });
            let found = join_all(found).await;
            stopped = stopped.or_else(|| found.iter().find_map(meets_every_call));
            outcomes.extend(found);
        }
        outcomes
    }

    /// Returns whether a group holds a number, in either spelling.
    async fn is_listed(&self, list: &str, number: &E164, until: Instant) -> Result<bool, Error> {
        for spelling in self.settings.number_format.searched(number) {
            if self.is_found(list, &spelling, until).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The spellings by which a group is seen to hold a number.
    pub(crate) async fn spellings_listed(
        &self,
        list: &str,
        number: &E164,
        until: Instant,
    ) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for spelling in self.settings.number_format.searched(number) {
            if self.is_found(list, &spelling, until).await? {
                found.push(spelling);
            }
        }
        Ok(found)
    }

    async fn is_found(&self, list: &str, spelling: &str, until: Instant) -> Result<bool, Error> {
        let operation = Operation::SearchDnc;
        let mut url = self.address(operation, &[])?;
        url.query_pairs_mut().append_pair("phoneNumber", spelling);
        let reply = self
            .transport
            .call(operation.id(), Repeat::Reading, until, |http| http.post(url.clone()))
            .await?;
        let reply = if reply.status.is_success() { reply } else { return Err(refusal(reply)) };
        if reply.body.is_empty() {
            return Ok(false);
        }
        let Found { search_results } = reply.read_private("no results of a search")?;
        Ok(search_results.unwrap_or_default().iter().any(|it| it.is_in_force(list)))
    }

    /// The digits of a number's record. `None` if the tenant's format cannot express it.
    pub(crate) fn dnc_digits(&self, number: &E164) -> Option<u64> {
        self.settings.number_format.dnc_digits(number)
    }

    /// Sends records once. Returns the answer, and its results in their order.
    pub(crate) async fn try_records(
        &self,
        list: &str,
        records: &[u64],
        until: Instant,
    ) -> Result<(Seen, Vec<SeenRecord>), Error> {
        let url = self.address(Operation::AddDncRecords, &[("{groupId}", list)])?;
        let body = NewRecords::of(records.iter().copied());
        let request = |http: &reqwest::Client| http.post(url.clone()).json(&body);
        let (seen, reply) = self.looked(None, Repeat::Harmless, until, request).await?;
        let results = results(&reply).unwrap_or_default();
        Ok((seen, results.seen(records)))
    }

    /// Takes records off a group: CXone lets them expire.
    pub(crate) async fn take_off_dnc(
        &self,
        list: &str,
        records: &[u64],
        until: Instant,
    ) -> Result<(), Error> {
        let operation = Operation::ExpireDncRecords;
        let url = self.address(operation, &[("{groupId}", list)])?;
        let record = |digits: &u64| ExpiredRecord { phone_number: digits.to_string() };
        let body = ExpiredRecords { dnc_group_records: records.iter().map(record).collect() };
        let reply = self
            .transport
            .call(operation.id(), Repeat::Harmless, until, |http| {
                http.delete(url.clone()).json(&body)
            })
            .await?;
        if reply.status.is_success() { Ok(()) } else { Err(refusal(reply)) }
    }
}

/// The outcome of a number that was searched because its standing was doubtful.
fn doubted(is_listed: Result<bool, Error>, error: Option<&str>) -> DncOutcome {
    match (is_listed, error) {
        (Ok(true), _) => DncOutcome::Listed,
        (Ok(false), Some(words)) => {
            DncOutcome::Rejected { reason: error::message(words.as_bytes(), "") }
        }
        (Ok(false), None) => {
            let detail = "its answer has no result for this number".to_owned();
            DncOutcome::try_again(Error::Ambiguous { detail })
        }
        (Err(why), _) => DncOutcome::try_again(why),
    }
}

/// Returns whether CXone has answered for the number.
fn is_of_cxone(outcome: &DncOutcome) -> bool {
    !matches!(outcome, DncOutcome::Rejected { reason } if reason == NOT_WRITABLE)
}

/// The error of an outcome that any other search would meet as well.
fn meets_every_call(outcome: &DncOutcome) -> Option<Error> {
    match outcome {
        DncOutcome::TryAgain { why, .. } if why.meets_every_call() => Some(why.clone()),
        _ => None,
    }
}

/// The results in an answer, in its wrapper or without. An answer without content has none.
fn results(reply: &Reply) -> Result<Results, Error> {
    if reply.body.is_empty() {
        return Ok(Results::default());
    }
    let wrapped: Wrapped = reply.read_private("no results of records")?;
    match wrapped.result_set {
        Some(results) => Ok(results),
        None => reply.read_private("no results of records"),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewRecords {
    dnc_group_records: Vec<NewRecord>,
}

impl NewRecords {
    fn of(digits: impl Iterator<Item = u64>) -> Self {
        let records = digits.map(|phone_number| NewRecord { phone_number });
        Self { dnc_group_records: records.collect() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewRecord {
    phone_number: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExpiredRecords {
    dnc_group_records: Vec<ExpiredRecord>,
}

/// A record that is to expire. Its number is text here.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExpiredRecord {
    phone_number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped {
    #[serde(default)]
    result_set: Option<Results>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    #[serde(default)]
    search_results: Option<Vec<Record>>,
}

/// A record of a group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default, deserialize_with = "reading::optional_text")]
    dnc_group_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    expired_date: Option<String>,
}

impl Record {
    /// Returns whether it blocks calls for a group. A date that cannot be read may be past.
    fn is_in_force(&self, list: &str) -> bool {
        let expires = self.expired_date.as_deref().map(reading::instant);
        let is_current = expires.is_none_or(|at| at.is_some_and(|at| at > ambient::now()));
        is_current && self.dnc_group_id.as_deref() == Some(list)
    }
}
