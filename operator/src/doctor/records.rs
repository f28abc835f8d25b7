//! Several records in one request to the do-not-call group: one that is no number among them, and as
//! many as a request may have. Numbers are the operator's, and fictitious ones that nobody has. All
//! are taken off again.

use cxone::{Error, Inspection, Seen, SeenRecord};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use outbound::E164;

use super::{
    acd::some_of,
    finding::{Finding, Findings},
    writes::{LOOKS_MAX, pause_before},
};
use crate::tenant::deadline;

/// Digits that are no number.
const NONSENSE: u64 = 911;
/// The fictitious numbers +1 202 555 0101 to 0199. The one before them is searched by other checks.
const FICTITIOUS: std::ops::RangeInclusive<u16> = 101..=199;
/// Records of a large request.
const MANY: usize = 50;
/// Searches at once.
const SEARCHES_AT_ONCE: usize = 4;

pub(super) struct Records<'a> {
    pub(super) inspection: Inspection<'a>,
    pub(super) group: &'a str,
    pub(super) own: &'a E164,
}

impl Records<'_> {
    /// Sends three records, the second one nonsense.
    pub(super) async fn one_wrong(&self, findings: &mut Findings) {
        const CHECK: &str = "one-wrong";
        let numbers = match self.free(1).await {
            Ok(mut free) => {
                free.insert(0, self.own.clone());
                free
            }
            Err(why) => return findings.not_checked(CHECK, why),
        };
        match self.is_listed(self.own).await {
            Ok(false) => {}
            Ok(true) => {
                let why = "the group has the number already: name another";
                return findings.not_checked(CHECK, why);
            }
            Err(error) => return findings.not_checked(CHECK, error),
        }
        let Some([first, last]) = self.digits(&numbers) else {
            return findings.not_checked(CHECK, "CxoneNumberFormat cannot express the number");
        };
        let records = [first, NONSENSE, last];
        let sent = self.inspection.try_dnc_records(self.group, &records, deadline()).await;
        let is_taken = |index: usize, records: &[SeenRecord]| {
            records.iter().any(|it| it.is_success && it.names == Some(index))
        };
        let mut written = vec![first, last];
        findings.add(match sent {
            Ok((seen, results)) => {
                // A tenant that takes it has it now.
                if seen.is_success()
                    && (is_taken(1, &results) || results.iter().all(|it| it.is_success))
                {
                    written.push(NONSENSE);
                }
                judged(&seen, &results)
            }
            Err(error) => Finding::not_checked(CHECK, error),
        });
        self.clean("one-wrong-off", &numbers, &written, findings).await;
    }

    /// Sends many records, and fewer when CXone refuses them.
    pub(super) async fn many(&self, findings: &mut Findings) {
        const CHECK: &str = "many";
        let numbers = match self.free(MANY).await {
            Ok(numbers) => numbers,
            Err(why) => return findings.not_checked(CHECK, why),
        };
        let digits: Vec<u64> =
            numbers.iter().filter_map(|it| self.inspection.dnc_digits(it)).collect();
        let mut size = digits.len();
        let mut refused = None;
        let finding = loop {
            let records = &digits[..size];
            match self.inspection.try_dnc_records(self.group, records, deadline()).await {
                Ok((seen, results)) if seen.is_success() => {
                    break self.chunk(size, refused.as_deref(), &results);
                }
                Ok((seen, _)) if is_too_many(&seen) && size > 1 => {
                    refused = Some(format!("CXone refuses {size} records in a request: {seen}"));
                    size /= 2;
                }
                Ok((seen, _)) => {
                    let detail = format!("CXone refuses {size} records in a request: {seen}");
                    let advice = "See what CXone says. Leave CxoneDncChunk as it is.";
                    break Finding::wrong(CHECK, detail, advice);
                }
                Err(error) => break Finding::not_checked(CHECK, error),
            }
        };
        findings.add(finding);
        self.clean("many-off", &numbers, &digits, findings).await;
    }

    fn chunk(&self, size: usize, refused: Option<&str>, results: &[SeenRecord]) -> Finding {
        const CHECK: &str = "many";
        let listed = results.iter().filter(|it| it.is_success).count();
        match refused {
            Some(refused) if size < self.inspection.dnc_chunk() => {
                Finding::wrong(CHECK, refused, format!("Set CxoneDncChunk to {size}."))
            }
            _ if listed < size => {
                let detail = format!("of {size} records, {listed} are said to be listed");
                Finding::look(CHECK, detail)
            }
            _ => Finding::ok(CHECK, format!("CXone takes {size} records in a request")),
        }
    }

    /// Fictitious numbers that the group does not have.
    async fn free(&self, count: usize) -> Result<Vec<E164>, String> {
        let candidates = FICTITIOUS.filter_map(|it| format!("+1202555{it:04}").parse().ok());
        let candidates = candidates.filter(|it: &E164| it != self.own);
        let free = stream::iter(candidates)
            .map(async |number| self.is_listed(&number).await.map(|listed| (number, listed)))
            .buffered(SEARCHES_AT_ONCE)
            .try_filter_map(async |(number, listed)| Ok((!listed).then_some(number)))
            .take(count);
        let free: Vec<E164> = free.try_collect().await.map_err(|error: Error| error.to_string())?;
        if free.len() == count {
            Ok(free)
        } else {
            Err("the group has most of the numbers 555-01xx already".to_owned())
        }
    }

    async fn is_listed(&self, number: &E164) -> Result<bool, Error> {
        let found = self.inspection.spellings_listed(self.group, number, deadline()).await?;
        Ok(!found.is_empty())
    }

    fn digits<const N: usize>(&self, numbers: &[E164]) -> Option<[u64; N]> {
        let digits: Option<Vec<u64>> =
            numbers.iter().map(|it| self.inspection.dnc_digits(it)).collect();
        digits?.try_into().ok()
    }

    /// Takes off what was written, and tells what is left.
    async fn clean(
        &self,
        check: &'static str,
        numbers: &[E164],
        digits: &[u64],
        findings: &mut Findings,
    ) {
        const ADVICE: &str = "Take these numbers off the group in CXone.";
        let mut why = String::new();
        if let Err(error) = self.take_off(digits).await {
            why = format!(": {error}");
        }
        for look in 0..LOOKS_MAX {
            pause_before(look).await;
            match self.left(numbers).await {
                Ok(left) if left.is_empty() => {
                    let detail = format!("all {} are off the group again", numbers.len());
                    return findings.add(Finding::ok(check, detail));
                }
                Ok(left) if look + 1 == LOOKS_MAX => {
                    let detail = format!("still in the group: {}{why}", some_of(&left));
                    return findings.add(Finding::wrong(check, detail, ADVICE));
                }
                Ok(_) => {}
                Err(error) => {
                    let detail = format!("not known whether 555-01xx are off the group: {error}");
                    return findings.add(Finding::wrong(check, detail, ADVICE));
                }
            }
        }
    }

    /// In one request, and where that is refused, one by one: some may not be there.
    async fn take_off(&self, digits: &[u64]) -> Result<(), Error> {
        let mut outcome = self.inspection.take_off_dnc(self.group, digits, deadline()).await;
        if outcome.is_err() {
            outcome = Ok(());
            for digits in digits {
                let one = self.inspection.take_off_dnc(self.group, &[*digits], deadline()).await;
                outcome = outcome.and(one);
            }
        }
        outcome
    }

    async fn left(&self, numbers: &[E164]) -> Result<Vec<E164>, Error> {
        stream::iter(numbers)
            .map(async |number| self.is_listed(number).await.map(|listed| (number, listed)))
            .buffered(SEARCHES_AT_ONCE)
            .try_filter_map(async |(number, listed)| Ok(listed.then(|| number.clone())))
            .try_collect()
            .await
    }
}

