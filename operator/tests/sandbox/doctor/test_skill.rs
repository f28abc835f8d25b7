//! A skill that is tried out, and put back whatever happens.

use std::thread;

use sandbox::cxone::acd::{Callback, Number, Skill, TEST_SKILL, Week};

use super::*;

const ZONES: [&str; 2] = ["Eastern Standard Time", "Pacific Standard Time"];

/// What must be as it was.
#[derive(Debug, Clone, PartialEq)]
struct State {
    hours: Vec<ZoneHours>,
    week: Week,
    is_running: bool,
}

fn test_skill(tenant: &mut Tenant) -> &mut Skill {
    tenant.skills.get_mut(&TEST_SKILL).expect("the test skill")
}

fn state(sandbox: &Surroundings) -> State {
    let mut tenant = sandbox.cxone.tenant();
    let Skill { hours, week, is_running, .. } = test_skill(&mut tenant).clone();
    State { hours, week, is_running }
}

/// A sandbox whose test skill has hours in two zones.
async fn with_test_skill() -> Surroundings {
    let sandbox = started(healthy()).await;
    let hours = ZONES.map(|zone| ZoneHours::of(zone, "08:00", "21:00"));
    test_skill(&mut sandbox.cxone.tenant()).hours = hours.to_vec();
    sandbox
}

const ARGUMENTS: &[&str] =
    &["doctor", "--write", OWN, "--test-skill", "4271299", "--without", "callbacks,texts"];

async fn tried(sandbox: &Surroundings) -> Ran {
    outbound(sandbox, ARGUMENTS).await
}

