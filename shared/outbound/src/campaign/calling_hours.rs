//! The hours of the day in which people may be called.

use std::{fmt, str::FromStr};

use chrono::{NaiveTime, Timelike};

const MINUTES_PER_DAY: u32 = 24 * 60;

/// Hours of one day on the clocks of whoever is called, such as `08:00-21:00`. The start belongs to
/// them, the end does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallingHours {
    /// Minutes since midnight.
    start: u32,
    /// Minutes since midnight. That of 24:00 is in no [`NaiveTime`].
    end: u32,
}

impl CallingHours {
    /// 08:00 to 21:00, the hours of the United States' telemarketing rules.
    pub const DEFAULT: Self = Self { start: 8 * 60, end: 21 * 60 };

    /// Returns whether calls are allowed at this local time.
    pub fn contains(&self, time: NaiveTime) -> bool {
        (self.start..self.end).contains(&(time.hour() * 60 + time.minute()))
    }

    /// The first minute since midnight, and the first after the hours.
    pub(crate) fn minutes(self) -> [u32; 2] {
        [self.start, self.end]
    }

    /// Returns whether these hours lie within others.
    pub fn lies_within(&self, others: &Self) -> bool {
        others.start <= self.start && self.end <= others.end
    }
}

impl FromStr for CallingHours {
    type Err = InvalidCallingHours;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (start, end) = text.split_once('-').ok_or(InvalidCallingHours::Malformed)?;
        let (start, end) = (minutes(start)?, minutes(end)?);
        match start.cmp(&end) {
            std::cmp::Ordering::Less => Ok(Self { start, end }),
            std::cmp::Ordering::Equal => Err(InvalidCallingHours::Empty),
            std::cmp::Ordering::Greater => Err(InvalidCallingHours::CrossMidnight),
        }
    }
}

/// Reads `00:00` to `24:00` as minutes since midnight.
fn minutes(time: &str) -> Result<u32, InvalidCallingHours> {
    let number = |digits: &str| {
        let two_digits = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        two_digits.then(|| digits.parse::<u32>().ok())?
    };
    let (hour, minute) = time.split_once(':').ok_or(InvalidCallingHours::Malformed)?;
    number(hour)
        .zip(number(minute).filter(|minute| *minute < 60))
        .map(|(hour, minute)| hour * 60 + minute)
        .filter(|minutes| *minutes <= MINUTES_PER_DAY)
        .ok_or(InvalidCallingHours::Malformed)
}

impl fmt::Display for CallingHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [(start_hour, start), (end_hour, end)] =
            [self.start, self.end].map(|minutes| (minutes / 60, minutes % 60));
        write!(f, "{start_hour:02}:{start:02}-{end_hour:02}:{end:02}")
    }
}

/// Reason why a text is not valid calling hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCallingHours {
    /// It is not two times of day.
    #[error("must be two times of 24 hours, such as 08:00-21:00")]
    Malformed,
    /// The end is the start.
    #[error("must end after they start, such as 08:00-21:00")]
    Empty,
    /// The end lies before the start.
    #[error("must end on the day they start, at 24:00 at the latest")]
    CrossMidnight,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hours(text: &str) -> CallingHours {
        text.parse().expect("calling hours")
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().expect("a time")
    }

    #[test]
    fn the_start_belongs_to_the_hours_and_the_end_does_not() {
        let hours = hours("08:00-21:00");
        assert_eq!(hours, CallingHours::DEFAULT);
        for inside in ["08:00:00", "12:30:15", "20:59:59"] {
            assert!(hours.contains(time(inside)), "{inside}");
        }
        for outside in ["00:00:00", "07:59:59", "21:00:00", "23:59:59"] {
            assert!(!hours.contains(time(outside)), "{outside}");
        }
    }

    #[test]
    fn a_whole_day_ends_at_24_00() {
        let day = hours("00:00-24:00");
        assert!(day.contains(time("00:00:00")) && day.contains(time("23:59:59")));
        assert_eq!(day.to_string(), "00:00-24:00");
    }

    #[test]
    fn hours_lie_within_those_that_hold_them_all() {
        let legal = CallingHours::DEFAULT;
        for within in ["08:00-21:00", "09:00-17:00", "20:59-21:00"] {
            assert!(hours(within).lies_within(&legal), "{within}");
        }
        for beyond in ["07:59-21:00", "08:00-21:01", "00:00-24:00", "05:00-07:00"] {
            assert!(!hours(beyond).lies_within(&legal), "{beyond}");
        }
    }

    #[test]
    fn what_is_no_hours_of_one_day_is_refused_with_the_reason() {
        use InvalidCallingHours::{CrossMidnight, Empty, Malformed};
        for (text, reason) in [
            ("", Malformed),
            ("08:00", Malformed),
            ("8:00-21:00", Malformed),
            ("08:00 - 21:00", Malformed),
            ("08:00-21:60", Malformed),
            ("08:00-24:01", Malformed),
            ("08:00-25:00", Malformed),
            ("+8:00-21:00", Malformed),
            ("08.00-21.00", Malformed),
            ("08:00-21:00:00", Malformed),
            ("08:00-12:00,14:00-18:00", Malformed),
            ("08:00-08:00", Empty),
            ("24:00-24:00", Empty),
            ("21:00-08:00", CrossMidnight),
            ("20:00-00:00", CrossMidnight),
        ] {
            assert_eq!(text.parse::<CallingHours>(), Err(reason), "{text}");
        }
    }

    proptest! {
        #[test]
        fn hours_read_back_as_they_are_shown(start in 0_u32..1440, length in 1_u32..=1440) {
            let hours = CallingHours { start, end: (start + length).min(1440) };
            prop_assert_eq!(hours.to_string().parse(), Ok(hours));
        }

        #[test]
        fn reading_never_panics(text in "[0-9:-]{0,12}|.{0,12}") {
            if let Ok(hours) = text.parse::<CallingHours>() {
                prop_assert_eq!(hours.to_string(), text);
            }
        }
    }
}
