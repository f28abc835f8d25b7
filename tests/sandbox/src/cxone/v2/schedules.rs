//! Schedules of campaigns. A schedule that comes again with the same `Idempotency-Key` is the same
//! schedule.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, FixedOffset, Utc};
use outbound::{Tz, zone};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Cxone;

/// All schedules, and what is refused as one.
#[derive(Default)]
pub(super) struct Schedules {
    pub(super) all: Vec<Schedule>,
    /// Campaigns and zones, with the message of the refusal.
    refused: BTreeMap<String, String>,
}

/// Schedule of a campaign in one time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// CXone's id of it.
    pub id: String,
    /// The campaign that calls.
    pub campaign: String,
    /// Start, by the clock of the zone.
    pub start: DateTime<FixedOffset>,
    /// End.
    pub end: DateTime<FixedOffset>,
    /// The IANA name of the zone.
    pub time_zone: String,
    /// Sender's id of it, if any.
    pub idempotency_key: Option<String>,
    /// Number of posts.
    pub posts: u32,
}

impl Cxone {
    /// The schedules that were created, in their order.
    pub fn schedules(&self) -> Vec<Schedule> {
        self.world().schedules.all.clone()
    }

    /// Refuses schedules of a campaign, or for a zone, from now on, with this message.
    pub fn refuse_schedules(&self, zone_or_campaign: &str, message: &str) {
        let refused = &mut self.world().schedules.refused;
        refused.insert(zone_or_campaign.to_owned(), message.to_owned());
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewSchedule {
    campaign_id: String,
    start_time: DateTime<FixedOffset>,
    end_time: DateTime<FixedOffset>,
    timezone: String,
    schedule_type: String,
}

impl NewSchedule {
    /// Violation of the contract, if any.
    fn problem(&self, campaign: &str, now: DateTime<Utc>) -> Option<&'static str> {
        let Self { campaign_id, start_time, end_time, timezone, schedule_type } = self;
        let Ok(zone) = timezone.parse::<Tz>() else {
            return Some("timezone must be the IANA name of a time zone");
        };
        if campaign_id != campaign {
            Some("campaignId must be that of the path")
        } else if schedule_type != "ONE_TIME" {
            Some("scheduleType must be ONE_TIME")
        } else if *start_time.offset() != zone::offset_at(zone, start_time.to_utc()) {
            Some("startTime must have the offset of timezone")
        } else if *start_time <= now {
            Some("startTime must lie in the future")
        } else if end_time <= start_time {
            Some("endTime must come after startTime")
        } else {
            None
        }
    }
}

pub(super) async fn create(
    State(cxone): State<Arc<Cxone>>,
    Path(campaign): Path<String>,
    headers: HeaderMap,
    body: Result<Json<NewSchedule>, JsonRejection>,
) -> Response {
    let new = match body {
        Ok(Json(new)) => new,
        Err(rejection) => return unprocessable(&rejection.body_text()),
    };
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let mut world = cxone.world();
    let Schedules { all, refused } = &mut world.schedules;
    let known = all.iter_mut().find(|it| key.is_some() && it.idempotency_key.as_deref() == key);
    // Before it is judged: its start may have passed since.
    if let Some(known) = known {
        known.posts += 1;
        return created(&known.id);
    }
    if let Some(problem) = new.problem(&campaign, cxone.clock.now()) {
        return unprocessable(problem);
    }
    if let Some(message) = refused.get(&campaign).or_else(|| refused.get(&new.timezone)) {
        return unprocessable(message);
    }
    let id = ambient::id().to_string();
    all.push(Schedule {
        id: id.clone(),
        campaign,
        start: new.start_time,
        end: new.end_time,
        time_zone: new.timezone,
        idempotency_key: key.map(str::to_owned),
        posts: 1,
    });
    created(&id)
}

fn created(id: &str) -> Response {
    (StatusCode::CREATED, Json(json!({ "id": id }))).into_response()
}

fn unprocessable(message: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "message": message }))).into_response()
}
