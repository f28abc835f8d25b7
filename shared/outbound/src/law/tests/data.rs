//! The data files themselves.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::TZ_VARIANTS;
use toml::{Table, Value};

use super::{
    super::{
        Place, Zone,
        place::homes,
        presumption,
        rule::{EMERGENCIES, RULES},
    },
    place,
};

const TOML: &str = include_str!("../../../data/law/jurisdictions.toml");
const AREA_CODES: &str = include_str!("../../../data/nanp_area_codes.txt");
const FILES: [(&str, &str); 4] = [
    ("places.txt", include_str!("../../../data/law/places.txt")),
    ("zones.txt", include_str!("../../../data/law/zones.txt")),
    ("us_zip_prefixes.txt", include_str!("../../../data/law/us_zip_prefixes.txt")),
    ("public_holidays.txt", include_str!("../../../data/law/public_holidays.txt")),
];

fn law() -> Table {
    TOML.parse().expect("TOML")
}

/// Every row of every list, with the list's name.
fn rows() -> Vec<(String, Table)> {
    let lists = law().into_iter().filter_map(|(name, list)| Some((name, list.as_array()?.clone())));
    let rows = lists.flat_map(|(name, list)| {
        list.into_iter().map(move |row| (name.clone(), row.as_table().expect("a row").clone()))
    });
    rows.collect()
}

fn date(value: &Value) -> NaiveDate {
    value.as_datetime().expect("a date").to_string().parse().expect("a date")
}

#[test]
fn every_row_has_a_source_and_says_what_it_is_worth() {
    let rows = rows();
    assert!(rows.len() > 85, "{}", rows.len());
    for (list, row) in rows {
        let text = |field: &str| row.get(field).and_then(Value::as_str).unwrap_or_default().trim();
        assert!(!text("source").is_empty(), "{list}: {row:?} lacks a source");
        let confidence = text("confidence");
        assert!(["official", "secondary", "unverified"].contains(&confidence), "{list}: {row:?}");
        // A day in a calendar is cited by the rule that means it.
        assert!(list == "holiday_calendar" || !text("citation").is_empty(), "{list}: {row:?}");
    }
}

/// Against today's date it is `.ci/run law_age` that checks.
#[test]
fn no_row_was_checked_over_a_year_before_the_data_was_compiled() {
    let compiled = date(&law()["compiled"]);
    for (list, row) in rows() {
        let checked = row.get("checked").map_or(compiled, date);
        let age = compiled - checked;
        assert!((TimeDelta::zero()..=TimeDelta::days(366)).contains(&age), "{list}: {row:?}");
    }
}

#[test]
fn every_row_is_in_the_compiled_tables() {
    let rows = rows();
    let of = |wanted: &str| {
        rows.iter().filter(|(list, _)| list == wanted).map(|(_, row)| row).collect::<Vec<_>>()
    };
    for row in of("rule") {
        let (code, name) = (row["code"].as_str(), row["rule"].as_str());
        let found = RULES.iter().filter(|rule| Some(rule.code) == code && Some(rule.name) == name);
        assert!(found.count() > 0, "{row:?}");
    }
    assert_eq!(EMERGENCIES.len(), of("emergency").len());
    for row in of("presumption") {
        for code in row["code"].as_array().expect("codes") {
            let found = presumption(code.as_str().expect("a code")).expect("a presumption");
            assert_eq!(Some(found.says), row["says"].as_str());
        }
    }
}

#[test]
fn every_table_is_sorted_by_its_first_field_and_has_each_once() {
    for (name, text) in FILES {
        let lines = text.lines().skip_while(|line| line.starts_with('#'));
        let keys: Vec<&str> = lines.map(|line| line.split('|').next().expect("a field")).collect();
        assert!(keys.len() > 300, "{name}");
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
    }
}

#[test]
fn every_jurisdiction_of_a_rule_is_a_place() {
    for rule in RULES {
        let place = Place::of_code(rule.code).unwrap_or_else(|_| panic!("{}", rule.code));
        assert_eq!(place.codes[0].as_str(), rule.code);
        assert!(!place.zones.is_empty());
    }
}

#[test]
fn every_zone_of_the_tables_is_known() {
    let zones_of = |text: &'static str, field: usize| {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.contains("|="));
        lines.flat_map(move |line| line.split('|').skip(field).flat_map(|zones| zones.split('&')))
    };
    for zone in zones_of(FILES[0].1, 1) {
        assert!(zone.parse::<Zone>().is_ok(), "{zone}");
    }
    for line in FILES[1].1.lines().filter(|line| !line.starts_with('#')) {
        let (zone, codes) = line.split_once('|').expect("a zone and its codes");
        assert!(zone.parse::<Zone>().is_ok(), "{zone}");
        for code in codes.split('&') {
            place(code);
        }
    }
}

/// The zones of a state in the list of area codes, which others compiled, are those of the state.
#[test]
fn a_state_has_the_zones_of_all_its_area_codes() {
    let lines =
        AREA_CODES.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let mut count = 0;
    for line in lines {
        let fields: Vec<&str> = line.split('|').collect();
        for state in fields[1].split('+') {
            let state = place(state);
            for zone in fields[2].split('&') {
                let zone: Zone = zone.parse().expect("a zone");
                assert!(state.zones.contains(&zone), "{line}");
                let lives_there = |code| state.codes[0].as_str() == code;
                assert!(homes(zone).any(lives_there), "{line}");
            }
        }
        count += 1;
    }
    assert!(count > 400, "{count}");
}

#[test]
fn only_clocks_without_a_place_have_no_home() {
    let homeless: Vec<&str> = TZ_VARIANTS
        .iter()
        .map(|zone| Zone(*zone))
        .filter(|zone| homes(*zone).next().is_none())
        .map(Zone::name)
        .filter(|name| !name.starts_with("Etc/") && !name.starts_with("Antarctica/"))
        .collect();
    assert_eq!(
        homeless,
        [
            "CET",
            "CST6CDT",
            "EET",
            "EST",
            "EST5EDT",
            "GMT",
            "GMT+0",
            "GMT-0",
            "GMT0",
            "Greenwich",
            "HST",
            "MET",
            "MST",
            "MST7MDT",
            "PST8PDT",
            "UCT",
            "UTC",
            "Universal",
            "WET",
            "Zulu",
        ],
    );
}

/// Every zone of the United States and Canada leads to states and provinces, never to the country
/// alone: that would leave out their rules.
#[test]
fn a_zone_of_a_divided_country_leads_to_its_parts() {
    for line in FILES[1].1.lines().filter(|line| !line.starts_with('#')) {
        let (zone, codes) = line.split_once('|').expect("a zone and its codes");
        assert!(codes.split('&').all(|code| !["US", "CA"].contains(&code)), "{zone}");
    }
}
