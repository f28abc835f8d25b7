//! The zones of the tenant against those of Unicode's CLDR.

use std::collections::BTreeSet;

use icu_time::zone::{IanaParser, WindowsParser};

use super::*;

#[test]
fn each_zone_has_the_clocks_that_cldr_gives_its_name() {
    let (windows, iana) = (WindowsParser::new(), IanaParser::new());
    for zone in ZONES {
        let expected = windows.parse(zone.name, None).expect("CLDR has the name");
        assert_eq!(iana.parse(zone.clocks.name()), expected, "{}", zone.name);
    }
}

#[test]
fn no_zone_is_there_twice() {
    let names: BTreeSet<&str> = ZONES.iter().map(|zone| zone.name).collect();
    let clocks: BTreeSet<&str> = ZONES.iter().map(|zone| zone.clocks.name()).collect();
    assert_eq!((names.len(), clocks.len()), (ZONES.len(), ZONES.len()));
}
