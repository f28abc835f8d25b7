use super::*;

fn of(number: Option<&str>, zones: &[&str], places: &[&str]) -> Candidates {
    let number = number.map(|number| number.parse().expect("E.164"));
    let zones: Vec<Zone> = zones.iter().map(|zone| zone.parse().expect("a zone")).collect();
    let places: Vec<Place> = places.iter().map(|place| place.parse().expect("a place")).collect();
    Candidates::of(number.as_ref(), &zones, &places)
}

fn codes(candidates: &Candidates) -> Vec<&str> {
    candidates.jurisdictions().map(|(code, _)| code.as_str()).collect()
}

fn zones(candidates: &Candidates) -> Vec<&'static str> {
    candidates.zones().map(Zone::name).collect()
}

#[test]
fn a_number_tells_the_states_and_zones_of_its_area_code() {
    let indiana = of(Some("+12195550110"), &[], &[]);
    assert_eq!(codes(&indiana), ["US", "US-IN"]);
    assert_eq!(zones(&indiana), ["America/Chicago", "America/New_York"]);
    let maritimes = of(Some("+19025550110"), &[], &[]);
    assert_eq!(codes(&maritimes), ["CA", "CA-NS", "CA-PE"]);
}

#[test]
fn abroad_a_mobile_number_may_be_in_any_zone_of_its_country() {
    let mobile = of(Some("+61491570110"), &[], &[]);
    assert_eq!(codes(&mobile), ["AU"]);
    assert!(zones(&mobile).contains(&"Australia/Perth"));
    let sydney = of(Some("+61255501234"), &[], &[]);
    assert_eq!(zones(&sydney), ["Australia/Sydney"]);
    let paris = of(Some("+33199000110"), &[], &[]);
    assert_eq!((codes(&paris), zones(&paris)), (vec!["FR"], vec!["Europe/Paris"]));
    let reunion = of(Some("+262262123456"), &[], &[]);
    assert_eq!((codes(&reunion), zones(&reunion)), (vec!["FR", "FR-974"], vec!["Indian/Reunion"]));
}

#[test]
fn a_place_or_zone_adds_to_the_area_code() {
    let moved = of(Some("+12125550110"), &["Europe/Paris"], &["US-CA"]);
    assert_eq!(codes(&moved), ["FR", "US", "US-CA", "US-NY"]);
    assert_eq!(zones(&moved), ["America/Los_Angeles", "America/New_York", "Europe/Paris"]);
    let origins: Vec<_> = moved.jurisdictions().map(|(_, origins)| origins.len()).collect();
    assert_eq!(origins, [1, 2, 1, 1], "the US by area code and by place");
    assert_eq!(moved.doubts().count(), 0);
}

#[test]
fn a_zone_alone_means_everybody_who_lives_by_it() {
    let alone = of(None, &["America/Phoenix"], &[]);
    assert_eq!(codes(&alone), ["US", "US-AZ"]);
    let eastern = of(None, &["America/New_York"], &[]);
    assert!(codes(&eastern).contains(&"US-RI") && codes(&eastern).contains(&"US-PA"));
}

#[test]
fn a_zone_beside_anything_else_adds_its_clocks_and_country_and_no_states() {
    for (number, place) in [(Some("+33199000110"), &[][..]), (None, &["FR"][..])] {
        let visitor = of(number, &["America/New_York"], place);
        assert_eq!(codes(&visitor), ["FR", "US"]);
        assert_eq!(zones(&visitor), ["America/New_York", "Europe/Paris"]);
    }
}

#[test]
fn a_place_without_a_clock_is_in_doubt_and_so_is_a_clock_without_a_place() {
    let mut no_clock = Candidates::default();
    no_clock.add_jurisdiction(Jurisdiction::new("US-NY"), Origin::Place);
    let mut no_place = Candidates::default();
    no_place.add_zone("America/New_York".parse().expect("a zone"));
    for candidates in [no_clock, no_place] {
        assert_eq!(candidates.doubts().collect::<Vec<_>>(), [Doubt::NothingStated]);
    }
}

#[test]
fn what_has_no_place_is_in_doubt() {
    let doubts = |candidates: Candidates| candidates.doubts().collect::<Vec<_>>();
    for number in ["+18005550110", "+19005550110", "+870773111632", "+9999999999", "+448081570110"]
    {
        assert_eq!(doubts(of(Some(number), &[], &[])), [Doubt::NumberWithoutPlace], "{number}");
        assert_eq!(doubts(of(Some(number), &[], &["US-NY"])), [], "{number}");
    }
    let utc = "UTC".parse().expect("a zone");
    assert_eq!(doubts(of(Some("+12125550110"), &["UTC"], &[])), [Doubt::ZoneWithoutPlace(utc)]);
    assert_eq!(doubts(of(None, &[], &[])), [Doubt::NothingStated]);
    assert_eq!(doubts(Candidates::default()), [Doubt::NothingStated]);
}

#[test]
fn a_country_of_the_north_american_plan_is_itself() {
    assert_eq!(codes(&of(Some("+18765550110"), &[], &[])), ["JM"]);
}
