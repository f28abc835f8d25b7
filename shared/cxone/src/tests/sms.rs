//! Text messages.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const SESSIONS: &str = "/api/v2/messaging/sessions";
const ID: Uuid = Uuid::from_u128(0x6f0c_3a52_7c1e_5b0a_9d53_4f5f_2f1d_0198);
const TEXT: &str = "Le llamamos a las 10:00. \"Referencia\": 0198 \u{1f44d}";

pub(super) fn sms() -> Sms {
    Sms {
        id: ID,
        to: "+12025550000".parse().expect("a number"),
        from: "+12025550199".parse().expect("a number"),
        text: TEXT.to_owned(),
    }
}

async fn send(client: &Client) -> Result<SmsSession, Error> {
    client.send_sms(&sms(), soon()).await
}

fn opened() -> ResponseTemplate {
    status(201).set_body_json(json!({ "sessionId": "s-1", "state": "open" }))
}

fn session() -> SmsSession {
    SmsSession { id: Some("s-1".to_owned()) }
}

#[tokio::test]
async fn a_message_is_a_session_with_one_channel() {
    let server = server().await;
    answer_at(&server, SESSIONS, opened(), None).await;
    assert_eq!(send(&client(&server)).await, Ok(session()));
    let sent = requests(&server, SESSIONS).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method, "POST");
    assert_eq!(
        body(&sent[0]),
        json!({
            "to": "+12025550000",
            "from": "+12025550199",
            "message": TEXT,
            "channels": ["sms"],
        })
    );
}

#[tokio::test]
async fn every_attempt_carries_the_same_id() {
    let server = server().await;
    lose_answer(&server, SESSIONS).await;
    answer_at(&server, SESSIONS, status(503), Some(1)).await;
    answer_at(&server, SESSIONS, status(429).insert_header("retry-after", "0"), Some(1)).await;
    answer_at(&server, SESSIONS, opened(), None).await;
    assert_eq!(send(&client(&server)).await, Ok(session()));
    let sent = requests(&server, SESSIONS).await;
    assert_eq!(sent.len(), 4);
    for request in sent {
        assert_eq!(request.headers["idempotency-key"], ID.to_string().as_str());
    }
}

#[tokio::test]
async fn a_long_retry_after_comes_back_at_once() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_hours(2));
    for value in ["3600", date.as_str()] {
        let server = server().await;
        answer_at(&server, SESSIONS, status(429).insert_header("retry-after", value), None).await;
        let error = send(&client(&server)).await.expect_err("it is throttled");
        assert!(matches!(error, Error::RateLimited { .. }), "{error}");
        assert!(error.retry_after() >= Some(Duration::from_hours(1)), "{error}");
        assert_eq!(requests(&server, SESSIONS).await.len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_carries_the_words_of_cxone() {
    let server = server().await;
    let message = json!({ "message": "from is not verified", "to": "+12025550000" });
    answer_at(&server, SESSIONS, status(400).set_body_json(message), None).await;
    let error = send(&client(&server)).await.expect_err("it is refused");
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
    assert!(error.to_string().contains("from is not verified"), "{error}");
    assert_clean(&format!("{error} {error:?}"));
}

#[tokio::test]
async fn a_message_that_was_taken_is_sent_once_whatever_the_answer_contains() {
    for (response, id) in [
        ("", None),
        ("<html>", None),
        ("{}", None),
        (r#"{"sessionId": null}"#, None),
        (r#"{"sessionId": 4711}"#, Some("4711")),
    ] {
        let server = server().await;
        answer_at(&server, SESSIONS, status(201).set_body_string(response), None).await;
        let sent = send(&client(&server)).await;
        assert_eq!(sent, Ok(SmsSession { id: id.map(str::to_owned) }), "{response}");
        assert_eq!(requests(&server, SESSIONS).await.len(), 1, "{response}");
    }
}

#[tokio::test]
async fn a_tenant_can_have_another_path() {
    let server = server().await;
    Mock::given(path("/v3/texts")).respond_with(opened()).mount(&server).await;
    let client = client_with(&server, &[("CXONE_PATH_SEND_SMS", "/v3/texts")]);
    assert_eq!(send(&client).await, Ok(session()));
}

proptest! {
    #[test]
    fn neither_the_text_nor_a_number_is_shown(text in "[a-zé]{6,40}", digits in "[0-9]{10}") {
        let number: outbound::E164 = format!("+1{digits}").parse().expect("a number");
        let sms = Sms { text: text.clone(), to: number.clone(), ..sms() };
        let shown = format!("{sms:?} {sms:#?}");
        prop_assert!(!shown.contains(&text), "{}", shown);
        prop_assert!(!shown.contains(number.as_str()), "{}", shown);
    }
}
