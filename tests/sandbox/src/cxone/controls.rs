//! Controls of the simulator for a person: its state, faults, contacts, and the clock.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Api, Cxone,
    acd::{Number, Traits},
};
use crate::faults::Fault;

/// Calls that the overview shows, the newest.
const CALLS_SHOWN_MAX: usize = 60;

/// Refusal of a control.
type Refusal = (StatusCode, String);

pub(super) fn router() -> Router<Arc<Cxone>> {
    Router::new()
        .route("/simulator/state", get(state))
        .route("/simulator/overview", get(overview))
        .route("/simulator/faults", get(list_faults).post(add_faults).delete(clear_faults))
        .route("/simulator/clock", get(read_clock).post(set_clock))
        .route("/simulator/contacts", post(add_contact))
        .route("/simulator/traits", get(read_traits).patch(change_traits))
}

async fn state(State(cxone): State<Arc<Cxone>>) -> Json<Value> {
    Json(cxone.state())
}

impl Cxone {
    /// Adds a contact that was not called yet, or gives one another number. Where contacts have
    /// numbers, another id is an error.
    pub fn add_contact(&self, id: &str, phone: Option<&str>) -> anyhow::Result<()> {
        match self.api() {
            Api::V2 => self.add_contact_record(id, phone),
            Api::Acd => {
                let id = id.parse().context("id must be a number")?;
                self.tenant().add_contact(id, phone.and_then(Number::read));
            }
        }
        Ok(())
    }

    /// The whole state of the simulator, as JSON.
    pub(crate) fn state(&self) -> Value {
        let mut state = self.world().state();
        state["view"] = json!(self.view());
        state["acd"] = json!(*self.tenant());
        state["calls"] = json!(*self.record());
        state
    }

    fn clock(&self) -> Value {
        json!({ "now": self.clock.now(), "speed": self.clock.speed() })
    }
}

/// What a person looks at: the clock, faults, what the bundle has done, and the newest calls.
async fn overview(State(cxone): State<Arc<Cxone>>) -> Json<Value> {
    let (calls, count) = {
        let record = cxone.record();
        let newest = record.len().saturating_sub(CALLS_SHOWN_MAX);
        (json!(record[newest..]), record.len())
    };
    Json(json!({
        "clock": cxone.clock(), "faults": cxone.faults.strikes(), "view": cxone.view(),
        "calls": calls, "callCount": count,
    }))
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
        cxone.faults.try_add(fault).map_err(|error| unprocessable(&error))?;
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
) -> Result<StatusCode, Refusal> {
    cxone.add_contact(&id, phone.as_deref()).map_err(|error| unprocessable(&error))?;
    Ok(StatusCode::CREATED)
}

async fn read_clock(State(cxone): State<Arc<Cxone>>) -> Json<Value> {
    Json(cxone.clock())
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

async fn read_traits(State(cxone): State<Arc<Cxone>>) -> Json<Traits> {
    Json(cxone.tenant().traits.clone())
}

/// Changes those that are named.
async fn change_traits(
    State(cxone): State<Arc<Cxone>>,
    Json(changes): Json<Value>,
) -> Result<Json<Traits>, Refusal> {
    let mut tenant = cxone.tenant();
    tenant.traits = tenant.traits.changed(&changes).map_err(|error| unprocessable(&error))?;
    Ok(Json(tenant.traits.clone()))
}

fn unprocessable(error: &anyhow::Error) -> Refusal {
    (StatusCode::UNPROCESSABLE_ENTITY, format!("{error:#}"))
}
