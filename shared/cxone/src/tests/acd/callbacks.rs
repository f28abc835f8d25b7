//! Callbacks, of which there is never a second one.

use proptest::prelude::*;
use std::sync::Mutex;

use super::{super::callbacks::schedule_after, tenant::Answer, *};

const NOTES: &str = "ref 6f0c3a52-7c1e-5b0a-9d53-4f5f2f1d0198 | 2025-11-03T09:30:00Z to 2025-11-03T12:00:00Z | es-US";

fn callback() -> Callback {
    Callback { campaign: SKILL.to_owned(), ..super::super::callbacks::callback() }
}

fn dispatch() -> DateTime<Utc> {
    callback().dispatch
}

async fn schedule(client: &Client) -> Result<Scheduled, Error> {
    schedule_after(client, &callback(), -60).await
}

fn stored(last_name: &str, number: &str, notes: &str) -> Value {
    json!({
        "callbackId": 5, "target": "S", "skillId": 4_271_306, "agentId": -1,
        "firstName": "Callback", "lastName": last_name, "dialNumber": number, "notes": notes,
        "callbackTime": "2025-11-03T10:00:00.000Z",
    })
}

fn list(callbacks: &[Value]) -> Answer {
    ok(json!({ "callbacks": callbacks }))
}

#[tokio::test]
async fn a_callback_is_a_commitment_of_the_campaigns_first_skill() {
    for (settings, skill, number, agent) in [
        (vec![], 4_271_306, "2025550000", None),
        (vec![("CXONE_SKILLS", "4271306=9+8")], 9, "2025550000", None),
        (vec![("CXONE_NUMBER_FORMAT", "international")], 4_271_306, "12025550000", None),
        (vec![("CXONE_CALLBACK_AGENT", "empty")], 4_271_306, "2025550000", Some(json!(""))),
        (vec![("CXONE_CALLBACK_AGENT", "77")], 4_271_306, "2025550000", Some(json!(77))),
    ] {
        for answer in [
            ok(json!({ "callbackId": 5 })),
            empty(202),
            empty(201).odd(),
            empty(200).text("<html>"),
        ] {
            let tenant = Tenant::new().await;
            tenant.script("callbacksOfSkill", [list(&[])]);
            tenant.script("createCallback", [answer]);
            assert_eq!(schedule(&tenant.client(&settings)).await, Ok(Scheduled::At(dispatch())));
            let [request] = &tenant.requests("createCallback")[..] else { panic!("one request") };
            let mut expected = json!({
                "firstName": "Callback",
                "lastName": REFERENCE,
                "phoneNumber": number,
                "skillId": skill,
                "scheduleDate": "2025-11-03T10:00:00.000Z",
                "notes": NOTES,
            });
            if let Some(agent) = agent.clone() {
                expected["targetAgentId"] = agent;
            }
            assert_eq!(body(request), expected);
        }
    }
}

#[tokio::test]
async fn a_number_abroad_has_its_plus() {
    let tenant = Tenant::new().await;
    tenant.script("callbacksOfSkill", [empty(204)]);
    tenant.script("createCallback", [ok(json!({ "callbackId": 5 }))]);
    let number = "+442079460123".parse().expect("a number");
    let callback = Callback { number, ..callback() };
    schedule_after(&tenant.client(&[]), &callback, -60).await.expect("it is booked");
    assert_eq!(body(&tenant.requests("createCallback")[0])["phoneNumber"], "+442079460123");
}

#[tokio::test]
async fn a_callback_that_is_listed_is_not_made_again() {
    let cut: String = NOTES.chars().take(20).collect();
    let another = "ref 11111111-1111-4111-8111-111111111111 |";
    for (found, expected) in [
        // By its notes, whoever the names are.
        (stored("Smith", "2025550000", NOTES), Some(Scheduled::At(dispatch()))),
        (stored("Smith", "(202) 555-0000", NOTES), Some(Scheduled::At(dispatch()))),
        // By its reference and its number, where notes are cut.
        (stored(REFERENCE, "+12025550000", &cut), Some(Scheduled::At(dispatch()))),
        (stored("6f0c3a52", "12025550000", ""), Some(Scheduled::At(dispatch()))),
        // The id is that of another callback.
        (stored(REFERENCE, "2025550001", NOTES), Some(Scheduled::IdTaken)),
        // Others.
        (stored(REFERENCE, "2025550001", ""), None),
        (stored(REFERENCE, "2025550000", another), None),
        (stored("Smith", "2025550000", ""), None),
    ] {
        let tenant = Tenant::new().await;
        tenant.script(
            "callbacksOfSkill",
            [list(&[stored("Other", "2025550009", ""), found.clone()])],
        );
        tenant.script("createCallback", [ok(json!({ "callbackId": 6 }))]);
        let scheduled = schedule(&tenant.client(&[])).await;
        assert_eq!(scheduled, Ok(expected.unwrap_or(Scheduled::At(dispatch()))), "{found}");
        assert_eq!(
            tenant.requests("createCallback").len(),
            usize::from(expected.is_none()),
            "{found}"
        );
    }
}

