//! The table of holidays against rules that can be worked out by hand.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::super::{
    calendar::{CalendarDay, Calendars},
    rule::{HOLIDAY_YEARS, RULES},
};

fn years() -> impl Iterator<Item = i32> {
    let [first, last] = HOLIDAY_YEARS;
    first..=last
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn nth(year: i32, month: u32, weekday: Weekday, n: u8) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, weekday, n).expect("a day")
}

fn last_monday_of_may(year: i32) -> NaiveDate {
    let end = day(year, 5, 31);
    end - Days::new(u64::from(end.weekday().num_days_from_monday()))
}

/// Easter Sunday by the anonymous Gregorian computus of 1876, as Meeus prints it.
#[expect(clippy::many_single_char_names, reason = "the letters are those of the computus")]
fn easter(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    let of = |number: i32| u32::try_from(number).expect("small");
    day(year, of(sum / 31), of(sum % 31) + 1)
}

/// A fixed day, and the weekday beside the weekend it falls on.
fn observed(day: NaiveDate) -> Vec<NaiveDate> {
    match day.weekday() {
        Weekday::Sat => vec![day, day - Days::new(1)],
        Weekday::Sun => vec![day, day + Days::new(1)],
        _ => vec![day],
    }
}

fn assert_holiday(calendar: &str, day: NaiveDate) {
    // New Year's Day of the year after the table may be observed within it, and the other way.
    if (HOLIDAY_YEARS[0]..=HOLIDAY_YEARS[1]).contains(&day.year()) {
        let found = Calendars::CURRENT.look_up(calendar, day);
        assert!(matches!(found, CalendarDay::Holiday(_)), "{calendar} {day}");
    }
}

#[test]
fn federal_holidays_are_in_the_calendar_of_every_state() {
    for state in ["US-AL", "US-LA", "US-PA", "US-RI", "US-UT", "US-NE"] {
        for year in years() {
            let movable = [
                nth(year, 1, Weekday::Mon, 3),
                nth(year, 2, Weekday::Mon, 3),
                last_monday_of_may(year),
                nth(year, 9, Weekday::Mon, 1),
                nth(year, 10, Weekday::Mon, 2),
                nth(year, 11, Weekday::Thu, 4),
            ];
            let fixed = [day(year, 1, 1), day(year, 7, 4), day(year, 11, 11), day(year, 12, 25)];
            for holiday in movable.into_iter().chain(fixed.into_iter().flat_map(observed)) {
                assert_holiday(state, holiday);
            }
        }
    }
}

#[test]
fn the_days_that_laws_name_are_in_their_calendars() {
    for year in years() {
        let election_day = nth(year, 11, Weekday::Mon, 1) + Days::new(1);
        let good_friday = easter(year) - Days::new(2);
        let mardi_gras = easter(year) - Days::new(47);
        for (calendar, holiday) in [
            ("US-PA", election_day),
            ("US-PA", good_friday),
            ("US-PA", day(year, 6, 14)),
            ("US-LA", good_friday),
            ("US-LA", mardi_gras),
            ("US-AL", mardi_gras),
            ("US-RI", nth(year, 8, Weekday::Mon, 2)),
            ("US-UT", day(year, 7, 24)),
        ] {
            assert_holiday(calendar, holiday);
        }
    }
}

#[test]
fn the_holidays_of_other_countries_are_those_of_their_laws() {
    for year in years() {
        let easter_monday = easter(year) + Days::new(1);
        // Code du travail L. 3133-1.
        let ascension = easter(year) + Days::new(39);
        let whit_monday = easter(year) + Days::new(50);
        for (month, of_month) in
            [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
        {
            assert_holiday("FR", day(year, month, of_month));
        }
        for holiday in [easter_monday, ascension, whit_monday] {
            assert_holiday("FR", holiday);
        }
        // Legge 260/1949, articles 1 and 2.
        for (month, of_month) in
            [(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)]
        {
            assert_holiday("IT", day(year, month, of_month));
        }
        assert_holiday("IT", easter_monday);
        for holiday in
            [easter(year) - Days::new(2), easter_monday, day(year, 4, 25), day(year, 12, 25)]
        {
            assert_holiday("AU", holiday);
        }
        // Public Holidays Act 36 of 1994: a Sunday's is kept on the Monday as well.
        for (month, of_month) in
            [(1, 1), (3, 21), (4, 27), (5, 1), (6, 16), (8, 9), (9, 24), (12, 16), (12, 26)]
        {
            let holiday = day(year, month, of_month);
            assert_holiday("ZA", holiday);
            if holiday.weekday() == Weekday::Sun {
                assert_holiday("ZA", holiday + Days::new(1));
            }
        }
    }
}

#[test]
fn an_ordinary_day_is_no_holiday() {
    for (calendar, ordinary) in [
        ("US-RI", day(2026, 11, 25)),
        ("US-PA", day(2026, 11, 24)),
        ("FR", day(2026, 12, 26)),
        ("IT", day(2026, 3, 19)),
        ("AU", day(2026, 6, 8)),
    ] {
        assert_eq!(Calendars::CURRENT.look_up(calendar, ordinary), CalendarDay::Ordinary);
    }
}

#[test]
fn every_calendar_that_a_rule_means_has_days_in_every_year() {
    let calendars = RULES.iter().filter_map(|rule| rule.holidays.as_ref());
    for calendar in calendars.map(|holidays| holidays.calendar) {
        for year in years() {
            let days = day(year, 1, 1).iter_days().take_while(|day| day.year() == year);
            let holiday = |day: &NaiveDate| {
                matches!(Calendars::CURRENT.look_up(calendar, *day), CalendarDay::Holiday(_))
            };
            let count = days.filter(holiday).count();
            assert!((5..=45).contains(&count), "{calendar} {year}: {count}");
        }
    }
}

#[test]
fn a_year_beyond_the_table_is_unknown() {
    let [first, last] = HOLIDAY_YEARS;
    for year in [first - 1, last + 1] {
        let found = Calendars::CURRENT.look_up("FR", day(year, 3, 2));
        assert_eq!(found, CalendarDay::Unknown, "{year}");
    }
}
