//! Settings with which the functions speak to the tenant.

use std::collections::BTreeMap;

use super::{
    ACCESS_KEY_ID, ACCESS_KEY_SECRET, Channel, Cxone, Number, TAGS, TEST_SKILL, Tenant, Zone,
};
use crate::SMS_SENDER;

/// Number of the first skill of a campaign.
const SKILL_FIRST: i64 = 4_271_301;
/// Calls of a campaign for which nothing is said.
const CALLS_DEFAULT: u64 = 40;
/// Agents of each skill who are there at any hour, for callbacks.
const AGENTS: &str = "mon-sun 00-24 UTC 8";
/// The style that needs an access key alone.
const ACCESS_KEY: &str = "access-key";

/// The credentials of the functions, beside those of the client.
pub(crate) const CREDENTIALS: [(&str, &str); 2] =
    [("accessKeyId", ACCESS_KEY_ID), ("accessKeySecret", ACCESS_KEY_SECRET)];

/// Skills of campaigns, numbered in their order. A campaign whose name is a number has the skill of
/// this number, and needs no other.
pub(crate) fn skills_of(campaigns: impl IntoIterator<Item = String>) -> BTreeMap<String, i64> {
    let mut skills = BTreeMap::new();
    for campaign in campaigns {
        let next = SKILL_FIRST + i64::try_from(skills.len()).unwrap_or_default();
        skills.entry(campaign.clone()).or_insert(campaign.parse().unwrap_or(next));
    }
    skills
}

impl Tenant {
    /// Gives a campaign a calling list in place of others, spread over these zones. Its skill stops,
    /// until a person starts it.
    pub(crate) fn plan_calls(
        &mut self,
        campaign: &str,
        zones: &[&'static Zone],
        calls: Option<u64>,
    ) {
        let found = self.skills.iter_mut().find(|(_, skill)| skill.name == campaign);
        let Some((id, skill)) = found.filter(|_| !zones.is_empty()) else { return };
        skill.is_running = false;
        let id = *id;
        let record = |(index, zone): (u64, &&'static Zone)| {
            // Numbers that nobody has.
            Number::read(&format!("+1201556{index:04}")).map(|number| (number, zone.name))
        };
        let calls = 0..calls.unwrap_or(CALLS_DEFAULT);
        let records = calls.zip(zones.iter().cycle()).filter_map(record).collect();
        self.lists.retain(|_, list| list.skill != id);
        self.add_list(id, records);
    }

    /// Leaves a campaign no hours in other zones.
    pub(crate) fn narrow_hours(&mut self, campaign: &str, zones: &[&'static Zone]) {
        for skill in self.skills.values_mut().filter(|skill| skill.name == campaign) {
            skill.hours.retain(|hours| zones.iter().any(|zone| zone.name == hours.zone));
        }
    }
}

impl Cxone {
    /// Gives the tenant a skill for each campaign, an empty one beside them, and a channel for texts.
    pub(crate) fn set_up_tenant(&self, skills: &BTreeMap<String, i64>) {
        let mut tenant = self.tenant();
        for (campaign, id) in skills {
            tenant.add_skill(*id, campaign, &[]);
            tenant.skills.entry(*id).and_modify(|skill| skill.is_running = true);
        }
        tenant.add_skill(TEST_SKILL, "Test", &[]);
        tenant.skills.entry(TEST_SKILL).and_modify(|skill| skill.agents = 0);
        tenant.channels.extend(Number::read(SMS_SENDER).map(Channel::of));
    }

    /// The parameters of the template that lead to the tenant, for a style of getting tokens.
    pub(crate) fn tenant_settings(
        &self,
        token_auth: &str,
        skills: &BTreeMap<String, i64>,
    ) -> Vec<(&'static str, String)> {
        let url = self.url();
        let token_path = match token_auth {
            ACCESS_KEY => "authentication/v1/token/access-key",
            _ => "auth/token",
        };
        let listed = |pairs: &mut dyn Iterator<Item = String>| pairs.collect::<Vec<_>>().join(",");
        let named = skills.iter().filter(|(campaign, _)| campaign.parse::<i64>().is_err());
        let channels = self.tenant().channels.clone();
        let mut channels = channels.iter().map(|it| format!("{}={}", it.number.e164(), it.id));
        let capacity = skills.values().map(|id| format!("{id} {AGENTS}"));
        vec![
            ("CxoneApi", "acd".to_owned()),
            ("CxoneTokenUrl", format!("{url}/{token_path}")),
            ("CxoneTokenAuth", token_auth.to_owned()),
            ("CxoneSkills", listed(&mut named.map(|(name, id)| format!("{name}={id}")))),
            ("CxoneDfoUrl", url),
            ("CxoneDfoChannels", listed(&mut channels)),
            ("CxoneCapacity", capacity.collect::<Vec<_>>().join("; ")),
            ("CxoneWriteBack", "tags".to_owned()),
            ("CxoneTags", listed(&mut TAGS.iter().map(|(id, name)| format!("{name}={id}")))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn campaigns_get_a_skill_each_and_numbers_are_skills() {
        let campaigns = ["spring", "77", "autumn", "spring"].map(str::to_owned);
        let skills = skills_of(campaigns);
        let expected = [("spring", SKILL_FIRST), ("77", 77), ("autumn", SKILL_FIRST + 2)];
        let expected = expected.map(|(name, id)| (name.to_owned(), id));
        assert_eq!(skills, BTreeMap::from(expected));
    }
}
