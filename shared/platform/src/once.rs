//! Work that is done once, in named durable steps.
//!
//! [`IdempotencyStore::once`] claims a request, runs the work and keeps its answer. Work that fails
//! gives the claim back, for the next attempt to go on with the steps that are left; a failure that
//! no retry can mend forgets the request. A step that is done is not done again. At level `debug`,
//! each step is logged with its name and the request's key.

use std::{fmt, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    batch::Failure,
    idempotency::{Claim, ClaimGuard, IdempotencyError, IdempotencyStore, Key, Lease},
    problem::Problem,
};

/// Identification of the work.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Key of the request.
    pub key: &'a Key,
    /// Content that must be the same whenever the key is used.
    pub identity: &'a Value,
    /// Lease of the claim.
    pub lease: Lease,
    /// Time that the answer is kept.
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

/// Reason why the work is not done.
#[derive(Debug)]
pub enum NotDone<E> {
    /// A step failed.
    Failed(E),
    /// Another worker is at it. Ask again after that long.
    InProgress {
        /// Rest of its lease, at least a second.
        retry_after: Duration,
    },
    /// The key came with another identity before.
    KeyReused,
    /// The claim could not be read or written.
    NotStored(IdempotencyError),
}

/// A failure of a step.
pub trait StepFailure: From<IdempotencyError> {
    /// Returns whether a retry cannot help: the request is then forgotten, with all its steps.
    fn is_final(&self) -> bool;
}

/// Steps done so far.
#[derive(Debug)]
pub struct Steps {
    key: String,
    guard: ClaimGuard,
    done: Map<String, Value>,
}

impl Steps {
    fn of(guard: ClaimGuard, key: &Key) -> Self {
        let done = guard.progress().and_then(Value::as_object).cloned().unwrap_or_default();
        Self { key: key.to_string(), guard, done }
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
            tracing::debug!(step = name, key = self.key, "a step was done before");
            return Ok(result);
        }
        let result = step().await?;
        self.remember(name, &result).await?;
        Ok(result)
    }

    /// Returns true if no attempt before this one completed a step.
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// The result remembered under a name. One that cannot be read is as good as none: every step
    /// may be repeated.
    pub fn recall<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.done.get(name)?.clone()).ok()
    }

    /// All that is remembered, read as one: version 0.1 gave its steps no names.
    pub fn recall_all<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(Value::Object(self.done.clone())).ok()
    }

    /// Takes the flags of version 0.1, which named no steps, for the steps they stand for.
    pub fn adopt(&mut self, flags: &[(&str, &str)]) {
        for (flag, step) in flags {
            if self.done.remove(*flag) == Some(Value::Bool(true)) {
                self.done.insert((*step).to_owned(), Value::Null);
            }
        }
    }

    /// Remembers a result for the next attempt.
    pub async fn remember(
        &mut self,
        name: &str,
        result: &impl Serialize,
    ) -> Result<(), IdempotencyError> {
        tracing::debug!(step = name, key = self.key, "a step is done");
        self.done.insert(name.to_owned(), json!(result));
        self.guard.save_progress(Value::Object(self.done.clone())).await
    }

    /// Forgets a result: the step is to be done again.
    pub async fn forget(&mut self, name: &str) -> Result<(), IdempotencyError> {
        tracing::debug!(step = name, key = self.key, "a step is undone");
        self.done.remove(name);
        self.guard.save_progress(Value::Object(self.done.clone())).await
    }
}

impl IdempotencyStore {
    /// Runs `work` once per request, however often it is repeated.
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
        let guard = match claim.map_err(NotDone::NotStored)? {
            Claim::Won(guard) => guard,
            Claim::Replay(answer) => {
                let answer = serde_json::from_value(answer);
                return answer.map(Once::Repeated).map_err(|error| {
                    NotDone::NotStored(IdempotencyError::Unreadable(error.to_string()))
                });
            }
            Claim::InProgress { retry_after } => return Err(NotDone::InProgress { retry_after }),
            Claim::Mismatch => return Err(NotDone::KeyReused),
        };
        let mut steps = Steps::of(guard, key);
        let answer = work(&mut steps).await;
        let left = match &answer {
            Ok(answer) => steps.guard.complete(&json!(answer)).await,
            Err(failure) if failure.is_final() => steps.guard.discard().await,
            Err(_) => steps.guard.release().await,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_is_lost_is_told_to_whoever_only_reports() {
        let told = String::from(IdempotencyError::Lost);
        assert_eq!(told, "another worker has taken the request over");
        assert!(!told.is_final(), "it may pass");
    }

    #[test]
    fn only_a_dead_letter_is_beyond_any_retry() {
        assert!(Failure::dead_letter("unreadable_message", "not JSON").is_final());
        for failure in
            [Failure::RETRY, Failure::RetryAlone { not_before: None }, Failure::Untouched]
        {
            assert!(!failure.is_final(), "{failure:?}");
        }
    }
}
