//! The next starts of a campaign: pure decisions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use outbound::{
    Tz,
    campaign::{
        CallingWindow, CampaignRequest, Cut, LawfulWindow, LocalStart, StartRefused, Zones,
    },
    law::HousePolicy,
    zone,
};

/// Time before its start at which a schedule is submitted. What is in CXone cannot be taken back,
/// so a campaign that is changed or ended should have little there: the next start of a daily one,
/// which is 25 hours ahead when the clocks are set back.
pub(crate) const AHEAD_MAX: TimeDelta = TimeDelta::hours(25);

/// The next start in every zone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// By the local time at which they start. Zones that are past it today start a day later, so
    /// there are often two.
    pub(crate) runs: BTreeMap<NaiveDateTime, RunWindows>,
    /// Zones in which the start is not legal, or not what the campaign allows itself.
    pub(crate) refused: Vec<(Tz, StartRefused)>,
    /// Zones whose window ends earlier by law.
    pub(crate) cuts: Vec<(Tz, Cut)>,
    /// Earliest start that it is too early for.
    pub(crate) due_later: Option<DateTime<Utc>>,
}

/// Calling windows of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunWindows {
    /// In the zones that are next to start it.
    pub(crate) next: Vec<CallingWindow>,
    /// End of the last window in any zone, also in zones that start it much later and have other
    /// starts before.
    pub(crate) last_end: DateTime<Utc>,
}

/// Plans the next start after `now` in each of `zones`.
pub(crate) fn plan(
    campaign: &CampaignRequest,
    zones: &Zones,
    policy: &HousePolicy,
    now: DateTime<Utc>,
) -> Plan {
    let terms = campaign.terms(policy);
    let mut plan = Plan::default();
    let mut next: BTreeMap<NaiveDateTime, Vec<CallingWindow>> = BTreeMap::new();
    for zone in zones.known() {
        let Some(start) = campaign.recurrence.next(now, zone) else { continue };
        let at = start.at.to_utc();
        if at - now > AHEAD_MAX {
            plan.due_later = Some(plan.due_later.map_or(at, |earliest| earliest.min(at)));
            continue;
        }
        match campaign.window(zones, &terms, zone, &start) {
            Ok(LawfulWindow { window, cut }) => {
                next.entry(start.civil).or_default().push(window);
                plan.cuts.extend(cut.map(|cut| (zone, cut)));
            }
            Err(reason) => plan.refused.push((zone, reason)),
        }
    }
    for (civil, next) in next {
        let starts = zones.known().map(|zone| (zone, zone::instant(zone, civil)));
        let ends = starts
            .filter_map(|(zone, at)| {
                campaign.window(zones, &terms, zone, &LocalStart { civil, at }).ok()
            })
            .map(|LawfulWindow { window, .. }| window.end.to_utc());
        if let Some(last_end) = ends.max() {
            plan.runs.insert(civil, RunWindows { next, last_end });
        }
    }
    plan
}

#[cfg(test)]
mod tests;
