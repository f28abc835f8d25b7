//! campaign-scheduler starts and stops skills, where CXone has no schedules of its own.

use campaign_scheduler::CampaignScheduler;
use chrono::{DateTime, TimeDelta, Utc};
use handlers::Handler;
use platform::function::Function;
use sandbox::{
    Options, Surroundings,
    cxone::{Api, acd::ZoneHours},
};
use serde_json::{Value, json};
use settings::{Environment, Settings};

use crate::handler;

/// A Monday far ahead of every clock, at eight in the morning in New York.
const MONDAY: &str = "2030-03-04T13:00:00Z";
/// The skill of the campaign, which is named by it.
const SKILL: &str = "4271";

const EASTERN: &str = "Eastern Standard Time";
const CENTRAL: &str = "Central Standard Time";
const PACIFIC: &str = "Pacific Standard Time";

/// Minutes after eight in New York.
fn at(minutes: i64) -> DateTime<Utc> {
    let monday: DateTime<Utc> = MONDAY.parse().expect("an instant");
    monday + TimeDelta::minutes(minutes)
}

/// The services, with skills at rest that have hours in these zones.
async fn surroundings(zones: &[&str]) -> Surroundings {
    let mut options = Options {
        cxone_api: Api::Acd,
        skilled_campaigns: vec![SKILL.to_owned(), "4272".to_owned()],
        ..Options::default()
    };
    for (name, value) in [("CxoneSkillControl", "start-stop"), ("CxoneSchedule", "hours")] {
        options.parameters.insert(name.to_owned(), value.to_owned());
    }
    let around = Surroundings::with(options).await.expect("the services start");
    around.cxone.tenant().skills.values_mut().for_each(|skill| {
        skill.is_running = false;
        skill.hours.retain(|hours| zones.contains(&hours.zone));
    });
    around
}

/// Plans a campaign from nine to ten in these zones.
async fn plan(function: &Handler<CampaignScheduler>, campaign: &str, zones: &[&str]) -> Value {
    let contact = |zone: &&str| json!({ "id": zone, "timezone": zone });
    let campaign = json!({
        "campaignId": campaign, "cron": "0 9 * * mon", "windowHours": 1, "expectedCompleted": 40,
        "purpose": "service", "contacts": zones.iter().map(contact).collect::<Vec<_>>(),
    });
    function.invoke(json!({ "time": MONDAY, "campaigns": [campaign] })).await.expect("a report")
}

/// Has the function look at the skills.
async fn look(function: &Handler<CampaignScheduler>, minutes: i64) -> Value {
    let event = json!({ "time": at(minutes), "task": "control-skills" });
    function.invoke(event).await.expect("a report")
}

fn is_running(around: &Surroundings) -> bool {
    around.cxone.tenant().skills[&4271].is_running
}

fn press(around: &Surroundings, is_running: bool) {
    around.cxone.tenant().skills.get_mut(&4271).expect("the skill").is_running = is_running;
}

fn starts_and_stops(around: &Surroundings) -> (usize, usize) {
    (around.cxone.calls("startSkill"), around.cxone.calls("stopSkill"))
}

fn intents(around: &Surroundings) -> Vec<Value> {
    let claims = around.aws.tables.items("IdempotencyTable").expect("a table");
    claims.into_iter().filter(|item| item["progress"].is_string()).collect()
}

#[tokio::test]
async fn a_skill_is_started_when_its_run_begins_and_stopped_before_it_ends() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    let mut running = Vec::new();
    for minute in (55..65).chain(110..125) {
        look(&function, minute).await;
        if is_running(&around) {
            running.push(minute);
        }
    }
    assert_eq!(running, (60..65).chain(110..114).collect::<Vec<_>>());
    assert_eq!(starts_and_stops(&around), (1, 1));
    assert!(intents(&around).is_empty(), "nothing is left to be stopped");
}

#[tokio::test]
async fn between_the_windows_of_a_run_its_skill_is_at_rest() {
    let around = surroundings(&[EASTERN, CENTRAL, PACIFIC]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    // Nine o'clock in New York, in Chicago right after it, and in Los Angeles an hour later.
    plan(&function, SKILL, &["America/New_York", "America/Chicago", "America/Los_Angeles"]).await;
    let mut running = Vec::new();
    for minute in [59, 60, 117, 118, 120, 173, 174, 200, 239, 240, 293, 294] {
        look(&function, minute).await;
        if is_running(&around) {
            running.push(minute);
        }
    }
    assert_eq!(running, [60, 117, 118, 120, 173, 240, 293]);
}

#[tokio::test]
async fn a_zone_that_is_refused_starts_nothing() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    // The law knows no place of the first, and the skill has no hours in the second.
    let zones = ["Etc/GMT+6", "America/Los_Angeles", "America/New_York"];
    let report = plan(&function, SKILL, &zones).await;
    let codes = report["campaigns"][0]["failed"].as_array().expect("a list").iter();
    let codes: Vec<&Value> = codes.map(|failed| &failed["code"]).collect();
    assert_eq!(codes, ["zone_without_place", "refused_by_cxone"], "{report}");
    for (minute, expected) in [(59, 0), (60, 1), (118, 1), (120, 1), (140, 1), (240, 1), (260, 1)] {
        look(&function, minute).await;
        assert_eq!(around.cxone.calls("startSkill"), expected, "at {minute}");
    }
}

