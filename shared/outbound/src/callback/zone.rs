//! The clock a customer reads.

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;

use crate::{
    E164,
    phone::time_zones,
    zone::{self, offset_at},
};

/// The customer's time zone, and how it came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerZone {
    /// The sender named it.
    Given(Tz),
    /// The only zone of the number that has the offset the sender wrote the window with. A number's
    /// zones alone are a guess: people move with their numbers.
    OfNumber(Tz),
    /// The offset the sender wrote the window with: no zone of the number has it, or several do.
    Offset(FixedOffset),
}

impl CustomerZone {
    /// The zone that was given; else the zone of the number that has the offsets in which the start
    /// and the end of the window were written; else the offset of its start. The written offset is
    /// what the caller stated, so no guess overrules it.
    pub(super) fn of(
        given: Option<Tz>,
        number: &E164,
        [start, end]: [DateTime<FixedOffset>; 2],
    ) -> Self {
        if let Some(zone) = given {
            return Self::Given(zone);
        }
        let agrees =
            |zone: &Tz| [start, end].iter().all(|at| offset_at(*zone, at.to_utc()) == *at.offset());
        let mut agreeing = time_zones(number).into_iter().filter(agrees);
        match (agreeing.next(), agreeing.next()) {
            (Some(zone), None) => Self::OfNumber(zone),
            _ => Self::Offset(*start.offset()),
        }
    }

    /// The zone that the sender named.
    pub fn given(&self) -> Option<Tz> {
        match self {
            Self::Given(zone) => Some(*zone),
            Self::OfNumber(_) | Self::Offset(_) => None,
        }
    }

    /// Local time of the customer at an instant.
    pub fn local(&self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        match self {
            Self::Given(zone) | Self::OfNumber(zone) => zone::local(*zone, instant),
            Self::Offset(offset) => instant.with_timezone(offset),
        }
    }

    /// The zone as a customer can recognize it, in ASCII: its city and what it differs from UTC by
    /// at that instant (`New York, UTC-4`), or the difference alone where there is no city.
    ///
    /// Abbreviations would be shorter, but `CST` and `IST` each mean three zones, and `EDT` is
    /// another word in every language.
    pub fn label(&self, instant: DateTime<Utc>) -> String {
        let offset = offset_label(*self.local(instant).offset());
        match self {
            Self::Given(zone) | Self::OfNumber(zone) => match city(*zone) {
                Some(city) => format!("{city}, {offset}"),
                None => offset,
            },
            Self::Offset(_) => offset,
        }
    }
}

/// `America/Argentina/Buenos_Aires` is `Buenos Aires`; `Etc/GMT+5` and `EST5EDT` are no city.
fn city(zone: Tz) -> Option<String> {
    let (area, name) = zone.name().rsplit_once('/')?;
    (area != "Etc").then(|| name.replace('_', " "))
}

