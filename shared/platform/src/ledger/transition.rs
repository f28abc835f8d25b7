//! The transitions of an entry: pure functions from what is stored to what is stored next.

use chrono::{DateTime, Utc};
use outbound::DncRequest;

use super::{
    DncResult, Entry, OptOut, QueuePosition, Record, Recorded, RelistAfter, State,
    entry::EVENT_IDS_MAX, stored,
};

/// The longest reason that is kept, in characters.
const FAILURE_CHARS_MAX: usize = 500;

/// Items stored for a number, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) entry: Option<Entry>,
    /// True if the event at hand is in the history.
    pub(super) is_recorded: bool,
}

/// A change of one entry, and the records it adds to the history. Both are written or neither.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) entry: Entry,
    pub(super) records: Vec<Record>,
}

impl From<Entry> for Change {
    fn from(entry: Entry) -> Self {
        Self { entry, records: Vec::new() }
    }
}

/// Records an opt-out. Returns the change, if there is one, and what to do about the number.
///
/// A pending number is sent when it has never been, or when it has waited for as long as a listing
/// may be old: its message may be gone by then. Any delivery does that, of a new event or a known
/// one: a send that failed is made up for by the next delivery. The first new event after a consent
/// is sent whatever was before: what the earlier one began may be through, and what was arranged
/// since must be withdrawn.
pub(super) fn record(
    seen: &Seen,
    opt_out: &OptOut,
    relist_after: RelistAfter,
    now: DateTime<Utc>,
) -> (Option<Change>, Recorded) {
    let Some(entry) = &seen.entry else {
        let change = Change { entry: first(opt_out), records: event(seen, opt_out, 1) };
        let recorded = Recorded::Send(QueuePosition::of(&change.entry));
        return (Some(change), recorded);
    };
    let is_new = !seen.is_recorded && !entry.holds(&opt_out.event_id);
    let follows_consent = is_new && entry.is_overruled();
    let reopens = match entry.state {
        State::Pending => false,
        State::Listed => follows_consent || (is_new && relist_after.is_over(entry.listed_at, now)),
        State::Failed => true,
    };
    let mut change = Change::from(entry.clone());
    if reopens {
        change.records.push(Record::of_generation(entry, now));
        open(&mut change.entry, opt_out.requested_at);
    }
    if is_new {
        change.records.extend(event(seen, opt_out, change.entry.generation));
        add(&mut change.entry, opt_out);
    }
    let next = &change.entry;
    let recorded = match next.state {
        State::Listed => Recorded::AlreadyListed,
        _ if follows_consent || relist_after.is_over(next.queued_at, now) => {
            Recorded::Send(QueuePosition::of(&change.entry))
        }
        _ => Recorded::AlreadyPending,
    };
    ((reopens || is_new).then_some(change), recorded)
}

/// Notes that a number is in the queue. Nothing changes when that generation is over, or when a
/// later send has been noted.
pub(super) fn queued(entry: &Entry, generation: u64, at: DateTime<Utc>) -> Option<Change> {
    let at = stored::to_the_millisecond(at);
    let is_current = entry.state == State::Pending && entry.generation == generation;
    let is_later = entry.queued_at.is_none_or(|known| known < at);
    (is_current && is_later).then(|| Entry { queued_at: Some(at), ..entry.clone() }.into())
}

/// Notes the result of a call to CXone. A number that no event was recorded for gets its evidence
/// from the queue's message.
pub(super) fn concluded(
    seen: &Seen,
    request: &DncRequest,
    result: &DncResult,
    at: DateTime<Utc>,
) -> Option<Change> {
    let at = stored::to_the_millisecond(at);
    let known = seen.entry.as_ref();
    match result {
        DncResult::Listed => Some(called(seen, request, at, |entry| listed(entry, at))),
        // A number that is listed stays listed, whatever a late message meets.
        DncResult::Refused { .. } if known.is_some_and(|it| it.state == State::Listed) => None,
        DncResult::Refused { reason } => Some(called(seen, request, at, |entry| {
            entry.state = State::Failed;
            entry.failure = Some(reason.chars().take(FAILURE_CHARS_MAX).collect());
        })),
        DncResult::Postponed => known.map(|_| called(seen, request, at, |_| {})),
    }
}

/// Returns whether a result lists a number that is not listed in this generation.
pub(super) fn lists(entry: Option<&Entry>, result: &DncResult) -> bool {
    *result == DncResult::Listed && entry.is_none_or(|entry| entry.state != State::Listed)
}

fn called(
    seen: &Seen,
    request: &DncRequest,
    at: DateTime<Utc>,
    change: impl FnOnce(&mut Entry),
) -> Change {
    let mut called = seen.entry.clone().map_or_else(
        || {
            let opt_out = OptOut::from_request(request, at);
            // No event made it pending.
            let entry = Entry { generation: 0, ..first(&opt_out) };
            Change { entry, records: event(seen, &opt_out, 0) }
        },
        Change::from,
    );
    called.entry.attempts += 1;
    change(&mut called.entry);
    called
}

fn listed(entry: &mut Entry, at: DateTime<Utc>) {
    entry.honored_at = Some(entry.honored_at().unwrap_or(at));
    entry.first_listed_at = Some(entry.first_listed_at().unwrap_or(at));
    entry.listed_at = entry.listed_at.max(Some(at));
    entry.state = State::Listed;
    entry.failure = None;
}

