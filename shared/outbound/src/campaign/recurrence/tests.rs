use chrono::NaiveTime;

use super::*;
use crate::zone::changes::{GAPS, OVERLAPS, civil, minutes};

mod malformed;
pub(crate) mod properties;

fn recurrence(text: &str) -> Recurrence {
    text.parse().unwrap_or_else(|reason| panic!("{text}: {reason}"))
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// The next starts of the expression.
fn starts(text: &str, zone: Tz, after: &str, count: usize) -> Vec<String> {
    let recurrence = recurrence(text);
    iter::successors(recurrence.next(instant(after), zone), |start| {
        recurrence.next(start.at.to_utc(), zone)
    })
    .take(count)
    .map(|start| start.civil.format("%a %Y-%m-%d %H:%M").to_string())
    .collect()
}

#[test]
fn an_expression_is_shown_as_it_was_written() {
    for text in ["0 9 * * MON-fri", " 5\t4  1 Jan  * ", "@Daily"] {
        assert_eq!(recurrence(text).to_string(), text);
    }
}

#[test]
fn nine_oclock_is_nine_on_the_clocks_of_every_zone() {
    for (zone, at) in [
        (Tz::America__New_York, "2026-03-09T09:00:00-04:00"),
        (Tz::Europe__London, "2026-03-09T09:00:00+00:00"),
        (Tz::Asia__Kolkata, "2026-03-09T09:00:00+05:30"),
        (Tz::Pacific__Apia, "2026-03-09T09:00:00+13:00"),
    ] {
        let start = recurrence("0 9 9 3 *").next(instant("2026-01-01T00:00:00Z"), zone);
        let start = start.expect("a start");
        assert_eq!((start.at.to_rfc3339().as_str(), start.civil), (at, civil("2026-03-09T09:00")));
    }
}

#[test]
fn a_start_is_strictly_after() {
    let nine = |after| starts("0 9 * * *", Tz::UTC, after, 1);
    assert_eq!(nine("2026-03-09T08:59:59.999Z"), ["Mon 2026-03-09 09:00"]);
    assert_eq!(nine("2026-03-09T09:00:00Z"), ["Tue 2026-03-10 09:00"]);
    assert_eq!(nine("2026-03-09T09:00:00.001Z"), ["Tue 2026-03-10 09:00"]);
}

#[test]
fn days_of_both_kinds_are_joined_by_or() {
    assert_eq!(
        starts("0 9 13 * fri", Tz::UTC, "2026-03-07T00:00:00Z", 4),
        [
            "Fri 2026-03-13 09:00",
            "Fri 2026-03-20 09:00",
            "Fri 2026-03-27 09:00",
            "Fri 2026-04-03 09:00"
        ]
    );
    assert_eq!(
        starts("0 9 15 * mon", Tz::UTC, "2026-03-14T00:00:00Z", 2),
        ["Sun 2026-03-15 09:00", "Mon 2026-03-16 09:00"]
    );
    // A day that never comes leaves the other kind.
    assert_eq!(
        starts("0 9 30 2 mon", Tz::UTC, "2026-01-01T00:00:00Z", 1),
        ["Mon 2026-02-02 09:00"]
    );
}

#[test]
fn a_field_of_days_that_begins_with_a_star_must_match_too() {
    assert_eq!(
        starts("0 9 */10 * mon", Tz::UTC, "2026-03-01T00:00:00Z", 2),
        ["Mon 2026-05-11 09:00", "Mon 2026-06-01 09:00"]
    );
    assert_eq!(
        starts("0 9 13 * */5", Tz::UTC, "2026-03-01T00:00:00Z", 2),
        ["Fri 2026-03-13 09:00", "Sun 2026-09-13 09:00"]
    );
}

#[test]
fn sunday_is_0_and_7_and_may_end_a_week() {
    let week = |days: &str| starts(&format!("0 9 * * {days}"), Tz::UTC, "2026-03-09T00:00:00Z", 4);
    let sundays = week("sun");
    assert!(sundays.iter().all(|day| day.starts_with("Sun")), "{sundays:?}");
    for same in ["0", "7", "0,7", "SUN", "sun-sun", "7-7", "*/7"] {
        assert_eq!(week(same), sundays, "{same}");
    }
    for weekend in ["5-7", "fri-sun", "Fri-7", "5-SUN", "fri,sat,sun", "0,5-6"] {
        assert_eq!(week(weekend), week("5,6,0"), "{weekend}");
    }
    for all in ["0-7", "0-6", "1-7", "sun-sat", "mon-sun", "*/1"] {
        assert_eq!(week(all), week("*"), "{all}");
    }
    assert_eq!(week("sun-tue/2"), week("0,2"));
}

#[test]
fn nicknames_stand_for_their_fields() {
    for (nickname, fields) in [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * sun"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        (" @HOURLY ", "0 * * * *"),
    ] {
        let next = |text| starts(text, Tz::Europe__London, "2026-03-09T11:22:33Z", 5);
        assert_eq!(next(nickname), next(fields), "{nickname}");
    }
}

#[test]
fn the_29th_of_february_comes_even_after_eight_years() {
    let leap_days = starts("0 9 29 2 *", Tz::UTC, "2026-01-01T00:00:00Z", 2);
    assert_eq!(leap_days, ["Tue 2028-02-29 09:00", "Sun 2032-02-29 09:00"]);
    // 1900 and 2100 are no leap years, but 2000 is.
    let leap_day = starts("0 9 29 2 *", Tz::UTC, "1996-03-01T00:00:00Z", 1);
    assert_eq!(leap_day, ["Tue 2000-02-29 09:00"]);
    // It falls on a Sunday once in 28 years.
    let rare = recurrence("0 9 29 2 */7");
    assert_eq!(rare.next(instant("2032-03-01T00:00:00Z"), Tz::UTC), None);
}

#[test]
fn the_ends_of_the_calendar_do_no_harm() {
    let always = recurrence("* * * * *");
    for zone in [Tz::America__New_York, Tz::Pacific__Apia] {
        assert_eq!(always.next(DateTime::<Utc>::MAX_UTC, zone), None);
        assert_eq!(always.next(instant("2101-06-01T00:00:00Z"), zone), None);
        assert!(always.next(DateTime::<Utc>::MIN_UTC, zone).is_some());
    }
}

/// The fields of minute and hour that mean this time of day, every day.
fn daily_at(time: NaiveTime) -> Recurrence {
    recurrence(&time.format("%-M %-H * * *").to_string())
}

#[test]
fn a_time_in_a_gap_starts_at_the_first_instant_after_it() {
    for (zone, first, last, end) in GAPS {
        let end = DateTime::parse_from_str(end, "%Y-%m-%dT%H:%M%:z").expect("an instant");
        let before = end.to_utc() - TimeDelta::hours(2);
        for minute in minutes(civil(first), civil(last)) {
            let daily = daily_at(minute.time());
            let start = daily.next(before, zone).expect("a start");
            assert_eq!(start, LocalStart { civil: minute, at: end }, "{zone}");
            let following = daily.next(end.to_utc(), zone).expect("a start");
            assert_eq!(following.civil, minute + TimeDelta::days(1), "{zone}");
            assert_eq!(following.at.naive_local(), following.civil, "{zone}");
        }
    }
}

#[test]
fn starts_that_a_gap_swallows_are_one_with_the_first_after_it() {
    for (zone, first, last, end) in GAPS {
        let end = DateTime::parse_from_str(end, "%Y-%m-%dT%H:%M%:z").expect("an instant");
        let always = recurrence("* * * * *");
        let start = always.next(end.to_utc() - TimeDelta::seconds(1), zone).expect("a start");
        assert_eq!(start, LocalStart { civil: civil(first), at: end }, "{zone}");
        let following = always.next(start.at.to_utc(), zone).expect("a start");
        assert_eq!(following.at, end + TimeDelta::minutes(1), "{zone}");
        assert_eq!(following.civil, civil(last) + TimeDelta::minutes(2), "{zone}");
    }
}

#[test]
fn a_time_that_comes_twice_starts_the_first_time_only() {
    for (zone, first, last, offset) in OVERLAPS {
        for minute in minutes(civil(first), civil(last)) {
            let daily = daily_at(minute.time());
            let before = zone::instant(zone, minute - TimeDelta::hours(2)).to_utc();
            let start = daily.next(before, zone).expect("a start");
            assert_eq!((start.civil, start.at.naive_local()), (minute, minute), "{zone}");
            assert_eq!(start.at.offset().to_string(), offset, "{zone}");
            let following = daily.next(start.at.to_utc(), zone).expect("a start");
            assert_eq!(following.civil, minute + TimeDelta::days(1), "{zone}");
        }
    }
}

#[test]
fn nothing_starts_while_the_clocks_repeat_themselves() {
    for (zone, _, last, _) in OVERLAPS {
        let always = recurrence("* * * * *");
        let last = zone::instant(zone, civil(last));
        let following = always.next(last.to_utc(), zone).expect("a start");
        assert_eq!(following.civil, last.naive_local() + TimeDelta::minutes(1), "{zone}");
        let repeated = (following.at - last).num_minutes() - 1;
        assert!(repeated >= 30, "{zone}");
        for minute in 1..=repeated {
            let shown_again = last.to_utc() + TimeDelta::minutes(minute);
            assert_eq!(always.next(shown_again, zone), Some(following), "{zone}");
        }
    }
}
