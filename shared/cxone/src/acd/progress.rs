//! Progress of campaigns: counts of their skills in a period, whoever caused the calls.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    str::FromStr,
};

use ambient::Instant;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use outbound::campaign::Progress;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Acd, Operation, completed::Page, rfc3339, settings::Skill};
use crate::{
    Error, SkillCounts,
    reading::{self, Raw},
    transport::Reply,
};

/// Most skills whose completed calls are counted at once.
const SKILLS_AT_ONCE: usize = 4;

/// Count that is taken for completed calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completed {
    /// Contacts that are over.
    Contacts,
    /// Dials that are over.
    Dials,
    /// Records of the skill's calling lists that are done with, since the upload.
    List,
}

impl FromStr for Completed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "contacts" => Ok(Self::Contacts),
            "dials" => Ok(Self::Dials),
            "list" => Ok(Self::List),
            _ => Err("expected contacts, dials or list"),
        }
    }
}

impl Acd {
    pub(crate) async fn progress(
        &self,
        campaigns: &[String],
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Vec<Result<Progress, Error>> {
        let skills = campaigns.iter().map(|campaign| self.settings.skills.of(campaign));
        let skills: Vec<Result<Vec<Skill>, Error>> = skills.collect();
        let distinct: BTreeSet<Skill> = skills.iter().flatten().flatten().copied().collect();
        if distinct.is_empty() {
            return skills.into_iter().map(|skills| skills.map(|_| Progress::default())).collect();
        }
        let counted = match self.summaries(period, until).await {
            Ok(summaries) => Ok(self.count(&distinct, &summaries, period, until).await),
            Err(error) => Err(error),
        };
        let sum = |skills: Vec<Skill>| {
            let counted = counted.as_ref().map_err(Clone::clone)?;
            skills.iter().try_fold(Progress::default(), |sum, skill| {
                let of_skill =
                    counted.get(skill).cloned().unwrap_or_else(|| Ok(Progress::default()))?;
                Ok(Progress {
                    completed: sum.completed.saturating_add(of_skill.completed),
                    attempted: sum.attempted.saturating_add(of_skill.attempted),
                    connected: sum.connected.saturating_add(of_skill.connected),
                })
            })
        };
        skills.into_iter().map(|skills| skills.and_then(sum)).collect()
    }

    /// The progress of each skill. An error that any call would meet ends the counting.
    async fn count(
        &self,
        skills: &BTreeSet<Skill>,
        summaries: &BTreeMap<Skill, Summary>,
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> BTreeMap<Skill, Result<Progress, Error>> {
        let mut counted = BTreeMap::new();
        let mut stopped: Option<Error> = None;
        let skills: Vec<Skill> = skills.iter().copied().collect();
        for part in skills.chunks(SKILLS_AT_ONCE) {
            let answers = join_all(part.iter().map(|skill| {
                let stopped = stopped.clone();
                async move {
                    let summary = summaries.get(skill);
                    match stopped {
                        Some(why) => Err(why),
                        None => self.progress_of(*skill, summary, period, until).await,
                    }
                }
            }));
            let answers = answers.await;
            let ends = answers.iter().filter_map(|it| it.as_ref().err());
            let ends = ends.filter(|error| error.meets_every_call()).cloned();
            stopped = stopped.or_else(|| ends.clone().next());
            counted.extend(part.iter().copied().zip(answers));
        }
        counted
    }

    /// A skill that CXone's summary leaves out has made no calls.
    async fn progress_of(
        &self,
        skill: Skill,
        summary: Option<&Summary>,
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Result<Progress, Error> {
        let absent = |figure| absent(skill, figure);
        let (dials, connects) = match summary {
            None => (0, 0),
            Some(summary) => (
                summary.dials.ok_or_else(|| absent("dials"))?,
                summary.connects.ok_or_else(|| absent("connects"))?,
            ),
        };
        let completed = match (self.settings.completed, summary) {
            (Completed::Contacts, _) => self.completed_in(skill, period, until).await?,
            (Completed::Dials, None) => 0,
            (Completed::Dials, Some(summary)) => {
                let active = summary.contacts_active.ok_or_else(|| absent("contactsActive"))?;
                dials.saturating_sub(active)
            }
            (Completed::List, _) => self.finalized(skill, until).await?,
        };
        // The two come from different stores.
        Ok(Progress { completed, attempted: dials.max(completed), connected: connects })
    }

    pub(super) async fn summaries(
        &self,
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Result<BTreeMap<Skill, Summary>, Error> {
        let query = [
            ("startDate", &*rfc3339(period.start)),
            ("endDate", &*rfc3339(period.end)),
            ("isOutbound", "true"),
            ("fields", "skillId,dials,connects,contactsActive"),
        ];
        let reply = self.get(Operation::SkillSummaries, &[], &query, until).await?;
        let summaries = read_or_none::<Summaries>(&reply)?.and_then(|it| it.skill_summaries);
        let rows = summaries.unwrap_or_default();
        let row = |raw: &Raw| -> Option<(Skill, Summary)> {
            let summary: Summary = serde_json::from_str(raw.get()).ok()?;
            Some((summary.skill_id?, summary))
        };
        // A skill may have several rows, such as one for each campaign or division.
        let mut read: BTreeMap<Skill, Summary> = BTreeMap::new();
        for (skill, summary) in rows.iter().filter_map(row) {
            let sum = match read.remove(&skill) {
                Some(sum) => sum.plus(&summary),
                None => summary,
            };
            read.insert(skill, sum);
        }
        if read.is_empty() && !rows.is_empty() {
            return Err(reply.unexpected_private("no summaries of skills"));
        }
        Ok(read)
    }

    /// Contacts of a skill that were over in the period.
    pub(crate) async fn completed_in(
        &self,
        skill: Skill,
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Result<u64, Error> {
        let query = [
            ("skillId", &*skill.to_string()),
            ("startDate", &*rfc3339(period.start)),
            ("endDate", &*rfc3339(period.end)),
            ("top", "1"),
            ("fields", "contactId"),
        ];
        let reply = self.get(Operation::CompletedContacts, &[], &query, until).await?;
        let Some(page) = read_or_none::<Page>(&reply)? else { return Ok(0) };
        let is_empty = page.completed_contacts.is_some_and(|rows| rows.is_empty());
        let total = page.total_records.or(is_empty.then_some(0));
        total.ok_or_else(|| absent(skill, "totalRecords"))
    }

    /// Records of a skill's calling lists that are done with.
    pub(crate) async fn finalized(&self, skill: Skill, until: Instant) -> Result<u64, Error> {
        let lists = self.skill_settings(skill, until).await?.calling_lists.unwrap_or_default();
        let mut sum = 0_u64;
        for list in lists.into_iter().filter_map(|list| list.id) {
            let query = [("includeRecords", "false")];
            let values = [("{listId}", &*list)];
            let reply = self.find(Operation::CallList, &values, &query, until).await?;
            let counts: Wrapped = reply.read_private("no counts of a calling list")?;
            let finalized = match counts.result_set {
                Some(counts) => counts.finalized_records,
                None => counts.finalized_records,
            };
            sum = sum.saturating_add(finalized.ok_or_else(|| absent(skill, "finalizedRecords"))?);
        }
        Ok(sum)
    }
}

/// The error for a figure that CXone leaves out: it is unknown, not zero.
fn absent(skill: Skill, figure: &str) -> Error {
    let detail = format!("the figures of skill {skill} lack {figure}");
    Error::Unexpected { status: 200, detail }
}

/// Reads a body. `None` for the answer without content that stands for none.
fn read_or_none<T: DeserializeOwned>(reply: &Reply) -> Result<Option<T>, Error> {
    if reply.body.is_empty() { Ok(None) } else { reply.read_private("no figures").map(Some) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summaries {
    #[serde(default)]
    skill_summaries: Option<Vec<Raw>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    #[serde(default, deserialize_with = "reading::optional_count")]
    skill_id: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    dials: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    connects: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    contacts_active: Option<u64>,
}

impl Summary {
    pub(super) fn counts(&self) -> SkillCounts {
        SkillCounts { dials: self.dials, connects: self.connects }
    }

    /// The sum of two rows. A figure that one of them lacks is unknown.
    fn plus(&self, other: &Self) -> Self {
        let sum = |one: Option<u64>, other: Option<u64>| Some(one?.saturating_add(other?));
        Self {
            skill_id: self.skill_id,
            dials: sum(self.dials, other.dials),
            connects: sum(self.connects, other.connects),
            contacts_active: sum(self.contacts_active, other.contacts_active),
        }
    }
}

/// Counts of a calling list, in their wrapper or without.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped {
    #[serde(default)]
    result_set: Option<Counts>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    finalized_records: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    #[serde(default, deserialize_with = "reading::optional_count")]
    finalized_records: Option<u64>,
}
