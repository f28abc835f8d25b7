//! Decisions on the starts of campaigns.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use outbound::{
    campaign::Sites,
    law::{Call, Releases},
};
use serde::{Deserialize, Serialize};

use super::{super::CalledPartyError, Decisions};

/// Key of the ids of campaigns of which a start was submitted.
const CAMPAIGNS: &str = "campaigns";
/// Longest time from the start of a window to its end.
const WINDOW_MAX: TimeDelta = TimeDelta::days(1);
/// Time after the end of a window in which a call that was made in it may be closed.
const CALL_MAX: TimeDelta = TimeDelta::hours(1);

/// Decision on one start of a campaign in one zone, with all that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecidedStart {
    /// The campaign.
    pub campaign_id: String,
    /// The IANA name of the zone.
    pub time_zone: String,
    /// The start, by the clock of the zone.
    pub start: DateTime<FixedOffset>,
    /// The end that the law and the hours leave. `None` for a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime<FixedOffset>>,
    /// Time of the decision.
    pub at: DateTime<Utc>,
    /// `submitted`, or the code of the refusal, as in the report.
    pub outcome: String,
    /// Rules that refuse the start or cut the window, with their citations.
    pub reasons: Vec<String>,
    /// Places of the contacts in the zone.
    pub sites: Sites,
    /// The call, but for its candidates: kinds, hours of the house, policy.
    pub terms: Call,
    /// The data.
    pub releases: Releases,
}

impl Decisions {
    /// Stores the latest decision on a start of a campaign in one zone.
    pub async fn keep_start(&self, decided: &DecidedStart) -> Result<(), CalledPartyError> {
        let DecidedStart { campaign_id, start, .. } = decided;
        let start = start.to_utc();
        if decided.end.is_some() {
            self.put(self.stored(CAMPAIGNS, campaign_id, campaign_id, start)?).await?;
        }
        self.put(self.stored(&key_of(campaign_id), &decided.name(), decided, start)?).await
    }

    /// The decisions on all starts of a campaign, the earliest start first.
    pub async fn starts(&self, campaign_id: &str) -> Result<Vec<DecidedStart>, CalledPartyError> {
        self.all(&key_of(campaign_id), None).await
    }

    /// The decisions to submit a start, of any campaign and zone, in whose window a call may have been
    /// made that was closed at an instant.
    pub async fn windows_of_call(
        &self,
        closed_at: DateTime<Utc>,
    ) -> Result<Vec<DecidedStart>, CalledPartyError> {
        // `$` comes after the `#` between start and zone.
        let range = [time(closed_at - WINDOW_MAX - CALL_MAX), format!("{}$", time(closed_at))];
        let mut windows = Vec::new();
        for campaign_id in self.all::<String>(CAMPAIGNS, None).await? {
            windows.extend(self.all(&key_of(&campaign_id), Some(range.clone())).await?);
        }
        windows.retain(|decided: &DecidedStart| {
            let end = decided.end.map(|end| end + CALL_MAX);
            decided.start <= closed_at && end.is_some_and(|end| closed_at < end)
        });
        Ok(windows)
    }
}

impl DecidedStart {
    /// Name of the decision among those on its campaign. A later decision on the same start replaces
    /// an earlier one, but no refusal replaces the evidence of what was submitted.
    fn name(&self) -> String {
        let outcome = if self.end.is_some() { "submitted" } else { "refused" };
        format!("{}#{}#{outcome}", time(self.start.to_utc()), self.time_zone)
    }
}

/// Key of the decisions on a campaign.
fn key_of(campaign_id: &str) -> String {
    format!("campaign#{campaign_id}")
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
