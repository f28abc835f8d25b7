//! Matches the results of an answer to the records of a request.
//!
//! It is not known whether results keep the order of the records, and whether a result of a
//! failure names its number. So a result belongs to the record that it names, never to the one at
//! its position; what is left over is attributed only where there is no choice.

use outbound::E164;
use serde::Deserialize;

use super::super::number::NumberFormat;
use crate::{
    SeenRecord, error,
    reading::{self, Raw},
};

/// Digits of a number without its country code.
const NATIONAL_DIGITS: usize = 10;

/// What is said of a record that CXone counts among the failures, and nothing else.
const UNEXPLAINED: &str = "it is counted as an error, without a result";

/// Standing of a record after the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// CXone reports that it is listed.
    Listed,
    /// It may or may not be listed: `error` is CXone's message about it, if it has one.
    Doubtful { error: Option<String> },
}

/// Results of the records of one request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Results {
    #[serde(default, deserialize_with = "reading::optional_count")]
    error_count: Option<u64>,
    #[serde(default)]
    record_results: Option<Vec<Raw>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordResult {
    #[serde(default, deserialize_with = "reading::optional_flag")]
    success: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    error: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    formatted_phone: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    phone_number: Option<String>,
}

impl RecordResult {
    fn is_success(&self) -> bool {
        self.success == Some(true)
    }

    fn names(&self, number: &E164, format: NumberFormat) -> bool {
        let spellings = [&self.phone_number, &self.formatted_phone];
        spellings.into_iter().flatten().any(|spelling| format.is_same(number, spelling))
    }

    /// Returns whether it names these digits, be it with or without a country code.
    fn is_spelled(&self, digits: u64) -> bool {
        let sent = digits.to_string();
        let spellings = [&self.phone_number, &self.formatted_phone];
        spellings.into_iter().flatten().any(|spelling| {
            let named: String = spelling.chars().filter(char::is_ascii_digit).collect();
            let are_long = named.len().min(sent.len()) >= NATIONAL_DIGITS;
            named == sent || are_long && (named.ends_with(&sent) || sent.ends_with(&named))
        })
    }

    fn doubtful(&self) -> Verdict {
        Verdict::Doubtful { error: self.error.clone() }
    }
}

impl Results {
    /// All of them, in their order.
    pub(super) fn seen(&self, sent: &[u64]) -> Vec<SeenRecord> {
        let seen = |result: RecordResult| SeenRecord {
            is_success: result.is_success(),
            names: sent.iter().position(|digits| result.is_spelled(*digits)),
            message: result.error.map(|words| error::message(words.as_bytes(), "")),
        };
        self.records().into_iter().map(seen).collect()
    }

    fn records(&self) -> Vec<RecordResult> {
        let raw = self.record_results.as_deref().unwrap_or_default();
        raw.iter().map(|raw| serde_json::from_str(raw.get()).unwrap_or_default()).collect()
    }

    /// One verdict per number, in their order.
    pub(super) fn verdicts(&self, numbers: &[&E164], format: NumberFormat) -> Vec<Verdict> {
        let results = self.records();
        let failed = results.iter().filter(|result| !result.is_success()).count();
        let missing = numbers.len().saturating_sub(results.len());
        let unshown = self.error_count.unwrap_or_default().saturating_sub(failed as u64);
        if unshown > missing as u64 {
            return vec![Verdict::Doubtful { error: None }; numbers.len()];
        }
        let named: Vec<Option<Verdict>> =
            numbers.iter().map(|number| named(&results, number, format)).collect();
        let names_any =
            |result: &&RecordResult| !numbers.iter().any(|number| result.names(number, format));
        let rest: Vec<&RecordResult> = results.iter().filter(names_any).collect();
        let left = named.iter().filter(|verdict| verdict.is_none()).count();
        // Each number without a result is one of the failures that it counts.
        let have_failed = rest.is_empty() && unshown == left as u64;
        let error = have_failed.then(|| UNEXPLAINED.to_owned());
        let unknown = Verdict::Doubtful { error };
        let mut leftover = leftover(&rest, left).into_iter();
        named
            .into_iter()
            .map(|verdict| verdict.or_else(|| leftover.next()).unwrap_or(unknown.clone()))
            .collect()
    }
}

