//! Who worked in each hour of each day, and the plan that follows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
use cxone::{AgentWork, AgentsOfWeek, CapacityPlan, HalfHour};
use outbound::{Tz, zone};

/// A skill, a day and an hour of it.
type Hour = (u64, NaiveDate, u32);

/// Agents by skill, day and hour.
pub(super) struct Actuals {
    zone: Tz,
    days: Vec<NaiveDate>,
    agents: BTreeMap<Hour, BTreeSet<String>>,
}

impl Actuals {
    /// Those of some days, each with the work that CXone has of it.
    pub(super) fn of(zone: Tz, days: &[NaiveDate], work: &[(NaiveDate, Vec<AgentWork>)]) -> Self {
        let mut agents: BTreeMap<Hour, BTreeSet<String>> = BTreeMap::new();
        for (day, work) in work.iter().flat_map(|(day, rows)| rows.iter().map(move |it| (day, it)))
        {
            let at = local(zone, *day, work.half_hour);
            let hour = (work.skill, at.date(), at.hour());
            agents.entry(hour).or_default().insert(work.agent.clone());
        }
        Self { zone, days: days.to_vec(), agents }
    }

    /// First and last day.
    pub(super) fn span(&self) -> Option<[NaiveDate; 2]> {
        Some([*self.days.first()?, *self.days.last()?])
    }

    /// The plan of a skill. `None` when nobody has worked for it.
    pub(super) fn plan(&self, skill: u64) -> Option<CapacityPlan> {
        let has_work =
            self.agents.keys().any(|(of, day, _)| *of == skill && self.days.contains(day));
        if !has_work {
            return None;
        }
        let mut week: AgentsOfWeek = [[0.0; 24]; 7];
        for (weekday, hours) in (0..).zip(&mut week) {
            for (hour, agents) in (0..).zip(hours) {
                let days =
                    self.days.iter().filter(|day| day.weekday().num_days_from_monday() == weekday);
                let counts =
                    days.map(|day| self.agents.get(&(skill, *day, hour)).map_or(0, BTreeSet::len));
                *agents = median(counts.collect());
            }
        }
        Some(CapacityPlan::of_week(skill, self.zone, &week))
    }
}

/// Begin of a half hour by the clocks of the tenant.
fn local(zone: Tz, day: NaiveDate, half_hour: HalfHour) -> NaiveDateTime {
    match half_hour {
        HalfHour::At(at) => zone::local(zone, at).naive_local(),
        HalfHour::Local(at) => at,
        HalfHour::OfDay(time) => day.and_time(time),
    }
}

/// The middle of some counts, or what lies between the two in the middle.
fn median(mut counts: Vec<usize>) -> f64 {
    counts.sort_unstable();
    let middle = |at: usize| {
        counts.get(at).and_then(|count| u32::try_from(*count).ok()).map_or(0.0, f64::from)
    };
    let upper = counts.len() / 2;
    if counts.len() % 2 == 1 {
        middle(upper)
    } else {
        f64::midpoint(middle(upper.wrapping_sub(1)), middle(upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the figures are exact")]
    fn the_median_is_in_the_middle() {
        for (counts, expected) in [
            (vec![], 0.0),
            (vec![3], 3.0),
            (vec![5, 1], 3.0),
            (vec![9, 0, 2], 2.0),
            (vec![4, 1, 3, 0], 2.0),
            (vec![4, 1, 2, 0], 1.5),
        ] {
            assert_eq!(median(counts.clone()), expected, "{counts:?}");
        }
    }
}
