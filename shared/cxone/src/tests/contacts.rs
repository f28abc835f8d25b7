//! Single contacts and their dispositions.

use proptest::prelude::*;

use super::*;

const ID: &str = "a/b +1";
const CONTACT: &str = "/api/v2/contacts/a%2Fb%20%2B1";

pub(super) fn record() -> DispositionRecord {
    DispositionRecord {
        contact: ID.to_owned(),
        category: "do_not_call".to_owned(),
        audit_log: "[2024-05-20T10:00:00Z] Disposition 1001 mapped to do_not_call".to_owned(),
    }
}

fn unknown() -> ResponseTemplate {
    status(404).set_body_json(json!({ "message": "no contact +12025550000" }))
}

mod reading {
    use super::*;

    async fn read(client: &Client) -> Result<Contact, Error> {
        client.contact(ID, soon()).await
    }

    fn contact(phone: Option<&str>) -> Contact {
        Contact {
            id: ID.to_owned(),
            phone: phone.map(str::to_owned),
            is_caller: false,
            skill: None,
        }
    }

    #[tokio::test]
    async fn a_contact_is_asked_for_by_its_id() {
        let server = server().await;
        let response = json!({
            "id": ID,
            "phone": "+12025550000",
            "timezone": "America/New_York",
            "custom": { "vip": true },
            "updatedDate": "2024-05-20T10:00:00Z",
        });
        answer_at(&server, CONTACT, status(200).set_body_json(response), None).await;
        assert_eq!(read(&client(&server)).await, Ok(contact(Some("+12025550000"))));
        let sent = requests(&server, CONTACT).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].method, "GET");
        assert_eq!(sent[0].headers["authorization"], format!("Bearer {TOKEN}").as_str());
        assert!(sent[0].body.is_empty());
    }

    #[tokio::test]
    async fn a_contact_can_be_without_a_number() {
        for response in [
            json!({ "id": ID }),
            json!({ "id": ID, "phone": null }),
            json!({ "id": ID, "phone": " " }),
        ] {
            let server = server().await;
            answer_at(&server, CONTACT, status(200).set_body_json(response), None).await;
            assert_eq!(read(&client(&server)).await, Ok(contact(None)));
        }
    }

    #[tokio::test]
    async fn a_number_is_read_whatever_the_id_looks_like() {
        for response in [
            json!({ "id": 5, "phone": "+12025550000" }),
            json!({ "id": null, "phone": "+12025550000" }),
            json!({ "id": {}, "phone": "+12025550000" }),
            json!({ "phone": "+12025550000" }),
        ] {
            let server = server().await;
            answer_at(&server, CONTACT, status(200).set_body_json(response), None).await;
            assert_eq!(read(&client(&server)).await, Ok(contact(Some("+12025550000"))));
        }
        let server = server().await;
        let response = json!({ "id": ID, "phone": 12_025_550_000_u64 });
        answer_at(&server, CONTACT, status(200).set_body_json(response), None).await;
        assert_eq!(read(&client(&server)).await, Ok(contact(Some("12025550000"))));
    }

    #[tokio::test]
    async fn an_id_that_no_address_can_name_is_not_found_and_reaches_nothing_else() {
        let server = server().await;
        let client = client(&server);
        for id in ["", ".", ".."] {
            let error = client.contact(id, soon()).await.expect_err(id);
            assert!(matches!(error, Error::NotFound { .. }), "{error}");
            let record = DispositionRecord { contact: id.to_owned(), ..record() };
            let error = client.record_disposition(&record, soon()).await.expect_err(id);
            assert!(matches!(error, Error::NotFound { .. }), "{error}");
        }
        let sent = server.received_requests().await.expect("they are recorded");
        assert!(sent.is_empty());
    }

    #[tokio::test]
    async fn a_contact_that_does_not_exist_is_not_asked_for_again() {
        let server = server().await;
        answer_at(&server, CONTACT, unknown(), None).await;
        let error = read(&client(&server)).await.expect_err("there is none");
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        assert_clean(&format!("{error} {error:?}"));
        assert_eq!(requests(&server, CONTACT).await.len(), 1);
    }

    #[tokio::test]
    async fn an_answer_that_is_no_contact_is_not_taken_for_one_and_not_shown() {
        for response in
            ["<html>Jane Doe", r#"{"name": "Jane Doe"}"#, r#"{"id": null, "n": "Jane"}"#]
        {
            let server = server().await;
            answer_at(&server, CONTACT, status(200).set_body_string(response), None).await;
            let error = read(&client(&server)).await.expect_err(response);
            assert!(matches!(error, Error::Unexpected { status: 200, .. }), "{response}: {error}");
            assert!(!error.to_string().contains("Jane"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_lost_answer_is_asked_for_again() {
        let server = server().await;
        lose_answer(&server, CONTACT).await;
        answer_at(&server, CONTACT, status(200).set_body_json(json!({ "id": ID })), None).await;
        assert_eq!(read(&client(&server)).await, Ok(contact(None)));
        assert_eq!(requests(&server, CONTACT).await.len(), 2);
    }

    proptest! {
        #[test]
        fn the_number_is_not_shown(number in "\\+[1-9][0-9]{6,14}") {
            let shown = format!("{:?}", contact(Some(&number)));
            prop_assert!(!shown.contains(&number), "{}", shown);
        }
    }
}

mod dispositions {
    use super::*;

    async fn write(client: &Client) -> Result<(), Error> {
        client.record_disposition(&record(), soon()).await
    }

    #[tokio::test]
    async fn a_disposition_is_a_patch_of_two_fields() {
        let server = server().await;
        answer_at(&server, CONTACT, status(204), None).await;
        assert_eq!(write(&client(&server)).await, Ok(()));
        let sent = requests(&server, CONTACT).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].method, "PATCH");
        assert_eq!(sent[0].headers["content-type"], "application/json");
        assert_eq!(
            body(&sent[0]),
            json!({ "custom": {
                "disposition_category": "do_not_call",
                "last_audit_log":
                    "[2024-05-20T10:00:00Z] Disposition 1001 mapped to do_not_call",
            }})
        );
    }

    #[tokio::test]
    async fn it_is_written_whether_or_not_cxone_shows_the_contact() {
        for done in [status(204), status(200), status(200).set_body_json(json!({ "id": ID }))] {
            let server = server().await;
            answer_at(&server, CONTACT, done, None).await;
            assert_eq!(write(&client(&server)).await, Ok(()));
        }
    }

    #[tokio::test]
    async fn every_attempt_sends_the_same() {
        let server = server().await;
        answer_at(&server, CONTACT, status(503), Some(1)).await;
        answer_at(&server, CONTACT, status(429).insert_header("retry-after", "0"), Some(1)).await;
        answer_at(&server, CONTACT, status(200), None).await;
        assert_eq!(write(&client(&server)).await, Ok(()));
        let sent = requests(&server, CONTACT).await;
        assert_eq!(sent.len(), 3);
        for request in &sent {
            assert_eq!(request.body, sent[0].body);
        }
    }

    /// It may be carried out later than one that is sent after it.
    #[tokio::test]
    async fn what_was_not_answered_is_not_sent_again() {
        let server = server().await;
        lose_answer(&server, CONTACT).await;
        let error = write(&client(&server)).await.expect_err("nobody knows");
        assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
        assert_eq!(requests(&server, CONTACT).await.len(), 1);
    }

    #[tokio::test]
    async fn a_contact_that_does_not_exist_is_not_written_to_again() {
        let server = server().await;
        answer_at(&server, CONTACT, unknown(), None).await;
        let error = write(&client(&server)).await.expect_err("there is none");
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        assert_clean(&format!("{error} {error:?}"));
        assert_eq!(requests(&server, CONTACT).await.len(), 1);
    }

    #[tokio::test]
    async fn a_refusal_carries_the_words_of_cxone() {
        let server = server().await;
        let message = json!({ "message": "unknown disposition_category" });
        answer_at(&server, CONTACT, status(400).set_body_json(message), None).await;
        let detail = r#"{"message":"unknown disposition_category"}"#.to_owned();
        assert_eq!(write(&client(&server)).await, Err(Error::Invalid { detail }));
    }

    #[tokio::test]
    async fn a_long_retry_after_comes_back_at_once() {
        let server = server().await;
        let limited = status(429).insert_header("retry-after", "3600");
        answer_at(&server, CONTACT, limited, None).await;
        let retry_after = Some(Duration::from_hours(1));
        assert_eq!(write(&client(&server)).await, Err(Error::RateLimited { retry_after }));
        assert_eq!(requests(&server, CONTACT).await.len(), 1);
    }
}

#[tokio::test]
async fn a_tenant_can_have_other_paths() {
    let server = server().await;
    let response = json!({ "id": ID });
    answer_at(&server, "/v3/a%2Fb%20%2B1", status(200).set_body_json(response), None).await;
    answer_at(&server, "/v3/a%2Fb%20%2B1/custom", status(204), None).await;
    let client = client_with(
        &server,
        &[
            ("CXONE_PATH_GET_CONTACT", "/v3/{contactId}"),
            ("CXONE_PATH_UPDATE_CONTACT", "/v3/{contactId}/custom"),
        ],
    );
    assert!(client.contact(ID, soon()).await.is_ok());
    assert_eq!(client.record_disposition(&record(), soon()).await, Ok(()));
}
