use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// The slots when calls are always allowed.
fn slots(window: &Window, now: DateTime<Utc>, forecast: &[ForecastHour]) -> Vec<Slot> {
    let always = Interval { start: DateTime::<Utc>::MIN_UTC, end: DateTime::<Utc>::MAX_UTC };
    super::slots(window, now, forecast, &[always])
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn window(start: &str, end: &str) -> Window {
    Window::new(instant(start), instant(end)).expect("a window")
}

fn hour(start: &str, agents: f64) -> ForecastHour {
    ForecastHour { start: instant(start), agents }
}

fn afternoon() -> Window {
    window("2026-03-10T14:30:00Z", "2026-03-10T17:00:00Z")
}

const MORNING: &str = "2026-03-10T09:00:00Z";

fn dispatched(slots: &[Slot]) -> Vec<(String, u32)> {
    slots.iter().map(|slot| (slot.dispatch_at.to_rfc3339(), slot.agents)).collect()
}

fn pair(at: &str, agents: u32) -> (String, u32) {
    (instant(at).to_rfc3339(), agents)
}

#[test]
fn only_hours_that_overlap_the_window_count_and_those_from_its_start() {
    let forecast = [
        hour("2026-03-10T17:00:00Z", 90.0),
        hour("2026-03-10T16:00:00Z", 3.0),
        hour("2026-03-10T14:00:00Z", 8.0),
        hour("2026-03-10T15:00:00Z", 5.0),
        hour("2026-03-10T13:30:00Z", 90.0),
    ];
    let slots = slots(&afternoon(), instant(MORNING), &forecast);
    assert_eq!(
        dispatched(&slots),
        [
            pair("2026-03-10T14:30:00Z", 8),
            pair("2026-03-10T15:00:00Z", 5),
            pair("2026-03-10T16:00:00Z", 3),
        ]
    );
    assert_eq!(slots[0].hour, instant("2026-03-10T14:00:00Z"));
}

#[test]
fn a_window_that_has_begun_counts_from_half_a_minute_ahead() {
    let forecast = [hour("2026-03-10T14:00:00Z", 8.0), hour("2026-03-10T15:00:00Z", 5.0)];
    let slots = slots(&afternoon(), instant("2026-03-10T15:10:07.2Z"), &forecast);
    assert_eq!(dispatched(&slots), [pair("2026-03-10T15:10:38Z", 5)]);
}

#[test]
fn in_its_last_half_minute_a_window_counts_from_the_next_second() {
    let forecast = [hour("2026-03-10T16:00:00Z", 5.0)];
    let slots = slots(&afternoon(), instant("2026-03-10T16:59:31.2Z"), &forecast);
    assert_eq!(dispatched(&slots), [pair("2026-03-10T16:59:32Z", 5)]);
}

#[test]
fn what_rounds_to_the_end_of_an_hour_or_of_the_window_is_too_late() {
    let forecast = [hour("2026-03-10T15:00:00Z", 5.0), hour("2026-03-10T16:00:00Z", 5.0)];
    let late = |now| slots(&afternoon(), instant(now), &forecast);
    assert_eq!(late("2026-03-10T15:59:59.1Z").len(), 1);
    assert_eq!(late("2026-03-10T16:59:59Z").len(), 1);
    assert_eq!(late("2026-03-10T16:59:59.1Z"), []);
    assert_eq!(late("2026-03-11T09:00:00Z"), []);
}

#[test]
fn the_smaller_figure_counts_when_an_hour_comes_twice() {
    let at = "2026-03-10T15:00:00Z";
    let agents = |figures: &[f64]| {
        let forecast: Vec<_> = figures.iter().map(|agents| hour(at, *agents)).collect();
        slots(&afternoon(), instant(MORNING), &forecast)[0].agents
    };
    assert_eq!(agents(&[7.0, 3.0, 5.0]), 3);
    assert_eq!(agents(&[7.0, f64::NAN]), 0);
}

#[test]
fn hours_that_overlap_share_the_agents_of_the_clock_hour_in_which_the_call_goes_out() {
    // CXone answers each request with hours that begin where its window does.
    let asked = |start: &str| {
        let window = window(start, "2026-03-10T18:00:00Z");
        slots(&window, instant(MORNING), &[hour(start, 1.0)])[0]
    };
    let (full, quarter) = (asked("2026-03-10T14:00:00Z"), asked("2026-03-10T14:15:00Z"));
    assert_eq!(full.hour, quarter.hour);
    assert_eq!(quarter.dispatch_at, instant("2026-03-10T14:15:00Z"));
    // An hour that has run over into the next one counts there.
    let late =
        slots(&afternoon(), instant("2026-03-10T15:05:00Z"), &[hour("2026-03-10T14:15:00Z", 1.0)]);
    assert_eq!(late[0].hour, instant("2026-03-10T15:00:00Z"));
}

#[test]
fn only_whole_agents_count_and_nonsense_counts_as_none() {
    assert_eq!(whole_agents(2.99), 2);
    assert_eq!(whole_agents(0.99), 0);
    assert_eq!(whole_agents(-3.0), 0);
    assert_eq!(whole_agents(f64::NAN), 0);
    assert_eq!(whole_agents(f64::INFINITY), 0);
    assert_eq!(whole_agents(f64::NEG_INFINITY), 0);
    assert_eq!(whole_agents(1e300), AGENTS_MAX);
}

#[test]
fn times_at_the_ends_of_the_calendar_do_no_harm() {
    let forecast = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC]
        .map(|start| ForecastHour { start, agents: 1.0 });
    assert_eq!(slots(&afternoon(), instant(MORNING), &forecast), []);
}

