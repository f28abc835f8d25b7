use super::*;

fn codes(text: &str) -> Vec<String> {
    let place: Place = text.parse().unwrap_or_else(|_| panic!("{text}"));
    place.codes.iter().map(Jurisdiction::to_string).collect()
}

fn zones(text: &str) -> Vec<&'static str> {
    let place: Place = text.parse().unwrap_or_else(|_| panic!("{text}"));
    place.zones.into_iter().map(Zone::name).collect()
}

#[test]
fn a_state_brings_its_country_and_all_its_zones() {
    assert_eq!(codes("US-TX"), ["US-TX", "US"]);
    assert_eq!(zones("US-TX"), ["America/Chicago", "America/Denver"]);
    assert_eq!(codes(" ca-bc "), ["CA-BC", "CA"]);
    assert_eq!(codes("ES-MD"), ["ES-MD", "ES"]);
    assert_eq!(zones("ES-MD"), ["Africa/Ceuta", "Atlantic/Canary", "Europe/Madrid"]);
}

#[test]
fn a_country_brings_all_its_states_that_have_rules() {
    let states = codes("US");
    assert_eq!(states[0], "US");
    for state in ["US-AL", "US-NY", "US-NE", "US-WA"] {
        assert!(states.iter().any(|code| code == state), "{state}");
    }
    let count = states.len();
    assert_eq!(states.into_iter().collect::<std::collections::HashSet<_>>().len(), count);
    assert!(zones("US").contains(&"Pacific/Honolulu"));
    assert_eq!(codes("CA"), ["CA", "CA-BC"]);
    assert_eq!(codes("FR"), ["FR"]);
}

#[test]
fn a_territory_is_a_part_of_its_country_under_either_code() {
    assert_eq!(codes("PR"), ["US-PR", "US"]);
    assert_eq!(codes("RE"), codes("FR-974"));
    assert_eq!(zones("RE"), ["Indian/Reunion"]);
}

#[test]
fn a_postal_code_of_the_us_or_canada_tells_the_state() {
    // From USPS Publication 65 and Canada Post's forward sortation areas.
    for (text, state) in [
        ("US 10001", "US-NY"),
        ("US 90210", "US-CA"),
        ("US 79901", "US-TX"),
        ("US 79901-0001", "US-TX"),
        ("US 02903", "US-RI"),
        ("US 20500", "US-DC"),
        ("US 99501", "US-AK"),
        ("US 96801", "US-HI"),
        ("US 00901", "US-PR"),
        ("CA M5V 3L9", "CA-ON"),
        ("CA V6B", "CA-BC"),
        ("ca a1a 1a1", "CA-NL"),
    ] {
        assert!(codes(text).iter().any(|code| code == state), "{text}");
    }
    assert_eq!(codes("FR 75001"), ["FR"]);
}

#[test]
fn each_canadian_postal_district_is_in_its_province() {
    // A city hall or a legislature in each of Canada Post's districts.
    for (city, province) in [
        ("A1A", "CA-NL"),
        ("B3H", "CA-NS"),
        ("C1A", "CA-PE"),
        ("E3B", "CA-NB"),
        ("G1R", "CA-QC"),
        ("H2Y", "CA-QC"),
        ("J8X", "CA-QC"),
        ("K1A", "CA-ON"),
        ("L8P", "CA-ON"),
        ("M5V", "CA-ON"),
        ("N6A", "CA-ON"),
        ("P7B", "CA-ON"),
        ("R3C", "CA-MB"),
        ("S4P", "CA-SK"),
        ("T5J", "CA-AB"),
        ("V8W", "CA-BC"),
        ("Y1A", "CA-YT"),
    ] {
        assert_eq!(codes(&format!("CA {city}")), [province, "CA"], "{city}");
    }
}

#[test]
fn a_postal_code_that_several_states_share_brings_them_all() {
    let shared = codes("US 06390");
    assert!(shared.contains(&"US-CT".to_owned()) && shared.contains(&"US-NY".to_owned()));
    let north = codes("CA X0A 0H0");
    assert!(north.contains(&"CA-NT".to_owned()) && north.contains(&"CA-NU".to_owned()));
}

#[test]
fn what_is_no_place_is_refused() {
    for text in [
        "",
        "X",
        "Texas",
        "US-ZZ",
        "CA-TX",
        "ZZ",
        "ZZ-A",
        "FR-",
        "FR-ABCD",
        "90210",
        "US 9021",
        "US 9021O",
        "US 09001",
        "CA 90210",
        "CA D1A 1A1",
        "CA M",
        "CA MOV 3L9",
        "CA M50 3L9",
        "M5V 3L9",
        "US-TX-1",
        "PR-1",
    ] {
        assert_eq!(text.parse::<Place>(), Err(UnknownPlace), "{text}");
    }
}

#[test]
fn a_zone_tells_who_lives_by_it() {
    let homes = |name: &str| homes(name.parse().expect("a zone")).collect::<Vec<_>>();
    assert_eq!(homes("America/Phoenix"), ["US-AZ"]);
    assert_eq!(homes("US/Arizona"), ["US-AZ"]);
    assert_eq!(homes("America/Detroit"), ["US-MI"]);
    assert_eq!(homes("Europe/Paris"), ["FR"]);
    assert_eq!(homes("Atlantic/Reykjavik"), homes("Iceland"));
    assert!(homes("UTC").is_empty() && homes("Etc/GMT+5").is_empty());
}
