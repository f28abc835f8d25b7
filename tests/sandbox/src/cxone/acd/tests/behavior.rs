//! What operations do, and how traits change it.

use super::*;

fn search(number: &str) -> Ask {
    let path = format!("/dnc-groups/search?phoneNumber={number}");
    Ask { body: None, ..post(&path, Value::Null) }
}

fn bare(path: &str) -> Ask {
    Ask { body: None, ..post(path, Value::Null) }
}

fn add(numbers: &[i64]) -> Ask {
    post("/dnc-groups/1001/records", asks::records(numbers))
}

const ONE: i64 = 2_025_550_142;
const TWO: i64 = 2_025_550_143;

impl Caller {
    fn listed(&self, number: &str) -> bool {
        let tenant = self.cxone.tenant();
        let number = Number::read(number).expect("a number");
        let record = tenant.groups[&DNC_GROUP].records.get(&number);
        record.is_some_and(|record| record.is_in_force(tenant.now))
    }

    async fn callbacks(&self) -> Vec<Value> {
        let ask = get(&format!("/skills/{SKILL}/scheduled-callbacks"));
        let rows = self.ask(&ask).await.at("/callbacks");
        rows.as_array().cloned().unwrap_or_default()
    }

    /// The callback that comes of a body with one member changed.
    async fn create(&self, member: &str, value: Value) -> Reply {
        let mut body = asks::callback(self);
        body[member] = value;
        self.ask(&post("/scheduled-callbacks", body)).await
    }
}

#[tokio::test]
async fn numbers_are_listed_one_by_one() {
    let caller = Caller::prepared().await;
    let refused = Number::read("2025550143").expect("a number");
    caller.cxone.tenant().refused.insert(refused, "not dialable".to_owned());
    let reply = caller.ask_described(&add(&[ONE, TWO, 911])).await;
    assert_eq!(reply.at("/resultSet/errorCount"), 2);
    let results = reply.at("/resultSet/recordResults");
    let words: Vec<&Value> =
        results.as_array().expect("results").iter().map(|it| &it["error"]).collect();
    assert_eq!(words, ["", "not dialable", "Invalid phone number"]);
    assert_eq!(results[0]["formattedPhone"], "(202) 555-0142");
    assert!(caller.listed("2025550142") && !caller.listed("2025550143"));
}

#[tokio::test]
async fn a_listed_number_is_found_in_any_spelling_until_it_expires() {
    let caller = Caller::prepared().await;
    caller.ask(&add(&[ONE])).await;
    for spelling in ["2025550142", "12025550142", "%2B12025550142"] {
        let found = caller.ask_described(&search(spelling)).await;
        assert_eq!(found.at("/searchResults/0/dncGroupId"), 1001, "{spelling}");
        assert!(found.at("/searchResults/0/expiredDate").is_null());
    }
    let record = json!({ "dncGroupRecords": [{ "phoneNumber": "2025550142" }] });
    let expire = with_body(Method::DELETE, "/dnc-groups/1001/records", record);
    assert_eq!(caller.ask_described(&expire).await.at("/errorCount"), 0);
    assert!(!caller.listed("2025550142"));
    let found = caller.ask(&search("2025550142")).await;
    assert!(found.at("/searchResults/0/expiredDate").is_string(), "{found:?}");
    caller.ask(&add(&[ONE])).await;
    assert!(caller.listed("2025550142"), "an entry without an end replaces one with");
}

