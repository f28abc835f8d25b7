//! What is tried out on a tenant, each request sent once.

use super::{tenant::Answer, *};
use crate::{CompletedQuery, MessagePlace, Probe, Seen, SeenRecord, SkillWeek};

const SKILL_NUMBER: u64 = 4_271_306;

fn refused(status: u16) -> Answer {
    reply(status, json!({ "error": "refused", "errorDescription": "no such thing" }))
}

async fn probed(tenant: &Tenant, probe: Probe) -> Result<Seen, Error> {
    let uri = tenant.uri();
    let client =
        tenant.client(&[("CXONE_DFO_URL", &uri), ("CXONE_DFO_CHANNELS", "+12025550100=sms_1")]);
    client.inspection().expect("the ACD services").probe(probe, soon()).await
}

#[tokio::test]
async fn each_probe_is_one_request_whose_answer_is_seen_as_it_came() {
    for (probe, operation) in [
        (Probe::Cheap, "businessUnit"),
        (Probe::UnknownSkill, "skill"),
        (Probe::UnknownContact, "contact"),
        (Probe::UnlistedNumber, "searchDnc"),
        (Probe::BackwardPeriod, "completedContacts"),
        (Probe::UnknownDirection, "dfoMessages"),
    ] {
        for status in [400, 404, 429, 503] {
            let tenant = Tenant::new().await;
            tenant.script(operation, [refused(status).odd().header("icStatusDescription", "no")]);
            let seen = probed(&tenant, probe).await.expect("an answer");
            let expected = Seen {
                status,
                is_empty: false,
                message: "refused: no such thing".to_owned(),
                place: MessagePlace::Field("errorDescription"),
                has_status_description: true,
                limits: vec![],
            };
            assert_eq!(seen, expected, "{probe:?}");
            assert_eq!(tenant.operations(), [operation], "nothing is tried again");
        }
    }
}

#[tokio::test]
async fn headers_about_limits_are_seen() {
    let tenant = Tenant::new().await;
    let limited = empty(429).header("Retry-After", "7").header("X-RateLimit-Remaining", "0").odd();
    tenant.script("businessUnit", [limited, empty(204).odd()]);
    let seen = probed(&tenant, Probe::Cheap).await.expect("an answer");
    assert_eq!(seen.limits, ["retry-after: 7", "x-ratelimit-remaining: 0"]);
    assert_eq!((seen.to_string(), seen.is_success()), ("429".to_owned(), false));
    let seen = probed(&tenant, Probe::Cheap).await.expect("an answer");
    assert_eq!((seen.is_empty, seen.is_success(), seen.limits), (true, true, vec![]));
}

#[tokio::test]
async fn a_bad_token_is_not_ours_and_does_not_cost_us_ours() {
    let server = server().await;
    let refused = status(401).set_body_string("outbound-doctor is no token");
    Mock::given(wiremock::matchers::any()).respond_with(refused).mount(&server).await;
    let token_url = format!("{}/auth/token", server.uri());
    let settings = [("CXONE_API", "acd"), ("CXONE_TOKEN_URL", &*token_url)];
    let client = client_of(&server.uri(), &settings);
    let inspection = client.inspection().expect("the ACD services");
    let seen = inspection.probe(Probe::BadToken, soon()).await.expect("an answer");
    assert_eq!((seen.status, seen.place), (401, MessagePlace::Body));
    assert_eq!(seen.message, "*** is no token");
    let requests = server.received_requests().await.expect("they are recorded");
    assert_eq!(requests.len(), 1, "no token is requested");
    assert_eq!(requests[0].headers["authorization"], "Bearer outbound-doctor");
}

