//! analytics-poller reads the outcomes of calls, where CXone sends no events.

use analytics_poller::AnalyticsPoller;
use chrono::TimeDelta;
use disposition_handler::DispositionHandler;
use handlers::Handler;
use platform::function::Function;
use sandbox::{
    Options, Surroundings,
    cxone::{
        Api,
        acd::{Contact, Number},
    },
};
use serde_json::{Value, json};
use settings::{Environment, Settings};

use crate::{bodies, handler};

const CALL: i64 = 30_112;

async fn surroundings() -> Surroundings {
    let mut options = Options {
        cxone_api: Api::Acd,
        skilled_campaigns: vec!["spring".to_owned()],
        ..Options::default()
    };
    options.parameters.insert("CxoneOutcomes".to_owned(), "poll".to_owned());
    Surroundings::with(options).await.expect("the services start")
}

/// Has the skill of the campaign make a call that has ended.
fn call(around: &Surroundings, id: i64, number: &str) {
    let mut tenant = around.cxone.tenant();
    let spring = tenant.skills.iter().find(|(_, skill)| skill.name == "spring");
    let skill = *spring.expect("its skill").0;
    tenant.add_contact(id, Number::read(number));
    tenant.contacts.get_mut(&id).expect("the call").skill = skill;
}

/// Changes a call.
fn change(around: &Surroundings, id: i64, change: impl FnOnce(&mut Contact)) {
    change(around.cxone.tenant().contacts.get_mut(&id).expect("the call"));
}

/// Has the agent choose an outcome now.
fn choose(around: &Surroundings, id: i64, disposition: i64) {
    let now = around.clock.now();
    change(around, id, |contact| contact.disposition = Some((disposition, now)));
}

async fn read(around: &Surroundings, function: &Handler<AnalyticsPoller>) -> Value {
    let event = json!({ "time": around.clock.now(), "task": "read-outcomes" });
    function.invoke(event).await.expect("a report")
}

#[tokio::test]
async fn an_outcome_is_queued_once_and_counts_once_whoever_reports_it_as_well() {
    let around = surroundings().await;
    let poller = handler::<AnalyticsPoller>(&around).await;
    let dispositions = handler::<DispositionHandler>(&around).await;
    call(&around, CALL, "+12025550140");
    choose(&around, CALL, 1001);
    for queued in [1, 0, 0] {
        let report = read(&around, &poller).await;
        assert_eq!(report["queued"], queued, "{report}");
        around.clock.advance(TimeDelta::minutes(5));
    }
    let script = json!({
        "contactId": CALL, "dispositionCode": "1002", "callResult": "completed",
        "timestamp": around.clock.now(),
    });
    assert_eq!(dispositions.post(&script).await.status, 200);
    let queued = bodies(&around, "DispositionQueue").await;
    assert_eq!(queued.len(), 2, "of the poller and of the script");
    assert!(dispositions.batch(&queued).await.is_empty());
    assert_eq!(bodies(&around, "CriticalQueue").await.len(), 1);
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
    let parties = around.aws.tables.items("CalledPartiesTable").expect("a table");
    assert_eq!(json!(parties).to_string().matches(&CALL.to_string()).count(), 1, "{parties:?}");

    // Another outcome is published, and is the same attempt.
    choose(&around, CALL, 3001);
    assert_eq!(read(&around, &poller).await["queued"], 1);
    let queued = bodies(&around, "DispositionQueue").await;
    assert!(dispositions.batch(&queued).await.is_empty());
    assert_eq!(bodies(&around, "MediumQueue").await.len(), 1);
    let parties = around.aws.tables.items("CalledPartiesTable").expect("a table");
    assert_eq!(json!(parties).to_string().matches(&CALL.to_string()).count(), 1, "{parties:?}");
}

#[tokio::test]
async fn what_cxone_lists_late_is_read_within_the_overlap() {
    let around = surroundings().await;
    let poller = handler::<AnalyticsPoller>(&around).await;
    around.cxone.tenant().traits.contacts.late_s = 40 * 60;
    call(&around, CALL, "+12025550140");
    choose(&around, CALL, 3001);
    for (minutes, queued) in [(0, 0), (20, 0), (20, 1), (5, 0)] {
        around.clock.advance(TimeDelta::minutes(minutes));
        assert_eq!(read(&around, &poller).await["queued"], queued, "after {minutes} minutes more");
    }
}

#[tokio::test]
async fn a_call_without_an_outcome_comes_again_when_it_has_one() {
    let around = surroundings().await;
    let poller = handler::<AnalyticsPoller>(&around).await;
    call(&around, CALL, "+12025550140");
    assert_eq!(read(&around, &poller).await["queued"], 0);
    around.clock.advance(TimeDelta::hours(30));
    choose(&around, CALL, 3001);
    assert_eq!(read(&around, &poller).await["queued"], 1);
}

#[tokio::test]
async fn what_cannot_be_queued_is_read_again_however_long_it_takes() {
    let around = surroundings().await;
    let poller = handler::<AnalyticsPoller>(&around).await;
    read(&around, &poller).await;
    for id in CALL..CALL + 5 {
        call(&around, id, "+12025550140");
        choose(&around, id, 3001);
    }
    around.clock.advance(TimeDelta::minutes(5));
    around.faults.add("SendMessage/DispositionQueue:500x99".parse().expect("a fault"));
    let report = read(&around, &poller).await;
    assert_eq!((&report["isPartial"], poller.outcome().as_str()), (&json!(true), "partly_read"));
    around.faults.clear();
    around.faults.add("completedContacts:403x1".parse().expect("a fault"));
    around.clock.advance(TimeDelta::hours(20));
    assert_eq!(read(&around, &poller).await["isPartial"], true);
    around.faults.clear();
    around.clock.advance(TimeDelta::hours(20));
    assert_eq!(read(&around, &poller).await["queued"], 5);
    assert_eq!(bodies(&around, "DispositionQueue").await.len(), 5);
}

#[tokio::test]
async fn a_function_that_reads_no_outcomes_says_so() {
    let around = crate::surroundings().await;
    let poller = handler::<AnalyticsPoller>(&around).await;
    let refused = poller.invoke(json!({ "task": "read-outcomes" })).await.expect_err("scripts do");
    assert!(refused.contains("CXONE_OUTCOMES"), "{refused}");

    let mut variables = around.environments[AnalyticsPoller::NAME].clone();
    variables.insert("CXONE_OUTCOMES".to_owned(), "poll".to_owned());
    let read = Environment::from_pairs(variables).read(<AnalyticsPoller as Function>::Config::read);
    let problems = read.expect_err("v2 has no list of calls").to_string();
    assert!(problems.contains("CXONE_OUTCOMES is `poll`, which needs CXONE_API=acd"), "{problems}");
}
