//! Skills that are started and stopped, and calls that are over.

use super::{tenant::Answer, *};

fn skill(is_running: Option<bool>) -> Answer {
    ok(match is_running {
        Some(is_running) => json!({ "skillId": 4_271_306, "isRunning": is_running }),
        None => json!({ "skillId": 4_271_306 }),
    })
}

#[tokio::test]
async fn a_skill_runs_only_if_cxone_says_so() {
    for (answer, expected) in [
        (skill(Some(true)), true),
        (skill(Some(false)), false),
        // CXone is seen to write it only for skills that dial.
        (skill(None), false),
        (ok(json!({ "skills": [{ "isRunning": true }] })).odd(), true),
        (ok(json!({ "isRunning": "True" })).odd(), true),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("skill", [answer.clone()]);
        assert_eq!(tenant.client(&[]).is_running(SKILL, soon()).await, Ok(expected), "{answer:?}");
    }
    for answer in [empty(404), empty(400).odd(), empty(204).odd()] {
        let tenant = Tenant::new().await;
        tenant.script("skill", [answer]);
        let missing = tenant.client(&[]).is_running(SKILL, soon()).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
    }
}

#[tokio::test]
async fn a_skill_is_started_and_stopped_and_never_by_force() {
    let tenant = Tenant::new().await;
    tenant.script("startSkill", [empty(200), empty(204)]);
    tenant.script("stopSkill", [empty(204)]);
    let client = tenant.client(&[]);
    assert_eq!(client.start_skill(SKILL, soon()).await, Ok(()));
    assert_eq!(client.start_skill(SKILL, soon()).await, Ok(()));
    assert_eq!(client.stop_skill(SKILL, soon()).await, Ok(()));
    assert_eq!(tenant.operations(), ["startSkill", "startSkill", "stopSkill"]);
    assert_eq!(tenant.requests("stopSkill")[0].url.query(), None);
}

#[tokio::test]
async fn a_refusal_counts_only_if_the_skill_is_not_as_it_should_be() {
    for (status, runs, starts, stops) in
        [(400, true, true, false), (400, false, false, true), (409, true, true, false)]
    {
        let tenant = Tenant::new().await;
        for operation in ["startSkill", "stopSkill"] {
            tenant.script(operation, [empty(status)]);
        }
        tenant.script("skill", [skill(Some(runs))]);
        let client = tenant.client(&[]);
        assert_eq!(client.start_skill(SKILL, soon()).await.is_ok(), starts);
        assert_eq!(client.stop_skill(SKILL, soon()).await.is_ok(), stops);
    }
    let tenant = Tenant::new().await;
    tenant.script("startSkill", [empty(403)]);
    let refused = tenant.client(&[]).start_skill(SKILL, soon()).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
}

#[tokio::test]
async fn what_is_no_skill_is_never_started() {
    let tenant = Tenant::new().await;
    let client = tenant.client(&[("CXONE_SKILLS", "spring=9+8")]);
    assert_eq!(client.skills("spring"), Ok(vec!["9".to_owned(), "8".to_owned()]));
    assert!(matches!(client.skills("autumn"), Err(Error::Invalid { .. })));
    for id in ["spring", "", "..", "9/stop", "-9"] {
        let missing = client.start_skill(id, soon()).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{id}: {missing:?}");
    }
    assert!(tenant.operations().is_empty());
}

#[tokio::test]
async fn the_v2_api_has_no_skills() {
    let server = server().await;
    let client = super::super::client(&server);
    let since = instant("2026-11-02T15:00:00Z");
    let outcomes = [
        client.skills("spring").map(drop),
        client.is_running(SKILL, soon()).await.map(drop),
        client.start_skill(SKILL, soon()).await,
        client.stop_skill(SKILL, soon()).await,
        client.ended_calls(since, 0, soon()).await.map(drop),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(Error::Unsupported { .. })), "{outcome:?}");
    }
    assert!(server.received_requests().await.expect("they are recorded").is_empty());
}

mod ended_calls {
    use super::*;

    const NOW: &str = "2026-11-26T12:00:00Z";

    fn row(contact: u64, disposition: &Value) -> Value {
        json!({ "contactId": contact, "skillId": 4, "isOutbound": true,
            "primaryDispositionId": disposition, "lastUpdateTime": "2026-11-26T11:59:00.000Z" })
    }

    fn call(contact: &str, disposition: Option<&str>) -> EndedCall {
        EndedCall {
            contact: contact.to_owned(),
            disposition: disposition.map(str::to_owned),
            updated_at: instant("2026-11-26T11:59:00Z"),
        }
    }

    fn page(rows: &[Value]) -> Answer {
        ok(json!({ "totalRecords": 7, "completedContacts": rows, "lastPollTime": NOW }))
    }

    async fn read(
        tenant: &Tenant,
        settings: &[(&str, &str)],
        since: &str,
        skip: u64,
    ) -> Result<EndedCalls, Error> {
        let client = tenant.client(settings);
        at(NOW, client.ended_calls(instant(since), skip, soon())).await
    }

    fn query(tenant: &Tenant, name: &str) -> Vec<String> {
        let values = |request: &Request| {
            let mut query = request.url.query_pairs();
            query.find(|(of, _)| of == name).map(|(_, value)| value.into_owned())
        };
        tenant.requests("completedContacts").iter().filter_map(values).collect()
    }

