//! Promises about decisions. `naive` reads the data a second time, with none of the engine's code.

mod data;
mod golden;
mod holidays;
mod naive;
mod properties;
mod stored;

use chrono::{DateTime, Utc};

use super::{Call, Candidates, Jurisdiction, Kind, Origin, Place, Zone};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn zone(name: &str) -> Zone {
    name.parse().expect("a zone")
}

fn place(text: &str) -> Place {
    text.parse().expect("a place")
}

/// A call to a number that nobody owns.
fn to(number: &str, kind: Kind) -> Call {
    let number = number.parse().expect("E.164");
    Call::new(Candidates::of(Some(&number), &[], &[]), kind)
}

/// A call to a place on the clocks of one zone.
fn in_place(code: &str, zone_name: &str, kind: Kind) -> Call {
    let mut candidates = Candidates::default();
    for code in [code, code.split('-').next().expect("a country")] {
        candidates.add_jurisdiction(Jurisdiction::new(code), Origin::Place);
    }
    candidates.add_zone(zone(zone_name));
    Call::new(candidates, kind)
}
