//! Schedules of campaigns on the v2 wire.

use ambient::Instant;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde::Serialize;

use super::{IDEMPOTENCY_KEY, Operation, V2};
use crate::{CallSchedule, Error, SharedZone, retry::Repeat};

impl V2 {
    pub(crate) async fn submit_schedule(
        &self,
        schedule: &CallSchedule,
        until: Instant,
    ) -> Result<Option<String>, Error> {
        let url =
            self.address(Operation::CreateSchedule, &[("{campaignId}", &schedule.campaign)])?;
        let id = schedule.id.to_string();
        let body = NewSchedule::from(schedule);
        let reply = self
            .transport
            .call("createSchedule", Repeat::Harmless, until, |http| {
                http.post(url.clone()).header(IDEMPOTENCY_KEY, &id).json(&body)
            })
            .await?
            .success()?;
        Ok(reply.id("id"))
    }

    /// None: a schedule is for the very zone that it names.
    #[expect(clippy::unused_async, reason = "a backend's operations are alike")]
    pub(crate) async fn shared_zones(
        &self,
        _campaign: &str,
        _time_zones: &[&str],
        _until: Instant,
    ) -> Result<Vec<SharedZone>, Error> {
        Ok(Vec::new())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewSchedule<'a> {
    campaign_id: &'a str,
    start_time: String,
    end_time: String,
    #[serde(rename = "timezone")]
    time_zone: &'a str,
    schedule_type: &'static str,
}

impl<'a> From<&'a CallSchedule> for NewSchedule<'a> {
    fn from(schedule: &'a CallSchedule) -> Self {
        Self {
            campaign_id: &schedule.campaign,
            start_time: rfc3339(schedule.start),
            end_time: rfc3339(schedule.end),
            time_zone: &schedule.time_zone,
            schedule_type: "ONE_TIME",
        }
    }
}

/// Whole seconds, with the zone's own offset.
fn rfc3339(instant: DateTime<FixedOffset>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, false)
}
