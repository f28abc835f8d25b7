//! `outbound doctor`: a deployment on which all is well, and each thing that can be wrong with it.

mod access;
mod bulk;
mod dispositions;
mod lag;
mod reads;
mod test_skill;
mod unit;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader},
    thread,
};

use chrono::TimeDelta;
use sandbox::{
    Options,
    cxone::{
        Api,
        acd::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, CALLBACK_SKILL, DNC_GROUP, Tenant, ZoneHours},
    },
};

use super::*;

/// The skill of the campaign that is started.
const SKILL: i64 = 4_271_901;
/// The calls of the campaign, and the number of the first.
const CALLS: i64 = 4;
const CALL_FIRST: i64 = 900_001;
const CAMPAIGNS: &str = r#"[{ "campaignId": "spring", "cron": "0 11 * * tue", "windowHours": 4,
    "expectedCompleted": 500 }]"#;
/// A category for each outcome of the tenant.
const MAP: &str = "3001=qualified_lead,3002=callback_later,3003=wrong_number,3004=do_not_call,\
                   3009=unclassified";
const PLAN: &str = "4271300 mon-fri 09-17 America/New_York 8";

/// A deployment with the ACD services on which nothing is wrong: its campaign calls in the middle of
/// the day, and callbacks have a skill of their own.
fn healthy() -> Options {
    let parameters = [
        ("CxoneSkills", "spring=4271901,callbacks=4271300"),
        ("CxoneCapacity", PLAN),
        ("CallingHours", "08:00-21:00"),
        ("DispositionMap", MAP),
    ];
    let mut options = Options {
        cxone_api: Api::Acd,
        campaigns: CAMPAIGNS.to_owned(),
        skilled_campaigns: vec![SKILL.to_string()],
        ..Options::default()
    };
    options.parameters.extend(parameters.map(|(name, value)| (name.to_owned(), value.to_owned())));
    options
}

async fn started(options: Options) -> Surroundings {
    let sandbox = Surroundings::with(options).await.expect("it starts");
    {
        let mut tenant = sandbox.cxone.tenant();
        set_hours(&mut tenant, "11:00", "17:00");
        of_campaign(&mut tenant).is_running = false;
        add_calls(&mut tenant);
    }
    sandbox
}

/// Adds calls of some hours ago, the later ones under the lower numbers.
fn add_calls(tenant: &mut Tenant) {
    let own = sandbox::cxone::acd::Number::read(OWN);
    for count in 0..CALLS {
        tenant.add_contact(CALL_FIRST + count, own.clone());
        let contact = tenant.contacts.get_mut(&(CALL_FIRST + count)).expect("it was added");
        contact.skill = SKILL;
        contact.started -= TimeDelta::hours(3) + TimeDelta::minutes(count);
        contact.ended -= TimeDelta::hours(3) + TimeDelta::minutes(count);
    }
}

fn of_campaign(tenant: &mut Tenant) -> &mut sandbox::cxone::acd::Skill {
    tenant.skills.get_mut(&SKILL).expect("the skill of the campaign")
}

fn set_hours(tenant: &mut Tenant, start: &str, end: &str) {
    let hours = vec![ZoneHours::of("Eastern Standard Time", start, end)];
    of_campaign(tenant).hours.clone_from(&hours);
    tenant.skills.get_mut(&CALLBACK_SKILL).expect("that for callbacks").hours = hours;
}

/// The checks in a state, each with its group.
fn in_state(report: &Value, state: &str) -> BTreeSet<String> {
    let checks = report["checks"].as_array().expect("checks").iter();
    let of_state = checks.filter(|check| check["state"] == state);
    let named = |check: &Value| {
        let text = |field: &str| check[field].as_str().expect("text").to_owned();
        format!("{}: {}", text("group"), text("check"))
    };
    of_state.map(named).collect()
}

/// What is wrong with a deployment, according to the command.
async fn wrong(sandbox: &Surroundings) -> BTreeSet<String> {
    let ran = outbound(sandbox, &["doctor", "--json"]).await;
    let report = ran.json();
    let wrong = in_state(&report, "wrong");
    assert_eq!(ran.code, Some(i32::from(!wrong.is_empty())), "{ran:?}");
    for check in report["checks"].as_array().expect("checks") {
        let is_wrong = check["state"] == "wrong";
        assert_eq!(check["advice"].is_string(), is_wrong, "advice for what is wrong: {check}");
    }
    wrong
}

