//! Calls that a campaign completes over time.
//!
//! Schedules that start at the same local time are one run of the campaign, whatever their zones.
//! A run makes the calls that are planned, spread evenly over its schedules and over the first
//! half of each.

use std::{collections::BTreeMap, ops::RangeInclusive};

use chrono::{DateTime, TimeDelta, Utc};

use super::Schedule;

/// The resolution of time.
const TICK: TimeDelta = TimeDelta::milliseconds(1);

/// The calls that are completed within a period, if each run of `schedules` makes `calls`.
pub(super) fn completed<'a>(
    schedules: impl Iterator<Item = &'a Schedule>,
    calls: u64,
    period: &RangeInclusive<DateTime<Utc>>,
) -> u64 {
    let mut runs: BTreeMap<_, Vec<&Schedule>> = BTreeMap::new();
    for schedule in schedules {
        runs.entry(schedule.start.naive_local()).or_default().push(schedule);
    }
    let shares = runs.values().flat_map(|run| run.iter().zip(shares(calls, run.len())));
    shares.map(|(schedule, calls)| completed_within(schedule, calls, period)).sum()
}

/// A total in so many parts that differ by one at most.
pub(super) fn shares(total: u64, parts: usize) -> impl Iterator<Item = u64> {
    let divisor = parts as u64;
    (0..divisor).map(move |part| total / divisor + u64::from(part < total % divisor))
}

fn completed_within(
    schedule: &Schedule,
    calls: u64,
    period: &RangeInclusive<DateTime<Utc>>,
) -> u64 {
    let before = completed_by(schedule, calls, *period.start() - TICK);
    completed_by(schedule, calls, *period.end()).saturating_sub(before)
}

fn completed_by(schedule: &Schedule, calls: u64, instant: DateTime<Utc>) -> u64 {
    let ticks = |time: TimeDelta| u64::try_from(time.num_milliseconds()).unwrap_or_default();
    let half = (ticks(schedule.end - schedule.start) / 2).max(1);
    let passed = ticks(instant - schedule.start.to_utc()).min(half);
    calls.saturating_mul(passed) / half
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<FixedOffset> {
        DateTime::UNIX_EPOCH.fixed_offset() + TimeDelta::seconds(second)
    }

    fn schedule(start: i64, end: i64) -> Schedule {
        Schedule {
            id: String::new(),
            campaign: String::new(),
            start: at(start),
            end: at(end),
            time_zone: String::new(),
            idempotency_key: None,
            posts: 1,
        }
    }

    proptest! {
        #[test]
        fn each_call_counts_in_the_period_in_which_it_completes(
            start in 0_i64..1000,
            calls in 0_i64..50,
            seconds_each in 1_i64..50,
            from in 0_i64..4000,
            length in 0_i64..4000,
        ) {
            let schedule = schedule(start, start + (2 * calls * seconds_each).max(1));
            let to = from + length;
            let expected = (1..=calls)
                .map(|call| start + call * seconds_each)
                .filter(|completed| (from..=to).contains(completed))
                .count();
            let period = at(from).to_utc()..=at(to).to_utc();
            let counted = completed([&schedule].into_iter(), calls.unsigned_abs(), &period);
            prop_assert_eq!(counted, expected as u64);
        }

        #[test]
        fn shares_sum_up_and_differ_by_one_at_most(total in 0_u64..100_000, parts in 1_usize..500) {
            let shares: Vec<u64> = shares(total, parts).collect();
            prop_assert_eq!(shares.len(), parts);
            prop_assert_eq!(shares.iter().sum::<u64>(), total);
            prop_assert!(shares[0] - shares[parts - 1] <= 1);
        }
    }
}
