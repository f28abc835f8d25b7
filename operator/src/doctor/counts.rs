//! What CXone's counts mean, and whether calls that are over can be read page by page.

use std::{collections::BTreeSet, ops::Range};

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use cxone::{CompletedPage, CompletedQuery, Error, Inspection, ListedContact, SkillCounts};

use super::finding::{Finding, Findings};
use crate::tenant::deadline;

/// Period whose calls are counted.
const DAY: TimeDelta = TimeDelta::hours(24);
/// Most rows of a page that are counted.
const ROWS_MAX: u64 = 1000;
/// Most rows that are read twice, as one page and as two.
const ORDERED_MAX: u64 = 100;
/// What a run cannot do without.
const COUNTS_FAIL: &str = "Ask CXone's support which periods it counts: the progress of runs fails \
                           until then.";
const COUNT_DIALS: &str = "Set CxoneCompleted to dials.";

/// Checks the counts of a skill.
pub(super) async fn check(inspection: Inspection<'_>, skill: Option<u64>, findings: &mut Findings) {
    let now = ambient::now();
    let Some(skill) = skill else {
        findings.not_checked("total", "no skill is known: CxoneSkills is empty");
        return;
    };
    let period = now - DAY..now;
    let asked = CompletedQuery { skill: Some(skill), period: period.clone(), skip: 0, size: 1 };
    let first = inspection.completed_page(&asked, deadline()).await;
    let all = CompletedQuery { size: ROWS_MAX, ..asked };
    let all = inspection.completed_page(&all, deadline()).await;
    let counts = inspection.summaries(&period, deadline()).await;
    match (&first, &all) {
        (Ok(first), Ok(all)) => {
            findings.add(total(inspection, first, all));
            let counts = counts.map(|counts| counts.get(&skill).copied());
            findings.add(figures(all, counts));
        }
        (Err(error), _) | (_, Err(error)) => findings.not_checked("total", error),
    }
    findings.add(periods(inspection, skill, now).await);
    findings.add(order(inspection, period).await);
}

/// Whether the number of all calls is told with a single row. It is what completed calls are counted
/// by.
fn total(inspection: Inspection<'_>, first: &CompletedPage, all: &CompletedPage) -> Finding {
    const CHECK: &str = "total";
    let rows = all.contacts.len() as u64;
    let detail = match first.total {
        _ if rows == 0 => return Finding::not_checked(CHECK, "no call was over in the last day"),
        Some(total) if total >= rows => {
            return Finding::ok(CHECK, format!("totalRecords is that of all: {total}"));
        }
        Some(total) => format!("totalRecords is {total} with one row, and there are {rows} calls"),
        None => "CXone's pages have no totalRecords".to_owned(),
    };
    if inspection.counts_by_contact() {
        Finding::wrong(CHECK, detail, COUNT_DIALS)
    } else {
        Finding::look(CHECK, format!("{detail}: leave CxoneCompleted as it is"))
    }
}

/// How calls relate to dials.
fn figures(all: &CompletedPage, counts: Result<Option<SkillCounts>, Error>) -> Finding {
    const CHECK: &str = "figures";
    let calls = all.total.unwrap_or(0).max(all.contacts.len() as u64);
    let counts = match counts {
        Ok(_) if calls == 0 => {
            return Finding::not_checked(CHECK, "no call was over in the last day");
        }
        Ok(counts) => counts,
        Err(error) => return Finding::not_checked(CHECK, error),
    };
    let (dials, connects) = counts.map_or((Some(0), Some(0)), |it| (it.dials, it.connects));
    let Some((dials, connects)) = dials.zip(connects) else {
        let advice = "Ask CXone's support for the figures dials and connects of skills/summary: \
                      the progress of runs fails until then.";
        return Finding::wrong(CHECK, "a figure of the skill is missing", advice);
    };
    let shown = format!("{dials} dials, {calls} calls, {connects} connected");
    if calls > dials {
        Finding::look(CHECK, format!("{shown}: the summary lags, or counts other calls"))
    } else if connects > calls {
        Finding::look(CHECK, format!("{shown}: calls lag, or others are counted"))
    } else if calls == dials {
        Finding::ok(CHECK, format!("{shown}: each dial is a call"))
    } else {
        Finding::ok(CHECK, format!("{shown}: not each dial is a call, or some are not over"))
    }
}

