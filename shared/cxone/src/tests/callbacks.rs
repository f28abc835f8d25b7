//! Callbacks and the forecast they are placed by.

use chrono::{TimeDelta, TimeZone};
use uuid::Uuid;
use wiremock::matchers::query_param;

use super::*;

const CONTACTS: &str = "/api/v2/outbound/contacts";
const FORECAST: &str = "/api/v2/outbound/forecast";
const ID: Uuid = Uuid::from_u128(0x6f0c_3a52_7c1e_5b0a_9d53_4f5f_2f1d_0198);

fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, hour, minute, 0).single().expect("an instant")
}

pub(super) fn callback() -> Callback {
    Callback {
        id: ID,
        number: "+12025550000".parse().expect("a number"),
        campaign: "spring/2025".to_owned(),
        dispatch: at(10, 0),
        window: at(9, 30)..at(12, 0),
        language: "es-US".to_owned(),
        attempts: 4,
        earlier: Earlier::Nothing,
    }
}

/// Has CXone call so many minutes after the time of the call.
pub(super) async fn schedule_after(
    client: &Client,
    callback: &Callback,
    minutes: i64,
) -> Result<Scheduled, Error> {
    let now = callback.dispatch + TimeDelta::minutes(minutes);
    let scheduled = client.schedule_callback(callback, soon());
    ambient::Ambience::new(now, 1).stopped().scope(scheduled).await
}

async fn schedule(client: &Client) -> Result<Scheduled, Error> {
    schedule_after(client, &callback(), -60).await
}

/// Sets the contact that CXone has under the callback's id.
async fn holds(server: &MockServer, contact: Value) {
    let path = format!("/api/v2/contacts/{ID}");
    answer_at(server, &path, status(200).set_body_json(contact), None).await;
}

async fn capacity(client: &Client) -> Result<Vec<ForecastHour>, Error> {
    client.capacity("spring & autumn+", &(at(9, 30)..at(12, 0)), soon()).await
}

mod forecast {
    use super::*;

    #[tokio::test]
    async fn the_window_is_asked_for_in_utc_and_by_the_hour() {
        let server = server().await;
        let response = json!({
            "startTime": "2025-11-03T09:00:00Z",
            "endTime": "2025-11-03T12:00:00Z",
            "forecast": [
                { "hour": "2025-11-03T10:00:00Z", "availableAgents": 12.5, "expectedCalls": 80 },
                { "hour": "2025-11-03T09:00:00Z", "availableAgents": 4, "expectedCalls": 95.5 },
            ],
        });
        Mock::given(method("GET"))
            .and(path(FORECAST))
            .and(query_param("campaignId", "spring & autumn+"))
            .and(query_param("startTime", "2025-11-03T09:30:00Z"))
            .and(query_param("endTime", "2025-11-03T12:00:00Z"))
            .and(query_param("granularity", "hourly"))
            .respond_with(status(200).set_body_json(response))
            .mount(&server)
            .await;
        let expected = [
            ForecastHour { start: at(9, 0), agents: 4.0 },
            ForecastHour { start: at(10, 0), agents: 12.5 },
        ];
        assert_eq!(capacity(&client(&server)).await, Ok(expected.to_vec()));
        let sent = requests(&server, FORECAST).await;
        assert_eq!(sent[0].url.query_pairs().count(), 4);
    }

