//! With the ACD services, schedules alone start and stop the skill of a campaign.

use chrono::{DateTime, TimeDelta, Utc};
use sandbox::{
    Options, Sandbox,
    campaigns::SKILL_CONTROL,
    cxone::{
        Api,
        acd::{Number, Zone},
    },
};
use serde_json::json;

use super::{run, sandbox};

/// A sandbox with a campaign every day at ten in London, whose list is longer than its window.
async fn controlled() -> Sandbox {
    let campaigns = json!([{
        "campaignId": "spring", "cron": "0 10 * * *", "windowHours": 2, "expectedCompleted": 999,
        "purpose": "service", "contacts": [{ "id": "contact-1", "timezone": "Europe/London" }],
    }]);
    let mut options =
        Options { cxone_api: Api::Acd, campaigns: campaigns.to_string(), ..Options::default() };
    for (name, value) in [("CxoneSkillControl", "start-stop"), ("CxoneSchedule", "hours")] {
        options.parameters.insert(name.to_owned(), value.to_owned());
    }
    let sandbox = sandbox(options).await;
    let skill = skill(&sandbox);
    let london = Zone::named("GMT Standard Time").expect("a zone").name;
    let number = |index: i32| Number::read(&format!("+1201557{index:04}")).expect("a number");
    let records = (0..999).map(|index| (number(index), london)).collect();
    let mut tenant = sandbox.cxone.tenant();
    tenant.add_list(skill, records);
    let skill = tenant.skills.get_mut(&skill).expect("the skill");
    skill.hours.retain(|hours| hours.zone == london);
    drop(tenant);
    sandbox
}

fn skill(sandbox: &Sandbox) -> i64 {
    let tenant = sandbox.cxone.tenant();
    let mut skills = tenant.skills.iter().filter(|(_, skill)| skill.name == "spring");
    *skills.next().expect("its skill").0
}

/// Has the schedule fire every minute of a period.
async fn fire(sandbox: &Sandbox, from: DateTime<Utc>, minutes: i64) {
    for minute in 0..minutes {
        sandbox.clock.advance_to(from + TimeDelta::minutes(minute));
        sandbox.schedules.fire(SKILL_CONTROL).await.expect("the schedule is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_made_in_the_window_alone_though_the_function_dies_after_each_effect() {
    let sandbox = controlled().await;
    sandbox.schedules.fire("campaign-scheduler").await.expect("the schedule is there");
    let run = run(&sandbox, "spring");
    assert_eq!(run.submitted, ["Europe/London"]);
    for fault in ["startSkill:kill=campaign-schedulerx1", "stopSkill:kill=campaign-schedulerx1"] {
        sandbox.faults.add(fault.parse().expect("a fault"));
    }
    let minutes = TimeDelta::minutes;
    fire(&sandbox, run.first_start - minutes(3), 8).await;
    fire(&sandbox, run.last_end - minutes(9), 14).await;

    let skill = skill(&sandbox);
    let tenant = sandbox.cxone.tenant();
    assert!(!tenant.skills[&skill].is_running);
    let calls = tenant.contacts.values().filter(|contact| contact.skill == skill);
    let calls: Vec<DateTime<Utc>> = calls.map(|contact| contact.started).collect();
    drop(tenant);
    let (first, last) = (calls.iter().min().expect("calls"), calls.iter().max().expect("calls"));
    assert!(*first >= run.first_start && *first < run.first_start + minutes(3), "{first}");
    assert!(*last < run.last_end && *last >= run.last_end - minutes(7), "{last}");
    assert!(sandbox.aws.permissions().refused().is_empty());
    let used = sandbox.aws.permissions().used();
    let is_scan =
        |action: &str, resource: &str| action == "dynamodb:Scan" && resource.ends_with("Pending");
    assert!(
        used.iter().any(|it| it.who == "campaign-scheduler" && is_scan(&it.action, &it.resource))
    );
}
