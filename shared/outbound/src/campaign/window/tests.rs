use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::*;
use crate::campaign::{Recurrence, recurrence::tests::properties::expressions};

const NEW_YORK: Tz = Tz::America__New_York;

fn hours(text: &str) -> CallingHours {
    text.parse().expect("calling hours")
}

/// The window of a campaign that starts at a civil time.
fn window(
    zone: Tz,
    civil: &str,
    length: i64,
    allowed: &str,
) -> Result<(String, String), OutsideCallingHours> {
    let civil = civil.parse().expect("a civil time");
    let start = LocalStart { civil, at: zone::instant(zone, civil) };
    let window = calling_window(zone, &start, TimeDelta::hours(length), &hours(allowed))?;
    assert_eq!(window.zone, zone);
    Ok((window.start.to_rfc3339(), window.end.to_rfc3339()))
}

fn from_to(start: &str, end: &str) -> (String, String) {
    (start.to_owned(), end.to_owned())
}

#[test]
fn a_window_within_the_hours_keeps_its_length() {
    assert_eq!(
        window(NEW_YORK, "2026-03-09T09:00:00", 4, "08:00-21:00"),
        Ok(from_to("2026-03-09T09:00:00-04:00", "2026-03-09T13:00:00-04:00"))
    );
    assert_eq!(
        window(NEW_YORK, "2026-03-09T17:00:00", 4, "08:00-21:00"),
        Ok(from_to("2026-03-09T17:00:00-04:00", "2026-03-09T21:00:00-04:00"))
    );
}

#[test]
fn a_window_is_cut_where_the_hours_end() {
    assert_eq!(
        window(NEW_YORK, "2026-03-09T19:30:00", 4, "08:00-21:00"),
        Ok(from_to("2026-03-09T19:30:00-04:00", "2026-03-09T21:00:00-04:00"))
    );
    assert_eq!(
        window(NEW_YORK, "2026-03-09T23:00:00", 4, "08:00-24:00"),
        Ok(from_to("2026-03-09T23:00:00-04:00", "2026-03-10T00:00:00-04:00"))
    );
}

#[test]
fn hours_of_the_whole_day_cut_nothing() {
    assert_eq!(
        window(NEW_YORK, "2026-03-09T20:00:00", 24, "00:00-24:00"),
        Ok(from_to("2026-03-09T20:00:00-04:00", "2026-03-10T20:00:00-04:00"))
    );
}

#[test]
fn a_start_outside_the_hours_is_refused_with_the_reason() {
    for (civil, message) in [
        ("2026-03-09T07:59:00", "the local time 07:59 is outside the calling hours 08:00-21:00"),
        ("2026-03-09T21:00:00", "the local time 21:00 is outside the calling hours 08:00-21:00"),
    ] {
        let refused = window(NEW_YORK, civil, 4, "08:00-21:00").expect_err("it is outside");
        assert_eq!(refused.to_string(), message);
    }
}

#[test]
fn the_time_that_the_clocks_show_counts_not_that_of_the_expression() {
    // 02:30 does not exist, and calls start at 03:00.
    let allowed = |hours| window(NEW_YORK, "2026-03-08T02:30:00", 1, hours);
    assert_eq!(
        allowed("03:00-21:00"),
        Ok(from_to("2026-03-08T03:00:00-04:00", "2026-03-08T04:00:00-04:00"))
    );
    assert!(allowed("02:00-03:00").is_err());
}

#[test]
fn clocks_that_change_within_a_window_move_its_end() {
    // The hour from 02:00 is missing.
    assert_eq!(
        window(NEW_YORK, "2026-03-08T01:00:00", 4, "00:00-04:00"),
        Ok(from_to("2026-03-08T01:00:00-05:00", "2026-03-08T04:00:00-04:00"))
    );
    // The clocks jump over the end of the hours.
    assert_eq!(
        window(NEW_YORK, "2026-03-08T01:00:00", 4, "00:00-02:30"),
        Ok(from_to("2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00"))
    );
    // The hour from 01:00 comes twice.
    assert_eq!(
        window(NEW_YORK, "2026-11-01T00:00:00", 4, "00:00-02:00"),
        Ok(from_to("2026-11-01T00:00:00-04:00", "2026-11-01T02:00:00-05:00"))
    );
    // The clocks fall back out of the hours, which end the window at once.
    assert_eq!(
        window(NEW_YORK, "2026-11-01T01:45:00", 4, "01:30-21:00"),
        Ok(from_to("2026-11-01T01:45:00-04:00", "2026-11-01T01:00:00-05:00"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_window_ever_leaves_its_calling_hours(
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        expression in expressions(),
        minutes in 0_i64..60 * 24 * 365 * 5,
        length in 1_i64..=24,
        (opening, open) in (0_u32..24 * 4, 1_u32..24 * 4),
    ) {
        let Ok(recurrence) = expression.parse::<Recurrence>() else { return Ok(()) };
        let quarter = |quarters: u32| format!("{:02}:{:02}", quarters / 4, quarters % 4 * 15);
        let closing = (opening + open).min(24 * 4);
        let hours = hours(&format!("{}-{}", quarter(opening), quarter(closing)));
        let length = TimeDelta::hours(length);
        let mut after =
            "2025-06-01T00:00:00Z".parse::<DateTime<Utc>>().expect("an instant")
                + TimeDelta::minutes(minutes);
        for _ in 0..8 {
            let Some(start) = recurrence.next(after, zone) else { break };
            after = start.at.to_utc();
            let Ok(window) = calling_window(zone, &start, length, &hours) else {
                prop_assert!(!hours.contains(start.at.time()));
                continue;
            };
            prop_assert_eq!(window.start, start.at);
            let minutes = (window.end - window.start).num_minutes();
            prop_assert!(minutes > 0 && TimeDelta::minutes(minutes) <= length);
            for minute in 0..minutes {
                let shown = zone::local(zone, after + TimeDelta::minutes(minute)).time();
                prop_assert!(hours.contains(shown), "{} in {}", shown, hours);
            }
            let whole = window.end - window.start == length;
            prop_assert!(whole || !hours.contains(window.end.time()));
            prop_assert_eq!(window.end, zone::local(zone, window.end.to_utc()));
        }
    }
}