#[tokio::test]
async fn traits_of_do_not_call_groups() {
    let caller = Caller::prepared().await;
    caller.ask(&add(&[ONE])).await;
    let with = async |traits: Value, ask: Ask| {
        caller.cxone.tenant().traits = Traits::default();
        caller.change_traits(&json!({ "dnc": traits }));
        caller.ask(&ask).await
    };
    let results = |reply: &Reply| reply.at("/resultSet/recordResults");
    let again = with(json!({ "repeated": "refused" }), add(&[ONE])).await;
    assert_eq!((again.status, results(&again)[0]["success"].clone()), (200, json!(false)));
    let reversed = with(json!({ "results": "reversed" }), add(&[ONE, 7])).await;
    assert_eq!(results(&reversed)[0]["success"], false);
    let missing = with(json!({ "results": "oneMissing" }), add(&[ONE, TWO])).await;
    assert_eq!(results(&missing)[0]["formattedPhone"], "(202) 555-0143");
    let bare = with(json!({ "wrapped": false, "errorCount": "text" }), add(&[ONE])).await;
    assert_eq!(bare.at("/errorCount"), "0");
    assert_eq!(with(json!({ "batchMax": 1 }), add(&[ONE, TWO])).await.status, 400);
    assert_eq!(with(json!({ "nothing": "noContent" }), search("2025550199")).await.status, 204);
    let accepted = async |accepts: &str, number: i64| {
        let reply = with(json!({ "accepts": accepts }), add(&[number])).await;
        results(&reply)[0]["success"] == true
    };
    assert!(accepted("national", ONE).await && !accepted("international", ONE).await);
    let with_country = 12_025_550_142;
    assert!(!accepted("national", with_country).await);
    assert!(accepted("international", with_country).await);
    for (finds, spelling, expected) in [
        ("national", "2025550142", 1),
        ("national", "12025550142", 0),
        ("international", "2025550142", 0),
        ("international", "12025550142", 1),
    ] {
        let found = with(json!({ "finds": finds }), search(spelling)).await.at("/searchResults");
        assert_eq!(found.as_array().map(Vec::len), Some(expected), "{finds} {spelling}");
    }
}

#[tokio::test]
async fn each_write_makes_another_callback_as_it_was_sent() {
    let caller = Caller::prepared().await;
    let sent = asks::callback(&caller);
    for _ in 0..2 {
        caller.ask_described(&post("/scheduled-callbacks", sent.clone())).await;
    }
    let listed = caller.callbacks().await;
    assert_eq!(listed.len(), 2);
    for (ours, theirs) in [
        ("firstName", "firstName"),
        ("lastName", "lastName"),
        ("phoneNumber", "dialNumber"),
        ("notes", "notes"),
        ("skillId", "skillId"),
    ] {
        assert_eq!(listed[0][theirs], sent[ours]);
    }
    assert_eq!(listed[0]["target"], "S");
}

#[tokio::test]
async fn the_agent_of_a_callback_is_written_as_the_tenant_has_it() {
    let caller = Caller::prepared().await;
    for (trait_value, accepted) in [
        ("any", [true, true, true]),
        ("omitted", [true, false, false]),
        ("empty", [false, true, false]),
        ("number", [false, false, true]),
    ] {
        caller.change_traits(&json!({ "callbacks": { "agent": trait_value } }));
        let mut body = asks::callback(&caller);
        let mut taken = Vec::new();
        for agent in [None, Some(json!("")), Some(json!(17))] {
            if let Some(agent) = agent {
                body["targetAgentId"] = agent;
            }
            let reply = caller.ask(&post("/scheduled-callbacks", body.clone())).await;
            taken.push(reply.status == 200);
        }
        assert_eq!(taken, accepted, "{trait_value}");
    }
}