fn offset_label(offset: FixedOffset) -> String {
    let minutes = offset.local_minus_utc() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    const WASHINGTON: &str = "+12025550198";
    /// Boise and Los Angeles never agree.
    const IDAHO: &str = "+12082990100";
    /// In the Navajo Nation clocks change, in the rest of Arizona they do not.
    const ARIZONA: &str = "+19282830100";
    const TOLL_FREE: &str = "+18005550198";
    const UNKNOWN: &str = "+9999999999";

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    /// The zone of a request for four hours from `start`, all in its offset.
    fn zone(given: Option<Tz>, number: &str, start: &str) -> CustomerZone {
        let start = DateTime::parse_from_rfc3339(start).expect("an instant");
        let number = number.parse().expect("E.164");
        CustomerZone::of(given, &number, [start, start + TimeDelta::hours(4)])
    }

    fn hours(hours: i32) -> CustomerZone {
        CustomerZone::Offset(FixedOffset::east_opt(hours * 3600).expect("an offset"))
    }

    #[test]
    fn the_given_zone_comes_first() {
        let tokyo = zone(Some(Tz::Asia__Tokyo), WASHINGTON, "2026-03-10T09:00:00-04:00");
        assert_eq!(tokyo, CustomerZone::Given(Tz::Asia__Tokyo));
    }

    #[test]
    fn the_zone_of_the_number_that_has_the_written_offset_comes_next() {
        for (number, start, expected) in [
            (WASHINGTON, "2026-03-10T09:00:00-04:00", Tz::America__New_York),
            (IDAHO, "2026-07-10T09:00:00-06:00", Tz::America__Boise),
            (IDAHO, "2026-07-10T09:00:00-07:00", Tz::America__Los_Angeles),
            (ARIZONA, "2026-07-10T09:00:00-07:00", Tz::America__Phoenix),
            (ARIZONA, "2026-07-10T09:00:00-06:00", Tz::America__Denver),
        ] {
            let zone = zone(None, number, start);
            assert_eq!(zone, CustomerZone::OfNumber(expected), "{number} {start}");
        }
    }

    #[test]
    fn the_written_offset_is_never_overruled_by_the_number() {
        assert_eq!(zone(None, WASHINGTON, "2026-03-10T09:00:00+09:00"), hours(9));
        assert_eq!(zone(None, WASHINGTON, "2026-03-10T09:00:00Z"), hours(0));
        assert_eq!(zone(None, WASHINGTON, "2026-01-10T09:00:00-04:00"), hours(-4));
        assert_eq!(zone(None, UNKNOWN, "2026-03-10T09:00:00-07:00"), hours(-7));
    }

    #[test]
    fn several_zones_that_agree_name_no_city() {
        assert_eq!(zone(None, ARIZONA, "2026-02-10T09:00:00-07:00"), hours(-7));
        assert_eq!(zone(None, TOLL_FREE, "2026-03-10T09:00:00-07:00"), hours(-7));
    }

    #[test]
    fn a_zone_must_agree_at_both_ends_of_the_window() {
        // Clocks change on 8 March 2026 at 07:00 UTC, in the middle.
        let [before, after] = ["2026-03-08T01:00:00-05:00", "2026-03-08T05:00:00-04:00"]
            .map(|at| DateTime::parse_from_rfc3339(at).expect("an instant"));
        let number = WASHINGTON.parse().expect("E.164");
        let changing = CustomerZone::of(None, &number, [before, after]);
        assert_eq!(changing, CustomerZone::OfNumber(Tz::America__New_York));
        let fixed = CustomerZone::of(None, &number, [before, after.with_timezone(before.offset())]);
        assert_eq!(fixed, hours(-5));
        let elsewhere = CustomerZone::of(None, &UNKNOWN.parse().expect("E.164"), [before, after]);
        assert_eq!(elsewhere, hours(-5));
    }

    proptest! {
        #[test]
        fn without_a_given_zone_the_clock_is_the_written_one(
            number in prop_oneof![Just(WASHINGTON), Just(IDAHO), Just(ARIZONA), Just(TOLL_FREE)],
            minutes in -56_i32..=56,
            day in 0_i64..730,
            length in 1_i64..=4,
        ) {
            let offset = FixedOffset::east_opt(minutes * 15 * 60).expect("an offset");
            let start = (instant("2026-01-01T05:30:00Z") + TimeDelta::days(day)).with_timezone(&offset);
            let end = start + TimeDelta::hours(length);
            let zone = CustomerZone::of(None, &number.parse().expect("E.164"), [start, end]);
            for at in [start, end] {
                prop_assert_eq!(zone.local(at.to_utc()).naive_local(), at.naive_local());
            }
        }
    }

    #[test]
    fn a_zone_is_named_by_its_city_and_its_offset() {
        let label = |zone, at| CustomerZone::Given(zone).label(instant(at));
        let (winter, summer) = ("2026-01-10T12:00:00Z", "2026-07-10T12:00:00Z");
        assert_eq!(label(Tz::America__New_York, winter), "New York, UTC-5");
        assert_eq!(label(Tz::America__New_York, summer), "New York, UTC-4");
        assert_eq!(label(Tz::Europe__London, winter), "London, UTC");
        assert_eq!(label(Tz::Australia__Lord_Howe, winter), "Lord Howe, UTC+11");
        assert_eq!(label(Tz::Australia__Lord_Howe, summer), "Lord Howe, UTC+10:30");
        assert_eq!(label(Tz::America__St_Johns, winter), "St Johns, UTC-3:30");
        assert_eq!(label(Tz::America__Argentina__Buenos_Aires, winter), "Buenos Aires, UTC-3");
        assert_eq!(label(Tz::Etc__GMTPlus5, winter), "UTC-5");
        assert_eq!(label(Tz::EST5EDT, summer), "UTC-4");
        assert_eq!(hours(9).label(instant(winter)), "UTC+9");
    }
}