/// Something that goes wrong, and the check that finds it.
type Break = (&'static str, fn(&mut Options), fn(&Surroundings), &'static str);

/// Forbids the operations to the role.
fn forbid(sandbox: &Surroundings, operations: &[&str]) {
    let forbidden = operations.iter().map(|operation| (*operation).to_owned()).collect();
    sandbox.cxone.tenant().traits.wire.forbidden = forbidden;
}

fn set(options: &mut Options, parameter: &str, value: &str) {
    options.parameters.insert(parameter.to_owned(), value.to_owned());
}

/// What is a matter of settings.
const SETTINGS: &[Break] = &[
    ("an unknown style", |it| set(it, "CxoneTokenAuth", "digest"), |_| {}, "settings: settings"),
    ("a malformed plan", |it| set(it, "CxoneCapacity", "8 agents"), |_| {}, "settings: settings"),
    ("no such group", |it| set(it, "CxoneDncListId", "9999"), |_| {}, "do not call: group"),
    (
        "a list of the API v2",
        |it| set(it, "CxoneDncListId", "dnc-main"),
        |_| {},
        "do not call: group",
    ),
    (
        "a campaign without a skill",
        |it| set(it, "CxoneSkills", "winter=4271901,callbacks=4271300"),
        |_| {},
        "skills: campaigns",
    ),
    (
        "a skill in two campaigns",
        |it| set(it, "CxoneSkills", "spring=4271901,autumn=4271901,callbacks=4271300"),
        |_| {},
        "skills: one-campaign",
    ),
    (
        "no skill for callbacks",
        |it| set(it, "CxoneSkills", "spring=4271901"),
        |_| {},
        "callbacks: skill",
    ),
    ("no plan", |it| set(it, "CxoneCapacity", ""), |_| {}, "callbacks: capacity"),
    (
        "a plan for another skill",
        |it| set(it, "CxoneCapacity", "4271901 mon-fri 09-17 UTC 8"),
        |_| {},
        "callbacks: capacity",
    ),
    (
        "no channel in the settings",
        |it| {
            set(it, "CxoneDfoUrl", "");
            set(it, "CxoneDfoChannels", "");
        },
        |_| {},
        "texts: channel",
    ),
];