    #[tokio::test]
    async fn an_answer_without_hours_is_no_forecast() {
        for response in [json!({}), json!({ "forecast": [] }), json!({ "forecast": null })] {
            let server = server().await;
            answer_at(&server, FORECAST, status(200).set_body_json(response), None).await;
            assert_eq!(capacity(&client(&server)).await, Ok(vec![]));
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_no_forecast_is_not_taken_for_one() {
        for response in [
            "<html>",
            "",
            "[]",
            r#"{"forecast": {"2025-11-03T09:00:00Z": 4}}"#,
            r#"{"forecast": [{"hour": 9, "availableAgents": 4}]}"#,
            r#"{"forecast": [{"hour": "2025-11-03T09:00:00Z", "availableAgents": 1e999}]}"#,
        ] {
            let server = server().await;
            answer_at(&server, FORECAST, status(200).set_body_string(response), None).await;
            let error = capacity(&client(&server)).await.expect_err(response);
            assert!(matches!(error, Error::Unexpected { status: 200, .. }), "{response}: {error}");
        }
    }

    #[tokio::test]
    async fn a_lost_answer_is_asked_for_again() {
        let server = server().await;
        lose_answer(&server, FORECAST).await;
        answer_at(&server, FORECAST, status(503), Some(1)).await;
        answer_at(&server, FORECAST, status(200).set_body_json(json!({})), None).await;
        let client = client(&server);
        assert_eq!(capacity(&client).await, Ok(vec![]));
        assert_eq!(client.drain_usage().calls, 3);
    }

    #[tokio::test]
    async fn a_campaign_that_cxone_does_not_know_is_not_found() {
        let server = server().await;
        let message = json!({ "message": "no such campaign" });
        answer_at(&server, FORECAST, status(404).set_body_json(message), None).await;
        let detail = r#"{"message":"no such campaign"}"#.to_owned();
        assert_eq!(capacity(&client(&server)).await, Err(Error::NotFound { detail }));
    }
}

mod contact {
    use super::*;

    #[tokio::test]
    async fn a_callback_is_one_contact_with_an_id_of_ours() {
        let server = server().await;
        let created = status(201).set_body_json(json!({ "contactId": ID.to_string() }));
        answer_at(&server, CONTACTS, created, None).await;
        assert_eq!(schedule(&client(&server)).await, Ok(Scheduled::At(at(10, 0))));
        let sent = requests(&server, CONTACTS).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].method, "POST");
        assert_eq!(
            body(&sent[0]),
            json!({ "contact": {
                "contactId": "6f0c3a52-7c1e-5b0a-9d53-4f5f2f1d0198",
                "campaignId": "spring/2025",
                "phone": "+12025550000",
                "scheduledStartDateTime": "2025-11-03T10:00:00Z",
                "attributes": {
                    "callback_requested_by": "ivr",
                    "callback_language": "es-US",
                    "callback_window_start": "2025-11-03T09:30:00Z",
                    "callback_window_end": "2025-11-03T12:00:00Z",
                },
                "retry": { "retryCount": 3, "retryInterval": "PT15M" },
            }})
        );
    }

    #[tokio::test]
    async fn a_success_is_one_whatever_its_body() {
        for code in [200, 201] {
            let server = server().await;
            answer_at(&server, CONTACTS, status(code).set_body_string("<html>"), None).await;
            let scheduled = schedule(&client(&server)).await;
            assert_eq!(scheduled, Ok(Scheduled::At(at(10, 0))), "{code}");
        }
    }

    #[tokio::test]
    async fn a_contact_that_exists_is_read_back_and_its_time_holds() {
        for (contact, expected) in [
            (
                json!({ "phone": "+12025550000", "campaignId": "spring/2025",
                        "scheduledStartDateTime": "2025-11-03T09:45:00Z" }),
                Scheduled::At(at(9, 45)),
            ),
            (json!({ "phone": "1 (202) 555-0000" }), Scheduled::At(at(10, 0))),
            (json!({ "phone": "+12025550001" }), Scheduled::IdTaken),
            // As it is written in its country.
            (json!({ "phone": "2025550000" }), Scheduled::At(at(10, 0))),
            (json!({ "phone": 2_025_550_000_u64 }), Scheduled::At(at(10, 0))),
            (json!({ "phone": "(202) 555-0001" }), Scheduled::IdTaken),
            // A text that cannot be read is no other number.
            (
                json!({ "phone": "+1202***0000", "campaignId": "spring/2025" }),
                Scheduled::At(at(10, 0)),
            ),
            (json!({ "phone": "***", "campaignId": "autumn" }), Scheduled::IdTaken),
            // Times without an offset are in UTC; one that cannot be read is the one that was sent.
            (
                json!({ "phone": "2025550000", "scheduledStartDateTime": "2025-11-03T09:45:00" }),
                Scheduled::At(at(9, 45)),
            ),
            (
                json!({ "phone": "2025550000", "scheduledStartDateTime": "soon" }),
                Scheduled::At(at(10, 0)),
            ),
            (json!({ "phone": "+12025550000", "campaignId": "autumn" }), Scheduled::IdTaken),
        ] {
            let server = server().await;
            answer_at(&server, CONTACTS, status(409), None).await;
            holds(&server, contact.clone()).await;
            assert_eq!(schedule(&client(&server)).await, Ok(expected), "{contact}");
        }
    }

