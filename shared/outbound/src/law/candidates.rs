//! Possible places of the called party.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use super::{
    clock::Zone,
    number::{Located, locate},
    place::{Jurisdiction, Place, homes},
};
use crate::E164;

/// The jurisdictions and zones in which the called party may be. The rules of every jurisdiction
/// apply in every zone, so one candidate more never allows a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Candidates {
    jurisdictions: BTreeMap<Jurisdiction, BTreeSet<Origin>>,
    zones: BTreeSet<Zone>,
    doubts: BTreeSet<Doubt>,
}

/// Origin of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// The number's area code, which is evidence in law.
    AreaCode,
    /// The number's country calling code.
    CallingCode,
    /// A stated zone.
    Zone,
    /// A stated place.
    Place,
}

/// Reason why the place of the called party is unknown. No call is allowed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Doubt {
    /// The number is toll-free, otherwise non-geographic or unknown, and no place is stated.
    NumberWithoutPlace,
    /// A stated zone is a clock without a place, such as UTC.
    ZoneWithoutPlace(Zone),
    /// Neither number nor zone nor place is stated.
    NothingStated,
}

impl Candidates {
    /// Collects what a number, stated zones and stated places tell.
    ///
    /// The area code's state always counts, whatever else is stated. A zone adds its clocks and its
    /// country; if there is nothing but zones, all states that live by them are candidates.
    pub fn of(number: Option<&E164>, zones: &[Zone], places: &[Place]) -> Self {
        let mut all = Self::default();
        if let Some(number) = number {
            match locate(number) {
                Located::AreaCode(place) => all.add_place(&place, Origin::AreaCode),
                Located::CallingCode(place) => all.add_place(&place, Origin::CallingCode),
                Located::Nowhere if places.is_empty() => {
                    all.doubts.insert(Doubt::NumberWithoutPlace);
                }
                Located::Nowhere => {}
            }
        }
        for place in places {
            all.add_place(place, Origin::Place);
        }
        let nothing_but_zones = number.is_none() && places.is_empty();
        for zone in zones {
            all.add_stated_zone(*zone, nothing_but_zones);
        }
        all
    }

    fn add_stated_zone(&mut self, zone: Zone, alone: bool) {
        let mut codes = homes(zone).peekable();
        if codes.peek().is_none() {
            self.doubts.insert(Doubt::ZoneWithoutPlace(zone));
            return;
        }
        self.zones.insert(zone);
        for code in codes.map(Jurisdiction::new) {
            self.add_jurisdiction(Jurisdiction::new(code.country()), Origin::Zone);
            if alone {
                self.add_jurisdiction(code, Origin::Zone);
            }
        }
    }

    fn add_place(&mut self, place: &Place, origin: Origin) {
        for code in &place.codes {
            self.add_jurisdiction(code.clone(), origin);
        }
        self.zones.extend(&place.zones);
    }

    /// Adds one more jurisdiction.
    pub fn add_jurisdiction(&mut self, code: Jurisdiction, origin: Origin) {
        self.jurisdictions.entry(code).or_default().insert(origin);
    }

    /// Adds one more zone.
    pub fn add_zone(&mut self, zone: Zone) {
        self.zones.insert(zone);
    }

    /// The jurisdictions, with how each came to be a candidate.
    pub fn jurisdictions(&self) -> impl Iterator<Item = (&Jurisdiction, &BTreeSet<Origin>)> {
        self.jurisdictions.iter()
    }

    /// The zones.
    pub fn zones(&self) -> impl Iterator<Item = Zone> {
        self.zones.iter().copied()
    }

    /// Reasons why the place is unknown; empty if it is known.
    pub fn doubts(&self) -> impl Iterator<Item = Doubt> {
        let is_empty = self.zones.is_empty() || self.jurisdictions.is_empty();
        let nothing = (is_empty && self.doubts.is_empty()).then_some(Doubt::NothingStated);
        self.doubts.iter().copied().chain(nothing)
    }

    pub(super) fn includes(&self, code: &str) -> bool {
        self.jurisdictions.keys().any(|jurisdiction| jurisdiction.as_str() == code)
    }

    pub(super) fn countries(&self) -> BTreeSet<&str> {
        self.jurisdictions.keys().map(Jurisdiction::country).collect()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AreaCode => "area code",
            Self::CallingCode => "calling code",
            Self::Zone => "stated zone",
            Self::Place => "stated place",
        })
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NumberWithoutPlace => f.write_str(
                "the number has no place (toll-free, non-geographic or unknown) and none is stated",
            ),
            Self::ZoneWithoutPlace(zone) => write!(f, "the zone {zone} is a clock without a place"),
            Self::NothingStated => f.write_str("no number, zone or place is stated"),
        }
    }
}

#[cfg(test)]
mod tests;
