//! The template's schedules alone take a campaign from its cron expression to its end.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sandbox::{Options, Sandbox, campaigns::Run};
use serde_json::{Value, json};
use system::PATIENCE;
use tokio::time;

use super::{runs, sandbox};

/// Waits until the first run has come so far. Once it has begun, that of the next day is planned.
async fn reached(sandbox: &Sandbox, is_so_far: impl Fn(&Run) -> bool) -> Run {
    let gives_up_at = Instant::now() + PATIENCE;
    loop {
        let first = runs(sandbox).into_iter().min_by_key(|run| run.first_start);
        if let Some(run) = first.filter(|run| is_so_far(run)) {
            return run;
        }
        assert!(Instant::now() < gives_up_at, "the schedules do not fire: {:?}", runs(sandbox));
        time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_fire_on_time_by_a_clock_that_is_put_forward() {
    let campaigns = json!([{
        "campaignId": "spring", "cron": "0 10 * * *", "expectedCompleted": 40, "purpose": "service",
        "contacts": [{ "id": "contact-1", "timezone": "Europe/London" }],
    }]);
    let options = Options { campaigns: campaigns.to_string(), ..Options::default() };
    let mut sandbox = sandbox(options).await;
    // By a clock that is moved over ten o'clock, a run would be opened that cannot start.
    sandbox.fire_on_time();
    let planned = reached(&sandbox, |run| run.submitted == ["Europe/London"]).await;
    sandbox.clock.advance_to(planned.first_start + TimeDelta::hours(1));
    sandbox.cxone.make_calls("spring", 20);
    reached(&sandbox, |run| run.completed == 20).await;
    sandbox.clock.advance(TimeDelta::hours(1));
    sandbox.cxone.make_calls("spring", 20);
    reached(&sandbox, |run| run.state == "completed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_event_that_fails_for_good_is_dead_lettered() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.faults.add("kill=analytics-poller".parse().expect("a fault"));
    let started = Instant::now();
    let dead_letter = loop {
        // An invocation that has little to do may be over before it is killed.
        sandbox.schedules.fire("analytics-poller").await.expect("the poller is there");
        let dead_letters =
            sandbox.aws.queues.drain("ScheduleDeadLetterQueue").await.expect("dead letters");
        if let Some(dead_letter) = dead_letters.first() {
            break serde_json::from_str::<Value>(&dead_letter.body).expect("JSON");
        }
        assert!(started.elapsed() < PATIENCE, "the poller is never killed");
    };
    assert_eq!(dead_letter["requestContext"]["condition"], "RetriesExhausted");
    let fired_at = dead_letter["requestPayload"]["time"].as_str().expect("the event");
    assert!(fired_at.parse::<DateTime<Utc>>().is_ok(), "{dead_letter}");
}
