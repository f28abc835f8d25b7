//! Hours of a skill: times of day in which each zone may be called, by the clocks there.

use std::{fmt, ops::Range, str::FromStr};

use chrono::{DateTime, FixedOffset, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

use crate::{Error, reading};

const DAY: u16 = 24 * 60;

/// The longest window that hours of a day are set for: a longer one would not end.
const WINDOW_MAX: u16 = 22 * 60;

/// Use of a skill's hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScheduleMode {
    /// They are compared with what a campaign needs.
    Verify,
    /// They are set to what a campaign needs.
    Hours,
}

impl FromStr for ScheduleMode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "verify" => Ok(Self::Verify),
            "hours" => Ok(Self::Hours),
            _ => Err("expected verify or hours"),
        }
    }
}

/// A part of a day, in minutes after midnight: at least one minute, and not beyond midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimesOfDay {
    start: u16,
    end: u16,
}

impl TimesOfDay {
    /// Hours that the law allows in most places.
    pub(super) const CURFEW: Self = Self { start: 8 * 60, end: 21 * 60 };

    fn new(start: u16, end: u16) -> Option<Self> {
        (start < end && end <= DAY).then_some(Self { start, end })
    }

    /// The times that a window covers on the clocks of its zone. Hours of a skill recur every day
    /// and have no date, so a window that goes beyond midnight has none.
    pub(super) fn of(
        start: DateTime<FixedOffset>,
        end: DateTime<FixedOffset>,
    ) -> Result<Self, Error> {
        let (from, to) = (start.naive_local(), end.naive_local());
        // A second that has begun counts.
        let last = to - TimeDelta::nanoseconds(1);
        let minutes = |at: chrono::NaiveDateTime| at.num_seconds_from_midnight() / 60;
        let times = u16::try_from(minutes(from)).ok().zip(u16::try_from(minutes(last) + 1).ok());
        let times = times.filter(|_| from.date() == last.date() && start < end);
        let times = times.and_then(|(start, end)| Self::new(start, end));
        times.filter(|times| times.end - times.start <= WINDOW_MAX).ok_or_else(|| Error::Invalid {
            detail: format!(
                "hours of a skill are within one day, and the window is from {from} to {to}"
            ),
        })
    }

    /// Returns whether all of `other` is in it.
    pub(super) fn encloses(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns whether clocks that show `at` are within it.
    pub(super) fn contains(self, at: chrono::NaiveTime) -> bool {
        (u32::from(self.start)..u32::from(self.end))
            .contains(&(at.num_seconds_from_midnight() / 60))
    }

    /// Its minutes after midnight.
    pub(super) fn minutes(self) -> Range<u16> {
        self.start..self.end
    }

    /// Minutes after midnight at which it ends.
    pub(super) fn end(self) -> TimeDelta {
        TimeDelta::minutes(self.end.into())
    }

    /// Its start and its end as CXone reads them: with seconds, if it writes them.
    fn written(self, with_seconds: bool) -> (String, String) {
        let seconds = if with_seconds { ":00" } else { "" };
        (format!("{}{seconds}", clock(self.start)), format!("{}{seconds}", clock(self.end)))
    }
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

impl fmt::Display for TimesOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", clock(self.start), clock(self.end))
    }
}

impl FromStr for TimesOfDay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let times = text.split_once('-').and_then(|(start, end)| {
            Self::new(minutes(start, Round::Up)?, minutes(end, Round::Down)?)
        });
        times.ok_or("expected two times of day such as 08:00-21:00")
    }
}

/// Direction in which seconds of a time of day are rounded to minutes.
#[derive(Clone, Copy, PartialEq)]
enum Round {
    Up,
    Down,
}

