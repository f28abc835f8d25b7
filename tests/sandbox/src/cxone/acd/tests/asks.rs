//! A request for each operation.

use super::*;

/// Zones of a PUT.
pub(super) fn zones() -> Value {
    json!({ "timeZoneSettings": [{
        "standardName": "Eastern Standard Time",
        "startTime": "10:00",
        "endTime": "12:00",
        "timeZoneActiveToCall": true,
        "overrideTime": true,
    }] })
}

/// A callback in an hour.
pub(super) fn callback(caller: &Caller) -> Value {
    let due = caller.cxone.tenant().now + TimeDelta::hours(1);
    json!({
        "firstName": "Callback",
        "lastName": "1B4E28BA",
        "phoneNumber": "2025550142",
        "skillId": SKILL,
        "scheduleDate": due.to_rfc3339(),
        "notes": "ref 1b4e28ba-2fa1-4fdc-8c5a-2b8c1a9e0d11 | en-US",
    })
}

/// Records of a do-not-call group.
pub(super) fn records(numbers: &[i64]) -> Value {
    let records: Vec<Value> =
        numbers.iter().map(|number| json!({ "phoneNumber": number })).collect();
    json!({ "dncGroupRecords": records })
}

/// A text message.
pub(super) fn text() -> Value {
    json!({
        "thread": { "idOnExternalPlatform": "t1", "threadName": "Thread" },
        "messageContent": { "type": "TEXT", "payload": { "text": "ref 1B4E28BA" } },
        "recipients": [{
            "idOnExternalPlatform": NUMBER, "name": NUMBER, "isPrimary": true, "isPrivate": false,
        }],
        "contact": { "status": "resolved" },
    })
}

fn weekly() -> Value {
    let mut schedule = json!({ "isScheduled": true });
    for day in ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] {
        schedule[format!("{day}IsActive")] = json!(true);
        schedule[format!("{day}StartTime")] = json!("08:00");
        schedule[format!("{day}EndTime")] = json!("21:00");
    }
    json!({ "scheduleSettings": schedule })
}

/// A request for each operation that finds what it asks for, in an order in which that is so.
pub(super) async fn all(caller: &Caller) -> Vec<Ask> {
    let mut asks = discovery();
    asks.extend(numbers());
    asks.extend(callbacks(caller).await);
    asks.extend(skills());
    asks.extend(counts(caller));
    asks.extend(contacts());
    asks.extend(texts());
    asks
}

fn discovery() -> Vec<Ask> {
    let form = json!({
        "grant_type": "password",
        "username": ACCESS_KEY_ID,
        "password": ACCESS_KEY_SECRET,
        "client_id": crate::cxone::CLIENT_ID,
        "client_secret": crate::cxone::CLIENT_SECRET,
    });
    let key = json!({ "accessKeyId": ACCESS_KEY_ID, "accessKeySecret": ACCESS_KEY_SECRET });
    vec![
        get("//.well-known/openid-configuration"),
        get("//.well-known/cxone-configuration?tenantId=1"),
        post("//auth/token", form),
        post("//authentication/v1/token/access-key", key),
        get("/apiversion?searchUriText=skills&verb=POST"),
        get("/server-time"),
        get("/business-unit?fields=businessUnitId,defaultTimeZone"),
        get("/business-unit/time-zones"),
        get("/timezones"),
    ]
}

fn numbers() -> Vec<Ask> {
    let text = json!({ "dncGroupRecords": [{ "phoneNumber": "2025550142" }] });
    vec![
        get("/dnc-groups"),
        get("/dnc-groups/1001"),
        post("/dnc-groups/1001/records", records(&[2_025_550_142])),
        get("/dnc-groups/1001/records?top=1"),
        Ask { body: None, ..post("/dnc-groups/search?phoneNumber=2025550142", Value::Null) },
        get("/dnc-groups/1001/scrubbed-skills"),
        with_body(Method::DELETE, "/dnc-groups/1001/records", text),
    ]
}

async fn callbacks(caller: &Caller) -> Vec<Ask> {
    let create = post("/scheduled-callbacks", callback(caller));
    // Those that are changed and deleted must be there.
    let mut ids = Vec::new();
    for _ in 0..2 {
        caller.ask(&create).await;
        ids.push(caller.cxone.tenant().callbacks.keys().next_back().copied().unwrap_or(1));
    }
    let path = |index: usize| format!("/scheduled-callbacks/{}", ids[index]);
    vec![
        create,
        with_body(Method::PUT, &path(0), callback(caller)),
        with_body(Method::DELETE, &path(1), json!({ "description": "not needed" })),
        get(&format!("/skills/{SKILL}/scheduled-callbacks")),
    ]
}

