//! The forecast: CXone publishes none, so it comes from a plan of the operator's, and for the hour
//! that has begun also from the agents who are there.

mod plan;

use std::{collections::HashMap, ops::Range};

use ambient::Instant;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use outbound::callback::dispatch::ForecastHour;
use serde::Deserialize;

use super::{Acd, Operation, settings::Skill};
use crate::{
    Error,
    reading::{self, Raw},
};

pub use plan::{AgentsOfWeek, CapacityPlan};

const HOUR: TimeDelta = TimeDelta::hours(1);

/// The most hours of a window. Callers ask for a month at most.
const HOURS_MAX: usize = 24 * 62;

impl Acd {
    pub(crate) async fn capacity(
        &self,
        campaign: &str,
        window: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Result<Vec<ForecastHour>, Error> {
        let skills = self.settings.skills.of(campaign)?;
        let plan = &self.settings.capacity;
        if !skills.iter().any(|skill| plan.is_of(*skill)) {
            return Ok(vec![]);
        }
        let now = ambient::now();
        let mut hours = Vec::new();
        for start in hours_of(window) {
            let has_begun = start <= now && now < start + HOUR;
            let there = if has_begun { self.logged_in(until).await } else { HashMap::new() };
            let agents = skills.iter().map(|skill| {
                let planned = plan.agents(*skill, start);
                there.get(skill).map_or(planned, |there| planned.min(*there))
            });
            hours.push(ForecastHour { start, agents: agents.sum() });
        }
        Ok(hours)
    }

    /// Agents who are logged in, by skill. A skill whose figure is missing is left out, and all are
    /// if the call fails: then the plan stands.
    async fn logged_in(&self, until: Instant) -> HashMap<Skill, f64> {
        let rows = match self.activities(until).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::debug!(%error, "the agents who are there cannot be read");
                vec![]
            }
        };
        let figure = |row: &Raw| {
            let row: Activity = serde_json::from_str(row.get()).ok()?;
            let agents = u32::try_from(row.agents_logged_in?).ok()?;
            Some((row.skill_id?, f64::from(agents)))
        };
        rows.iter().filter_map(figure).collect()
    }

    /// Rows of the skills' activity.
    pub(super) async fn activities(&self, until: Instant) -> Result<Vec<Raw>, Error> {
        let query = [("mediaTypeId", "4"), ("fields", "skillId,agentsLoggedIn")];
        let reply = self.get(Operation::SkillActivities, &[], &query, until).await?;
        let activities: Activities = reply.read_private("no activity of skills")?;
        Ok(activities.skill_activity.unwrap_or_default())
    }
}

/// Starts of the hours that a window touches.
fn hours_of(window: &Range<DateTime<Utc>>) -> impl Iterator<Item = DateTime<Utc>> {
    let end = window.end;
    let first = window.start.duration_trunc(HOUR).unwrap_or(window.start);
    let hours = std::iter::successors(Some(first), |hour| hour.checked_add_signed(HOUR));
    hours.take_while(move |hour| *hour < end).take(HOURS_MAX)
}

/// Rows of the skills' activity, as CXone answers them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activities {
    #[serde(default)]
    pub(super) skill_activity: Option<Vec<Raw>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Activity {
    #[serde(default, deserialize_with = "reading::optional_count")]
    skill_id: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    agents_logged_in: Option<u64>,
}
