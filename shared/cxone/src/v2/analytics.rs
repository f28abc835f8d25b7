//! The analytics of campaigns on the v2 wire. The next query is decided in `survey`, and the calls
//! are counted in `totals`; this module sends the queries and reads the answers.

mod survey;
mod totals;

use std::ops::Range;

use ambient::Instant;

use chrono::{DateTime, Utc};
use outbound::campaign::Progress;
use serde::{Deserialize, Serialize};

use super::{Operation, V2};
use crate::{
    Error,
    reading::{self, Raw},
    retry::Repeat,
};

use survey::Survey;
use totals::Totals;

/// The size of a page that the contract fixes.
const PAGE_SIZE: u32 = 100;

/// The most pages that are read for one query. One or two hold all campaigns of a query.
const PAGES_MAX: u32 = 100;

impl V2 {
    /// Returns the progress of each campaign, one outcome each.
    ///
    /// One request at a time: an organization has about a hundred a minute for all its functions.
    pub(crate) async fn progress(
        &self,
        campaigns: &[String],
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Vec<Result<Progress, Error>> {
        let mut survey = Survey::new(campaigns);
        while let Some(group) = survey.next() {
            let answer = self.count_calls(&group, period, until).await;
            survey.apply(group, answer);
        }
        survey.outcomes()
    }

    /// Counts the calls of each campaign of a group, from all pages.
    async fn count_calls<'a>(
        &self,
        group: &[&'a str],
        period: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Result<Totals<'a>, Error> {
        let mut totals = Totals::of(group);
        for page in 1..=PAGES_MAX {
            let (rows, pages) = self.query_page(&Query::new(group, period, page), until).await?;
            totals.add(&rows);
            // There may be more or fewer pages than a page ago: calls go on meanwhile.
            if u64::from(page) >= pages {
                return Ok(totals);
            }
        }
        Err(Error::Unsupported { detail: format!("analytics of more than {PAGES_MAX} pages") })
    }

    /// The rows of a page, and how many pages there are.
    async fn query_page(
        &self,
        query: &Query<'_>,
        until: Instant,
    ) -> Result<(Vec<Raw>, u64), Error> {
        let url = self.address(Operation::QueryAnalytics, &[])?;
        let reply = self
            .transport
            .call("queryAnalytics", Repeat::Reading, until, |http| {
                http.post(url.clone()).json(query)
            })
            .await?
            .success()?;
        let Page { data, total_pages } = reply.read()?;
        Ok((data, total_pages.ok_or_else(|| reply.unexpected())?))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Query<'a> {
    date_from: DateTime<Utc>,
    date_to: DateTime<Utc>,
    group_by: [&'static str; 1],
    metrics: [&'static str; 3],
    filter: Filter<'a>,
    page: u32,
    page_size: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Filter<'a> {
    campaign_id: OneOf<'a>,
}

#[derive(Serialize)]
struct OneOf<'a> {
    #[serde(rename = "in")]
    ids: &'a [&'a str],
}

impl<'a> Query<'a> {
    fn new(group: &'a [&'a str], period: &Range<DateTime<Utc>>, page: u32) -> Self {
        Self {
            date_from: period.start,
            date_to: period.end,
            group_by: ["campaignId"],
            metrics: ["callsCompleted", "callsAttempted", "connected"],
            filter: Filter { campaign_id: OneOf { ids: group } },
            page,
            page_size: PAGE_SIZE,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    data: Vec<Raw>,
    #[serde(deserialize_with = "reading::optional_count")]
    total_pages: Option<u64>,
}
