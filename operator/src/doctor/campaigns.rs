//! Campaigns of a deployment, their skills, and which of them are started and stopped.

use std::collections::{BTreeMap, BTreeSet};

use cxone::{Client, Inspection};
use outbound::{
    campaign::{CallingHours, CampaignRequest},
    law::Kinds,
};
use serde_json::Value;

use super::Case;

/// What is known of the campaigns of a deployment.
#[derive(Debug, Default)]
pub(super) struct Campaigns {
    /// Skills of each campaign, the one for callbacks first.
    pub(super) skills: BTreeMap<String, Vec<u64>>,
    /// Campaigns that runs start and stop, each with its kinds of calls. `None` when that is not
    /// known.
    pub(super) started: Option<BTreeMap<String, Kinds>>,
    /// Campaigns with a run that is open.
    pub(super) running: BTreeSet<String>,
    /// Campaigns that are started, and have no skill.
    pub(super) without_skills: Vec<String>,
}

impl Campaigns {
    /// Collects the campaigns of `CXONE_SKILLS`, of the parameter `Campaigns`, and of the runs of a
    /// month.
    pub(super) async fn of(case: &Case<'_>, client: &Client, inspection: Inspection<'_>) -> Self {
        let listed = inspection.campaigns();
        let mut all = Self {
            skills: listed
                .map(|(campaign, skills)| (campaign.to_owned(), skills.to_vec()))
                .collect(),
            started: named(case),
            ..Self::default()
        };
        all.add_runs(case).await;
        for campaign in all.started.iter().flat_map(BTreeMap::keys) {
            let numbers =
                |skills: Vec<String>| skills.iter().filter_map(|it| it.parse().ok()).collect();
            match client.skills(campaign) {
                Ok(skills) => drop(all.skills.insert(campaign.clone(), numbers(skills))),
                Err(_) => all.without_skills.push(campaign.clone()),
            }
        }
        all
    }

    async fn add_runs(&mut self, case: &Case<'_>) {
        let Some(runs) = case.stack.and_then(|stack| stack.runs().ok()) else { return };
        for run in runs.all().await.unwrap_or_default() {
            let campaign = run.id.campaign_id;
            if run.ended.is_none() {
                self.running.insert(campaign.clone());
            }
            self.started.get_or_insert_default().entry(campaign).or_default();
        }
    }

    /// All skills that are known.
    pub(super) fn all_skills(&self) -> BTreeSet<u64> {
        self.skills.values().flatten().copied().collect()
    }

    /// Skills that runs start and stop, each with its kinds of calls.
    pub(super) fn dialing(&self) -> BTreeMap<u64, Kinds> {
        let mut dialing: BTreeMap<u64, Kinds> = BTreeMap::new();
        for (campaign, kinds) in self.started.iter().flatten() {
            for skill in self.skills.get(campaign).into_iter().flatten() {
                let known = dialing.get(skill).into_iter().flat_map(Kinds::iter);
                let all = known.chain(kinds.iter()).collect();
                dialing.insert(*skill, all);
            }
        }
        dialing
    }

    /// A skill whose calls can be counted: one that runs start, if there is one.
    pub(super) fn counted(&self) -> Option<u64> {
        let started = self.dialing().into_keys().next();
        started.or_else(|| self.all_skills().into_iter().next())
    }

    /// Campaigns whose callbacks no run holds up: no run stops their first skill.
    pub(super) fn for_callbacks(&self) -> Vec<(&str, u64)> {
        let dialing = self.dialing();
        let first = self.skills.iter().filter_map(|(campaign, skills)| {
            let skill = *skills.first()?;
            (!dialing.contains_key(&skill)).then_some((campaign.as_str(), skill))
        });
        first.collect()
    }
}

/// The campaigns of the parameter `Campaigns`.
fn named(case: &Case<'_>) -> Option<BTreeMap<String, Kinds>> {
    let text = case.values.get("CAMPAIGNS")?;
    let documents: Vec<Value> = serde_json::from_str(text).ok()?;
    let hours = case.values.parsed("CALLING_HOURS", CallingHours::DEFAULT);
    let campaign = |document: &Value| {
        let id = document["campaignId"].as_str()?.trim().to_owned();
        let request = CampaignRequest::read(&document.into(), &hours);
        Some((id, request.map(|request| request.kinds).unwrap_or_default()))
    };
    Some(documents.iter().filter_map(campaign).collect())
}