/// The hours of a zone recur each day, also on one whose run leaves the zone out.
#[tokio::test]
async fn a_skill_with_hours_in_a_zone_that_no_run_calls_is_not_started() {
    let around = surroundings(&[EASTERN, CENTRAL]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    // When it is nine in New York, the skill calls Chicago, where it is eight, as well.
    plan(&function, SKILL, &["America/New_York"]).await;
    let report = look(&function, 60).await;
    assert_eq!(around.cxone.tenant().skills[&4271].hours.len(), 2, "both zones have hours");
    assert_eq!(report["failed"], json!([SKILL]), "{report}");
    assert_eq!(function.outcome(), "partly_controlled");
    assert_eq!(starts_and_stops(&around), (0, 0));
    assert!(intents(&around).is_empty(), "nothing is bound");

    // Once a person has taken the zone off the skill, the next look starts it.
    let eastern = |hours: &ZoneHours| hours.zone == EASTERN;
    around.cxone.tenant().skills.get_mut(&4271).expect("the skill").hours.retain(eastern);
    look(&function, 61).await;
    assert!(is_running(&around));
}

#[tokio::test]
async fn when_the_hours_cannot_be_read_the_skill_is_not_started() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    around.faults.add("skillParameters:403x9".parse().expect("a fault"));
    let report = look(&function, 60).await;
    assert_eq!((starts_and_stops(&around), &report["failed"]), ((0, 0), &json!([SKILL])));
    around.faults.clear();
    look(&function, 61).await;
    assert!(is_running(&around));
}

#[tokio::test]
async fn whoever_comes_after_a_crash_stops_what_was_started() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    // It is started, and nothing can be written after it: as if the process had died.
    let writes = "UpdateItem/IdempotencyTable:500x99".parse().expect("a fault");
    around.faults.add("startSkill:delay=1x1".parse().expect("a fault"));
    let started = async {
        while around.cxone.calls("startSkill") == 0 {
            tokio::task::yield_now().await;
        }
        around.faults.add(writes);
    };
    tokio::join!(look(&function, 60), started);
    around.faults.clear();
    assert!(is_running(&around));
    assert_eq!(intents(&around).len(), 1, "its intent was stored before");

    // The next look finds it running; another process stops it.
    look(&function, 61).await;
    assert_eq!(starts_and_stops(&around), (1, 0));
    let another = handler::<CampaignScheduler>(&around).await;
    look(&another, 118).await;
    assert!(!is_running(&around));
    assert!(intents(&around).is_empty());
}

#[tokio::test]
async fn a_stop_that_lapsed_is_made_up_for_and_reported() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    look(&function, 60).await;
    let report = look(&function, 24 * 60).await;
    assert_eq!(report["stopped"], json!([SKILL]), "{report}");
    assert_eq!(function.outcome(), "partly_controlled", "it called beyond the end");
    assert!(!is_running(&around));
}

#[tokio::test]
async fn a_start_after_the_end_is_never_made() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    for minute in [118, 119, 120, 121, 200] {
        look(&function, minute).await;
    }
    assert_eq!(starts_and_stops(&around), (0, 0));
}

#[tokio::test]
async fn a_skill_that_a_person_started_is_left_alone_unless_a_run_has_bound_it() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    press(&around, true);
    look(&function, 30).await;
    assert!(is_running(&around), "no run has begun");
    look(&function, 60).await;
    assert_eq!(starts_and_stops(&around), (0, 0), "it runs already");
    look(&function, 118).await;
    assert!(!is_running(&around), "its run is over");
    press(&around, true);
    look(&function, 119).await;
    look(&function, 180).await;
    assert!(is_running(&around), "a person's again");
}

#[tokio::test]
async fn a_person_who_stops_a_skill_does_not_find_it_running_again() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    look(&function, 60).await;
    press(&around, false);
    for minute in 61..120 {
        look(&function, minute).await;
        assert!(!is_running(&around), "at {minute}");
    }
}

#[tokio::test]
async fn when_the_runs_cannot_be_read_nothing_is_started_and_what_is_over_is_stopped() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    around.faults.add("Scan:500x99".parse().expect("a fault"));
    look(&function, 60).await;
    assert_eq!((starts_and_stops(&around), function.outcome()), ((0, 0), "failed".to_owned()));
    around.faults.clear();
    look(&function, 61).await;
    around.faults.add("Scan:500x99".parse().expect("a fault"));
    look(&function, 118).await;
    assert_eq!(starts_and_stops(&around), (1, 1));
}

