//! Campaigns: their contacts and their schedules.

use chrono::FixedOffset;
use uuid::Uuid;
use wiremock::matchers::query_param;

use super::*;

mod progress;

const CONTACTS: &str = "/api/v2/outbound/contacts";
const SCHEDULES: &str = "/api/v2/outbound/campaigns/spring%2F2025/schedules";
const ID: Uuid = Uuid::from_u128(0x6f0c_3a52_7c1e_5b0a_9d53_4f5f_2f1d_0198);

fn local(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("an instant")
}

pub(super) fn schedule() -> CallSchedule {
    CallSchedule {
        id: ID,
        campaign: "spring/2025".to_owned(),
        time_zone: "America/New_York".to_owned(),
        start: local("2025-11-02T00:30:00-04:00"),
        end: local("2025-11-02T03:30:00-05:00"),
    }
}

mod contacts {
    use super::*;

    async fn list(client: &Client) -> Result<ContactsPage, Error> {
        client.list_contacts("spring & autumn+", 2, soon()).await
    }

    fn contact(id: &str, time_zone: Option<&str>) -> CampaignContact {
        CampaignContact {
            id: id.to_owned(),
            time_zone: time_zone.map(str::to_owned),
            ..CampaignContact::default()
        }
    }

    fn page(contacts: Vec<CampaignContact>, pages: u32) -> ContactsPage {
        ContactsPage { contacts, unreadable: 0, pages }
    }

    #[tokio::test]
    async fn numbers_and_addresses_are_read_where_cxone_has_them() {
        let server = server().await;
        let response = json!({
            "data": [
                { "id": "1", "phoneNumber": "+14015550110", "phone": "+12125550110", "state": "US-RI" },
                { "id": "2", "phone": 12_125_550_110_u64, "postalCode": "02903", "country": "US" },
                { "id": "3", "phoneNumber": { "n": 1 }, "state": null, "country": [] },
            ],
            "totalPages": 1,
        });
        let answer = status(200).set_body_json(response);
        Mock::given(method("GET")).and(path(CONTACTS)).respond_with(answer).mount(&server).await;
        let page = list(&client(&server)).await.expect("a page");
        let some = |text: &str| Some(text.to_owned());
        let expected = [
            CampaignContact {
                phone_number: some("+14015550110"),
                state: some("US-RI"),
                ..contact("1", None)
            },
            CampaignContact {
                phone_number: some("12125550110"),
                postal_code: some("02903"),
                country: some("US"),
                ..contact("2", None)
            },
            contact("3", None),
        ];
        assert_eq!(page.contacts, expected);
    }

    #[tokio::test]
    async fn a_page_of_a_thousand_is_asked_for() {
        let server = server().await;
        let response = json!({
            "data": [
                { "id": "1", "timezone": "America/New_York", "custom": 7 },
                { "id": "2", "timezone": "No/Where", "custom": { "vip": true } },
            ],
            "page": 2,
            "totalPages": 7,
        });
        Mock::given(method("GET"))
            .and(path(CONTACTS))
            .and(query_param("campaignId", "spring & autumn+"))
            .and(query_param("page", "2"))
            .and(query_param("pageSize", "1000"))
            .respond_with(status(200).set_body_json(response))
            .mount(&server)
            .await;
        let contacts = vec![contact("1", Some("America/New_York")), contact("2", Some("No/Where"))];
        assert_eq!(list(&client(&server)).await, Ok(page(contacts, 7)));
        let sent = requests(&server, CONTACTS).await;
        assert_eq!(sent[0].url.query_pairs().count(), 3);
    }

    #[tokio::test]
    async fn a_contact_without_a_zone_in_the_response_has_none() {
        let server = server().await;
        let data =
            json!([{ "id": "1" }, { "id": "2", "timezone": null }, { "id": "3", "timezone": " " }]);
        let response = json!({ "data": data, "page": 2, "totalPages": 2 });
        answer_at(&server, CONTACTS, status(200).set_body_json(response), None).await;
        let contacts = ["1", "2", "3"].map(|id| contact(id, None)).to_vec();
        assert_eq!(list(&client(&server)).await, Ok(page(contacts, 2)));
    }

