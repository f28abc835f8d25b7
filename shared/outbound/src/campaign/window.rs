//! The stretch of time in which a campaign may call the contacts of one zone.

use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{CallingHours, LocalStart};
use crate::zone;

/// Time window in which a campaign calls the contacts of one zone. The start belongs to it, the end
/// does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallingWindow {
    /// The zone.
    pub zone: Tz,
    /// The first instant, with the zone's offset then.
    pub start: DateTime<FixedOffset>,
    /// The first instant after it, with the zone's offset then.
    pub end: DateTime<FixedOffset>,
}

/// A window of a length of up to a day, cut where the clocks of the zone leave the calling hours.
///
/// A start outside the hours is refused, not moved: no operator asked for the time it would move
/// to.
pub fn calling_window(
    zone: Tz,
    start: &LocalStart,
    length: TimeDelta,
    hours: &CallingHours,
) -> Result<CallingWindow, OutsideCallingHours> {
    let first = start.at.to_utc();
    let time = clock(zone, first);
    if !hours.contains(time) {
        return Err(OutsideCallingHours { time, hours: *hours });
    }
    // A walk by minutes, since the clocks may jump on the way.
    let end = (1..=length.num_minutes())
        .map(|minutes| first + TimeDelta::minutes(minutes))
        .find(|minute| !hours.contains(clock(zone, *minute)))
        .unwrap_or(first + length);
    Ok(CallingWindow { zone, start: zone::local(zone, first), end: zone::local(zone, end) })
}

fn clock(zone: Tz, instant: DateTime<Utc>) -> NaiveTime {
    zone::local(zone, instant).time()
}

/// A campaign would start when no contact in the zone may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the local time {} is outside the calling hours {hours}", time.format("%H:%M"))]
pub struct OutsideCallingHours {
    /// Local time of the start.
    pub time: NaiveTime,
    /// Hours in which calls are allowed.
    pub hours: CallingHours,
}

#[cfg(test)]
mod tests;
