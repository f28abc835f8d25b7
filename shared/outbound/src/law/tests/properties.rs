//! Properties of any call at any instant.

use std::{env, sync::LazyLock};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::{prelude::*, sample::select};

use super::{
    super::{engine::CURRENT, rule::RULES, *},
    naive::{HOLIDAY_SET, NaiveCall, NaiveClosure, refusals},
    place, zone,
};
use crate::law::calendar::Calendars;

/// Number of calls that are decided twice. `.ci/run law_million` sets a million.
fn cases() -> u32 {
    env::var("LAW_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(512)
}

/// A number of every area code, and some abroad and nowhere.
static NUMBERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let area_codes = include_str!("../../../data/nanp_area_codes.txt").lines();
    let area_codes =
        area_codes.filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let mut numbers: Vec<String> =
        area_codes.map(|line| format!("+1{}5550110", &line[..3])).collect();
    // libphonenumber's examples of landlines and mobiles, and numbers without a place.
    let abroad = [
        "+33123456789",
        "+33612345678",
        "+441212345678",
        "+447400123456",
        "+4930123456",
        "+4915123456789",
        "+34810123456",
        "+34612345678",
        "+390212345678",
        "+393123456789",
        "+31101234567",
        "+31612345678",
        "+61212345678",
        "+61412345678",
        "+917410410123",
        "+918123456789",
        "+81312345678",
        "+819012345678",
        "+27101234567",
        "+97122345678",
        "+551123456789",
        "+522221234567",
        "+576012345678",
        "+351212345678",
        "+3532212345",
        "+18005550110",
        "+18765550110",
        "+9999999999",
        "+262262123456",
    ];
    for _ in 0..8 {
        numbers.extend(abroad.map(str::to_owned));
    }
    numbers
});

const PLACES: [&str; 14] = [
    "US-NY", "US-RI", "US-AL", "US-TX", "US-FL", "US-NE", "CA-BC", "CA", "FR", "FR-974", "IT",
    "AU", "NL", "US 79901",
];
const ZONES: [&str; 10] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Goose_Bay",
    "America/Vancouver",
    "Europe/Paris",
    "Europe/Rome",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
];
const HOUSES: [&str; 5] = [
    "08:00-21:00",
    "00:00-24:00",
    "09:00-12:00,13:00-20:00",
    "06:15-07:30,19:45-23:00",
    "12:00-12:15",
];

/// Days around which rules, clocks or holidays change, and any others.
fn instant() -> impl Strategy<Value = i64> {
    let turning = select(vec![
        "2021-11-30",
        "2022-06-09",
        "2022-11-01",
        "2023-03-01",
        "2023-10-01",
        "2023-10-10",
        "2024-01-01",
        "2024-06-03",
        "2024-08-27",
        "2024-09-28",
        "2026-01-01",
        "2026-03-08",
        "2026-03-29",
        "2026-07-01",
        "2026-08-11",
        "2026-10-18",
        "2026-11-01",
        "2026-11-26",
        "2026-12-25",
        "2027-03-14",
        "2031-12-31",
    ]);
    let near = (turning, -3 * 86_400_i64..3 * 86_400).prop_map(|(day, seconds)| {
        let day: NaiveDate = day.parse().expect("a day");
        day.and_hms_opt(0, 0, 0).expect("midnight").and_utc().timestamp() + seconds
    });
    // 2021 to 2031, to the second; and past the table of holidays.
    prop_oneof![3 => near, 6 => 1_609_459_200_i64..1_956_528_000, 1 => 1_956_000_000_i64..1_990_000_000]
}

fn closure() -> impl Strategy<Value = Closure> {
    let codes = select(vec!["US-LA", "US-NY", "US-TX", "US", "CA-BC", "FR"]);
    (codes, instant(), prop::option::of(0_i64..10), any::<bool>()).prop_map(
        |(code, seconds, days, emergency)| {
            let from = DateTime::from_timestamp(seconds, 0).expect("an instant").date_naive();
            Closure {
                code: Jurisdiction::new(code),
                from,
                until: days.map(|days| from + TimeDelta::days(days)),
                emergency,
                reason: "declared".to_owned(),
            }
        },
    )
}

