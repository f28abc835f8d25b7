//! Writes to a skill that is there to be tried out, each sent once, and what they are put back with.

use ambient::Instant;

use serde::{Deserialize, Serialize};

use super::super::{
    Acd, Operation, hours::NewHours, settings::Skill, skill::SkillSettings, skill_hours::SkillHours,
};
use crate::{
    Error, Seen,
    reading::{self, Raw},
    retry::Repeat,
};

impl Acd {
    pub(crate) async fn skill_hours(
        &self,
        skill: Skill,
        until: Instant,
    ) -> Result<SkillHours, Error> {
        self.zone_hours(skill, until).await.map(SkillHours::new)
    }

    pub(crate) async fn business_hours(&self, until: Instant) -> Result<SkillHours, Error> {
        let reply = self.find(Operation::BusinessUnitTimeZones, &[], &[], until).await?;
        let settings: SkillSettings = reply.read_private("no time zones")?;
        Ok(SkillHours::new(settings.time_zone_settings.unwrap_or_default()))
    }

    pub(crate) async fn try_hours(
        &self,
        skill: Skill,
        hours: &SkillHours,
        until: Instant,
    ) -> Result<Seen, Error> {
        let body = NewHours { time_zone_settings: hours.rows().to_vec() };
        self.try_put(Operation::PutSkillTimeZones, skill, &body, until).await
    }

    pub(crate) async fn put_hours_back(
        &self,
        skill: Skill,
        hours: &SkillHours,
        until: Instant,
    ) -> Result<(), Error> {
        self.put_hours(skill, hours.rows().to_vec(), until).await
    }

    /// Starts or stops a skill. Never by force: that would hang up on customers.
    pub(crate) async fn try_switch(
        &self,
        skill: Skill,
        on: bool,
        until: Instant,
    ) -> Result<Seen, Error> {
        let operation = if on { Operation::StartSkill } else { Operation::StopSkill };
        let url = self.address(operation, &[("{skillId}", &skill.to_string())])?;
        self.look(Repeat::Harmless, until, |http| http.post(url.clone())).await
    }

    /// Writes a part of a skill's settings once, and returns the answer.
    pub(in super::super) async fn try_put<B: Serialize + Sync>(
        &self,
        operation: Operation,
        skill: Skill,
        body: &B,
        until: Instant,
    ) -> Result<Seen, Error> {
        let url = self.address(operation, &[("{skillId}", &skill.to_string())])?;
        self.look(Repeat::Harmless, until, |http| http.put(url.clone()).json(body)).await
    }

    /// Number of agents who have a skill, those included whom the user may not see.
    pub(crate) async fn agents_of(&self, skill: Skill, until: Instant) -> Result<u64, Error> {
        let values = [("{skillId}", &*skill.to_string())];
        let query = [("fields", "agentId"), ("top", "1")];
        let reply = self.get(Operation::SkillAgents, &values, &query, until).await?;
        if reply.body.is_empty() {
            return Ok(0);
        }
        let agents: AgentsOfSkill = reply.read_private("no agents of a skill")?;
        let shown = agents.agent_skill_assignments.map(|rows| rows.len() as u64);
        let count = agents.total_records.max(shown);
        let count = count.ok_or_else(|| reply.unexpected_private("no agents of a skill"))?;
        Ok(count.saturating_add(agents.hidden_agents.unwrap_or(0)))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AgentsOfSkill {
    #[serde(default, deserialize_with = "reading::optional_count")]
    total_records: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    hidden_agents: Option<u64>,
    #[serde(default)]
    agent_skill_assignments: Option<Vec<Raw>>,
}
