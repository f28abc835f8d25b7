//! Which skills are to be started and stopped now: pure decisions.
//!
//! A run of a campaign *binds* its skills while one of its windows is open. The binding is stored
//! before a skill is started, and is removed once the skill is seen at rest: whoever comes after a
//! crash stops what was started.

use std::{collections::BTreeMap, ops::Range};

use chrono::{DateTime, TimeDelta, Utc, serde::ts_seconds};
use platform::runs::Run;
use serde::{Deserialize, Serialize};

/// A skill is stopped so long before the window of its run ends. The next look comes within a
/// minute, or, where the schedule of looks is disabled, with the campaigns within five; and no call
/// may begin after the end.
const STOPPED_BEFORE: TimeDelta = TimeDelta::minutes(6);

/// A run that needs a skill now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) skill: String,
    pub(super) run: String,
    /// Time from which it needs the skill no longer.
    pub(super) until: DateTime<Utc>,
}

/// Skills that are to be changed. No skill is in both lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Actions {
    /// Each with the time from which it must not be started any more.
    pub(super) start: Vec<(String, DateTime<Utc>)>,
    /// Each with the end of the last window of its runs.
    pub(super) stop: Vec<(String, DateTime<Utc>)>,
}

/// The runs that bind each skill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bindings(BTreeMap<String, BTreeMap<String, Binding>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Binding {
    #[serde(with = "ts_seconds")]
    until: DateTime<Utc>,
    /// True once the skill was seen running for this run. It is not started for it again: who
    /// stopped it in between was a person.
    is_started: bool,
}

/// Time until which a run needs its skills, if it needs them at `now`.
///
/// Windows that touch or overlap are one; between others the skills are at rest. A run that has
/// ended needs nothing.
pub(super) fn needed_until(run: &Run, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if run.ended.is_some() {
        return None;
    }
    let mut windows: Vec<&Range<DateTime<Utc>>> = run.submissions.windows.values().collect();
    windows.sort_by_key(|window| window.start);
    let mut open_until = DateTime::<Utc>::MIN_UTC;
    for window in windows {
        let is_joined = window.start <= open_until;
        if is_joined || window.start <= now {
            open_until = open_until.max(window.end);
        }
    }
    let until = open_until.checked_sub_signed(STOPPED_BEFORE)?;
    (now < until).then_some(until)
}

impl Bindings {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a run has its skill already, for as long as it needs it.
    pub(super) fn cover(&self, due: &Due, now: DateTime<Utc>) -> bool {
        let bound = self.0.get(&due.skill).and_then(|runs| runs.get(&due.run));
        bound.is_some_and(|bound| now < bound.until && due.until <= bound.until)
    }

    /// Binds the skills that runs need now, each for as long as its run needs it.
    ///
    /// A run that is not among `due` keeps what it has: its record may be closed before its windows
    /// are.
    pub(super) fn bind(&mut self, due: &[Due], now: DateTime<Utc>) {
        for Due { skill, run, until } in due {
            let runs = self.0.entry(skill.clone()).or_default();
            let bound = runs.get(run).filter(|bound| now < bound.until);
            let is_started = bound.is_some_and(|bound| bound.is_started);
            runs.insert(run.clone(), Binding { until: *until, is_started });
        }
    }

    /// Skills that are to be started for the runs in `due`, and those that no run needs any more.
    pub(super) fn actions(&self, due: &[Due], now: DateTime<Utc>) -> Actions {
        let mut actions = Actions::default();
        for (skill, runs) in &self.0 {
            let until = runs.values().map(|bound| bound.until).max().unwrap_or(now);
            if until <= now {
                actions.stop.push((skill.clone(), until + STOPPED_BEFORE));
                continue;
            }
            let waiting = due.iter().filter(|due| {
                due.skill == *skill && runs.get(&due.run).is_some_and(|bound| !bound.is_started)
            });
            let until = waiting.map(|due| due.until).max();
            actions.start.extend(until.map(|until| (skill.clone(), until)));
        }
        actions
    }

    /// Notes that a skill was seen running.
    pub(super) fn started(&mut self, skill: &str, now: DateTime<Utc>) {
        if let Some(runs) = self.0.get_mut(skill) {
            runs.retain(|_, bound| now < bound.until);
            for bound in runs.values_mut() {
                bound.is_started = true;
            }
        }
    }

    /// Notes that a skill was seen at rest after its runs.
    pub(super) fn stopped(&mut self, skill: &str) {
        self.0.remove(skill);
    }
}

#[cfg(test)]
mod tests;