/// Number of requests that write to a skill.
fn writes(sandbox: &Surroundings) -> usize {
    let operations = ["putSkillTimeZones", "putSkillSchedule", "startSkill", "stopSkill"];
    operations.iter().map(|operation| sandbox.cxone.calls(operation)).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_skill_is_tried_out_and_put_back() {
    let sandbox = with_test_skill().await;
    let before = state(&sandbox);
    let ran = tried(&sandbox).await;
    for line in [
        "ok fit: outbound, stopped, in no campaign; no calling list, agent or callback",
        "ok all-zones: one of 2 changes, and no other",
        "ok one-zone: those that are not sent are gone: all have to be sent",
        "look ends: taken: 23:59; refused: 24:00, 00:00, an end before the start",
        "ok override: beyond the business unit's hours: without it kept, with it kept",
        "ok start: 200, and isRunning follows at once",
        "ok start-again: 200, nothing changes",
        "ok stop: 200, and isRunning follows at once",
        "ok stop-again: 200, nothing changes",
        "ok off-schedule: a start then is taken with 200, and it runs",
        "ok stopped: the skill is stopped",
        "ok schedule-back: the weekly schedule is as it was",
        "ok hours-back: the hours are as they were",
    ] {
        assert!(ran.says(line), "{line}: {ran:?}");
    }
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(state(&sandbox), before);
    assert!(
        ran.err.contains("Eastern Standard Time 08:00-21:00 (open, no override)"),
        "what was there is said before anything is written: {ran:?}"
    );
}

/// A change that makes the skill unfit, and why it is refused.
type Unfit = (fn(&mut Tenant), &'static str);

fn callback(number: Number, tenant: &Tenant) -> Callback {
    let now = tenant.contacts[&CALL_FIRST].ended;
    Callback {
        skill: TEST_SKILL,
        agent: None,
        number,
        first_name: String::new(),
        last_name: String::new(),
        notes: String::new(),
        due: now + TimeDelta::days(2),
        created: now,
        delivered: None,
    }
}

const UNFIT: &[Unfit] = &[
    (|it| drop(it.skills.remove(&TEST_SKILL)), "CXone does not know what this is about"),
    (|it| test_skill(it).is_outbound = false, "it is not said to be outbound"),
    (|it| test_skill(it).medium = 9, "it is not said to be of the telephone"),
    (|it| test_skill(it).strategy = "Manual", "it is not said to be of Personal Connection"),
    (|it| test_skill(it).is_active = false, "it is switched off"),
    (|it| test_skill(it).is_running = true, "it is running"),
    (
        |it| {
            it.add_list(TEST_SKILL, vec![]);
        },
        "it has 1 calling lists",
    ),
    (|it| it.traits.skills.no_lists = false, "CXone does not say whether it has calling lists"),
    (|it| test_skill(it).agents = 2, "2 agents have it"),
    (|it| test_skill(it).hours.clear(), "it has hours in no zone"),
    (
        |it| {
            let booked = callback(Number::read(OWN).expect("a number"), it);
            it.callbacks.insert(1, booked);
        },
        "1 callbacks are booked with it",
    ),
    (
        |it| it.traits.wire.forbidden = ["skillAgents".to_owned()].into(),
        "the role does not allow skillAgents",
    ),
    (
        |it| it.traits.wire.forbidden = ["skillParameters".to_owned()].into(),
        "the role does not allow skillParameters",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_that_might_call_somebody_is_refused_before_anything_is_written() {
    for (change, why) in UNFIT {
        let sandbox = with_test_skill().await;
        change(&mut sandbox.cxone.tenant());
        let ran = tried(&sandbox).await;
        assert!(ran.says("WRONG fit: skill 4271299 is refused: "), "{why}: {ran:?}");
        assert!(ran.says(why) && ran.says("Nothing was written."), "{why}: {ran:?}");
        assert_eq!((ran.code, writes(&sandbox)), (Some(1), 0), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_of_a_campaign_is_refused() {
    let sandbox = with_test_skill().await;
    for skill in [SKILL.to_string(), CALLBACK_SKILL.to_string()] {
        let arguments = ["doctor", "--write", OWN, "--test-skill", &skill];
        let ran = outbound(&sandbox, &arguments).await;
        let why = format!("skill {skill} is refused: it is a skill of CxoneSkills");
        assert!(ran.says(&why), "{ran:?}");
        assert_eq!(writes(&sandbox), 0);
    }
}

/// Traits of a tenant, and lines of the report.
const TRAITS: &[(&str, &[&str])] = &[
    (
        r#"{ "hours": { "put": "merges", "times": "secondsAlone", "zoneKey": "name" } }"#,
        &[
            "ok all-zones: one of 2 changes, and no other",
            "ok one-zone: those that are not sent stay",
        ],
    ),
    (
        r#"{ "hours": { "put": "ignored" } }"#,
        &[
            "WRONG all-zones: CXone takes them, and they read back Eastern Standard Time \
             08:00-21:00",
            "Leave CxoneSchedule at verify.",
            "not checked one-zone: hours cannot be written",
        ],
    ),
    (
        r#"{ "hours": { "midnight": "accepted" } }"#,
        &["ok ends: taken: 23:59, 24:00; refused: 00:00, an end before the start"],
    ),
    (
        r#"{ "hours": { "endBeforeStart": "accepted" } }"#,
        &["look ends: taken: 23:59, 00:00, an end before the start; refused: 24:00"],
    ),
    (
        r#"{ "hours": { "beyondBusinessUnit": "overriding" } }"#,
        &["ok override: beyond the business unit's hours: without it refused (400), with it kept"],
    ),
    (
        r#"{ "hours": { "beyondBusinessUnit": "refused" } }"#,
        &["look override: beyond the business unit's hours: without it refused (400), with it"],
    ),
    (
        r#"{ "wire": { "forbidden": ["putSkillTimeZones"] } }"#,
        &[
            "WRONG all-zones: hours cannot be written: 403",
            "Give the role of the API user the permission for skills: edit.",
            "ok hours-back: the hours are as they were",
        ],
    ),
    (
        r#"{ "wire": { "forbidden": ["businessUnitTimeZones"] } }"#,
        &["not checked override: CXone forbids this operation"],
    ),
    (
        r#"{ "wire": { "forbidden": ["startSkill"] } }"#,
        &[
            "WRONG start: 403",
            "Give the role of the API user the permission for skill control: start and stop.",
        ],
    ),
    (
        r#"{ "skills": { "repeated": "refused", "done": "noContent" } }"#,
        &[
            "ok start: 204, and isRunning follows at once",
            "ok start-again: refused with 400, nothing changes",
            "ok stop-again: refused with 400, nothing changes",
        ],
    ),
    (
        r#"{ "skills": { "startOffSchedule": "refused" } }"#,
        &["look off-schedule: a start then is refused: a run outside of the weekly schedule fails"],
    ),
    (
        r#"{ "wire": { "forbidden": ["putSkillSchedule"] } }"#,
        &[
            "not checked off-schedule: the weekly schedule cannot be written: 403",
            "ok schedule-back: the weekly schedule is as it was",
        ],
    ),
    (
        r#"{ "wire": { "forbidden": ["skillSchedule"] } }"#,
        &["not checked off-schedule: CXone forbids this operation"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_unknown_of_a_skill_is_told_and_all_is_put_back() {
    for (change, lines) in TRAITS {
        let sandbox = with_test_skill().await;
        set_trait(&sandbox, &serde_json::from_str(change).expect("JSON"));
        let before = state(&sandbox);
        let ran = tried(&sandbox).await;
        for line in *lines {
            assert!(ran.says(line), "{line}: {ran:?}");
        }
        assert_eq!(state(&sandbox), before, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_does_not_show_is_wrong_and_is_stopped_all_the_same() {
    let sandbox = with_test_skill().await;
    set_trait(&sandbox, &json!({ "skills": { "runningAfterS": 600 } }));
    let ran = tried(&sandbox).await;
    assert!(ran.says("WRONG start: 200, and isRunning does not follow"), "{ran:?}");
    assert!(ran.says("Leave CxoneSkillControl off."), "{ran:?}");
    assert!(!state(&sandbox).is_running, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_the_role_is_taken_away_the_hours_are_put_back_or_the_owner_is_told_them() {
    let mut is_told = Vec::new();
    for puts_max in 0..=9 {
        let sandbox = with_test_skill().await;
        set_trait(&sandbox, &json!({ "hours": { "putsMax": puts_max } }));
        let before = state(&sandbox);
        let ran = tried(&sandbox).await;
        let after = state(&sandbox);
        let says_so = ran.says("WRONG hours-back: not put back: CXone forbids this operation");
        let settings = "Set them in CXone as they were: Eastern Standard Time 08:00-21:00 (open, \
                        no override); Pacific Standard Time 08:00-21:00 (open, no override).";
        assert_eq!(says_so, after.hours != before.hours, "{puts_max}: {ran:?}");
        assert_eq!(ran.says(settings), says_so, "{puts_max}: {ran:?}");
        assert!(ran.code == Some(1) || !says_so);
        assert_eq!((after.week, after.is_running), (before.week, false), "{puts_max}: {ran:?}");
        is_told.push(says_so);
    }
    assert!(is_told.contains(&true) && is_told.contains(&false), "{is_told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_that_cannot_be_stopped_is_said_first() {
    let sandbox = with_test_skill().await;
    forbid(&sandbox, &["stopSkill"]);
    let ran = tried(&sandbox).await;
    assert!(ran.says("WRONG stopped: not put back: CXone forbids this operation"), "{ran:?}");
    assert!(ran.says("Stop skill 4271299 in CXone now."), "{ran:?}");
    assert!(ran.says("ok hours-back: the hours are as they were"), "{ran:?}");
    // It is running, so it is not started once more.
    assert!(ran.says("not checked off-schedule: not started: it is running"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_that_is_not_seen_to_run_and_cannot_be_stopped_is_not_taken_for_stopped() {
    let sandbox = with_test_skill().await;
    set_trait(&sandbox, &json!({ "skills": { "runningAfterS": 600 } }));
    forbid(&sandbox, &["stopSkill"]);
    let ran = tried(&sandbox).await;
    assert!(ran.says("WRONG stopped: not put back: CXone forbids this operation"), "{ran:?}");
    assert!(ran.says("Stop skill 4271299 in CXone now."), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_whose_start_is_refused_need_not_be_stopped() {
    let sandbox = with_test_skill().await;
    forbid(&sandbox, &["startSkill", "stopSkill"]);
    let ran = tried(&sandbox).await;
    assert!(ran.says("WRONG start: 403") && ran.says("WRONG stop: 403"), "{ran:?}");
    assert!(!ran.says("stopped:") && !ran.says("Stop skill 4271299"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weekly_schedule_that_cannot_be_put_back_is_told() {
    let sandbox = with_test_skill().await;
    let before = state(&sandbox);
    // The first write is tried once, the ones that put it back are all lost.
    sandbox.faults.add("putSkillSchedule:400-afterx1".parse().expect("a fault"));
    sandbox.faults.add("putSkillSchedule:403".parse().expect("a fault"));
    let ran = tried(&sandbox).await;
    assert!(ran.says("WRONG schedule-back: not put back"), "{ran:?}");
    let days = "it does not count; sunday 00:00-23:59, monday 00:00-23:59,";
    assert!(ran.says(days), "{ran:?}");
    let after = state(&sandbox);
    assert_ne!(after.week, before.week);
    assert_eq!(after.hours, before.hours);
}

/// Faults on the way, of which none keeps anything from being put back.
const FAULTS: &[&str] = &[
    "putSkillTimeZones:503x3",
    "putSkillTimeZones:drop-afterx2",
    "putSkillTimeZones:504-after@30%",
    "putSkillTimeZones:429=1x2",
    "skillParameters:503x9",
    "skillParameters:drop@30%",
    "startSkill:drop-afterx1",
    "startSkill:504-after",
    "stopSkill:503x2",
    "stopSkill:drop-after@50%",
    "skill:503@20%",
    "putSkillSchedule:drop-afterx1",
    "skillSchedule:503@30%",
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_on_the_way_what_was_written_is_put_back() {
    for fault in FAULTS {
        let sandbox = with_test_skill().await;
        let before = state(&sandbox);
        sandbox.faults.add(fault.parse().expect("a fault"));
        let ran = tried(&sandbox).await;
        assert_eq!(state(&sandbox), before, "{fault}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_the_trial_and_what_was_written_is_put_back() {
    let sandbox = with_test_skill().await;
    let before = state(&sandbox);
    let out = interrupted(&sandbox, ARGUMENTS, "putSkillTimeZones");
    assert!(out.contains(": interrupted"), "{out}");
    assert!(out.contains("ok          hours-back: the hours are as they were"), "{out}");
    assert_eq!(state(&sandbox), before, "{out}");
    assert_eq!(sandbox.cxone.calls("startSkill"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_that_gets_an_agent_meanwhile_is_not_started() {
    let sandbox = with_test_skill().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(ARGUMENTS).stdin(Stdio::null());
    command.env("OUTBOUND_SANDBOX", sandbox.aws.url()).env_remove("OUTBOUND_STACK");
    let trial = tokio::spawn(run(command));
    let is_in_time = tokio::task::block_in_place(|| {
        while sandbox.cxone.calls("putSkillTimeZones") == 0 {
            thread::yield_now();
        }
        // No request is answered while it is held.
        let mut tenant = sandbox.cxone.tenant();
        test_skill(&mut tenant).agents = 2;
        sandbox.cxone.calls("skillAgents") == 1
    });
    let ran = trial.await.expect("no panic");
    if is_in_time {
        assert!(ran.says("not checked start: not started: 2 agents have it"), "{ran:?}");
        assert_eq!(sandbox.cxone.calls("startSkill"), 0, "{ran:?}");
    }
    assert!(ran.says("ok hours-back: the hours are as they were"), "{ran:?}");
}
