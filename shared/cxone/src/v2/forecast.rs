//! The forecast on the v2 wire.

use std::ops::Range;

use ambient::Instant;

use chrono::{DateTime, SecondsFormat, Utc};
use outbound::callback::dispatch::ForecastHour;
use serde::Deserialize;
use serde_json::Value;

use super::{Operation, V2};
use crate::{Error, retry::Repeat};

impl V2 {
    pub(crate) async fn capacity(
        &self,
        campaign: &str,
        window: &Range<DateTime<Utc>>,
        until: Instant,
    ) -> Result<Vec<ForecastHour>, Error> {
        let mut url = self.address(Operation::Forecast, &[])?;
        url.query_pairs_mut()
            .append_pair("campaignId", campaign)
            .append_pair("startTime", &rfc3339(window.start))
            .append_pair("endTime", &rfc3339(window.end))
            .append_pair("granularity", "hourly");
        let reply = self
            .transport
            .call("forecast", Repeat::Reading, until, |http| http.get(url.clone()))
            .await?
            .success()?;
        let Answer { forecast } = reply.read()?;
        hours(&forecast.unwrap_or_default()).ok_or_else(|| reply.unexpected())
    }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Hours of the forecast, earliest first. An hour that cannot be read is left out: the others are
/// as good without it. `None` when none can be read, for then the whole answer is not what we take
/// it for.
fn hours(entries: &[Value]) -> Option<Vec<ForecastHour>> {
    let mut hours: Vec<ForecastHour> = entries.iter().filter_map(hour).collect();
    let left_out = entries.len() - hours.len();
    if left_out > 0 {
        tracing::warn!(left_out, "hours of the forecast cannot be read");
    }
    hours.sort_by_key(|hour| hour.start);
    (entries.is_empty() || !hours.is_empty()).then_some(hours)
}

fn hour(entries: &Value) -> Option<ForecastHour> {
    let Hour { hour, available_agents } = Hour::deserialize(entries).ok()?;
    Some(ForecastHour { start: hour, agents: available_agents.max(0.0) })
}

#[derive(Deserialize)]
struct Answer {
    forecast: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hour {
    hour: DateTime<Utc>,
    available_agents: f64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const BEGINS: i64 = 1_762_156_800; // 2025-11-03T08:00:00Z

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(BEGINS + 3600 * hour, 0).expect("an instant")
    }

    #[test]
    fn hours_come_earliest_first_and_in_utc() {
        let entries = [
            json!({ "hour": "2025-11-03T10:00:00Z", "availableAgents": 2.5, "expectedCalls": 40 }),
            json!({ "hour": "2025-11-03T04:00:00-05:00", "availableAgents": 7 }),
            json!({ "hour": "2025-11-03T08:00:00Z", "availableAgents": 0 }),
        ];
        let expected = [(0, 0.0), (1, 7.0), (2, 2.5)]
            .map(|(hour, agents)| ForecastHour { start: at(hour), agents });
        assert_eq!(hours(&entries), Some(expected.to_vec()));
    }

    #[test]
    fn an_hour_that_cannot_be_read_is_left_out() {
        for odd in [
            json!({ "hour": "2025-11-03T08:00:00Z" }),
            json!({ "hour": "2025-11-03T08:00:00Z", "availableAgents": null }),
            json!({ "hour": "2025-11-03T08:00:00", "availableAgents": 7 }),
            json!({ "availableAgents": 7 }),
            json!("2025-11-03T08:00:00Z"),
            json!(null),
        ] {
            let good = json!({ "hour": "2025-11-03T09:00:00Z", "availableAgents": 1 });
            let expected = ForecastHour { start: at(1), agents: 1.0 };
            assert_eq!(hours(&[odd.clone(), good]), Some(vec![expected]), "{odd}");
            assert_eq!(hours(&[odd]), None);
        }
    }

    #[test]
    fn negative_agents_count_as_none() {
        let entries = json!({ "hour": "2025-11-03T08:00:00Z", "availableAgents": -1.5 });
        assert_eq!(hours(&[entries]), Some(vec![ForecastHour { start: at(0), agents: 0.0 }]));
    }

    proptest! {
        #[test]
        fn every_hour_comes_back_once_and_in_order(
            mut entries in proptest::collection::vec((0_i64..1000, 0.0..500.0_f64), 0..50),
        ) {
            let body: Vec<Value> = entries
                .iter()
                .map(|(hour, agents)| json!({ "hour": at(*hour), "availableAgents": agents }))
                .collect();
            entries.sort_by_key(|(hour, _)| *hour);
            let expected = entries.iter().map(|(hour, agents)| ForecastHour {
                start: at(*hour),
                agents: *agents,
            });
            prop_assert_eq!(hours(&body), Some(expected.collect()));
        }
    }
}
