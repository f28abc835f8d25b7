//! The clock a customer reads.

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;

use super::Window;
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
    /// The only zone in which the number's prefix is used. A guess: people move with their numbers.
    OfNumber(Tz),
    /// Only the difference from UTC is known: the number's zones agree on it, or the sender wrote
    /// the window with it.
    Offset(FixedOffset),
}

impl CustomerZone {
    /// The zone that was given; else the number's, if the prefix is used in one zone, or in several
    /// that show the same time all through the window; else the offset the window was written in.
    pub(super) fn of(
        given: Option<Tz>,
        number: &E164,
        window: &Window,
        written: FixedOffset,
    ) -> Self {
        if let Some(zone) = given {
            return Self::Given(zone);
        }
        match time_zones(number)[..] {
            [zone] => Self::OfNumber(zone),
            ref zones => Self::Offset(agreed_offset(zones, window).unwrap_or(written)),
        }
    }

    /// What the customer's clock shows at an instant.
    pub fn local(&self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        match self {
            Self::Given(zone) | Self::OfNumber(zone) => zone::local(*zone, instant),
            Self::Offset(offset) => instant.with_timezone(offset),
        }
    }

    /// The zone as a customer can recognise it, in ASCII: its city and what it differs from UTC by
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

/// The offset that all zones have at both ends of the window.
fn agreed_offset(zones: &[Tz], window: &Window) -> Option<FixedOffset> {
    let mut offsets = zones
        .iter()
        .flat_map(|zone| [window.start(), window.end()].map(|instant| offset_at(*zone, instant)));
    let first = offsets.next()?;
    offsets.all(|offset| offset == first).then_some(first)
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

    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn zone(given: Option<Tz>, number: &str, start: &str) -> CustomerZone {
        let written = DateTime::parse_from_rfc3339(start).expect("an instant");
        let window = Window::new(written.to_utc(), written.to_utc() + TimeDelta::hours(4));
        let number = number.parse().expect("E.164");
        CustomerZone::of(given, &number, &window.expect("a window"), *written.offset())
    }

    fn hours(hours: i32) -> CustomerZone {
        CustomerZone::Offset(FixedOffset::east_opt(hours * 3600).expect("an offset"))
    }

    #[test]
    fn the_given_zone_comes_before_that_of_the_number() {
        let tokyo = zone(Some(Tz::Asia__Tokyo), "+12025550198", "2026-03-10T09:00:00Z");
        assert_eq!(tokyo, CustomerZone::Given(Tz::Asia__Tokyo));
    }

    #[test]
    fn the_zone_of_the_number_comes_before_the_written_offset() {
        let washington = zone(None, "+12025550198", "2026-03-10T09:00:00+09:00");
        assert_eq!(washington, CustomerZone::OfNumber(Tz::America__New_York));
    }

    #[test]
    fn an_ambiguous_number_takes_the_written_offset() {
        // Boise and Los Angeles never agree; the toll-free number and the unknown one tell nothing.
        for number in ["+12082990100", "+18005550198", "+9999999999"] {
            assert_eq!(zone(None, number, "2026-03-10T09:00:00-07:00"), hours(-7), "{number}");
        }
    }

    #[test]
    fn zones_that_agree_all_through_the_window_are_not_ambiguous() {
        // In the Navajo Nation clocks change, in the rest of Arizona they do not: on 8 March 2026
        // at 09:00 UTC.
        let arizona = "+19282830100";
        assert_eq!(zone(None, arizona, "2026-02-10T09:00:00Z"), hours(-7));
        assert_eq!(zone(None, arizona, "2026-03-08T07:00:00Z"), hours(0));
        assert_eq!(zone(None, arizona, "2026-07-10T09:00:00Z"), hours(0));
    }

    #[test]
    fn a_zone_is_told_by_its_city_and_its_offset() {
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