#[tokio::test]
async fn without_its_intent_stored_no_skill_is_started() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    around.faults.add("UpdateItem/IdempotencyTable:500x99".parse().expect("a fault"));
    look(&function, 60).await;
    assert_eq!((starts_and_stops(&around), function.outcome()), ((0, 0), "failed".to_owned()));
    around.faults.clear();
    look(&function, 61).await;
    assert_eq!(starts_and_stops(&around), (1, 0));
}

#[tokio::test]
async fn two_looks_at_once_start_a_skill_once() {
    let around = surroundings(&[EASTERN]).await;
    let one = handler::<CampaignScheduler>(&around).await;
    let other = handler::<CampaignScheduler>(&around).await;
    plan(&one, SKILL, &["America/New_York"]).await;
    around.faults.add("startSkill:delay=1x1".parse().expect("a fault"));
    let reports = tokio::join!(look(&one, 60), look(&other, 60));
    let busy = [&reports.0["busy"], &reports.1["busy"]];
    assert!(busy.contains(&&json!(true)) && busy.contains(&&json!(false)), "{reports:?}");
    assert_eq!(starts_and_stops(&around), (1, 0));
}

#[tokio::test]
async fn what_cxone_refuses_is_reported_and_tried_again() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    around.faults.add("startSkill:403x1".parse().expect("a fault"));
    let report = look(&function, 60).await;
    assert_eq!(report["failed"], json!([SKILL]), "{report}");
    look(&function, 61).await;
    assert!(is_running(&around));
    around.faults.add("stopSkill:403x1".parse().expect("a fault"));
    look(&function, 118).await;
    assert!(is_running(&around));
    assert_eq!(function.outcome(), "partly_controlled");
    look(&function, 119).await;
    assert!(!is_running(&around));
}

#[tokio::test]
async fn the_schedule_of_the_campaigns_looks_at_the_skills_as_well() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    for (minute, expected) in [(60, true), (120, false)] {
        let event = json!({ "time": at(minute), "campaigns": [] });
        function.invoke(event).await.expect("a report");
        assert_eq!(is_running(&around), expected);
    }
}

/// The function as it is after the setting was taken back.
async fn off(around: &Surroundings) -> Handler<CampaignScheduler> {
    let mut variables = around.environments[CampaignScheduler::NAME].clone();
    variables.insert("CXONE_SKILL_CONTROL".to_owned(), "off".to_owned());
    Handler::with(variables).await
}

#[tokio::test]
async fn a_skill_that_was_started_is_stopped_though_the_setting_is_taken_back_meanwhile() {
    let around = surroundings(&[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    look(&function, 60).await;
    assert!(is_running(&around));

    let function = off(&around).await;
    let campaigns = |minutes| json!({ "time": at(minutes), "campaigns": [] });
    for minutes in [65, 90, 113] {
        function.invoke(campaigns(minutes)).await.expect("a report");
        assert!(is_running(&around), "its run goes on");
    }
    // The roles then lack the runs, and a stop that fails is tried again.
    around.faults.add("Scan:500x99".parse().expect("a fault"));
    around.faults.add("stopSkill:403x1".parse().expect("a fault"));
    function.invoke(campaigns(114)).await.expect("a report");
    assert!(is_running(&around));
    function.invoke(campaigns(119)).await.expect("a report");
    assert!(!is_running(&around));
    assert!(intents(&around).is_empty());
}

#[tokio::test]
async fn without_the_setting_no_skill_is_started_and_none_of_a_persons_is_stopped() {
    let around = surroundings(&[EASTERN]).await;
    let function = off(&around).await;
    plan(&function, SKILL, &["America/New_York"]).await;
    let mut seen = Vec::new();
    for minutes in [60, 61, 118, 120, 240] {
        let report = look(&function, minutes).await;
        seen.push(report["failed"].clone());
        press(&around, minutes < 120);
    }
    assert_eq!(starts_and_stops(&around), (0, 0), "{seen:?}");
    assert!(intents(&around).is_empty());
}

#[tokio::test]
async fn a_function_that_controls_no_skills_says_so() {
    let around = crate::surroundings().await;
    let function = handler::<CampaignScheduler>(&around).await;
    let event = json!({ "time": MONDAY, "task": "control-skills" });
    let refused = function.invoke(event).await.expect_err("there are none");
    assert!(refused.contains("CXONE_API"), "{refused}");
    let refused = function.invoke(json!({ "time": MONDAY })).await.expect_err("no campaigns");
    assert!(refused.contains("campaigns"), "{refused}");

    // Only one of the APIs has skills.
    let mut variables = around.environments[CampaignScheduler::NAME].clone();
    variables.insert("CXONE_SKILL_CONTROL".to_owned(), "start-stop".to_owned());
    let read =
        Environment::from_pairs(variables).read(<CampaignScheduler as Function>::Config::read);
    let problems = read.expect_err("v2 has schedules").to_string();
    assert!(problems.contains("CXONE_SKILL_CONTROL is `start-stop`, which needs CXONE_API=acd"));
}
