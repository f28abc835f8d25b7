//! Decides on retries and their delays. Pure: clock and chance are arguments.
//!
//! `backon` grows, caps and counts the pauses. The jitter is ours, because that of `backon` only
//! ever lengthens a pause: full jitter, anywhere between nothing and the whole pause, is what
//! spreads callers that failed together.

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::Error;

/// Limits of a call and its retries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// The longest pause before the first retry. It doubles with each one.
    pub(crate) first_pause: Duration,
    /// Longest pause.
    pub(crate) pause_max: Duration,
    /// Retries after the first attempt.
    pub(crate) retries_max: usize,
    /// No retry starts later than this after the first attempt.
    pub(crate) elapsed_max: Duration,
    /// The longest `Retry-After` that is waited for here. A longer one goes back to the caller:
    /// a queue waits for free, a Lambda does not.
    pub(crate) retry_after_max: Duration,
    /// Time limit of one attempt.
    pub(crate) attempt_max: Duration,
    /// Time limit of one attempt with a suspect: it is small, and there are several.
    pub(crate) suspect_max: Duration,
    /// Wait before a list is read that should show what was written.
    pub(crate) read_back_after: Duration,
}

impl Policy {
    pub(crate) const DEFAULT: Self = Self {
        first_pause: Duration::from_millis(250),
        pause_max: Duration::from_secs(4),
        retries_max: 3,
        elapsed_max: Duration::from_secs(30),
        retry_after_max: Duration::from_secs(5),
        attempt_max: Duration::from_secs(15),
        suspect_max: Duration::from_secs(5),
        read_back_after: Duration::from_secs(2),
    };

    /// Time limit of one attempt.
    pub(crate) fn attempt_max(&self, repeat: Repeat) -> Duration {
        if repeat == Repeat::Suspect { self.suspect_max } else { self.attempt_max }
    }

    /// The retries of one call.
    pub(crate) fn start(self, repeat: Repeat) -> Retries {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(self.first_pause)
            .with_max_delay(self.pause_max)
            .with_max_times(self.retries_max)
            .build();
        Retries { policy: self, repeat, pauses }
    }
}

/// Statuses of a gateway that waits no longer, which tells nothing of what it waited for.
const GAVE_UP: [u16; 2] = [408, 504];

/// Effect of sending the same request twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing: the request only reads, so that an answer without its body is none.
    Reading,
    /// Nothing: the operation is idempotent, or carries an id of ours.
    Harmless,
    /// Nothing, but its content may be what CXone fails on: it is sent once, and its failure does
    /// not count against the health of CXone.
    Suspect,
    /// Something is done twice, so a request that may have been carried out is not sent again.
    Harmful,
    /// Nothing by itself. But one that is carried out late would undo a newer one, so a request that
    /// may still be under way is not sent again, and its caller lets none follow it for a while.
    InOrder,
}

/// Failure of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// 429.
    Limited { retry_after: Option<Duration> },
    /// 408 or 5xx.
    Unhealthy { status: u16, retry_after: Option<Duration> },
    /// No connection came about: CXone never saw the request.
    NotSent { detail: String },
    /// The request went out and no whole answer came back.
    NoAnswer { detail: String },
    /// Not worth a retry.
    Final(Error),
}

impl Failure {
    /// Returns whether it indicates that CXone is unhealthy.
    pub(crate) fn is_of_cxone(&self) -> bool {
        !matches!(self, Self::Limited { .. } | Self::Final(_))
    }

    /// Returns whether a repetition might do harm, since the request may have been carried out, or may
    /// yet be.
    fn is_unclear(&self, repeat: Repeat) -> bool {
        match (repeat, self) {
            (Repeat::Harmful, Self::NoAnswer { .. } | Self::Unhealthy { .. })
            | (Repeat::InOrder, Self::NoAnswer { .. }) => true,
            (Repeat::InOrder, Self::Unhealthy { status, .. }) => GAVE_UP.contains(status),
            _ => false,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited { retry_after } | Self::Unhealthy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The error that is left of this failure when it is not tried again.
    pub(crate) fn into_error(self, repeat: Repeat) -> Error {
        match self {
            Self::Limited { retry_after } => Error::RateLimited { retry_after },
            Self::Unhealthy { status, .. } if self.is_unclear(repeat) => {
                Error::Ambiguous { detail: format!("it answered {status}") }
            }
            Self::Unhealthy { status, retry_after } => {
                let detail = format!("it answered {status}");
                Error::Transient { detail, retry_after, sent: true }
            }
            Self::NoAnswer { detail } if self.is_unclear(repeat) => Error::Ambiguous { detail },
            Self::NoAnswer { detail } => Error::Transient { detail, retry_after: None, sent: true },
            Self::NotSent { detail } => Error::not_sent(detail, None),
            Self::Final(error) => error,
        }
    }
}

/// The retries that are left to one call.
#[derive(Debug)]
pub(crate) struct Retries {
    policy: Policy,
    repeat: Repeat,
    pauses: <ExponentialBuilder as BackoffBuilder>::Backoff,
}

impl Retries {
    /// Returns the pause before the next attempt, or the error to give up with.
    ///
    /// `elapsed` is the time since the first attempt began, `left` the time the caller has left,
    /// `dice` a random fraction between 0 and 1.
    pub(crate) fn after(
        &mut self,
        failure: Failure,
        elapsed: Duration,
        left: Duration,
        dice: f64,
    ) -> Result<Duration, Error> {
        let final_as_it_is = match failure {
            Failure::Final(_) => true,
            Failure::NoAnswer { .. } | Failure::Unhealthy { .. } => {
                self.repeat == Repeat::Suspect || failure.is_unclear(self.repeat)
            }
            _ => false,
        };
        let wished = failure.retry_after().unwrap_or_default();
        if final_as_it_is || wished > self.policy.retry_after_max {
            return Err(failure.into_error(self.repeat));
        }
        let Some(pause) = self.pauses.next() else {
            return Err(failure.into_error(self.repeat));
        };
        // `backon` computes in f32 and may round a pause up.
        let pause = pause.min(self.policy.pause_max).mul_f64(dice).max(wished);
        if pause >= left || elapsed + pause > self.policy.elapsed_max {
            return Err(failure.into_error(self.repeat));
        }
        Ok(pause)
    }
}

/// The wait that a `Retry-After` header requests: seconds, or an HTTP date, which is no wait once
/// it is past. `None` when it is neither.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if value.starts_with('+') {
        return None;
    }
    let seconds = value.parse().ok().map(Duration::from_secs);
    seconds.or_else(|| {
        let at = httpdate::parse_http_date(value).ok()?;
        Some(at.duration_since(now).unwrap_or_default())
    })
}
