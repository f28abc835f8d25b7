//! A circuit breaker: after several failures in a row it keeps calls from a CXone that is down,
//! then lets exactly one through to see whether it is back.
//!
//! Written by hand because neither `failsafe` nor `recloser` does that one trial: in their
//! half-open state every caller is let through until the first answer arrives, which sends a
//! whole backlog to a service that has just come back.
//!
//! A request that is under suspicion to be what CXone fails on ([`Repeat::Suspect`]) never counts
//! as a failure, and one of them passes while the breaker is open. So one number on which CXone
//! chokes cannot keep the breaker open against all others; that one more call is all it costs when
//! CXone really is down.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{clock::Timestamp, retry::Repeat};

/// Failures in a row that open the breaker.
const FAILURES_MAX: u32 = 5;

/// Time that it stays open before a trial.
const OPEN_FOR: Duration = Duration::from_secs(10);

/// Wait that other callers get while a trial is under way.
const TRIAL_WAIT: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug)]
enum State {
    Closed {
        failures: u32,
    },
    /// Without an instant, the next call is the trial.
    Open {
        since: Option<Timestamp>,
        suspect_passed: bool,
    },
    Trying,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl State {
    fn opened(now: Timestamp) -> Self {
        Self::Open { since: Some(now), suspect_passed: false }
    }

    fn wait(&self, now: Timestamp) -> Option<Duration> {
        match *self {
            Self::Closed { .. } | Self::Open { since: None, .. } => None,
            Self::Open { since: Some(since), .. } => {
                OPEN_FOR.checked_sub(now.since(since)).filter(|wait| !wait.is_zero())
            }
            Self::Trying => Some(TRIAL_WAIT),
        }
    }
}

/// Result of a call as far as it shows the health of CXone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// It answered. A refusal is an answer.
    Healthy,
    /// It failed, or did not answer.
    Unhealthy,
}

