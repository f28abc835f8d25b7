//! Every interleaving of deliveries, the batcher and a bad day, for one number.
//!
//! The transitions are those of the code; around them stand DynamoDB (writes on condition, answers
//! that are lost, writes that arrive late), SQS, CXone, processes that die, and time. The promises
//! are stated in terms of what happened in that world, not in terms of the code. Each known wrong
//! variant of the code breaks the promise it should.
//!
//! Bounds: two events, three deliveries of which two at once, one process that dies, two calls to
//! CXone that are written down, one purge, two days, fourteen steps.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono::{DateTime, TimeDelta, Utc};
use outbound::{DncReason, DncRequest, E164, Evidence};
use stateright::{Checker, HasDiscoveries, Model, Property};

use super::{
    DncResult, Entry, OptOut, Record, Recorded, RelistAfter, State,
    transition::{self, Change, Seen},
};

const DAY: RelistAfter = RelistAfter::hours(24);
const DELIVERIES_AT_ONCE: usize = 2;
/// Steps of one interleaving. The wrong variants break their promises in few more.
const STEPS_MAX: usize = 14;
/// Calls to CXone that are written down.
const ATTEMPTS_MAX: u64 = 2;
/// Deliveries of each event.
const DELIVERIES: [u8; 2] = [1, 2];

type RecordStep = fn(&Seen, &OptOut, DateTime<Utc>) -> (Option<Change>, Recorded);
type QueuedStep = fn(&Entry, u64, DateTime<Utc>) -> Option<Change>;
type ConcludedStep = fn(&Seen, &DncRequest, &DncResult, DateTime<Utc>) -> Option<Change>;

/// The code, or a wrong variant of it.
#[derive(Clone, Copy)]
struct Code {
    record: RecordStep,
    queued: QueuedStep,
    concluded: ConcludedStep,
    is_marked_as_of_now: bool,
    is_marked_before_sent: bool,
    is_told_before_sent: bool,
    /// Days that pass.
    days: u8,
}

const RIGHT: Code = Code {
    record: |seen, opt_out, now| transition::record(seen, opt_out, DAY, now),
    queued: transition::queued,
    concluded: transition::concluded,
    is_marked_as_of_now: false,
    is_marked_before_sent: false,
    is_told_before_sent: false,
    days: 1,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    day: u8,
    entry: Option<Entry>,
    history: BTreeSet<String>,
    in_queue: u8,
    dead_letters: u8,
    is_on_list: bool,
    purged: Option<Purge>,
    deliveries: Vec<Delivery>,
    left: [u8; 2],
    batch: Option<Batch>,
    late: Option<(Option<Entry>, Written)>,
    crashes: u8,
    /// Facts for the promises.
    facts: Facts,
}

/// All messages were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Purge {
    day: u8,
    generation: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Facts {
    acknowledged: BTreeSet<u8>,
    was_acknowledged_wrongly: bool,
    /// The first listing of all, and the first in each generation.
    first_listing: Option<DateTime<Utc>>,
    listings: BTreeMap<u64, DateTime<Utc>>,
}

/// A change as the world stores it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Written {
    entry: Entry,
    records: Vec<Record>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Delivery {
    event: u8,
    day: u8,
    step: Step,
    /// True if the queue was purged after it had sent its message, or had found one sent.
    is_purged: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    /// Writes, given what was found, if anything was.
    Write {
        found: Option<Box<Found>>,
    },
    Send {
        generation: u64,
    },
    Mark {
        generation: u64,
    },
    Acknowledge,
}

/// Item returned by a refused write.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Found {
    entry: Option<Entry>,
    is_recorded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Batch {
    Received,
    Answered { is_listed: bool },
    WrittenDown { is_listed: bool },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Action {
    Deliver(u8),
    Advance(usize),
    AdvanceWithoutAnswer(usize),
    Die(usize),
    DieWhileTheWriteIsUnderWay(usize),
    LateWriteArrives,
    MarkFails(usize),
    Receive,
    List,
    Refuse,
    Fail,
    WriteDown,
    WriteDownFails,
    Finish,
    ComeAgain,
    DeadLetterUnread,
    Redrive,
    Purge,
    NextDay,
}

fn number() -> E164 {
    "+12025550198".parse().expect("E.164")
}

fn noon(day: u8) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().expect("a time");
    start + TimeDelta::days(day.into())
}

