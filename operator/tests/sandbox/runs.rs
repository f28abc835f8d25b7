//! `outbound runs` and `outbound resource`.

use ambient::now;
use chrono::TimeDelta;
use outbound::campaign::Progress;
use platform::{
    aws::Aws,
    runs::{Ended, RunId, RunPlan, Runs},
};
use settings::Environment;

use super::*;

fn stored(sandbox: &Surroundings) -> Runs {
    let aws = Environment::from_pairs(sandbox.aws.environment()).read(Aws::read);
    Runs::new(aws.expect("all is set").dynamodb(), "RunsTable")
}

async fn open(runs: &Runs, id: &str) -> RunId {
    let id: RunId = id.parse().expect("an id");
    let plan = RunPlan {
        expected: 500,
        webhook_url: None,
        first_start: now() - TimeDelta::hours(1),
        last_end: now() + TimeDelta::hours(3),
    };
    runs.open(&id, &plan, now()).await.expect("it is opened");
    runs.plan(&id, &["America/New_York".into(), "Europe/London".into()]).await.expect("planned");
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn open_runs_are_listed_with_their_progress_and_ended_ones_on_request() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let runs = stored(&sandbox);
    let id = open(&runs, "2026-03-02T10:00#campaign-spring").await;
    let refused = [("Europe/London".to_owned(), "no such campaign".to_owned())];
    runs.record(&id, &["America/New_York".into()], &refused).await.expect("it is recorded");
    open(&runs, "2026-03-03T10:00#campaign-done").await;
    for run in runs.pending().await.expect("they are read") {
        let progress = Progress { completed: 120, attempted: 200, connected: 150 };
        runs.progress(&run, progress).await.expect("it is stored");
        if run.id.campaign_id == "campaign-done" {
            runs.close(&run, Ended::Completed, now()).await.expect("it is closed");
        }
    }
    let ran = outbound(&sandbox, &["runs"]).await;
    assert_eq!(ran.code, Some(1), "a zone is refused: {ran:?}");
    assert!(ran.says("campaign-spring 2026-03-02T10:00 120/500 1/2"), "{ran:?}");
    assert!(ran.says("CXone refused Europe/London: no such campaign"), "{ran:?}");
    assert!(!ran.says("campaign-done"), "{ran:?}");
    let all = outbound(&sandbox, &["runs", "--all", "--json"]).await.json();
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    let done = outbound(&sandbox, &["runs", "--all", "--campaign", "campaign-done"]).await;
    assert!(done.code == Some(0) && done.says("completed"), "{done:?}");
    assert!(outbound(&sandbox, &["status"]).await.says("campaign-spring"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_is_named_as_it_is_called_there() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let ran = outbound(&sandbox, &["resource", "CriticalQueue"]).await;
    assert_eq!(ran.out.trim(), sandbox.aws.queues.url("CriticalQueue"));
    let unknown = outbound(&sandbox, &["resource", "NoQueue"]).await;
    assert!(unknown.code == Some(2) && unknown.says("has no NoQueue"), "{unknown:?}");
    let all = outbound(&sandbox, &["resource", "--json"]).await.json();
    assert!(all.as_object().expect("an object").len() > 100, "more than a page of CloudFormation");
}