fn skills() -> Vec<Ask> {
    let below = |path: &str| format!("/skills/{SKILL}{path}");
    let bare = |path: &str| Ask { body: None, ..post(&below(path), Value::Null) };
    vec![
        get("/skills?top=1&isActive=true&orderBy=skillId%20desc"),
        get(&below("?fields=skillId,isRunning")),
        bare("/start"),
        bare("/stop?force=false"),
        get(&below("/agents?fields=agentId&top=1")),
        get(&below("/parameters")),
        with_body(Method::PUT, &below("/parameters/time-zones"), zones()),
        get(&below("/parameters/time-zones")),
        with_body(Method::PUT, &below("/parameters/schedule-settings"), weekly()),
        get(&below("/parameters/schedule-settings")),
        get("/campaigns/77/skills"),
    ]
}

fn counts(caller: &Caller) -> Vec<Ask> {
    let period = "startDate=2026-03-02T00:00:00Z&endDate=2099-03-03T00:00:00Z";
    let list = *caller.cxone.tenant().lists.keys().next().expect("a list");
    vec![
        get(&format!("/skills/summary?{period}&isOutbound=true")),
        get(&format!("/skills/{SKILL}/summary?{period}")),
        get("/skills/activity?IsOutbound=true"),
        get(&format!("/skills/{SKILL}/activity")),
        get(&format!("/lists/call-lists/{list}?includeRecords=false")),
        get(&format!("/lists/call-lists/{list}/attempts?finalized=true")),
        get(&format!("/wfm-data/skills/agent-performance?{period}")),
        get(&format!("/wfm-data/skills/dialer-contacts?{period}")),
        get(&format!("/wfm-data/skills/contacts?{period}&mediaTypeId=4")),
    ]
}

fn contacts() -> Vec<Ask> {
    let below = |path: &str| format!("/contacts/{CONTACT}{path}");
    let outcome = json!({ "dispositionInfo": { "skill": "1", "dispositionCode": "3001" } });
    vec![
        get(&format!("/contacts/completed?skillId={SKILL}&top=1&orderBy=lastUpdateTime%20asc")),
        get(&below("")),
        get(&below("/disposition")),
        get(&below("/custom-data")),
        post(&below("/set-disposition"), outcome),
        post(&below("/tags"), json!({ "tags": [{ "tagId": 1 }] })),
        get("/tags?isActive=true"),
        with_body(
            Method::PUT,
            &format!("//business-data-manager/v1/business-data/contact/{CONTACT}"),
            json!([{ "name": "category", "value": "do_not_call" }]),
        ),
        get("/dispositions?top=2"),
        get("/dispositions/classifications"),
        get(&format!("/skills/{SKILL}/dispositions")),
    ]
}

fn texts() -> Vec<Ask> {
    vec![
        get("//dfo/3.0/channels?hasManualOutboundFlow=true"),
        post("//dfo/3.0/channels/sms_sandbox-sms_12025550100/outbound", text()),
        get("//dfo/3.0/messages?direction=outbound&contentContains=1B4E28BA"),
    ]
}

/// Requests about what does not exist.
pub(super) fn of_nothing() -> Vec<Ask> {
    vec![
        get("/dnc-groups/1"),
        get("/skills/1"),
        get("/skills/1/agents"),
        get("/skills/1/parameters"),
        get("/skills/1/scheduled-callbacks"),
        Ask { body: None, ..post("/skills/1/start", Value::Null) },
        with_body(Method::PUT, "/skills/1/parameters/time-zones", zones()),
        get("/contacts/1"),
        post("/contacts/1/tags", json!({ "tags": [{ "tagId": 1 }] })),
        Ask { body: None, ..post("/dnc-groups/search?phoneNumber=2025550199", Value::Null) },
        get("/skills/4271300/scheduled-callbacks"),
        get("/contacts/completed?skillId=1"),
        get("/lists/call-lists/1?includeRecords=false"),
        post("//dfo/3.0/channels/none/outbound", text()),
    ]
}
