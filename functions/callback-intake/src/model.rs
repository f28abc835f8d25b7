//! Every interleaving of the deliveries of one request, a rival for the same agents, an opt-out with
//! its withdrawal, and a bad day.
//!
//! A step is one effect on DynamoDB or on CXone. A worker may die between any two, or while its
//! booking or its contact is under way, which then arrives late; the answer of CXone may be lost;
//! CXone may refuse; time passes. The promises speak of what sender, customer and agents see, not of
//! the code. Each known wrong variant of the code breaks one.
//!
//! Bounds: three deliveries, two of which at once, two hours with one agent each; two rivals and two
//! mishaps, or an opt-out and a mishap.

use std::collections::BTreeSet;

use stateright::{Checker, HasDiscoveries, Model, Property};

const HOURS: [u8; 2] = [0, 1];
const AGENTS: usize = 1;
const AT_ONCE: usize = 2;
/// Choices of an hour. Each has a holder of its own.
const CHOICES_MAX: u8 = 3;

/// The code, with mistakes built in.
#[derive(Debug, Clone, Copy)]
struct Code(&'static [Mistake]);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    /// The hour is not stored before it is booked.
    HourNotStored,
    /// The request to CXone is not stored beforehand.
    IntentNotStored,
    /// A booking that may arrive late is released and not withdrawn.
    LateBookingKept,
    /// A conflict is taken for success.
    ConflictNotReadBack,
    /// An attempt counts as the first if no intent is stored, though an hour may be.
    FirstByIntent,
    /// A call is written down though an opt-out came in since the number was read.
    AdmittedUnread,
    /// A request that is refused for an opt-out keeps the booking of an earlier attempt.
    BookingKeptByRefusal,
    /// A call counts as withdrawn though an attempt may be about to create it.
    WithdrawnTooSoon,
    /// A call counts as withdrawn though CXone may still create what an attempt that is gone sent.
    LateContactForgotten,
    /// The number is not read again once CXone has the contact.
    NotReadAgain,
    /// The stored answer is given without a look at the number.
    AnswerGivenUnread,
}

const RIGHT: Code = Code(&[]);

impl Code {
    fn avoids(self, mistake: Mistake) -> bool {
        !self.0.contains(&mistake)
    }