    #[tokio::test]
    async fn a_campaign_can_be_without_contacts() {
        let server = server().await;
        let response = json!({ "data": [], "page": 1, "totalPages": 0 });
        answer_at(&server, CONTACTS, status(200).set_body_json(response), None).await;
        assert_eq!(list(&client(&server)).await, Ok(page(vec![], 0)));
    }

    #[tokio::test]
    async fn a_page_that_cannot_be_read_is_not_taken_for_one_and_not_shown() {
        for response in [
            "<html>Jane Doe",
            r#"{"page": 1, "totalPages": 1}"#,
            r#"{"data": null, "page": 1, "totalPages": 1}"#,
            r#"{"data": [{"id": "1"}], "page": 1}"#,
            r#"{"data": [{"id": "1"}], "page": 1, "totalPages": -1}"#,
        ] {
            let server = server().await;
            answer_at(&server, CONTACTS, status(200).set_body_string(response), None).await;
            let error = list(&client(&server)).await.expect_err(response);
            assert!(matches!(error, Error::Unexpected { status: 200, .. }), "{response}: {error}");
            assert!(!error.to_string().contains("Jane"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_contact_that_cannot_be_read_is_counted_and_holds_up_no_other() {
        let server = server().await;
        let data = json!([
            { "id": "1", "timezone": "America/New_York" },
            { "id": null, "timezone": "Asia/Tokyo" },
            { "id": "", "timezone": "Asia/Tokyo" },
            { "id": " ", "timezone": "Asia/Tokyo" },
            { "name": "Jane Doe" },
            "Jane Doe",
            null,
            { "id": 4711, "timezone": "Europe/London" },
            { "id": "2", "timezone": 7 },
        ]);
        let response = json!({ "data": data, "page": 2.0, "totalPages": "7" });
        answer_at(&server, CONTACTS, status(200).set_body_json(response), None).await;
        let contacts = vec![
            contact("1", Some("America/New_York")),
            contact("4711", Some("Europe/London")),
            contact("2", Some("(not a text)")),
        ];
        let expected = ContactsPage { contacts, unreadable: 6, pages: 7 };
        assert_eq!(list(&client(&server)).await, Ok(expected));
    }

    #[tokio::test]
    async fn a_lost_answer_is_asked_for_again() {
        let server = server().await;
        lose_answer(&server, CONTACTS).await;
        let response = json!({ "data": [], "page": 2, "totalPages": 2 });
        answer_at(&server, CONTACTS, status(200).set_body_json(response), None).await;
        assert!(list(&client(&server)).await.is_ok());
        assert_eq!(requests(&server, CONTACTS).await.len(), 2);
    }
}

mod schedules {
    use super::*;

    async fn submit(client: &Client) -> Result<Option<String>, Error> {
        client.submit_schedule(&schedule(), soon()).await
    }

    fn created() -> ResponseTemplate {
        status(201).set_body_json(json!({ "id": "s-1" }))
    }

    #[tokio::test]
    async fn a_schedule_keeps_the_offset_of_its_zone_at_either_end() {
        let server = server().await;
        answer_at(&server, SCHEDULES, created(), None).await;
        assert_eq!(submit(&client(&server)).await, Ok(Some("s-1".to_owned())));
        let sent = requests(&server, SCHEDULES).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].method, "POST");
        assert_eq!(
            body(&sent[0]),
            json!({
                "campaignId": "spring/2025",
                "startTime": "2025-11-02T00:30:00-04:00",
                "endTime": "2025-11-02T03:30:00-05:00",
                "timezone": "America/New_York",
                "scheduleType": "ONE_TIME",
            })
        );
    }

    #[tokio::test]
    async fn a_zone_at_greenwich_has_an_offset_as_well() {
        let server = server().await;
        answer_at(&server, SCHEDULES, created(), None).await;
        let schedule = CallSchedule {
            time_zone: "Europe/London".to_owned(),
            start: local("2025-11-03T09:00:00.75Z"),
            ..schedule()
        };
        let submitted = client(&server).submit_schedule(&schedule, soon()).await;
        assert_eq!(submitted, Ok(Some("s-1".to_owned())));
        let sent = body(&requests(&server, SCHEDULES).await[0]);
        assert_eq!(sent["startTime"], "2025-11-03T09:00:00+00:00");
    }

    #[tokio::test]
    async fn every_attempt_carries_the_same_id() {
        let server = server().await;
        lose_answer(&server, SCHEDULES).await;
        answer_at(&server, SCHEDULES, status(503), Some(1)).await;
        answer_at(&server, SCHEDULES, status(429).insert_header("retry-after", "0"), Some(1)).await;
        answer_at(&server, SCHEDULES, created(), None).await;
        assert_eq!(submit(&client(&server)).await, Ok(Some("s-1".to_owned())));
        let sent = requests(&server, SCHEDULES).await;
        assert_eq!(sent.len(), 4);
        for request in sent {
            assert_eq!(request.headers["idempotency-key"], ID.to_string().as_str());
        }
    }

    #[tokio::test]
    async fn a_refusal_carries_the_words_of_cxone() {
        let server = server().await;
        let message = json!({ "message": "startTime must lie in the future" });
        answer_at(&server, SCHEDULES, status(422).set_body_json(message), None).await;
        let detail = r#"{"message":"startTime must lie in the future"}"#.to_owned();
        assert_eq!(submit(&client(&server)).await, Err(Error::Invalid { detail }));
        assert_eq!(requests(&server, SCHEDULES).await.len(), 1);
    }

    #[tokio::test]
    async fn a_long_retry_after_comes_back_at_once() {
        let server = server().await;
        let limited = status(429).insert_header("retry-after", "3600");
        answer_at(&server, SCHEDULES, limited, None).await;
        let retry_after = Some(Duration::from_hours(1));
        assert_eq!(submit(&client(&server)).await, Err(Error::RateLimited { retry_after }));
        assert_eq!(requests(&server, SCHEDULES).await.len(), 1);
    }

    #[tokio::test]
    async fn a_schedule_that_was_taken_is_submitted_once_whatever_the_answer_contains() {
        for (response, id) in [
            ("", None),
            ("<html>", None),
            ("{}", None),
            (r#"{"id": null}"#, None),
            (r#"{"id": 4711}"#, Some("4711")),
        ] {
            let server = server().await;
            answer_at(&server, SCHEDULES, status(201).set_body_string(response), None).await;
            assert_eq!(submit(&client(&server)).await, Ok(id.map(str::to_owned)), "{response}");
            assert_eq!(requests(&server, SCHEDULES).await.len(), 1, "{response}");
        }
    }

    #[tokio::test]
    async fn a_campaign_whose_id_no_address_can_name_is_not_found() {
        let server = server().await;
        let schedule = CallSchedule { campaign: "..".to_owned(), ..schedule() };
        let error = client(&server).submit_schedule(&schedule, soon()).await.expect_err("no way");
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        let sent = server.received_requests().await.expect("they are recorded");
        assert!(sent.is_empty());
    }
}

#[tokio::test]
async fn a_tenant_can_have_other_paths() {
    let server = server().await;
    let none = json!({ "data": [], "page": 1, "totalPages": 1 });
    answer_at(&server, "/v3/people", status(200).set_body_json(&none), None).await;
    answer_at(&server, "/v3/count", status(200).set_body_json(&none), None).await;
    let created = status(201).set_body_json(json!({ "id": "s-1" }));
    answer_at(&server, "/v3/spring%2F2025/start", created, None).await;
    let client = client_with(
        &server,
        &[
            ("CXONE_PATH_LIST_CONTACTS", "/v3/people"),
            ("CXONE_PATH_QUERY_ANALYTICS", "/v3/count"),
            ("CXONE_PATH_CREATE_SCHEDULE", "/v3/{campaignId}/start"),
        ],
    );
    assert!(client.list_contacts("spring", 1, soon()).await.is_ok());
    assert!(client.submit_schedule(&schedule(), soon()).await.is_ok());
    let period = callbacks::callback().window;
    let seen = client.progress(&["spring".to_owned()], &period, soon()).await;
    assert_eq!(seen, [Ok(Progress::default())]);
}
