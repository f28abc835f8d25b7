//! Starts of a campaign: a cron expression evaluated on the clocks of a zone.
//!
//! The `cron` crate walks the calendar. It is given civil time dressed up as UTC, so that it meets
//! no change of clocks: it would skip the day of a gap and fire twice in an overlap. It has its own
//! syntax, too, with seconds first and Sunday as 1, and no OR of its two fields of days.

mod expression;

use std::{fmt, iter, str::FromStr};

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use cron::Schedule;

pub use self::expression::MalformedRecurrence;
use self::expression::{Field, Piece};
use crate::zone;

/// Time span in which the next start is searched: 29 February may be eight years away.
const HORIZON: TimeDelta = TimeDelta::days(8 * 366);

/// A cron expression as in crontab(5): minute, hour, day of the month, month, day of the week. It
/// is shown as it was written.
///
/// Lists, ranges, steps, names, Sunday as 0 and as 7, and `@daily` and its kin, all in any case. If
/// neither field of days begins with `*`, a day needs to match only one of them. An expression that
/// can never fire, such as one for 30 February, is malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    text: String,
    /// A day counts if it lies in any of them.
    schedules: Vec<Schedule>,
}

/// A start of a campaign in one zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalStart {
    /// The time of the expression, in whole minutes, even if the clocks skip it that day. It names
    /// the run.
    pub civil: NaiveDateTime,
    /// The instant, with the zone's offset.
    pub at: DateTime<FixedOffset>,
}

impl Recurrence {
    /// The first start in a zone that comes after the instant `after`.
    ///
    /// A time that the clocks skip starts at the first instant after the gap, however many of them
    /// lie in it; one that they show twice starts the first time only. `None` if there is no start
    /// within about eight years, or before 2101.
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<LocalStart> {
        // No expression fires before 1970, and none may lead out of the calendar.
        let after = after.max(DateTime::UNIX_EPOCH);
        let horizon = after.checked_add_signed(HORIZON)?;
        let shown = zone::local(zone, after).naive_local();
        // Clocks that were set back show times whose start is over.
        iter::successors(self.next_civil(shown), |civil| self.next_civil(*civil))
            .map(|civil| LocalStart { civil, at: zone::instant(zone, civil) })
            .find(|start| start.at > after)
            .filter(|start| start.at <= horizon)
    }

    fn next_civil(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let next = |schedule: &Schedule| schedule.after(&after.and_utc()).next();
        self.schedules.iter().filter_map(next).min().map(|civil| civil.naive_utc())
    }
}

impl FromStr for Recurrence {
    type Err = MalformedRecurrence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fields = expression::parse(text)?;
        let schedules = schedules(&fields)
            .map_err(|reason| Piece::whole(text).refused(format!("cannot be read: {reason}")))?;
        let recurrence = Self { text: text.to_owned(), schedules };
        match recurrence.next_civil(DateTime::UNIX_EPOCH.naive_utc()) {
            Some(_) => Ok(recurrence),
            None => Err(fields[2].piece.refused("no month of the expression has such a day")),
        }
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The fields in the crate's syntax. Days that need to match only one field take two schedules.
fn schedules(fields: &[Field<'_>; 5]) -> Result<Vec<Schedule>, cron::error::Error> {
    let [minute, hour, day, month, weekday] = fields;
    let either = day.is_restricted() && weekday.is_restricted();
    let [minutes, hours, days, months] =
        [minute, hour, day, month].map(|field| listed(field.values.iter().copied()));
    let weekdays = listed(weekday.values.iter().map(|day| day % 7 + 1));
    let schedule = |days: &str, weekdays: &str| {
        format!("0 {minutes} {hours} {days} {months} {weekdays}").parse()
    };
    if either {
        Ok(vec![schedule(&days, "*")?, schedule("*", &weekdays)?])
    } else {
        Ok(vec![schedule(&days, &weekdays)?])
    }
}

fn listed(values: impl Iterator<Item = u8>) -> String {
    values.map(|value| value.to_string()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
pub(super) mod tests;