prop_compose! {
    fn call()(
        number in prop::option::weighted(0.9, select(&NUMBERS[..])),
        zones in prop::collection::vec(select(&ZONES[..]), 0..2),
        places in prop::collection::vec(select(&PLACES[..]), 0..2),
        kinds in prop::collection::vec(select(&Kind::ALL[..]), 1..3),
        bases in prop::collection::btree_set(select(&Basis::ALL[..]), 0..3),
        consent in prop::option::weighted(0.3, (instant(), 1_i64..400)),
        house in select(&HOUSES[..]),
        strict in any::<bool>(),
        closures in prop::collection::vec(closure(), 0..2),
    ) -> Call {
        let number = number.map(|number| number.parse().expect("E.164"));
        let zones: Vec<Zone> = zones.into_iter().map(zone).collect();
        let places: Vec<Place> = places.into_iter().map(place).collect();
        let candidates = Candidates::of(number.as_ref(), &zones, &places);
        Call {
            bases,
            consent_for: consent.map(|(start, quarters)| {
                let start = DateTime::from_timestamp(start / 900 * 900, 0).expect("an instant");
                Interval { start, end: start + TimeDelta::minutes(15 * quarters) }
            }),
            house: house.parse().expect("house hours"),
            strictness: if strict { Strictness::All } else { Strictness::Verified },
            closures,
            ..Call::new(candidates, kinds.into_iter().collect::<Kinds>())
        }
    }
}

fn naive(call: &Call) -> NaiveCall {
    let hours = call.house.to_string();
    let range = |range: &str| {
        let (from, until) = range.split_once('-').expect("a range");
        (from.to_owned(), until.to_owned())
    };
    NaiveCall {
        codes: call.candidates.jurisdictions().map(|(code, _)| code.to_string()).collect(),
        zones: call.candidates.zones().map(|zone| zone.to_string()).collect(),
        kinds: call.kinds.iter().map(|kind| kind.to_string()).collect(),
        bases: call.bases.iter().map(Basis::to_string).collect(),
        consent_for: call.consent_for.map(|time| (time.start.timestamp(), time.end.timestamp())),
        house: hours.split(',').map(range).collect(),
        strict: call.strictness == Strictness::All,
        closures: call
            .closures
            .iter()
            .map(|closure| NaiveClosure {
                code: closure.code.to_string(),
                from: closure.from.to_string(),
                until: closure.until.map(|day| day.to_string()),
                emergency: closure.emergency,
            })
            .collect(),
        is_placed: call.candidates.doubts().next().is_none(),
    }
}

fn utc(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("an instant")
}

fn who_refuses(decision: &Decision) -> Vec<String> {
    let refusing = decision.findings.iter().filter(|it| it.ruling == Ruling::Refuses);
    let mut names: Vec<_> = refusing.map(|it| format!("{} {}", it.code, it.rule)).collect();
    names.sort();
    names.dedup();
    names
}