    /// The step after the contact is stored.
    fn after_contact(self, hour: u8) -> Step {
        if self.avoids(Mistake::NotReadAgain) {
            Step::ReadAgain { hour }
        } else {
            Step::Text { hour }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    hour: u8,
    claim: Option<Claim>,
    bookings: BTreeSet<(u8, Holder)>,
    withdrawn: BTreeSet<Holder>,
    contact: Option<u8>,
    message: Option<u8>,
    deliveries: u8,
    workers: Vec<Worker>,
    choices: u8,
    rivals: u8,
    mishaps: u8,
    late: Option<Choice>,
    late_contact: Option<Choice>,
    opt_outs: u8,
    is_opted_out: bool,
    /// The call that is written down for the number.
    call: Option<Call>,
    withdrawal: Option<Withdrawal>,
    broken: BTreeSet<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Holder {
    Ours(u8),
    Rival(u8),
}

/// An hour, and the holder that books in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Choice {
    hour: u8,
    holder: Holder,
}

/// A call, with its booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Call {
    choice: Choice,
    is_withdrawn: bool,
}

/// The steps that withdraw the call of a number that opted out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Withdrawal {
    Read,
    InCxone(Choice),
    Release(Choice),
    Store(Choice),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Claim {
    InProgress { owner: u8, done: Done, is_abandoned: bool },
    Completed { hour: u8 },
}

/// The steps that are stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Done {
    choice: Option<Choice>,
    intent: Option<Choice>,
    contact: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Worker {
    id: u8,
    done: Done,
    step: Step,
    /// No earlier attempt has stored anything.
    is_first: bool,
    /// The customer had opted out when it began.
    is_late: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Claim,
    GoOn,
    Choose,
    StoreChoice(Choice),
    Book { choice: Choice, is_stored: bool },
    GiveUp { choice: Choice, then: Then },
    StoreIntent(Choice),
    Admit(Choice),
    CallCxone(Choice),
    Unarrange(Choice),
    ForgetIntent { choice: Choice, is_final: bool },
    StoreContact { hour: u8 },
    ReadAgain { hour: u8 },
    Text { hour: u8 },
    Complete { hour: u8 },
    Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Then {
    Choose,
    Deny,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Action {
    Deliver,
    Advance(usize),
    Die(usize),
    DieWhileTheBookingIsUnderWay(usize),
    DieWhileTheContactIsUnderWay(usize),
    LoseTheAnswer(usize),
    Refuse(usize),
    LateBookingArrives,
    LateContactArrives,
    RivalBooks,
    HourPasses,
    OptOut,
    Withdraw,
    WithdrawalDies,
}

const ANSWERED: &str = "a sender is told the hour in which CXone calls";
const TEXTED: &str = "a customer is told the hour in which CXone calls";
const DENIED: &str = "no sender is told that there is no call when there is one";
const BOOKED: &str = "an hour has no more bookings than agents";
const HELD: &str = "when all is quiet, an arranged call holds one booking, in its hour";
const FREED: &str = "when all is quiet, a request without a call holds no booking to come";
const STOPPED: &str = "when all is quiet, no call to a customer who opted out is to come";
const SILENT: &str = "who asks or is texted after an opt-out is not told of a call to come";

impl World {
    fn is_full(&self, hour: u8) -> bool {
        self.bookings.iter().filter(|(booked, _)| *booked == hour).count() >= AGENTS
    }

    fn book(&mut self, choice: Choice) -> bool {
        let is_held = self.bookings.contains(&(choice.hour, choice.holder));
        let is_free = !self.is_full(choice.hour) && !self.withdrawn.contains(&choice.holder);
        if is_free {
            self.bookings.insert((choice.hour, choice.holder));
        }
        is_held || is_free
    }

    fn is_owner(&self, worker: u8) -> bool {
        matches!(self.claim, Some(Claim::InProgress { owner, .. }) if owner == worker)
    }

    /// Stores steps, as long as the claim is the worker's.
    fn store(&mut self, worker: &mut Worker, done: Done) -> bool {
        let is_owner = self.is_owner(worker.id);
        if is_owner {
            worker.done = done;
            self.claim = Some(Claim::InProgress { owner: worker.id, done, is_abandoned: false });
        }
        is_owner
    }

    /// The worker has ended without an answer, and the request waits for another.
    fn abandon(&mut self, worker: &Worker) {
        if let Some(Claim::InProgress { owner, is_abandoned, .. }) = &mut self.claim {
            *is_abandoned |= *owner == worker.id;
        }
    }

    fn check(&mut self, promise: &'static str, is_kept: bool) {
        if !is_kept {
            self.broken.insert(promise);
        }
    }

    /// One step of a worker. `None` when it has ended.
    #[expect(clippy::too_many_lines, reason = "one transition per arm")]
    fn advance(&mut self, code: Code, worker: &mut Worker) -> Option<Step> {
        let done = worker.done;
        match worker.step {
            Step::Claim => self.claim(code, worker),
            Step::GoOn => Some(match done {
                Done { contact: Some(hour), .. } => code.after_contact(hour),
                Done { intent: Some(choice), .. } => Step::Admit(choice),
                Done { choice, .. } if self.is_opted_out => match choice {
                    Some(choice) if code.avoids(Mistake::BookingKeptByRefusal) => {
                        Step::GiveUp { choice, then: Then::Deny }
                    }
                    _ => Step::Deny,
                },
                Done { choice: Some(choice), .. } if choice.hour >= self.hour => {
                    Step::Book { choice, is_stored: true }
                }
                Done { choice: Some(choice), .. } => Step::GiveUp { choice, then: Then::Choose },
                _ => Step::Choose,
            }),
            Step::Choose => {
                let hour = HOURS.into_iter().find(|it| *it >= self.hour && !self.is_full(*it));
                let Some(hour) = hour else { return Some(Step::Deny) };
                self.choices += 1;
                let choice = Choice { hour, holder: Holder::Ours(self.choices) };
                Some(if code.avoids(Mistake::HourNotStored) {
                    Step::StoreChoice(choice)
                } else {
                    Step::Book { choice, is_stored: false }
                })
            }
            Step::StoreChoice(choice) => {
                let done = Done { choice: Some(choice), ..done };
                self.store(worker, done).then_some(Step::Book { choice, is_stored: false })
            }
            Step::Book { choice, is_stored } => Some(match (self.book(choice), is_stored) {
                (true, _) if code.avoids(Mistake::IntentNotStored) => Step::StoreIntent(choice),
                (true, _) => Step::Admit(choice),
                (false, true) => Step::GiveUp { choice, then: Then::Choose },
                (false, false) => Step::Choose,
            }),
            Step::GiveUp { choice, then } => {
                self.bookings.remove(&(choice.hour, choice.holder));
                if !worker.is_first && code.avoids(Mistake::LateBookingKept) {
                    self.withdrawn.insert(choice.holder);
                }
                Some(if then == Then::Deny { Step::Deny } else { Step::Choose })
            }
            Step::StoreIntent(choice) => {
                worker.is_first |= !code.avoids(Mistake::FirstByIntent);
                let done = Done { intent: Some(choice), ..done };
                self.store(worker, done).then_some(Step::Admit(choice))
            }
            Step::Admit(choice) => Some(self.admit(code, choice)),
            Step::CallCxone(choice) => {
                let hour = *self.contact.get_or_insert(choice.hour);
                let known =
                    if code.avoids(Mistake::ConflictNotReadBack) { hour } else { choice.hour };
                Some(Step::StoreContact { hour: known })
            }
            Step::Unarrange(choice) => {
                self.call = self.call.filter(|call| call.is_withdrawn);
                Some(Step::ForgetIntent { choice, is_final: choice.hour >= self.hour })
            }
            Step::ForgetIntent { choice, is_final } => {
                let then = if is_final { Then::Deny } else { Then::Choose };
                let done = Done { intent: None, ..done };
                self.store(worker, done).then_some(Step::GiveUp { choice, then })
            }
            Step::StoreContact { hour } => {
                let done = Done { contact: Some(hour), ..done };
                self.store(worker, done).then_some(code.after_contact(hour))
            }
            Step::ReadAgain { .. } if self.is_stopped() => Some(Step::Deny),
            Step::ReadAgain { hour } => Some(Step::Text { hour }),
            Step::Text { hour } => {
                let texted = *self.message.get_or_insert(hour);
                self.check(TEXTED, self.contact == Some(texted) || self.is_opted_out);
                self.tells(worker, hour);
                Some(Step::Complete { hour })
            }
            Step::Complete { hour } => {
                self.check(ANSWERED, self.contact == Some(hour) || self.is_opted_out);
                self.tells(worker, hour);
                if self.is_owner(worker.id) {
                    self.claim = Some(Claim::Completed { hour });
                }
                None
            }
            Step::Deny => {
                self.check(DENIED, self.contact.is_none() || self.is_opted_out);
                if self.is_owner(worker.id) {
                    self.claim = None;
                }
                None
            }
        }
    }

    /// A sender or a customer is told that CXone calls in an hour.
    fn tells(&mut self, worker: &Worker, hour: u8) {
        self.check(SILENT, !worker.is_late || hour < self.hour);
    }

    fn is_pending(&self, call: Call) -> bool {
        !call.is_withdrawn && call.choice.hour >= self.hour
    }

    /// The call was withdrawn, or is about to be.
    fn is_stopped(&self) -> bool {
        let is_stopped =
            |call: Call| call.is_withdrawn || (self.is_opted_out && self.is_pending(call));
        self.call.is_some_and(is_stopped)
    }

    /// Writes a call down, in one transaction with the look at what is known of the number.
    fn admit(&mut self, code: Code, choice: Choice) -> Step {
        let is_opted_out = self.is_opted_out && code.avoids(Mistake::AdmittedUnread);
        if is_opted_out || self.call.is_some_and(|call| call.is_withdrawn) {
            return Step::ForgetIntent { choice, is_final: true };
        }
        self.call = Some(Call { choice, is_withdrawn: false });
        Step::CallCxone(choice)
    }

    /// One step of the withdrawal. `None` when it is done.
    fn withdraw(&mut self, code: Code, step: Withdrawal) -> Option<Withdrawal> {
        match step {
            Withdrawal::Read => {
                let call = self.call.filter(|call| self.is_pending(*call));
                call.map(|call| Withdrawal::InCxone(call.choice))
            }
            Withdrawal::InCxone(choice) => {
                self.contact = None;
                // It comes again when no attempt can be about to create the contact.
                let is_sending =
                    self.workers.iter().any(|worker| matches!(worker.step, Step::CallCxone(_)));
                let is_sent = self.late_contact.is_some();
                if (is_sending && code.avoids(Mistake::WithdrawnTooSoon))
                    || (is_sent && code.avoids(Mistake::LateContactForgotten))
                {
                    return Some(Withdrawal::Read);
                }
                Some(Withdrawal::Release(choice))
            }
            Withdrawal::Release(choice) => {
                self.bookings.remove(&(choice.hour, choice.holder));
                self.withdrawn.insert(choice.holder);
                Some(Withdrawal::Store(choice))
            }
            Withdrawal::Store(choice) => {
                let as_read = Some(Call { choice, is_withdrawn: false });
                if self.call != as_read {
                    return Some(Withdrawal::Read);
                }
                self.call = Some(Call { choice, is_withdrawn: true });
                None
            }
        }
    }

    fn claim(&mut self, code: Code, worker: &mut Worker) -> Option<Step> {
        let owner = worker.id;
        worker.is_late = self.is_opted_out;
        let done = match self.claim {
            None => Done::default(),
            Some(Claim::InProgress { done, is_abandoned: true, .. }) => done,
            Some(Claim::InProgress { .. }) => return None,
            Some(Claim::Completed { hour }) => {
                if !(code.avoids(Mistake::AnswerGivenUnread) && self.is_stopped()) {
                    self.check(ANSWERED, self.contact == Some(hour) || self.is_opted_out);
                    self.tells(worker, hour);
                }
                return None;
            }
        };
        self.claim = Some(Claim::InProgress { owner, done, is_abandoned: false });
        worker.done = done;
        worker.is_first = done == Done::default();
        Some(Step::GoOn)
    }

    fn is_quiet(&self) -> bool {
        let nothing_is_late = self.late.is_none() && self.late_contact.is_none();
        self.workers.is_empty() && nothing_is_late && self.withdrawal.is_none()
    }

    /// Hours in which the request holds a booking.
    fn held(&self) -> Vec<u8> {
        let ours = self.bookings.iter().filter(|(_, holder)| matches!(holder, Holder::Ours(_)));
        ours.map(|(hour, _)| *hour).collect()
    }

    fn holds_what_it_should(&self) -> bool {
        let Some(Claim::Completed { hour }) = self.claim else { return true };
        // A withdrawal that dies may leave the hour to pass.
        let is_withdrawn = self.call.is_some_and(|call| call.is_withdrawn)
            || (self.is_opted_out && hour < self.hour);
        !self.is_quiet() || is_withdrawn || self.held() == [hour]
    }

    fn holds_nothing_in_vain(&self) -> bool {
        let is_withdrawn = self.call.is_some_and(|call| call.is_withdrawn);
        let is_over = self.claim.is_none()
            || (is_withdrawn && matches!(self.claim, Some(Claim::Completed { .. })));
        !(self.is_quiet() && is_over) || self.held().iter().all(|hour| *hour < self.hour)
    }

    fn is_left_alone(&self) -> bool {
        let is_to_come = self.contact.is_some_and(|hour| hour >= self.hour);
        !(self.is_quiet() && self.is_opted_out && is_to_come)
    }
}

impl Model for Code {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let world = World {
            hour: 0,
            claim: None,
            bookings: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            contact: None,
            message: None,
            deliveries: 3,
            workers: Vec::new(),
            choices: 0,
            rivals: 2,
            mishaps: 2,
            late: None,
            late_contact: None,
            opt_outs: 0,
            is_opted_out: false,
            call: None,
            withdrawal: None,
            broken: BTreeSet::new(),
        };
        let opting_out = World { opt_outs: 1, rivals: 0, mishaps: 1, ..world.clone() };
        vec![world, opting_out]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if world.deliveries > 0 && world.workers.len() < AT_ONCE {
            actions.push(Action::Deliver);
        }
        for (index, worker) in world.workers.iter().enumerate() {
            actions.push(Action::Advance(index));
            if let Step::CallCxone(_) = worker.step
                && world.contact.is_none()
                && world.late_contact.is_none()
            {
                actions.push(Action::Refuse(index));
            }
            if world.mishaps == 0 {
                continue;
            }
            actions.push(Action::Die(index));
            match worker.step {
                Step::Book { .. } if world.late.is_none() => {
                    actions.push(Action::DieWhileTheBookingIsUnderWay(index));
                }
                Step::CallCxone(_) => {
                    actions.push(Action::LoseTheAnswer(index));
                    if world.late_contact.is_none() {
                        actions.push(Action::DieWhileTheContactIsUnderWay(index));
                    }
                }
                _ => {}
            }
        }
        actions.extend(world.late.map(|_| Action::LateBookingArrives));
        actions.extend(world.late_contact.map(|_| Action::LateContactArrives));
        actions.extend((world.rivals > 0).then_some(Action::RivalBooks));
        actions.extend((usize::from(world.hour) < HOURS.len()).then_some(Action::HourPasses));
        actions.extend((world.opt_outs > 0).then_some(Action::OptOut));
        if world.withdrawal.is_some() {
            actions.push(Action::Withdraw);
            actions.extend((world.mishaps > 0).then_some(Action::WithdrawalDies));
        }
    }

    #[expect(clippy::too_many_lines, reason = "one transition per arm")]
    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Deliver => {
                let id = next.deliveries;
                next.deliveries -= 1;
                next.workers.push(Worker {
                    id,
                    done: Done::default(),
                    step: Step::Claim,
                    is_first: true,
                    is_late: false,
                });
            }
            Action::Advance(index) => {
                let mut worker = next.workers.remove(index);
                if let Some(step) = next.advance(*self, &mut worker) {
                    next.workers.push(Worker { step, ..worker });
                } else if next.is_owner(worker.id) {
                    next.abandon(&worker);
                }
            }
            Action::Die(index) | Action::LoseTheAnswer(index) => {
                let mut worker = next.workers.remove(index);
                next.mishaps -= 1;
                if matches!(action, Action::LoseTheAnswer(_)) {
                    next.advance(*self, &mut worker);
                }
                next.abandon(&worker);
            }
            Action::DieWhileTheBookingIsUnderWay(index) => {
                let worker = next.workers.remove(index);
                let Step::Book { choice, .. } = worker.step else { return None };
                next.mishaps -= 1;
                next.late = Some(choice);
                next.abandon(&worker);
            }
            Action::DieWhileTheContactIsUnderWay(index) => {
                let worker = next.workers.remove(index);
                let Step::CallCxone(choice) = worker.step else { return None };
                next.mishaps -= 1;
                next.late_contact = Some(choice);
                next.abandon(&worker);
            }
            Action::Refuse(index) => {
                let Step::CallCxone(choice) = next.workers[index].step else {
                    return None;
                };
                next.workers[index].step = Step::Unarrange(choice);
            }
            Action::LateBookingArrives => {
                let choice = next.late.take()?;
                next.book(choice);
            }
            Action::LateContactArrives => {
                let choice = next.late_contact.take()?;
                next.contact.get_or_insert(choice.hour);
            }
            Action::RivalBooks => {
                let hour = HOURS.into_iter().find(|it| *it >= next.hour && !next.is_full(*it))?;
                next.bookings.insert((hour, Holder::Rival(next.rivals)));
                next.rivals -= 1;
            }
            Action::HourPasses => next.hour += 1,
            Action::OptOut => {
                next.opt_outs -= 1;
                next.is_opted_out = true;
                next.withdrawal = Some(Withdrawal::Read);
            }
            Action::Withdraw => {
                let step = next.withdrawal.take()?;
                next.withdrawal = next.withdraw(*self, step);
            }
            Action::WithdrawalDies => {
                next.mishaps -= 1;
                next.withdrawal = Some(Withdrawal::Read);
            }
        }
        // Which of two workers is first makes no difference.
        next.workers.sort_by_key(|worker| worker.id);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ANSWERED, |_, world: &World| !world.broken.contains(ANSWERED)),
            Property::always(TEXTED, |_, world: &World| !world.broken.contains(TEXTED)),
            Property::always(DENIED, |_, world: &World| !world.broken.contains(DENIED)),
            Property::always(BOOKED, |_, world: &World| {
                let booked = |hour| world.bookings.iter().filter(|(it, _)| *it == hour).count();
                HOURS.into_iter().all(|hour| booked(hour) <= AGENTS)
            }),
            Property::always(HELD, |_, world: &World| world.holds_what_it_should()),
            Property::always(FREED, |_, world: &World| world.holds_nothing_in_vain()),
            Property::always(STOPPED, |_, world: &World| world.is_left_alone()),
            Property::always(SILENT, |_, world: &World| !world.broken.contains(SILENT)),
            Property::sometimes("a call is withdrawn", |_, world: &World| {
                world.call.is_some_and(|call| call.is_withdrawn)
            }),
            Property::sometimes("a call is arranged", |_, world: &World| {
                matches!(world.claim, Some(Claim::Completed { .. }))
            }),
        ]
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.choices <= CHOICES_MAX
    }
}