fn three_slots() -> Vec<Slot> {
    let forecast = [
        hour("2026-03-10T14:00:00Z", 5.0),
        hour("2026-03-10T15:00:00Z", 5.0),
        hour("2026-03-10T16:00:00Z", 2.0),
    ];
    slots(&afternoon(), instant(MORNING), &forecast)
}

#[test]
fn most_agents_left_win_and_the_earliest_on_a_tie() {
    let slots = three_slots();
    assert_eq!(best(&slots, |_| 0), Ok(&slots[0]));
    assert_eq!(best(&slots, |slot| u32::from(slot.hour == slots[0].hour)), Ok(&slots[1]));
    assert_eq!(best(&slots, |slot| slot.agents.min(3)), Ok(&slots[0]));
    assert_eq!(best(&slots, |slot| if slot.agents == 5 { 9 } else { 0 }), Ok(&slots[2]));
}

#[test]
fn five_hundred_callbacks_spread_over_the_hours_and_never_exceed_them() {
    let forecast = [hour("2026-03-10T15:00:00Z", 300.0), hour("2026-03-10T16:00:00Z", 200.0)];
    let slots = slots(&afternoon(), instant(MORNING), &forecast);
    let mut booked = BTreeMap::<_, u32>::new();
    for _ in 0..500 {
        let slot = best(&slots, |slot| booked.get(&slot.hour).copied().unwrap_or(0));
        *booked.entry(slot.expect("a free agent").hour).or_default() += 1;
    }
    assert_eq!(booked.into_values().collect::<Vec<_>>(), [300, 200]);
}

#[test]
fn no_forecast_differs_from_no_capacity() {
    let (slots_of, now) = (afternoon(), instant(MORNING));
    assert_eq!(best(&slots(&slots_of, now, &[]), |_| 0), Err(NoSlot::NoForecast));
    let elsewhere = [hour("2026-03-10T17:00:00Z", 9.0)];
    assert_eq!(best(&slots(&slots_of, now, &elsewhere), |_| 0), Err(NoSlot::NoForecast));
    let empty = [hour("2026-03-10T15:00:00Z", 0.7), hour("2026-03-10T16:00:00Z", f64::NAN)];
    assert_eq!(best(&slots(&slots_of, now, &empty), |_| 0), Err(NoSlot::NoCapacity));
    assert_eq!(best(&three_slots(), |_| u32::MAX), Err(NoSlot::NoCapacity));
}

/// Minutes from a fixed midnight.
fn minute(minutes: i64) -> DateTime<Utc> {
    instant("2026-10-25T00:00:00Z") + TimeDelta::minutes(minutes)
}

fn figures() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (0_u32..40).prop_map(|quarters| f64::from(quarters) / 4.0),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-4.0), Just(1e12)],
    ]
}

/// Hours on the hour and off it, in any order, some twice.
fn forecasts() -> impl Strategy<Value = Vec<(i64, f64)>> {
    let start = prop_oneof![4 => (-3_i64..14).prop_map(|hour| hour * 60), 1 => -180_i64..840];
    proptest::collection::vec((start, figures()), 0..20)
}

/// Agents of one hour, computed in another way than in the code.
fn fewest(forecast: &[(i64, f64)], start: i64) -> u32 {
    let whole = |agents: f64| {
        if agents.is_infinite() {
            0
        } else {
            (1..=AGENTS_MAX).take_while(|n| f64::from(*n) <= agents).count()
        }
    };
    let same = forecast.iter().filter(|(other, _)| *other == start);
    same.map(|(_, agents)| u32::try_from(whole(*agents)).expect("small")).min().expect("an hour")
}