/// A date for which some calendar has no holiday gets one, in a table of its own.
static MORE_HOLIDAYS: LazyLock<Vec<Calendars>> = LazyLock::new(|| {
    let calendars = ["US-AL", "US-LA", "US-PA", "US-RI", "US-UT", "US-NE", "IT", "FR", "AU", "BR"];
    (0..7_u64)
        .map(|step| {
            let mut lines: Vec<String> = HOLIDAY_SET
                .iter()
                .map(|(calendar, day)| format!("{calendar} {day}|holiday"))
                .collect();
            let first: NaiveDate = "2021-01-01".parse().expect("a day");
            for calendar in calendars {
                for day in first
                    .iter_days()
                    .take(4017)
                    .skip(usize::try_from(step).expect("small"))
                    .step_by(7)
                {
                    lines.push(format!("{calendar} {day}|more"));
                }
            }
            lines.sort();
            lines.dedup_by(|a, b| a.split('|').next() == b.split('|').next());
            Calendars(Box::leak(lines.join("\n").into_boxed_str()))
        })
        .collect()
});

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_second_reader_of_the_data_refuses_for_the_same_rules(call in call(), seconds in instant()) {
        let decision = decide(&call, utc(seconds));
        let refusals = refusals(&naive(&call), seconds);
        prop_assert_eq!(who_refuses(&decision), refusals.clone());
        prop_assert_eq!(decision.allowed, refusals.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: (cases() / 8).max(128), ..ProptestConfig::default() })]

    #[test]
    fn one_more_candidate_kind_or_closure_never_allows_a_call(
        call in call(),
        other in call(),
        closure in closure(),
        seconds in instant(),
    ) {
        if !decide(&call, utc(seconds)).allowed {
            let mut more = vec![call.clone(); 4];
            for (code, origins) in other.candidates.jurisdictions() {
                for origin in origins {
                    more[0].candidates.add_jurisdiction(code.clone(), *origin);
                }
            }
            for zone in other.candidates.zones() {
                more[1].candidates.add_zone(zone);
            }
            more[2].kinds = call.kinds.iter().chain(other.kinds.iter()).collect();
            more[3].closures.push(closure);
            // What was said of an unplaced call stays said: only a stated place resolves it.
            let placed = call.candidates.doubts().next().is_none();
            for more in more.iter().filter(|_| placed) {
                prop_assert!(!decide(more, utc(seconds)).allowed, "{:?}", more);
            }
        }
    }

    #[test]
    fn one_more_place_or_zone_of_a_placed_number_never_allows_a_call(
        number in select(&NUMBERS[..]),
        place_name in select(&PLACES[..]),
        zone_name in select(&ZONES[..]),
        kind in select(&Kind::ALL[..]),
        seconds in instant(),
    ) {
        let number = number.parse().expect("E.164");
        let alone = Candidates::of(Some(&number), &[], &[]);
        if alone.doubts().next().is_none() && !decide(&Call::new(alone, kind), utc(seconds)).allowed {
            for (zones, places) in [(vec![zone(zone_name)], vec![]), (vec![], vec![place(place_name)])] {
                let more = Candidates::of(Some(&number), &zones, &places);
                prop_assert!(!decide(&Call::new(more, kind), utc(seconds)).allowed);
            }
        }
    }

    #[test]
    fn one_more_rule_or_holiday_never_allows_a_call(
        call in call(),
        seconds in instant(),
        cut in 0..RULES.len(),
        table in 0..7_usize,
    ) {
        let allowed = decide(&call, utc(seconds)).allowed;
        for rules in [&RULES[..cut], &RULES[cut..]] {
            let fewer = engine::Law { rules, ..CURRENT }.decide(&call, utc(seconds)).allowed;
            prop_assert!(fewer || !allowed, "all rules allow what some refuse");
        }
        let more = engine::Law { calendars: MORE_HOLIDAYS[table], ..CURRENT };
        prop_assert!(allowed || !more.decide(&call, utc(seconds)).allowed, "a holiday allows");
    }

    #[test]
    fn what_lifts_a_rule_never_refuses_a_call(call in call(), seconds in instant()) {
        let without = Call { bases: [].into(), consent_for: None, ..call.clone() };
        let allowed = |call: &Call| decide(call, utc(seconds)).allowed;
        prop_assert!(allowed(&call) || !allowed(&without));
        let strict = Call { strictness: Strictness::All, ..call.clone() };
        prop_assert!(allowed(&call) || !allowed(&strict));
    }

    #[test]
    fn the_allowed_parts_of_a_range_are_those_that_are_allowed(
        call in call(),
        seconds in instant(),
        days in 1_i64..30,
        offsets in prop::collection::vec(0_i64..30 * 86_400, 40),
    ) {
        let range = Interval { start: utc(seconds), end: utc(seconds + days * 86_400) };
        let parts = allowed(&call, range);
        let naive = naive(&call);
        let is_allowed = |at: i64| refusals(&naive, at).is_empty();
        let bounds: Vec<_> = parts.iter().flat_map(|part| [part.start, part.end]).collect();
        prop_assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", parts);
        prop_assert!(bounds.iter().all(|at| range.start <= *at && *at <= range.end));
        for part in &parts {
            prop_assert!(is_allowed(part.start.timestamp()));
            prop_assert!(is_allowed(part.end.timestamp() - 1));
            prop_assert!(part.end == range.end || !is_allowed(part.end.timestamp()));
        }
        for offset in offsets {
            let at = seconds + offset % (days * 86_400);
            let within = parts.iter().any(|part| part.contains(utc(at)));
            prop_assert_eq!(within, is_allowed(at), "{}", utc(at));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: (cases() / 64).max(64), ..ProptestConfig::default() })]

    #[test]
    fn the_next_allowed_instant_is_allowed_and_no_earlier_minute_is(call in call(), seconds in instant()) {
        let decision = decide(&call, utc(seconds));
        let naive = naive(&call);
        let end = decision.next_allowed.map_or(seconds + SEARCH_DAYS_MAX * 86_400, |at| at.timestamp());
        if let Some(next) = decision.next_allowed {
            prop_assert!(refusals(&naive, next.timestamp()).is_empty());
            prop_assert!(decide(&call, next).allowed);
            // Nothing but the instant itself begins off the minute.
            prop_assert!(next.timestamp() == seconds || next.timestamp() % 60 == 0);
        }
        // Minute by minute through two hours, then at every quarter of an hour through a month: all
        // bounds of the data, the zones and these calls are quarters.
        let soon = seconds + 2 * 3_600;
        let minutes = (seconds..end.min(soon)).step_by(60);
        let quarters = (soon / 900 * 900..end).step_by(900).take((cases() as usize / 2).min(3_000));
        for earlier in minutes.chain(quarters) {
            prop_assert!(!refusals(&naive, earlier).is_empty(), "{} is allowed", utc(earlier));
        }
    }
}
