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
        retries.after(no_answer(), Duration::ZERO, AGES, 1.0).ok().map(|pause| pause.as_millis())
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
    assert_eq!(after(Repeat::InOrder), ambiguous);
    assert_eq!(after(Repeat::Harmless), Ok(Duration::ZERO));
    assert_eq!(after(Repeat::Reading), Ok(Duration::ZERO));
}

#[test]
fn what_must_not_come_late_is_repeated_once_it_is_over() {
    for (status, is_over) in [(408, false), (500, true), (503, true), (504, false)] {
        let failure = Failure::Unhealthy { status, retry_after: None };
        let next = Policy::DEFAULT.start(Repeat::InOrder).after(failure, Duration::ZERO, AGES, 0.0);
        assert_eq!(next.is_ok(), is_over, "{status}: {next:?}");
    }
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
            Just(Repeat::InOrder),
        ],
    ) {
        let policy = Policy::DEFAULT;
        let budget = Duration::from_millis(budget_ms);
        let mut retries = policy.start(repeat);
        let mut elapsed = Duration::ZERO;
        let mut attempts = 0;
        for (failure, attempt_ms, dice) in failures {
            attempts += 1;
            let is_under_way = matches!(failure, Failure::NoAnswer { .. });
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
                (Repeat::InOrder, next) if is_under_way => {
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
