//! The next starts of a campaign: pure decisions.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Starts at one instant, in zones whose windows differ or that are refused in part. Where CXone
    /// takes some of them for one zone, these must not start.
    pub(crate) uneven: Vec<UnevenStarts>,
    /// Earliest start that it is too early for.
    pub(crate) due_later: Option<DateTime<Utc>>,
}

/// End of the window in each zone that starts at one instant, `None` where the start is refused.
pub(crate) type UnevenStarts = BTreeMap<&'static str, Option<DateTime<Utc>>>;

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
    let mut starts: BTreeMap<_, UnevenStarts> = BTreeMap::new();
    for zone in zones.known() {
        let Some(start) = campaign.recurrence.next(now, zone) else { continue };
        let at = start.at.to_utc();
        if at - now > AHEAD_MAX {
            plan.due_later = Some(plan.due_later.map_or(at, |earliest| earliest.min(at)));
            continue;
        }
        let window = campaign.window(zones, &terms, zone, &start);
        let end = window.as_ref().ok().map(|lawful| lawful.window.end.to_utc());
        starts.entry((start.civil, at)).or_default().insert(zone.name(), end);
        match window {
            Ok(LawfulWindow { window, cut }) => {
                next.entry(start.civil).or_default().push(window);
                plan.cuts.extend(cut.map(|cut| (zone, cut)));
            }
            Err(reason) => plan.refused.push((zone, reason)),
        }
    }
    plan.uneven = starts.into_values().filter(is_uneven).collect();
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

/// Returns whether some zones start, and not all of them with the same window.
fn is_uneven(starts: &UnevenStarts) -> bool {
    let ends: BTreeSet<_> = starts.values().collect();
    ends.len() > 1
}

impl Plan {
    /// Takes out the starts in zones, whatever the reason.
    pub(crate) fn take_out(&mut self, zones: &BTreeSet<&str>) {
        let is_left = |zone: Tz| !zones.contains(zone.name());
        for run in self.runs.values_mut() {
            run.next.retain(|window| is_left(window.zone));
        }
        self.runs.retain(|_, run| !run.next.is_empty());
        self.cuts.retain(|(zone, _)| is_left(*zone));
    }
}

#[cfg(test)]
mod tests;
