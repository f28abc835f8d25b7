//! The weekly schedule of a skill, to be tried out and put back.

use std::collections::BTreeMap;

use ambient::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Acd, Operation, settings::Skill};
use crate::{Error, Seen};

const DAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// Weekly schedule of a skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SkillWeek(BTreeMap<String, Value>);

impl SkillWeek {
    /// Returns whether it counts.
    pub fn is_scheduled(&self) -> bool {
        self.is("isScheduled")
    }

    /// Returns whether each day is active and has its times. CXone is seen to refuse all others, so
    /// that one of them could not be put back.
    pub fn is_writable(&self) -> bool {
        let is_text = |name: String| self.0.get(&name).is_some_and(Value::is_string);
        DAYS.iter().all(|day| {
            self.is(&format!("{day}IsActive"))
                && is_text(format!("{day}StartTime"))
                && is_text(format!("{day}EndTime"))
        })
    }

    /// The days, each with its start and its end, as CXone writes them.
    pub fn days(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        let text = |day: &str, what: &str| self.0.get(&format!("{day}{what}"))?.as_str();
        DAYS.into_iter()
            .filter_map(move |day| Some((day, text(day, "StartTime")?, text(day, "EndTime")?)))
    }

    /// A schedule that counts and has these times on each day.
    #[must_use]
    pub fn daily([start, end]: [&str; 2]) -> Self {
        let mut members = BTreeMap::from([("isScheduled".to_owned(), Value::Bool(true))]);
        for day in DAYS {
            members.insert(format!("{day}IsActive"), Value::Bool(true));
            members.insert(format!("{day}StartTime"), Value::from(start));
            members.insert(format!("{day}EndTime"), Value::from(end));
        }
        Self(members)
    }

    fn is(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// The members that can be written.
    fn written(self) -> Self {
        let is_written =
            |name: &str| name == "isScheduled" || DAYS.iter().any(|day| name.starts_with(day));
        Self(self.0.into_iter().filter(|(name, _)| is_written(name)).collect())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewWeek<'a> {
    schedule_settings: &'a SkillWeek,
}

impl Acd {
    pub(crate) async fn week(&self, skill: Skill, until: Instant) -> Result<SkillWeek, Error> {
        let values = [("{skillId}", &*skill.to_string())];
        let reply = self.find(Operation::SkillSchedule, &values, &[], until).await?;
        let week: SkillWeek = reply.read_private("no weekly schedule")?;
        Ok(week.written())
    }

    pub(crate) async fn try_week(
        &self,
        skill: Skill,
        week: &SkillWeek,
        until: Instant,
    ) -> Result<Seen, Error> {
        let body = NewWeek { schedule_settings: week };
        self.try_put(Operation::PutSkillSchedule, skill, &body, until).await
    }

    pub(crate) async fn put_week(
        &self,
        skill: Skill,
        week: &SkillWeek,
        until: Instant,
    ) -> Result<(), Error> {
        let body = NewWeek { schedule_settings: week };
        self.put(Operation::PutSkillSchedule, skill, &body, until).await
    }
}
