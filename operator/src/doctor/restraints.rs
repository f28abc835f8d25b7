//! What decides on calls beside the hours of zones, and how often a callback is tried.

use std::collections::BTreeMap;

use cxone::Inspection;

use super::{
    Case, Part,
    acd::{Facts, some_of},
    campaigns::Campaigns,
    finding::{Finding, Findings},
};
use crate::tenant::deadline;

/// Checks what may keep a skill from calling in its hours.
pub(super) async fn check(inspection: Inspection<'_>, facts: &Facts, findings: &mut Findings) {
    if let Some(error) = facts.skills.values().find_map(|skill| skill.settings.as_ref().err()) {
        findings.not_checked("weekly-schedule", error);
        findings.not_checked("cadence", error);
    } else {
        findings.add(weekly_schedule(facts));
        findings.add(cadence(facts));
    }
    findings.add(suppression(inspection, facts).await);
}

fn weekly_schedule(facts: &Facts) -> Finding {
    let scheduled: Vec<u64> = facts.with(|settings| settings.is_scheduled == Some(true));
    if scheduled.is_empty() {
        return Finding::ok("weekly-schedule", "no skill has one that counts");
    }
    let detail = format!(
        "{} have one that counts: it must be open where campaigns start",
        some_of(&scheduled)
    );
    Finding::look("weekly-schedule", detail)
}

fn cadence(facts: &Facts) -> Finding {
    let narrowed: Vec<u64> = facts.with(|settings| settings.cadences.is_some_and(|it| it > 0));
    if narrowed.is_empty() {
        return Finding::ok("cadence", "no skill has one");
    }
    let detail = format!(
        "{} have one: times in it narrow the hours, and a run may find itself closed",
        some_of(&narrowed)
    );
    Finding::look("cadence", detail)
}

async fn suppression(inspection: Inspection<'_>, facts: &Facts) -> Finding {
    const CHECK: &str = "suppression";
    let scripts = facts.existing().filter_map(|(skill, found)| {
        found.suppression_script.as_deref().map(|script| format!("{skill} (script {script})"))
    });
    let scripts: Vec<String> = scripts.collect();
    if !scripts.is_empty() {
        let detail =
            format!("a script of the tenant decides on each call of {}, too", some_of(&scripts));
        return Finding::look(CHECK, detail);
    }
    match inspection.suppresses_calls(deadline()).await {
        Ok(Some(true)) => Finding::ok(CHECK, "scripts may suppress calls, and no skill has one"),
        Ok(_) => Finding::ok(CHECK, "no script suppresses calls"),
        Err(error) => Finding::not_checked(CHECK, error),
    }
}

/// The attempts of each callback, which CXone makes by itself.
pub(super) fn attempts(case: &Case<'_>, campaigns: &Campaigns, facts: &Facts) -> Finding {
    const CHECK: &str = "attempts";
    if case.is_without(Part::Callbacks) {
        return Finding::not_checked(CHECK, "--without callbacks");
    }
    let mut skills: BTreeMap<(u64, Option<u64>), Vec<u64>> = BTreeMap::new();
    let mut silent = Vec::new();
    for (_, skill) in campaigns.for_callbacks() {
        let settings = facts.skills.get(&skill).and_then(|it| it.settings.as_ref().ok());
        match settings.and_then(|it| Some((it.callbacks_max?, it.callback_stale_minutes))) {
            Some(attempts) => skills.entry(attempts).or_default().push(skill),
            None => silent.push(skill),
        }
    }
    let shown = skills.into_iter().map(|((count, stale), skills)| {
        let stale = stale.map(|minutes| format!(", stale after {minutes} min"));
        format!("{count} for each callback of {}{}", some_of(&skills), stale.unwrap_or_default())
    });
    match (shown.collect::<Vec<String>>(), &silent[..]) {
        (shown, []) if shown.is_empty() => {
            Finding::not_checked(CHECK, "no skill is known that callbacks go to")
        }
        (shown, []) => Finding::ok(CHECK, shown.join("; ")),
        (_, silent) => {
            Finding::not_checked(CHECK, format!("CXone does not say it of {}", some_of(silent)))
        }
    }
}