/// What is a matter of the tenant and of AWS.
const STATE: &[Break] = &[
    ("a rotated secret", |_| {}, |it| it.cxone.rotate_secret("another secret"), "access: token"),
    (
        "a slow clock",
        |_| {},
        |it| it.cxone.tenant().traits.wire.clock_ahead_s = 300,
        "access: clock",
    ),
    (
        "a fast clock",
        |_| {},
        |it| it.cxone.tenant().traits.wire.clock_ahead_s = -300,
        "access: clock",
    ),
    (
        "no receiver of alarms",
        |_| {},
        |it| it.aws.alarm_topic.subscriptions().clear(),
        "alarms: subscribed",
    ),
    (
        "a receiver who has not confirmed",
        |_| {},
        |it| it.aws.alarm_topic.subscriptions()[0].is_confirmed = false,
        "alarms: subscribed",
    ),
    (
        "an inactive group",
        |_| {},
        |it| it.cxone.tenant().groups.get_mut(&DNC_GROUP).expect("a group").is_inactive = true,
        "do not call: group",
    ),
    (
        "a skill that is not scrubbed",
        |_| {},
        |it| {
            let mut tenant = it.cxone.tenant();
            tenant.groups.get_mut(&DNC_GROUP).expect("a group").scrubbed_skills.remove(&SKILL);
        },
        "do not call: scrubbed-skills",
    ),
    (
        "no skill that is scrubbed",
        |_| {},
        |it| {
            let mut tenant = it.cxone.tenant();
            tenant.groups.get_mut(&DNC_GROUP).expect("a group").scrubbed_skills.clear();
        },
        "do not call: scrubbed-skills",
    ),
    ("no such skill", |_| {}, |it| drop(it.cxone.tenant().skills.remove(&SKILL)), "skills: exist"),
    (
        "a skill that is switched off",
        |_| {},
        |it| of_campaign(&mut it.cxone.tenant()).is_active = false,
        "skills: active",
    ),
    (
        "an inbound skill",
        |_| {},
        |it| of_campaign(&mut it.cxone.tenant()).is_outbound = false,
        "skills: outbound",
    ),
    (
        "a skill of another medium",
        |_| {},
        |it| of_campaign(&mut it.cxone.tenant()).medium = 9,
        "skills: type",
    ),
    (
        "a skill that dials in another way",
        |_| {},
        |it| of_campaign(&mut it.cxone.tenant()).strategy = "Manual",
        "skills: type",
    ),
    (
        "a skill that dials without a run",
        |_| {},
        |it| of_campaign(&mut it.cxone.tenant()).is_running = true,
        "skills: at-rest",
    ),
    (
        "hours over midnight",
        |_| {},
        |it| set_hours(&mut it.cxone.tenant(), "17:00", "11:00"),
        "hours: readable",
    ),
    (
        "a zone that Windows does not know",
        |_| {},
        |it| of_campaign(&mut it.cxone.tenant()).hours[0].zone = "Mars Standard Time",
        "hours: zone-names",
    ),
    (
        "hours that the law does not allow",
        |_| {},
        |it| set_hours(&mut it.cxone.tenant(), "07:00", "17:00"),
        "hours: lawful",
    ),
    ("no such channel", |_| {}, |it| it.cxone.tenant().channels.clear(), "texts: channel"),
    (
        "a channel without a flow",
        |_| {},
        |it| it.cxone.tenant().channels[0].sends = false,
        "texts: channel",
    ),
];

/// What the role may not do, the settings that need it, and the check that finds it.
const ROLE: &[(&[&str], &str, &str)] = &[
    (&["dncGroup", "scrubbedSkills", "searchDnc"], "", "role: dnc-lists"),
    (&["searchDnc"], "", "role: dnc-lists"),
    (&["skill"], "", "role: skills"),
    (&["skillParameters"], "", "role: skills"),
    (&["businessUnitTimeZones"], "", "role: time-zones"),
    (&["callbacksOfSkill"], "", "role: callbacks"),
    (&["skillSummaries"], "", "role: reporting"),
    (&["completedContacts"], "", "role: reporting"),
    (&["skillActivities"], "", "role: reporting"),
    (&["callList"], "list", "role: calling-lists"),
    (&["dfoChannels"], "", "role: digital-messages"),
];

