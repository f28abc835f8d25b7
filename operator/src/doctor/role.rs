//! Whether the role of the API user allows what the settings need. Each operation is tried by a read;
//! a permission to write only shows when something is written.

use chrono::{TimeDelta, TimeZone as _, Utc};
use cxone::{Error, Inspection};

use super::{
    Case, Part,
    acd::Facts,
    campaigns::Campaigns,
    finding::{Finding, Findings},
};
use crate::tenant::deadline;

/// A permission of docs/acd.md.
struct Permission {
    check: &'static str,
    name: &'static str,
}

const DNC: Permission = Permission { check: "dnc-lists", name: "DNC lists: edit" };
const SKILLS: Permission = Permission { check: "skills", name: "skills: view" };
const ZONES: Permission =
    Permission { check: "time-zones", name: "business unit, time zones: view" };
const CALLBACKS: Permission =
    Permission { check: "callbacks", name: "scheduled callbacks: view, create, delete" };
const REPORTS: Permission =
    Permission { check: "reporting", name: "reporting: skills, contacts, activity" };
const LISTS: Permission = Permission { check: "calling-lists", name: "calling lists: view" };
const TEXTS: Permission =
    Permission { check: "digital-messages", name: "digital messages: send and read" };

impl Permission {
    /// Judges the reads that need it. What is not found is allowed.
    fn judged(&self, reads: impl IntoIterator<Item = Result<(), Error>>) -> Finding {
        let mut failed = reads.into_iter().filter_map(Result::err);
        match failed.find(|error| !matches!(error, Error::NotFound { .. })) {
            None => Finding::ok(self.check, format!("allowed ({})", self.name)),
            Some(error @ (Error::Forbidden { .. } | Error::Unauthorized { .. })) => {
                let advice =
                    format!("Give the role of the API user the permission for {}.", self.name);
                Finding::wrong(self.check, error, advice)
            }
            Some(error) => {
                let advice = "Check CxoneBaseUrl, CxoneDfoUrl and CXONE_PATH_<OPERATION>: is the \
                              version in the path one that the tenant has?";
                Finding::wrong(self.check, error, advice)
            }
        }
    }
}

pub(super) async fn check(
    case: &Case<'_>,
    inspection: Inspection<'_>,
    campaigns: &Campaigns,
    facts: &Facts,
    findings: &mut Findings,
) {
    let some_skill = campaigns.all_skills().into_iter().next();
    let group = facts.group.as_ref().map(|it| it.as_ref().map(drop).map_err(Clone::clone));
    let scrubbed = facts.scrubbed.as_ref().map(|it| it.as_ref().map(drop).map_err(Clone::clone));
    let search = inspection.search_dnc(deadline()).await;
    findings.add(DNC.judged(group.into_iter().chain(scrubbed).chain([search])));
    let of_skill = facts.skills.values().flat_map(|skill| {
        let itself = skill.itself.as_ref().map(drop).map_err(Clone::clone);
        [itself, skill.settings.as_ref().map(drop).map_err(Clone::clone)]
    });
    findings.add(match some_skill {
        Some(_) => SKILLS.judged(of_skill),
        None => Finding::not_checked(SKILLS.check, "no skill is known: CxoneSkills is empty"),
    });
    if inspection.called_zones().is_empty() {
        findings.add(ZONES.judged([facts.closed_zones.as_ref().map(drop).map_err(Clone::clone)]));
    }
    findings.add(REPORTS.judged(reports(inspection, some_skill).await));
    if let Some(skill) = some_skill.filter(|_| inspection.counts_by_list()) {
        findings.add(LISTS.judged([inspection.lists(skill, deadline()).await.map(drop)]));
    }
    if !case.is_without(Part::Callbacks)
        && let Some((_, skill)) = campaigns.for_callbacks().first()
    {
        findings.add(CALLBACKS.judged([inspection.callbacks(*skill, deadline()).await]));
    }
    if let Some(channel) = &facts.channel {
        findings.add(TEXTS.judged([channel.as_ref().map(drop).map_err(Clone::clone)]));
    }
}

/// Reads the counts of the hour before this one.
async fn reports(inspection: Inspection<'_>, skill: Option<u64>) -> Vec<Result<(), Error>> {
    let now = ambient::now();
    let end = Utc.timestamp_opt(now.timestamp() / 3600 * 3600, 0).single().unwrap_or(now);
    let period = end - TimeDelta::hours(1)..end;
    let counts = inspection.summaries(&period, deadline()).await;
    let mut reads = vec![counts.map(drop), inspection.agents(deadline()).await];
    if let Some(skill) = skill {
        reads.push(inspection.completed(skill, &period, deadline()).await.map(drop));
    }
    reads
}