proptest! {
    /// The oracle walks through the window by half minutes.
    #[test]
    fn slots_are_what_a_walk_through_the_window_finds(
        start in 0_i64..480, length in 60_i64..=240, now in -240_i64..1680, forecast in forecasts(),
    ) {
        let half_minute = |at: i64| minute(0) + TimeDelta::seconds(30 * at);
        let first_from = |earliest: i64| {
            let mut found = BTreeMap::<i64, i64>::new();
            for at in (2 * start..2 * (start + length)).filter(|at| *at >= earliest) {
                let covers = |hour: i64| (2 * hour..2 * (hour + 60)).contains(&at);
                for (hour, _) in forecast.iter().filter(|(hour, _)| covers(*hour)) {
                    found.entry(*hour).or_insert(at);
                }
            }
            found
        };
        let ahead = first_from(now + 1);
        let found = if ahead.is_empty() { first_from(now) } else { ahead };
        let mut by_clock = BTreeMap::<i64, Vec<(i64, u32)>>::new();
        for (hour, at) in found {
            by_clock.entry(at / 120 * 60).or_default().push((at, fewest(&forecast, hour)));
        }
        let expected: Vec<Slot> = by_clock
            .into_iter()
            .map(|(hour, figures)| Slot {
                hour: minute(hour),
                dispatch_at: half_minute(figures.iter().map(|(at, _)| *at).min().expect("one")),
                agents: figures.iter().map(|(_, agents)| *agents).min().expect("one"),
            })
            .collect();

        let window = Window::new(minute(start), minute(start + length)).expect("a window");
        let hours: Vec<_> = forecast
            .iter()
            .map(|(start, agents)| ForecastHour { start: minute(*start), agents: *agents })
            .collect();
        prop_assert_eq!(slots(&window, half_minute(now), &hours), expected);
    }

    #[test]
    fn the_chosen_instant_lies_in_the_window_in_its_hour_and_in_the_future(
        start_ms in 0_i64..40_000_000,
        length_ms in 3_600_000_i64..=14_400_000,
        now_ms in -9_000_000_i64..60_000_000,
        hours in proptest::collection::vec((-9_000_000_i64..60_000_000, figures()), 0..30),
        booked in 0_u32..6,
    ) {
        let at = |ms| minute(0) + TimeDelta::milliseconds(ms);
        let window = Window::new(at(start_ms), at(start_ms + length_ms)).expect("a window");
        let forecast: Vec<_> = hours
            .iter()
            .map(|(ms, agents)| ForecastHour { start: at(*ms), agents: *agents })
            .collect();
        let slots = slots(&window, at(now_ms), &forecast);
        for slot in &slots {
            prop_assert!((window.start()..window.end()).contains(&slot.dispatch_at));
            prop_assert!((slot.hour..slot.hour + HOUR).contains(&slot.dispatch_at));
            prop_assert!(slot.dispatch_at >= at(now_ms));
            prop_assert!(slot.agents <= AGENTS_MAX);
        }
        if let Ok(chosen) = best(&slots, |_| booked) {
            prop_assert!(chosen.agents > booked);
            prop_assert!(slots.iter().all(|slot| slot.agents <= chosen.agents));
        }
    }

    #[test]
    fn the_order_of_the_forecast_does_not_matter(
        forecast in forecasts().prop_shuffle(), booked in proptest::collection::vec(0_u32..9, 20),
    ) {
        let window = Window::new(minute(60), minute(300)).expect("a window");
        let hours: Vec<_> = forecast
            .iter()
            .map(|(start, agents)| ForecastHour { start: minute(*start), agents: *agents })
            .collect();
        let mut sorted = hours.clone();
        sorted.sort_by_key(|hour| hour.start);
        let (slots, from_sorted) =
            (slots(&window, minute(0), &hours), slots(&window, minute(0), &sorted));
        prop_assert_eq!(&slots, &from_sorted);
        let distinct: BTreeSet<_> = slots.iter().map(|slot| slot.hour).collect();
        prop_assert_eq!(distinct.len(), slots.len());

        let left = |slot: &Slot| {
            let index = slots.iter().position(|other| other == slot).expect("it is one of them");
            i64::from(slot.agents) - i64::from(booked[index])
        };
        let most = slots.iter().map(left).max().filter(|left| *left > 0);
        let expected = most.and_then(|most| slots.iter().find(|slot| left(slot) == most));
        let chosen = best(&slots, |slot| {
            booked[slots.iter().position(|other| other == slot).expect("it is one of them")]
        });
        prop_assert_eq!(chosen.ok().map(left), expected.map(left));
        prop_assert_eq!(
            chosen.ok().map(|slot| slot.dispatch_at),
            expected.map(|slot| slot.dispatch_at)
        );
    }
}
