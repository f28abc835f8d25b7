//! What a campaign should do next: pure decisions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use outbound::{
    Tz,
    campaign::{CallingWindow, CampaignRequest, OutsideCallingHours, calling_window},
};

/// The next start in every zone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// By the local time at which they start. Zones that are past it today start a day later, so
    /// there are often two.
    pub(crate) runs: BTreeMap<NaiveDateTime, Vec<CallingWindow>>,
    /// Zones in which the start is not legal, or not what the campaign allows itself.
    pub(crate) outside: Vec<(Tz, OutsideCallingHours)>,
}

/// Plans the next start after `now` in each of `zones`.
pub(crate) fn plan(
    campaign: &CampaignRequest,
    zones: impl Iterator<Item = Tz>,
    now: DateTime<Utc>,
) -> Plan {
    let mut plan = Plan::default();
    for zone in zones {
        let Some(start) = campaign.recurrence.next(now, zone) else { continue };
        match calling_window(zone, &start, campaign.window, &campaign.calling_hours) {
            Ok(window) => plan.runs.entry(start.civil).or_default().push(window),
            Err(reason) => plan.outside.push((zone, reason)),
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use outbound::campaign::CallingHours;
    use serde_json::json;

    use super::*;

    fn planned(cron: &str, now: &str) -> Plan {
        let document = json!({ "campaignId": "c", "cron": cron, "expectedCompleted": 1 });
        let campaign = CampaignRequest::read(&document, &CallingHours::DEFAULT).expect("valid");
        let zones = [Tz::America__Los_Angeles, Tz::America__New_York, Tz::Asia__Kolkata];
        plan(&campaign, zones.into_iter(), now.parse().expect("an instant"))
    }

    #[test]
    fn zones_that_are_past_the_hour_start_with_the_next_run() {
        // 08:00 in New York, 05:00 in Los Angeles, 18:30 in Kolkata.
        let plan = planned("0 9 * * *", "2026-01-15T13:00:00Z");
        let starts: Vec<(String, Vec<String>)> = plan
            .runs
            .iter()
            .map(|(local_start, windows)| {
                let starts = windows.iter().map(|window| window.start.to_rfc3339()).collect();
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
}