/// The entry of a number without a request so far.
fn first(opt_out: &OptOut) -> Entry {
    Entry {
        phone_number: opt_out.number.clone(),
        state: State::Pending,
        first_requested_at: opt_out.requested_at,
        first_event_id: opt_out.event_id.clone(),
        latest_requested_at: opt_out.requested_at,
        latest_event_id: opt_out.event_id.clone(),
        event_type: opt_out.event_type.clone(),
        requests: 1,
        event_ids: [opt_out.event_id.clone()].into(),
        generation: 1,
        pending_since: Some(opt_out.requested_at),
        queued_at: None,
        honored_at: None,
        first_listed_at: None,
        listed_at: None,
        overruled_at: None,
        attempts: 0,
        failure: None,
        revision: None,
    }
}

/// Begins the next generation.
fn open(entry: &mut Entry, pending_since: DateTime<Utc>) {
    entry.first_listed_at = entry.first_listed_at();
    entry.state = State::Pending;
    entry.generation += 1;
    entry.pending_since = Some(pending_since);
    entry.queued_at = None;
    entry.honored_at = None;
    entry.failure = None;
}

/// Adds an event. Events may overtake each other: their times decide which came first and last.
fn add(entry: &mut Entry, opt_out: &OptOut) {
    entry.requests += 1;
    if entry.event_ids.len() < EVENT_IDS_MAX {
        entry.event_ids.insert(opt_out.event_id.clone());
    }
    if opt_out.requested_at < entry.first_requested_at {
        entry.first_requested_at = opt_out.requested_at;
        entry.first_event_id.clone_from(&opt_out.event_id);
    }
    if opt_out.requested_at >= entry.latest_requested_at {
        entry.latest_requested_at = opt_out.requested_at;
        entry.latest_event_id.clone_from(&opt_out.event_id);
    }
}

fn event(seen: &Seen, opt_out: &OptOut, generation: u64) -> Vec<Record> {
    if seen.is_recorded { Vec::new() } else { vec![Record::of_event(opt_out, generation)] }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use outbound::{DncReason, Evidence};
    use proptest::prelude::*;

    use super::*;

    /// What comes, in the order in which it is handled.
    #[derive(Debug, Clone)]
    enum Step {
        /// An opt-out that was asked for so many minutes before it is handled.
        OptOut { delay: i64 },
        /// A consent as old as that.
        Consent { delay: i64 },
        /// A message of the queue, the first time or once more.
        Listed,
    }

    fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
        let delay = || prop_oneof![Just(0), 0..300_i64];
        let step = prop_oneof![
            delay().prop_map(|delay| Step::OptOut { delay }),
            delay().prop_map(|delay| Step::Consent { delay }),
            Just(Step::Listed),
        ];
        prop::collection::vec((1..200_i64, step), 1..12)
    }

    fn opt_out(index: usize, at: DateTime<Utc>, now: DateTime<Utc>) -> OptOut {
        OptOut {
            number: "+12125550110".parse().expect("a number"),
            event_id: format!("evt-{index}"),
            event_type: "contact.opt_out".to_owned(),
            requested_at: at,
            received_at: now,
            evidence: Evidence::default(),
        }
    }

    fn listed(seen: &Seen, now: DateTime<Utc>) -> Option<Change> {
        let request = DncRequest {
            phone_number: "+12125550110".parse().expect("a number"),
            reason: DncReason::WebhookOptOut,
            event_id: "evt-0".to_owned(),
            requested_at: now,
        };
        seen.entry.as_ref()?;
        concluded(seen, &request, &DncResult::Listed, now)
    }

    /// The entry as the first change of the called party after a consent leaves it.
    fn overruled(entry: Entry, wishes: &[(DateTime<Utc>, bool)]) -> Entry {
        let consents = wishes.iter().filter(|(_, is_opt_out)| !is_opt_out).map(|(at, _)| *at);
        let newest = consents.max().filter(|at| entry.latest_requested_at < *at);
        Entry { overruled_at: entry.overruled_at.max(newest), ..entry }
    }

    proptest! {
        /// Calls may have been arranged since the consent, and the number taken off the list: what was
        /// done about the opt-outs before it answers no later one.
        #[test]
        fn the_first_opt_out_after_a_consent_is_sent(steps in steps()) {
            let mut now: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().expect("an instant");
            let mut seen = Seen::default();
            // The wishes so far: true for an opt-out, which outranks a consent of the same time.
            let mut wishes: Vec<(DateTime<Utc>, bool)> = Vec::new();
            for (index, (minutes, step)) in steps.into_iter().enumerate() {
                now += TimeDelta::minutes(minutes);
                let asked = |delay| now - TimeDelta::minutes(delay);
                match step {
                    Step::OptOut { delay } => {
                        seen.entry = seen.entry.map(|entry| overruled(entry, &wishes));
                        let consents = wishes.iter().max().is_some_and(|(_, is_opt_out)| !is_opt_out);
                        let opt_out = opt_out(index, asked(delay), now);
                        let (change, recorded) = record(&seen, &opt_out, RelistAfter::hours(24), now);
                        if consents || seen.entry.is_none() {
                            prop_assert!(matches!(recorded, Recorded::Send(_)), "{:?}", recorded);
                        }
                        wishes.push((asked(delay), true));
                        seen.entry = change.map(|change| change.entry).or(seen.entry);
                        if let (Recorded::Send(position), Some(entry)) = (recorded, &seen.entry) {
                            let sent = queued(entry, position.entry.generation, now);
                            seen.entry = sent.map(|change| change.entry).or(seen.entry);
                        }
                    }
                    Step::Consent { delay } => wishes.push((asked(delay), false)),
                    Step::Listed => seen.entry = listed(&seen, now).map(|it| it.entry).or(seen.entry),
                }
            }
        }
    }
}