/// Whether periods are counted that runs have. The longest is beyond what runs need.
async fn periods(inspection: Inspection<'_>, skill: u64, now: DateTime<Utc>) -> Finding {
    const CHECK: &str = "periods";
    let minute = now.with_second(0).and_then(|it| it.with_nanosecond(0)).unwrap_or(now);
    let odd = minute - TimeDelta::minutes(67) + TimeDelta::seconds(17);
    let needed = [
        ("of one minute", minute - TimeDelta::minutes(1)..minute),
        ("that begins at an odd time", odd..minute),
    ];
    for (name, period) in needed {
        match refused(inspection, skill, &period).await {
            Ok(None) => {}
            Ok(Some(why)) => {
                return Finding::wrong(CHECK, format!("one {name} is refused: {why}"), COUNTS_FAIL);
            }
            Err(error) => return Finding::not_checked(CHECK, error),
        }
    }
    match refused(inspection, skill, &(minute - TimeDelta::days(30)..minute)).await {
        Ok(None) => Finding::ok(CHECK, "of a minute, of 30 days, and from an odd time on"),
        Ok(Some(why)) => {
            let detail = format!("one of 30 days is refused, which no run needs: {why}");
            Finding::look(CHECK, detail)
        }
        Err(error) => Finding::not_checked(CHECK, error),
    }
}

/// Why a period is not counted, if CXone refuses it.
async fn refused(
    inspection: Inspection<'_>,
    skill: u64,
    period: &Range<DateTime<Utc>>,
) -> Result<Option<String>, Error> {
    let of = |operation: &str, outcome: Result<(), Error>| match outcome {
        Ok(()) => Ok(None),
        Err(Error::Invalid { detail }) => Ok(Some(format!("{operation}: {detail}"))),
        Err(error) => Err(error),
    };
    let summaries = inspection.summaries(period, deadline()).await.map(drop);
    if let Some(why) = of("skills/summary", summaries)? {
        return Ok(Some(why));
    }
    match inspection.completed(skill, period, deadline()).await {
        // Another check tells of a figure that is missing.
        Err(Error::Unexpected { .. }) => Ok(None),
        outcome => of("contacts/completed", outcome.map(drop)),
    }
}

/// Whether calls come in the order of their changes, and none twice.
async fn order(inspection: Inspection<'_>, period: Range<DateTime<Utc>>) -> Finding {
    const CHECK: &str = "order";
    let page = async |skip: u64, size: u64| {
        let asked = CompletedQuery { skill: None, period: period.clone(), skip, size };
        inspection.completed_page(&asked, deadline()).await.map(|page| page.contacts)
    };
    let all = match page(0, ORDERED_MAX).await {
        Ok(all) if all.len() < 2 => {
            return Finding::not_checked(CHECK, "fewer than two calls changed in the last day");
        }
        Ok(all) => all,
        Err(error) => return Finding::not_checked(CHECK, error),
    };
    let half = all.len() as u64 / 2;
    match (page(0, half).await, page(half, half).await) {
        (Ok(first), Ok(second)) => ordered(&all, &first, &second),
        (Err(error), _) | (_, Err(error)) => Finding::not_checked(CHECK, error),
    }
}

fn ordered(all: &[ListedContact], first: &[ListedContact], second: &[ListedContact]) -> Finding {
    const CHECK: &str = "order";
    let is_sorted = all.is_sorted_by_key(|contact| contact.updated_at);
    let ids: BTreeSet<&str> = first.iter().map(|contact| contact.id.as_str()).collect();
    let is_twice = second.iter().any(|contact| ids.contains(contact.id.as_str()));
    match (is_sorted, is_twice) {
        (true, false) => Finding::ok(CHECK, "by lastUpdateTime, and none comes twice"),
        (true, true) => Finding::look(
            CHECK,
            "skip does not count, or a call has changed meanwhile: run it again",
        ),
        (false, false) => {
            let detail = "not by lastUpdateTime: pages are counted, and a call that changes \
                          meanwhile is read one pass later";
            Finding::look(CHECK, detail)
        }
        (false, true) => {
            let advice = "Set CxoneOutcomes to scripts, and have scripts send outcomes.";
            let detail =
                "neither orderBy nor skip count: calls after the first page are never read";
            Finding::wrong(CHECK, detail, advice)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    fn calls(count: u64) -> CompletedPage {
        let contact = |id: u64| ListedContact { id: id.to_string(), updated_at: None };
        CompletedPage { contacts: (0..count).map(contact).collect(), total: Some(count) }
    }

    #[test]
    fn dials_calls_and_connects_come_in_this_order() {
        for (count, dials, connects, expected) in [
            (4, Some(4), Some(3), State::Ok),
            (4, Some(5), Some(4), State::Ok),
            (4, Some(3), Some(3), State::Look),
            (4, Some(6), Some(5), State::Look),
            (4, None, Some(3), State::Wrong),
            (4, Some(4), None, State::Wrong),
            (0, Some(4), Some(3), State::NotChecked),
        ] {
            let counts = SkillCounts { dials, connects };
            let found = figures(&calls(count), Ok(Some(counts)));
            assert_eq!(found.state, expected, "{found:?}");
        }
        assert_eq!(figures(&calls(4), Ok(None)).state, State::Look, "the skill is left out");
    }
}
