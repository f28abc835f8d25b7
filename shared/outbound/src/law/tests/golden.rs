//! Decisions that a person can check against the law.

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::{super::*, at, in_place, place, to, zone};
use crate::E164;

/// The decision, each finding against the call in a line of its own.
fn explained(call: &Call, instant: &str) -> String {
    let decision = decide(call, at(instant));
    let mut text = if decision.allowed { "allowed\n" } else { "refused\n" }.to_owned();
    for finding in &decision.findings {
        match finding.ruling {
            Ruling::Refuses => writeln!(text, "- {finding}"),
            Ruling::Warns => writeln!(text, "- warning: {finding}"),
            Ruling::LiftedBy(basis) => writeln!(text, "- lifted by {basis}: {}", finding.rule),
            Ruling::Allows => Ok(()),
        }
        .expect("text");
    }
    if let Some(next) = decision.next_allowed.filter(|_| !decision.allowed) {
        let clocks = decision.clocks.iter().map(|clock| {
            let next = crate::zone::local(clock.zone.0, next);
            format!("{} in {}", next.format("%a %F %H:%M"), clock.zone)
        });
        let clocks: Vec<String> = clocks.collect();
        writeln!(text, "next: {}", clocks.join(" = ")).expect("text");
    }
    text
}

/// The citations of those who refuse.
fn refused_by(call: &Call, instant: &str) -> Vec<String> {
    let decision = decide(call, at(instant));
    let refusing = decision.findings.iter().filter(|it| it.ruling == Ruling::Refuses);
    refusing.map(|finding| format!("{} {}", finding.code, finding.rule)).collect()
}

fn is_allowed(call: &Call, instant: &str) -> bool {
    decide(call, at(instant)).allowed
}

