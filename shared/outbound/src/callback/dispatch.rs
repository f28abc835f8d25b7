//! Chooses the hour of the window with the most free agents, and the time in it.

use std::{cmp::Reverse, collections::BTreeMap};

use chrono::{DateTime, DurationRound, SubsecRound, TimeDelta, Utc};

use super::Window;
use crate::law::Interval;

/// Most agents of one hour. More agents than this in one hour is a mistake in the forecast, and
/// must not draw every callback there.
pub const AGENTS_MAX: u32 = 5_000;

const HOUR: TimeDelta = TimeDelta::hours(1);

/// Time from the choice of an instant until it has come. CXone may refuse what is past when it
/// answers.
const LEAD: TimeDelta = TimeDelta::seconds(30);

/// Number of agents expected to be free in the hour that begins at `start`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForecastHour {
    /// Start of the hour. It need not be a full hour.
    pub start: DateTime<Utc>,
    /// As forecasts have it: an average, so a fraction; at times nonsense.
    pub agents: f64,
}

/// An hour in which the call can go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The hour of the clock in which the call goes out. Bookings are counted by it: forecasts whose
    /// hours overlap, as when each begins where its window does, then share their agents.
    pub hour: DateTime<Utc>,
    /// The earliest instant that lies in the hour, in the window and far enough in the future.
    pub dispatch_at: DateTime<Utc>,
    /// Whole agents, at most [`AGENTS_MAX`].
    pub agents: u32,
}

/// Reason why there is no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSlot {
    /// No hour of the forecast overlaps what is left of the window.
    #[error("the forecast has no hour in the requested window")]
    NoForecast,
    /// There are hours, but none with an agent left.
    #[error("no agent is free in the requested window")]
    NoCapacity,
}

/// The hours of the forecast that overlap the allowed parts of what is left of the window, earliest
/// first, with or without agents. The forecast may come in any order. If two of its hours put the
/// call into the same hour of the clock, the smaller figure counts.
///
/// They begin half a minute from now; at the next second if nothing is allowed after that.
pub fn slots(
    window: &Window,
    now: DateTime<Utc>,
    forecast: &[ForecastHour],
    allowed: &[Interval],
) -> Vec<Slot> {
    let slots = slots_from(now + LEAD, window, forecast, allowed);
    if slots.is_empty() { slots_from(now, window, forecast, allowed) } else { slots }
}

fn slots_from(
    earliest: DateTime<Utc>,
    window: &Window,
    forecast: &[ForecastHour],
    allowed: &[Interval],
) -> Vec<Slot> {
    let earliest = window.start().max(next_second(earliest));
    let mut slots = BTreeMap::new();
    for hour in forecast {
        let begins_at = hour.start.max(earliest);
        let hour_end = hour.start.checked_add_signed(HOUR).unwrap_or(window.end());
        let end = window.end().min(hour_end);
        let Some(dispatch_at) = first_allowed(begins_at, end, allowed) else { continue };
        let agents = whole_agents(hour.agents);
        let slot = Slot { hour: clock_hour(dispatch_at), dispatch_at, agents };
        slots
            .entry(slot.hour)
            .and_modify(|known: &mut Slot| {
                known.agents = known.agents.min(slot.agents);
                known.dispatch_at = known.dispatch_at.min(slot.dispatch_at);
            })
            .or_insert(slot);
    }
    slots.into_values().collect()
}

/// The first whole second from `begins_at` on, before `end`, that is allowed.
fn first_allowed(
    begins_at: DateTime<Utc>,
    end: DateTime<Utc>,
    allowed: &[Interval],
) -> Option<DateTime<Utc>> {
    let first = |interval: &Interval| {
        let at = next_second(interval.start.max(begins_at));
        (at < interval.end.min(end)).then_some(at)
    };
    allowed.iter().find_map(first)
}

/// The slot with the most agents left after what is already booked into it; the earliest on a tie.
pub fn best(slots: &[Slot], booked: impl Fn(&Slot) -> u32) -> Result<&Slot, NoSlot> {
    if slots.is_empty() {
        return Err(NoSlot::NoForecast);
    }
    slots
        .iter()
        .map(|slot| (slot.agents.saturating_sub(booked(slot)), slot))
        .filter(|(left, _)| *left > 0)
        .min_by_key(|(left, slot)| (Reverse(*left), slot.dispatch_at, slot.hour))
        .map(|(_, slot)| slot)
        .ok_or(NoSlot::NoCapacity)
}

/// The full hour, in UTC, that a time lies in.
pub fn clock_hour(time: DateTime<Utc>) -> DateTime<Utc> {
    // Only a time at the end of the calendar has none.
    time.duration_trunc(HOUR).unwrap_or(time)
}

/// CXone's times have no fractions of a second, and rounding down would name the past.
fn next_second(now: DateTime<Utc>) -> DateTime<Utc> {
    let whole = now.trunc_subsecs(0);
    let next = || whole.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(whole);
    if whole < now { next() } else { whole }
}

fn whole_agents(agents: f64) -> u32 {
    if !agents.is_finite() {
        return 0;
    }
    let capped = agents.clamp(0.0, f64::from(AGENTS_MAX));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is capped")]
    let whole = capped as u32;
    whole
}

#[cfg(test)]
mod tests;
