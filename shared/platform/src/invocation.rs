//! Time and deadline of an invocation.

use std::time::{Duration, SystemTime};

use ambient::Instant;

use chrono::{DateTime, Utc};
use lambda_runtime::Context;

/// No deadline lies this close to 1970, and no invocation lasts longer.
const LONGEST: Duration = Duration::from_hours(1);

/// Deadline of the invocation.
pub fn deadline(context: &Context) -> SystemTime {
    let deadline = context.deadline();
    match deadline.duration_since(SystemTime::UNIX_EPOCH) {
        // `cargo lambda watch` counts from the invocation instead of from 1970.
        Ok(allowed) if allowed > Duration::ZERO && allowed < LONGEST => {
            ambient::system_time() + allowed
        }
        _ => deadline,
    }
}

/// Time of an invocation: that of its schedule, or now if that is later. A schedule's event may
/// come late and more than once; a sandbox fires ahead of the clock.
pub fn now(fired_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let clock = ambient::system_time().into();
    fired_at.map_or(clock, |fired_at| fired_at.max(clock))
}

/// Rest of an invocation's time.
pub fn left(context: &Context) -> Duration {
    deadline(context).duration_since(ambient::system_time()).unwrap_or_default()
}

/// Deadline that leaves `reserve` of the invocation's time for the work after it.
pub fn ends_at(context: &Context, reserve: Duration) -> Instant {
    Instant::now() + left(context).saturating_sub(reserve)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(deadline: Duration) -> Context {
        let mut context = Context::default();
        context.deadline = deadline.as_millis().try_into().expect("in this age");
        context
    }

    fn since_1970(time: SystemTime) -> Duration {
        time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970")
    }

    #[test]
    fn work_ends_before_the_deadline_by_what_is_reserved() {
        let start = Instant::now();
        let in_a_minute = since_1970(SystemTime::now() + Duration::from_mins(1));
        let ends_at = ends_at(&context(in_a_minute), Duration::from_secs(1));
        assert!(ends_at <= start + Duration::from_millis(59_500));
        assert!(ends_at > start + Duration::from_secs(30));
    }

    #[test]
    fn an_event_that_comes_late_is_dealt_with_now() {
        let before = Utc::now();
        assert!(now(Some(before - chrono::TimeDelta::hours(3))) >= before);
        assert!(now(None) >= before);
        let ahead = before + chrono::TimeDelta::hours(3);
        assert_eq!(now(Some(ahead)), ahead);
    }

    #[test]
    fn without_a_deadline_there_is_no_time() {
        assert!(ends_at(&Context::default(), Duration::ZERO) <= Instant::now());
    }

    #[test]
    fn a_deadline_that_counts_from_the_invocation_is_understood() {
        let before = SystemTime::now();
        let deadline = deadline(&context(Duration::from_mins(10)));
        assert!(deadline >= before + Duration::from_mins(10));
    }
}
