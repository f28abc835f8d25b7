//! Decides on retries and their delays. Pure: clock and chance are arguments.
//!
//! `backon` grows, caps and counts the pauses. The jitter is ours, because that of `backon` only
//! ever lengthens a pause: full jitter, anywhere between nothing and the whole pause, is what
//! spreads callers that failed together.

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
            Self::Unhealthy { status, .. } if repeat == Repeat::Harmful => {
                Error::Ambiguous { detail: format!("it answered {status}") }
            }
            Self::Unhealthy { status, retry_after } => {
                let detail = format!("it answered {status}");
                Error::Transient { detail, retry_after, sent: true }
            }
            Self::NoAnswer { detail } if repeat == Repeat::Harmful => Error::Ambiguous { detail },
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
                matches!(self.repeat, Repeat::Suspect | Repeat::Harmful)
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    const AGES: Duration = Duration::from_mins(15);

    fn limited(seconds: u64) -> Failure {
        Failure::Limited { retry_after: Some(Duration::from_secs(seconds)) }
    }

    fn no_answer() -> Failure {
        Failure::NoAnswer { detail: "the connection was closed".into() }
    }

    #[test]
    fn pauses_double_up_to_their_limit_and_the_retries_end() {
        let policy = Policy { retries_max: 6, ..Policy::DEFAULT };
        let mut retries = policy.start(Repeat::Harmless);
        let pauses: Vec<u128> = std::iter::from_fn(|| {
            retries
                .after(no_answer(), Duration::ZERO, AGES, 1.0)
                .ok()
                .map(|pause| pause.as_millis())
        })
        .collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 4000, 4000]);
    }

    #[test]
    fn a_short_retry_after_is_waited_for() {
        let mut retries = Policy::DEFAULT.start(Repeat::Harmful);
        let pause = retries.after(limited(2), Duration::ZERO, AGES, 0.5);
        assert_eq!(pause, Ok(Duration::from_secs(2)));
    }

    #[test]
    fn a_long_retry_after_goes_back_to_the_caller() {
        let mut retries = Policy::DEFAULT.start(Repeat::Harmless);
        let error = retries.after(limited(60), Duration::ZERO, AGES, 0.5);
        let retry_after = Some(Duration::from_mins(1));
        assert_eq!(error, Err(Error::RateLimited { retry_after }));
    }

    #[test]
    fn a_retry_after_beyond_the_time_left_goes_back_to_the_caller() {
        let mut retries = Policy::DEFAULT.start(Repeat::Harmless);
        let error = retries.after(limited(3), Duration::ZERO, Duration::from_secs(3), 0.5);
        let retry_after = Some(Duration::from_secs(3));
        assert_eq!(error, Err(Error::RateLimited { retry_after }));
    }

    #[test]
    fn a_request_that_may_have_been_carried_out_is_repeated_only_when_that_is_harmless() {
        let ambiguous = Err(Error::Ambiguous { detail: "the connection was closed".into() });
        let after =
            |repeat| Policy::DEFAULT.start(repeat).after(no_answer(), Duration::ZERO, AGES, 0.0);
        assert_eq!(after(Repeat::Harmful), ambiguous);
        assert_eq!(after(Repeat::Harmless), Ok(Duration::ZERO));
        assert_eq!(after(Repeat::Reading), Ok(Duration::ZERO));
    }

    #[test]
    fn a_request_that_was_never_sent_is_always_repeated() {
        let failure = Failure::NotSent { detail: "connection refused".into() };
        let mut retries = Policy::DEFAULT.start(Repeat::Harmful);
        assert!(retries.after(failure, Duration::ZERO, AGES, 0.5).is_ok());
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").expect("a date");
        let read = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(read("0"), Some(0));
        assert_eq!(read(" 120 "), Some(120));
        assert_eq!(read("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(read("Sunday, 06-Nov-94 08:50:37 GMT"), Some(60));
        assert_eq!(read("Sun Nov  6 08:50:37 1994"), Some(60));
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        for nonsense in ["", "-1", "+1", "1.5", "soon", "Sun, 99 Nov 1994 08:50:37 GMT"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }

    fn failures() -> impl Strategy<Value = Failure> {
        let retry_after = || proptest::option::of((0_u64..10_000).prop_map(Duration::from_millis));
        prop_oneof![
            retry_after().prop_map(|retry_after| Failure::Limited { retry_after }),
            retry_after().prop_map(|retry_after| Failure::Unhealthy { status: 503, retry_after }),
            Just(no_answer()),
            Just(Failure::NotSent { detail: "connection refused".into() }),
            Just(Failure::Final(Error::out_of_time())),
        ]
    }

    proptest! {
        #[test]
        fn a_call_stays_within_its_deadline_and_its_caps(
            failures in proptest::collection::vec((failures(), 0_u64..3_000, 0.0..1.0_f64), 12),
            budget_ms in 0_u64..60_000,
            repeat in prop_oneof![
                Just(Repeat::Reading),
                Just(Repeat::Harmless),
                Just(Repeat::Suspect),
                Just(Repeat::Harmful),
            ],
        ) {
            let policy = Policy::DEFAULT;
            let budget = Duration::from_millis(budget_ms);
            let mut retries = policy.start(repeat);
            let mut elapsed = Duration::ZERO;
            let mut attempts = 0;
            for (failure, attempt_ms, dice) in failures {
                attempts += 1;
                let is_unclear =
                    matches!(failure, Failure::NoAnswer { .. } | Failure::Unhealthy { .. });
                elapsed += Duration::from_millis(attempt_ms);
                let left = budget.saturating_sub(elapsed);
                let wished = failure.retry_after();
                let next = retries.after(failure, elapsed, left, dice);
                match (repeat, &next) {
                    (Repeat::Harmful, next) if is_unclear => {
                        prop_assert!(matches!(next, Err(Error::Ambiguous { .. })), "{next:?}");
                    }
                    (Repeat::Suspect, next) if is_unclear => prop_assert!(next.is_err()),
                    _ => {}
                }
                let Ok(pause) = next else { break };
                elapsed += pause;
                prop_assert!(elapsed < budget);
                prop_assert!(elapsed <= policy.elapsed_max);
                prop_assert!(pause <= policy.pause_max.max(policy.retry_after_max));
                prop_assert!(pause >= wished.unwrap_or_default());
            }
            prop_assert!(attempts <= policy.retries_max + 1);
        }

        #[test]
        fn retry_after_in_seconds_is_read_back(seconds: u64) {
            let read = retry_after(&seconds.to_string(), SystemTime::now());
            prop_assert_eq!(read, Some(Duration::from_secs(seconds)));
        }

        #[test]
        fn retry_after_as_a_date_is_read_back(start in 0_u64..4_000_000_000, wait in 0_u64..1_000_000) {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(start);
            let date = httpdate::fmt_http_date(now + Duration::from_secs(wait));
            prop_assert_eq!(retry_after(&date, now), Some(Duration::from_secs(wait)));
        }

        /// In the three forms of RFC 9110, section 5.6.7, as chrono writes them.
        #[test]
        fn retry_after_as_another_library_writes_it_is_read(
            // Two digits of a year are ambiguous before 1970 and from 2069.
            start in 0_i64..3_100_000_000,
            wait in 0_u32..1_000_000,
        ) {
            let at = DateTime::from_timestamp(start + i64::from(wait), 0).expect("an instant");
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(start.unsigned_abs());
            for form in [
                "%a, %d %b %Y %H:%M:%S GMT",
                "%A, %d-%b-%y %H:%M:%S GMT",
                "%a %b %e %H:%M:%S %Y",
            ] {
                let date = at.format(form).to_string();
                let read = retry_after(&date, now);
                prop_assert_eq!(read, Some(Duration::from_secs(wait.into())), "{}", date);
            }
        }

        #[test]
        fn reading_a_retry_after_never_panics(value in "\\PC{0,40}") {
            let _ = retry_after(&value, SystemTime::now());
        }
    }
}
