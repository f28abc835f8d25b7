//! The next starts of a campaign in each zone: pure.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};
use outbound::{
    Tz,
    campaign::{CampaignRequest, LawfulWindow, LocalStart, Zones},
    law::HousePolicy,
    zone,
};
use serde::Serialize;

/// One start in one zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ZoneStart {
    pub(super) timezone: &'static str,
    /// Time of the cron expression, on the clocks of the zone.
    pub(super) local_start: NaiveDateTime,
    /// The instant, with the zone's offset.
    pub(super) starts_at: DateTime<FixedOffset>,
    #[serde(flatten)]
    pub(super) fate: Fate,
    /// A change of the clocks between this start and the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clocks: Option<String>,
}

/// What becomes of a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "fate")]
pub(super) enum Fate {
    /// It calls until then.
    #[serde(rename_all = "camelCase")]
    Calls { ends_at: DateTime<FixedOffset> },
    /// It ends earlier than the campaign wants.
    #[serde(rename_all = "camelCase")]
    Clipped {
        ends_at: DateTime<FixedOffset>,
        /// Minutes that are missing.
        minutes: i64,
        rule: String,
    },
    /// It does not start.
    #[serde(rename_all = "camelCase")]
    Refused { code: &'static str, rule: String },
}

/// The next `count` starts in each zone, zone by zone.
pub(super) fn starts(
    campaign: &CampaignRequest,
    zones: &Zones,
    policy: &HousePolicy,
    from: DateTime<Utc>,
    count: usize,
) -> Vec<ZoneStart> {
    let terms = campaign.terms(policy);
    let of_zone = |zone: Tz| {
        let mut after = from;
        let mut starts = Vec::new();
        while starts.len() < count {
            let Some(start) = campaign.recurrence.next(after, zone) else { break };
            let fate = match campaign.window(zones, &terms, zone, &start) {
                Ok(window) => fate(campaign, &window),
                Err(refused) => Fate::Refused { code: refused.code(), rule: refused.to_string() },
            };
            let clocks = clocks(zone, after, &start);
            after = start.at.to_utc();
            let (timezone, local_start, starts_at) = (zone.name(), start.civil, start.at);
            starts.push(ZoneStart { timezone, local_start, starts_at, fate, clocks });
        }
        starts
    };
    zones.known().flat_map(of_zone).collect()
}

fn fate(campaign: &CampaignRequest, LawfulWindow { window, cut }: &LawfulWindow) -> Fate {
    let ends_at = window.end;
    let missing = campaign.window - (window.end - window.start);
    match cut {
        Some(cut) => {
            Fate::Clipped { ends_at, minutes: missing.num_minutes(), rule: cut.rules_in_words() }
        }
        None if missing > TimeDelta::zero() => {
            let rule = format!("calling hours {}", campaign.calling_hours);
            Fate::Clipped { ends_at, minutes: missing.num_minutes(), rule }
        }
        None => Fate::Calls { ends_at },
    }
}

/// What the clocks of the zone do between two starts, or at this one.
fn clocks(zone: Tz, after: DateTime<Utc>, start: &LocalStart) -> Option<String> {
    let at = start.at.to_utc();
    if start.at.naive_local() != start.civil {
        let shown = start.at.format("%H:%M");
        return Some(format!(
            "{} does not exist that day: it is {shown}",
            start.civil.format("%H:%M")
        ));
    }
    let change = zone::change_after(zone, after).filter(|change| *change <= at)?;
    let before = zone::offset_at(zone, change - TimeDelta::seconds(1));
    let now = zone::offset_at(zone, change);
    let day = zone::local(zone, change).format("%Y-%m-%d");
    Some(format!("the clocks change on {day}, from UTC{before} to UTC{now}"))
}

#[cfg(test)]
mod tests {
    use outbound::{
        Region,
        campaign::{CallingHours, CampaignContact},
    };
    use serde_json::json;

    use super::*;

    fn planned(fields: &serde_json::Value, zone: &str, from: &str, count: usize) -> Vec<ZoneStart> {
        let mut document = json!({
            "campaignId": "c", "cron": "0 10 * * *", "expectedCompleted": 1, "purpose": "service",
        });
        for (name, value) in fields.as_object().expect("an object") {
            document[name] = value.clone();
        }
        let campaign = CampaignRequest::read(&(&document).into(), &CallingHours::DEFAULT);
        let mut zones = Zones::default();
        let time_zone = Some(zone.to_owned());
        zones.add(&CampaignContact { time_zone, ..CampaignContact::default() }, Region::US);
        let from = from.parse().expect("an instant");
        starts(&campaign.expect("valid"), &zones, &HousePolicy::default(), from, count)
    }

    fn shown(starts: &[ZoneStart]) -> Vec<String> {
        starts.iter().map(|start| start.starts_at.to_rfc3339()).collect()
    }

    #[test]
    fn starts_follow_the_clocks_of_the_zone_and_a_change_is_announced() {
        let starts = planned(&json!({}), "America/New_York", "2026-10-31T12:00:00Z", 3);
        let expected =
            ["2026-10-31T10:00:00-04:00", "2026-11-01T10:00:00-05:00", "2026-11-02T10:00:00-05:00"];
        assert_eq!(shown(&starts), expected);
        let clocks: Vec<_> = starts.iter().map(|start| start.clocks.as_deref()).collect();
        let change = "the clocks change on 2026-11-01, from UTC-04:00 to UTC-05:00";
        assert_eq!(clocks, [None, Some(change), None]);
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_announced() {
        let fields = json!({ "cron": "30 2 * * *" });
        let starts = planned(&fields, "America/New_York", "2027-03-13T12:00:00Z", 1);
        assert_eq!(shown(&starts), ["2027-03-14T03:00:00-04:00"]);
        let clocks = starts[0].clocks.as_deref();
        assert_eq!(clocks, Some("02:30 does not exist that day: it is 03:00"));
        assert!(matches!(starts[0].fate, Fate::Refused { code: "outside_calling_hours", .. }));
    }

    #[test]
    fn a_window_that_the_house_or_the_law_cuts_names_the_rule() {
        let late = json!({ "cron": "0 19 * * *" });
        let house = planned(&late, "America/New_York", "2026-11-30T12:00:00Z", 1);
        let Fate::Clipped { minutes, rule, .. } = &house[0].fate else { panic!("{house:?}") };
        assert_eq!((*minutes, rule.as_str()), (120, "calling hours 08:00-21:00"));
        let whole = planned(&json!({}), "America/New_York", "2026-11-30T12:00:00Z", 1);
        assert!(matches!(whole[0].fate, Fate::Calls { .. }), "{whole:?}");
        let unlawful = json!({ "purpose": "sales" });
        let thanksgiving = planned(&unlawful, "America/New_York", "2026-11-26T12:00:00Z", 1);
        let Fate::Refused { code, rule } = &thanksgiving[0].fate else {
            panic!("{thanksgiving:?}")
        };
        assert_eq!(*code, "refused_by_law");
        assert!(rule.contains("US-RI"), "{rule}");
    }
}
