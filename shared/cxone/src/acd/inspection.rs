//! Reads of a tenant's set-up.

mod contacts;
mod dispositions;
mod probe;
mod trial;
mod unit;
mod versions;
mod work;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use ambient::Instant;
use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

#[cfg(test)]
pub(crate) use versions::verb;

use super::{
    Acd, AcdSettings, Operation,
    hours::{TimesOfDay, ZoneHours},
    settings::{Skill, number},
    skill::SkillSettings,
    zones::iana_name,
};
use crate::{
    DncGroup, Error, InspectedSettings, InspectedSkill, InspectedZone, SkillCounts, TextChannel,
    paths::Operation as _,
    reading::{self, Raw},
    retry::Repeat,
    transport::Reply,
};

/// Rows of a page.
const PAGE: usize = 100;
/// Most pages that are read.
const PAGES_MAX: usize = 100;

/// Digits of a number that nobody has.
const NOBODY: &str = "2025550100";

impl Acd {
    pub(crate) fn settings(&self) -> &AcdSettings {
        &self.settings
    }

    pub(crate) async fn dnc_group(&self, group: &str, until: Instant) -> Result<DncGroup, Error> {
        let values = [("{groupId}", group_number(group)?)];
        let reply = self.find(Operation::DncGroup, &values, &[], until).await?;
        let Groups { dnc_groups } = unwrapped(&reply)?;
        let row = dnc_groups.unwrap_or_default().into_iter().next();
        let row = row.ok_or_else(|| Error::NotFound {
            detail: "the answer has no do-not-call group".to_owned(),
        })?;
        Ok(DncGroup {
            name: row.dnc_group_name.unwrap_or_default(),
            is_active: row.is_active != Some(false) && row.is_removed != Some(true),
        })
    }

    pub(crate) async fn scrubbed_skills(
        &self,
        group: &str,
        until: Instant,
    ) -> Result<BTreeSet<Skill>, Error> {
        let values = [("{groupId}", group_number(group)?)];
        let mut skills = BTreeSet::new();
        for page in 0..PAGES_MAX {
            let (skip, top) = ((page * PAGE).to_string(), PAGE.to_string());
            let query = [("skip", &*skip), ("top", &*top)];
            let reply = self.get(Operation::ScrubbedSkills, &values, &query, until).await?;
            if reply.body.is_empty() {
                break;
            }
            let Scrubbed { scrubbed_skills } = unwrapped(&reply)?;
            let rows = scrubbed_skills.unwrap_or_default();
            let is_last = rows.len() < PAGE;
            skills.extend(rows.into_iter().filter_map(|row| row.skill_id));
            if is_last {
                break;
            }
        }
        Ok(skills)
    }

    /// Searches the do-not-call groups for a number that nobody has.
    pub(crate) async fn search_nobody(&self, until: Instant) -> Result<(), Error> {
        let operation = Operation::SearchDnc;
        let mut url = self.address(operation, &[])?;
        url.query_pairs_mut().append_pair("phoneNumber", NOBODY);
        let reply = self
            .transport
            .call(operation.id(), Repeat::Reading, until, |http| http.post(url.clone()))
            .await?;
        reply.success().map(drop)
    }

    pub(crate) async fn inspected_skill(
        &self,
        skill: Skill,
        until: Instant,
    ) -> Result<InspectedSkill, Error> {
        let values = [("{skillId}", &*skill.to_string())];
        let fields = "skillId,skillName,mediaTypeId,isActive,isOutbound,outboundStrategy,isRunning,\
                      callSuppressionScriptId";
        let reply = self.find(Operation::Skill, &values, &[("fields", fields)], until).await?;
        let Listed { skills } = reply.read_private("no skill")?;
        let row: SkillRow = match skills.unwrap_or_default().into_iter().next() {
            Some(listed) => listed,
            None => reply.read_private("no skill")?,
        };
        Ok(InspectedSkill {
            name: row.skill_name,
            medium: row.media_type_id,
            is_active: row.is_active,
            is_outbound: row.is_outbound,
            strategy: row.outbound_strategy,
            is_running: row.is_running.unwrap_or(false),
            suppression_script: row.call_suppression_script_id.filter(|script| script != "0"),
        })
    }

    pub(crate) async fn inspected_settings(
        &self,
        skill: Skill,
        until: Instant,
    ) -> Result<InspectedSettings, Error> {
        let settings = self.skill_settings(skill, until).await?;
        let rows = settings.time_zone_settings.unwrap_or_default().into_iter();
        let zone = |row: ZoneHours| InspectedZone {
            iana: iana_name(&row.standard_name),
            hours: row.hours().map(TimesOfDay::minutes),
            name: row.standard_name,
        };
        let retries = settings.retry_settings;
        Ok(InspectedSettings {
            zones: rows.filter(ZoneHours::is_active).map(zone).collect(),
            calling_lists: settings.calling_lists.map(|lists| lists.len()),
            is_scheduled: settings.schedule_settings.and_then(|schedule| schedule.is_scheduled),
            cadences: settings.cadence_settings.and_then(|it| it.cadences).map(|it| it.len()),
            callbacks_max: retries.as_ref().and_then(|it| it.maximum_number_of_callbacks),
            callback_stale_minutes: retries.and_then(|it| it.callback_stale_minutes),
        })
    }