/// A call of the skill that is over.
fn called(number: &str, is_outbound: bool) -> Value {
    json!({ "contactId": 7, "isOutbound": is_outbound, "toAddress": number })
}

#[tokio::test]
async fn a_callback_whose_time_is_over_is_looked_for_among_the_calls_before_it_is_booked_anew() {
    use Earlier::{Nothing, Settled, UnderWay};
    let ours = called("2025550000", true);
    let under_way = Err("ambiguous");
    for (earlier, minutes, calls, expected, bookings) in [
        // It was made.
        (Settled, 1, vec![called("2025550001", true), ours.clone()], Ok(()), 0),
        (Settled, 600, vec![ours.clone()], Ok(()), 0),
        // An agent may have it.
        (Settled, 0, vec![], under_way, 0),
        (Settled, 59, vec![called("2025550001", true), called("2025550000", false)], under_way, 0),
        // It was never booked.
        (Settled, 60, vec![], Err("invalid"), 0),
        // It may be booked, at its time or as the tenant likes.
        (Settled, -1, vec![ours.clone()], Ok(()), 1),
        // It surely is not, and could be offered to an agent at once, whatever the hour.
        (Nothing, 0, vec![], Err("invalid"), 0),
        (Nothing, 270, vec![ours], Err("invalid"), 0),
        (Nothing, -1, vec![], Ok(()), 1),
        // An earlier attempt may still book it.
        (UnderWay, -60, vec![], under_way, 0),
        (UnderWay, 600, vec![called("2025550001", true)], under_way, 0),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("callbacksOfSkill", [empty(204)]);
        tenant.script("createCallback", [ok(json!({ "callbackId": 5 }))]);
        let page = json!({ "completedContacts": calls, "totalRecords": calls.len() });
        tenant.script("completedContacts", [ok(page)]);
        let (client, callback) = (tenant.client(&[]), Callback { earlier, ..callback() });
        let scheduled = schedule_after(&client, &callback, minutes).await;
        let told = scheduled.map(drop).map_err(|error| match error {
            Error::Ambiguous { .. } => "ambiguous",
            Error::Invalid { .. } => "invalid",
            other => panic!("{other}"),
        });
        assert_eq!(told, expected, "{minutes}");
        assert_eq!(tenant.requests("createCallback").len(), bookings, "{minutes}");
    }
}

#[tokio::test]
async fn a_call_is_found_on_any_page() {
    let tenant = Tenant::new().await;
    tenant.script("callbacksOfSkill", [empty(204)]);
    let page =
        |number| ok(json!({ "completedContacts": [called(number, true)], "totalRecords": 2 }));
    tenant.script("completedContacts", [page("2025550001"), page("2025550000")]);
    let (client, callback) =
        (tenant.client(&[]), Callback { earlier: Earlier::Settled, ..callback() });
    let scheduled = schedule_after(&client, &callback, 5).await;
    assert_eq!(scheduled, Ok(Scheduled::At(dispatch())));
    let skips: Vec<String> = tenant
        .requests("completedContacts")
        .iter()
        .map(|request| request.url.query().unwrap_or_default().to_owned())
        .collect();
    assert!(skips[0].contains("skip=0") && skips[1].contains("skip=1"), "{skips:?}");
}

#[tokio::test]
async fn nothing_is_booked_anew_while_the_calls_cannot_be_read() {
    for page in [
        json!({ "completedContacts": ["no call"], "totalRecords": 1 }),
        json!({ "totalRecords": 1 }),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("callbacksOfSkill", [empty(204)]);
        tenant.script("completedContacts", [ok(page).odd()]);
        let earlier = Earlier::Settled;
        let (client, callback) = (tenant.client(&[]), Callback { earlier, ..callback() });
        let scheduled = schedule_after(&client, &callback, 120).await;
        assert!(matches!(scheduled, Err(Error::Unexpected { .. })), "{scheduled:?}");
    }
}

