//! What a tenant shows of its set-up.

use std::collections::HashMap;

use chrono::NaiveTime;
use outbound::Tz;

use super::{tenant::Answer, *};
use crate::{
    AgentWork, DncGroup, HalfHour, InspectedSettings, InspectedSkill, InspectedZone, TextChannel,
};

fn group(row: &Value) -> Value {
    json!({ "resultSet": { "dncGroups": [row] } })
}

#[tokio::test]
async fn a_group_is_active_unless_cxone_says_otherwise() {
    let row =
        json!({ "dncGroupId": 17, "dncGroupName": "Main", "isActive": true, "isRemoved": false });
    let with = |field: &str, value: bool| {
        let mut row = row.clone();
        row[field] = json!(value);
        row
    };
    for (answer, is_active) in [
        (ok(group(&row)), true),
        (ok(json!({ "dncGroups": [row] })).odd(), true),
        (ok(group(&json!({ "dncGroupName": "Main" }))), true),
        (ok(group(&with("isActive", false))), false),
        (ok(group(&with("isRemoved", true))), false),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("dncGroup", [answer]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        let expected = DncGroup { name: "Main".to_owned(), is_active };
        assert_eq!(inspection.dnc_group(GROUP, soon()).await, Ok(expected));
    }
}

#[tokio::test]
async fn a_group_or_a_skill_that_is_not_there_is_not_found() {
    for answer in [empty(404), empty(400).odd(), empty(204).odd()] {
        let tenant = Tenant::new().await;
        tenant.script("dncGroup", [answer.clone()]);
        tenant.script("skill", [answer]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        let group = inspection.dnc_group(GROUP, soon()).await.map(drop);
        let skill = inspection.skill(9, soon()).await.map(drop);
        for outcome in [group, skill] {
            assert!(matches!(outcome, Err(Error::NotFound { .. })), "{outcome:?}");
        }
    }
    let tenant = Tenant::new().await;
    tenant.script("dncGroup", [ok(group(&json!(null))).odd(), ok(json!({ "resultSet": {} }))]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    assert!(inspection.dnc_group(GROUP, soon()).await.is_err(), "a row that cannot be read");
    let none = inspection.dnc_group(GROUP, soon()).await;
    assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
    let unnumbered = inspection.dnc_group("dnc-main", soon()).await;
    assert!(matches!(unnumbered, Err(Error::NotFound { .. })), "{unnumbered:?}");
    assert_eq!(tenant.operations().len(), 2, "no request for what is no number");
}

#[tokio::test]
async fn all_pages_of_scrubbed_skills_are_read() {
    for count in [0_u64, 1, 99, 100, 101, 250] {
        for is_wrapped in [false, true] {
            let tenant = Tenant::new().await;
            tenant.on("scrubbedSkills", move |request| {
                let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
                let number = |name: &str| query[name].parse::<u64>().expect("a number");
                let (skip, top) = (number("skip"), number("top"));
                let ids = (0..count)
                    .skip(skip.try_into().expect("few"))
                    .take(top.try_into().expect("few"));
                let rows: Vec<Value> =
                    ids.map(|id| json!({ "skillId": id, "skillName": "S" })).collect();
                let body = json!({ "totalRecords": count, "scrubbedSkills": rows });
                if is_wrapped { ok(json!({ "resultSet": body })).odd() } else { ok(body) }
            });
            let client = tenant.client(&[]);
            let inspection = client.inspection().expect("the ACD services");
            let skills = inspection.scrubbed_skills(GROUP, soon()).await;
            assert_eq!(skills, Ok((0..count).collect()));
        }
    }
}

#[tokio::test]
async fn a_skill_is_as_cxone_describes_it() {
    let row = json!({ "skillId": 9, "skillName": "Spring", "mediaTypeId": 4, "isActive": true,
        "isOutbound": true, "outboundStrategy": "Personal Connection", "isRunning": true,
        "callSuppressionScriptId": 7 });
    let described = InspectedSkill {
        name: Some("Spring".to_owned()),
        medium: Some(4),
        is_active: Some(true),
        is_outbound: Some(true),
        strategy: Some("Personal Connection".to_owned()),
        is_running: true,
        suppression_script: Some("7".to_owned()),
    };
    for (answer, expected) in [
        (ok(row.clone()), described.clone()),
        (ok(json!({ "skills": [row] })).odd(), described),
        (ok(json!({ "skillId": 9 })), InspectedSkill::default()),
        (ok(json!({ "callSuppressionScriptId": 0 })), InspectedSkill::default()),
        (ok(json!({ "callSuppressionScriptId": null })), InspectedSkill::default()),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("skill", [answer]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        assert_eq!(inspection.skill(9, soon()).await, Ok(expected));
    }
}

#[tokio::test]
async fn active_zones_come_with_their_iana_names_and_hours() {
    let zone = |name: &str, start: &str, is_active: bool| json!({ "name": name, "startTime": start, "endTime": "20:00", "timeZoneActiveToCall": is_active });
    let tenant = Tenant::new().await;
    tenant.script(
        "skillParameters",
        [ok(json!({ "timeZoneSettings": [
            zone("Eastern Standard Time", "09:00", true),
            zone("Mars Standard Time", "9 am", true),
            zone("Romance Standard Time", "09:00", false),
        ]}))],
    );
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    let expected = [
        InspectedZone {
            name: "Eastern Standard Time".to_owned(),
            iana: Some("America/New_York"),
            hours: Some(540..1200),
        },
        InspectedZone { name: "Mars Standard Time".to_owned(), iana: None, hours: None },
    ];
    let expected = InspectedSettings { zones: expected.to_vec(), ..InspectedSettings::default() };
    assert_eq!(inspection.settings(9, soon()).await, Ok(expected));
}

#[tokio::test]
async fn settings_of_a_skill_show_what_else_decides_on_its_calls() {
    let tenant = Tenant::new().await;
    tenant.script(
        "skillParameters",
        [ok(json!({
            "callingLists": [{ "id": 1 }, { "id": 2 }],
            "scheduleSettings": { "isScheduled": true },
            "retrySettings": { "maximumNumberOfCallbacks": 3, "callbackStaleMinutes": 15 },
            "cadenceSettings": { "cadences": [{}] },
        }))],
    );
    let unit = |flag: Value| ok(json!({ "businessUnits": [{ "callSuppression": flag }] }));
    tenant.script("businessUnit", [unit(json!(true)), ok(json!({ "businessUnits": [{}] }))]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    let expected = InspectedSettings {
        zones: vec![],
        calling_lists: Some(2),
        is_scheduled: Some(true),
        cadences: Some(1),
        callbacks_max: Some(3),
        callback_stale_minutes: Some(15),
    };
    assert_eq!(inspection.settings(9, soon()).await, Ok(expected));
    assert_eq!(inspection.suppresses_calls(soon()).await, Ok(Some(true)));
    assert_eq!(inspection.suppresses_calls(soon()).await, Ok(None));
}

fn channel(field: &str) -> Value {
    json!([{ "id": "sms_1", "hasOutboundFlow": false, "hasManualOutboundFlow": false, field: true }])
}

#[tokio::test]
async fn a_channel_sends_unless_it_has_no_flow_at_all() {
    const SETTINGS: [&str; 2] = ["CXONE_DFO_URL", "CXONE_DFO_CHANNELS"];
    for (answer, expected) in [
        (ok(channel("hasOutboundFlow")), Some(true)),
        (ok(channel("hasManualOutboundFlow")), Some(true)),
        (ok(channel("isPrivate")), Some(false)),
        (ok(json!([{ "id": "sms_1" }])), Some(true)),
        (ok(json!([{ "id": "sms_2" }])), None),
        (ok(json!([])), None),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("dfoChannels", [answer]);
        let uri = tenant.uri();
        let client = tenant.client(&[(SETTINGS[0], &uri), (SETTINGS[1], "+12025550100=sms_1")]);
        let inspection = client.inspection().expect("the ACD services");
        assert_eq!(inspection.channel_of("+1 202 555 0100"), Some("sms_1"));
        match (inspection.text_channel("sms_1", soon()).await, expected) {
            (Ok(found), Some(sends)) => assert_eq!(found, TextChannel { sends }),
            (Err(Error::NotFound { .. }), None) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn reads_that_only_try_the_role_end_as_cxone_decides() {
    for is_allowed in [true, false] {
        let tenant = Tenant::new().await;
        let answer = |body: Value| if is_allowed { ok(body) } else { empty(403) };
        let script = |operation: &str, answer: Answer| tenant.script(operation, [answer]);
        script("searchDnc", answer(json!({ "searchResults": [] })));
        script("callbacksOfSkill", answer(json!({ "callbacks": [] })));
        script("skillSummaries", answer(json!({ "skillSummaries": [] })));
        script("completedContacts", answer(json!({ "totalRecords": 3, "completedContacts": [] })));
        script("skillActivities", answer(json!({ "skillActivity": [] })));
        script(
            "businessUnitTimeZones",
            answer(json!({ "timeZoneSettings": [
                { "standardName": "Romance Standard Time", "timeZoneActiveToCall": false },
            ]})),
        );
        script("skillParameters", answer(json!({ "callingLists": [] })));
        let client = tenant.client(&[("CXONE_COMPLETED", "list")]);
        let inspection = client.inspection().expect("the ACD services");
        assert!(inspection.counts_by_list());
        let period = instant("2026-11-02T15:00:00Z")..instant("2026-11-02T16:00:00Z");
        let closed = inspection.closed_zones(soon()).await;
        if is_allowed {
            assert_eq!(closed, Ok(["Romance Standard Time".to_owned()].into()));
        }
        for outcome in [
            inspection.search_dnc(soon()).await,
            inspection.callbacks(9, soon()).await,
            inspection.summaries(&period, soon()).await.map(drop),
            inspection.completed(9, &period, soon()).await.map(drop),
            inspection.agents(soon()).await,
            closed.map(drop),
            inspection.lists(9, soon()).await.map(drop),
        ] {
            let is_forbidden = matches!(outcome, Err(Error::Forbidden { .. }));
            assert_eq!((outcome.is_ok(), is_forbidden), (is_allowed, !is_allowed), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn work_is_read_in_every_form_of_its_time() {
    let at = HalfHour::At(instant("2026-11-02T15:30:00Z"));
    let local = "2026-11-02T10:30:00".parse().expect("a time");
    let of_day = NaiveTime::from_hms_opt(10, 30, 0).expect("a time");
    for (half_hour, expected) in [
        (json!("2026-11-02T15:30:00Z"), at),
        (json!("2026-11-02T10:30:00-05:00"), at),
        (json!("2026-11-02T10:30:00"), HalfHour::Local(local)),
        (json!(10.5), HalfHour::OfDay(of_day)),
    ] {
        let tenant = Tenant::new().await;
        let row = |agent: u64, handled: u64| json!({ "skillId": 9, "agentId": agent, "halfHour": half_hour, "totalHandled": handled });
        let rows = json!({ "skillsPerformance": [row(1, 2), row(2, 0)] });
        tenant.script("wfmAgentPerformance", [ok(rows)]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        let period = instant("2026-11-02T05:00:00Z")..instant("2026-11-03T05:00:00Z");
        let work = AgentWork { skill: 9, agent: "1".to_owned(), half_hour: expected };
        assert_eq!(inspection.agent_work(&period, soon()).await, Ok(vec![work]));
        let query: HashMap<_, _> =
            tenant.requests("wfmAgentPerformance")[0].url.query_pairs().into_owned().collect();
        // The midnight at the end may be the first moment of the next day.
        assert_eq!(query["endDate"], "2026-11-03T04:59:59.000Z");
    }
    let tenant = Tenant::new().await;
    let odd = json!({ "skillsPerformance": [{ "skillId": 9, "agentId": 1, "totalHandled": 1 }] });
    tenant.script("wfmAgentPerformance", [empty(204).odd(), ok(odd)]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    let period = instant("2026-11-02T05:00:00Z")..instant("2026-11-03T05:00:00Z");
    assert_eq!(inspection.agent_work(&period, soon()).await, Ok(vec![]));
    let unread = inspection.agent_work(&period, soon()).await;
    assert!(matches!(unread, Err(Error::Unexpected { .. })), "{unread:?}");
}

#[tokio::test]
async fn the_clocks_of_a_tenant_have_a_windows_or_an_iana_name() {
    for (name, expected) in [
        ("Eastern Standard Time", Some(Tz::America__New_York)),
        ("Europe/Paris", Some(Tz::Europe__Paris)),
        ("(GMT-07:00)Arizona", None),
    ] {
        let tenant = Tenant::new().await;
        let unit = json!({ "businessUnits": [{ "defaultTimeZone": name }] });
        tenant.script("businessUnit", [ok(unit)]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        assert_eq!(inspection.clocks(soon()).await, Ok(expected), "{name}");
    }
}

#[tokio::test]
async fn the_settings_say_what_is_called() {
    let tenant = Tenant::new().await;
    let client = tenant.client(&[
        ("CXONE_SKILLS", "spring=9+8, callbacks=7"),
        ("CXONE_CAPACITY", "7 mon-fri 09-17 UTC 3"),
        ("CXONE_ZONES", "Eastern Standard Time, Europe/Paris"),
    ]);
    let inspection = client.inspection().expect("the ACD services");
    let campaigns: Vec<_> = inspection.campaigns().collect();
    assert_eq!(campaigns, [("callbacks", &[7][..]), ("spring", &[9, 8][..])]);
    assert!(inspection.has_plan(7) && !inspection.has_plan(9));
    assert_eq!(inspection.called_zones(), ["America/New_York", "Europe/Paris"].into());
    assert!(!inspection.counts_by_list());
}

#[tokio::test]
async fn the_v2_api_shows_nothing_and_the_life_of_a_token_is_as_stated() {
    let server = server().await;
    assert!(super::super::client(&server).inspection().is_none());
    let tenant = Tenant::new().await;
    let hour = Some(Duration::from_hours(1));
    assert_eq!(tenant.client(&[]).token_life(soon()).await, Ok(hour));
    let silent = json!({ "access_token": TOKEN, "token_type": "Bearer" });
    tenant.script("tokenOidc", [ok(silent)]);
    assert_eq!(tenant.client(&[]).token_life(soon()).await, Ok(None));
    assert!(tenant.operations().is_empty(), "a token, and nothing else");
}