fn opt_out(event: u8, day: u8) -> OptOut {
    OptOut {
        number: number(),
        event_id: format!("event-{event}"),
        event_type: "contact.opt_out".to_owned(),
        requested_at: noon(event),
        received_at: noon(day),
        evidence: Evidence::default(),
    }
    .bounded()
}

fn request() -> DncRequest {
    DncRequest {
        phone_number: number(),
        reason: DncReason::WebhookOptOut,
        event_id: "event-0".to_owned(),
        requested_at: noon(0),
    }
}

fn fingerprint(delivery: &Delivery) -> u64 {
    let mut hasher = DefaultHasher::new();
    delivery.hash(&mut hasher);
    hasher.finish()
}

fn name(record: &Record) -> String {
    match record {
        Record::Event(event) => format!("event {}", event.event_id),
        Record::Generation(it) => format!("generation {} {:?}", it.generation, it.honored_at),
        Record::Fact(it) => format!("fact {}", it.fact.event_id),
    }
}

impl World {
    fn is_safe(&self) -> bool {
        self.in_queue > 0 || self.dead_letters > 0 || self.batch.is_some() || self.is_on_list
    }

    fn generation(&self) -> u64 {
        self.entry.as_ref().map_or(0, |entry| entry.generation)
    }

    fn is_recorded(&self, event: u8) -> bool {
        self.history.contains(&format!("event event-{event}"))
    }

    /// Carries a write out if nothing has changed since `seen`.
    fn write(&mut self, seen: Option<&Entry>, written: &Written) -> bool {
        let is_new = |record: &Record| !self.history.contains(&name(record));
        let holds = self.entry.as_ref() == seen && written.records.iter().all(is_new);
        if holds {
            self.entry = Some(written.entry.clone());
            self.history.extend(written.records.iter().map(name));
        }
        holds
    }

    fn apply(&mut self, change: Option<Change>) {
        if let Some(Change { entry, .. }) = change {
            self.entry = Some(entry);
        }
    }

    /// One step of a delivery. `None` when it has ended.
    #[expect(clippy::too_many_lines, reason = "one transition per arm")]
    fn advance(&mut self, code: Code, delivery: &Delivery, is_answer_lost: bool) -> Option<Step> {
        let Delivery { event, day, step, .. } = delivery;
        match step {
            Step::Write { found } => {
                let seen = found.as_deref().map_or_else(Seen::default, |it| Seen {
                    entry: it.entry.clone(),
                    is_recorded: it.is_recorded,
                });
                let (change, recorded) = (code.record)(&seen, &opt_out(*event, *day), noon(*day));
                let is_done = change.is_none_or(|Change { entry, records }| {
                    let written = Written { entry, records };
                    self.write(seen.entry.as_ref(), &written) && !is_answer_lost
                });
                if !is_done {
                    let (entry, is_recorded) = (self.entry.clone(), self.is_recorded(*event));
                    return Some(Step::Write {
                        found: Some(Box::new(Found { entry, is_recorded })),
                    });
                }
                let Recorded::Send(position) = recorded else { return Some(Step::Acknowledge) };
                let generation = position.entry.generation;
                if code.is_told_before_sent {
                    self.acknowledge(delivery);
                }
                Some(if code.is_marked_before_sent {
                    Step::Mark { generation }
                } else {
                    Step::Send { generation }
                })
            }
            Step::Send { generation } => {
                self.in_queue += 1;
                let generation = *generation;
                Some(if code.is_marked_before_sent {
                    Step::Acknowledge
                } else {
                    Step::Mark { generation }
                })
            }
            Step::Mark { generation } => {
                let entry = self.entry.as_ref();
                let queued = entry.and_then(|it| {
                    (code.queued)(
                        it,
                        *generation,
                        noon(if code.is_marked_as_of_now { self.day } else { *day }),
                    )
                });
                self.apply(queued);
                let generation = *generation;
                Some(if code.is_marked_before_sent {
                    Step::Send { generation }
                } else {
                    Step::Acknowledge
                })
            }
            Step::Acknowledge => {
                self.acknowledge(delivery);
                None
            }
        }
    }

