//! Whether callbacks can be booked, and are made.

use cxone::Inspection;

use super::{
    Case, Part,
    acd::some_of,
    campaigns::Campaigns,
    finding::{Finding, Findings},
};

pub(super) fn check(
    case: &Case<'_>,
    inspection: Inspection<'_>,
    campaigns: &Campaigns,
    findings: &mut Findings,
) {
    if case.is_without(Part::Callbacks) {
        findings.not_checked("skill", "--without callbacks");
        findings.not_checked("capacity", "--without callbacks");
        return;
    }
    findings.add(skill(campaigns));
    findings.add(capacity(inspection, campaigns));
}

/// Checks that there is a campaign for callbacks: agents cannot use a skill that a run has stopped.
fn skill(campaigns: &Campaigns) -> Finding {
    const CHECK: &str = "skill";
    if campaigns.started.is_none() {
        return Finding::not_checked(CHECK, "CAMPAIGNS is not set: any skill may be stopped");
    }
    let free = campaigns.for_callbacks();
    let free: Vec<String> =
        free.iter().map(|(campaign, skill)| format!("{skill} ({campaign})")).collect();
    if free.is_empty() {
        let advice = "Name a campaign in CxoneSkills whose skill is in no campaign that is \
                      started, and have the IVR send callbacks with it. Without callbacks, run \
                      this with --without callbacks.";
        Finding::wrong(CHECK, "runs stop every skill that callbacks could go to", advice)
    } else {
        Finding::ok(CHECK, format!("no run stops {}", some_of(&free)))
    }
}

/// Checks that there is a plan for them: without one, all are refused.
fn capacity(inspection: Inspection<'_>, campaigns: &Campaigns) -> Finding {
    const CHECK: &str = "capacity";
    let free = campaigns.for_callbacks();
    if free.is_empty() {
        return Finding::not_checked(CHECK, "no skill is known that callbacks go to");
    }
    let planned = free.iter().filter(|(_, skill)| inspection.has_plan(*skill));
    let planned: Vec<u64> = planned.map(|(_, skill)| *skill).collect();
    if planned.is_empty() {
        let advice = "Set CxoneCapacity; outbound capacity-plan derives it. Without callbacks, run \
                      this with --without callbacks.";
        let detail = "CxoneCapacity has no plan for callbacks: each is refused as no_forecast";
        Finding::wrong(CHECK, detail, advice)
    } else {
        Finding::ok(CHECK, format!("there is a plan for {}", some_of(&planned)))
    }
}