#[tokio::test]
async fn traits_of_callbacks() {
    let caller = Caller::prepared().await;
    let notes = json!("a note that is longer than ten characters");
    caller.change_traits(&json!({ "callbacks": {
        "notesMax": 10, "names": "agents", "listedAfterS": 3, "created": "accepted",
    } }));
    let reply = caller.create("notes", notes).await;
    assert_eq!((reply.status, reply.body), (202, None));
    assert!(caller.callbacks().await.is_empty(), "not listed yet");
    caller.advance(3);
    let listed = caller.callbacks().await;
    assert_eq!(
        (&listed[0]["notes"], &listed[0]["firstName"]),
        (&json!("a note tha"), &json!("Alex"))
    );

    caller.change_traits(&json!({ "callbacks": { "names": "customers", "namesMax": 4 } }));
    caller.create("lastName", json!("1B4E28BA")).await;
    caller.advance(3);
    let listed = caller.callbacks().await;
    assert_eq!((listed.len(), &listed[1]["lastName"]), (2, &json!("1B4E")));
    caller.change_traits(&json!({ "callbacks": { "listedMax": 1 } }));
    assert_eq!(caller.callbacks().await.len(), 1);

    let long_ago = json!("2020-03-02T10:00:00Z");
    assert_eq!(caller.create("scheduleDate", long_ago.clone()).await.status, 400);
    caller.change_traits(&json!({ "callbacks": { "past": "accepted", "created": "ok" } }));
    assert_eq!(caller.create("scheduleDate", long_ago).await.status, 200);
    assert_eq!(caller.create("scheduleDate", json!("2999-03-02T10:00:00Z")).await.status, 400);
    assert_eq!(caller.create("skillId", json!(1)).await.status, 400);
    assert_eq!(caller.create("phoneNumber", json!("911")).await.status, 400);
    caller.change_traits(&json!({ "callbacks": { "nothing": "noContent" } }));
    let empty = get(&format!("/skills/{CALLBACK_SKILL}/scheduled-callbacks"));
    assert_eq!(caller.ask(&empty).await.status, 204);
}

#[tokio::test]
async fn a_date_is_read_by_its_offset_or_by_the_clocks_of_the_business_unit() {
    let caller = Caller::prepared().await;
    caller.change_traits(&json!({ "callbacks": { "past": "accepted", "whenStopped": "held" } }));
    let read = async |date: &str| {
        let reply = caller.create("scheduleDate", json!(date)).await;
        assert_eq!(reply.status, 200, "{date} {reply:?}");
        let tenant = caller.cxone.tenant();
        tenant.callbacks.values().next_back().expect("it was created").due
    };
    let at = |hour| Utc.with_ymd_and_hms(2027, 7, 1, hour, 0, 0).single().expect("an instant");
    // July in New York is four hours behind UTC.
    assert_eq!(read("2027-07-01T15:00:00Z").await, at(15));
    assert_eq!(read("2027-07-01T15:00:00+02:00").await, at(13));
    assert_eq!(read("2027-07-01 15:00:00").await, at(19));
    caller.change_traits(&json!({ "callbacks": { "bareDate": "utc" } }));
    assert_eq!(read("2027-07-01T15:00:00").await, at(15));
    caller.change_traits(
        &json!({ "callbacks": { "bareDate": "businessUnit", "offset": "ignored" } }),
    );
    assert_eq!(read("2027-07-01T15:00:00Z").await, at(19));
}

#[tokio::test]
async fn hours_are_replaced_or_merged_in_the_form_of_the_tenant() {
    let caller = Caller::prepared().await;
    let path = format!("/skills/{SKILL}/parameters/time-zones");
    let zones = async || {
        let rows = caller.ask(&get(&path)).await.at("/timeZoneSettings");
        rows.as_array().cloned().unwrap_or_default()
    };
    let put = with_body(Method::PUT, &path, asks::zones());
    caller.change_traits(&json!({ "hours": { "put": "merges", "times": "seconds" } }));
    assert_eq!(caller.ask_described(&put).await.status, 200);
    let merged = zones().await;
    assert_eq!((merged.len(), &merged[0]["startTime"]), (ZONES.len(), &json!("10:00:00")));
    caller.change_traits(&json!({ "hours": { "put": "replaces", "times": "minutes" } }));
    caller.ask(&put).await;
    let replaced = zones().await;
    assert_eq!((replaced.len(), &replaced[0]["endTime"]), (1, &json!("12:00")));
    let parameters = caller.ask(&get(&format!("/skills/{SKILL}/parameters"))).await;
    assert_eq!(parameters.at("/timeZoneSettings/0/name"), "Eastern Standard Time");
    assert_eq!(parameters.at("/timeZoneSettings/0/startTime"), "10:00");
}

