//! What must hold in the end, as expected and found, and how much a day may leave behind.

use sysinfo::Pid;

use crate::{items::Items, processes::Measured, statistics::Trend};

/// Most growth of a function's memory from the second quarter of the day to the last, in percent.
const MEMORY_GROWTH_MAX: f64 = 5.0;
/// Most growth of its file handles in the same time. A connection more or less is no leak.
const HANDLES_GROWTH_MAX: f64 = 1.0;
/// The largest item that a table may have. DynamoDB takes 400 kB.
const ITEM_BYTES_MAX: usize = 50_000;
/// Most growth of a table's largest item in the second half of the day, in percent. One that grows
/// with each event about its subject doubles.
const ITEM_GROWTH_MAX: usize = 25;

/// What must be, and what is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) what: &'static str,
    pub(crate) expected: usize,
    pub(crate) found: usize,
    pub(crate) is_kept: bool,
}

impl Check {
    pub(crate) fn counts(what: &'static str, expected: usize, found: usize) -> Self {
        Self { what, expected, found, is_kept: expected == found }
    }

    /// Of two sets that must be the same.
    pub(crate) fn sets<T: PartialEq>(what: &'static str, expected: &T, found: &T) -> Self
    where
        for<'a> &'a T: IntoIterator,
    {
        let count = |set: &T| set.into_iter().count();
        Self { what, expected: count(expected), found: count(found), is_kept: expected == found }
    }
}

/// A function's process over the day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Course {
    pub(crate) memory_mb: Trend,
    pub(crate) handles: Trend,
    is_one_process: bool,
}

impl Course {
    /// Of measurements by the hour; `None` of fewer than four.
    pub(crate) fn of(hours: &[Measured]) -> Option<Self> {
        let processes: Vec<Pid> = hours.iter().map(|hour| hour.process).collect();
        let trend =
            |value: fn(&Measured) -> f64| Trend::of(&hours.iter().map(value).collect::<Vec<f64>>());
        Some(Self {
            memory_mb: trend(|hour| hour.memory_mb)?,
            handles: trend(|hour| f64::from(hour.handles))?,
            is_one_process: processes.iter().all(|process| *process == processes[0]),
        })
    }

    /// Returns whether it lived all day, and kept what it took.
    pub(crate) fn is_flat(&self) -> bool {
        let Self { memory_mb, handles, is_one_process } = *self;
        is_one_process
            && memory_mb.growth() <= MEMORY_GROWTH_MAX
            && handles.last - handles.second <= HANDLES_GROWTH_MAX
    }
}

/// Returns whether the largest item of a table is bounded, from what there was at half of the day and
/// at its end.
pub(crate) fn are_bounded(half: Items, end: Items) -> bool {
    end.largest_bytes <= ITEM_BYTES_MAX
        && end.largest_bytes * 100 <= half.largest_bytes * (100 + ITEM_GROWTH_MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn day(measured: impl Fn(u32) -> Measured) -> Course {
        Course::of(&(0..24).map(measured).collect::<Vec<_>>()).expect("a day")
    }

    fn steady(_: u32) -> Measured {
        Measured { process: Pid::from_u32(1), memory_mb: 20.0, handles: 12 }
    }

    #[test]
    fn a_process_that_keeps_its_memory_and_handles_is_flat() {
        assert!(day(steady).is_flat());
        // Caches fill in the first hours.
        assert!(
            day(|hour| Measured { memory_mb: if hour < 6 { 9.0 } else { 20.0 }, ..steady(hour) })
                .is_flat()
        );
        assert!(day(|hour| Measured { handles: 12 + hour % 2, ..steady(hour) }).is_flat());
    }

    #[test]
    fn a_process_that_leaks_is_not() {
        let hourly = |hour, mb| steady(hour).memory_mb + mb * f64::from(hour);
        assert!(!day(|hour| Measured { memory_mb: hourly(hour, 0.1), ..steady(hour) }).is_flat());
        assert!(!day(|hour| Measured { handles: 12 + hour / 6, ..steady(hour) }).is_flat());
    }

    #[test]
    fn neither_is_one_that_was_started_again() {
        let restarted = |hour| Measured { process: Pid::from_u32(1 + hour / 23), ..steady(hour) };
        assert!(!day(restarted).is_flat());
    }

    #[test]
    fn an_item_that_grows_with_its_events_is_not_bounded() {
        let items = |largest_bytes| Items { count: 1, largest_bytes };
        assert!(are_bounded(items(6_000), items(6_000)));
        assert!(are_bounded(items(1_000), items(1_250)));
        assert!(!are_bounded(items(1_000), items(2_000)));
        assert!(!are_bounded(items(50_001), items(50_001)));
        assert!(are_bounded(items(0), items(0)), "a table may be empty");
    }

    #[test]
    fn sets_of_the_same_size_may_differ() {
        let set = |values: [u8; 2]| BTreeSet::from(values);
        assert!(Check::sets("numbers", &set([1, 2]), &set([2, 1])).is_kept);
        let check = Check::sets("numbers", &set([1, 2]), &set([1, 3]));
        assert_eq!((check.expected, check.found, check.is_kept), (2, 2, false));
    }
}