/// Minutes after midnight of `HH:MM` or `HH:MM:SS`, up to `24:00`.
fn minutes(text: &str, round: Round) -> Option<u16> {
    let mut parts = text.trim().split(':').map(|part| {
        let is_plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| part.parse::<u16>().ok())?
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().map_or(Some(0), |second| second)?;
    let minutes = hour * 60 + minute + u16::from(second > 0 && round == Round::Up);
    (parts.next().is_none() && minute < 60 && second < 60 && minutes <= DAY).then_some(minutes)
}

/// Hours of one zone, as a skill has them and as they are written back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Row")]
pub(super) struct ZoneHours {
    /// Windows name of the zone.
    pub(super) standard_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone_active_to_call: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    override_time: Option<bool>,
}

/// Hours of one zone on the wire, where the zone has one of two names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(default, deserialize_with = "reading::optional_text")]
    standard_name: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    start_time: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    end_time: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    time_zone_active_to_call: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    override_time: Option<bool>,
}

impl From<Row> for ZoneHours {
    fn from(row: Row) -> Self {
        Self {
            standard_name: row.standard_name.or(row.name).unwrap_or_default(),
            start_time: row.start_time,
            end_time: row.end_time,
            time_zone_active_to_call: row.time_zone_active_to_call,
            override_time: row.override_time,
        }
    }
}

impl ZoneHours {
    /// Returns whether the zone may be called at all. A zone of which that is not said may not.
    pub(super) fn is_active(&self) -> bool {
        self.time_zone_active_to_call == Some(true)
    }

    /// Returns whether CXone says that the zone must not be called.
    pub(super) fn is_closed(&self) -> bool {
        self.time_zone_active_to_call == Some(false)
    }

    /// Its hours. `None` when they cannot be read.
    pub(super) fn hours(&self) -> Option<TimesOfDay> {
        let (start, end) = (self.start_time.as_deref()?, self.end_time.as_deref()?);
        TimesOfDay::new(minutes(start, Round::Up)?, minutes(end, Round::Down)?)
    }

    /// Its start and its end as CXone writes them.
    pub(super) fn times(&self) -> Option<(&str, &str)> {
        self.start_time.as_deref().zip(self.end_time.as_deref())
    }

    /// Whether its hours are said to replace others.
    pub(super) fn overrides(&self) -> Option<bool> {
        self.override_time
    }

    fn has_seconds(&self) -> bool {
        self.start_time.as_ref().is_some_and(|time| time.matches(':').count() == 2)
    }

    /// The same zone with times of day such as `24:00`, whatever they mean, in the spelling of those
    /// it has.
    pub(super) fn spelled(&self, [start, end]: [&str; 2], override_time: Option<bool>) -> Self {
        let seconds = if self.has_seconds() { ":00" } else { "" };
        Self {
            start_time: Some(format!("{start}{seconds}")),
            end_time: Some(format!("{end}{seconds}")),
            override_time: override_time.or(self.override_time),
            ..self.clone()
        }
    }

    /// The same zone with other hours, in the spelling of those it has.
    pub(super) fn with(&self, hours: TimesOfDay) -> Self {
        let (start, end) = hours.written(self.has_seconds());
        Self {
            start_time: Some(start),
            end_time: Some(end),
            override_time: Some(true),
            ..self.clone()
        }
    }
}

