//! Whether the skills of the campaigns are such as can dial for them.

use std::collections::BTreeMap;

use cxone::{Error, InspectedSkill};

use super::{
    acd::{Facts, some_of},
    campaigns::Campaigns,
    finding::{Finding, Findings},
};

/// Number of the medium telephone.
pub(super) const TELEPHONE: u64 = 4;
/// Kind of dialing that the product is for.
pub(super) const PERSONAL_CONNECTION: &str = "Personal Connection";

pub(super) fn check(campaigns: &Campaigns, facts: &Facts, findings: &mut Findings) {
    findings.add(have_skills(campaigns));
    if facts.skills.is_empty() {
        findings.not_checked("exist", "no skill is known: CxoneSkills is empty");
        return;
    }
    findings.add(exist(facts));
    let active = ("active", "are active", "are not active");
    findings.add(all(facts, active, |skill| skill.is_active, "Activate them in CXone."));
    let outbound = ("outbound", "call", "only take calls");
    let advice = "Name outbound skills in CxoneSkills.";
    findings.add(all(facts, outbound, |skill| skill.is_outbound, advice));
    let kind = ("type", "dial by Personal Connection", "are of another medium or kind of dialing");
    let advice = "Name skills of the telephone with Personal Connection in CxoneSkills.";
    findings.add(all(facts, kind, is_dialer, advice));
    findings.add(in_one_campaign(campaigns));
    findings.add(at_rest(campaigns, facts));
}

fn have_skills(campaigns: &Campaigns) -> Finding {
    const CHECK: &str = "campaigns";
    match (&campaigns.without_skills[..], campaigns.started.is_some()) {
        ([], true) => Finding::ok(CHECK, "all that are started have skills"),
        ([], false) => Finding::not_checked(CHECK, "CAMPAIGNS is not set"),
        (without, _) => {
            let advice = "Name them in CxoneSkills, as campaign=skill.";
            Finding::wrong(CHECK, format!("without a skill: {}", some_of(without)), advice)
        }
    }
}

fn exist(facts: &Facts) -> Finding {
    const CHECK: &str = "exist";
    let missing = |(skill, facts): (&u64, &super::acd::SkillFacts)| {
        matches!(facts.itself, Err(Error::NotFound { .. })).then_some(*skill)
    };
    let missing: Vec<u64> = facts.skills.iter().filter_map(missing).collect();
    let unread = facts.skills.values().find_map(|skill| match &skill.itself {
        Err(error) if !matches!(error, Error::NotFound { .. }) => Some(error),
        _ => None,
    });
    match (&missing[..], unread) {
        ([], None) => Finding::ok(CHECK, format!("all {} are there", facts.skills.len())),
        ([], Some(error)) => Finding::not_checked(CHECK, error),
        (missing, _) => {
            let detail = format!("CXone has no skill {}", some_of(missing));
            Finding::wrong(CHECK, detail, "Correct the numbers in CxoneSkills.")
        }
    }
}

/// Checks a property of all skills. Words: the check, what all do, what those do that lack it.
fn all(
    facts: &Facts,
    (check, all, lacking): (&'static str, &str, &str),
    has: fn(&InspectedSkill) -> Option<bool>,
    advice: &str,
) -> Finding {
    let without = |answer| {
        let skills = facts.existing().filter(move |(_, skill)| has(skill) == answer);
        skills.map(|(skill, _)| skill).collect::<Vec<u64>>()
    };
    match (&without(Some(false))[..], &without(None)[..]) {
        ([], []) => Finding::ok(check, format!("all {} {all}", facts.existing().count())),
        ([], silent) => {
            Finding::not_checked(check, format!("CXone does not say it of {}", some_of(silent)))
        }
        (those, _) => Finding::wrong(check, format!("{} {lacking}", some_of(those)), advice),
    }
}

fn is_dialer(skill: &InspectedSkill) -> Option<bool> {
    Some(skill.medium? == TELEPHONE && skill.strategy.as_deref()? == PERSONAL_CONNECTION)
}

/// A skill in two campaigns makes their counts one.
fn in_one_campaign(campaigns: &Campaigns) -> Finding {
    const CHECK: &str = "one-campaign";
    let mut of_skill: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for (campaign, skills) in &campaigns.skills {
        for skill in skills {
            of_skill.entry(*skill).or_default().push(campaign);
        }
    }
    let shared = of_skill.iter().filter(|(_, campaigns)| campaigns.len() > 1);
    let shared: Vec<String> =
        shared.map(|(skill, of)| format!("{skill} ({})", of.join(", "))).collect();
    if shared.is_empty() {
        Finding::ok(CHECK, "each skill is of one campaign")
    } else {
        let detail = format!("of several campaigns: {}", some_of(&shared));
        let advice = "Give each campaign skills of its own in CxoneSkills: counts are by skill.";
        Finding::wrong(CHECK, detail, advice)
    }
}

/// A skill that no run has started must not dial.
fn at_rest(campaigns: &Campaigns, facts: &Facts) -> Finding {
    const CHECK: &str = "at-rest";
    if campaigns.started.is_none() {
        return Finding::not_checked(CHECK, "CAMPAIGNS is not set");
    }
    let of_run = campaigns.running.iter().filter_map(|campaign| campaigns.skills.get(campaign));
    let of_run: Vec<u64> = of_run.flatten().copied().collect();
    let dialing = campaigns.dialing();
    let resting = facts
        .existing()
        .filter(|(skill, _)| dialing.contains_key(skill) && !of_run.contains(skill));
    let (running, resting): (Vec<_>, Vec<_>) = resting.partition(|(_, skill)| skill.is_running);
    let running: Vec<u64> = running.into_iter().map(|(skill, _)| skill).collect();
    if running.is_empty() {
        Finding::ok(CHECK, format!("{} skills of campaigns without a run rest", resting.len()))
    } else {
        let detail = format!("{} dial, and no run is open", some_of(&running));
        Finding::wrong(CHECK, detail, "Stop them in CXone, or find out who has started them.")
    }
}