fn assert_breaks(promise: &'static str, code: Code) {
    let found = HasDiscoveries::AnyOf([promise].into());
    let checker = code.checker().threads(2).finish_when(found).spawn_bfs().join();
    assert!(checker.discovery(promise).is_some(), "{} states", checker.unique_state_count());
}

#[test]
fn a_callback_keeps_its_promises_in_every_interleaving() {
    let checker = RIGHT.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    assert!(checker.unique_state_count() > 10_000, "{} states", checker.unique_state_count());
}

#[test]
fn a_call_that_was_not_stored_before_the_request_to_cxone_is_denied() {
    assert_breaks(DENIED, Code(&[Mistake::IntentNotStored]));
}

#[test]
fn a_conflict_that_is_taken_for_success_promises_another_hour() {
    let code = Code(&[Mistake::IntentNotStored, Mistake::ConflictNotReadBack]);
    assert_breaks(ANSWERED, code);
    assert_breaks(TEXTED, code);
}

#[test]
fn an_hour_that_was_not_stored_before_it_was_booked_stays_booked() {
    assert_breaks(HELD, Code(&[Mistake::HourNotStored]));
}

#[test]
fn a_booking_that_arrives_after_it_was_given_up_stays_unless_it_is_withdrawn() {
    assert_breaks(HELD, Code(&[Mistake::LateBookingKept]));
}