impl Breaker {
    /// Leave for one call, or how long to wait before asking again.
    pub(crate) fn admit(&self, repeat: Repeat, now: Timestamp) -> Result<Permit<'_>, Duration> {
        let mut state = self.state();
        let is_suspect = repeat == Repeat::Suspect;
        let role = match (state.wait(now), &mut *state) {
            (None, State::Open { .. }) => {
                *state = State::Trying;
                Role::Trial
            }
            (None, _) if is_suspect => Role::Suspect,
            (None, _) => Role::Regular,
            (Some(_), State::Open { suspect_passed, .. }) if is_suspect && !*suspect_passed => {
                *suspect_passed = true;
                Role::Suspect
            }
            (Some(wait), _) => return Err(wait),
        };
        Ok(Permit { breaker: self, role })
    }

    /// Time to wait before a call is allowed, if any.
    pub(crate) fn wait(&self, now: Timestamp) -> Option<Duration> {
        self.state().wait(now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave for one call. One that is dropped without [`Permit::record`] shows nothing about CXone:
/// the caller was canceled.
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
    Suspect,
    Recorded,
}

impl Permit<'_> {
    /// Reports how the call went.
    pub(crate) fn record(mut self, health: Health, now: Timestamp) {
        let mut state = self.breaker.state();
        match (self.role, &mut *state, health) {
            (Role::Trial | Role::Suspect, _, Health::Healthy) => *state = State::default(),
            (Role::Trial, _, Health::Unhealthy) => *state = State::opened(now),
            (Role::Regular, State::Closed { failures }, Health::Healthy) => *failures = 0,
            (Role::Regular, State::Closed { failures }, Health::Unhealthy) => {
                *failures += 1;
                if *failures >= FAILURES_MAX {
                    tracing::warn!(failures = *failures, "the breaker opens");
                    *state = State::opened(now);
                }
            }
            // A call from before the breaker opened: the trial is newer. And a suspect that failed
            // proves nothing.
            (Role::Regular | Role::Suspect | Role::Recorded, _, _) => {}
        }
        self.role = Role::Recorded;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.role == Role::Trial {
            *self.breaker.state() = State::Open { since: None, suspect_passed: false };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Timestamp) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            breaker
                .admit(Repeat::Harmless, now)
                .expect("it is closed")
                .record(Health::Unhealthy, now);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_returns_the_wait() {
        let now = Timestamp::now();
        let breaker = opened(now);
        assert_eq!(breaker.admit(Repeat::Harmless, now).err(), Some(OPEN_FOR));
    }

    #[test]
    fn an_answer_in_between_starts_the_count_anew() {
        let now = Timestamp::now();
        let breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            for health in [Health::Unhealthy, Health::Healthy] {
                breaker.admit(Repeat::Harmless, now).expect("it stays closed").record(health, now);
            }
        }
        assert!(breaker.admit(Repeat::Harmless, now).is_ok());
    }

    #[test]
    fn it_lets_exactly_one_trial_through() {
        let now = Timestamp::now();
        let breaker = opened(now);
        let later = now.after(OPEN_FOR);
        let trial = breaker.admit(Repeat::Harmless, later).expect("the trial");
        assert_eq!(breaker.admit(Repeat::Harmless, later).err(), Some(TRIAL_WAIT));
        trial.record(Health::Healthy, later);
        assert!(breaker.admit(Repeat::Harmless, later).is_ok());
    }

    #[test]
    fn a_failed_trial_opens_it_again() {
        let now = Timestamp::now();
        let breaker = opened(now);
        let later = now.after(OPEN_FOR);
        breaker.admit(Repeat::Harmless, later).expect("the trial").record(Health::Unhealthy, later);
        assert_eq!(breaker.admit(Repeat::Harmless, later).err(), Some(OPEN_FOR));
    }

    #[test]
    fn a_canceled_trial_makes_room_for_the_next() {
        let now = Timestamp::now();
        let breaker = opened(now);
        let later = now.after(OPEN_FOR);
        drop(breaker.admit(Repeat::Harmless, later).expect("the trial"));
        assert!(breaker.admit(Repeat::Harmless, later).is_ok());
    }

    #[test]
    fn a_late_answer_to_an_old_call_does_not_end_the_trial() {
        let now = Timestamp::now();
        let breaker = Breaker::default();
        let old = breaker.admit(Repeat::Harmless, now).expect("it is closed");
        for _ in 0..FAILURES_MAX {
            breaker
                .admit(Repeat::Harmless, now)
                .expect("it is closed")
                .record(Health::Unhealthy, now);
        }
        let later = now.after(OPEN_FOR);
        let _trial = breaker.admit(Repeat::Harmless, later).expect("the trial");
        old.record(Health::Healthy, later);
        assert!(breaker.admit(Repeat::Harmless, later).is_err());
    }

    /// A process that Lambda freezes between invocations of 100 ms, a quarter of an hour apart.
    #[test]
    fn it_lets_a_trial_through_although_the_monotonic_clock_stood_still() {
        let now = Timestamp::now();
        let breaker = opened(now);
        let thawed = now.after(Duration::from_millis(100)).thawed_after(Duration::from_mins(15));
        assert!(breaker.admit(Repeat::Harmless, thawed).is_ok());
    }

    #[test]
    fn it_lets_a_trial_through_although_the_wall_clock_was_set_back() {
        let now = Timestamp::now();
        let breaker = opened(now);
        let later = now.after(OPEN_FOR).set_back_by(Duration::from_hours(24));
        assert!(breaker.admit(Repeat::Harmless, later).is_ok());
    }

    #[test]
    fn suspects_that_fail_do_not_open_it_and_one_that_passes_closes_it() {
        let now = Timestamp::now();
        let breaker = Breaker::default();
        for _ in 0..2 * FAILURES_MAX {
            breaker
                .admit(Repeat::Suspect, now)
                .expect("it is closed")
                .record(Health::Unhealthy, now);
        }
        assert_eq!(breaker.wait(now), None);
        let breaker = opened(now);
        breaker.admit(Repeat::Suspect, now).expect("one passes").record(Health::Healthy, now);
        assert_eq!(breaker.wait(now), None);
    }

    #[test]
    fn one_suspect_passes_each_time_it_opens() {
        let mut now = Timestamp::now();
        let breaker = opened(now);
        for _ in 0..3 {
            breaker.admit(Repeat::Suspect, now).expect("one passes").record(Health::Unhealthy, now);
            assert!(breaker.admit(Repeat::Suspect, now).is_err());
            assert!(breaker.admit(Repeat::Harmless, now).is_err());
            now = now.after(OPEN_FOR);
            breaker.admit(Repeat::Harmless, now).expect("the trial").record(Health::Unhealthy, now);
        }
    }
}
