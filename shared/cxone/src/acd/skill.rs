//! Skills: what dials.

use ambient::Instant;

use reqwest::StatusCode;
use serde::Deserialize;

use super::{Acd, Operation, hours::ZoneHours, refusal, settings::Skill};
use crate::{
    Error,
    paths::Operation as _,
    reading::{self, Raw},
    retry::Repeat,
};

/// Settings of a skill's dialer, as far as they are read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SkillSettings {
    #[serde(default)]
    pub(super) time_zone_settings: Option<Vec<ZoneHours>>,
    #[serde(default)]
    pub(super) calling_lists: Option<Vec<CallingList>>,
    #[serde(default)]
    pub(super) schedule_settings: Option<Schedule>,
    #[serde(default)]
    pub(super) cadence_settings: Option<CadenceSettings>,
    #[serde(default)]
    pub(super) retry_settings: Option<RetrySettings>,
}

/// The weekly schedule of a skill.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schedule {
    #[serde(default, deserialize_with = "reading::optional_flag")]
    pub(super) is_scheduled: Option<bool>,
}

/// What decides on the attempts of a skill, beside its hours.
#[derive(Debug, Deserialize)]
pub(super) struct CadenceSettings {
    #[serde(default)]
    pub(super) cadences: Option<Vec<Raw>>,
}

/// Attempts of a skill.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetrySettings {
    #[serde(default, deserialize_with = "reading::optional_count")]
    pub(super) maximum_number_of_callbacks: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    pub(super) callback_stale_minutes: Option<u64>,
}

/// A calling list of a skill.
#[derive(Debug, Deserialize)]
pub(super) struct CallingList {
    #[serde(default, deserialize_with = "reading::optional_text")]
    pub(super) id: Option<String>,
}

impl Acd {
    /// The skills that dial for a campaign, the one for callbacks first.
    pub(crate) fn skills(&self, campaign: &str) -> Result<Vec<String>, Error> {
        let skills = self.settings.skills.of(campaign)?;
        Ok(skills.iter().map(Skill::to_string).collect())
    }

    /// Returns whether a skill dials. One of which CXone does not say so does not.
    pub(crate) async fn is_running(&self, skill: &str, until: Instant) -> Result<bool, Error> {
        let values = [("{skillId}", number(skill)?)];
        let query = [("fields", "skillId,isRunning")];
        let reply = self.find(Operation::Skill, &values, &query, until).await?;
        let Found { is_running, skills } = reply.read_private("no skill")?;
        let listed = skills.unwrap_or_default().into_iter().next();
        Ok(is_running.or_else(|| listed?.is_running).unwrap_or(false))
    }

    pub(crate) async fn start_skill(&self, skill: &str, until: Instant) -> Result<(), Error> {
        self.switch(Operation::StartSkill, skill, true, until).await
    }

    /// Never forced: that would hang up on customers.
    pub(crate) async fn stop_skill(&self, skill: &str, until: Instant) -> Result<(), Error> {
        self.switch(Operation::StopSkill, skill, false, until).await
    }

    /// Starts or stops a skill. It is not known what CXone answers when there is nothing to do, so
    /// a refusal is read back.
    async fn switch(
        &self,
        operation: Operation,
        skill: &str,
        on: bool,
        until: Instant,
    ) -> Result<(), Error> {
        let url = self.address(operation, &[("{skillId}", number(skill)?)])?;
        let reply = self
            .transport
            .call(operation.id(), Repeat::Harmless, until, |http| http.post(url.clone()))
            .await?;
        if reply.status.is_success() {
            return Ok(());
        }
        let may_be_done = matches!(reply.status, StatusCode::BAD_REQUEST | StatusCode::CONFLICT);
        let refused = refusal(reply);
        if may_be_done && self.is_running(skill, until).await? == on {
            return Ok(());
        }
        Err(refused)
    }

    /// Settings of a skill's dialer. Not every kind of skill has them.
    pub(super) async fn skill_settings(
        &self,
        skill: Skill,
        until: Instant,
    ) -> Result<SkillSettings, Error> {
        let values = [("{skillId}", &*skill.to_string())];
        let reply = self.find(Operation::SkillParameters, &values, &[], until).await?;
        reply.read_private("no settings of a skill")
    }
}

/// The number of a skill. What is no number is no skill.
fn number(skill: &str) -> Result<&str, Error> {
    let is_number = super::settings::number(skill).is_some();
    is_number
        .then_some(skill)
        .ok_or_else(|| Error::NotFound { detail: "a skill has a number".to_owned() })
}

/// A skill, by itself or as the only one of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_running: Option<bool>,
    #[serde(default)]
    skills: Option<Vec<Self>>,
}