/// Hours of all zones of a skill, to be written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewHours {
    pub(super) time_zone_settings: Vec<ZoneHours>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> DateTime<FixedOffset> {
        text.parse().expect("an instant")
    }

    fn times(text: &str) -> TimesOfDay {
        text.parse().expect(text)
    }

    #[test]
    fn a_window_is_the_times_that_clocks_show() {
        for (start, end, expected) in [
            ("2026-11-02T10:00:00-05:00", "2026-11-02T14:30:00-05:00", Some("10:00-14:30")),
            // The clocks go back in between.
            ("2026-11-01T00:30:00-04:00", "2026-11-01T09:00:00-05:00", Some("00:30-09:00")),
            ("2026-11-02T10:00:30-05:00", "2026-11-02T14:30:30-05:00", Some("10:00-14:31")),
            ("2026-11-02T20:00:00-05:00", "2026-11-03T00:00:00-05:00", Some("20:00-24:00")),
            ("2026-11-02T20:00:00-05:00", "2026-11-03T01:00:00-05:00", None),
            ("2026-11-02T00:00:00-05:00", "2026-11-02T23:00:00-05:00", None),
            ("2026-11-02T10:00:00-05:00", "2026-11-02T10:00:00-05:00", None),
            ("2026-11-02T10:00:00-05:00", "2026-11-03T11:00:00-05:00", None),
        ] {
            let window = TimesOfDay::of(at(start), at(end)).ok().map(|times| times.to_string());
            assert_eq!(window.as_deref(), expected, "{start} {end}");
        }
    }

    #[test]
    fn times_are_read_with_and_without_seconds_and_on_the_careful_side() {
        for (start, end, expected) in [
            ("08:00", "21:00", Some("08:00-21:00")),
            ("08:00:00", "21:00:00", Some("08:00-21:00")),
            ("08:00:30", "20:59:59", Some("08:01-20:59")),
            ("00:00", "24:00", Some("00:00-24:00")),
            ("00:00", "23:59", Some("00:00-23:59")),
            ("21:00", "08:00", None),
            ("08:00", "08:00", None),
            ("00:00", "00:00", None),
            ("8:00", "21:00", None),
            ("08:00", "24:01", None),
            ("08:60", "21:00", None),
            ("08:00", "", None),
            ("08:00", "9 PM", None),
        ] {
            let read: ZoneHours =
                serde_json::from_value(json!({ "startTime": start, "endTime": end }))
                    .expect("hours");
            assert_eq!(
                read.hours().map(|hours| hours.to_string()).as_deref(),
                expected,
                "{start} {end}"
            );
        }
    }

    #[test]
    fn hours_are_written_as_they_are_read() {
        for (start, expected) in [("08:00", "09:30"), ("08:00:00", "09:30:00")] {
            let row = json!({ "name": "Eastern Standard Time", "startTime": start, "endTime": start,
                "timeZoneActiveToCall": true, "description": "not written" });
            let row: ZoneHours = serde_json::from_value(row).expect("hours");
            let written = json!(row.with(times("09:30-10:00")));
            assert_eq!(written["startTime"], expected);
            assert_eq!(written["standardName"], "Eastern Standard Time");
            assert_eq!(written["overrideTime"], true);
            assert_eq!(written.as_object().map(serde_json::Map::len), Some(5), "{written}");
        }
    }

    #[test]
    fn a_zone_of_which_it_is_not_said_whether_it_may_be_called_may_not() {
        for (active, expected) in [
            (json!(true), true),
            (json!("True"), true),
            (json!(false), false),
            (json!(null), false),
        ] {
            let row: ZoneHours =
                serde_json::from_value(json!({ "timeZoneActiveToCall": active })).expect("hours");
            assert_eq!(row.is_active(), expected, "{active}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(start in 0..DAY, length in 1..DAY, with_seconds: bool) {
            let hours = TimesOfDay::new(start, (start + length).min(DAY)).expect("hours");
            let (start, end) = hours.written(with_seconds);
            let row = json!({ "startTime": start, "endTime": end });
            let row: ZoneHours = serde_json::from_value(row).expect("hours");
            prop_assert_eq!(row.hours(), Some(hours));
            prop_assert_eq!(hours.to_string().parse::<TimesOfDay>(), Ok(hours));
        }

        /// Against a count of minutes.
        #[test]
        fn hours_enclose_others_if_they_contain_each_of_their_minutes(
            a in 0..DAY, b in 0..DAY, c in 0..DAY, d in 0..DAY,
        ) {
            let (Some(outer), Some(inner)) = (TimesOfDay::new(a, b), TimesOfDay::new(c, d)) else {
                return Ok(());
            };
            let minute = |at: u16| {
                let seconds = u32::from(at) * 60 + 59;
                chrono::NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).expect("a time")
            };
            let all = (0..DAY).filter(|at| inner.contains(minute(*at))).all(|at| outer.contains(minute(at)));
            prop_assert_eq!(outer.encloses(inner), all);
        }

        #[test]
        fn reading_times_never_panics(text in "\\PC{0,12}") {
            let _ = text.parse::<TimesOfDay>();
        }
    }
}
