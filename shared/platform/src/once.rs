//! Work that is done once, in steps that are remembered.
//!
//! [`IdempotencyStore::once`] claims a request, runs the work and keeps its answer. Work that fails
//! gives the claim back, for the next attempt to go on with the steps that are left; a failure that
//! no retry can mend forgets the request. A step that is done is not done again.

use std::{fmt, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    batch::Failure,
    idempotency::{Claim, IdempotencyError, IdempotencyStore, Key, Lease, Ticket},
    problem::Problem,
};

/// Which work it is.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What names it.
    pub key: &'a Key,
    /// What must be the same whenever that key is used.
    pub identity: &'a Value,
    /// How long it is ours.
    pub lease: Lease,
    /// How long its answer is kept.
    pub keep_for: Duration,
}

/// The answer to work that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<T> {
    /// It was done now.
    Done(T),
    /// It was done before.
    Repeated(T),
}

impl<T> Once<T> {
    /// The answer, whenever it was found.
    pub fn into_answer(self) -> T {
        match self {
            Self::Done(answer) | Self::Repeated(answer) => answer,
        }
    }
}

/// Why work is not done.
#[derive(Debug)]
pub enum NotDone<E> {
    /// A step failed.
    Failed(E),
    /// Another worker is at it. Ask again after that long.
    InProgress {
        /// What is left of its lease, at least a second.
        retry_after: Duration,
    },
    /// The key came with another identity before.
    KeyReused,
    /// The claim could not be read or written.
    NotStored(IdempotencyError),
}

/// A failure of a step.
pub trait StepFailure: From<IdempotencyError> {
    /// Whether trying again cannot help: the request is then forgotten, with all its steps.
    fn is_final(&self) -> bool;
}

/// What has been done so far.
#[derive(Debug)]
pub struct Steps {
    ticket: Ticket,
    done: Map<String, Value>,
}

impl Steps {
    fn of(ticket: Ticket) -> Self {
        let done = ticket.progress().and_then(Value::as_object).cloned().unwrap_or_default();
        Self { ticket, done }
    }

    /// Does a step, unless an earlier attempt has done it.
    pub async fn run<T, E>(
        &mut self,
        name: &str,
        step: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned,
        E: StepFailure,
    {
        if let Some(result) = self.recall(name) {
            return Ok(result);
        }
        let result = step().await?;
        self.remember(name, &result).await?;
        Ok(result)
    }

    /// What was remembered under a name. What cannot be read is as good as nothing: every step may
    /// be repeated.
    pub fn recall<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.done.get(name)?.clone()).ok()
    }

    /// Remembers something for the next attempt.
    pub async fn remember(
        &mut self,
        name: &str,
        what: &impl Serialize,
    ) -> Result<(), IdempotencyError> {
        self.done.insert(name.to_owned(), json!(what));
        self.ticket.save_progress(Value::Object(self.done.clone())).await
    }
}

impl IdempotencyStore {
    /// Does work, once however often it is asked for.
    pub async fn once<T, E>(
        &self,
        request: Request<'_>,
        work: impl AsyncFnOnce(&mut Steps) -> Result<T, E>,
    ) -> Result<Once<T>, NotDone<E>>
    where
        T: Serialize + DeserializeOwned,
        E: StepFailure,
    {
        let Request { key, identity, lease, keep_for } = request;
        let claim = self.claim(key, identity, lease, keep_for).await;
        let ticket = match claim.map_err(NotDone::NotStored)? {
            Claim::Won(ticket) => ticket,
            Claim::Replay(answer) => {
                let answer = serde_json::from_value(answer);
                return answer.map(Once::Repeated).map_err(|error| {
                    NotDone::NotStored(IdempotencyError::Unreadable(error.to_string()))
                });
            }
            Claim::InProgress { retry_after } => return Err(NotDone::InProgress { retry_after }),
            Claim::Mismatch => return Err(NotDone::KeyReused),
        };
        let mut steps = Steps::of(ticket);
        let answer = work(&mut steps).await;
        let left = match &answer {
            Ok(answer) => steps.ticket.complete(&json!(answer)).await,
            Err(failure) if failure.is_final() => steps.ticket.discard().await,
            Err(_) => steps.ticket.release().await,
        };
        if let Err(error) = left {
            tracing::warn!(%error, %key, "a claim was not given back: it holds until its lease lapses");
        }
        answer.map(Once::Done).map_err(NotDone::Failed)
    }
}

impl From<IdempotencyError> for Failure {
    fn from(error: IdempotencyError) -> Self {
        tracing::warn!(%error, "a message goes back to its queue");
        Self::RETRY
    }
}

impl StepFailure for Failure {
    fn is_final(&self) -> bool {
        matches!(self, Self::DeadLetter(_))
    }
}

/// A reason that is only reported. What fails for it may pass later.
impl StepFailure for String {
    fn is_final(&self) -> bool {
        false
    }
}

impl From<IdempotencyError> for String {
    fn from(error: IdempotencyError) -> Self {
        error.to_string()
    }
}

impl StepFailure for Problem {
    fn is_final(&self) -> bool {
        self.is_final()
    }
}

impl From<IdempotencyError> for Problem {
    fn from(error: IdempotencyError) -> Self {
        Self::not_stored(error)
    }
}

/// A request whose work is not done: the sender comes again.
impl From<NotDone<Self>> for Problem {
    fn from(why: NotDone<Self>) -> Self {
        match why {
            NotDone::Failed(problem) => problem,
            NotDone::InProgress { retry_after } => {
                let detail = "the same request is being worked on";
                Self::conflict("in_progress", detail).retry_after(retry_after)
            }
            NotDone::KeyReused => {
                let detail = "this Idempotency-Key came with another request before";
                Self::unprocessable("idempotency_key_reused", detail)
            }
            NotDone::NotStored(error) => error.into(),
        }
    }
}

/// A message whose work is not done: it comes again, unless it never can be done.
impl From<NotDone<Self>> for Failure {
    fn from(why: NotDone<Self>) -> Self {
        match why {
            NotDone::Failed(failure) => failure,
            NotDone::InProgress { retry_after } => Self::Retry { not_before: Some(retry_after) },
            NotDone::KeyReused => Self::dead_letter("unreadable_message", "one key, two requests"),
            NotDone::NotStored(error) => error.into(),
        }
    }
}

impl<E: fmt::Display> fmt::Display for NotDone<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::InProgress { .. } => f.write_str("another invocation is at work on it"),
            Self::KeyReused => f.write_str("its key came with another request before"),
            Self::NotStored(error) => error.fmt(f),
        }
    }
}
