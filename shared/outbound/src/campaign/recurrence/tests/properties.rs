use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::{super::oracle::Oracle, *};
use crate::zone::changes::AGREED;

/// A field of up to three items, which may hold any value from `low` to `high`.
fn field(low: u8, high: u8, names: &'static [&'static str]) -> BoxedStrategy<String> {
    let value = move |number: u8, named: bool| {
        let name = names.get(usize::from(number - low)).filter(|_| named);
        name.map_or_else(|| number.to_string(), |name| (*name).to_owned())
    };
    let span = if high == 7 { 7 } else { high - low + 1 };
    let range = (low..=high, low..=high, any::<bool>(), any::<bool>()).prop_map(
        move |(one, other, first_named, last_named)| {
            let (first, last) = (one.min(other), one.max(other));
            format!("{}-{}", value(first, first_named), value(last, last_named))
        },
    );
    let item = prop_oneof![
        4 => (low..=high, any::<bool>()).prop_map(move |(number, named)| value(number, named)),
        2 => range.clone(),
        2 => (range, 1..=span).prop_map(|(range, step)| format!("{range}/{step}")),
        1 => (1..=span).prop_map(|step| format!("*/{step}")),
        1 => Just("*".to_owned()),
    ];
    prop_oneof![
        1 => Just("*".to_owned()),
        2 => proptest::collection::vec(item, 1..=3).prop_map(|items| items.join(",")),
    ]
    .boxed()
}

pub(crate) fn expressions() -> impl Strategy<Value = String> {
    (
        field(0, 59, &[]),
        field(0, 23, &[]),
        field(1, 31, &[]),
        field(
            1,
            12,
            &["jan", "Feb", "MAR", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        ),
        field(0, 7, &["sun", "Mon", "TUE", "wed", "thu", "fri", "sat", "sun"]),
    )
        .prop_map(|(minute, hour, day, month, weekday)| {
            format!("{minute} {hour} {day} {month} {weekday}")
        })
}

/// An instant of 2026 or 2027: any, or one within four hours of a change of the clocks.
fn instants() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    let any = (prop::sample::select(&AGREED[..]), 1_767_225_600_i64..1_830_297_600)
        .prop_map(|(zone, second)| (zone, DateTime::from_timestamp(second, 0).expect("a time")));
    let changes: Vec<_> = GAPS.iter().chain(&OVERLAPS).map(|(zone, at, ..)| (*zone, *at)).collect();
    let change =
        (prop::sample::select(changes), -240_i64..240).prop_map(|((zone, at), minutes)| {
            (zone, zone::instant(zone, civil(at)).to_utc() + TimeDelta::minutes(minutes))
        });
    prop_oneof![any, change]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn starts_are_those_that_trying_every_minute_finds(
        expression in expressions(),
        (zone, after) in instants(),
    ) {
        let oracle = Oracle::of(&expression);
        let Ok(recurrence) = expression.parse::<Recurrence>() else {
            prop_assert!(!oracle.ever_fires());
            return Ok(());
        };
        let mut after = after;
        for _ in 0..4 {
            let start = recurrence.next(after, zone);
            prop_assert_eq!(start.map(|start| (start.civil, start.at)), oracle.next(after, zone));
            let Some(start) = start else { break };
            after = start.at.to_utc();
        }
    }

    #[test]
    fn starts_come_one_after_the_other_and_none_is_skipped(
        expression in expressions(),
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        minutes in 0_i64..60 * 24 * 365 * 30,
    ) {
        let after = instant("2010-01-01T00:00:00Z") + TimeDelta::minutes(minutes);
        let Ok(recurrence) = expression.parse::<Recurrence>() else { return Ok(()) };
        let Some(start) = recurrence.next(after, zone) else { return Ok(()) };
        prop_assert!(start.at > after);
        prop_assert!(start.at.naive_local() >= start.civil);
        let oracle = Oracle::of(&expression);
        prop_assert!(oracle.fires_at(start.civil));
        let mut fires_between = (1..3000)
            .map(|minute| zone::local(zone, after + TimeDelta::minutes(minute)))
            .take_while(|at| *at < start.at)
            .filter(|at| oracle.fires_at(at.naive_local()));
        prop_assert!(fires_between.all(|at| zone::instant(zone, at.naive_local()) < at));
    }

    #[test]
    fn reading_never_panics(text in "[0-9*/,@?LW# a-z-]{0,30}|.{0,30}") {
        if let Ok(recurrence) = text.parse::<Recurrence>() {
            prop_assert_eq!(recurrence.to_string(), text);
        }
    }
}