#[tokio::test]
async fn times_of_day_are_refused_as_the_tenant_has_it() {
    let caller = Caller::prepared().await;
    let path = format!("/skills/{SKILL}/parameters/time-zones");
    let put = async |traits: Value, start: &str, end: &str| {
        caller.change_traits(&json!({ "hours": traits }));
        let mut body = asks::zones();
        body["timeZoneSettings"][0]["startTime"] = json!(start);
        body["timeZoneSettings"][0]["endTime"] = json!(end);
        caller.ask(&with_body(Method::PUT, &path, body)).await.status
    };
    assert_eq!(put(json!({}), "10:00", "23:59").await, 200);
    assert_eq!(put(json!({}), "10:00:00", "12:00:00").await, 400);
    assert_eq!(put(json!({}), "10:00", "24:00").await, 400);
    assert_eq!(put(json!({}), "22:00", "06:00").await, 400);
    assert_eq!(put(json!({}), "25:00", "26:00").await, 400);
    assert_eq!(put(json!({ "midnight": "accepted" }), "10:00", "24:00").await, 200);
    assert_eq!(put(json!({ "endBeforeStart": "accepted" }), "22:00", "06:00").await, 200);
    assert_eq!(put(json!({ "times": "secondsAlone" }), "10:00", "12:00").await, 400);
    assert_eq!(put(json!({ "times": "secondsAlone" }), "10:00:00", "12:00:00").await, 200);
    let mut body = asks::zones();
    body["timeZoneSettings"][0]["standardName"] = json!("America/New_York");
    assert_eq!(caller.ask(&with_body(Method::PUT, &path, body)).await.status, 400);
}

#[tokio::test]
async fn a_skill_starts_and_stops() {
    let caller = Caller::prepared().await;
    let (start, stop) = (format!("/skills/{SKILL}/start"), format!("/skills/{SKILL}/stop"));
    let running = async || caller.ask(&get(&format!("/skills/{SKILL}"))).await.at("/isRunning");
    assert!(running().await.is_null());
    for _ in 0..2 {
        assert_eq!(caller.ask(&bare(&start)).await.status, 200);
        assert_eq!(running().await, true);
    }
    caller.change_traits(&json!({ "skills": { "repeated": "refused", "done": "noContent" } }));
    assert_eq!(caller.ask(&bare(&start)).await.status, 400);
    assert_eq!(caller.ask(&bare(&stop)).await.status, 204);
    assert!(running().await.is_null());
    assert_eq!(caller.ask(&bare(&stop)).await.status, 400);
}

#[tokio::test]
async fn a_skill_of_another_kind_has_no_parameters() {
    let caller = Caller::prepared().await;
    let ask = get(&format!("/skills/{SKILL}/parameters"));
    assert_eq!(caller.ask(&ask).await.status, 200);
    caller.change_traits(&json!({ "skills": { "parameters": false } }));
    assert_eq!(caller.ask_described(&ask).await.status, 404);
}

#[tokio::test]
async fn a_period_of_counts_is_rounded_and_limited_as_the_tenant_has_it() {
    let caller = Caller::prepared().await;
    {
        let mut tenant = caller.cxone.tenant();
        let contact = tenant.contacts.get_mut(&CONTACT).expect("it was added");
        contact.started = Utc.with_ymd_and_hms(2026, 3, 2, 10, 5, 0).single().expect("an instant");
    }
    let dials = async |period: &str| {
        let reply = caller.ask(&get(&format!("/skills/summary?{period}"))).await;
        (reply.status, reply.at("/skillSummaries/0/dials"))
    };
    let odd = "startDate=2026-03-02T10:10:00Z&endDate=2026-03-03T10:00:00Z";
    assert_eq!(dials(odd).await, (200, Value::Null));
    caller.change_traits(&json!({ "contacts": { "summariesRounded": true } }));
    assert_eq!(dials(odd).await, (200, json!(1)));
    caller.change_traits(&json!({ "contacts": { "summariesDaysMax": 1 } }));
    assert_eq!(dials(&odd.replace("03-03", "03-04")).await.0, 400);
    assert_eq!(dials(odd).await.0, 200);
}

