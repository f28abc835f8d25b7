//! Readings of a tenant that lists calls late, changes them while they are read, and keeps an order
//! or none; by a process that dies after any effect.

use std::collections::BTreeSet;

use cxone::EndedCall;
use proptest::{collection::vec, option, prelude::*};

use super::*;

const OVERLAP: i64 = 600;
const PAGE: usize = 3;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_900_000_000 + second, 0).expect("an instant")
}

/// A call of the tenant, in seconds.
#[derive(Debug, Clone)]
struct Call {
    ended: i64,
    /// Seconds until each change of it shows, no more than the overlap.
    late: i64,
    /// Seconds after its end at which it gets its outcome.
    outcome_after: i64,
    /// Time at which something else of it changes.
    touched: Option<i64>,
}

impl Call {
    /// The last change that shows at `now`.
    fn changed(&self, now: i64) -> Option<i64> {
        let changes = [Some(self.ended), Some(self.ended + self.outcome_after), self.touched];
        let shown = changes.into_iter().flatten().filter(|at| at + self.late <= now);
        shown.filter(|at| *at >= self.ended).max()
    }

    fn has_outcome(&self, now: i64) -> bool {
        self.ended + self.outcome_after + self.late <= now
    }
}

fn page(calls: &[Call], position: &Position, now: i64, is_ordered: bool) -> EndedCalls {
    let shown = calls.iter().enumerate().filter_map(|(id, call)| {
        let changed = call.changed(now).filter(|changed| at(*changed) >= position.since)?;
        Some((changed, id, call.has_outcome(now)))
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort_unstable();
    if !is_ordered {
        shown.reverse();
    }
    let skip = usize::try_from(position.skip).expect("small");
    let rows: Vec<_> = shown.into_iter().skip(skip).take(PAGE).collect();
    let call = |(changed, id, has_outcome): &(i64, usize, bool)| EndedCall {
        contact: id.to_string(),
        disposition: has_outcome.then(|| "1001".to_owned()),
        updated_at: at(*changed),
    };
    let times: Vec<i64> = rows.iter().map(|(changed, ..)| *changed).collect();
    EndedCalls {
        calls: rows.iter().map(call).collect(),
        unreadable: 0,
        next_skip: (rows.len() == PAGE).then(|| position.skip + PAGE as u64),
        in_order_until: times
            .last()
            .filter(|last| times.is_sorted() && times[0] < **last)
            .map(|last| at(*last)),
    }
}

/// What is stored, and what was queued.
#[derive(Default)]
struct Stored {
    progress: Option<Progress>,
    claimed: BTreeSet<String>,
    queued: Vec<String>,
}

/// The process is dead.
#[derive(Debug)]
struct Dead;

/// Reads as the function does: queues each call, claims it, then stores how far it came.
fn read(
    stored: &mut Stored,
    calls: &[Call],
    begun: i64,
    is_ordered: bool,
    mut effects_left: u32,
) -> Result<(), Dead> {
    let mut effect = || {
        effects_left = effects_left.checked_sub(1).ok_or(Dead)?;
        Ok(())
    };
    let progress = *stored.progress.get_or_insert(Progress::of_pass(at(begun)));
    let mut position = Position::after(progress, TimeDelta::seconds(OVERLAP), at(begun));
    // Time passes while pages are read.
    for now in begun.. {
        let page = page(calls, &position, now, is_ordered);
        for call in page.calls.iter().filter(|call| call.disposition.is_some()) {
            effect()?;
            if stored.claimed.contains(&call.contact) {
                continue;
            }
            effect()?;
            stored.queued.push(call.contact.clone());
            effect()?;
            stored.claimed.insert(call.contact.clone());
        }
        let next = position.next(&page);
        if let Some(progress) = next.progress() {
            effect()?;
            stored.progress = Some(progress);
            if is_ordered {
                assert_none_is_passed_over(calls, stored, progress, now);
            }
        }
        match next {
            Next::Page(next, _) => position = next,
            Next::End(_) => return Ok(()),
        }
    }
    Ok(())
}

/// What has an outcome is queued, or will be seen: by this pass, or by the next one, which begins the
/// overlap before it.
fn assert_none_is_passed_over(calls: &[Call], stored: &Stored, progress: Progress, now: i64) {
    let Progress { read_until, pass_begun } = progress;
    for (id, call) in calls.iter().enumerate() {
        let decided = call.ended + call.outcome_after;
        let touched = call.touched.filter(|at| (decided..=now).contains(at)).unwrap_or(decided);
        let by_this = pass_begun.is_some() && at(touched) >= read_until;
        let by_next = at(touched + OVERLAP) >= pass_begun.unwrap_or(read_until);
        let is_queued = stored.claimed.contains(&id.to_string());
        assert!(decided > now || is_queued || by_this || by_next, "{id} is passed over");
    }
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = (0_i64..3000, 0..OVERLAP, 0_i64..300, option::of(0_i64..4000)).prop_map(
        |(ended, late, outcome_after, touched)| Call { ended, late, outcome_after, touched },
    );
    vec(call, 0..40)
}

proptest! {
    #[test]
    fn every_outcome_is_queued_once(calls in calls(), is_ordered: bool, every in 60_i64..900) {
        let mut stored = Stored::default();
        for begun in (0..6000).step_by(usize::try_from(every).expect("small")) {
            read(&mut stored, &calls, begun, is_ordered, u32::MAX).expect("it lives");
        }
        stored.queued.sort();
        let mut all: Vec<String> = (0..calls.len()).map(|id| id.to_string()).collect();
        all.sort();
        prop_assert_eq!(stored.queued, all);
    }

    /// An outage is a reading that dies at once: what lies in it is read from the cursor on.
    #[test]
    fn however_often_it_dies_every_outcome_is_queued(
        calls in calls(), is_ordered: bool, lives in vec(prop_oneof![2 => 0_u32..30, 1 => Just(0), 1 => Just(u32::MAX)], 12),
    ) {
        let mut stored = Stored::default();
        // The first reading defines where it all begins.
        read(&mut stored, &calls, 0, is_ordered, u32::MAX).expect("it lives");
        for (begun, effects) in (0_i64..).step_by(500).skip(1).zip(lives) {
            // One that dies stays behind; what it left is what is tested.
            read(&mut stored, &calls, begun, is_ordered, effects).ok();
        }
        // What was cut short goes on first.
        for begun in [9000, 9500] {
            read(&mut stored, &calls, begun, is_ordered, u32::MAX).expect("it lives");
        }
        let queued: BTreeSet<String> = stored.queued.into_iter().collect();
        prop_assert_eq!(queued.len(), calls.len());
    }
}

#[test]
fn more_calls_at_one_instant_than_a_page_holds_are_counted() {
    let call = Call { ended: 100, late: 0, outcome_after: 0, touched: None };
    let calls = vec![call; 4 * PAGE + 1];
    let mut stored = Stored::default();
    read(&mut stored, &calls, 200, true, u32::MAX).expect("it lives");
    assert_eq!(stored.queued.len(), calls.len());
    assert_eq!(stored.progress, Some(Progress::of_pass(at(200))));
}

/// Known calls take time as well: they are claimed again.
#[test]
fn readings_that_are_cut_short_come_to_the_end() {
    let call = |ended| Call { ended, late: 0, outcome_after: 0, touched: None };
    let calls: Vec<Call> = (10..70).map(|tens| call(10 * tens)).collect();
    let mut stored = Stored::default();
    let cut_short =
        (0..calls.len()).take_while(|_| read(&mut stored, &calls, 700, true, 16).is_err()).count();
    assert!((1..calls.len()).contains(&cut_short), "{cut_short}");
    assert_eq!(stored.claimed.len(), calls.len());
}

#[test]
fn a_clock_of_cxones_that_is_ahead_has_nothing_left_out() {
    let begun = at(0);
    let page = EndedCalls {
        in_order_until: Some(at(90_000)),
        next_skip: Some(1000),
        ..EndedCalls::default()
    };
    let progress = Progress::of_pass(begun);
    let next = Position::after(progress, TimeDelta::seconds(OVERLAP), begun).next(&page);
    assert_eq!(next.progress().map(|it| it.read_until), Some(begun));
}
