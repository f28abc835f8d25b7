//! EventBridge Scheduler: fires the template's schedules, on time by the sandbox's clock or on
//! demand.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    aws::{self, Aws},
    clock::Clock,
    lambda::{Lambda, Outcome},
    template::OnFailure,
};

/// Placeholder in a schedule's input for the instant at which it fires.
const SCHEDULED_TIME: &str = "<aws.scheduler.scheduled-time>";

/// One schedule, ready to fire.
#[derive(Debug)]
pub(crate) struct Scheduled {
    /// Name of the function; of a schedule that is no event of its function, its own.
    pub(crate) name: String,
    pub(crate) function: String,
    pub(crate) rate: Duration,
    pub(crate) input: String,
    /// Handling of a scheduled event that fails.
    pub(crate) on_failure: Option<OnFailure>,
}

/// The template's schedules.
pub struct Schedules {
    all: Vec<Scheduled>,
    clock: Arc<Clock>,
    lambda: Arc<Lambda>,
    aws: Arc<Aws>,
}

impl Schedules {
    pub(crate) fn new(
        all: Vec<Scheduled>,
        clock: Arc<Clock>,
        lambda: Arc<Lambda>,
        aws: Arc<Aws>,
    ) -> Arc<Self> {
        Arc::new(Self { all, clock, lambda, aws })
    }

    /// Returns whether there is a schedule of this name.
    pub fn has(&self, name: &str) -> bool {
        self.all.iter().any(|scheduled| scheduled.name == name)
    }

    /// Fires a schedule now, and waits for its outcome. Its name is that of its function, or its own
    /// in the template if it is no event of the function.
    pub async fn fire(&self, name: &str) -> anyhow::Result<Outcome> {
        let known = self.all.iter().find(|scheduled| scheduled.name == name);
        let scheduled = known.with_context(|| format!("there is no schedule {name}"))?;
        self.fire_at(scheduled, self.clock.now()).await
    }

    /// Fires every schedule at its rate until it is dropped.
    pub(crate) fn run(self: &Arc<Self>, tasks: &mut JoinSet<()>) {
        for index in 0..self.all.len() {
            let schedules = Arc::clone(self);
            tasks.spawn(async move { schedules.fire_repeatedly(&schedules.all[index]).await });
        }
    }

    /// An event that comes due while the last one is still at work is left out: by a clock that is
    /// sped up there would be no end of them.
    async fn fire_repeatedly(&self, scheduled: &Scheduled) {
        let rate = TimeDelta::from_std(scheduled.rate).unwrap_or(TimeDelta::MAX);
        let mut due = self.clock.now();
        loop {
            // The function's own log has the result.
            self.fire_at(scheduled, due).await.ok();
            due = (due + rate).max(self.clock.now());
            self.clock.reach(due).await;
        }
    }

    async fn fire_at(&self, scheduled: &Scheduled, at: DateTime<Utc>) -> anyhow::Result<Outcome> {
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let event = scheduled.input.replace(SCHEDULED_TIME, &at);
        let mut outcome = self.lambda.invoke(&scheduled.function, event.clone().into()).await?;
        let Some(OnFailure { retries, queue }) = &scheduled.on_failure else { return Ok(outcome) };
        // Lambda waits some minutes in between.
        for _ in 0..*retries {
            if matches!(outcome, Outcome::Answer(_)) {
                break;
            }
            outcome = self.lambda.invoke(&scheduled.function, event.clone().into()).await?;
        }
        if !matches!(outcome, Outcome::Answer(_)) {
            let dead_letter = dead_letter(&scheduled.function, &event, *retries, &outcome);
            self.aws.send_for(&scheduled.function, queue, &dead_letter.to_string()).await?;
        }
        Ok(outcome)
    }
}

/// Message of Lambda about an event that it has given up.
fn dead_letter(function: &str, event: &str, retries: u32, outcome: &Outcome) -> Value {
    let error = match outcome {
        Outcome::Error(error) => error.clone(),
        other => json!({ "errorMessage": format!("{other:?}") }),
    };
    json!({
        "version": "1.0",
        "timestamp": Utc::now(),
        "requestContext": {
            "functionArn": aws::function_arn(function),
            "condition": "RetriesExhausted",
            "approximateInvokeCount": retries + 1,
        },
        "requestPayload": serde_json::from_str::<Value>(event).unwrap_or_default(),
        "responsePayload": error,
    })
}

/// `POST /schedules/{name}` fires a schedule on demand.
pub(crate) fn router(schedules: Arc<Schedules>) -> Router {
    Router::new().route("/schedules/{name}", post(fire)).with_state(schedules)
}

async fn fire(State(schedules): State<Arc<Schedules>>, Path(name): Path<String>) -> Response {
    match schedules.fire(&name).await {
        Ok(Outcome::Answer(answer)) => {
            Json(serde_json::from_slice::<Value>(&answer).unwrap_or_default()).into_response()
        }
        Ok(failed) => (StatusCode::BAD_GATEWAY, format!("{failed:?}\n")).into_response(),
        Err(error) => (StatusCode::NOT_FOUND, format!("{error:#}\n")).into_response(),
    }
}