#[test]
fn a_booking_of_an_earlier_attempt_is_not_given_up_as_if_it_were_new() {
    assert_breaks(HELD, Code(&[Mistake::FirstByIntent]));
}

#[test]
fn a_call_that_is_admitted_without_a_look_outlives_an_opt_out() {
    assert_breaks(STOPPED, Code(&[Mistake::AdmittedUnread]));
}

#[test]
fn a_refused_request_keeps_its_booking_unless_that_is_given_up() {
    assert_breaks(FREED, Code(&[Mistake::BookingKeptByRefusal]));
}

#[test]
fn a_contact_that_is_created_after_its_withdrawal_is_called() {
    assert_breaks(STOPPED, Code(&[Mistake::WithdrawnTooSoon]));
}

#[test]
fn a_contact_that_cxone_creates_late_is_called_unless_the_withdrawal_waits_for_it() {
    assert_breaks(STOPPED, Code(&[Mistake::LateContactForgotten]));
}

#[test]
fn an_attempt_that_goes_on_after_an_opt_out_confirms_the_call_unless_it_reads_again() {
    assert_breaks(SILENT, Code(&[Mistake::NotReadAgain]));
}

#[test]
fn a_stored_answer_that_is_given_unread_tells_of_a_call_that_is_withdrawn() {
    assert_breaks(SILENT, Code(&[Mistake::AnswerGivenUnread]));
}