#[tokio::test]
async fn hours_are_written_once_or_put_back_with_retries() {
    let zone = |name: &str, end: &str| {
        json!({ "name": name, "description": "not written", "startTime": "08:00", "endTime": end,
            "timeZoneActiveToCall": true, "overrideTime": false })
    };
    let zones = [zone("Eastern Standard Time", "21:00"), zone("Mars Standard Time", "20:00")];
    let tenant = Tenant::new().await;
    tenant.script("skillParameters", [ok(json!({ "timeZoneSettings": zones }))]);
    tenant.script("putSkillTimeZones", [empty(503).odd(), empty(503).odd(), empty(204)]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    let hours = inspection.hours(SKILL_NUMBER, soon()).await.expect("hours");
    let one = hours.with("Mars Standard Time", ["09:00", "24:00"], Some(true));
    let seen = inspection.try_hours(SKILL_NUMBER, &one.only("Mars Standard Time"), soon()).await;
    assert_eq!(seen.expect("an answer").status, 503);
    assert_eq!(inspection.put_hours(SKILL_NUMBER, &hours, soon()).await, Ok(()));
    let sent = tenant.requests("putSkillTimeZones");
    assert_eq!(sent.len(), 3);
    let written = super::super::body(&sent[0]);
    let expected = json!({ "timeZoneSettings": [{ "standardName": "Mars Standard Time",
        "startTime": "09:00", "endTime": "24:00", "timeZoneActiveToCall": true,
        "overrideTime": true }] });
    assert_eq!(written, expected);
    let back = super::super::body(&sent[2]);
    assert_eq!(back["timeZoneSettings"][1]["endTime"], "20:00", "{back}");
}

#[tokio::test]
async fn a_weekly_schedule_is_written_with_its_wrapper_and_nothing_else() {
    let tenant = Tenant::new().await;
    let daily = SkillWeek::daily(["08:00", "21:00"]);
    let mut read = serde_json::to_value(&daily).expect("JSON");
    tenant.script("skillSchedule", [ok(read.clone())]);
    tenant.script("putSkillSchedule", [refused(400), empty(200)]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    let week = inspection.week(SKILL_NUMBER, soon()).await.expect("a schedule");
    assert_eq!(week, daily);
    assert!(week.is_scheduled() && week.is_writable());
    let seen = inspection.try_week(SKILL_NUMBER, &week, soon()).await.expect("an answer");
    assert_eq!(seen.status, 400);
    assert_eq!(inspection.put_week(SKILL_NUMBER, &week, soon()).await, Ok(()));
    for request in tenant.requests("putSkillSchedule") {
        assert_eq!(super::super::body(&request), json!({ "scheduleSettings": read }));
    }
    read["sundayIsActive"] = json!(false);
    tenant.script("skillSchedule", [ok(read)]);
    let week = inspection.week(SKILL_NUMBER, soon()).await.expect("a schedule");
    assert!(!week.is_writable(), "CXone would refuse it");
}

#[tokio::test]
async fn a_start_and_a_stop_are_sent_once_and_never_by_force() {
    let tenant = Tenant::new().await;
    tenant.script("startSkill", [empty(503).odd()]);
    tenant.script("stopSkill", [refused(400)]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    assert_eq!(inspection.try_start(SKILL_NUMBER, soon()).await.expect("an answer").status, 503);
    assert_eq!(inspection.try_stop(SKILL_NUMBER, soon()).await.expect("an answer").status, 400);
    assert_eq!(tenant.operations(), ["startSkill", "stopSkill"]);
    assert_eq!(tenant.requests("stopSkill")[0].url.query(), None);
}

#[tokio::test]
async fn agents_count_also_if_they_may_not_be_seen() {
    for (answer, expected) in [
        (ok(json!({ "totalRecords": 0, "agentSkillAssignments": [] })), Some(0)),
        (ok(json!({ "totalRecords": 7, "agentSkillAssignments": [{ "agentId": 1 }] })), Some(7)),
        (ok(json!({ "agentSkillAssignments": [{ "agentId": 1 }] })), Some(1)),
        (ok(json!({ "totalRecords": 0, "hiddenAgents": 2 })), Some(2)),
        (empty(204), Some(0)),
        (ok(json!({})), None),
        (refused(403), None),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("skillAgents", [answer.clone()]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        assert_eq!(inspection.agents_of(9, soon()).await.ok(), expected, "{answer:?}");
    }
}

#[tokio::test]
async fn callbacks_of_a_skill_are_counted() {
    let tenant = Tenant::new().await;
    let two = json!({ "callbacks": [{ "callbackId": 1 }, { "callbackId": 2 }] });
    tenant.script("callbacksOfSkill", [ok(two), empty(204).odd()]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    assert_eq!(inspection.bookings(9, soon()).await, Ok(2));
    assert_eq!(inspection.bookings(9, soon()).await, Ok(0));
}

#[tokio::test]
async fn records_are_sent_in_one_request_and_their_results_are_seen() {
    let tenant = Tenant::new().await;
    let results = json!([
        { "success": true, "error": "", "formattedPhone": "(202) 555-0142" },
        { "success": false, "error": "Invalid phone number", "formattedPhone": "" },
    ]);
    let body = json!({ "resultSet": { "errorCount": 1, "recordResults": results } });
    tenant.script("addDncRecords", [ok(body), refused(400)]);
    tenant.script("expireDncRecords", [ok(json!({ "errorCount": 0, "recordResults": [] }))]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    let number = "+12025550142".parse().expect("a number");
    let digits = inspection.dnc_digits(&number).expect("digits");
    let (seen, records) =
        inspection.try_dnc_records(GROUP, &[digits, 911], soon()).await.expect("an answer");
    assert!(seen.is_success());
    let record = |is_success: bool, message: Option<&str>, names: Option<usize>| SeenRecord {
        is_success,
        message: message.map(str::to_owned),
        names,
    };
    let expected = [record(true, None, Some(0)), record(false, Some("Invalid phone number"), None)];
    assert_eq!(records, expected);
    let (seen, records) =
        inspection.try_dnc_records(GROUP, &[digits], soon()).await.expect("an answer");
    assert_eq!((seen.status, records), (400, vec![]));
    assert_eq!(inspection.take_off_dnc(GROUP, &[digits, 911], soon()).await, Ok(()));
    let sent = super::super::body(&tenant.requests("expireDncRecords")[0]);
    let texts = json!([{ "phoneNumber": "2025550142" }, { "phoneNumber": "911" }]);
    assert_eq!(sent["dncGroupRecords"], texts);
}

#[tokio::test]
async fn pages_of_calls_are_asked_for_as_they_are_counted_or_polled() {
    let tenant = Tenant::new().await;
    let row = json!({ "contactId": 7, "lastUpdateTime": "2026-11-26T11:59:00Z" });
    let page = ok(json!({ "totalRecords": 3, "completedContacts": [row] }));
    tenant.script("completedContacts", [page.clone(), page, empty(204)]);
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    let period = instant("2026-11-25T12:00:00Z")..instant("2026-11-26T12:00:00Z");
    let asked = CompletedQuery { skill: Some(9), period, skip: 5, size: 10 };
    let page = inspection.completed_page(&asked, soon()).await.expect("a page");
    assert_eq!((page.total, page.contacts.len()), (Some(3), 1));
    assert_eq!(page.contacts[0].updated_at, Some(instant("2026-11-26T11:59:00Z")));
    let polled = CompletedQuery { skill: None, ..asked };
    inspection.completed_page(&polled, soon()).await.expect("a page");
    let none = inspection.completed_page(&polled, soon()).await.expect("a page");
    assert_eq!((none.total, none.contacts.len()), (Some(0), 0));
    let query = |index: usize| -> std::collections::HashMap<String, String> {
        tenant.requests("completedContacts")[index].url.query_pairs().into_owned().collect()
    };
    assert_eq!(query(0)["skillId"], "9");
    assert_eq!(query(0)["endDate"], "2026-11-26T12:00:00.000Z");
    assert_eq!(query(1)["updatedSince"], "2026-11-25T12:00:00.000Z");
    assert_eq!((&*query(1)["orderBy"], &*query(1)["skip"]), ("lastUpdateTime asc", "5"));
}

#[tokio::test]
async fn a_tag_is_sent_once_and_its_errors_are_seen() {
    for (answer, expected) in [
        (ok(json!({ "resultSet": { "errorCount": "0" } })), (200, true)),
        (ok(json!({ "resultSet": { "errorCount": 0 } })), (200, true)),
        (ok(json!({})), (200, true)),
        (ok(json!({ "resultSet": { "errorCount": "1" } })), (200, false)),
        (refused(400), (400, false)),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("tagContact", [answer]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        let (seen, is_done) = inspection.try_tag("7", 3, soon()).await.expect("an answer");
        assert_eq!((seen.status, is_done), expected);
        let sent = super::super::body(&tenant.requests("tagContact")[0]);
        assert_eq!(sent, json!({ "tags": [{ "tagId": 3 }] }));
    }
    let tenant = Tenant::new().await;
    let client = tenant.client(&[]);
    let inspection = client.inspection().expect("the ACD services");
    let unknown = inspection.try_tag("contact-7", 3, soon()).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
}

#[tokio::test]
async fn business_data_is_sent_once_as_the_functions_write_it() {
    let record = crate::DispositionRecord {
        contact: "7".to_owned(),
        category: "wrong_number".to_owned(),
        audit_log: "a line".to_owned(),
    };
    for answer in [empty(200), refused(400), empty(503).odd()] {
        let tenant = Tenant::new().await;
        tenant.script("updateBusinessData", [answer]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        inspection.try_business_data(&record, soon()).await.expect("an answer");
        let [sent] = &tenant.requests("updateBusinessData")[..] else { panic!("one request") };
        let field = |name: &str, value: &str| json!({ "name": name, "value": value });
        let fields =
            [field("disposition_category", "wrong_number"), field("last_audit_log", "a line")];
        assert_eq!(super::super::body(sent), json!(fields));
    }
}

#[tokio::test]
async fn messages_with_a_text_are_counted() {
    let tenant = Tenant::new().await;
    let two = json!({ "hits": 2, "data": [{ "id": "1" }, { "id": "2" }] });
    tenant.script("dfoMessages", [ok(two), reply(403, json!({ "errors": [] }))]);
    let uri = tenant.uri();
    let client =
        tenant.client(&[("CXONE_DFO_URL", &uri), ("CXONE_DFO_CHANNELS", "+12025550100=sms_1")]);
    let inspection = client.inspection().expect("the ACD services");
    let sender = "+12025550100".parse().expect("a number");
    assert_eq!(inspection.texts_with(&sender, REFERENCE, soon()).await, Ok(2));
    let forbidden = inspection.texts_with(&sender, REFERENCE, soon()).await;
    assert!(matches!(forbidden, Err(Error::Forbidden { .. })), "{forbidden:?}");
    let other = "+12025550199".parse().expect("a number");
    let unknown = inspection.texts_with(&other, REFERENCE, soon()).await;
    assert!(matches!(unknown, Err(Error::Invalid { .. })), "{unknown:?}");
}
