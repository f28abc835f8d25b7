//! Progress of campaigns. Their calls follow from their schedules and the clock, unless their
//! counts are scripted.

use std::{ops::RangeInclusive, sync::Arc};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    response::Response,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Cxone, World, calls, paging::Page, rejected};

/// The size of a page.
const PAGE_SIZE: usize = 100;

/// Settings of a campaign.
pub(super) struct Settings {
    calls_planned: u64,
    counts: Script,
    rows: usize,
    refusal: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { calls_planned: 40, counts: Script::default(), rows: 1, refusal: None }
    }
}

/// Counts that are returned one after another. The last one stays.
#[derive(Default)]
struct Script {
    counts: Vec<u64>,
    served: usize,
}

impl Script {
    /// All pages of a query have the same count.
    fn count(&mut self, page: usize) -> Option<u64> {
        if page == 1 && self.served < self.counts.len() {
            self.served += 1;
        }
        self.counts.get(self.served.saturating_sub(1)).copied()
    }
}

impl Cxone {
    /// Sets how many calls each run of a campaign makes, 40 if nothing is set.
    pub fn plan_calls(&self, campaign: &str, calls: u64) {
        self.set(campaign, |settings| settings.calls_planned = calls);
    }

    /// Sets the completed calls of a campaign that successive queries return, whatever its
    /// schedules. The last count stays.
    pub fn script_progress(&self, campaign: &str, counts: Vec<u64>) {
        self.set(campaign, |settings| settings.counts = Script { counts, served: 0 });
    }

    /// Tells a campaign's counts in so many rows.
    pub fn split_rows(&self, campaign: &str, parts: usize) {
        self.set(campaign, |settings| settings.rows = parts);
    }

    /// Refuses queries that name a campaign from now on, with this message.
    pub fn refuse_analytics(&self, campaign: &str, message: &str) {
        self.set(campaign, |settings| settings.refusal = Some(message.to_owned()));
    }

    fn set(&self, campaign: &str, set: impl FnOnce(&mut Settings)) {
        set(self.world().analytics.entry(campaign.to_owned()).or_default());
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    date_from: DateTime<Utc>,
    date_to: DateTime<Utc>,
    group_by: Vec<String>,
    metrics: Vec<String>,
    filter: Filter,
    page: usize,
    page_size: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    campaign_id: OneOf,
}

#[derive(Deserialize)]
struct OneOf {
    #[serde(rename = "in")]
    ids: Vec<String>,
}

impl Parameters {
    /// Violation of the contract, if any.
    fn problem(&self) -> Option<&'static str> {
        if self.group_by != ["campaignId"] {
            Some("groupBy must be campaignId alone")
        } else if self.metrics != ["callsCompleted", "callsAttempted", "connected"] {
            Some("metrics must be callsCompleted, callsAttempted, connected")
        } else if self.filter.campaign_id.ids.is_empty() {
            Some("filter.campaignId.in must not be empty")
        } else if self.date_to < self.date_from {
            Some("dateTo must not come before dateFrom")
        } else if self.page == 0 {
            Some("page must be at least 1")
        } else if self.page_size != PAGE_SIZE {
            Some("pageSize must be 100")
        } else {
            None
        }
    }
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    campaign_id: String,
    calls_completed: u64,
    calls_attempted: u64,
    connected: u64,
}

pub(super) async fn query(
    State(cxone): State<Arc<Cxone>>,
    body: Result<Json<Parameters>, JsonRejection>,
) -> Response {
    let asked = match body {
        Ok(Json(asked)) => asked,
        Err(rejection) => return rejected(&rejection.body_text()),
    };
    if let Some(problem) = asked.problem() {
        return rejected(problem);
    }
    let mut campaigns = asked.filter.campaign_id.ids;
    campaigns.sort();
    campaigns.dedup();
    let mut world = cxone.world();
    let refusal = |campaign| world.analytics.get(campaign)?.refusal.as_deref();
    if let Some(message) = campaigns.iter().find_map(refusal) {
        return rejected(message);
    }
    let period = asked.date_from..=asked.date_to.min(cxone.clock.now());
    let rows = campaigns.iter().flat_map(|campaign| world.rows(campaign, &period, asked.page));
    let rows: Vec<Row> = rows.collect();
    Page { number: asked.page, size: PAGE_SIZE }.of(rows.len(), |index| rows[index].clone())
}

impl World {
    /// Rows of a campaign: none without schedules. Of one without schedules that is nothing.
    fn rows(
        &mut self,
        campaign: &str,
        period: &RangeInclusive<DateTime<Utc>>,
        page: usize,
    ) -> Vec<Row> {
        let settings = self.analytics.entry(campaign.to_owned()).or_default();
        let mut schedules =
            self.schedules.all.iter().filter(|it| it.campaign == campaign).peekable();
        if schedules.peek().is_none() {
            return Vec::new();
        }
        let completed = settings
            .counts
            .count(page)
            .unwrap_or_else(|| calls::completed(schedules, settings.calls_planned, period));
        let parts = |total| calls::shares(total, settings.rows.max(1));
        parts(completed)
            .zip(parts(completed + completed / 10))
            .zip(parts(completed * 3 / 4))
            .map(|((calls_completed, calls_attempted), connected)| Row {
                campaign_id: campaign.to_owned(),
                calls_completed,
                calls_attempted,
                connected,
            })
            .collect()
    }
}
