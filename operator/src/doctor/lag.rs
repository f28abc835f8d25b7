//! How late calls that are over are listed: the poller has to look back as long as that.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use cxone::{CompletedQuery, Error, Inspection};

use super::{Case, finding::Finding};
use crate::{output::span, tenant::deadline};

const CHECK: &str = "lag";
/// Looks: those of five minutes.
const LOOKS: u32 = 31;
/// Pause between two.
pub(super) const PAUSE: Duration = Duration::from_secs(10);
/// Changes after which no more are waited for.
const ENOUGH: usize = 5;
/// Period of which changes are read.
const PERIOD: TimeDelta = TimeDelta::hours(2);
/// Calls of a page, and the most pages that are read.
const PAGE: u64 = 1000;
const PAGES_MAX: u64 = 10;
/// The default of the template.
const OVERLAP_MINUTES: i64 = 60;

/// A call and the time of its last change.
type Change = (String, DateTime<Utc>);

/// Compares the newest change with the clock; with `--watch`, each change that comes up meanwhile.
pub(super) async fn check(case: &Case<'_>, inspection: Inspection<'_>) -> Finding {
    let overlap = case.values.parsed("CXONE_OUTCOMES_OVERLAP_MINUTES", OVERLAP_MINUTES);
    let overlap = TimeDelta::try_minutes(overlap).unwrap_or(TimeDelta::MAX);
    let outcome = if case.writing.watch {
        let lags = watched(inspection, case.writing.pause_or(PAUSE)).await;
        lags.map(|lags| of_watched(&lags, overlap))
    } else {
        newest(inspection).await.map(|newest| of_newest(newest, overlap))
    };
    outcome.unwrap_or_else(|error| Finding::not_checked(CHECK, error))
}

/// Age of the newest change, if there is one. The call was listed within this time.
async fn newest(inspection: Inspection<'_>) -> Result<Option<TimeDelta>, Error> {
    let changes = changes(inspection).await?;
    let newest = changes.into_iter().map(|(_, at)| at).max();
    Ok(newest.map(|at| (ambient::now() - at).max(TimeDelta::zero())))
}

fn of_newest(newest: Option<TimeDelta>, overlap: TimeDelta) -> Finding {
    match newest {
        Some(age) if age <= overlap => {
            let detail = format!("a call was listed within {} of its change", span(age));
            Finding::ok(CHECK, format!("{detail}; --watch tells it more exactly"))
        }
        _ => Finding::not_checked(CHECK, "no call changed lately: --watch while calls are made"),
    }
}

fn of_watched(lags: &[TimeDelta], overlap: TimeDelta) -> Finding {
    match lags.iter().max() {
        Some(longest) => judged(*longest, overlap),
        None => {
            Finding::not_checked(CHECK, "no call changed meanwhile: watch while calls are made")
        }
    }
}

/// Delays after which changes were listed that came up while this looked.
async fn watched(inspection: Inspection<'_>, pause: Duration) -> Result<Vec<TimeDelta>, Error> {
    let mut known = changes(inspection).await?;
    eprintln!("Watching calls for up to 5 minutes.");
    let mut lags = Vec::new();
    for _ in 1..LOOKS {
        tokio::time::sleep(pause).await;
        let seen = changes(inspection).await?;
        let now = ambient::now();
        let fresh = seen.difference(&known);
        lags.extend(fresh.map(|(_, at)| (now - *at).max(TimeDelta::zero())));
        known.extend(seen);
        if lags.len() >= ENOUGH {
            break;
        }
    }
    Ok(lags)
}

/// Changes of the last hours, as far as their times can be read.
async fn changes(inspection: Inspection<'_>) -> Result<BTreeSet<Change>, Error> {
    let now = ambient::now();
    let mut changes = BTreeSet::new();
    for page in 0..PAGES_MAX {
        let asked = CompletedQuery {
            skill: None,
            period: now - PERIOD..now,
            skip: page * PAGE,
            size: PAGE,
        };
        let contacts = inspection.completed_page(&asked, deadline()).await?.contacts;
        let is_last = (contacts.len() as u64) < PAGE;
        changes.extend(contacts.into_iter().filter_map(|it| Some((it.id, it.updated_at?))));
        if is_last {
            break;
        }
    }
    Ok(changes)
}

/// Compares the longest delay with the overlap of the poller, which should be twice as long.
fn judged(longest: TimeDelta, overlap: TimeDelta) -> Finding {
    let needed = (longest * 2).num_seconds().div_euclid(60) + 1;
    let detail = format!("calls were listed up to {} after their change", span(longest));
    if TimeDelta::minutes(needed) <= overlap {
        let detail = format!("{detail}: CxoneOutcomesOverlapMinutes may be {needed} or more");
        Finding::ok(CHECK, detail)
    } else {
        let advice = format!("Set CxoneOutcomesOverlapMinutes to {needed} or more.");
        Finding::wrong(CHECK, detail, advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn the_overlap_is_at_least_twice_the_longest_delay() {
        for (longest_s, overlap_min, expected) in [
            (0, 1, State::Ok),
            (29, 1, State::Ok),
            (30, 1, State::Wrong),
            (40 * 60, 60, State::Wrong),
            (40 * 60, 81, State::Ok),
        ] {
            let found = judged(TimeDelta::seconds(longest_s), TimeDelta::minutes(overlap_min));
            assert_eq!(found.state, expected, "{found:?}");
        }
        let found = judged(TimeDelta::minutes(40), TimeDelta::minutes(60));
        assert_eq!(found.advice.as_deref(), Some("Set CxoneOutcomesOverlapMinutes to 81 or more."));
    }

    #[test]
    fn a_newest_call_shows_something_only_if_it_is_new() {
        let hour = TimeDelta::hours(1);
        assert_eq!(of_newest(Some(TimeDelta::minutes(3)), hour).state, State::Ok);
        assert_eq!(of_newest(Some(TimeDelta::minutes(61)), hour).state, State::NotChecked);
        assert_eq!(of_newest(None, hour).state, State::NotChecked);
    }
}