    #[tokio::test]
    async fn a_contact_that_exists_is_known_by_its_number_in_the_spelling_of_its_country() {
        for (number, phone) in [
            ("+442079460123", "020 7946 0123"),
            ("+4930123456", "030 123456"),
            ("+61291234567", "(02) 9123 4567"),
            ("+80012345678", "80012345678"),
        ] {
            let server = server().await;
            answer_at(&server, CONTACTS, status(409), None).await;
            holds(&server, json!({ "phone": phone })).await;
            let callback = Callback { number: number.parse().expect("a number"), ..callback() };
            let scheduled = schedule_after(&client(&server), &callback, -60).await;
            assert_eq!(scheduled, Ok(Scheduled::At(at(10, 0))), "{phone}");
        }
    }

    #[tokio::test]
    async fn the_campaign_of_a_contact_that_exists_may_be_a_number() {
        for (campaign, expected) in [("7", Scheduled::At(at(10, 0))), ("8", Scheduled::IdTaken)] {
            let server = server().await;
            answer_at(&server, CONTACTS, status(409), None).await;
            holds(&server, json!({ "phone": "+12025550000", "campaignId": 7 })).await;
            let callback = Callback { campaign: campaign.to_owned(), ..callback() };
            let scheduled = schedule_after(&client(&server), &callback, -60).await;
            assert_eq!(scheduled, Ok(expected), "{campaign}");
        }
    }

    #[tokio::test]
    async fn a_contact_that_exists_and_says_nothing_is_a_matter_for_a_person() {
        for contact in [json!({}), json!({ "phone": "***" }), json!({ "phone": null, "id": "1" })] {
            let server = server().await;
            answer_at(&server, CONTACTS, status(409), None).await;
            holds(&server, contact.clone()).await;
            let error = schedule(&client(&server)).await.expect_err("it is unclear");
            assert!(matches!(error, Error::Unexpected { .. }), "{contact}: {error}");
        }
    }