    #[tokio::test]
    async fn calls_come_with_their_outcome_once_they_have_one() {
        let tenant = Tenant::new().await;
        let mut inbound = row(3, &json!(7));
        inbound["isOutbound"] = json!(false);
        let mut of_others = row(4, &json!(7));
        of_others["skillId"] = json!(9);
        let nameless = json!({ "skillId": 4, "lastUpdateTime": "2026-11-26T11:59:00Z" });
        let rows = [row(1, &json!(1001)), row(2, &json!(null)), inbound, of_others, nameless];
        tenant.script("completedContacts", [page(&rows)]);
        let settings = [("CXONE_SKILLS", "spring=4+5")];
        let calls = read(&tenant, &settings, "2026-11-26T11:50:00Z", 30).await.expect("a page");
        assert_eq!(calls.calls, [call("1", Some("1001")), call("2", None)]);
        assert_eq!(calls.unreadable, 1);
        assert_eq!(query(&tenant, "updatedSince"), ["2026-11-26T11:50:00.000Z"]);
        assert_eq!(query(&tenant, "orderBy"), ["lastUpdateTime asc"]);
        assert_eq!(query(&tenant, "skip"), ["30"]);
        let all = read(&tenant, &[], "2026-11-26T11:50:00Z", 0).await.expect("a page");
        assert_eq!(all.calls.len(), 3, "every skill may be a campaign");
    }

    #[tokio::test]
    async fn an_answer_without_content_has_no_calls() {
        for answer in [empty(204), page(&[]), ok(json!({}))] {
            let tenant = Tenant::new().await;
            tenant.script("completedContacts", [answer]);
            assert_eq!(read(&tenant, &[], NOW, 0).await, Ok(EndedCalls::default()));
        }
    }

    #[tokio::test]
    async fn calls_that_are_counted_and_not_shown_are_an_error() {
        let tenant = Tenant::new().await;
        tenant.script("completedContacts", [ok(json!({ "totalRecords": 3 }))]);
        let read = read(&tenant, &[], NOW, 0).await;
        assert!(matches!(read, Err(Error::Unexpected { status: 200, .. })), "{read:?}");
    }

    #[tokio::test]
    async fn a_full_page_has_another_after_it() {
        let tenant = Tenant::new().await;
        let rows: Vec<Value> = (0..1000).map(|contact| row(contact, &json!(1))).collect();
        tenant.script("completedContacts", [page(&rows), page(&rows[1..])]);
        let first = read(&tenant, &[], NOW, 2000).await.expect("a page");
        assert_eq!((first.calls.len(), first.next_skip), (1000, Some(3000)));
        let last = read(&tenant, &[], NOW, 3000).await.expect("a page");
        assert_eq!((last.calls.len(), last.next_skip), (999, None));
    }

    #[tokio::test]
    async fn a_page_that_is_smaller_than_asked_for_is_not_the_last_if_there_are_more() {
        let tenant = Tenant::new().await;
        // Of seven, as `page` has it.
        tenant.script("completedContacts", [page(&[row(1, &json!(1)), row(2, &json!(1))])]);
        assert_eq!(read(&tenant, &[], NOW, 0).await.expect("a page").next_skip, Some(2));
        assert_eq!(read(&tenant, &[], NOW, 5).await.expect("a page").next_skip, None);
    }

    #[tokio::test]
    async fn a_page_shows_whether_calls_come_in_the_order_of_their_changes() {
        let changed = |second: &str| {
            let mut row = row(1, &json!(1));
            row["lastUpdateTime"] = json!(format!("2026-11-26T11:59:{second}Z"));
            row
        };
        for (seconds, expected) in [
            (&["01", "02", "02", "07"][..], Some("2026-11-26T11:59:07Z")),
            (&["01", "03", "02"][..], None),
            (&["03", "02", "01"][..], None),
            (&["01", "01"][..], None),
            (&["01"][..], None),
        ] {
            let tenant = Tenant::new().await;
            let rows: Vec<Value> = seconds.iter().map(|second| changed(second)).collect();
            tenant.script("completedContacts", [page(&rows)]);
            let calls = read(&tenant, &[], NOW, 0).await.expect("a page");
            assert_eq!(calls.in_order_until, expected.map(instant), "{seconds:?}");
        }
    }

    #[tokio::test]
    async fn a_page_on_which_cxone_fails_is_made_smaller() {
        let tenant = Tenant::new().await;
        tenant.on("completedContacts", |request| {
            let is_large = request.url.query_pairs().any(|(_, value)| value == "1000");
            let rows: Vec<Value> = (0..100).map(|contact| row(contact, &json!(1))).collect();
            if is_large { empty(504) } else { page(&rows) }
        });
        let calls = read(&tenant, &[], NOW, 0).await.expect("a page");
        assert_eq!((calls.calls.len(), calls.next_skip), (100, Some(100)));
    }

    #[tokio::test]
    async fn calls_of_long_ago_are_not_asked_for() {
        let tenant = Tenant::new().await;
        tenant.script("completedContacts", [empty(204)]);
        read(&tenant, &[], "2020-01-01T00:00:00Z", 0).await.expect("no calls");
        assert_eq!(query(&tenant, "updatedSince"), ["2026-10-27T12:00:00.000Z"]);
    }
}