    /// Acknowledges the event. It must be safe, or a message of this generation was purged on the
    /// day the event came or later, which is not observable.
    fn acknowledge(&mut self, delivery: &Delivery) {
        let is_unseen = |it: Purge| delivery.day <= it.day && it.generation == self.generation();
        let is_excused = delivery.is_purged || self.purged.is_some_and(is_unseen);
        self.facts.was_acknowledged_wrongly |= !self.is_safe() && !is_excused;
        self.facts.acknowledged.insert(delivery.event);
    }

    fn write_down(&mut self, code: Code, is_listed: bool) {
        let result = if is_listed {
            DncResult::Listed
        } else {
            DncResult::Refused { reason: "no".to_owned() }
        };
        let seen = Seen { entry: self.entry.clone(), is_recorded: false };
        let now = noon(self.day);
        let change = (code.concluded)(&seen, &request(), &result, now);
        self.apply(change);
        if is_listed {
            let generation = self.generation();
            self.facts.first_listing.get_or_insert(now);
            self.facts.listings.entry(generation).or_insert(now);
        }
    }

    fn take_delivery(&mut self, index: usize) -> Delivery {
        self.deliveries.remove(index)
    }

    fn put_delivery(&mut self, delivery: Delivery) {
        self.deliveries.push(delivery);
        // In any order, as long as it is one: which of two deliveries is first makes no difference.
        self.deliveries.sort_by_key(fingerprint);
    }
}

