//! Clocks of called parties.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::zone;

/// An IANA time zone, ordered and stored by its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Zone(pub Tz);

impl Zone {
    /// Its IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl Ord for Zone {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Zone {
    type Err = chrono_tz::ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        name.parse().map(Self)
    }
}

impl TryFrom<String> for Zone {
    type Error = chrono_tz::ParseError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<Zone> for &'static str {
    fn from(zone: Zone) -> Self {
        zone.name()
    }
}

/// Local time of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalTime {
    /// The zone.
    pub zone: Zone,
    /// The time there.
    pub time: DateTime<FixedOffset>,
}

/// The clocks of a zone at an instant, and until when they run on without a change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) shows: LocalTime,
    /// Next change of the clocks, if any.
    change: Option<DateTime<Utc>>,
    /// End of the search.
    end: DateTime<Utc>,
}

impl Clock {
    pub(super) fn new(zone: Zone, at: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        let change = zone::change_after(zone.0, at).filter(|change| *change > at);
        Self { shows: LocalTime { zone, time: zone::local(zone.0, at) }, change, end }
    }

    /// The same clocks later. The zone's rules are only read again once they have changed.
    pub(super) fn later(&self, at: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        let LocalTime { zone, time } = self.shows;
        if self.change.is_some_and(|change| change <= at) {
            return Self::new(zone, at, end);
        }
        Self { shows: LocalTime { zone, time: at.with_timezone(time.offset()) }, end, ..*self }
    }

    pub(super) fn day(&self) -> NaiveDate {
        self.shows.time.date_naive()
    }

    pub(super) fn weekday(&self) -> usize {
        self.shows.time.weekday().num_days_from_monday() as usize
    }

    /// Minutes since midnight.
    pub(super) fn minute(&self) -> u16 {
        u16::try_from(self.shows.time.num_seconds_from_midnight() / 60).unwrap_or(u16::MAX)
    }

    /// The end of what is known: the next change of the clocks, or the end of the search.
    pub(super) fn steady_until(&self) -> DateTime<Utc> {
        self.change.map_or(self.end, |change| change.min(self.end))
    }

    /// Time at which the clocks show a later minute of this day, unless they change before.
    pub(super) fn until(&self, minute: u16) -> DateTime<Utc> {
        let into_the_minute = TimeDelta::seconds(i64::from(self.shows.time.second()))
            + TimeDelta::nanoseconds(i64::from(self.shows.time.nanosecond()));
        let minutes = i64::from(minute) - i64::from(self.minute());
        let ahead = TimeDelta::minutes(minutes) - into_the_minute;
        let later = self.shows.time.to_utc().checked_add_signed(ahead);
        later.map_or(self.end, |later| later.min(self.steady_until()))
    }

    pub(super) fn until_midnight(&self) -> DateTime<Utc> {
        self.until(24 * 60)
    }
}
