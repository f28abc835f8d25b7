//! The operator's plan: agents per hour of the week.

use std::{fmt, ops::Range, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc, Weekday};
use outbound::{Tz, zone};

use crate::acd::settings::{Skill, number};

/// The days of a week, as they are written.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Agents per skill and hour of the week, from a text such as
/// `4271306 mon-fri 09-17 America/New_York 6; 4271306 sat 10-14 America/New_York 2.5`.
///
/// Of several entries for an hour, the last one counts. An hour without an entry has no agents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CapacityPlan(Vec<Entry>);

/// Agents in each hour of a week, from Monday on.
pub type AgentsOfWeek = [[f64; 24]; 7];

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    skill: Skill,
    /// First and last day.
    days: (Weekday, Weekday),
    /// First hour, and the hour after the last.
    hours: (u32, u32),
    zone: Tz,
    agents: f64,
}

impl CapacityPlan {
    /// The plan of a skill that has these agents in each hour of a week, by the clocks of a zone.
    pub fn of_week(skill: u64, zone: Tz, week: &AgentsOfWeek) -> Self {
        let mut days_of: Vec<(Range<usize>, f64, Vec<usize>)> = Vec::new();
        for (day, hours) in week.iter().enumerate() {
            let mut from = 0;
            for part in hours.chunk_by(|one, next| same(*one, *next)) {
                let (range, agents) = (from..from + part.len(), part[0]);
                from = range.end;
                let known =
                    days_of.iter_mut().find(|(hours, of, _)| *hours == range && same(*of, agents));
                match known {
                    Some((_, _, days)) => days.push(day),
                    None => days_of.push((range, agents, vec![day])),
                }
            }
        }
        let entry = |hours: &Range<usize>, agents: f64, days: &[usize]| {
            let (first, last) = (*days.first()?, *days.last()?);
            let hour = |hour: usize| u32::try_from(hour).ok();
            let hours = (hour(hours.start)?, hour(hours.end)?);
            Some(Entry { skill, days: (weekday(first)?, weekday(last)?), hours, zone, agents })
        };
        let called = days_of.iter().filter(|(_, agents, _)| *agents > 0.0);
        let entries = called.flat_map(|(hours, agents, days)| {
            let spans = days.chunk_by(|one, next| one + 1 == *next);
            spans.filter_map(move |days| entry(hours, *agents, days))
        });
        Self(entries.collect())
    }

    /// Both plans.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns whether there is an entry for a skill.
    pub(crate) fn is_of(&self, skill: Skill) -> bool {
        self.0.iter().any(|entry| entry.skill == skill)
    }

    /// The agents of a skill in the hour that begins at `start`. Where it is not an hour of the
    /// zone's clocks, the smaller number of the two that it touches.
    pub fn agents(&self, skill: u64, start: DateTime<Utc>) -> f64 {
        let last = start + TimeDelta::minutes(59);
        self.agents_at(skill, start).min(self.agents_at(skill, last))
    }

    fn agents_at(&self, skill: Skill, at: DateTime<Utc>) -> f64 {
        let covers = |entry: &&Entry| {
            entry.skill == skill && entry.covers(zone::local(entry.zone, at).naive_local())
        };
        self.0.iter().rev().find(covers).map_or(0.0, |entry| entry.agents)
    }
}

impl Entry {
    fn covers(&self, local: NaiveDateTime) -> bool {
        let (first, last) = self.days;
        let days = local.weekday().days_since(first) <= last.days_since(first);
        days && (self.hours.0..self.hours.1).contains(&local.hour())
    }
}

impl FromStr for CapacityPlan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
        let read = |entry: &str| {
            Entry::read(entry).ok_or_else(|| {
                format!(
                    "expected `skill days hours zone agents` such as \
                     `4271306 mon-fri 09-17 America/New_York 6` in `{entry}`"
                )
            })
        };
        entries.map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl Entry {
    fn read(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [skill, days, hours, zone, agents] = words[..] else { return None };
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, to) = hours.split_once('-')?;
        let hours = (hour(from)?, hour(to)?);
        let agents = agents.parse().ok().filter(|agents: &f64| agents.is_finite())?;
        (hours.0 < hours.1 && agents >= 0.0).then_some(Self {
            skill: number(skill)?,
            days: (day(first)?, day(last)?),
            hours,
            zone: zone.parse().ok()?,
            agents,
        })
    }
}

impl fmt::Display for CapacityPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<String> = self.0.iter().map(Entry::to_string).collect();
        f.write_str(&entries.join("; "))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |day: Weekday| DAYS[day.num_days_from_monday() as usize];
        let Self { skill, days: (first, last), hours: (from, to), zone, agents } = self;
        write!(f, "{skill} {}", day(*first))?;
        if first != last {
            write!(f, "-{}", day(*last))?;
        }
        write!(f, " {from:02}-{to:02} {zone} {agents}")
    }
}

/// Returns whether two numbers of agents are written alike.
fn same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits()
}

fn day(text: &str) -> Option<Weekday> {
    weekday(DAYS.iter().position(|day| *day == text)?)
}

/// A day by its number, from Monday on.
fn weekday(index: usize) -> Option<Weekday> {
    Weekday::try_from(u8::try_from(index).ok()?).ok()
}

