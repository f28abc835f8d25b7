//! The places of North American numbers.
//!
//! A number of the country code 1 begins with an area code, which belongs to a state, a province or
//! a territory. People keep their numbers when they move, so a place is evidence, and no more.

use chrono_tz::Tz;

use super::table;
use crate::E164;

/// `code|places|zones|in service|since`.
const TABLE: &str = include_str!("../../data/nanp_area_codes.txt");

/// An area code of the United States, their territories or Canada.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaCode {
    places: &'static str,
    zones: &'static str,
    /// True for a code in service, false for one that is only announced.
    pub is_in_service: bool,
}

impl AreaCode {
    /// The states, provinces or territories, by their ISO 3166-2 codes: `US-NY`. A few codes have
    /// several: 867 is `CA-NT`, `CA-NU` and `CA-YT`.
    pub fn places(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.places.split('+')
    }

    /// All time zones in which the code is used.
    pub fn zones(&self) -> impl Iterator<Item = Tz> + use<> {
        self.zones.split('&').filter_map(|zone| zone.parse().ok())
    }
}

/// The area code of a number. Toll-free and other codes without a place have none, nor have numbers
/// of other countries, those of the Caribbean included.
pub fn area_code(number: &E164) -> Option<AreaCode> {
    let code = number.as_str().strip_prefix("+1")?.get(..3)?;
    let mut fields = table::find(TABLE, code)?.split('|');
    let (places, zones, status) = (fields.next()?, fields.next()?, fields.next()?);
    Some(AreaCode { places, zones, is_in_service: status == "Y" })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;
    use crate::zone::offset_at;

    /// Data of libphonenumber, written by `data/phone_oracle.py`.
    const ORACLE: &str = include_str!("../../data/phone_oracle.txt");

    /// Differences between the two, with reasons. The other codes have the same zones.
    const DIFFERENCES: [(Difference, &[&str]); 4] = [
        // Codes of the last years.
        (
            Difference::Missing,
            &[
                "357", "436", "457", "465", "471", "483", "565", "621", "624", "679", "729", "761",
                "837", "861", "924",
            ],
        ),
        // Overlays of codes that lie in several zones, El Paso's neighbors to the east (915), the
        // Magdalen Islands (367 and 581), the corners of British Columbia, eastern Oregon (458),
        // Middle Tennessee's edge (931).
        (
            Difference::Narrow,
            &[
                "236", "250", "257", "273", "364", "367", "448", "458", "581", "672", "778", "915",
                "930", "931",
            ],
        ),
        // Saskatchewan keeps standard time (474), Orlando lies in Eastern time (689), the Yukon left
        // Pacific time in 2020 (867), Labrador changes its clocks (879), and so does Adak (907).
        (Difference::Wrong, &["474", "689", "867", "879", "907"]),
        (Difference::SameClocks, &["208", "340", "541", "605", "701", "709", "775"]),
    ];

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Difference {
        /// libphonenumber has no zone.
        Missing,
        /// It has some of the clocks.
        Narrow,
        /// It has a clock that the code does not have.
        Wrong,
        /// It has other names for the same clocks.
        SameClocks,
    }

    /// Difference between libphonenumber's zones and ours.
    fn difference(ours: &HashSet<Tz>, theirs: &HashSet<Tz>) -> Option<Difference> {
        let (our_clocks, their_clocks) = (clocks(ours), clocks(theirs));
        match () {
            () if ours == theirs => None,
            () if theirs.is_empty() => Some(Difference::Missing),
            () if our_clocks == their_clocks => Some(Difference::SameClocks),
            () if their_clocks.is_subset(&our_clocks) => Some(Difference::Narrow),
            () => Some(Difference::Wrong),
        }
    }

    /// Local times of the zones in winter and in summer.
    fn clocks(zones: &HashSet<Tz>) -> BTreeSet<[i32; 2]> {
        let seasons = ["2026-01-10T12:00:00Z", "2026-07-10T12:00:00Z"];
        let offset = |zone, at: &str| offset_at(zone, at.parse().expect(at)).local_minus_utc();
        zones.iter().map(|zone| seasons.map(|at| offset(*zone, at))).collect()
    }

    /// Every code, its zones, and libphonenumber's.
    fn zones() -> impl Iterator<Item = (&'static str, HashSet<Tz>, HashSet<Tz>)> {
        let lines = ORACLE.lines().filter_map(|line| line.strip_prefix("zones ")?.split_once('|'));
        lines.map(|(code, theirs)| {
            let ours = of(&format!("+1{code}5550123")).expect(code).zones().collect();
            let theirs = theirs.split('&').filter(|zone| !zone.is_empty());
            (code, ours, theirs.map(|zone| zone.parse().expect(zone)).collect())
        })
    }

    fn of(number: &str) -> Option<AreaCode> {
        area_code(&number.parse().expect("E.164"))
    }

    #[test]
    fn a_number_has_the_place_of_its_area_code() {
        let washington = of("+12025550198").expect("it is in service");
        assert_eq!(washington.places().collect::<Vec<_>>(), ["US-DC"]);
        assert_eq!(washington.zones().collect::<Vec<_>>(), [Tz::America__New_York]);
        assert!(washington.is_in_service);
        let north = of("+18675550123").expect("it is in service");
        assert_eq!(north.places().collect::<Vec<_>>(), ["CA-NT", "CA-NU", "CA-YT"]);
        assert!(!of("+12735550123").expect("it is announced").is_in_service);
    }

    #[test]
    fn numbers_without_a_place_have_no_area_code() {
        for number in ["+18005550198", "+18765550123", "+442079460018", "+2025550198", "+1202555"] {
            let expected = number == "+1202555";
            assert_eq!(of(number).is_some(), expected, "{number}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_found_and_read() {
        let mut count = 0;
        for (code, _) in table::entries(TABLE) {
            let area = of(&format!("+1{code}5550123")).expect(code);
            assert!(area.zones().count() == area.zones.split('&').count(), "{code}");
            for place in area.places() {
                let is_place = matches!(place.split_once('-'), Some(("US" | "CA", region))
                    if region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase()));
                assert!(is_place, "{code}: {place}");
            }
            count += 1;
        }
        assert_eq!(count, 436);
    }

    #[test]
    fn the_zones_are_those_of_libphonenumber_but_for_named_differences() {
        let named = |code| DIFFERENCES.iter().find(|(_, codes)| codes.contains(&code));
        let mut agreed = 0;
        for (code, ours, theirs) in zones() {
            let expected = named(code).map(|(difference, _)| *difference);
            assert_eq!(difference(&ours, &theirs), expected, "{code}: {ours:?}, {theirs:?}");
            agreed += usize::from(expected.is_none());
        }
        assert_eq!(agreed, 395);
    }
}
