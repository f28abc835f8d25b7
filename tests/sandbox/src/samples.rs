//! The sample events, to be sent by a person who does not want to write one.

use std::sync::Arc;

use anyhow::Context;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use chrono::Utc;
use serde_json::{Value, json};

use crate::{
    cxone::Api,
    events::Event,
    journey::{Journey, Step},
    senders::Senders,
};

#[derive(Clone)]
struct Samples {
    senders: Arc<Senders>,
    api: Api,
}

/// `GET /samples` lists the samples, `POST /samples/…` sends one of them.
pub(crate) fn router(senders: Arc<Senders>, api: Api) -> Router {
    Router::new()
        .route("/samples", get(list))
        .route("/samples/{function}/{event}", post(send))
        .with_state(Samples { senders, api })
}

/// Refusal with the reason.
type Refusal = (StatusCode, String);

fn failed(error: &anyhow::Error) -> Refusal {
    (StatusCode::BAD_GATEWAY, format!("{error:#}\n"))
}

/// The samples with their expected ends, in the order of the journey.
async fn list(State(samples): State<Samples>) -> Result<Json<Value>, Refusal> {
    let journey = Journey::read_for(samples.api).map_err(|error| failed(&error))?;
    let sample = |step: &Step| json!({ "sample": step.event, "ends": step.ends.to_string() });
    Ok(Json(journey.steps.iter().map(sample).collect()))
}

/// Sends a sample with its times moved to now, spelled for the API of CXone in use.
async fn send(
    State(Samples { senders, api }): State<Samples>,
    Path((function, event)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let journey = Journey::read_for(api).map_err(|error| failed(&error))?;
    let name = format!("{function}/{event}");
    let step = journey.steps.iter().find(|step| step.event == name);
    let step = step.with_context(|| format!("there is no sample {name}; GET /samples lists them"));
    let step = step.map_err(|error| (StatusCode::NOT_FOUND, format!("{error}\n")))?;
    let sent = async {
        let event = Event::read(&step.event, Utc::now())?;
        senders.send(event.map_text(|text| journey.spelled(text))).await
    };
    let reply = sent.await.map_err(|error| failed(&error))?.word();
    Ok(Json(json!({ "sample": name, "reply": reply })))
}