impl Model for Code {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            day: 0,
            entry: None,
            history: BTreeSet::new(),
            in_queue: 0,
            dead_letters: 0,
            is_on_list: false,
            purged: None,
            deliveries: Vec::new(),
            left: DELIVERIES,
            batch: None,
            late: None,
            crashes: 1,
            facts: Facts::default(),
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        let left = (0_u8..).zip(world.left).filter(|(_, left)| *left > 0);
        actions.extend(left.map(|(event, _)| Action::Deliver(event)));
        for (index, delivery) in world.deliveries.iter().enumerate() {
            actions.push(Action::Advance(index));
            let is_write = matches!(delivery.step, Step::Write { .. });
            if world.crashes > 0 {
                actions.push(Action::Die(index));
                if is_write {
                    actions.push(Action::AdvanceWithoutAnswer(index));
                }
                if is_write && world.late.is_none() {
                    actions.push(Action::DieWhileTheWriteIsUnderWay(index));
                }
            }
            if matches!(delivery.step, Step::Mark { .. }) {
                actions.push(Action::MarkFails(index));
            }
        }
        actions.extend(world.late.is_some().then_some(Action::LateWriteArrives));
        match world.batch {
            None if world.in_queue > 0 => actions.push(Action::Receive),
            None => {}
            Some(Batch::Received) => actions.extend([Action::List, Action::Refuse, Action::Fail]),
            Some(Batch::Answered { .. }) => {
                actions.extend([Action::WriteDown, Action::WriteDownFails]);
            }
            Some(Batch::WrittenDown { .. }) => {
                actions.push(Action::Finish);
                actions.extend((world.crashes > 0).then_some(Action::ComeAgain));
            }
        }
        if world.in_queue > 0 && world.dead_letters == 0 {
            actions.push(Action::DeadLetterUnread);
        }
        actions.extend((world.dead_letters > 0).then_some(Action::Redrive));
        if world.purged.is_none() && world.in_queue + world.dead_letters > 0 {
            actions.push(Action::Purge);
        }
        actions.extend((world.day < self.days).then_some(Action::NextDay));
    }

    #[expect(clippy::too_many_lines, reason = "one transition per arm")]
    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Deliver(event) => {
                next.left[usize::from(event)] -= 1;
                let step = Step::Write { found: None };
                next.put_delivery(Delivery { event, day: world.day, step, is_purged: false });
            }
            Action::Advance(index) => next.step(*self, index, false),
            Action::AdvanceWithoutAnswer(index) => {
                next.crashes -= 1;
                next.step(*self, index, true);
            }
            Action::Die(index) => {
                next.crashes -= 1;
                next.take_delivery(index);
            }
            Action::DieWhileTheWriteIsUnderWay(index) => {
                next.crashes -= 1;
                let Delivery { event, day, step, .. } = next.take_delivery(index);
                let Step::Write { found } = step else { return None };
                let seen = found.map_or_else(Seen::default, |it| Seen {
                    entry: it.entry,
                    is_recorded: it.is_recorded,
                });
                let (change, _) = (self.record)(&seen, &opt_out(event, day), noon(day));
                let Change { entry, records } = change?;
                next.late = Some((seen.entry, Written { entry, records }));
            }
            Action::LateWriteArrives => {
                let (seen, written) = next.late.take()?;
                next.write(seen.as_ref(), &written);
            }
            Action::MarkFails(index) => {
                let delivery = next.take_delivery(index);
                next.put_delivery(Delivery { step: Step::Acknowledge, ..delivery });
            }
            Action::Receive => {
                next.in_queue -= 1;
                next.batch = Some(Batch::Received);
            }
            Action::List => {
                next.is_on_list = true;
                next.batch = Some(Batch::Answered { is_listed: true });
            }
            Action::Refuse => next.batch = Some(Batch::Answered { is_listed: false }),
            Action::Fail | Action::WriteDownFails | Action::ComeAgain => {
                next.crashes -= u8::from(action == Action::ComeAgain);
                next.in_queue += 1;
                next.batch = None;
            }
            Action::WriteDown => {
                let Some(Batch::Answered { is_listed }) = world.batch else { return None };
                next.write_down(*self, is_listed);
                next.batch = Some(Batch::WrittenDown { is_listed });
            }
            Action::Finish => {
                let Some(Batch::WrittenDown { is_listed }) = world.batch else { return None };
                next.dead_letters += u8::from(!is_listed);
                next.batch = None;
            }
            Action::DeadLetterUnread => {
                next.in_queue -= 1;
                next.dead_letters += 1;
            }
            Action::Redrive => {
                next.dead_letters -= 1;
                next.in_queue += 1;
            }
            Action::Purge => {
                next.in_queue = 0;
                next.dead_letters = 0;
                next.purged = Some(Purge { day: world.day, generation: world.generation() });
                for delivery in &mut next.deliveries {
                    let has_sent = matches!(delivery.step, Step::Mark { .. } | Step::Acknowledge);
                    delivery.is_purged |= has_sent;
                }
                next.deliveries.sort_by_key(fingerprint);
            }
            Action::NextDay => next.day += 1,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(SAFE, |_, world: &World| !world.facts.was_acknowledged_wrongly),
            Property::always(TRUE, |_, world: &World| {
                let is_listed = |entry: &Entry| entry.state == State::Listed;
                !world.entry.as_ref().is_some_and(is_listed) || world.is_on_list
            }),
            Property::always(DONE, |_, world: &World| {
                let is_quiet = world.deliveries.is_empty() && world.in_queue == 0;
                let is_over = is_quiet && world.batch.is_none() && world.purged.is_none();
                let is_owed = !world.facts.acknowledged.is_empty();
                !(is_over && is_owed) || world.is_on_list || world.dead_letters > 0
            }),
            Property::always(COUNTED, |_, world: &World| {
                let events = world.history.iter().filter(|it| it.starts_with("event")).count();
                let requests = world.entry.as_ref().map_or(0, |entry| entry.requests);
                let acknowledged = &world.facts.acknowledged;
                requests == events as u64 && acknowledged.iter().all(|it| world.is_recorded(*it))
            }),
            Property::always(KEPT, |_, world: &World| {
                let first = world.entry.as_ref().and_then(|entry| entry.first_listed_at);
                let listings = &world.facts.listings;
                let closed = (1..world.entry.as_ref().map_or(0, |entry| entry.generation))
                    .map(|it| format!("generation {it} {:?}", listings.get(&it)));
                first == world.facts.first_listing
                    && closed.into_iter().all(|record| world.history.contains(&record))
            }),
        ]
    }

    fn within_boundary(&self, world: &World) -> bool {
        let attempts = world.entry.as_ref().map_or(0, |entry| entry.attempts);
        let is_crowded = world.deliveries.len() > DELIVERIES_AT_ONCE;
        world.in_queue <= 2 && world.dead_letters <= 1 && attempts <= ATTEMPTS_MAX && !is_crowded
    }
}

