//! The names against a table that another project made of the CLDR, and the clocks hour by hour.

use std::collections::BTreeMap;

use super::*;

const TABLE: &str = include_str!("windows_zones.txt");

fn table() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once('\t'))
}

fn now() -> Timestamp {
    "2026-07-01T00:00:00Z".parse().expect("an instant")
}

/// Offset of a zone at each hour of a year.
fn hourly(iana: &str) -> Vec<i32> {
    let zone = TimeZone::get(iana).expect(iana);
    let hour = |hour: i64| now() + hour.hours();
    (0..366 * 24).map(|at| zone.to_offset(hour(at)).seconds()).collect()
}

#[test]
fn every_name_of_the_cldr_is_known_and_means_the_same_zone() {
    let parser = IanaParser::new();
    let mut count = 0;
    for (windows, iana) in table() {
        let name = iana_name(windows).expect(windows);
        assert_eq!(parser.parse(name), parser.parse(iana), "{windows}");
        assert!(outbound::Tz::from_str(name).is_ok(), "the domain does not know {name}");
        count += 1;
    }
    assert!(count >= 139, "{count}");
    assert_eq!(iana_name("(GMT-07:00)Arizona"), None);
    assert_eq!(iana_name("us mountain standard time"), None);
}

#[test]
fn zones_are_equivalent_if_their_clocks_agree_at_every_hour() {
    let names: Vec<&str> = table().map(|(windows, _)| windows).collect();
    let by_name: BTreeMap<&str, Vec<i32>> =
        names.iter().map(|name| (*name, hourly(iana_name(name).expect(name)))).collect();
    let parser = IanaParser::new();
    let mut without = Vec::new();
    for iana in jiff::tz::db().available() {
        let iana = iana.as_str();
        let found = equivalent(iana, &names, now());
        let hours = hourly(iana);
        for name in &found {
            assert_eq!(by_name[name], hours, "{iana} is not {name}");
        }
        let agreeing = by_name.values().any(|other| *other == hours);
        assert_eq!(!found.is_empty(), agreeing, "{iana}: {found:?}");
        let same = names.iter().find(|name| {
            parser.parse(iana_name(name).expect(name)) == parser.parse(iana)
                && !parser.parse(iana).is_unknown()
        });
        if let Some(same) = same {
            assert_eq!(found, [*same], "{iana}");
        }
        if found.is_empty() {
            without.push(iana.to_owned());
        }
    }
    assert_eq!(without, ["Antarctica/Troll"]);
}

#[test]
fn an_alias_is_the_zone_itself_and_neighbors_abroad_are_left_out() {
    let names: Vec<&str> = table().map(|(windows, _)| windows).collect();
    for (iana, expected) in [
        ("US/Eastern", vec!["Eastern Standard Time"]),
        ("America/New_York", vec!["Eastern Standard Time"]),
        ("America/Phoenix", vec!["US Mountain Standard Time"]),
        ("America/Boise", vec!["Mountain Standard Time"]),
        ("America/Detroit", vec!["Eastern Standard Time", "US Eastern Standard Time"]),
        ("Asia/Calcutta", vec!["India Standard Time"]),
        ("America/Nowhere", vec![]),
    ] {
        assert_eq!(equivalent(iana, &names, now()), expected, "{iana}");
    }
    // A skill that has only one of Haiti's zones serves Detroit all the same.
    assert_eq!(
        equivalent("America/Detroit", &["Haiti Standard Time"], now()),
        ["Haiti Standard Time"]
    );
    assert_eq!(equivalent("America/Phoenix", &["Mountain Standard Time"], now()), [""; 0]);
}

#[test]
fn zones_in_a_setting_have_names_of_either_kind() {
    let listed = |text: &str| text.parse::<ZoneList>().map(|list| list.0);
    let zone = |name: &str, iana: &str| ListedZone { name: name.into(), iana: iana.into() };
    assert_eq!(
        listed("Eastern Standard Time, America/Denver,"),
        Ok(vec![
            zone("Eastern Standard Time", "America/New_York"),
            zone("America/Denver", "America/Denver"),
        ])
    );
    let problem = listed("Eastern").expect_err("no zone");
    assert_eq!(problem, "`Eastern` is neither a Windows nor an IANA zone");
}