async fn assert_finds((what, options, state, expected): &Break) {
    let mut changed = healthy();
    options(&mut changed);
    let sandbox = started(changed).await;
    state(&sandbox);
    assert_eq!(wrong(&sandbox).await, BTreeSet::from([(*expected).to_owned()]), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_when_all_is_well_however_tokens_are_got() {
    for token_auth in ["basic", "form", "access-key"] {
        let options = Options { token_auth: token_auth.to_owned(), ..healthy() };
        let sandbox = started(options).await;
        let ran = outbound(&sandbox, &["doctor"]).await;
        assert_eq!(ran.code, Some(0), "{token_auth}: {ran:?}");
        assert!(ran.says("nothing is wrong, "), "{ran:?}");
        assert!(ran.says("token: granted for 30 min"), "{ran:?}");
        let report = outbound(&sandbox, &["doctor", "--json"]).await.json();
        let not_checked = ["counts: lag", "events: scripts"].map(str::to_owned).into();
        assert_eq!(in_state(&report, "not_checked"), not_checked);
        assert_eq!(in_state(&report, "look"), BTreeSet::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_setting_is_found_by_its_check_and_no_other() {
    for wrong in SETTINGS {
        assert_finds(wrong).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_is_wrong_with_a_tenant_is_found_by_its_check_and_no_other() {
    for wrong in STATE {
        assert_finds(wrong).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_place_of_another_is_found() {
    let sandbox = started(healthy()).await;
    let arn = |function: &str, name: &str| sandbox.environments[function][name].clone();
    let of_cxone = arn("dnc-batcher", "CXONE_SECRET_ARN");
    let of_senders = arn("optout-webhook", "WEBHOOK_SECRET_ARN");
    for (parameter, other, expected) in [
        ("CxoneSecretArn", &of_senders, "settings: cxone-secret"),
        ("WebhookSecretArn", &of_cxone, "settings: webhook-secret"),
        ("SigningSecretArn", &of_cxone, "settings: signing-secret"),
    ] {
        let mut options = healthy();
        set(&mut options, parameter, other);
        let sandbox = started(options).await;
        assert_eq!(wrong(&sandbox).await, BTreeSet::from([expected.to_owned()]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_permission_that_is_missing_is_named() {
    for (operations, completed, expected) in ROLE {
        let mut options = healthy();
        if !completed.is_empty() {
            set(&mut options, "CxoneCompleted", completed);
        }
        let sandbox = started(options).await;
        for skill in [SKILL, CALLBACK_SKILL] {
            sandbox.cxone.tenant().add_list(skill, vec![]);
        }
        forbid(&sandbox, operations);
        assert_eq!(wrong(&sandbox).await, BTreeSet::from([(*expected).to_owned()]));
        let ran = outbound(&sandbox, &["doctor"]).await;
        assert!(ran.says("Give the role of the API user the permission for"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_blocks_nothing_ends_the_examination() {
    let sandbox = started(healthy()).await;
    sandbox.cxone.tenant().groups.get_mut(&DNC_GROUP).expect("a group").scrubbed_skills.clear();
    // What is wrong beside it is for later.
    sandbox.cxone.tenant().channels.clear();
    let ran = outbound(&sandbox, &["doctor"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.says("a number in it blocks nothing"), "{ran:?}");
    assert!(ran.says("stopped here: mend this before anybody is called"), "{ran:?}");
    assert!(!ran.says("texts"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deployment_does_without_is_not_wrong() {
    let mut options = healthy();
    for parameter in ["CxoneCapacity", "CxoneDfoUrl", "CxoneDfoChannels"] {
        set(&mut options, parameter, "");
    }
    set(&mut options, "CxoneSkills", "spring=4271901");
    let sandbox = started(options).await;
    let ran = outbound(&sandbox, &["doctor", "--without", "callbacks,texts"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.says("not checked capacity: --without callbacks"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_reads_are_sent() {
    let sandbox = started(healthy()).await;
    outbound(&sandbox, &["doctor"]).await;
    let calls: Vec<String> = sandbox.cxone.drain_calls().into_keys().collect();
    let expected = [
        "apiVersions",
        "businessUnit",
        "businessUnitTimeZones",
        "callbacksOfSkill",
        "completedContacts",
        "contact",
        "dfoChannels",
        "dfoMessages",
        "dispositions",
        "dispositionsOfSkill",
        "dncGroup",
        "scrubbedSkills",
        "searchDnc",
        "skill",
        "skillActivities",
        "skillParameters",
        "skillSummaries",
        "tokenOidc",
        "unknown",
    ];
    assert_eq!(calls, expected);
}

/// The number of the operator's.
const OWN: &str = "+12025550177";

/// What is wrong according to the writes of the command, and what was not tried.
async fn writes(sandbox: &Surroundings) -> (BTreeSet<String>, BTreeSet<String>) {
    let ran = outbound(sandbox, &["doctor", "--write", OWN, "--json"]).await;
    let report = ran.json();
    let of_writes = |state: &str| {
        let all = in_state(&report, state).into_iter();
        all.filter_map(|it| Some(it.strip_prefix("writes: ")?.to_owned())).collect()
    };
    (of_writes("wrong"), of_writes("not_checked"))
}

/// The output of a run that is interrupted once it has sent an operation.
fn interrupted(sandbox: &Surroundings, arguments: &[&str], operation: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("OUTBOUND_SANDBOX", sandbox.aws.url()).env_remove("OUTBOUND_STACK");
    let mut child = command.spawn().expect("it runs");
    tokio::task::block_in_place(|| {
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        while sandbox.cxone.calls(operation) == 0 {
            thread::yield_now();
        }
        // No request is answered while it is held.
        let tenant = sandbox.cxone.tenant();
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
        let told = "Interrupted: what was written is being put back.";
        assert!(lines.any(|line| line.expect("UTF-8") == told));
        drop(tenant);
        let output = child.wait_with_output().expect("it ends");
        String::from_utf8(output.stdout).expect("UTF-8")
    })
}

fn set_trait(sandbox: &Surroundings, change: &Value) {
    let mut tenant = sandbox.cxone.tenant();
    tenant.traits = tenant.traits.changed(change).expect("a trait");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_taken_back() {
    let sandbox = started(healthy()).await;
    let ran = outbound(&sandbox, &["doctor", "--write", OWN]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in [
        "ok listing: CXone takes the number",
        "ok search: found by 10 digits and 11 digits",
        "ok listing-again: CXone takes the number",
        "ok taking-off: the number is off the group again",
        "ok booking: CXone takes a callback for tomorrow",
        "ok kept: it is listed with its reference, at its time",
        "ok withdrawal: the callback is gone",
        "ok past: a time that is over is refused: ",
    ] {
        assert!(ran.says(line), "{line}: {ran:?}");
    }
    assert!(sandbox.cxone.listed().is_empty());
    assert!(sandbox.cxone.callbacks().is_empty());
    for (operation, calls) in [("addDncRecords", 3), ("expireDncRecords", 2), ("createCallback", 2)]
    {
        assert_eq!(sandbox.cxone.calls(operation), calls, "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_in_the_group_already_stays_there() {
    let sandbox = started(healthy()).await;
    let own = sandbox::cxone::acd::Number::read(OWN).expect("a number");
    sandbox.cxone.tenant().list(DNC_GROUP, own);
    let (wrong, not_tried) = writes(&sandbox).await;
    assert_eq!((wrong, not_tried), (BTreeSet::new(), ["listing".to_owned()].into()));
    assert!(sandbox.cxone.is_listed(OWN), "it may be an opt-out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_for_a_time_that_is_over_is_taken_back_at_once() {
    let sandbox = started(healthy()).await;
    // No agent is offered it.
    set_trait(&sandbox, &json!({ "callbacks": { "past": "accepted", "whenStopped": "held" } }));
    sandbox.cxone.tenant().skills.get_mut(&CALLBACK_SKILL).expect("a skill").is_running = false;
    let ran = outbound(&sandbox, &["doctor", "--write", OWN]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.says("look past: CXone takes a time that is over"), "{ran:?}");
    assert!(ran.says("ok past-off: the callback is gone"), "{ran:?}");
    assert!(sandbox.cxone.callbacks().is_empty());
    forbid(&sandbox, &["deleteCallback"]);
    let ran = outbound(&sandbox, &["doctor", "--write", OWN]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.says("WRONG past-off"), "{ran:?}");
    assert!(ran.says("See in CXone whether a callback to your number is left"), "{ran:?}");
}

/// What is wrong with a tenant, and the checks that find it by writing.
const WRITES: &[(&str, &[&str])] = &[
    (r#"{ "wire": { "forbidden": ["addDncRecords"] } }"#, &["listing"]),
    (r#"{ "wire": { "forbidden": ["createCallback"] } }"#, &["booking"]),
    (r#"{ "wire": { "forbidden": ["expireDncRecords"] } }"#, &["taking-off"]),
    (r#"{ "wire": { "forbidden": ["deleteCallback"] } }"#, &["withdrawal"]),
    (r#"{ "dnc": { "accepts": "international" } }"#, &["listing"]),
    (r#"{ "dnc": { "repeated": "refused" } }"#, &[]),
    (r#"{ "dnc": { "finds": "international" } }"#, &[]),
    (r#"{ "callbacks": { "agent": "empty" } }"#, &["booking"]),
    (
        r#"{ "callbacks": { "past": "accepted", "listedAfterS": 60 } }"#,
        &["kept", "past-off", "withdrawal"],
    ),
    (r#"{ "callbacks": { "offset": "ignored" } }"#, &["kept"]),
    (r#"{ "callbacks": { "notesMax": 10 } }"#, &[]),
    (r#"{ "callbacks": { "notesMax": 10, "namesMax": 4 } }"#, &["kept", "withdrawal"]),
    (r#"{ "callbacks": { "listedAfterS": 2 } }"#, &[]),
    (r#"{ "callbacks": { "listedAfterS": 60 } }"#, &["kept", "withdrawal"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_only_a_write_shows_is_found() {
    for (change, expected) in WRITES {
        let sandbox = started(healthy()).await;
        set_trait(&sandbox, &serde_json::from_str(change).expect("JSON"));
        let expected = expected.iter().map(|check| (*check).to_owned()).collect();
        assert_eq!(writes(&sandbox).await, (expected, BTreeSet::new()), "{change}");
    }
}

/// The environment of a function, with the credentials themselves.
fn credentials(sandbox: &Surroundings) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<_, _> =
        sandbox.environments["dnc-batcher"].clone().into_iter().collect();
    environment.remove("CXONE_SECRET_ARN");
    let parts = [
        ("CXONE_CLIENT_ID", sandbox::cxone::CLIENT_ID),
        ("CXONE_CLIENT_SECRET", sandbox::cxone::CLIENT_SECRET),
        ("CXONE_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("CXONE_ACCESS_KEY_SECRET", ACCESS_KEY_SECRET),
    ];
    environment.extend(parts.map(|(name, value)| (name.to_owned(), value.to_owned())));
    environment
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_alone_is_enough() {
    let sandbox = started(healthy()).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(["doctor", "--json"]).stdin(Stdio::null()).env_clear();
    command.envs(credentials(&sandbox));
    let ran = run(command).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let not_checked = in_state(&ran.json(), "not_checked");
    let unknown = [
        "callbacks: skill",
        "counts: figures",
        "counts: lag",
        "counts: total",
        "events: scripts",
        "skills: at-rest",
        "skills: campaigns",
    ];
    assert_eq!(not_checked, unknown.map(str::to_owned).into());
    let ran = run({
        let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
        command.args(["doctor", "--json"]).stdin(Stdio::null()).env_clear();
        command
    });
    let ran = ran.await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(in_state(&ran.json(), "wrong"), ["settings: settings".to_owned()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_v2_is_examined_as_far_as_it_can_be_read() {
    let options = || Options { campaigns: CAMPAIGNS.to_owned(), ..Options::default() };
    let sandbox = Surroundings::with(options()).await.expect("it starts");
    assert_eq!(wrong(&sandbox).await, BTreeSet::new());
    let report = outbound(&sandbox, &["doctor", "--json"]).await.json();
    let not_checked = [
        "do not call: list",
        "do not call: scrubbed-skills",
        "events: webhooks",
        "scopes: scopes",
        "texts: sender",
    ];
    assert_eq!(in_state(&report, "not_checked"), not_checked.map(str::to_owned).into());
    sandbox.cxone.tenant().traits.wire.clock_ahead_s = 300;
    assert_eq!(wrong(&sandbox).await, ["access: clock".to_owned()].into());
    sandbox.cxone.tenant().traits.wire.clock_ahead_s = 0;
    sandbox.cxone.rotate_secret("another secret");
    assert_eq!(wrong(&sandbox).await, ["access: token".to_owned()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_prints_settings_and_sends_no_credential() {
    let sandbox = started(healthy()).await;
    let url = sandbox.cxone.url();
    let ran = outbound(&sandbox, &["doctor", "--discover", &url]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in [
        format!("CXONE_BASE_URL={url}"),
        format!("CXONE_TOKEN_URL={url}/auth/token"),
        "CXONE_DFO_URL=https://api-de-na1.example.com".to_owned(),
        format!("# CXONE_TOKEN_URL={url}/authentication/v1/token/access-key"),
    ] {
        assert!(ran.out.lines().any(|it| it == line), "{line}: {ran:?}");
    }
    let calls: Vec<String> = sandbox.cxone.drain_calls().into_keys().collect();
    assert_eq!(calls, ["openidConfiguration", "tenantConfiguration"]);
}
