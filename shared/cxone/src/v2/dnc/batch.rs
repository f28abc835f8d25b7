//! How a batch of numbers gets on a list that takes all of a batch or nothing of it. Pure: it
//! says what to send and is told the answer.
//!
//! A 409 names numbers that are listed already for another reason: each is updated by itself, and
//! the rest is posted again without them. A 400 means that one number, we do not know which, is
//! not acceptable: the batch is halved until the bad number stands alone. A 409 that names no
//! number we know is halved likewise, until the number it means stands alone.

use std::time::Duration;

use outbound::E164;

use super::Conflict;
use crate::{DncEntry, DncOutcome, Error};

/// The most requests that are made for one batch, retries not counted: a minute's worth of what
/// CXone grants a whole organisation. What is unsettled by then is for the next time, and every
/// time settles some.
pub(super) const REQUESTS_MAX: usize = 100;

/// When to come again after a batch has used up its requests.
const NEXT_TIME: Duration = Duration::from_mins(1);

/// The next thing to send. Members are positions in the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// Add all of these at once.
    Post { members: Vec<usize> },
    /// Update the one that is listed as `contact_id`.
    Put { member: usize, contact_id: String },
}

impl Request {
    fn members(&self) -> &[usize] {
        match self {
            Self::Post { members } => members,
            Self::Put { member, .. } => std::slice::from_ref(member),
        }
    }
}

/// What CXone made of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// All of its members are listed.
    Done,
    /// None is, and these are in the way.
    Conflicts(Vec<Conflict>),
    /// None is, because of the content.
    Refused { reason: String },
    /// None is, or we do not know, for a reason that is not in the content.
    Failed(Error),
}

/// A batch on its way to the list.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    entries: &'a [DncEntry],
    outcomes: Vec<Option<DncOutcome>>,
    /// What is left to send; the next one is the last.
    work: Vec<Request>,
    requests: usize,
    /// What stopped the whole batch before it was through.
    stopped: Option<Error>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(entries: &'a [DncEntry]) -> Self {
        let everyone = Request::Post { members: (0..entries.len()).collect() };
        Self {
            entries,
            outcomes: vec![None; entries.len()],
            work: if entries.is_empty() { Vec::new() } else { vec![everyone] },
            requests: 0,
            stopped: None,
        }
    }

    /// The next request, until nothing is left to send.
    pub(super) fn next(&mut self) -> Option<Request> {
        if self.stopped.is_some() || self.work.is_empty() {
            return None;
        }
        if self.requests == REQUESTS_MAX {
            self.stopped = Some(Error::Transient {
                detail: format!("the batch has used up its {REQUESTS_MAX} requests"),
                retry_after: Some(NEXT_TIME),
            });
            return None;
        }
        self.requests += 1;
        self.work.pop()
    }

    /// The entries at these positions.
    pub(super) fn pick(&self, members: &[usize]) -> Vec<&'a DncEntry> {
        members.iter().map(|&member| &self.entries[member]).collect()
    }

    /// Takes the answer to a request that [`Batch::next`] gave out.
    pub(super) fn settle(&mut self, request: Request, answer: Answer) {
        match (request, answer) {
            (request, Answer::Done) => self.conclude(request.members(), &DncOutcome::Listed),
            (Request::Post { members }, Answer::Conflicts(conflicts)) => {
                self.resolve(members, &conflicts);
            }
            (Request::Post { members }, Answer::Refused { .. }) if members.len() > 1 => {
                self.halve(members);
            }
            (request, Answer::Refused { reason }) => {
                self.conclude(request.members(), &DncOutcome::Rejected { reason });
            }
            (request @ Request::Put { .. }, Answer::Conflicts(_)) => {
                let why =
                    Error::Unexpected { status: 409, detail: "in answer to an update".to_owned() };
                self.conclude(request.members(), &DncOutcome::try_again(why));
            }
            (request, Answer::Failed(why)) => {
                self.conclude(request.members(), &DncOutcome::try_again(why.clone()));
                // After other failures the breaker decides: one number that CXone chokes on must
                // not hold up the rest.
                if why.meets_every_call() {
                    self.stopped = Some(why);
                }
            }
        }
    }

    /// One outcome per entry, in their order.
    pub(super) fn outcomes(self) -> Vec<DncOutcome> {
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
    fn resolve(&mut self, members: Vec<usize>, conflicts: &[Conflict]) {
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
                [member] => self.work.push(self.sole(member, conflicts)),
                _ => self.halve(members),
            }
            return;
        }
        self.work.extend(updates.into_iter().rev());
        if !others.is_empty() {
            self.work.push(Request::Post { members: others });
        }
    }

    /// A number that was posted alone and is in conflict is the one that is meant, whatever the
    /// id. But an id that is or comes with another number belongs to that number, and updating it
    /// would take that number off the list.
    fn sole(&self, member: usize, conflicts: &[Conflict]) -> Request {
        let number = self.entries[member].number.as_str();
        let opaque = conflicts
            .iter()
            .find(|it| it.phone_number.is_none() && it.contact_id.parse::<E164>().is_err());
        Request::Put {
            member,
            contact_id: opaque.map_or_else(|| number.to_owned(), |it| it.id_or(number)),
        }
    }

    fn halve(&mut self, mut members: Vec<usize>) {
        let second = members.split_off(members.len() / 2);
        self.work.push(Request::Post { members: second });
        self.work.push(Request::Post { members });
    }
}

impl Conflict {
    /// Whether it says that it is about `number`. Its own phone number, when there is one, counts
    /// for more than its id.
    fn names(&self, number: &str) -> bool {
        let said = self.phone_number.as_deref().unwrap_or(&self.contact_id);
        without_plus(said) == without_plus(number)
    }

    /// The id to update it under, or `number` where the id cannot be a segment of a path.
    fn id_or(&self, number: &str) -> String {
        match self.contact_id.as_str() {
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
