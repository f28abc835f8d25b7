//! Puts a batch of numbers on a list that accepts all of a request or nothing, or answers for each
//! number. Pure: it returns the next request and gets its answer.
//!
//! A 409 names numbers that are listed already for another reason: each is updated by itself, and
//! the rest is posted again without them. A 400 means that one number, it is unknown which, is not
//! acceptable: the batch is halved until the bad number is alone. A 409 that names no number of the
//! batch is halved likewise, until the number it means is alone.
//!
//! A request that keeps failing may mean that CXone is down, or that it chokes on one number. So
//! the batch is sent on in eighths, then one by one, each once: the first that passes shows that
//! CXone is there, and then all are tried. If none passes, a few failures are enough to give the
//! batch up for now. The parts are drawn at random, so that the next attempt tries others first.
//! Numbers that failed alone are marked, so that they do not come back with those they failed.

use std::{collections::VecDeque, time::Duration};

use outbound::E164;
use serde::Deserialize;

use crate::{DncEntry, DncOutcome, Error, reading};

/// Most requests for one batch, retries not counted: a minute's worth of what CXone grants a whole
/// organization. The entries that are left wait for the next time; every time some are done.
pub(crate) const REQUESTS_MAX: usize = 100;

/// The parts in which a batch that failed is sent on: few enough to cost little, and so many that
/// two steps take a batch of fifty to single numbers.
const PARTS: usize = 8;

/// The failures without any answer, retries not counted, after which CXone is taken to be down:
/// enough for a batch, its parts, and some numbers one by one.
pub(crate) const FAILURES_MAX: usize = 16;

/// Wait after a batch has used up its requests.
const NEXT_TIME: Duration = Duration::from_mins(1);

/// The next thing to send. Members are positions in the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Add all of these at once. A suspect is part of a batch that failed.
    Post { members: Vec<usize>, is_suspect: bool },
    /// Update the one that is listed as `contact_id`.
    Put { member: usize, contact_id: String },
}

impl Request {
    fn members(&self) -> &[usize] {
        match self {
            Self::Post { members, .. } => members,
            Self::Put { member, .. } => std::slice::from_ref(member),
        }
    }
}

/// Answer of CXone to a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// All of its members are listed.
    Done,
    /// An outcome for each of its members, in their order.
    Each(Vec<DncOutcome>),
    /// None is, and these are in the way.
    Conflicts(Vec<Conflict>),
    /// None is, because of the content.
    Refused { reason: String },
    /// None is, because the request is too large.
    TooLarge(Error),
    /// None is, or it is unknown, for a reason that is not in the content.
    Failed(Error),
}

impl Answer {
    /// Returns whether there was no answer.
    fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(why) if why.may_be_of_the_content())
    }
}

/// A batch on its way to the list.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    entries: &'a [DncEntry],
    outcomes: Vec<Option<DncOutcome>>,
    /// Requests to send; the next one is the last.
    work: VecDeque<Request>,
    requests: usize,
    /// Failures so far.
    failures: usize,
    has_answered: bool,
    random: fastrand::Rng,
    /// Error that stopped the batch.
    stopped: Option<Error>,
}

impl<'a> Batch<'a> {
    /// A batch that is sent in requests of at most `request_max` entries, one at least.
    pub(crate) fn new(entries: &'a [DncEntry], request_max: usize, random: fastrand::Rng) -> Self {
        let members: Vec<usize> = (0..entries.len()).collect();
        let requests = members.chunks(request_max.max(1)).rev();
        let post =
            |members: &[usize]| Request::Post { members: members.to_vec(), is_suspect: false };
        Self {
            entries,
            outcomes: vec![None; entries.len()],
            work: requests.map(post).collect(),
            requests: 0,
            failures: 0,
            has_answered: false,
            random,
            stopped: None,
        }
    }

    /// The next request, until nothing is left to send.
    pub(crate) fn next(&mut self) -> Option<Request> {
        if self.stopped.is_some() || self.work.is_empty() {
            return None;
        }
        if self.requests == REQUESTS_MAX {
            let detail = format!("the batch has used up its {REQUESTS_MAX} requests");
            self.stopped = Some(Error::not_sent(detail, Some(NEXT_TIME)));
            return None;
        }
        self.requests += 1;
        self.work.pop_back()
    }

