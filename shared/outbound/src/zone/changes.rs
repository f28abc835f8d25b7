//! Every change of the clocks in 2026 and 2027, written out by hand for zones whose rules are the
//! same in all libraries.

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

/// With whole hours and half ones, with and without summer time, in both hemispheres and beside
/// the date line.
pub(crate) const AGREED: [Tz; 8] = [
    Tz::America__New_York,
    Tz::America__Los_Angeles,
    Tz::America__Phoenix,
    Tz::Europe__London,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::America__St_Johns,
    Tz::Pacific__Apia,
];

/// Zone, first and last minute that do not exist, the instant that follows them.
pub(crate) const GAPS: [(Tz, &str, &str, &str); 10] = [
    (Tz::America__New_York, "2026-03-08T02:00", "2026-03-08T02:59", "2026-03-08T03:00-04:00"),
    (Tz::America__New_York, "2027-03-14T02:00", "2027-03-14T02:59", "2027-03-14T03:00-04:00"),
    (Tz::America__Los_Angeles, "2026-03-08T02:00", "2026-03-08T02:59", "2026-03-08T03:00-07:00"),
    (Tz::America__Los_Angeles, "2027-03-14T02:00", "2027-03-14T02:59", "2027-03-14T03:00-07:00"),
    (Tz::Europe__London, "2026-03-29T01:00", "2026-03-29T01:59", "2026-03-29T02:00+01:00"),
    (Tz::Europe__London, "2027-03-28T01:00", "2027-03-28T01:59", "2027-03-28T02:00+01:00"),
    (Tz::Australia__Lord_Howe, "2026-10-04T02:00", "2026-10-04T02:29", "2026-10-04T02:30+11:00"),
    (Tz::Australia__Lord_Howe, "2027-10-03T02:00", "2027-10-03T02:29", "2027-10-03T02:30+11:00"),
    (Tz::America__St_Johns, "2026-03-08T02:00", "2026-03-08T02:59", "2026-03-08T03:00-02:30"),
    (Tz::America__St_Johns, "2027-03-14T02:00", "2027-03-14T02:59", "2027-03-14T03:00-02:30"),
];

/// Zone, first and last minute that exist twice, the offset at which they exist first.
pub(crate) const OVERLAPS: [(Tz, &str, &str, &str); 10] = [
    (Tz::America__New_York, "2026-11-01T01:00", "2026-11-01T01:59", "-04:00"),
    (Tz::America__New_York, "2027-11-07T01:00", "2027-11-07T01:59", "-04:00"),
    (Tz::America__Los_Angeles, "2026-11-01T01:00", "2026-11-01T01:59", "-07:00"),
    (Tz::America__Los_Angeles, "2027-11-07T01:00", "2027-11-07T01:59", "-07:00"),
    (Tz::Europe__London, "2026-10-25T01:00", "2026-10-25T01:59", "+01:00"),
    (Tz::Europe__London, "2027-10-31T01:00", "2027-10-31T01:59", "+01:00"),
    (Tz::Australia__Lord_Howe, "2026-04-05T01:30", "2026-04-05T01:59", "+11:00"),
    (Tz::Australia__Lord_Howe, "2027-04-04T01:30", "2027-04-04T01:59", "+11:00"),
    (Tz::America__St_Johns, "2026-11-01T01:00", "2026-11-01T01:59", "-02:30"),
    (Tz::America__St_Johns, "2027-11-07T01:00", "2027-11-07T01:59", "-02:30"),
];

pub(crate) fn civil(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").expect("a civil time")
}

pub(crate) fn minutes(
    first: NaiveDateTime,
    last: NaiveDateTime,
) -> impl Iterator<Item = NaiveDateTime> {
    std::iter::successors(Some(first), |minute| Some(*minute + TimeDelta::minutes(1)))
        .take_while(move |minute| *minute <= last)
}
