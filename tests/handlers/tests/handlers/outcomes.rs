//! analytics-poller reads the outcomes of calls, where CXone sends no events.

use ambient::Ambience;
use analytics_poller::AnalyticsPoller;
use callback_intake::CallbackIntake;
use chrono::{DateTime, TimeDelta, Utc};
use disposition_handler::DispositionHandler;
use handlers::Handler;
use platform::function::Function;
use sandbox::{
    Options, Surroundings,
    cxone::{
        Api,
        acd::{Contact, Number, traits::Verdict},
    },
};
use serde_json::{Value, json};
use settings::{Environment, Settings};

use crate::{bodies, handler};

const CALL: i64 = 30_112;

fn options() -> Options {
    let mut options = Options {
        cxone_api: Api::Acd,
        skilled_campaigns: vec!["spring".to_owned()],
        ..Options::default()
    };
    options.parameters.insert("CxoneOutcomes".to_owned(), "poll".to_owned());
    options
}

async fn surroundings() -> Surroundings {
    Surroundings::with(options()).await.expect("the services start")
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
async fn what_is_written_back_is_not_another_outcome() {
    let mut options = options();
    for (name, value) in
        [("CxoneWriteBack", "disposition"), ("CxoneDispositions", "qualified_lead=3001")]
    {
        options.parameters.insert(name.to_owned(), value.to_owned());
    }
    let around = Surroundings::with(options).await.expect("the services start");
    around.cxone.tenant().traits.contacts.disposition_on_ended = Verdict::Accepted;
    let poller = handler::<AnalyticsPoller>(&around).await;
    let dispositions = handler::<DispositionHandler>(&around).await;
    call(&around, CALL, "+12025550140");
    choose(&around, CALL, 3002);
    for queued in [1, 1, 0] {
        assert_eq!(read(&around, &poller).await["queued"], queued);
        let outcomes = bodies(&around, "DispositionQueue").await;
        assert!(dispositions.batch(&outcomes).await.is_empty());
        around.clock.advance(TimeDelta::minutes(5));
    }
    let chosen = around.cxone.tenant().contacts[&CALL].disposition.map(|(code, _)| code);
    assert_eq!(chosen, Some(3001), "it was written once");
    assert_eq!(around.cxone.calls("setDisposition"), 1);
    assert_eq!(bodies(&around, "MediumQueue").await.len(), 1, "and it is the same outcome");
    assert_eq!(bodies(&around, "LowQueue").await.len(), 0);
}

#[tokio::test]
async fn a_code_that_does_not_mean_what_it_is_written_for_is_refused_at_the_start() {
    let around = surroundings().await;
    let mut variables = around.environments[DispositionHandler::NAME].clone();
    for (name, value) in [
        ("CXONE_WRITE_BACK", "disposition"),
        ("CXONE_DISPOSITIONS", "do_not_call=1001,wrong_number=77"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let read =
        Environment::from_pairs(variables).read(<DispositionHandler as Function>::Config::read);
    let problems = read.expect_err("77 is no wrong number").to_string();
    let expected = "CXONE_DISPOSITIONS has wrong_number=77, which DISPOSITION_MAP reads as \
                    unclassified";
    assert!(problems.contains(expected), "{problems}");
}

/// The time of a callback of a campaign's skill, which was arranged.
async fn callback(around: &Surroundings, number: &str) -> DateTime<Utc> {
    let start = Utc::now() + TimeDelta::hours(2);
    let request = json!({
        "phoneNumber": number, "requestedStart": start, "requestedEnd": start + TimeDelta::hours(2),
        "campaignId": "spring", "language": "en-US",
    });
    let answer = handler::<CallbackIntake>(around).await.post(&request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    serde_json::from_value(answer.body["dispatchTime"].clone()).expect("a time")
}

/// Attempts of callbacks, and other calls, that are counted for all parties.
fn counted(around: &Surroundings) -> (usize, usize) {
    let parties = around.aws.tables.items("CalledPartiesTable").expect("a table");
    let parties = json!(parties).to_string().replace('\\', "");
    let calls = [CALL, CALL + 1].map(|call| parties.matches(&format!("\"{call}\"")).count());
    let of_callbacks = parties.matches("\"arranged\":").count();
    (of_callbacks, calls.iter().sum::<usize>() - of_callbacks)
}

#[tokio::test]
async fn an_attempt_of_a_callback_is_counted_with_it_and_a_call_of_another_skill_is_not() {
    let around = surroundings().await;
    let at = callback(&around, "+12025550140").await;
    call(&around, CALL, "+12025550140");
    around.cxone.tenant().add_contact(CALL + 1, Number::read("+12025550140"));
    let closed = at + TimeDelta::minutes(3);
    let outcome = |id: i64| {
        let outcome = json!({
            "contactId": id.to_string(), "dispositionCode": "3001", "timestamp": closed,
        });
        outcome.to_string()
    };
    let work = async {
        let dispositions = handler::<DispositionHandler>(&around).await;
        assert!(dispositions.batch(&[outcome(CALL), outcome(CALL + 1)]).await.is_empty());
    };
    Ambience::new(closed, 1).stopped().scope(Box::pin(work)).await;
    assert_eq!(counted(&around), (1, 1));
}

#[tokio::test]
async fn calls_of_skills_that_are_not_listed_are_left_out_and_without_a_list_all_count() {
    for (skills, queued) in [("", 2), ("spring=4271301", 1)] {
        let mut options = options();
        options.parameters.insert("CxoneSkills".to_owned(), skills.to_owned());
        let around = Surroundings::with(options).await.expect("the services start");
        let poller = handler::<AnalyticsPoller>(&around).await;
        call(&around, CALL, "+12025550140");
        around.cxone.tenant().contacts.get_mut(&CALL).expect("the call").skill = 4_271_301;
        // A skill beside those of campaigns.
        around.cxone.tenant().add_contact(CALL + 1, Number::read("+12025550141"));
        for id in [CALL, CALL + 1] {
            choose(&around, id, 3001);
        }
        assert_eq!(read(&around, &poller).await["queued"], queued, "{skills}");
    }
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