#[tokio::test]
async fn what_was_booked_first_stands() {
    for (time, expected) in [
        (json!("2025-11-03T09:45:00Z"), "2025-11-03T09:45:00Z"),
        (json!("2025-11-03T09:45:00"), "2025-11-03T09:45:00Z"),
        (json!("soon"), "2025-11-03T10:00:00Z"),
    ] {
        let tenant = Tenant::new().await;
        let mut found = stored("Smith", "2025550000", NOTES);
        found["callbackTime"] = time;
        tenant.script("callbacksOfSkill", [list(&[found])]);
        let scheduled = schedule(&tenant.client(&[])).await;
        assert_eq!(scheduled, Ok(Scheduled::At(instant(expected))));
    }
}

/// Result of a write.
#[derive(Debug, Clone, Copy)]
enum Write {
    /// It is done, and this is the answer.
    Done(u16),
    /// It is not done, and this is the answer.
    NotDone(u16),
    /// It is done, and the answer is lost.
    Lost,
}

/// A skill with a list that shows a callback after some reads.
struct Skill {
    booked: Mutex<Vec<Value>>,
    /// Reads that do not show it yet.
    lags_for: Mutex<usize>,
}

/// A tenant whose first writes go as told, and then well.
async fn tenant_of(
    writes: Vec<Write>,
    lag: usize,
    shows: fn(Value) -> Value,
) -> (Tenant, Arc<Skill>) {
    let tenant = Tenant::new().await;
    let skill = Arc::new(Skill { booked: Mutex::default(), lags_for: Mutex::new(lag) });
    let (reading, writing) = (Arc::clone(&skill), Arc::clone(&skill));
    let writes = Mutex::new(writes.into_iter());
    tenant.on("createCallback", move |request| {
        let next = writes.lock().expect("no panic").next().unwrap_or(Write::Done(200));
        if !matches!(next, Write::NotDone(_)) {
            let sent = body(request);
            let number = sent["phoneNumber"].as_str().expect("a number");
            let (name, notes) = (&sent["lastName"], &sent["notes"]);
            let row =
                stored(name.as_str().expect("a name"), number, notes.as_str().expect("notes"));
            writing.booked.lock().expect("no panic").push(shows(row));
        }
        match next {
            Write::Lost => lost(),
            Write::Done(status) | Write::NotDone(status) => empty(status),
        }
    });
    tenant.on("callbacksOfSkill", move |_| {
        let booked = reading.booked.lock().expect("no panic");
        let mut lags_for = reading.lags_for.lock().expect("no panic");
        if !booked.is_empty() && *lags_for > 0 {
            *lags_for -= 1;
            return empty(204);
        }
        list(&booked)
    });
    (tenant, skill)
}

#[tokio::test]
async fn a_write_that_may_have_been_done_is_looked_for_and_not_repeated() {
    for write in [
        Write::Lost,
        Write::Done(408),
        Write::Done(500),
        Write::Done(502),
        Write::Done(503),
        Write::Done(504),
    ] {
        for lag in [0, 1] {
            let (tenant, skill) = tenant_of(vec![write], lag, |row| row).await;
            let scheduled = schedule(&tenant.client(&[])).await;
            assert_eq!(scheduled, Ok(Scheduled::At(dispatch())), "{write:?} {lag}");
            assert_eq!(skill.booked.lock().expect("no panic").len(), 1, "{write:?} {lag}");
            assert_eq!(tenant.requests("createCallback").len(), 1);
        }
    }
}

#[tokio::test]
async fn a_write_that_cannot_be_found_is_ambiguous_and_the_next_request_finds_it() {
    for write in [Write::Lost, Write::Done(504), Write::NotDone(504), Write::NotDone(503)] {
        let (tenant, skill) = tenant_of(vec![write], 2, |row| row).await;
        let client = tenant.client(&[]);
        let error = schedule(&client).await.expect_err("it cannot be found");
        assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
        assert_eq!(tenant.requests("createCallback").len(), 1, "{write:?}");
        assert_eq!(schedule(&client).await, Ok(Scheduled::At(dispatch())), "{write:?}");
        assert_eq!(skill.booked.lock().expect("no panic").len(), 1, "{write:?}");
    }
}