/// An hour of two digits, up to 24.
fn hour(text: &str) -> Option<u32> {
    let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok())?.filter(|hour| *hour <= 24)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan(text: &str) -> CapacityPlan {
        text.parse().expect(text)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the figures are exact")]
    fn an_hour_has_the_agents_of_the_last_entry_for_it() {
        let plan = plan(
            "7 mon-fri 09-17 America/New_York 6; 7 wed 12-13 America/New_York 2.5;
             8 sat-mon 00-24 UTC 1;",
        );
        for (skill, hour, agents) in [
            (7, "2026-11-23T14:00:00Z", 6.0), // Monday, 09:00
            (7, "2026-11-23T13:00:00Z", 0.0),
            (7, "2026-11-23T21:00:00Z", 6.0),
            (7, "2026-11-23T22:00:00Z", 0.0),
            (7, "2026-11-25T17:00:00Z", 2.5), // Wednesday, noon
            (7, "2026-07-20T13:00:00Z", 6.0), // Summer time
            (7, "2026-11-28T15:00:00Z", 0.0), // Saturday
            (8, "2026-11-28T00:00:00Z", 1.0),
            (8, "2026-11-30T23:00:00Z", 1.0),
            (8, "2026-12-01T00:00:00Z", 0.0),
            (9, "2026-11-23T14:00:00Z", 0.0),
        ] {
            assert_eq!(plan.agents(skill, at(hour)), agents, "{skill} {hour}");
        }
        assert!(plan.is_of(8) && !plan.is_of(9));
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the figures are exact")]
    fn an_hour_that_touches_two_has_the_smaller_number() {
        let plan = plan("7 mon 09-10 Asia/Kolkata 6; 7 mon 10-11 Asia/Kolkata 4");
        // 09:30 there.
        assert_eq!(plan.agents(7, at("2026-11-23T04:00:00Z")), 4.0);
        assert_eq!(plan.agents(7, at("2026-11-23T05:00:00Z")), 0.0);
    }

    #[test]
    fn a_malformed_entry_is_named() {
        for entry in [
            "7 mon 09-17 UTC",
            "7 mon 09-17 UTC 6 7",
            "seven mon 09-17 UTC 6",
            "7 monday 09-17 UTC 6",
            "7 mon 9-17 UTC 6",
            "7 mon 17-09 UTC 6",
            "7 mon 09-25 UTC 6",
            "7 mon 09-17 Mars/Base 6",
            "7 mon 09-17 UTC -1",
            "7 mon 09-17 UTC NaN",
        ] {
            let problem = entry.parse::<CapacityPlan>().expect_err(entry);
            assert!(problem.contains(entry), "{problem}");
        }
    }

    #[test]
    fn a_plan_of_a_week_is_as_short_as_a_person_writes_it() {
        let mut week = [[0.0; 24]; 7];
        for day in &mut week[..5] {
            day[9..12].fill(6.0);
            day[12..17].fill(2.5);
        }
        week[6][9..12].fill(6.0);
        let plan = CapacityPlan::of_week(7, Tz::America__New_York, &week);
        let written = "7 mon-fri 09-12 America/New_York 6; 7 sun 09-12 America/New_York 6; \
                       7 mon-fri 12-17 America/New_York 2.5";
        assert_eq!(plan.to_string(), written);
        let whole = plan.and(CapacityPlan::of_week(8, Tz::UTC, &[[1.0; 24]; 7]));
        assert_eq!(whole.to_string(), format!("{written}; 8 mon-sun 00-24 UTC 1"));
    }

    proptest! {
        /// What is written is read back, hour by hour.
        #[test]
        #[expect(clippy::float_cmp, reason = "the figures are exact")]
        fn a_written_plan_has_the_agents_of_its_week(halves in proptest::collection::vec(0..6_u8, 168)) {
            let mut week = [[0.0; 24]; 7];
            for (hour, halves) in halves.iter().enumerate() {
                week[hour / 24][hour % 24] = f64::from(*halves) / 2.0;
            }
            let written = CapacityPlan::of_week(7, Tz::UTC, &week).to_string();
            let plan: CapacityPlan = written.parse().expect("a plan");
            let monday = at("2026-11-23T00:00:00Z");
            for (hour, halves) in (0..).zip(halves) {
                let agents = plan.agents(7, monday + TimeDelta::hours(hour));
                prop_assert_eq!(agents, f64::from(halves) / 2.0, "{}", written);
            }
        }

        /// Against a table of all hours of the week.
        #[test]
        #[expect(clippy::float_cmp, reason = "the figures are exact")]
        fn every_hour_of_the_week_is_as_written(
            entries in proptest::collection::vec((0..7_usize, 0..7_usize, 0..24_u32, 1..25_u32, 0..9_u32), 0..5),
        ) {
            let mut table = [[0; 24]; 7];
            let mut text = Vec::new();
            for (first, last, from, to, agents) in entries {
                if from >= to { continue }
                text.push(format!("7 {}-{} {from:02}-{to:02} UTC {agents}", DAYS[first], DAYS[last]));
                let mut day = first;
                loop {
                    for hour in from..to {
                        table[day][hour as usize] = agents;
                    }
                    if day == last { break }
                    day = (day + 1) % 7;
                }
            }
            let plan: CapacityPlan = text.join(";").parse().expect("a plan");
            let monday = at("2026-11-23T00:00:00Z");
            for (day, hours) in (0..).zip(table) {
                for (hour, agents) in (0..).zip(hours) {
                    let start = monday + TimeDelta::days(day) + TimeDelta::hours(hour);
                    prop_assert_eq!(plan.agents(7, start), f64::from(agents));
                }
            }
        }
    }
}
