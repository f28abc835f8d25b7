//! Public holidays.

use chrono::{Datelike, NaiveDate};

use super::rule::HOLIDAY_YEARS;
use crate::phone::table::find;

/// The holidays of all calendars: `calendar day|name`, one line each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendars(pub(super) &'static str);

/// A day in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CalendarDay {
    Holiday(&'static str),
    Ordinary,
    /// The table ends before this day, or begins after it.
    Unknown,
}

impl Calendars {
    pub(super) const CURRENT: Self = Self(include_str!("../../data/law/public_holidays.txt"));

    pub(super) fn look_up(self, calendar: &str, day: NaiveDate) -> CalendarDay {
        let [first, last] = HOLIDAY_YEARS;
        if !(first..=last).contains(&day.year()) {
            return CalendarDay::Unknown;
        }
        match find(self.0, &format!("{calendar} {day}")) {
            Some(name) => CalendarDay::Holiday(name),
            None => CalendarDay::Ordinary,
        }
    }
}
