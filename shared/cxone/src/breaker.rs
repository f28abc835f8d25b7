//! A circuit breaker: after several failures in a row it keeps calls from a CXone that is down,
//! then lets exactly one through to see whether it is back.
//!
//! Written by hand because neither `failsafe` nor `recloser` does that one trial: in their
//! half-open state every caller is let through until the first answer arrives, which sends a
//! whole backlog to a service that has just come back.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Failures in a row that open the breaker.
const FAILURES_MAX: u32 = 5;

/// How long it stays open before it tries again.
const OPEN_FOR: Duration = Duration::from_secs(10);

/// What a caller is told to wait while somebody else's trial is under way.
const TRIAL_WAIT: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    Trying,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

/// How a call went, as far as the health of CXone is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// It answered. A refusal is an answer.
    Well,
    /// It failed, or did not answer.
    Unwell,
}

impl Breaker {
    /// Leave for one call, or how long to wait before asking again.
    pub(crate) fn admit(&self, now: Instant) -> Result<Permit<'_>, Duration> {
        let mut state = self.state();
        let role = match *state {
            State::Closed { .. } => Role::Regular,
            State::Open { until } if until <= now => {
                *state = State::Trying;
                Role::Trial
            }
            State::Open { until } => return Err(until - now),
            State::Trying => return Err(TRIAL_WAIT),
        };
        Ok(Permit { breaker: self, role })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave for one call. One that is dropped without [`Permit::settle`] says nothing about CXone:
/// the caller was cancelled.
#[derive(Debug)]
#[must_use]
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Regular,
    Trial,
    Settled,
}

impl Permit<'_> {
    /// Reports how the call went.
    pub(crate) fn settle(mut self, health: Health, now: Instant) {
        let mut state = self.breaker.state();
        let opened = State::Open { until: now + OPEN_FOR };
        match (self.role, &mut *state, health) {
            (Role::Trial, _, Health::Well) => *state = State::default(),
            (Role::Trial, _, Health::Unwell) => *state = opened,
            (Role::Regular, State::Closed { failures }, Health::Well) => *failures = 0,
            (Role::Regular, State::Closed { failures }, Health::Unwell) => {
                *failures += 1;
                if *failures >= FAILURES_MAX {
                    tracing::warn!(failures = *failures, "the breaker opens");
                    *state = opened;
                }
            }
            // A call from before the breaker opened: the trial knows better.
            (Role::Regular | Role::Settled, _, _) => {}
        }
        self.role = Role::Settled;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.role == Role::Trial {
            // Open and due at once, so that the next caller becomes the trial.
            *self.breaker.state() = State::Open { until: Instant::now() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Instant) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            breaker.admit(now).expect("it is closed").settle(Health::Unwell, now);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_says_how_long_to_wait() {
        let now = Instant::now();
        let breaker = opened(now);
        assert_eq!(breaker.admit(now).err(), Some(OPEN_FOR));
    }

    #[test]
    fn an_answer_in_between_starts_the_count_anew() {
        let now = Instant::now();
        let breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            for health in [Health::Unwell, Health::Well] {
                breaker.admit(now).expect("it stays closed").settle(health, now);
            }
        }
        assert!(breaker.admit(now).is_ok());
    }

    #[test]
    fn it_lets_exactly_one_trial_through() {
        let now = Instant::now();
        let breaker = opened(now);
        let later = now + OPEN_FOR;
        let trial = breaker.admit(later).expect("the trial");
        assert_eq!(breaker.admit(later).err(), Some(TRIAL_WAIT));
        trial.settle(Health::Well, later);
        assert!(breaker.admit(later).is_ok());
    }

    #[test]
    fn a_failed_trial_opens_it_again() {
        let now = Instant::now();
        let breaker = opened(now);
        let later = now + OPEN_FOR;
        breaker.admit(later).expect("the trial").settle(Health::Unwell, later);
        assert_eq!(breaker.admit(later).err(), Some(OPEN_FOR));
    }

    #[test]
    fn a_cancelled_trial_makes_room_for_the_next() {
        let now = Instant::now();
        let breaker = opened(now);
        let later = now + OPEN_FOR;
        drop(breaker.admit(later).expect("the trial"));
        assert!(breaker.admit(later).is_ok());
    }

    #[test]
    fn a_late_answer_to_an_old_call_does_not_end_the_trial() {
        let now = Instant::now();
        let breaker = Breaker::default();
        let old = breaker.admit(now).expect("it is closed");
        for _ in 0..FAILURES_MAX {
            breaker.admit(now).expect("it is closed").settle(Health::Unwell, now);
        }
        let later = now + OPEN_FOR;
        let _trial = breaker.admit(later).expect("the trial");
        old.settle(Health::Well, later);
        assert!(breaker.admit(later).is_err());
    }
}
