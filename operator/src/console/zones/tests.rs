//! The zones of runs against a second reading of the law, state by state.

use chrono::NaiveDateTime;
use outbound::{
    campaign::Progress,
    law::{Jurisdiction, Kind, Origin},
};
use platform::runs::{Ended, RunId, RunPlan, Submissions};

use super::*;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn zone(name: &str) -> Zone {
    name.parse().expect("a zone")
}

fn run(campaign: &str, zones: &[&str], ended: Option<Ended>) -> Run {
    let start: NaiveDateTime = "2026-03-02T10:00:00".parse().expect("a time");
    let planned = zones.iter().map(|it| (*it).to_owned()).collect();
    Run {
        id: RunId { campaign_id: campaign.to_owned(), local_start: start },
        plan: RunPlan {
            expected: 1,
            webhook_url: None,
            first_start: start.and_utc(),
            last_end: start.and_utc(),
        },
        submissions: Submissions { planned, ..Submissions::default() },
        progress: Progress::default(),
        ended,
        ended_at: None,
        report_at: None,
        report_attempts: 0,
    }
}

/// Sales calls between 8 and 21; the campaign `service` makes service calls.
fn terms() -> Terms {
    let call = |kind: Kind| Call::new(Candidates::default(), kind);
    let named = [("service".to_owned(), call(Kind::Service))].into();
    Terms { usual: call(Kind::Sales), named }
}

/// The states that allow a call, and all, each asked alone.
fn states(zone: Zone, terms: &Call, at: DateTime<Utc>) -> (usize, usize) {
    let all = Candidates::of(None, &[zone], &[]);
    let codes: Vec<&Jurisdiction> = all.jurisdictions().map(|(code, _)| code).collect();
    let states = codes.iter().filter(|it| it.as_str().contains('-'));
    let alone = states.map(|state| {
        let mut candidates = Candidates::default();
        candidates.add_zone(zone);
        for code in codes.iter().filter(|it| *it == state || it.as_str() == state.country()) {
            candidates.add_jurisdiction((*code).clone(), Origin::Place);
        }
        decide(&Call { candidates, ..terms.clone() }, at).allowed
    });
    let answers: Vec<bool> = alone.collect();
    (answers.iter().filter(|it| **it).count(), answers.len())
}

#[test]
fn a_zone_is_open_in_part_if_some_of_its_states_allow_the_call_when_asked_alone() {
    let mut met = BTreeSet::new();
    let mut random = fastrand::Rng::with_seed(7);
    let terms = terms();
    for name in ["America/New_York", "America/Chicago", "America/Denver", "America/Toronto"] {
        for _ in 0..40 {
            let minutes = TimeDelta::minutes(random.i64(0..525_600));
            let at = instant("2026-01-01T00:00:00Z") + minutes;
            let campaign = *random.choice(&["service", "any"]).expect("one");
            let asked = (zone(name), terms.of_campaign(campaign).clone(), BTreeSet::new());
            let shown = ShownZone::of(&asked, at);
            let (allowing, all) = states(asked.0, &asked.1, at);
            let expected = match allowing {
                0 => Calls::Refused,
                some if some == all => Calls::Allowed,
                _ => Calls::AllowedInPart,
            };
            assert_eq!(shown.calls, expected, "{name}, {campaign}, {at}: {:?}", shown.refused_by);
            assert_eq!(shown.next_allowed.is_some(), expected != Calls::Allowed, "{name}, {at}");
            met.insert(format!("{expected:?}"));
        }
    }
    assert_eq!(met.len(), 3, "each was met: {met:?}");
}

#[test]
fn every_zone_with_a_place_is_on_the_map_and_its_clock_is_about_that_of_the_sun() {
    let january = instant("2026-01-15T12:00:00Z");
    let mut places = 0;
    for zone in chrono_tz::TZ_VARIANTS {
        let known = place(zone.name());
        assert_eq!(known.is_some(), outbound::campaign::is_place(Zone(zone)), "{zone}");
        let Some([x, y]) = known else { continue };
        places += 1;
        assert!((-180.0..=180.0).contains(&x) && (-60.0..=80.0).contains(&y), "{zone}: {x} {y}");
        let offset = f64::from(zone::local(zone, january).offset().local_minus_utc()) / 3600.0;
        let away = (offset - x / 15.0 + 36.0).rem_euclid(24.0) - 12.0;
        assert!(away.abs() < 3.5, "{zone} at {x}: {offset}");
    }
    assert!(places > 500, "{places}");
    assert_eq!(place("America/New_York"), Some([-74.0, 40.7]));
    assert_eq!(place("America/Argentina"), None, "a part of a name is none");
}

#[test]
fn the_zones_of_open_runs_are_shown_from_west_to_east_and_those_of_all_if_none_is_open() {
    let now = instant("2026-03-02T17:30:29Z");
    let open = run("any", &["Europe/London", "America/New_York", "Mars/Olympus"], None);
    let service = run("service", &["America/New_York"], None);
    let ended = run("ended", &["Pacific/Honolulu"], Some(Ended::Completed));
    let mut zones = Zones::default();
    let names = |zones: &[ShownZone]| -> Vec<String> {
        let shown = zones.iter().map(|it| format!("{} {:?}", it.zone, it.campaigns));
        shown.collect()
    };
    let shown = zones.read(&[open.clone(), service, ended.clone()], &terms(), now);
    let expected =
        ["America/New_York {\"any\"}", "America/New_York {\"service\"}", "Europe/London {\"any\"}"];
    assert_eq!(names(shown), expected);
    assert_eq!(shown[0].local.to_rfc3339(), "2026-03-02T12:30:00-05:00");
    assert_eq!((shown[0].hours.as_str(), shown[0].calls), ("08:00-21:00", Calls::Allowed));
    // The same terms are one row.
    let other = run("other", &["America/New_York"], None);
    let shown = zones.read(&[open, other], &terms(), now);
    assert_eq!(names(shown)[0], "America/New_York {\"any\", \"other\"}");
    assert_eq!(names(zones.read(&[ended], &terms(), now)), ["Pacific/Honolulu {\"ended\"}"]);
}

#[test]
fn outside_the_hours_of_the_house_no_rule_is_named_but_when_calls_are_allowed_again() {
    let at = instant("2026-03-03T03:00:00Z");
    let terms = terms();
    let service = terms.of_campaign("service").clone();
    let shown = ShownZone::of(&(zone("America/New_York"), service, BTreeSet::new()), at);
    assert_eq!((shown.calls, shown.refused_by.len()), (Calls::Refused, 0));
    assert_eq!(shown.next_allowed.as_deref(), Some("Tue 08:00"));
}