    /// The entries at these positions.
    pub(crate) fn pick(&self, members: &[usize]) -> Vec<&'a DncEntry> {
        members.iter().map(|&member| &self.entries[member]).collect()
    }

    /// Takes the answer to a request that [`Batch::next`] gave out.
    pub(crate) fn apply(&mut self, request: Request, answer: Answer) {
        self.has_answered |= !answer.is_failure();
        match (request, answer) {
            (request, Answer::Done) => self.conclude(request.members(), &DncOutcome::Listed),
            (request, Answer::Each(outcomes)) => {
                for (member, outcome) in request.members().iter().zip(outcomes) {
                    self.outcomes[*member] = Some(outcome);
                }
            }
            (Request::Post { members, is_suspect }, Answer::Conflicts(conflicts)) => {
                self.resolve(members, is_suspect, &conflicts);
            }
            (
                Request::Post { members, is_suspect },
                Answer::Refused { .. } | Answer::TooLarge(_),
            ) if members.len() > 1 => self.halve(members, is_suspect),
            (request, Answer::Refused { reason }) => {
                self.conclude(request.members(), &DncOutcome::Rejected { reason });
            }
            (request @ Request::Put { .. }, Answer::Conflicts(_)) => {
                let why =
                    Error::Unexpected { status: 409, detail: "in answer to an update".to_owned() };
                self.conclude(request.members(), &DncOutcome::try_again(why));
            }
            (request, Answer::TooLarge(why)) => {
                self.conclude(request.members(), &DncOutcome::try_again(why));
            }
            (request, Answer::Failed(why)) => self.fail(request, why),
        }
    }

    /// Goes on after a failure: with others, with parts of the same, or not at all.
    fn fail(&mut self, request: Request, why: Error) {
        let may_choke = why.may_be_of_the_content();
        self.failures += usize::from(may_choke);
        match request {
            Request::Post { members, .. } if may_choke && members.len() > 1 => self.divide(members),
            request => {
                let again =
                    if may_choke { DncOutcome::try_again_alone } else { DncOutcome::try_again };
                self.conclude(request.members(), &again(why.clone()));
            }
        }
        let is_down = !self.has_answered && self.failures >= FAILURES_MAX;
        if is_down || why.meets_every_call() {
            self.stopped = Some(why);
        }
    }

    /// One outcome per entry, in their order.
    pub(crate) fn outcomes(self) -> Vec<DncOutcome> {
        let why = self.stopped.unwrap_or_else(Error::out_of_time);
        self.outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(|| DncOutcome::try_again(why.clone())))
            .collect()
    }

    fn conclude(&mut self, members: &[usize], outcome: &DncOutcome) {
        for &member in members {
            self.outcomes[member] = Some(outcome.clone());
        }
    }

    /// Updates the members that are named by a conflict and posts the others once more. The
    /// others first: those in conflict are on the list already, if for another reason.
    fn resolve(&mut self, members: Vec<usize>, is_suspect: bool, conflicts: &[Conflict]) {
        let (mut updates, mut others) = (Vec::new(), Vec::new());
        for &member in &members {
            let number = self.entries[member].number.as_str();
            match conflicts.iter().find(|conflict| conflict.names(number)) {
                Some(conflict) => {
                    updates.push(Request::Put { member, contact_id: conflict.id_or(number) });
                }
                None => others.push(member),
            }
        }
        if updates.is_empty() {
            match members[..] {
                [member] => self.work.push_back(self.sole(member, conflicts)),
                _ => self.halve(members, is_suspect),
            }
            return;
        }
        self.work.extend(updates.into_iter().rev());
        if !others.is_empty() {
            self.work.push_back(Request::Post { members: others, is_suspect });
        }
    }

    /// A number that was posted alone and is in conflict is the one that is meant, whatever the
    /// id. But an id that is or comes with another number belongs to that number, and updating it
    /// would take that number off the list.
    fn sole(&self, member: usize, conflicts: &[Conflict]) -> Request {
        let number = self.entries[member].number.as_str();
        let opaque = conflicts
            .iter()
            .find(|it| it.phone_number.is_none() && it.id().parse::<E164>().is_err());
        Request::Put {
            member,
            contact_id: opaque.map_or_else(|| number.to_owned(), |it| it.id_or(number)),
        }
    }

    fn halve(&mut self, mut members: Vec<usize>, is_suspect: bool) {
        let second = members.split_off(members.len() / 2);
        self.work.push_back(Request::Post { members: second, is_suspect });
        self.work.push_back(Request::Post { members, is_suspect });
    }

    /// Puts the parts of a request that failed behind all other work: a part that passes shows more
    /// than a part of a part that fails.
    fn divide(&mut self, mut members: Vec<usize>) {
        self.random.shuffle(&mut members);
        for parts_left in (1..=PARTS).rev() {
            let part = members.split_off(members.len() - members.len() / parts_left);
            if !part.is_empty() {
                self.work.push_front(Request::Post { members: part, is_suspect: true });
            }
        }
    }
}

/// A number that is listed already, as far as CXone lets us know which.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Conflict {
    /// The number itself, with or without its plus sign, or an opaque id.
    #[serde(default, deserialize_with = "reading::optional_text")]
    contact_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    phone_number: Option<String>,
}

impl Conflict {
    /// Returns whether it refers to `number`. Its own phone number, when there is one, counts for
    /// more than its id.
    fn names(&self, number: &str) -> bool {
        let named = self.phone_number.as_deref().unwrap_or(self.id());
        without_plus(named) == without_plus(number)
    }

    fn id(&self) -> &str {
        self.contact_id.as_deref().unwrap_or_default()
    }

    /// The id to update it under, or `number` where the id cannot be a segment of a path.
    fn id_or(&self, number: &str) -> String {
        match self.id() {
            "" | "." | ".." => number.to_owned(),
            id => id.to_owned(),
        }
    }
}

fn without_plus(text: &str) -> &str {
    text.strip_prefix('+').unwrap_or(text)
}

#[cfg(test)]
mod tests;
