//! Controls of the simulator for a person: its state, faults, contacts, and the clock.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Cxone;
use crate::faults::Fault;

/// Refusal of a control.
type Refusal = (StatusCode, String);

pub(super) fn router() -> Router<Arc<Cxone>> {
    Router::new()
        .route("/simulator/state", get(state))
        .route("/simulator/faults", get(list_faults).post(add_faults).delete(clear_faults))
        .route("/simulator/clock", get(read_clock).post(set_clock))
        .route("/simulator/contacts", post(add_contact))
}

async fn state(State(cxone): State<Arc<Cxone>>) -> Json<Value> {
    Json(cxone.state())
}

impl Cxone {
    /// The whole state of the simulator, as JSON.
    pub(crate) fn state(&self) -> Value {
        let world = self.world();
        json!({
            "dncLists": world.lists,
            "contacts": world.contacts.by_id,
            "contactRecords": world.contact_records,
            "forecasts": world.forecasts,
            "messages": world.messages,
            "schedules": world.schedules.all,
            "registrations": world.registrations,
            "calls": world.calls,
        })
    }
}

async fn list_faults(State(cxone): State<Arc<Cxone>>) -> Json<BTreeMap<String, u64>> {
    Json(cxone.faults.strikes())
}

async fn add_faults(
    State(cxone): State<Arc<Cxone>>,
    Json(texts): Json<Vec<String>>,
) -> Result<Json<BTreeMap<String, u64>>, Refusal> {
    let faults: Result<Vec<Fault>, _> = texts.iter().map(|text| text.parse()).collect();
    for fault in faults.map_err(|error| unprocessable(&error))? {
        cxone.faults.add(fault);
    }
    Ok(Json(cxone.faults.strikes()))
}

async fn clear_faults(State(cxone): State<Arc<Cxone>>) -> StatusCode {
    cxone.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContact {
    id: String,
    phone: Option<String>,
}

async fn add_contact(
    State(cxone): State<Arc<Cxone>>,
    Json(NewContact { id, phone }): Json<NewContact>,
) -> StatusCode {
    cxone.add_contact(&id, phone.as_deref());
    StatusCode::CREATED
}

async fn read_clock(State(cxone): State<Arc<Cxone>>) -> Json<Value> {
    Json(json!({ "now": cxone.clock.now(), "speed": cxone.clock.speed() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockChange {
    speed: Option<f64>,
    #[serde(default)]
    advance_seconds: u32,
}

async fn set_clock(
    State(cxone): State<Arc<Cxone>>,
    Json(change): Json<ClockChange>,
) -> Result<Json<Value>, Refusal> {
    if let Some(speed) = change.speed {
        cxone.clock.set_speed(speed).map_err(|error| unprocessable(&error))?;
    }
    cxone.clock.advance(TimeDelta::seconds(change.advance_seconds.into()));
    Ok(read_clock(State(cxone)).await)
}

fn unprocessable(error: &anyhow::Error) -> Refusal {
    (StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
}
