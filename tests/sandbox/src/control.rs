//! The sandbox seen and used from another terminal: its state, its log, and events to send.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use anyhow::Context;
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Query, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::Utc;
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Logs, cxone::Cxone, events::Event, faults::Faults, senders::Senders};

/// Parts of a sandbox that serves.
pub(crate) struct Control {
    pub(crate) senders: Arc<Senders>,
    pub(crate) cxone: Arc<Cxone>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) logs: Arc<Logs>,
    /// Names of the template's queues and tables.
    pub(crate) queues: Vec<String>,
    pub(crate) tables: Vec<String>,
}

/// `GET /sandbox/state`, `GET /sandbox/log` and `POST /sandbox/send`. No route of the template
/// begins like these.
pub(crate) fn router(control: Control) -> Router {
    Router::new()
        .route("/sandbox/state", get(state))
        .route("/sandbox/log", get(log))
        .route("/sandbox/send", post(send))
        .with_state(Arc::new(control))
}

async fn state(State(control): State<Arc<Control>>) -> Response {
    answered(control.state().await)
}

/// Where to begin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Beginning {
    /// True to begin with the first line, false with the next.
    #[serde(default)]
    all: bool,
}

/// Lines as they come, each a line of JSON, until the caller leaves.
async fn log(
    State(control): State<Arc<Control>>,
    Query(Beginning { all }): Query<Beginning>,
) -> Response {
    let logs = Arc::clone(&control.logs);
    let begin = if all { 0 } else { logs.position() };
    let chunks = stream::unfold((logs, begin), |(logs, position)| async move {
        let lines = logs.since(position).await;
        let position = position + lines.len();
        let text: String = lines.iter().map(|line| json!(line).to_string() + "\n").collect();
        Some((Ok::<_, Infallible>(Bytes::from(text)), (logs, position)))
    });
    // An empty beginning: the caller knows at once that it listens.
    let chunks = stream::once(async { Ok(Bytes::from("\n")) }).chain(chunks);
    ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(chunks)).into_response()
}

/// Function that the event of a schedule is for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receiving {
    #[serde(default)]
    function: String,
}

/// Sends what a function receives, as a sample has it, with its times moved to now.
async fn send(
    State(control): State<Arc<Control>>,
    Query(Receiving { function }): Query<Receiving>,
    event: String,
) -> Response {
    let sent = async {
        let event = Event::parse(&event, &function, Utc::now()).context("not an event")?;
        Ok(json!(control.senders.send(event).await?))
    };
    answered(sent.await)
}

fn answered(answer: anyhow::Result<Value>) -> Response {
    match answer {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, format!("{error:#}")).into_response(),
    }
}

impl Control {
    async fn state(&self) -> anyhow::Result<Value> {
        let Senders { gateway_url, aws, lambda, clock, receiver, .. } = &*self.senders;
        let mut queues = BTreeMap::new();
        for queue in &self.queues {
            let depth = aws.queues.depth(queue).await?;
            queues.insert(queue, json!({ "waiting": depth.visible, "inFlight": depth.in_flight }));
        }
        let mut tables = BTreeMap::new();
        for table in &self.tables {
            tables.insert(table, aws.tables.items(table)?.len());
        }
        Ok(json!({
            "gateway": gateway_url,
            "cxoneUrl": self.cxone.url(),
            "receiver": receiver.url(),
            "clock": { "now": clock.now(), "speed": clock.speed() },
            "invocations": lambda.in_flight(),
            "queues": queues,
            "tables": tables,
            "runs": aws.tables.items("RunsTable")?,
            "reports": receiver.deliveries(),
            "faults": self.faults.strikes(),
            "cxone": self.cxone.state(),
        }))
    }
}
