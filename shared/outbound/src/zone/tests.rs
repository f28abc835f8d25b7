use chrono::{Datelike, MappedLocalTime, TimeDelta, TimeZone as _};
use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::{
    changes::{AGREED, GAPS, OVERLAPS, civil, minutes},
    *,
};

fn shown(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%dT%H:%M%:z").to_string()
}

/// Local time by chrono-tz, for zones on whose rules both databases agree.
fn oracle(zone: Tz, civil: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&civil) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
        MappedLocalTime::None => oracle(zone, civil + TimeDelta::minutes(1)),
    }
}

fn agree_on(zone: Tz, at: DateTime<Utc>) -> bool {
    let theirs = at.with_timezone(&zone).naive_local();
    local(zone, at).naive_local() == theirs && instant(zone, theirs) == oracle(zone, theirs)
}

#[test]
fn every_zone_that_can_be_named_has_rules() {
    for zone in TZ_VARIANTS {
        assert!(TimeZoneDatabase::bundled().get(zone.name()).is_ok(), "{zone}");
    }
}

/// Beyond the calendar of the rules, clocks show what they show at its end on that side.
#[test]
fn the_ends_of_time_have_the_clocks_that_come_nearest() {
    let year = |year: i32| Utc.with_ymd_and_hms(year, 7, 1, 12, 0, 0).single().expect("a time");
    for (instant, near) in [(year(20_000), year(9_998)), (year(-20_000), year(-9_000))] {
        let zone = Tz::America__New_York;
        let december = |at: DateTime<Utc>| at + TimeDelta::days(183);
        assert_eq!(offset_at(zone, instant), offset_at(zone, december(near)), "{instant}");
    }
}

#[test]
fn a_time_that_does_not_exist_is_the_first_instant_after_the_gap() {
    for (zone, first, last, end) in GAPS {
        let (first, last) = (civil(first), civil(last));
        for minute in minutes(first, last) {
            assert_eq!(shown(instant(zone, minute)), end, "{zone} {minute}");
        }
        for outside in [first - TimeDelta::minutes(1), last + TimeDelta::minutes(1)] {
            assert_eq!(instant(zone, outside).naive_local(), outside, "{zone}");
        }
    }
}

#[test]
fn a_time_that_exists_twice_is_the_first_one() {
    for (zone, first, last, offset) in OVERLAPS {
        let (first, last) = (civil(first), civil(last));
        for minute in minutes(first, last) {
            let at = instant(zone, minute);
            assert_eq!((at.naive_local(), at.offset().to_string()), (minute, offset.into()));
        }
        let repeated = instant(zone, last).to_utc() + TimeDelta::minutes(1);
        assert_eq!(local(zone, repeated).naive_local(), first, "{zone}");
        let after = last + TimeDelta::minutes(1);
        assert_ne!(instant(zone, after).offset().to_string(), offset, "{zone}");
    }
}

#[test]
fn the_tables_miss_no_change_of_the_clocks() {
    for zone in AGREED {
        let start = instant(zone, civil("2026-01-01T00:00")).to_utc();
        let changes = rules(zone)
            .following(timestamp(start))
            .take_while(|change| change.timestamp() < timestamp(start + TimeDelta::days(730)))
            .count();
        let listed = GAPS.iter().chain(&OVERLAPS).filter(|(of, ..)| *of == zone).count();
        assert_eq!(changes, listed, "{zone}");
    }
}

#[test]
fn a_second_library_agrees_on_every_minute_around_each_change() {
    for (zone, first, ..) in GAPS.iter().chain(&OVERLAPS) {
        let change = oracle(*zone, civil(first));
        for minute in -180..=180 {
            let at = change + TimeDelta::minutes(minute);
            assert!(agree_on(*zone, at), "{zone} {at}");
        }
        for minute in -180..=180 {
            let civil = civil(first) + TimeDelta::minutes(minute);
            assert_eq!(instant(*zone, civil), oracle(*zone, civil), "{zone} {civil}");
        }
    }
}

#[test]
fn a_day_that_was_skipped_ends_at_the_next_midnight() {
    // Samoa crossed the date line at the end of 29 December 2011.
    let friday = instant(Tz::Pacific__Apia, civil("2011-12-30T12:00"));
    assert_eq!(shown(friday), "2011-12-31T00:00+14:00");
}

#[test]
fn the_rules_are_those_of_2026() {
    let offset = |zone, at: &str| offset_at(zone, at.parse().expect("an instant")).to_string();
    // British Columbia stays on summer time from 2026 on.
    assert_eq!(offset(Tz::America__Vancouver, "2026-01-15T20:00:00Z"), "-08:00");
    assert_eq!(offset(Tz::America__Vancouver, "2027-01-15T20:00:00Z"), "-07:00");
}

#[test]
fn the_ends_of_the_calendar_do_no_harm() {
    for end in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert_eq!(local(Tz::Asia__Kolkata, end).to_utc(), end);
        assert_eq!(instant(Tz::UTC, end.naive_utc()).year(), end.year());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_second_library_agrees_on_any_instant(
        zone in prop::sample::select(&AGREED[..]),
        // 2026 and 2027, to the second.
        seconds in 1_767_225_600_i64..1_830_297_600,
    ) {
        let at = DateTime::from_timestamp(seconds, 0).expect("an instant");
        prop_assert!(agree_on(zone, at), "{} {}", zone, at);
    }

    #[test]
    fn a_later_civil_time_is_never_an_earlier_instant(
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        minutes in 0_i64..40_000_000,
        later in 0_i64..3_000,
    ) {
        let one = DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::minutes(minutes);
        let other = one + TimeDelta::minutes(later);
        prop_assert!(instant(zone, one) <= instant(zone, other), "{} {} {}", zone, one, other);
        prop_assert!(instant(zone, one).naive_local() >= one, "{} {}", zone, one);
    }
}
