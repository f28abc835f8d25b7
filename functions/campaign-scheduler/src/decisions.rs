//! Evidence of each start: why it was submitted to CXone, or refused.

use chrono::{DateTime, FixedOffset, Utc};
use outbound::{
    Tz,
    campaign::{CallingWindow, CampaignRequest, StartRefused, Zones},
    law::{Call, HousePolicy, Releases},
};
use platform::called_parties::DecidedStart;

use crate::{CampaignScheduler, plan::Plan};

/// Outcome of a start that is submitted.
const SUBMITTED: &str = "submitted";

/// All that the decisions on one campaign rest on.
pub(crate) struct Evidence<'a> {
    campaign: &'a CampaignRequest,
    zones: &'a Zones,
    plan: &'a Plan,
    terms: Call,
    at: DateTime<Utc>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn of(
        campaign: &'a CampaignRequest,
        zones: &'a Zones,
        plan: &'a Plan,
        policy: &HousePolicy,
        at: DateTime<Utc>,
    ) -> Self {
        Self { campaign, zones, plan, terms: campaign.terms(policy), at }
    }

    /// Decision to submit a window.
    pub(crate) fn submitted(&self, window: &CallingWindow) -> DecidedStart {
        let cuts = self.plan.cuts.iter().filter(|(zone, _)| *zone == window.zone);
        let reasons = cuts.flat_map(|(_, cut)| cut.rules.clone()).collect();
        let decided = self.decided(window.zone, window.start, SUBMITTED, reasons);
        DecidedStart { end: Some(window.end), ..decided }
    }

    /// Decisions to refuse the next start, one for each zone.
    fn refused(&self) -> impl Iterator<Item = DecidedStart> {
        self.plan.refused.iter().filter_map(|(zone, refusal)| {
            let start = self.campaign.recurrence.next(self.at, *zone)?.at;
            let reasons = match refusal {
                StartRefused::Unlawful(unlawful) => unlawful.rules.clone(),
                other => vec![other.to_string()],
            };
            Some(self.decided(*zone, start, refusal.code(), reasons))
        })
    }

    fn decided(
        &self,
        zone: Tz,
        start: DateTime<FixedOffset>,
        outcome: &str,
        reasons: Vec<String>,
    ) -> DecidedStart {
        DecidedStart {
            campaign_id: self.campaign.campaign_id.clone(),
            time_zone: zone.name().to_owned(),
            start,
            end: None,
            at: self.at,
            outcome: outcome.to_owned(),
            reasons,
            sites: self.zones.sites(zone),
            terms: self.terms.clone(),
            releases: Releases::CURRENT,
        }
    }
}

impl CampaignScheduler {
    /// Keeps the refusals. Without this evidence nobody is called either.
    pub(crate) async fn keep_refusals(&self, evidence: &Evidence<'_>) {
        for decided in evidence.refused() {
            if let Err(error) = self.decisions.keep_start(&decided).await {
                let (campaign, zone) = (&decided.campaign_id, &decided.time_zone);
                tracing::warn!(%error, campaign, zone, "a refusal is not kept");
                return;
            }
        }
    }
}