    #[tokio::test]
    async fn a_lost_answer_is_followed_by_the_same_contact() {
        let server = server().await;
        lose_answer(&server, CONTACTS).await;
        answer_at(&server, CONTACTS, status(409), None).await;
        holds(&server, json!({ "phone": "+12025550000" })).await;
        assert_eq!(schedule(&client(&server)).await, Ok(Scheduled::At(at(10, 0))));
        let sent = requests(&server, CONTACTS).await;
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0].body, sent[1].body);
    }

    #[tokio::test]
    async fn a_short_retry_after_is_followed_by_the_same_contact() {
        let past = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH);
        for value in ["0", past.as_str()] {
            let server = server().await;
            let limited = status(429).insert_header("retry-after", value);
            answer_at(&server, CONTACTS, limited, Some(1)).await;
            answer_at(&server, CONTACTS, status(201), None).await;
            assert_eq!(schedule(&client(&server)).await, Ok(Scheduled::At(at(10, 0))));
            let sent = requests(&server, CONTACTS).await;
            assert_eq!(sent[0].body, sent[1].body);
        }
    }

    #[tokio::test]
    async fn a_long_retry_after_comes_back_at_once() {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_hours(2));
        for value in ["3600", date.as_str()] {
            let server = server().await;
            let limited = status(429).insert_header("retry-after", value);
            answer_at(&server, CONTACTS, limited, None).await;
            let error = schedule(&client(&server)).await.expect_err("it is throttled");
            assert!(matches!(error, Error::RateLimited { .. }), "{error}");
            assert!(error.retry_after() >= Some(Duration::from_hours(1)), "{error}");
            assert_eq!(requests(&server, CONTACTS).await.len(), 1);
        }
    }

    /// CXone would call at once, at an hour that was never judged.
    #[tokio::test]
    async fn a_callback_whose_time_has_come_is_looked_for_and_not_created() {
        let there = json!({ "phone": "+12025550000" });
        for (earlier, minutes, found, expected) in [
            (Earlier::Nothing, 0, None, Err("invalid")),
            (Earlier::Nothing, 270, None, Err("invalid")),
            (Earlier::Nothing, 270, Some(&there), Ok(Scheduled::At(at(10, 0)))),
            (Earlier::Settled, 270, None, Err("invalid")),
            (Earlier::Settled, 270, Some(&there), Ok(Scheduled::At(at(10, 0)))),
            // One that was submitted just before its time may be carried out still.
            (Earlier::Settled, 0, None, Err("ambiguous")),
            (Earlier::UnderWay, 0, None, Err("ambiguous")),
            (Earlier::Settled, 1, None, Err("invalid")),
        ] {
            let server = server().await;
            answer_at(&server, CONTACTS, status(201), None).await;
            if let Some(contact) = found {
                holds(&server, contact.clone()).await;
            }
            let callback = Callback { earlier, ..callback() };
            let scheduled = schedule_after(&client(&server), &callback, minutes).await;
            let told = scheduled.map_err(|error| match error {
                Error::Ambiguous { .. } => "ambiguous",
                Error::Invalid { .. } => "invalid",
                other => panic!("{other}"),
            });
            assert_eq!(told, expected, "{earlier:?} {minutes}");
            assert!(requests(&server, CONTACTS).await.is_empty(), "{earlier:?} {minutes}");
        }
    }

    #[tokio::test]
    async fn a_refusal_carries_the_words_of_cxone() {
        for code in [400, 422] {
            let server = server().await;
            let message = json!({ "message": "+12025550000 is on the list of campaign 7" });
            answer_at(&server, CONTACTS, status(code).set_body_json(message), None).await;
            let error = schedule(&client(&server)).await.expect_err("it is refused");
            let message = r#"{"message":"+1202***0000 is on the list of campaign 7"}"#;
            assert_eq!(error, Error::Invalid { detail: message.to_owned() });
            assert_eq!(requests(&server, CONTACTS).await.len(), 1);
        }
    }

    #[tokio::test]
    async fn failures_unrelated_to_the_contact_keep_their_kind() {
        for (code, expected) in [(401, "credentials"), (403, "forbids"), (404, "does not know")] {
            let server = server().await;
            answer_at(&server, CONTACTS, status(code), None).await;
            let error = schedule(&client(&server)).await.expect_err("it is refused");
            assert!(error.to_string().contains(expected), "{code}: {error}");
        }
    }

    #[tokio::test]
    async fn without_time_nothing_is_sent() {
        let server = server().await;
        let client = client(&server);
        let callback = Callback { dispatch: ambient::now() + TimeDelta::hours(1), ..callback() };
        let scheduled = client.schedule_callback(&callback, Instant::now()).await;
        assert_eq!(scheduled, Err(Error::out_of_time()));
        assert!(server.received_requests().await.expect("they are recorded").is_empty());
    }

    #[tokio::test]
    async fn a_tenant_can_have_other_paths() {
        let server = server().await;
        answer_at(&server, "/v3/people", status(201), None).await;
        answer_at(&server, "/v3/staff", status(200).set_body_json(json!({})), None).await;
        let client = client_with(
            &server,
            &[("CXONE_PATH_CREATE_CONTACT", "/v3/people"), ("CXONE_PATH_FORECAST", "/v3/staff")],
        );
        assert_eq!(schedule(&client).await, Ok(Scheduled::At(at(10, 0))));
        assert_eq!(capacity(&client).await, Ok(vec![]));
    }

    #[test]
    fn an_attempt_is_settled_after_a_minute() {
        let after = |seconds| Earlier::of(Some(at(9, 0)), at(9, 0) + TimeDelta::seconds(seconds));
        assert_eq!([0, 59].map(after), [Earlier::UnderWay; 2]);
        assert_eq!([60, 3600].map(after), [Earlier::Settled; 2]);
        assert_eq!(Earlier::of(None, at(9, 0)), Earlier::Nothing);
    }

    #[test]
    fn a_callback_is_shown_without_its_number() {
        assert_clean(&format!("{:?}", callback()));
    }
}