#[tokio::test]
async fn what_does_not_exist_is_answered_as_the_tenant_has_it() {
    let caller = Caller::prepared().await;
    for (value, expected) in [("notFound", 404), ("badRequest", 400), ("noContent", 204)] {
        caller.change_traits(&json!({
            "skills": { "unknown": value }, "contacts": { "unknown": value },
        }));
        assert_eq!(caller.ask(&get("/skills/1")).await.status, expected);
        assert_eq!(caller.ask(&get("/contacts/1")).await.status, expected);
    }
}

#[tokio::test]
async fn a_contact_has_its_number_nested_or_at_the_top() {
    let caller = Caller::prepared().await;
    let ask = get(&format!("/contacts/{CONTACT}?fields=contactId,toAddress"));
    let nested = json!({ "contactId": CONTACT, "toAddress": "2025550142" });
    assert_eq!(caller.ask(&ask).await.at("/contactId"), nested);
    caller.change_traits(&json!({ "contacts": { "details": "top" } }));
    assert_eq!(caller.ask(&ask).await.body, Some(nested));
}

#[tokio::test]
async fn completed_contacts_come_late_and_again_with_a_disposition() {
    let caller = Caller::prepared().await;
    let since = caller.cxone.tenant().now;
    {
        let mut tenant = caller.cxone.tenant();
        let contact = tenant.contacts.get_mut(&CONTACT).expect("it was added");
        contact.ended = since;
        contact.disposition = Some((3001, since + TimeDelta::minutes(5)));
    }
    let completed = async |more: &str| {
        let path = format!("/contacts/completed?skillId={SKILL}{more}");
        caller.ask_described(&get(&path)).await
    };
    caller.change_traits(&json!({ "contacts": { "lateS": 60 } }));
    assert_eq!(completed("").await.status, 204);
    caller.advance(60);
    let first = completed("").await;
    assert_eq!(first.at("/totalRecords"), 1);
    assert!(first.at("/completedContacts/0/primaryDispositionId").is_null());
    let cursor = (since + TimeDelta::minutes(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let again = format!("&updatedSince={cursor}");
    assert_eq!(completed(&again).await.status, 204);
    caller.advance(300);
    assert_eq!(completed(&again).await.at("/completedContacts/0/primaryDispositionId"), 3001);
    caller.change_traits(
        &json!({ "contacts": { "lateDisposition": "unnoticed", "nothing": "empty" } }),
    );
    let unnoticed = completed(&again).await;
    assert_eq!((unnoticed.status, unnoticed.at("/totalRecords")), (200, json!(0)));
    caller.change_traits(&json!({ "contacts": { "total": "missing" } }));
    assert!(completed("").await.at("/totalRecords").is_null());
}

#[tokio::test]
async fn tags_and_dispositions_are_written_as_the_tenant_allows() {
    let caller = Caller::prepared().await;
    let tag =
        |id: i64| post(&format!("/contacts/{CONTACT}/tags"), json!({ "tags": [{ "tagId": id }] }));
    let tags = || caller.cxone.tenant().contacts[&CONTACT].tags.iter().copied().collect::<Vec<_>>();
    assert_eq!(caller.ask(&tag(1)).await.at("/resultSet/errorCount"), "0");
    caller.ask(&tag(2)).await;
    assert_eq!(tags(), [1, 2]);
    assert_eq!(caller.ask(&tag(99)).await.at("/resultSet/errorCount"), "1");
    caller.change_traits(&json!({ "contacts": { "tags": "replaced", "errorCount": "number" } }));
    assert_eq!(caller.ask(&tag(3)).await.at("/resultSet/errorCount"), 0);
    assert_eq!(tags(), [3]);
    caller.change_traits(&json!({ "contacts": { "tagsOnEnded": "refused" } }));
    assert_eq!(caller.ask(&tag(1)).await.status, 400);

    let body = json!({ "dispositionInfo": { "skill": "1", "dispositionCode": "3002" } });
    let set = post(&format!("/contacts/{CONTACT}/set-disposition"), body);
    assert_eq!(caller.ask(&set).await.status, 400);
    caller.change_traits(&json!({ "contacts": { "dispositionOnEnded": "accepted" } }));
    assert_eq!(caller.ask(&set).await.status, 200);
    let read = caller.ask(&get(&format!("/contacts/{CONTACT}/disposition"))).await;
    assert_eq!(read.at("/dispositionName"), "Callback");
}

#[tokio::test]
async fn business_data_of_a_call_is_written_once_it_has_ended() {
    let caller = Caller::prepared().await;
    let path = format!("//business-data-manager/v1/business-data/contact/{CONTACT}");
    let write = with_body(Method::PUT, &path, json!([{ "name": "a", "value": "b" }]));
    assert_eq!(caller.ask_described(&write).await.status, 200);
    let written = || caller.cxone.tenant().contacts[&CONTACT].business_data.len();
    assert_eq!(written(), 1);
    caller.change_traits(&json!({ "contacts": { "businessDataOnEnded": "refused" } }));
    let more = json!([{ "name": "a", "value": "b" }, { "name": "c", "value": "d" }]);
    assert_eq!(caller.ask_described(&with_body(Method::PUT, &path, more)).await.status, 400);
    assert_eq!(written(), 1);
}

#[tokio::test]
async fn a_skill_may_have_no_outcomes() {
    let caller = Caller::prepared().await;
    let ask = get(&format!("/skills/{SKILL}/dispositions"));
    assert_eq!(caller.ask_described(&ask).await.status, 200);
    caller.cxone.tenant().skills.get_mut(&SKILL).expect("a skill").dispositions = 0;
    assert_eq!(caller.ask_described(&ask).await.status, 204);
}

#[tokio::test]
async fn a_text_is_sent_each_time_unless_its_trace_id_counts() {
    let caller = Caller::prepared().await;
    let ask = post("//dfo/3.0/channels/sms_sandbox-sms_12025550100/outbound", asks::text());
    let send = async || reply(caller.request(&ask).header("X-Trace-Id", "1")).await;
    let (first, second) = (send().await, send().await);
    assert_ne!(first.at("/message/id"), second.at("/message/id"));
    caller.change_traits(&json!({ "texts": { "trace": "deduplicates", "foundAfterS": 2 } }));
    assert_eq!(send().await.at("/message/id"), first.at("/message/id"));
    assert_eq!(caller.cxone.tenant().texts.len(), 2);
    let find = get("//dfo/3.0/messages?contentContains=1B4E28BA");
    assert_eq!(caller.ask(&find).await.at("/hits"), 0);
    caller.advance(2);
    assert_eq!(caller.ask(&find).await.at("/hits"), 2);
    assert_eq!(caller.ask(&get("//dfo/3.0/messages?contentContains=other")).await.at("/hits"), 0);
}

#[tokio::test]
async fn a_text_is_refused_as_the_tenant_has_it() {
    let caller = Caller::prepared().await;
    let send = async |traits: Value, body: &Value| {
        caller.cxone.tenant().traits = Traits::default();
        caller.change_traits(&json!({ "texts": traits }));
        let path = "//dfo/3.0/channels/sms_sandbox-sms_12025550100/outbound";
        caller.ask_described(&post(path, body.clone())).await.status
    };
    let mut digits = asks::text();
    digits["recipients"][0]["idOnExternalPlatform"] = json!("12025550142");
    assert_eq!(send(json!({}), &digits).await, 200);
    assert_eq!(send(json!({ "recipient": "withPlus" }), &digits).await, 400);
    assert_eq!(send(json!({ "recipient": "digits" }), &digits).await, 200);
    assert_eq!(send(json!({ "recipient": "digits" }), &asks::text()).await, 400);
    let mut fewer = asks::text();
    fewer.as_object_mut().expect("an object").remove("thread");
    fewer["recipients"][0].as_object_mut().expect("an object").remove("isPrivate");
    assert_eq!(send(json!({}), &fewer).await, 200);
    assert_eq!(send(json!({ "thread": true }), &fewer).await, 400);
    assert_eq!(send(json!({ "members": true }), &fewer).await, 400);
}

#[tokio::test]
async fn actuals_have_the_form_of_the_tenant() {
    let caller = Caller::prepared().await;
    let period = "startDate=2026-03-02T00:00:00Z&endDate=2026-03-03T00:00:00Z";
    let ask = get(&format!("/wfm-data/skills/agent-performance?{period}"));
    for (form, expected) in [
        ("utc", json!("2026-03-02T15:00:00.000Z")),
        ("bare", json!("2026-03-02T10:00:00")),
        ("number", json!(10.0)),
    ] {
        caller.change_traits(&json!({ "capacity": { "halfHour": form } }));
        assert_eq!(caller.ask(&ask).await.at("/skillsPerformance/0/halfHour"), expected);
    }
    let outside = ask.path.replace("2026-03-02T00", "2026-03-02T16");
    assert_eq!(caller.ask(&Ask { path: outside, ..ask }).await.at("/skillsPerformance"), json!([]));
}

#[tokio::test]
async fn pages_are_ordered_and_cut() {
    let caller = Caller::prepared().await;
    let ids = async |query: &str| {
        let rows = caller.ask(&get(&format!("/skills?fields=skillId&{query}"))).await.at("/skills");
        rows.as_array().expect("rows").iter().map(|row| row["skillId"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids("orderBy=skillId%20desc").await, [SKILL, CALLBACK_SKILL]);
    assert_eq!(ids("orderBy=skillId&top=1").await, [CALLBACK_SKILL]);
    assert_eq!(ids("orderBy=skillId&skip=1").await, [SKILL]);
}

#[tokio::test]
async fn a_wrong_record_is_refused_alone_or_with_all_others_or_not_at_all() {
    let caller = Caller::prepared().await;
    let with = async |wrong: &str| {
        caller.change_traits(&json!({ "dnc": { "wrong": wrong } }));
        let reply = caller.ask_described(&add(&[ONE, 911])).await;
        (reply.status, reply.at("/resultSet/errorCount"))
    };
    assert_eq!(with("alone").await, (200, json!(1)));
    assert_eq!(with("all").await, (400, Value::Null));
    assert_eq!(with("accepted").await, (200, json!(0)));
}

#[tokio::test]
async fn hours_are_limited_ignored_or_forbidden_as_the_tenant_has_it() {
    let caller = Caller::prepared().await;
    let path = format!("/skills/{SKILL}/parameters/time-zones");
    let put = async |traits: Value, end: &str, overrides: bool| {
        caller.cxone.tenant().traits = Traits::default();
        caller.change_traits(&json!({ "hours": traits }));
        let mut body = asks::zones();
        body["timeZoneSettings"][0]["endTime"] = json!(end);
        body["timeZoneSettings"][0]["overrideTime"] = json!(overrides);
        let status = caller.ask_described(&with_body(Method::PUT, &path, body)).await.status;
        let end = caller.ask(&get(&path)).await.at("/timeZoneSettings/0/endTime");
        (status, end.as_str().unwrap_or_default().to_owned())
    };
    let ended = |status: u16, end: &str| (status, end.to_owned());
    let beyond = |beyond: &str| json!({ "beyondBusinessUnit": beyond });
    assert_eq!(put(beyond("accepted"), "22:00", false).await, ended(200, "22:00"));
    assert_eq!(put(beyond("refused"), "23:00", true).await, ended(400, "22:00"));
    assert_eq!(put(beyond("overriding"), "23:00", false).await, ended(400, "22:00"));
    assert_eq!(put(beyond("overriding"), "23:00", true).await, ended(200, "23:00"));
    assert_eq!(put(beyond("refused"), "21:00", false).await, ended(200, "21:00"));
    assert_eq!(put(json!({ "put": "ignored" }), "20:00", false).await, ended(200, "21:00"));
    assert_eq!(put(json!({ "putsMax": 7 }), "20:00", false).await, ended(200, "20:00"));
    assert_eq!(put(json!({ "putsMax": 7 }), "19:00", false).await, ended(403, "20:00"));
}

#[tokio::test]
async fn a_start_and_a_stop_may_show_late() {
    let caller = Caller::prepared().await;
    caller.change_traits(&json!({ "skills": { "runningAfterS": 60 } }));
    let running = async || caller.ask(&get(&format!("/skills/{SKILL}"))).await.at("/isRunning");
    caller.ask(&bare(&format!("/skills/{SKILL}/start"))).await;
    assert!(running().await.is_null());
    caller.advance(60);
    assert_eq!(running().await, true);
    caller.ask(&bare(&format!("/skills/{SKILL}/stop"))).await;
    assert_eq!(running().await, true);
    caller.advance(60);
    assert!(running().await.is_null());
}

#[tokio::test]
async fn pages_of_contacts_are_ordered_cut_and_limited_as_the_tenant_has_it() {
    let caller = Caller::prepared().await;
    {
        let mut tenant = caller.cxone.tenant();
        let now = tenant.now;
        tenant.add_contact(CONTACT + 1, None);
        for (id, minutes) in [(CONTACT, 5), (CONTACT + 1, 9)] {
            let contact = tenant.contacts.get_mut(&id).expect("it was added");
            (contact.started, contact.disposition) = (now - TimeDelta::hours(1), None);
            contact.ended = now - TimeDelta::minutes(minutes);
        }
    }
    let ids = async |traits: Value, query: &str| {
        caller.cxone.tenant().traits = Traits::default();
        caller.change_traits(&json!({ "contacts": traits }));
        let path = format!("/contacts/completed?orderBy=lastUpdateTime%20asc&{query}");
        let rows = caller.ask_described(&get(&path)).await.at("/completedContacts");
        let rows = rows.as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| row["contactId"].as_i64().expect("an id")).collect::<Vec<_>>()
    };
    assert_eq!(ids(json!({}), "top=9").await, [CONTACT + 1, CONTACT]);
    assert_eq!(ids(json!({ "order": "ignored" }), "top=9").await, [CONTACT, CONTACT + 1]);
    assert_eq!(ids(json!({}), "skip=1").await, [CONTACT]);
    assert_eq!(ids(json!({ "skip": "ignored" }), "skip=1").await, [CONTACT + 1, CONTACT]);

    let status = async |traits: Value, period: &str| {
        caller.cxone.tenant().traits = Traits::default();
        caller.change_traits(&json!({ "contacts": traits }));
        caller.ask_described(&get(&format!("/contacts/completed?{period}"))).await.status
    };
    let days = "startDate=2026-03-02T10:00:00Z&endDate=2026-03-04T10:00:00Z";
    assert_eq!(status(json!({}), days).await, 204);
    assert_eq!(status(json!({ "daysMax": 1 }), days).await, 400);
    let odd = days.replace("02T10:00", "02T10:07");
    assert_eq!(status(json!({}), &odd).await, 204);
    assert_eq!(status(json!({ "oddPeriods": "refused" }), &odd).await, 400);
    assert_eq!(status(json!({ "oddPeriods": "refused" }), days).await, 204);
}

#[tokio::test]
async fn a_direction_that_there_is_not_is_refused() {
    let caller = Caller::prepared().await;
    let ask = get("//dfo/3.0/messages?direction=sideways");
    let reply = caller.ask_described(&ask).await;
    assert_eq!((reply.status, reply.at("/errors/0/field")), (400, json!("")));
}
