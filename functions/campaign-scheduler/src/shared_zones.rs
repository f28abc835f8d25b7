//! Starts that CXone cannot be told, because several zones of a campaign are one zone to it: with
//! hours of the day for each of its own zones, it calls the contacts of all of them at the same
//! times. So zones that it takes for one start with the same window, or not at all.

use std::collections::BTreeSet;

use cxone::SharedZone;
use outbound::{
    Tz,
    campaign::{CampaignRequest, SharedStart, StartRefused},
};

use crate::{
    CampaignScheduler, InvocationTime,
    plan::{Plan, UnevenStarts},
    report::{CampaignReport, FailedZone},
};

impl CampaignScheduler {
    /// Refuses the starts of a plan in zones that CXone takes for one and that do not all start with
    /// the same window. While CXone cannot be asked, none of these zones starts.
    pub(crate) async fn refuse_shared(
        &self,
        campaign: &CampaignRequest,
        plan: &mut Plan,
        report: &mut CampaignReport,
        invoked: InvocationTime,
    ) {
        for starts in std::mem::take(&mut plan.uneven) {
            let zones: Vec<&str> = starts.keys().copied().collect();
            let id = &campaign.campaign_id;
            match self.cxone.shared_zones(id, &zones, invoked.ends_at).await {
                Ok(shared) => plan.refuse_shared(starts, &shared),
                // The campaign itself: that is the answer to its schedules, too.
                Err(cxone::Error::Invalid { .. }) => {}
                Err(error) => {
                    let planned = starts.iter().filter(|(_, end)| end.is_some());
                    let planned: BTreeSet<&str> = planned.map(|(zone, _)| *zone).collect();
                    plan.take_out(&planned);
                    let why = error.to_string();
                    report.wait(planned.iter().map(|zone| FailedZone::waiting(zone, &why)));
                }
            }
        }
    }
}

impl Plan {
    /// Refuses the starts in each of `shared` that are not all alike. A zone that is refused refuses
    /// those that share another zone with it.
    fn refuse_shared(&mut self, mut starts: UnevenStarts, shared: &[SharedZone]) {
        let mut refused = BTreeSet::new();
        loop {
            let uneven = shared.iter().find_map(|it| Some((it, planned_in(it, &starts)?)));
            let Some((SharedZone { name, time_zones }, planned)) = uneven else { break };
            let zones: Vec<Tz> = time_zones.iter().filter_map(|zone| zone.parse().ok()).collect();
            for zone in planned {
                let start = SharedStart { cxone_zone: name.clone(), zones: zones.clone() };
                self.refused.extend(zone.parse().map(|zone| (zone, StartRefused::Shared(start))));
                starts.insert(zone, None);
                refused.insert(zone);
            }
        }
        self.take_out(&refused);
    }
}

/// The zones of a shared one that would start, unless all of it does with the same window.
fn planned_in(shared: &SharedZone, starts: &UnevenStarts) -> Option<Vec<&'static str>> {
    let of_it = || starts.iter().filter(|(zone, _)| shared.time_zones.iter().any(|it| it == *zone));
    let ends: BTreeSet<_> = of_it().map(|(_, end)| end).collect();
    let planned: Vec<_> = of_it().filter(|(_, end)| end.is_some()).map(|(zone, _)| *zone).collect();
    (ends.len() > 1 && !planned.is_empty()).then_some(planned)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;

    const ZONES: [&str; 4] =
        ["America/Detroit", "America/Indiana/Indianapolis", "America/New_York", "America/Toronto"];

    fn end(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn shared(zones: &[usize]) -> SharedZone {
        let time_zones = zones.iter().map(|zone| ZONES[*zone].to_owned()).collect();
        SharedZone { name: format!("{zones:?}"), time_zones }
    }

    fn refused(ends: &[Option<i64>], shared: &[SharedZone]) -> Vec<(&'static str, String)> {
        let starts = ZONES.into_iter().zip(ends.iter().map(|hour| hour.map(end))).collect();
        let mut plan = Plan::default();
        plan.refuse_shared(starts, shared);
        let mut refused: Vec<_> =
            plan.refused.iter().map(|(zone, why)| (zone.name(), why.to_string())).collect();
        refused.sort();
        refused
    }

    #[test]
    fn both_zones_are_named() {
        let found = refused(&[Some(1), None, Some(2), None], &[shared(&[0, 2])]);
        let zones: Vec<&str> = found.iter().map(|(zone, _)| *zone).collect();
        assert_eq!(zones, ["America/Detroit", "America/New_York"]);
        for (_, why) in found {
            assert!(why.starts_with("America/Detroit and America/New_York are one zone"), "{why}");
        }
    }

    #[test]
    fn what_is_refused_refuses_what_shares_another_zone_with_it() {
        let names = |ends: &[_], shared: &[_]| -> Vec<&str> {
            refused(ends, shared).into_iter().map(|(zone, _)| zone).collect()
        };
        let chain = [shared(&[0, 1]), shared(&[0, 2])];
        assert_eq!(names(&[Some(1), Some(1), Some(2), Some(3)], &chain), &ZONES[..3]);
        assert_eq!(names(&[Some(1), Some(1), Some(1), Some(3)], &chain), [""; 0]);
        assert_eq!(names(&[None, Some(1), None, Some(3)], &chain[1..]), [""; 0]);
    }

    proptest! {
        #[test]
        fn what_is_left_starts_with_all_that_shares_its_zone(
            ends in proptest::collection::vec(proptest::option::of(1_i64..3), ZONES.len()),
            zones in proptest::collection::vec(
                proptest::sample::subsequence(vec![0, 1, 2, 3], 2..=4), 0..4,
            ),
        ) {
            let shared: Vec<SharedZone> = zones.iter().map(|zones| shared(zones)).collect();
            let refused = refused(&ends, &shared);
            let left = |zone: usize| {
                ends[zone].filter(|_| refused.iter().all(|(name, _)| *name != ZONES[zone]))
            };
            for zones in &zones {
                let left: BTreeSet<_> = zones.iter().map(|zone| left(*zone)).collect();
                prop_assert_eq!(left.len(), 1, "{:?}", refused);
            }
            let is_shared = |name: &str| shared.iter().any(|it| it.time_zones.iter().any(|zone| zone == name));
            prop_assert!(refused.iter().all(|(name, _)| is_shared(name)));
        }
    }
}
