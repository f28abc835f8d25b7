//! Forecast of free agents by campaign and hour.

use std::{collections::BTreeMap, iter, sync::Arc};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Cxone, rejected};

const HOUR: TimeDelta = TimeDelta::hours(1);

/// The longest range of one answer.
const RANGE_MAX: TimeDelta = TimeDelta::days(31);

/// The agents of a campaign for which nothing was set, in every hour.
const AGENTS_DEFAULT: f64 = 8.0;

/// Forecasts that were set, by campaign.
#[derive(Default, Serialize)]
pub(super) struct Forecasts(BTreeMap<String, Vec<Hour>>);

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Hour {
    hour: DateTime<Utc>,
    available_agents: f64,
}

impl Forecasts {
    pub(super) fn set(&mut self, campaign: &str, hours: Vec<(DateTime<Utc>, f64)>) {
        let hours = hours.into_iter().map(|(hour, agents)| Hour { hour, available_agents: agents });
        self.0.insert(campaign.to_owned(), hours.collect());
    }

    /// The hours of a campaign that overlap the requested range, in the order they were set.
    fn overlapping(&self, asked: &Parameters) -> Vec<Hour> {
        let Parameters { campaign_id, start_time, end_time, .. } = asked;
        match self.0.get(campaign_id) {
            Some(hours) => {
                let overlaps = |it: &&Hour| it.hour < *end_time && it.hour + HOUR > *start_time;
                hours.iter().filter(overlaps).copied().collect()
            }
            None => every_hour(*start_time, *end_time)
                .map(|hour| Hour { hour, available_agents: AGENTS_DEFAULT })
                .collect(),
        }
    }
}

fn every_hour(start: DateTime<Utc>, end: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let first = start.duration_trunc(HOUR).unwrap_or(start);
    iter::successors(Some(first), |hour| hour.checked_add_signed(HOUR))
        .take_while(move |hour| *hour < end)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    campaign_id: String,
    start_time: DateTime<Utc>,
    end_time: DateTime<Utc>,
    granularity: String,
}

pub(super) async fn tell(
    State(cxone): State<Arc<Cxone>>,
    asked: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    let asked = match asked {
        Ok(Query(asked)) => asked,
        Err(rejection) => return rejected(&rejection.body_text()),
    };
    if asked.granularity != "hourly" {
        return rejected("granularity must be hourly");
    }
    let range = asked.end_time - asked.start_time;
    if range <= TimeDelta::zero() || range > RANGE_MAX {
        return rejected("endTime must come after startTime, by at most 31 days");
    }
    let forecast = cxone.world().forecasts.overlapping(&asked);
    Json(json!({
        "startTime": asked.start_time, "endTime": asked.end_time, "forecast": forecast,
    }))
    .into_response()
}
