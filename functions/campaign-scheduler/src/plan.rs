//! The next starts of a campaign: pure decisions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use outbound::{
    Tz,
    campaign::{CallingWindow, CampaignRequest, LocalStart, OutsideCallingHours, calling_window},
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
    pub(crate) outside: Vec<(Tz, OutsideCallingHours)>,
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
pub(crate) fn plan(campaign: &CampaignRequest, zones: &[Tz], now: DateTime<Utc>) -> Plan {
    let mut plan = Plan::default();
    let mut next: BTreeMap<NaiveDateTime, Vec<CallingWindow>> = BTreeMap::new();
    for zone in zones {
        let Some(start) = campaign.recurrence.next(now, *zone) else { continue };
        let at = start.at.to_utc();
        if at - now > AHEAD_MAX {
            plan.due_later = Some(plan.due_later.map_or(at, |earliest| earliest.min(at)));
            continue;
        }
        match window(campaign, *zone, &start) {
            Ok(window) => next.entry(start.civil).or_default().push(window),
            Err(reason) => plan.outside.push((*zone, reason)),
        }
    }
    for (civil, next) in next {
        let starts = zones.iter().map(|zone| (zone, zone::instant(*zone, civil)));
        let ends = starts
            .filter_map(|(zone, at)| window(campaign, *zone, &LocalStart { civil, at }).ok())
            .map(|window| window.end.to_utc());
        if let Some(last_end) = ends.max() {
            plan.runs.insert(civil, RunWindows { next, last_end });
        }
    }
    plan
}

fn window(
    campaign: &CampaignRequest,
    zone: Tz,
    start: &LocalStart,
) -> Result<CallingWindow, OutsideCallingHours> {
    calling_window(zone, start, campaign.window, &campaign.calling_hours)
}

#[cfg(test)]
mod tests {
    use outbound::campaign::CallingHours;
    use serde_json::json;

    use super::*;

    fn at(instant: &str) -> DateTime<Utc> {
        instant.parse().expect("an instant")
    }

    fn planned(cron: &str, now: &str) -> Plan {
        let document = json!({ "campaignId": "c", "cron": cron, "expectedCompleted": 1 });
        let campaign =
            CampaignRequest::read(&(&document).into(), &CallingHours::DEFAULT).expect("valid");
        let zones = [Tz::America__Los_Angeles, Tz::America__New_York, Tz::Asia__Kolkata];
        plan(&campaign, &zones, at(now))
    }

    #[test]
    fn zones_that_are_past_the_hour_start_with_the_next_run() {
        // 08:00 in New York, 05:00 in Los Angeles, 18:30 in Kolkata.
        let plan = planned("0 9 * * *", "2026-01-15T13:00:00Z");
        let starts: Vec<(String, Vec<String>)> = plan
            .runs
            .iter()
            .map(|(local_start, run)| {
                let starts = run.next.iter().map(|window| window.start.to_rfc3339()).collect();
                (local_start.to_string(), starts)
            })
            .collect();
        assert_eq!(
            starts,
            [
                (
                    "2026-01-15 09:00:00".to_owned(),
                    vec![
                        "2026-01-15T09:00:00-08:00".to_owned(),
                        "2026-01-15T09:00:00-05:00".to_owned(),
                    ]
                ),
                ("2026-01-16 09:00:00".to_owned(), vec!["2026-01-16T09:00:00+05:30".to_owned()]),
            ]
        );
        assert_eq!(plan.outside, []);
    }

    #[test]
    fn a_start_outside_the_calling_hours_is_refused_and_not_moved() {
        let plan = planned("0 6 * * *", "2026-01-15T13:00:00Z");
        assert!(plan.runs.is_empty());
        assert_eq!(plan.outside.len(), 3);
    }

    #[test]
    fn a_run_lasts_until_its_last_zone_even_if_that_has_another_start_before() {
        // 10:00 in Kolkata, where 15:00 is next after it; in Los Angeles it is 20:30 the day before.
        let plan = planned("0 10,15 * * *", "2026-01-15T04:30:00Z");
        let run = &plan.runs[&at("2026-01-15T15:00:00Z").naive_utc()];
        let zones: Vec<Tz> = run.next.iter().map(|window| window.zone).collect();
        assert_eq!(zones, [Tz::Asia__Kolkata]);
        assert_eq!(run.last_end, at("2026-01-16T03:00:00Z"), "19:00 in Los Angeles");
    }

    #[test]
    fn a_start_that_is_more_than_a_day_ahead_is_left_for_later() {
        // Thursday, 08:00 in New York.
        let plan = planned("0 9 * * sat", "2026-01-15T13:00:00Z");
        assert!(plan.runs.is_empty() && plan.outside.is_empty());
        assert_eq!(plan.due_later, Some(at("2026-01-17T03:30:00Z")), "09:00 in Kolkata");
        let plan = planned("0 9 * * sat", "2026-01-16T04:00:00Z");
        assert_eq!(plan.runs.len(), 1);
        assert_eq!(plan.due_later, Some(at("2026-01-17T14:00:00Z")), "09:00 in New York");
    }
}
