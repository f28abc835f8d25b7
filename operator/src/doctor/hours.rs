//! Whether skills call only when they may.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use cxone::{InspectedZone, Inspection};
use outbound::{
    campaign::CallingHours,
    law::{Call, Candidates, Interval, Kinds, Strictness, Zone, allowed},
    zone,
};

use super::{
    Case,
    acd::{Facts, some_of},
    campaigns::Campaigns,
    finding::{Finding, Findings},
};

/// Minutes of a day.
const DAY: usize = 24 * 60;
/// Span in which the law is asked: each day of the week, wherever it begins.
const ASKED: TimeDelta = TimeDelta::days(8);

pub(super) fn check(
    case: &Case<'_>,
    inspection: Inspection<'_>,
    campaigns: &Campaigns,
    facts: &Facts,
    findings: &mut Findings,
) {
    if let Some(error) = facts.skills.values().find_map(|skill| skill.settings.as_ref().err()) {
        findings.not_checked("readable", error);
        return;
    }
    let zones = called(inspection, facts);
    if zones.is_empty() {
        findings.not_checked("readable", "no skill with an open zone is known");
        return;
    }
    findings.add(readable(&zones));
    findings.add(named(&zones));
    findings.add(lawful(case, campaigns, &zones));
}

/// The zones that each skill may call, less those that the settings or the tenant leave out.
fn called<'a>(inspection: Inspection<'_>, facts: &'a Facts) -> Vec<(u64, &'a InspectedZone)> {
    let chosen = inspection.called_zones();
    // Where they are not known, another check says so, and none is left out.
    let closed = facts.closed_zones.as_ref().ok();
    let is_called = |zone: &&InspectedZone| {
        let is_chosen = chosen.is_empty() || zone.iana.is_some_and(|name| chosen.contains(name));
        is_chosen && !closed.is_some_and(|closed| closed.contains(&zone.name))
    };
    let of_skills = facts.skills.iter().filter_map(|(skill, facts)| {
        Some(facts.settings.as_ref().ok()?.zones.iter().map(|zone| (*skill, zone)))
    });
    of_skills.flatten().filter(|(_, zone)| is_called(zone)).collect()
}

fn readable(zones: &[(u64, &InspectedZone)]) -> Finding {
    const CHECK: &str = "readable";
    let odd = zones.iter().filter(|(_, zone)| zone.hours.is_none());
    let odd: Vec<String> = odd.map(|(skill, zone)| format!("{} of {skill}", zone.name)).collect();
    if odd.is_empty() {
        let names: BTreeSet<&str> = zones.iter().map(|(_, zone)| zone.name.as_str()).collect();
        Finding::ok(CHECK, format!("those of {} zones", names.len()))
    } else {
        let advice = "Set a start and a later end on the same day, or close the zone.";
        Finding::wrong(CHECK, format!("cannot be read: {}", some_of(&odd)), advice)
    }
}

fn named(zones: &[(u64, &InspectedZone)]) -> Finding {
    const CHECK: &str = "zone-names";
    let unknown = zones.iter().filter(|(_, zone)| zone.iana.is_none());
    let unknown: BTreeSet<&str> = unknown.map(|(_, zone)| zone.name.as_str()).collect();
    let unknown: Vec<&str> = unknown.into_iter().collect();
    if unknown.is_empty() {
        Finding::ok(CHECK, "all are zones of Windows")
    } else {
        let advice = "Close these zones in CXone, or name the zones to call in CxoneZones.";
        Finding::wrong(CHECK, format!("unknown zones: {}", some_of(&unknown)), advice)
    }
}

/// Checks that no hour of a skill is outside of the hours of the house, or one that the law allows on
/// no day of the week.
fn lawful(case: &Case<'_>, campaigns: &Campaigns, zones: &[(u64, &InspectedZone)]) -> Finding {
    const CHECK: &str = "lawful";
    let dialing = campaigns.dialing();
    if campaigns.started.is_some() && dialing.is_empty() {
        return Finding::not_checked(CHECK, "no campaign is started: Campaigns is empty");
    }
    let mut asked: BTreeMap<(&str, String), Vec<bool>> = BTreeMap::new();
    let mut wide = Vec::new();
    for (skill, zone) in zones {
        let (Some(iana), Some(hours)) = (zone.iana, &zone.hours) else { continue };
        let Some(kinds) = dialing
            .get(skill)
            .cloned()
            .or_else(|| campaigns.started.is_none().then(Kinds::default))
        else {
            continue;
        };
        let key = (iana, kinds.to_string());
        let minutes = asked.entry(key).or_insert_with(|| allowed_minutes(case, iana, kinds));
        let called = usize::from(hours.start)..usize::from(hours.end);
        if minutes.get(called).is_none_or(|called| called.contains(&false)) {
            wide.push(format!("{} of {skill} (allowed: {})", zone.name, shown(minutes)));
        }
    }
    if wide.is_empty() {
        return Finding::ok(CHECK, "within CallingHours and what the law allows");
    }
    let advice = "Narrow the hours of these zones in CXone, or close the zones. outbound law \
                  --zone NAME shows the rules.";
    Finding::wrong(CHECK, format!("too wide: {}", some_of(&wide)), advice)
}

/// The minutes of a day at which calls into a zone are allowed on some day of the week.
fn allowed_minutes(case: &Case<'_>, iana: &str, kinds: Kinds) -> Vec<bool> {
    let mut minutes = vec![false; DAY];
    let Ok(Zone(clocks)) = iana.parse() else { return minutes };
    let house: CallingHours = case.values.parsed("CALLING_HOURS", CallingHours::DEFAULT);
    let call = Call {
        house: house.into(),
        strictness: case.values.parsed("STRICTNESS", Strictness::default()),
        ..Call::new(Candidates::of(None, &[Zone(clocks)], &[]), kinds)
    };
    let now = ambient::now();
    for Interval { start, end } in allowed(&call, Interval { start: now, end: now + ASKED }) {
        let of_day = |at: DateTime<Utc>| {
            let local = zone::local(clocks, at).time();
            (local.hour() * 60 + local.minute()) as usize
        };
        let mut at = start;
        while at < end {
            if let Some(minute) = minutes.get_mut(of_day(at)) {
                *minute = true;
            }
            at += TimeDelta::minutes(1);
        }
    }
    minutes
}

/// Minutes as ranges: `10:00-13:00, 14:00-20:00`.
fn shown(minutes: &[bool]) -> String {
    let clock = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
    let mut ranges = Vec::new();
    let mut at = 0;
    for part in minutes.chunk_by(|one, next| one == next) {
        if part[0] {
            ranges.push(format!("{}-{}", clock(at), clock(at + part.len())));
        }
        at += part.len();
    }
    if ranges.is_empty() { "never".to_owned() } else { ranges.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_shown_as_ranges() {
        let mut minutes = vec![false; DAY];
        assert_eq!(shown(&minutes), "never");
        minutes[600..780].fill(true);
        minutes[1380..].fill(true);
        assert_eq!(shown(&minutes), "10:00-13:00, 23:00-24:00");
    }
}
