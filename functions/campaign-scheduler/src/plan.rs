//! The next starts of a campaign: pure decisions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use outbound::{
    Tz,
    campaign::{
        CallingWindow, CampaignRequest, Cut, LawfulWindow, LocalStart, OutsideCallingHours,
        Unlawful, Zones, calling_window, is_place, lawful_window,
    },
    law::{self, Call, Candidates, HousePolicy},
    zone,
};

/// Time before its start at which a schedule is submitted. What is in CXone cannot be taken back,
/// so a campaign that is changed or ended should have little there: the next start of a daily one,
/// which is 25 hours ahead when the clocks are set back.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(25);

/// The next start in every zone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// By the local time at which they start. Zones that are past it today start a day later, so
    /// there are often two.
    pub(crate) runs: BTreeMap<NaiveDateTime, RunWindows>,
    /// Zones in which the start is not legal, or not what the campaign allows itself.
    pub(crate) refused: Vec<(Tz, Refusal)>,
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

/// Reason why a campaign does not start in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The zone is a clock without a place: no law is known there.
    ZoneWithoutPlace,
    /// So many contacts have a number without a place, and no address.
    NumbersWithoutPlace(u64),
    /// The start is outside the calling hours of the house or the campaign.
    Outside(OutsideCallingHours),
    /// The law bans the start.
    Unlawful(Unlawful),
}

/// Plans the next start after `now` in each of `zones`.
pub(crate) fn plan(
    campaign: &CampaignRequest,
    zones: &Zones,
    policy: &HousePolicy,
    now: DateTime<Utc>,
) -> Plan {
    let terms = terms(campaign, policy);
    let mut plan = Plan::default();
    let mut next: BTreeMap<NaiveDateTime, Vec<CallingWindow>> = BTreeMap::new();
    for zone in zones.known() {
        let Some(start) = campaign.recurrence.next(now, zone) else { continue };
        let at = start.at.to_utc();
        if at - now > AHEAD_MAX {
            plan.due_later = Some(plan.due_later.map_or(at, |earliest| earliest.min(at)));
            continue;
        }
        match window(campaign, zones, &terms, zone, &start) {
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
                window(campaign, zones, &terms, zone, &LocalStart { civil, at }).ok()
            })
            .map(|LawfulWindow { window, .. }| window.end.to_utc());
        if let Some(last_end) = ends.max() {
            plan.runs.insert(civil, RunWindows { next, last_end });
        }
    }
    plan
}

/// The campaign's calls, but for the places that are called.
fn terms(campaign: &CampaignRequest, policy: &HousePolicy) -> Call {
    Call {
        house: campaign.calling_hours.into(),
        strictness: policy.strictness,
        closures: policy.closures.0.clone(),
        ..Call::new(Candidates::default(), campaign.kinds.clone())
    }
}

fn window(
    campaign: &CampaignRequest,
    zones: &Zones,
    terms: &Call,
    zone: Tz,
    start: &LocalStart,
) -> Result<LawfulWindow, Refusal> {
    let hours = &campaign.calling_hours;
    if !is_place(law::Zone(zone)) {
        return Err(Refusal::ZoneWithoutPlace);
    }
    let window = calling_window(zone, start, campaign.window, hours).map_err(Refusal::Outside)?;
    let sites = zones.sites(zone);
    match sites.without_place() {
        0 => lawful_window(&window, &sites, terms).map_err(Refusal::Unlawful),
        contacts => Err(Refusal::NumbersWithoutPlace(contacts)),
    }
}

#[cfg(test)]
mod tests;