/// The verdict of the results that name a number. Of several, a success counts: a list is a set.
fn named(results: &[RecordResult], number: &E164, format: NumberFormat) -> Option<Verdict> {
    let mut own = results.iter().filter(|result| result.names(number, format)).peekable();
    let first = *own.peek()?;
    Some(if own.any(RecordResult::is_success) { Verdict::Listed } else { first.doubtful() })
}

/// The verdicts of the numbers that no result names, from the results that name none of them:
/// where there is one for each and all agree, it does not matter which is whose.
fn leftover(results: &[&RecordResult], left: usize) -> Vec<Verdict> {
    if results.len() != left {
        return vec![];
    }
    if results.iter().all(|result| result.is_success()) {
        return vec![Verdict::Listed; left];
    }
    let first = results.first().map(|result| (result.is_success(), &result.error));
    let agree = results.iter().all(|result| Some((result.is_success(), &result.error)) == first);
    if agree { results.iter().map(|result| result.doubtful()).collect() } else { vec![] }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::subsequence};
    use serde_json::{Value, json};

    use super::*;

    const FORMAT: NumberFormat = NumberFormat::National;

    fn number(index: usize) -> E164 {
        format!("+1202555{index:04}").parse().expect("a number")
    }

    fn formatted(index: usize) -> String {
        format!("(202) 555-{index:04}")
    }

    fn verdicts(answer: &Value, count: usize) -> Vec<Verdict> {
        let results: Results = serde_json::from_value(answer.clone()).expect("results");
        let numbers: Vec<E164> = (0..count).map(number).collect();
        results.verdicts(&numbers.iter().collect::<Vec<_>>(), FORMAT)
    }

    fn doubtful(error: Option<&str>) -> Verdict {
        Verdict::Doubtful { error: error.map(str::to_owned) }
    }

    #[test]
    fn a_failure_without_a_number_belongs_to_the_number_that_is_left() {
        let answer = json!({ "errorCount": "1", "recordResults": [
            { "success": false, "error": "Invalid phone number", "formattedPhone": "" },
            { "success": true, "error": "", "formattedPhone": formatted(0) },
            { "success": true, "error": null, "phoneNumber": 2_025_550_002_u64 },
        ]});
        let failed = doubtful(Some("Invalid phone number"));
        assert_eq!(verdicts(&answer, 3), [Verdict::Listed, failed, Verdict::Listed]);
    }

    #[test]
    fn what_cannot_be_attributed_is_doubtful() {
        let nameless = json!({ "recordResults": [{ "success": true }, { "success": false }] });
        assert_eq!(verdicts(&nameless, 2), [doubtful(None), doubtful(None)]);
        let all = json!({ "recordResults": [{ "success": true }, { "success": true }] });
        assert_eq!(verdicts(&all, 2), [Verdict::Listed, Verdict::Listed]);
        let short = json!({ "recordResults": [{ "success": true }] });
        assert_eq!(verdicts(&short, 2), [doubtful(None), doubtful(None)]);
        assert_eq!(verdicts(&json!({ "errorCount": "0" }), 1), [doubtful(None)]);
        let odd = json!({ "recordResults": ["yes", null] });
        assert_eq!(verdicts(&odd, 2), [doubtful(None), doubtful(None)]);
    }

    #[test]
    fn a_count_of_failures_that_no_result_shows_makes_all_doubtful() {
        for count in [json!(1), json!("1")] {
            let answer = json!({ "errorCount": count, "recordResults": [
                { "success": true, "formattedPhone": formatted(0) },
            ]});
            assert_eq!(verdicts(&answer, 1), [doubtful(None)]);
        }
    }

    #[test]
    fn a_number_without_a_result_has_failed_if_the_count_of_failures_leaves_no_choice() {
        let listed = |index| json!({ "success": true, "formattedPhone": formatted(index) });
        let unexplained = doubtful(Some(UNEXPLAINED));
        let answer = json!({ "errorCount": 1, "recordResults": [listed(1)] });
        assert_eq!(verdicts(&answer, 2), [unexplained.clone(), Verdict::Listed]);
        assert_eq!(verdicts(&json!({ "errorCount": 1 }), 1), [unexplained]);
        let one_of_two = json!({ "errorCount": 1, "recordResults": [listed(2)] });
        assert_eq!(verdicts(&one_of_two, 3)[..2], [doubtful(None), doubtful(None)]);
        let whose = json!({ "errorCount": 1, "recordResults": [{ "success": true }] });
        assert_eq!(verdicts(&whose, 2), [doubtful(None), doubtful(None)]);
    }

    #[test]
    fn results_are_seen_in_their_order_with_the_record_that_each_names() {
        let answer = json!({ "recordResults": [
            { "success": true, "error": null, "formattedPhone": "+1 (202) 555-0102" },
            { "success": false, "error": "not 2025550101", "formattedPhone": "" },
            { "success": true, "phoneNumber": 2_025_550_100_u64 },
        ]});
        let results: Results = serde_json::from_value(answer).expect("results");
        let seen = results.seen(&[2_025_550_100, 911, 2_025_550_102]);
        assert_eq!(seen.iter().map(|it| it.names).collect::<Vec<_>>(), [Some(2), None, Some(0)]);
        assert_eq!(seen.iter().map(|it| it.is_success).collect::<Vec<_>>(), [true, false, true]);
        let words: Vec<Option<&str>> = seen.iter().map(|it| it.message.as_deref()).collect();
        assert_eq!(words, [None, Some("not ***"), None], "numbers are masked");
    }

    proptest! {
        /// A tenant that lists some numbers and refuses others, and that reports it in any way
        /// that is not ruled out. Whatever is reported, no number that failed counts as listed;
        /// and all that succeeded do, if the results name them.
        #[test]
        fn no_number_that_failed_counts_as_listed(
            succeeds in proptest::collection::vec(any::<bool>(), 1..12),
            seed: u64,
            keeps_order: bool,
            names_failures: bool,
            names_successes: bool,
            counts in 0..3_u8,
            left_out in proptest::option::of(any::<proptest::sample::Index>()),
        ) {
            let mut results: Vec<Value> = succeeds
                .iter()
                .enumerate()
                .map(|(index, success)| {
                    let is_named = if *success { names_successes } else { names_failures };
                    let phone = if is_named { formatted(index) } else { String::new() };
                    let error = if *success { "" } else { "refused" };
                    json!({ "success": success, "error": error, "formattedPhone": phone })
                })
                .collect();
            if let Some(index) = left_out {
                results.remove(index.index(succeeds.len()));
            }
            if !keeps_order {
                fastrand::Rng::with_seed(seed).shuffle(&mut results);
            }
            let failed = succeeds.iter().filter(|success| !**success).count();
            let mut answer = json!({ "recordResults": results });
            match counts {
                0 => {}
                1 => answer["errorCount"] = json!(failed),
                _ => answer["errorCount"] = json!(failed.to_string()),
            }
            let verdicts = verdicts(&answer, succeeds.len());
            prop_assert_eq!(verdicts.len(), succeeds.len());
            for (success, verdict) in succeeds.iter().zip(&verdicts) {
                if !success {
                    prop_assert!(matches!(verdict, Verdict::Doubtful { .. }), "{answer}");
                } else if names_successes && left_out.is_none() {
                    prop_assert_eq!(verdict, &Verdict::Listed, "{}", answer);
                }
            }
        }

        /// An error message is only ever that of the number itself.
        #[test]
        fn no_number_gets_the_error_of_another(
            named in subsequence((0..8).collect::<Vec<usize>>(), 0..=8),
            count in 1..8_usize,
        ) {
            let results: Vec<Value> = (0..count)
                .map(|index| {
                    let phone = if named.contains(&index) { formatted(index) } else { String::new() };
                    json!({ "success": false, "error": format!("about {index}"), "formattedPhone": phone })
                })
                .collect();
            for (index, verdict) in verdicts(&json!({ "recordResults": results }), count).iter().enumerate() {
                let own = doubtful(Some(&format!("about {index}")));
                prop_assert!(*verdict == own || *verdict == doubtful(None), "{verdict:?}");
            }
        }
    }
}