#[tokio::test]
async fn a_write_that_cxone_did_not_take_is_repeated() {
    for limit in [empty(429), empty(429).header("Retry-After", "0")] {
        let tenant = Tenant::new().await;
        tenant.script("callbacksOfSkill", [list(&[])]);
        tenant.script("createCallback", [limit, ok(json!({ "callbackId": 5 }))]);
        assert_eq!(schedule(&tenant.client(&[])).await, Ok(Scheduled::At(dispatch())));
        assert_eq!(tenant.requests("createCallback").len(), 2);
    }
}

#[tokio::test]
async fn nothing_is_booked_while_the_list_cannot_be_read() {
    for answer in [
        empty(500),
        empty(403),
        empty(404),
        empty(200).text("<html>"),
        empty(200).text(r#"{"callbacks":["one"]}"#),
        empty(200).text(r#"{"callbacks":{"callbackId":5}}"#),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("callbacksOfSkill", [answer.clone()]);
        assert!(schedule(&tenant.client(&[])).await.is_err(), "{answer:?}");
        assert!(tenant.requests("createCallback").is_empty(), "{answer:?}");
    }
}

#[tokio::test]
async fn a_campaign_without_a_skill_is_refused_before_anything_is_sent() {
    let tenant = Tenant::new().await;
    let callback = Callback { campaign: "spring".to_owned(), ..callback() };
    let refused = tenant.client(&[]).schedule_callback(&callback, soon()).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    assert!(tenant.operations().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is lost or fails, and whatever a tenant does to names and notes as long as it keeps
    /// one of them: there is never a second callback if the list shows the first by the time of
    /// the next request.
    #[test]
    fn there_is_never_a_second_callback(
        kinds in proptest::collection::vec(0..5_u8, 0..4),
        lag in 0..3_usize,
        keeps in 0..3_u8,
    ) {
        let writes = kinds.iter().map(|kind| match kind {
            0 => Write::Lost,
            1 => Write::Done(504),
            2 => Write::NotDone(504),
            3 => Write::NotDone(500),
            _ => Write::Done(200),
        });
        let shows: fn(Value) -> Value = match keeps {
            0 => |row| row,
            1 => |mut row| { row["lastName"] = json!("Smith"); row },
            _ => |mut row| { row["notes"] = json!("ref 6f0c3a5"); row },
        };
        let writes: Vec<Write> = writes.collect();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (booked, last) = runtime.block_on(async {
            let (tenant, skill) = tenant_of(writes.clone(), lag, shows).await;
            let client = tenant.client(&[]);
            let mut last = Err(Error::out_of_time());
            for _ in 0..=writes.len() {
                last = schedule(&client).await;
                *skill.lags_for.lock().expect("no panic") = 0;
            }
            let booked = skill.booked.lock().expect("no panic").len();
            (booked, last)
        });
        prop_assert_eq!(booked, 1, "{:?}", writes);
        prop_assert_eq!(last, Ok(Scheduled::At(dispatch())));
    }
}

mod withdrawal {
    use super::*;

    async fn withdraw(client: &Client) -> Result<(), Error> {
        client.withdraw_callback(SKILL, ID, soon()).await
    }

    #[tokio::test]
    async fn a_callback_is_deleted_by_the_id_that_the_list_shows() {
        for (found, deleted) in [
            (stored("Smith", "2025550000", NOTES), empty(200)),
            (stored(REFERENCE, "2025550000", "ref 6f0c"), empty(204)),
            (stored("Smith", "2025550000", NOTES), empty(404)),
        ] {
            let tenant = Tenant::new().await;
            tenant.script("callbacksOfSkill", [list(&[stored("Other", "2025550009", ""), found])]);
            tenant.script("deleteCallback", [deleted]);
            assert_eq!(withdraw(&tenant.client(&[])).await, Ok(()));
            let [request] = &tenant.requests("deleteCallback")[..] else { panic!("one request") };
            assert!(request.url.path().ends_with("/scheduled-callbacks/5"), "{}", request.url);
        }
    }

    #[tokio::test]
    async fn every_skill_of_the_campaign_is_looked_through() {
        let tenant = Tenant::new().await;
        tenant.script("callbacksOfSkill", [empty(204), list(&[stored("Smith", "1", NOTES)])]);
        tenant.script("deleteCallback", [empty(504), empty(204)]);
        let client = tenant.client(&[("CXONE_SKILLS", "4271306=9+8")]);
        assert_eq!(withdraw(&client).await, Ok(()));
        assert_eq!(tenant.requests("callbacksOfSkill").len(), 2);
    }

    #[tokio::test]
    async fn a_callback_that_is_there_twice_is_withdrawn_twice() {
        let tenant = Tenant::new().await;
        let mut second = stored("Smith", "2025550000", NOTES);
        second["callbackId"] = json!(6);
        tenant.script("callbacksOfSkill", [list(&[stored("Smith", "1", NOTES), second])]);
        tenant.script("deleteCallback", [empty(204)]);
        assert_eq!(withdraw(&tenant.client(&[])).await, Ok(()));
        let deleted = tenant.requests("deleteCallback");
        let paths: Vec<&str> = deleted.iter().map(|request| request.url.path()).collect();
        let path = |id| format!("/incontactapi/services/v25.0/scheduled-callbacks/{id}");
        assert_eq!(paths, [path(5), path(6)]);
    }

    #[tokio::test]
    async fn what_is_not_listed_is_not_found_and_a_refusal_is_not_hidden() {
        let tenant = Tenant::new().await;
        tenant.script("callbacksOfSkill", [list(&[stored("Other", "2025550000", "")])]);
        let missing = withdraw(&tenant.client(&[])).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        tenant.script("callbacksOfSkill", [list(&[stored("Smith", "2025550000", NOTES)])]);
        tenant.script("deleteCallback", [empty(403)]);
        let refused = withdraw(&tenant.client(&[])).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    }
}

mod capacity {
    use super::*;

    const PLAN: (&str, &str) =
        ("CXONE_CAPACITY", "4271306 mon 09-12 UTC 6; 4271306 mon 11-12 UTC 2; 8 mon 10-11 UTC 1.5");
    const BOTH: (&str, &str) = ("CXONE_SKILLS", "spring=4271306+8");

    async fn hours(tenant: &Tenant, settings: &[(&str, &str)], now: &str) -> Vec<(u32, f64)> {
        let window = instant("2025-11-03T09:30:00Z")..instant("2025-11-03T12:30:00Z");
        let client = tenant.client(settings);
        let hours = at(now, client.capacity("spring", &window, soon())).await.expect("a forecast");
        hours.iter().map(|hour| (chrono::Timelike::hour(&hour.start), hour.agents)).collect()
    }

    fn activity(rows: &Value) -> Answer {
        ok(json!({ "totalRecords": 2, "skillActivity": rows }))
    }

    #[tokio::test]
    async fn the_agents_of_a_campaign_are_those_of_its_skills_by_the_plan() {
        let tenant = Tenant::new().await;
        let expected = [(9, 6.0), (10, 7.5), (11, 2.0), (12, 0.0)];
        assert_eq!(hours(&tenant, &[PLAN, BOTH], "2025-11-01T00:00:00Z").await, expected);
        assert!(tenant.operations().is_empty());
    }

    #[tokio::test]
    async fn without_a_plan_there_is_no_forecast() {
        let tenant = Tenant::new().await;
        for settings in [vec![BOTH], vec![PLAN, ("CXONE_SKILLS", "spring=7")]] {
            assert_eq!(hours(&tenant, &settings, "2025-11-03T10:10:00Z").await, []);
        }
    }

    #[tokio::test]
    async fn the_hour_that_has_begun_has_no_more_agents_than_are_there() {
        for (answer, expected) in [
            (
                activity(
                    &json!([{ "skillId": 4_271_306, "agentsLoggedIn": 2 }, { "skillId": 8, "agentsLoggedIn": 9 }]),
                ),
                3.5,
            ),
            (activity(&json!([{ "skillId": 4_271_306, "agentsLoggedIn": 0 }])), 1.5),
            // A figure that is absent is not zero.
            (activity(&json!([{ "skillId": 4_271_306 }])), 7.5),
            (empty(403), 7.5),
            (empty(204).odd(), 7.5),
            (empty(200).text("<html>"), 7.5),
        ] {
            let tenant = Tenant::new().await;
            tenant.script("skillActivities", [answer.clone()]);
            let hours = hours(&tenant, &[PLAN, BOTH], "2025-11-03T10:59:59Z").await;
            assert_eq!(hours, [(9, 6.0), (10, expected), (11, 2.0), (12, 0.0)], "{answer:?}");
        }
    }
}