    /// Whether the tenant lets scripts suppress calls, if CXone says so.
    pub(crate) async fn suppresses_calls(&self, until: Instant) -> Result<Option<bool>, Error> {
        let query = [("fields", "callSuppression")];
        let reply = self.find(Operation::BusinessUnit, &[], &query, until).await?;
        let units: BusinessUnits = reply.read_private("no business unit")?;
        let unit = units.business_units.unwrap_or_default().into_iter().next();
        Ok(unit.and_then(|unit| unit.call_suppression))
    }

    pub(crate) async fn zones_closed(&self, until: Instant) -> Result<BTreeSet<String>, Error> {
        let reply = self.find(Operation::BusinessUnitTimeZones, &[], &[], until).await?;
        let settings: SkillSettings = reply.read_private("no time zones")?;
        let rows = settings.time_zone_settings.unwrap_or_default().into_iter();
        Ok(rows.filter(ZoneHours::is_closed).map(|row| row.standard_name).collect())
    }

    pub(crate) async fn counts(
        &self,
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Result<BTreeMap<Skill, SkillCounts>, Error> {
        let summaries = self.summaries(period, until).await?.into_iter();
        Ok(summaries.map(|(skill, summary)| (skill, summary.counts())).collect())
    }

    pub(crate) async fn read_agents(&self, until: Instant) -> Result<(), Error> {
        self.activities(until).await.map(drop)
    }

    pub(crate) async fn listed_callbacks(&self, skill: Skill, until: Instant) -> Result<(), Error> {
        let values = [("{skillId}", &*skill.to_string())];
        self.find(Operation::CallbacksOfSkill, &values, &[], until).await.map(drop)
    }

    /// The host of Digital First Omnichannel.
    fn texts_base(&self) -> Result<&Url, Error> {
        let base = self.settings.texts.base();
        base.ok_or_else(|| Error::NotFound { detail: "CXONE_DFO_URL is not set".to_owned() })
    }

    pub(crate) async fn text_channel(
        &self,
        id: &str,
        until: Instant,
    ) -> Result<TextChannel, Error> {
        let operation = Operation::DfoChannels;
        let base = self.texts_base()?;
        let mut url = self.settings.paths.address(base, operation, &[])?;
        url.query_pairs_mut().append_pair("id[]", id);
        let reply = self
            .transport
            .call(operation.id(), Repeat::Reading, until, |http| http.get(url.clone()))
            .await?
            .success()?;
        let rows: Vec<ChannelRow> =
            if reply.body.is_empty() { vec![] } else { reply.read_private("no channels")? };
        let row = rows.into_iter().find(|row| row.id.as_deref() == Some(id));
        let row =
            row.ok_or_else(|| Error::NotFound { detail: "no channel has this id".to_owned() })?;
        let flows = [row.has_outbound_flow, row.has_manual_outbound_flow];
        Ok(TextChannel { sends: flows.iter().any(|flow| *flow != Some(false)) })
    }
}

/// The number of a group. What is no number is no group.
fn group_number(group: &str) -> Result<&str, Error> {
    number(group)
        .map(|_| group)
        .ok_or_else(|| Error::NotFound { detail: "a do-not-call group has a number".to_owned() })
}

/// Reads a body with or without its wrapper.
fn unwrapped<T: DeserializeOwned>(reply: &Reply) -> Result<T, Error> {
    let mut body: BTreeMap<String, Raw> = reply.read()?;
    match body.remove("resultSet") {
        Some(inner) => serde_json::from_str(inner.get()).map_err(|_| reply.unexpected()),
        None => reply.read(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Groups {
    #[serde(default)]
    dnc_groups: Option<Vec<GroupRow>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupRow {
    #[serde(default, deserialize_with = "reading::optional_text")]
    dnc_group_name: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_active: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_removed: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scrubbed {
    #[serde(default)]
    scrubbed_skills: Option<Vec<SkillId>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SkillId {
    #[serde(default, deserialize_with = "reading::optional_count")]
    skill_id: Option<Skill>,
}

/// A skill as the only one of a list.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    skills: Option<Vec<SkillRow>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SkillRow {
    #[serde(default, deserialize_with = "reading::optional_text")]
    skill_name: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    media_type_id: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_active: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_outbound: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    outbound_strategy: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_running: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    call_suppression_script_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BusinessUnits {
    #[serde(default)]
    business_units: Option<Vec<UnitRow>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnitRow {
    #[serde(default, deserialize_with = "reading::optional_text")]
    business_unit_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    business_unit_name: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    api_published_limit: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    default_time_zone: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    call_suppression: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChannelRow {
    #[serde(default, deserialize_with = "reading::optional_text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    has_outbound_flow: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    has_manual_outbound_flow: Option<bool>,
}
