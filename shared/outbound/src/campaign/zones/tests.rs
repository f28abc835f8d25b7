use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::campaign::Bar;

fn zones<'a>(contacts: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Zones {
    let mut zones = Zones::default();
    for (id, zone) in contacts {
        zones.add(&contact(id, zone), Region::US);
    }
    zones
}

fn contact(id: &str, zone: Option<&str>) -> CampaignContact {
    CampaignContact {
        id: id.to_owned(),
        time_zone: zone.map(str::to_owned),
        ..CampaignContact::default()
    }
}

/// A contact with a number.
fn called(zone: &str, number: &str) -> CampaignContact {
    let phone_number = Some(number.to_owned());
    CampaignContact { phone_number, ..contact("c-1", Some(zone)) }
}

#[test]
fn each_zone_is_known_once_and_they_are_sorted() {
    let zones = zones([
        ("c-1", Some("Europe/London")),
        ("c-2", Some("America/New_York")),
        ("c-3", Some("Europe/London")),
    ]);
    let known: Vec<_> = zones.known().collect();
    assert_eq!(known, [Tz::America__New_York, Tz::Europe__London]);
    assert_eq!((zones.rejected(), zones.unnamed_rejections()), (&[][..], 0));
}

#[test]
fn a_zone_is_known_with_white_space_around_it() {
    let zones =
        zones([("c-1", Some("America/New_York ")), ("c-2", Some("\u{feff}Asia/Tokyo\u{a0}"))]);
    assert_eq!(zones.known().collect::<Vec<_>>(), [Tz::America__New_York, Tz::Asia__Tokyo]);
    assert!(zones.rejected().is_empty());
}

#[test]
fn an_unknown_zone_rejects_only_its_contacts() {
    let zones = zones([
        ("c-1", Some("Mars/Olympus")),
        ("c-2", None),
        ("c-3", Some("Mars/Olympus")),
        ("c-4", Some("  ")),
        ("c-5", Some("Asia/Tokyo")),
    ]);
    assert_eq!(zones.known().collect::<Vec<_>>(), [Tz::Asia__Tokyo]);
    let rejected = |zone: &str, first: &str| RejectedZone {
        time_zone: zone.to_owned(),
        contacts: 2,
        first_contact: first.to_owned(),
    };
    assert_eq!(zones.rejected(), [rejected("Mars/Olympus", "c-1"), rejected("", "c-2")]);
}

#[test]
fn a_long_name_is_cut_between_characters() {
    let zones = zones([("c-1", Some("é".repeat(100).as_str()))]);
    assert_eq!(zones.rejected()[0].time_zone, "é".repeat(64));
}

#[test]
fn unknown_zones_beyond_the_fiftieth_are_counted_without_their_names() {
    let names: Vec<_> = (0..60).map(|number| format!("Mars/{number}")).collect();
    let once = || names.iter().map(|name| ("c-1", Some(name.as_str())));
    let zones = zones(once().chain(once()));
    assert_eq!(zones.rejected().len(), 50);
    assert!(zones.rejected().iter().all(|zone| zone.contacts == 2));
    assert_eq!(zones.unnamed_rejections(), 20);
}

#[test]
fn zones_are_stored_by_name() {
    let zones = zones([("c-1", Some("Asia/Tokyo")), ("c-2", None)]);
    let stored = json!({
        "known": ["Asia/Tokyo"],
        "rejected": [{ "timeZone": "", "contacts": 1, "firstContact": "c-2" }],
        "unnamedRejections": 0,
    });
    assert_eq!(serde_json::to_value(&zones).expect("it serializes"), stored);
    let mut zones = zones;
    zones.leave_out(2);
    let mut stored = stored;
    stored["unreadable"] = json!(2);
    assert_eq!(serde_json::to_value(&zones).expect("it serializes"), stored);
    assert_eq!(serde_json::from_value::<Zones>(stored).expect("it reads back"), zones);
    let unknown = json!({ "known": ["Mars/1"], "rejected": [], "unnamedRejections": 0 });
    assert!(serde_json::from_value::<Zones>(unknown).is_err());
}

#[test]
fn the_places_of_contacts_survive_storage_and_do_not_grow_with_their_number() {
    let mut zones = zones([("c-1", Some("America/New_York"))]);
    for _ in 0..3 {
        for line in 100..200 {
            zones.add(&called("America/New_York", &format!("+1401555{line:04}")), Region::US);
            zones.add(&called("America/New_York", &format!("(907) 555-{line:04}")), Region::US);
        }
    }
    let stored = serde_json::to_string(&zones).expect("it serializes");
    assert!(stored.len() < 1_000, "{} bytes: {stored}", stored.len());
    assert_eq!(serde_json::from_str::<Zones>(&stored).expect("it reads back"), zones);
    assert!(!stored.contains("555"), "no number is stored: {stored}");
    let sites = zones.sites(Tz::America__New_York);
    assert_eq!(sites.contradicting(), 300, "Alaska has other clocks");
    assert_eq!(sites.without_place(), 0);
    assert_eq!(
        zones.sites(Tz::Europe__London),
        Sites::of_zone(),
        "as the version before stored it"
    );
}

#[test]
fn a_number_without_a_place_is_counted() {
    let mut zones = Zones::default();
    zones.add(&called("America/New_York", "+18005550110"), Region::US);
    let stated = CampaignContact {
        state: Some("NY".to_owned()),
        country: Some("us".to_owned()),
        ..called("America/New_York", "+18005550110")
    };
    zones.add(&stated, Region::US);
    zones.add(&called("America/New_York", "not known"), Region::US);
    assert_eq!(zones.sites(Tz::America__New_York).without_place(), 1);
}

#[test]
fn contacts_that_opted_out_or_cannot_be_read_are_counted() {
    let mut zones = Zones::default();
    let asked =
        CampaignContact { bar: Some(Bar::OptedOut), ..called("America/New_York", "+12125550110") };
    zones.add(&asked, Region::US);
    zones.add(&called("America/New_York", "+12125550111"), Region::US);
    zones.add(&asked, Region::US);
    assert_eq!(zones.sites(Tz::America__New_York).opted_out(), 2);
    zones.leave_out(2);
    zones.leave_out(3);
    assert_eq!(zones.unreadable(), 5);
}

proptest! {
    #[test]
    fn every_contact_counts_and_all_survives_storage(
        contacts in proptest::collection::vec(
            ("[a-c]{1,2}", prop_oneof![
                prop::sample::select(&TZ_VARIANTS[..]).prop_map(|zone| Some(zone.name().to_owned())),
                proptest::option::of(".{0,70}"),
            ]),
            0..200,
        ),
    ) {
        let zones = zones(contacts.iter().map(|(id, zone)| (id.as_str(), zone.as_deref())));
        let unknown = contacts
            .iter()
            .filter(|(_, zone)| zone.as_ref().is_none_or(|zone| trimmed(zone).parse::<Tz>().is_err()));
        let named: u64 = zones.rejected().iter().map(|zone| zone.contacts).sum();
        let count = u64::try_from(unknown.count()).expect("a count");
        prop_assert_eq!(named + zones.unnamed_rejections(), count);
        prop_assert!(zones.known().map(Tz::name).is_sorted());

        let stored = serde_json::to_string(&zones).expect("it serializes");
        prop_assert_eq!(serde_json::from_str::<Zones>(&stored).expect("it reads back"), zones);
    }
}