#[test]
fn new_york_at_03_00() {
    insta::assert_snapshot!(explained(&to("+12125550110", Kind::Sales), "2026-12-01T03:00:00-05:00"), @r"
    refused
    - US tcpa-hours (47 CFR 64.1200(c)(1), (f)(15)): Tuesdays 08:00-21:00 only; it is 03:00 in America/New_York
    - US tsr-hours (16 CFR 310.4(c)): Tuesdays 08:00-21:00 only; it is 03:00 in America/New_York
    - US-NY hours (N.Y. Gen. Bus. Law 399-z(2)): Tuesdays 08:00-21:00 only; it is 03:00 in America/New_York
    - house hours: Tuesdays 08:00-21:00 only; it is 03:00 in America/New_York
    next: Tue 2026-12-01 08:00 in America/New_York
    ");
}

#[test]
fn the_next_allowed_time_is_the_whole_minute_whatever_fraction_of_a_second_it_is_asked_in() {
    let decision = decide(&to("+12125550110", Kind::Sales), at("2026-12-01T03:00:59.25-05:00"));
    assert_eq!(decision.next_allowed, Some(at("2026-12-01T08:00:00-05:00")));
}

#[test]
fn florida_at_20_00() {
    let call = to("+13055550110", Kind::Sales);
    insta::assert_snapshot!(explained(&call, "2026-12-01T20:00:00-05:00"), @r"
    refused
    - US-FL hours (Fla. Stat. 501.616(6)(a), (b)): Tuesdays 08:00-20:00 only; it is 20:00 in America/New_York
    next: Wed 2026-12-02 08:00 in America/New_York
    ");
    assert!(is_allowed(&call, "2026-12-01T19:59:59-05:00"));
}

#[test]
fn rhode_island_on_thanksgiving() {
    insta::assert_snapshot!(explained(&to("+14015550110", Kind::Sales), "2026-11-26T12:00:00-05:00"), @r"
    refused
    - US-RI hours (R.I. Gen. Laws 5-61-3.6, 5-61-2(2)): no calls on holidays; 2026-11-26 is Thanksgiving Day in America/New_York
    next: Fri 2026-11-27 09:00 in America/New_York
    ");
}

#[test]
fn alabama_on_a_sunday() {
    insta::assert_snapshot!(explained(&to("+12055550110", Kind::Sales), "2026-12-06T12:00:00-06:00"), @r"
    refused
    - US-AL hours (Ala. Admin. Code r. 770-X-5-.17(1)(b)): no calls on Sundays; it is 12:00 in America/Chicago
    next: Mon 2026-12-07 08:00 in America/Chicago
    ");
}

#[test]
fn kentucky_at_09_30() {
    insta::assert_snapshot!(explained(&to("+15025550110", Kind::Sales), "2026-12-01T09:30:00-05:00"), @r"
    refused
    - US-KY hours (KRS 367.46955): Tuesdays 10:00-21:00 only; it is 09:30 in America/New_York
    next: Tue 2026-12-01 10:00 in America/New_York
    ");
}

#[test]
fn northern_indiana_at_07_00_central() {
    let call = to("+12195550110", Kind::Sales);
    insta::assert_snapshot!(explained(&call, "2026-12-01T07:00:00-06:00"), @r"
    refused
    - US tcpa-hours (47 CFR 64.1200(c)(1), (f)(15)): Tuesdays 08:00-21:00 only; it is 07:00 in America/Chicago
    - US tsr-hours (16 CFR 310.4(c)): Tuesdays 08:00-21:00 only; it is 07:00 in America/Chicago
    - house hours: Tuesdays 08:00-21:00 only; it is 07:00 in America/Chicago
    next: Tue 2026-12-01 08:00 in America/Chicago = Tue 2026-12-01 09:00 in America/New_York
    ");
    // The other end of the day is Eastern: 21:00 there is 20:00 Central.
    assert!(!is_allowed(&call, "2026-12-01T20:00:00-06:00"));
    assert!(is_allowed(&call, "2026-12-01T19:59:00-06:00"));
}

#[test]
fn el_paso_at_08_30_mountain() {
    let call = to("+19155550110", Kind::Sales);
    insta::assert_snapshot!(explained(&call, "2026-12-01T08:30:00-07:00"), @r"
    refused
    - US-TX hours (Tex. Bus. & Com. Code 301.051; SB 140 (texts, from 2025-09-01)): Tuesdays 09:00-21:00 only; it is 08:30 in America/Denver
    next: Tue 2026-12-01 10:00 in America/Chicago = Tue 2026-12-01 09:00 in America/Denver
    ");
    // 20:30 in El Paso is 21:30 in Dallas, whose clocks one reading of the statute means.
    assert!(
        refused_by(&call, "2026-12-01T20:30:00-07:00")
            .contains(&"US-TX hours-in-central-time".to_owned())
    );
}

#[test]
fn toronto_on_a_saturday_at_09_30() {
    insta::assert_snapshot!(explained(&to("+14165550110", Kind::Sales), "2026-12-05T09:30:00-05:00"), @r"
    refused
    - CA hours (CRTC Unsolicited Telecommunications Rules, Part III): Saturdays 10:00-18:00 only; it is 09:30 in America/Toronto
    next: Sat 2026-12-05 10:00 in America/Toronto
    ");
}

#[test]
fn labrador_at_08_45_in_goose_bay() {
    insta::assert_snapshot!(explained(&to("+17095550110", Kind::Sales), "2026-12-01T08:45:00-04:00"), @r"
    refused
    - CA hours (CRTC Unsolicited Telecommunications Rules, Part III): Tuesdays 09:00-21:30 only; it is 08:45 in America/Goose_Bay
    - warning: CA holidays-by-vendors (none found: the CRTC's key rules name no holidays): Tuesdays 09:00-21:30 only; it is 08:45 in America/Goose_Bay
    next: Tue 2026-12-01 09:00 in America/Goose_Bay = Tue 2026-12-01 09:30 in America/St_Johns
    ");
}

#[test]
fn paris_at_13_30() {
    let mut call = to("+33199000110", Kind::Sales);
    insta::assert_snapshot!(explained(&call, "2026-12-01T13:30:00+01:00"), @r"
    refused
    - FR hours (Code de la consommation D. 223-9 (decret 2022-1313); holidays: Code du travail L. 3133-1): Tuesdays 10:00-13:00 and 14:00-20:00 only; it is 13:30 in Europe/Paris
    - FR opt-in (Code de la consommation L. 223-1, loi 2025-594 art. 13): no calls unless something lifts the rule
    ");
    call.bases.insert(Basis::Consent);
    insta::assert_snapshot!(explained(&call, "2026-12-01T13:30:00+01:00"), @r"
    refused
    - FR hours (Code de la consommation D. 223-9 (decret 2022-1313); holidays: Code du travail L. 3133-1): Tuesdays 10:00-13:00 and 14:00-20:00 only; it is 13:30 in Europe/Paris
    - lifted by consent: opt-in
    next: Tue 2026-12-01 14:00 in Europe/Paris
    ");
    assert!(is_allowed(&call, "2026-12-01T12:59:00+01:00"));
}

#[test]
fn an_unknown_country_is_refused_at_any_time() {
    insta::assert_snapshot!(explained(&to("+351211234567", Kind::Sales), "2026-12-01T12:00:00Z"), @r"
    refused
    - PT law-known: no verified rule is known for 2026-12-01: unknown, not free
    ");
}

#[test]
fn a_country_with_unverified_rules_alone_is_unknown() {
    insta::assert_snapshot!(explained(&in_place("IN", "Asia/Kolkata", Kind::Sales), "2026-12-01T12:00:00+05:30"), @r"
    refused
    - IN law-known: no verified rule is known for 2026-12-01: unknown, not free
    ");
}

#[test]
fn a_number_without_a_place_is_refused_until_one_is_stated() {
    let number: E164 = "+18005550110".parse().expect("E.164");
    let of = |zones: &[Zone], places: &[Place]| {
        Call::new(Candidates::of(Some(&number), zones, places), Kind::Sales)
    };
    let noon = "2026-12-01T12:00:00-06:00";
    insta::assert_snapshot!(explained(&of(&[], &[]), noon), @r"
    refused
    - place place-known: the number has no place (toll-free, non-geographic or unknown) and none is stated
    ");
    assert!(!is_allowed(&of(&[zone("America/Chicago")], &[]), noon), "a zone is no place");
    assert!(is_allowed(&of(&[], &[place("US-IL")]), noon));
    assert!(is_allowed(&of(&[], &[place("US 60601")]), noon));
}

#[test]
fn a_zone_without_a_place_is_refused_beside_any_number() {
    let number: E164 = "+12125550110".parse().expect("E.164");
    for name in ["UTC", "Etc/GMT+5", "EST5EDT", "Antarctica/McMurdo"] {
        let candidates = Candidates::of(Some(&number), &[zone(name)], &[]);
        let call = Call::new(candidates, Kind::Sales);
        assert_eq!(refused_by(&call, "2026-12-01T12:00:00-05:00"), ["place place-known"], "{name}");
    }
}

#[test]
fn a_request_lifts_what_it_can_and_nothing_else() {
    let mut call = to("+14015550110", Kind::Sales);
    call.bases.insert(Basis::Request);
    // Rhode Island's holiday is lifted, the federal telemarketing rule's hours are not.
    assert!(is_allowed(&call, "2026-11-26T12:00:00-05:00"));
    assert_eq!(refused_by(&call, "2026-11-26T07:00:00-05:00"), ["US tsr-hours", "house hours"]);
}

#[test]
fn consent_to_a_time_lifts_rules_for_that_time_alone() {
    let mut call = to("+61255501234", Kind::Sales);
    let evening = at("2026-12-01T20:00:00+11:00");
    assert_eq!(refused_by(&call, "2026-12-01T20:00:00+11:00"), ["AU hours"]);
    call.consent_for = Some(Interval { start: evening, end: evening + TimeDelta::minutes(30) });
    assert!(is_allowed(&call, "2026-12-01T20:00:00+11:00"));
    assert!(is_allowed(&call, "2026-12-01T20:29:59+11:00"));
    assert!(!is_allowed(&call, "2026-12-01T20:30:00+11:00"));
    // The basis alone, without the time, lifts nothing.
    call.consent_for = None;
    call.bases.insert(Basis::ConsentForTime);
    assert!(!is_allowed(&call, "2026-12-01T20:00:00+11:00"));
}

#[test]
fn a_rule_is_silent_before_its_first_day_and_after_its_last() {
    let pennsylvania = in_place("US-PA", "America/New_York", Kind::Sales);
    let before = decide(&pennsylvania, at("2026-10-11T12:00:00-04:00"));
    assert!(before.allowed && before.findings.iter().all(|it| it.rule != "sunday"), "{before:?}");
    assert_eq!(refused_by(&pennsylvania, "2026-10-18T12:00:00-04:00"), ["US-PA sunday"]);
    // Independence Day of 2023 in Mississippi, whose ban was repealed in June 2024.
    let mississippi = in_place("US-MS", "America/Chicago", Kind::Sales);
    assert_eq!(refused_by(&mississippi, "2023-07-04T12:00:00-05:00"), ["US-MS holidays"]);
    assert!(is_allowed(&mississippi, "2024-07-04T12:00:00-05:00"));
}

#[test]
fn an_unverified_rule_warns_and_refuses_only_when_told_to() {
    let mut wyoming = in_place("US-WY", "America/Denver", Kind::Sales);
    let evening = "2026-12-01T20:30:00-07:00";
    insta::assert_snapshot!(explained(&wyoming, evening), @r"
    allowed
    - warning: US-WY hours (Wyo. Stat. 40-12-302 (not seen)): Tuesdays 08:00-20:00 only; it is 20:30 in America/Denver
    ");
    wyoming.strictness = Strictness::All;
    assert_eq!(refused_by(&wyoming, evening), ["US-WY hours"]);
}

#[test]
fn a_country_without_a_rule_for_such_calls_warns_and_refuses_only_when_told_to() {
    let noon = "2026-12-01T12:00:00+01:00";
    for (kind, calls) in [
        (Kind::Automated, "automated calls"),
        (Kind::Debt, "calls about debts"),
        (Kind::Fundraising, "fundraising calls"),
        (Kind::Research, "research calls"),
        (Kind::Text, "text messages"),
    ] {
        let mut germany = in_place("DE", "Europe/Berlin", kind);
        let warning = format!("- warning: DE kind-known: no verified national rule for {calls} is");
        let text = explained(&germany, noon);
        assert!(text.starts_with("allowed") && text.contains(&warning), "{text}");
        germany.strictness = Strictness::All;
        assert_eq!(refused_by(&germany, noon), ["DE kind-known"]);
    }
}

#[test]
fn mississippi_counts_by_central_time_wherever_the_phone_is() {
    let call = in_place("US-MS", "America/Denver", Kind::Sales);
    // 19:30 in Denver is 20:30 in Jackson.
    assert_eq!(refused_by(&call, "2026-12-01T19:30:00-07:00"), ["US-MS hours"]);
    assert!(is_allowed(&call, "2026-12-01T18:30:00-07:00"));
}

#[test]
fn a_holiday_may_shorten_the_day_instead_of_closing_it() {
    let nebraska = in_place("US-NE", "America/Chicago", Kind::Automated);
    // Christmas Day of 2026 is a Friday, which the rule leaves free otherwise.
    assert_eq!(refused_by(&nebraska, "2026-12-25T12:59:00-06:00"), ["US-NE prerecorded-holidays"],);
    assert!(is_allowed(&nebraska, "2026-12-25T13:00:00-06:00"));
    assert!(is_allowed(&nebraska, "2026-12-18T08:00:00-06:00"));
}

#[test]
fn the_day_before_an_italian_holiday_counts_as_a_saturday() {
    let italy = in_place("IT", "Europe/Rome", Kind::Sales);
    // 7 December 2026, a Monday, is the eve of the Immaculate Conception.
    assert_eq!(refused_by(&italy, "2026-12-07T09:30:00+01:00"), ["IT hours"]);
    assert!(is_allowed(&italy, "2026-12-07T10:00:00+01:00"));
    assert!(is_allowed(&italy, "2026-12-14T09:30:00+01:00"));
}

#[test]
fn an_emergency_is_lifted_by_what_its_law_names_and_a_closed_day_by_nothing() {
    let noon = "2026-12-02T12:00:00-05:00";
    for (basis, emergency, allowed) in [
        (Basis::Request, true, true),
        (Basis::Ebr, true, true),
        (Basis::Consent, true, false),
        (Basis::Request, false, false),
    ] {
        let mut call = in_place("US-NY", "America/New_York", Kind::Sales);
        call.bases.insert(basis);
        call.closures = vec![Closure {
            code: Jurisdiction::new("US-NY"),
            from: "2026-12-01".parse().expect("a day"),
            until: None,
            emergency,
            reason: "snow".to_owned(),
        }];
        assert_eq!(is_allowed(&call, noon), allowed, "{basis}, emergency: {emergency}");
    }
}

#[test]
fn an_emergency_bans_what_its_law_bans_and_a_closed_day_bans_all() {
    let closure = |emergency| Closure {
        code: Jurisdiction::new("US-LA"),
        from: "2026-12-01".parse().expect("a day"),
        until: None,
        emergency,
        reason: "hurricane".to_owned(),
    };
    let noon = "2026-12-02T12:00:00-06:00";
    let mut sales = in_place("US-LA", "America/Chicago", Kind::Sales);
    let mut service = in_place("US-LA", "America/Chicago", Kind::Service);
    assert!(is_allowed(&sales, noon) && is_allowed(&service, noon));
    sales.closures = vec![closure(true)];
    service.closures = vec![closure(true)];
    insta::assert_snapshot!(explained(&sales, noon), @r"
    refused
    - US-LA emergency (La. R.S. 29:721 et seq.; LPSC Gen. Order R-29617): 2026-12-02 is closed in America/Chicago: hurricane
    ");
    assert!(is_allowed(&service, noon), "the law on emergencies bans solicitation");
    service.closures = vec![closure(false)];
    assert_eq!(refused_by(&service, noon), ["US-LA closed-day"]);
    assert!(is_allowed(&service, "2026-11-30T12:00:00-06:00"), "the day before");
}

#[test]
fn the_house_only_narrows() {
    let mut call = to("+12125550110", Kind::Sales);
    call.house = "06:00-12:00,13:00-23:00".parse().expect("house hours");
    assert_eq!(refused_by(&call, "2026-12-01T12:30:00-05:00"), ["house hours"]);
    assert!(is_allowed(&call, "2026-12-01T13:00:00-05:00"));
    assert_eq!(refused_by(&call, "2026-12-01T07:00:00-05:00").len(), 3, "the law's hours stay");
}

#[test]
fn a_year_without_a_table_of_holidays_is_refused_where_they_matter() {
    let alabama = in_place("US-AL", "America/Chicago", Kind::Sales);
    insta::assert_snapshot!(explained(&alabama, "2032-03-02T12:00:00-06:00"), @r"
    refused
    - US-AL hours (Ala. Admin. Code r. 770-X-5-.17(1)(b)): no calls on holidays; those of 2032 are not known (America/Chicago)
    ");
    assert!(is_allowed(
        &in_place("US-NY", "America/New_York", Kind::Sales),
        "2032-03-02T12:00:00-05:00"
    ));
}

#[test]
fn an_address_adds_to_the_area_code_and_never_replaces_it() {
    let number: E164 = "+14015550110".parse().expect("E.164");
    let moved = Candidates::of(Some(&number), &[], &[place("US-CA")]);
    let call = Call::new(moved, Kind::Sales);
    // Rhode Island's Saturday ends at 17:00, on the clocks of the east and of the west.
    assert!(refused_by(&call, "2026-12-05T14:30:00-08:00").contains(&"US-RI hours".to_owned()));
    assert!(is_allowed(&call, "2026-12-05T11:00:00-08:00"));
}

#[test]
fn limits_on_attempts_come_with_their_citation() {
    let call = to("+13055550110", Kind::Sales);
    let limits = limits(&call, at("2026-12-01T12:00:00-05:00"));
    let [limit] = &limits[..] else { panic!("{limits:?}") };
    assert_eq!((limit.max, limit.within_hours, limit.per.as_str()), (3, 24, "subject"));
    assert_eq!(limit.authority.citation, "Fla. Stat. 501.616(6)(a), (b)");
}
