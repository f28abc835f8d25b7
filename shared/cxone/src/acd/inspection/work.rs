//! Who worked, and when: what a plan of capacity is derived from.

use std::ops::Range;

use ambient::Instant;
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use outbound::Tz;
use serde::Deserialize;

use super::{
    super::{Acd, Operation, rfc3339, settings::Skill, zones::iana_name},
    BusinessUnits,
};
use crate::{
    AgentWork, Error, HalfHour,
    reading::{self, Raw},
};

impl Acd {
    pub(crate) async fn clocks(&self, until: Instant) -> Result<Option<Tz>, Error> {
        let query = [("fields", "defaultTimeZone")];
        let reply = self.find(Operation::BusinessUnit, &[], &query, until).await?;
        let units: BusinessUnits = reply.read_private("no business unit")?;
        let unit = units.business_units.unwrap_or_default().into_iter().next();
        let name = unit.and_then(|unit| unit.default_time_zone).unwrap_or_default();
        Ok(iana_name(&name).unwrap_or(&name).parse().ok())
    }

    pub(crate) async fn agent_work(
        &self,
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Result<Vec<AgentWork>, Error> {
        // Whether its end belongs to a period is not known.
        let end = period.end - TimeDelta::seconds(1);
        let query = [("startDate", &*rfc3339(period.start)), ("endDate", &*rfc3339(end))];
        let reply = self.get(Operation::WfmAgentPerformance, &[], &query, until).await?;
        if reply.body.is_empty() {
            return Ok(vec![]);
        }
        let Performance { skills_performance } = reply.read_private("no work of agents")?;
        let rows = skills_performance.unwrap_or_default();
        let read = |row: &Raw| serde_json::from_str(row.get()).ok();
        let rows: Vec<Option<WorkRow>> = rows.iter().map(read).collect();
        let is_work =
            |row: &Option<WorkRow>| row.as_ref().is_none_or(|row| row.total_handled != Some(0));
        let worked = rows.into_iter().filter(is_work);
        let work: Option<Vec<AgentWork>> = worked.map(|row| row?.work()).collect();
        work.ok_or_else(|| reply.unexpected_private("work of agents that cannot be read"))
    }
}

impl WorkRow {
    fn work(self) -> Option<AgentWork> {
        self.total_handled?;
        let half_hour = half_hour(&self.half_hour?)?;
        Some(AgentWork { skill: self.skill_id?, agent: self.agent_id?, half_hour })
    }
}

/// Begin of a half hour: an instant, a time by the tenant's clocks, or hours after midnight.
fn half_hour(text: &str) -> Option<HalfHour> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(HalfHour::At(at.to_utc()));
    }
    if let Ok(local) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        return Some(HalfHour::Local(local));
    }
    let hours: f64 = text.parse().ok()?;
    let half_hours = (0..48_u32).find(|count| (f64::from(*count) / 2.0 - hours).abs() < 0.01)?;
    NaiveTime::from_hms_opt(half_hours / 2, half_hours % 2 * 30, 0).map(HalfHour::OfDay)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Performance {
    #[serde(default)]
    skills_performance: Option<Vec<Raw>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkRow {
    #[serde(default, deserialize_with = "reading::optional_count")]
    skill_id: Option<Skill>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    agent_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    half_hour: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    total_handled: Option<u64>,
}
