//! Whether a skill may be written to and started at all.

use cxone::{InspectedSkill, SkillHours};

use super::{
    super::{
        campaigns::Campaigns,
        finding::Finding,
        skills::{PERSONAL_CONNECTION, TELEPHONE},
    },
    TestSkill,
};
use crate::tenant::deadline;

const CHECK: &str = "fit";

impl TestSkill<'_> {
    /// The hours of the skill, if nobody can be called with it. Nothing is written before this.
    pub(super) async fn fit(&self, campaigns: &Campaigns) -> Result<SkillHours, Finding> {
        let skill = self.skill;
        if campaigns.all_skills().contains(&skill) {
            return Err(self.unfit("it is a skill of CxoneSkills or of a campaign"));
        }
        let found = self.inspection.skill(skill, deadline()).await;
        let found = found.map_err(|error| self.unfit(&error.to_string()))?;
        kind(&found).map_err(|why| self.unfit(why))?;
        self.harmless().await.map_err(|why| self.unfit(&why))?;
        let hours = self.inspection.hours(skill, deadline()).await;
        let hours = hours.map_err(|error| self.unfit(&error.to_string()))?;
        if hours.is_empty() {
            return Err(self.unfit("it has hours in no zone"));
        }
        Ok(hours)
    }

    /// Why it might call somebody if it were started, if it might.
    pub(super) async fn harmless(&self) -> Result<(), String> {
        let skill = self.skill;
        let unread = |error: cxone::Error| error.to_string();
        if self.client.is_running(&skill.to_string(), deadline()).await.map_err(unread)? {
            return Err("it is running".to_owned());
        }
        let settings = self.inspection.settings(skill, deadline()).await.map_err(unread)?;
        match settings.calling_lists {
            Some(0) => {}
            Some(lists) => return Err(format!("it has {lists} calling lists")),
            None => return Err("CXone does not say whether it has calling lists".to_owned()),
        }
        match self.inspection.agents_of(skill, deadline()).await.map_err(unread)? {
            0 => {}
            agents => return Err(format!("{agents} agents have it")),
        }
        match self.inspection.bookings(skill, deadline()).await.map_err(unread)? {
            0 => Ok(()),
            bookings => Err(format!("{bookings} callbacks are booked with it")),
        }
    }

    fn unfit(&self, why: &str) -> Finding {
        let advice = "Nothing was written. Make a skill for it: outbound, Personal Connection, with \
                      hours in two zones, no calling list and no agent.";
        Finding::wrong(CHECK, format!("skill {} is refused: {why}", self.skill), advice)
    }
}

/// Why the skill is of a kind that is not tried out, if it is.
fn kind(skill: &InspectedSkill) -> Result<(), &'static str> {
    if skill.is_outbound != Some(true) {
        Err("it is not said to be outbound")
    } else if skill.medium != Some(TELEPHONE) {
        Err("it is not said to be of the telephone")
    } else if skill.strategy.as_deref() != Some(PERSONAL_CONNECTION) {
        Err("it is not said to be of Personal Connection")
    } else if skill.is_active == Some(false) {
        Err("it is switched off")
    } else {
        Ok(())
    }
}