/// Returns whether fewer records may be taken.
fn is_too_many(seen: &Seen) -> bool {
    matches!(seen.status, 400 | 413 | 422)
}

/// The results of three records, of which the second is no number.
fn judged(seen: &Seen, results: &[SeenRecord]) -> Finding {
    const CHECK: &str = "one-wrong";
    if is_too_many(seen) {
        let detail = format!("one wrong number has all refused ({seen}): each costs more requests");
        return Finding::look(CHECK, detail);
    }
    if !seen.is_success() {
        return Finding::not_checked(CHECK, seen);
    }
    let is_listed = |index| results.iter().any(|it| it.is_success && it.names == Some(index));
    let failed: Vec<&SeenRecord> = results.iter().filter(|it| !it.is_success).collect();
    let message = failed.first().and_then(|it| it.message.as_deref()).unwrap_or("no message");
    let order: Vec<Option<usize>> = results.iter().map(|it| it.names).collect();
    let is_in_order = order.first() == Some(&Some(0)) && order.get(2) == Some(&Some(2));
    if !is_listed(0) || !is_listed(2) {
        let detail = "not each number is named by its result: it costs searches".to_owned();
        Finding::look(CHECK, detail)
    } else if failed.is_empty() {
        Finding::look(CHECK, format!("{} results, and CXone takes {NONSENSE}, too", results.len()))
    } else if results.len() == 3 && is_in_order {
        Finding::ok(CHECK, format!("three results, in order; the wrong one is refused: {message}"))
    } else {
        let detail = format!("results in another order, or one too few; refused: {message}");
        Finding::look(CHECK, detail)
    }
}