impl World {
    fn step(&mut self, code: Code, index: usize, is_answer_lost: bool) {
        let delivery = self.take_delivery(index);
        if let Some(step) = self.advance(code, &delivery, is_answer_lost) {
            self.put_delivery(Delivery { step, ..delivery });
        }
    }
}

const SAFE: &str = "a sender gets 200 only when its number is listed, queued or dead-lettered";
const TRUE: &str = "what the ledger calls listed is on the list";
const DONE: &str = "when all is quiet, a number that was accepted is listed or dead-lettered";
const COUNTED: &str =
    "each event is counted once and has one record, however often it is delivered";
const KEPT: &str = "the first listing of all and of each generation is never overwritten";

/// Checks that a variant breaks a promise.
fn assert_breaks(promise: &'static str, code: Code) {
    let found = HasDiscoveries::AnyOf([promise].into());
    let checker = code.checker().threads(2).finish_when(found).target_max_depth(STEPS_MAX + 5);
    let checker = checker.spawn_bfs().join();
    assert!(checker.discovery(promise).is_some(), "{} states", checker.unique_state_count());
}

#[test]
fn the_ledger_keeps_its_promises_in_every_interleaving() {
    let checker = RIGHT.checker().threads(2).target_max_depth(STEPS_MAX).spawn_bfs().join();
    checker.assert_properties();
    assert!(checker.unique_state_count() > 10_000, "{} states", checker.unique_state_count());
}

#[test]
fn a_resend_for_new_events_alone_forgets_one_whose_send_failed() {
    let code = Code {
        record: |seen, opt_out, now| {
            let (change, recorded) = (RIGHT.record)(seen, opt_out, now);
            let is_waiting = seen.entry.as_ref().is_some_and(|entry| entry.queued_at.is_some());
            let is_resend = change.is_none() && is_waiting && matches!(recorded, Recorded::Send(_));
            (change, if is_resend { Recorded::AlreadyPending } else { recorded })
        },
        ..RIGHT
    };
    assert_breaks(SAFE, code);
}

#[test]
fn a_number_that_is_marked_before_it_is_sent_is_lost() {
    assert_breaks(SAFE, Code { is_marked_before_sent: true, ..RIGHT });
}

#[test]
fn a_mark_with_the_time_after_the_send_hides_that_the_queue_was_purged() {
    assert_breaks(SAFE, Code { is_marked_as_of_now: true, ..RIGHT });
}

#[test]
fn an_acknowledgment_before_the_send_is_wrong() {
    assert_breaks(SAFE, Code { is_told_before_sent: true, ..RIGHT });
}

#[test]
fn a_late_mark_of_another_generation_hides_a_number_that_was_not_sent() {
    let queued: QueuedStep = |entry, _, at| transition::queued(entry, entry.generation, at);
    // Its story is the longest, and takes place on one day.
    assert_breaks(SAFE, Code { queued, days: 0, ..RIGHT });
}

#[test]
fn a_redelivery_that_counts_is_one_event_too_many() {
    let record: RecordStep = |seen, opt_out, now| {
        let (change, recorded) = (RIGHT.record)(seen, opt_out, now);
        let counted = |mut entry: Entry| {
            entry.requests += 1;
            Change::from(entry)
        };
        (change.or_else(|| seen.entry.clone().map(counted)), recorded)
    };
    assert_breaks(COUNTED, Code { record, ..RIGHT });
}

#[test]
fn a_listing_that_overwrites_the_first_loses_the_evidence() {
    let concluded: ConcludedStep = |seen, request, result, at| {
        let mut change = transition::concluded(seen, request, result, at)?;
        change.entry.first_listed_at = change.entry.listed_at;
        Some(change)
    };
    assert_breaks(KEPT, Code { concluded, ..RIGHT });
}

#[test]
fn a_generation_that_is_not_closed_loses_when_it_was_honored() {
    let record: RecordStep = |seen, opt_out, now| {
        let (change, recorded) = (RIGHT.record)(seen, opt_out, now);
        let without = |mut change: Change| {
            change.records.retain(|record| matches!(record, Record::Event(_)));
            change
        };
        (change.map(without), recorded)
    };
    assert_breaks(KEPT, Code { record, ..RIGHT });
}
