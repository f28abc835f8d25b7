//! The schedules that start campaign-scheduler and analytics-poller.

use std::{rc::Rc, time::Duration};

use chrono::TimeDelta;
use sandbox::cxone::Api;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{lambda::Lambda, scenario::Campaign};

/// Interval of campaign-scheduler.
const SUBMIT_EVERY: Duration = Duration::from_mins(5);
/// Time until campaign-scheduler has submitted all it can.
pub(crate) const SUBMITTED_AFTER: Duration = Duration::from_mins(100);
/// Interval of its looks at skills. It is a minute in truth; five are what its margin allows.
const LOOK_EVERY: Duration = Duration::from_mins(4);
/// Time before and after an edge of a window in which skills are looked at.
const NEAR: TimeDelta = TimeDelta::minutes(12);
/// Interval of analytics-poller. It is a minute in truth.
const POLL_EVERY: Duration = Duration::from_mins(20);
/// Time until every run is over, and its report delivered or given up.
const REPORTED_AFTER: Duration = Duration::from_hours(60);

/// Fires all schedules until the runs are over and reported.
pub(crate) async fn run(lambda: Rc<Lambda>, campaign: Campaign) {
    let has_skills = lambda.services.cxone.0.api() == Api::Acd;
    tokio::join!(submit(&lambda, campaign.document()), poll(&lambda), async {
        if has_skills {
            control_skills(&lambda, campaign).await;
        }
    });
}

async fn submit(lambda: &Lambda, campaigns: Value) {
    while lambda.services.elapsed() < SUBMITTED_AFTER {
        let event = json!({ "time": lambda.services.now(), "campaigns": campaigns });
        for _ in 0..3 {
            if lambda.invoke("campaign-scheduler", event.clone()).await.is_ok() {
                break;
            }
            sleep(SUBMIT_EVERY / 5).await;
        }
        sleep(SUBMIT_EVERY).await;
    }
}

async fn control_skills(lambda: &Lambda, campaign: Campaign) {
    while !is_over(lambda) {
        // Other looks are left out: they take time and find nothing to do.
        if campaign.is_edge_near(lambda.services.now(), NEAR) {
            let event = json!({ "time": lambda.services.now(), "task": "control-skills" });
            lambda.invoke("campaign-scheduler", event).await.ok();
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn poll(lambda: &Lambda) {
    let look = async || {
        lambda.invoke("analytics-poller", json!({ "time": lambda.services.now() })).await.ok();
    };
    sleep(SUBMITTED_AFTER).await;
    while !is_over(lambda) {
        let now = lambda.services.now().timestamp();
        let is_due = |run: &Value| !is_reported(run) && run["first_start"].as_i64() < Some(now);
        if runs(lambda).iter().any(is_due) {
            look().await;
        }
        sleep(POLL_EVERY).await;
    }
    // Twice more: what is reported is not reported again.
    for _ in 0..2 {
        look().await;
        sleep(POLL_EVERY).await;
    }
}

fn runs(lambda: &Lambda) -> Vec<Value> {
    lambda.services.tables.0.items("RunsTable").expect("a table")
}

fn is_reported(run: &Value) -> bool {
    run["ended"].is_string() && run["pending"].is_null()
}

/// Returns whether every run is over and reported, or never will be.
fn is_over(lambda: &Lambda) -> bool {
    let (elapsed, runs) = (lambda.services.elapsed(), runs(lambda));
    let is_done = !runs.is_empty() && runs.iter().all(is_reported);
    elapsed >= REPORTED_AFTER || is_done && elapsed >= SUBMITTED_AFTER
}
