//! The schedules that start campaign-scheduler and analytics-poller.

use std::{rc::Rc, time::Duration};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::lambda::Lambda;

/// Interval of campaign-scheduler.
const SUBMIT_EVERY: Duration = Duration::from_mins(5);
/// Time until campaign-scheduler has submitted all it can.
const SUBMITTED_AFTER: Duration = Duration::from_mins(100);
/// Interval of analytics-poller. It is a minute in truth.
const POLL_EVERY: Duration = Duration::from_mins(20);
/// Time until every run is over, and its report delivered or given up.
const REPORTED_AFTER: Duration = Duration::from_hours(30);

/// Fires both schedules until the runs are over and reported.
pub(crate) async fn run(lambda: Rc<Lambda>, campaigns: Value) {
    let services = &lambda.services;
    while services.elapsed() < SUBMITTED_AFTER {
        let event = json!({ "time": services.now(), "campaigns": campaigns });
        for _ in 0..3 {
            if lambda.invoke("campaign-scheduler", event.clone()).await.is_ok() {
                break;
            }
            sleep(SUBMIT_EVERY / 5).await;
        }
        sleep(SUBMIT_EVERY).await;
    }
    while services.elapsed() < REPORTED_AFTER && services.reports().is_empty() {
        lambda.invoke("analytics-poller", json!({ "time": services.now() })).await.ok();
        sleep(POLL_EVERY).await;
    }
    // Twice more: what is reported is not reported again.
    for _ in 0..2 {
        lambda.invoke("analytics-poller", json!({ "time": services.now() })).await.ok();
        sleep(POLL_EVERY).await;
    }
}
