//! Civil time in a zone: what a clock there shows at an instant, and when it shows a given time.
//!
//! [`Tz`] only names a zone. Its rules come from jiff's copy of the IANA database: that of
//! chrono-tz is older, and in the winter of 2027 it is an hour behind in Vancouver. The copy of the
//! operating system is never read, so a result is the same on every machine.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, Utc};
use chrono_tz::Tz;
use jiff::{
    Timestamp,
    tz::{self, AmbiguousOffset, TimeZone, TimeZoneDatabase},
};

/// Offset of a zone from UTC at an instant.
pub fn offset_at(zone: Tz, instant: DateTime<Utc>) -> FixedOffset {
    offset(rules(zone).to_offset(timestamp(instant)))
}

/// Local time of a zone at an instant.
pub fn local(zone: Tz, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    instant.with_timezone(&offset_at(zone, instant))
}

/// Next change of a zone's clocks, if any.
pub fn change_after(zone: Tz, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
    next_change(&rules(zone), instant)
}

/// The instant at which a zone's clocks first show a civil time, or pass it: one that exists twice
/// is the first of the two, one that does not exist is the first instant after the gap.
pub fn instant(zone: Tz, civil: NaiveDateTime) -> DateTime<FixedOffset> {
    let rules = rules(zone);
    let shown = tz::Offset::UTC.to_datetime(timestamp(civil.and_utc()));
    let at = match rules.to_ambiguous_timestamp(shown).offset() {
        AmbiguousOffset::Unambiguous { offset: only } => seen_from(civil, only),
        AmbiguousOffset::Fold { before, .. } => seen_from(civil, before),
        // A time in a gap, read with the offset that holds after it, lies before the gap by less
        // than its length.
        AmbiguousOffset::Gap { after, .. } => {
            let before = seen_from(civil, after);
            next_change(&rules, before).unwrap_or(before)
        }
    };
    local(zone, at)
}

/// jiff keeps the rules it has read. It has every zone that [`Tz`] can name, so none falls back to
/// UTC: both databases are compiled in, and a test compares them.
fn rules(zone: Tz) -> TimeZone {
    TimeZoneDatabase::bundled().get(zone.name()).unwrap_or(TimeZone::UTC)
}

/// The instant of a civil time on clocks with this offset.
fn seen_from(civil: NaiveDateTime, clocks: tz::Offset) -> DateTime<Utc> {
    civil.checked_sub_offset(offset(clocks)).unwrap_or(civil).and_utc()
}

/// Next change of the clocks, if any.
fn next_change(rules: &TimeZone, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let change = rules.following(timestamp(after)).next()?;
    DateTime::from_timestamp(change.timestamp().as_second(), 0)
}

/// jiff's calendar ends in the year 9999. No rule changes beyond it.
fn timestamp(instant: DateTime<Utc>) -> Timestamp {
    let seconds = instant.timestamp();
    let end = if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(seconds).unwrap_or(end)
}

/// The offsets of the database stay below a day, as chrono's must.
fn offset(offset: tz::Offset) -> FixedOffset {
    FixedOffset::east_opt(offset.seconds()).unwrap_or(Utc.fix())
}

#[cfg(test)]
pub(crate) mod changes;
#[cfg(test)]
mod tests;
