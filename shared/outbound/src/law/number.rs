//! Possible places of the holder of a number.

use super::{clock::Zone, place::Place};
use crate::{
    E164,
    phone::{Line, area_code, assignment, time_zones},
};

/// Place of a number's holder, as far as the number shows it.
pub(super) enum Located {
    /// The states of an area code.
    AreaCode(Place),
    /// The country of a calling code.
    CallingCode(Place),
    /// Nothing: toll-free, shared cost, satellite, unassigned.
    Nowhere,
}

pub(super) fn locate(number: &E164) -> Located {
    match of_area_code(number) {
        Some(place) => Located::AreaCode(place),
        None => of_country(number).map_or(Located::Nowhere, Located::CallingCode),
    }
}

fn of_area_code(number: &E164) -> Option<Place> {
    let code = area_code(number)?;
    let place = Place::of_codes(code.places()).ok()?;
    Some(Place { zones: code.zones().map(Zone).collect(), ..place })
}

/// A mobile phone may be in any zone of its country; a landline is in those of its prefix.
fn of_country(number: &E164) -> Option<Place> {
    let assignment = assignment(number)?;
    let place = Place::of_code(&assignment.region?.to_string()).ok()?;
    match assignment.line {
        Line::Mobile | Line::FixedOrMobile => Some(place),
        Line::Fixed => {
            let zones: Vec<Zone> = time_zones(number).into_iter().map(Zone).collect();
            Some(if zones.is_empty() { place } else { Place { zones, ..place } })
        }
        Line::Other => None,
    }
}
