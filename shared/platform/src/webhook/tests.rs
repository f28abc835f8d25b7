use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::Utc;
use lambda_http::{
    Body,
    http::{HeaderMap, HeaderName},
};
use serde_json::json;
use standardwebhooks::Webhook;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::*;

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:tests-a1B2c3";
use crate::telemetry::Telemetry;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BODY: &[u8] = br#"{"eventType":"contact.opt_out"}"#;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let header = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), value.parse().expect("a value"))
    };
    pairs.iter().map(header).collect()
}

/// Headers signed with the secret, `offset` seconds away from now.
fn signed(offset: i64) -> HeaderMap {
    let timestamp = Utc::now().timestamp() + offset;
    let key = Webhook::new(SECRET).expect("a key");
    let signature = key.sign("msg_1", timestamp, BODY).expect("a signature");
    headers(&[
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &timestamp.to_string()),
        ("webhook-signature", &signature),
    ])
}

fn record() -> EventRecord {
    Telemetry::captured("test").0.event("request-1")
}

#[tokio::test]
async fn a_body_that_the_gateway_encoded_is_checked_as_it_was_sent() {
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
        "headers": { "x-webhook-token": "s3cret", "content-type": "application/json" },
        "requestContext": {
            "accountId": "1", "apiId": "a", "requestId": "r", "stage": "$default",
            "timeEpoch": 0, "http": { "method": "POST", "path": "/", "protocol": "HTTP/1.1" }
        },
        "body": BASE64_STANDARD.encode(BODY), "isBase64Encoded": true,
    });
    let mut request = lambda_http::request::from_str(&event.to_string()).expect("an event");
    request.headers_mut().extend(signed(0));
    assert!(matches!(request.body(), Body::Binary(_)));

    let authenticator = Authenticator::load(WebhookSource::given([SECRET]), unused_client())
        .await
        .expect("given secrets need no call");
    assert_eq!(authenticator.verify(&request, &mut record()).await, Ok(()));
    assert_eq!(Payload::of(&request).bytes(), BODY);
}

#[tokio::test]
async fn a_long_body_is_refused_before_its_sender_is_authenticated() {
    let authenticator = Authenticator::load(WebhookSource::given([SECRET]), unused_client())
        .await
        .expect("given secrets need no call");
    let refused = async |bytes: usize| {
        let request = Request::new("x".repeat(bytes).into());
        let problem = authenticator.verify(&request, &mut record()).await.expect_err("no proof");
        (problem.status().as_u16(), problem.code())
    };
    assert_eq!(refused(BODY_BYTES_MAX).await, (401, "unauthenticated"));
    assert_eq!(refused(BODY_BYTES_MAX + 1).await, (413, "body_too_large"));
}

#[tokio::test]
async fn a_refusal_is_a_401_that_helps_an_honest_sender() {
    let authenticator = Authenticator::load(WebhookSource::given([SECRET]), unused_client())
        .await
        .expect("given secrets need no call");
    let problem =
        authenticator.verify(&Request::default(), &mut record()).await.expect_err("no proof");
    assert_eq!((problem.status().as_u16(), problem.code()), (401, "unauthenticated"));
}

#[tokio::test]
async fn a_rotated_secret_is_seen_after_a_few_minutes_and_an_outage_keeps_the_old_one() {
    let server = MockServer::start().await;
    let secret = |text: &str| json!({ "webhookSecrets": [text] }).to_string();
    let holds = async |answer: ResponseTemplate| {
        server.reset().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
    };
    let answer = |text: &str| {
        ResponseTemplate::new(200).set_body_json(json!({ "SecretString": secret(text) }))
    };
    let source = settings::Environment::from_pairs([("WEBHOOK_SECRET_ARN", ARN)])
        .read(WebhookSource::read)
        .expect("the ARN is enough");

    holds(answer("the old secret of all")).await;
    let authenticator = Authenticator::load(source, client(&server.uri())).await.expect("a secret");
    holds(answer("the new secret of all")).await;
    let start = authenticator.current.lock().await.fetched_at;
    let is_of = |keys: &[Key], token: &str| {
        let mut request = Request::default();
        *request.headers_mut() = headers(&[("x-webhook-token", token)]);
        Proof::of(&request).is_ok_and(|proof| proof.proven_by(keys, &[]).is_some())
    };
    let shown = async |after: Duration| authenticator.keys(start + after, SECRETS_KEPT).await;
    assert!(is_of(&shown(SECRETS_KEPT / 2).await, "the old secret of all"));
    assert!(is_of(&shown(SECRETS_KEPT).await, "the new secret of all"));

    holds(ResponseTemplate::new(400)).await;
    assert!(is_of(&shown(SECRETS_KEPT * 2).await, "the new secret of all"));
    holds(answer("the newest secret of all")).await;
    assert!(is_of(&shown(SECRETS_KEPT * 3).await, "the newest secret of all"));
}

#[tokio::test]
async fn a_secret_that_was_just_added_is_honored_and_the_older_one_is_counted() {
    let server = MockServer::start().await;
    let holds = async |secrets: &[&str]| {
        server.reset().await;
        let secret = json!({ "webhookSecrets": secrets }).to_string();
        let answer = ResponseTemplate::new(200).set_body_json(json!({ "SecretString": secret }));
        Mock::given(any()).respond_with(answer).mount(&server).await;
    };
    let source = settings::Environment::from_pairs([("WEBHOOK_SECRET_ARN", ARN)])
        .read(WebhookSource::read)
        .expect("the ARN is enough");
    let (telemetry, lines) = Telemetry::captured("test");
    let sends = async |authenticator: &Authenticator, token: &'static str| {
        let mut request = Request::default();
        *request.headers_mut() = headers(&[("x-webhook-token", token)]);
        let verified = authenticator.verify(&request, &mut telemetry.event("request-1")).await;
        (verified.is_ok(), lines.read().pop().expect("a line")["old_secret"].clone())
    };

    holds(&["the old secret of all"]).await;
    let authenticator = Authenticator::load(source, client(&server.uri())).await.expect("a secret");
    assert_eq!(sends(&authenticator, "the old secret of all").await, (true, json!(null)));

    holds(&["the new secret of all", "the old secret of all"]).await;
    assert!(
        !sends(&authenticator, "the new secret of all").await.0,
        "doubt costs one call in ten seconds at most"
    );
    authenticator.current.lock().await.fetched_at -= SECRETS_KEPT_IN_DOUBT;
    assert_eq!(sends(&authenticator, "the new secret of all").await, (true, json!(null)));
    assert_eq!(sends(&authenticator, "the old secret of all").await, (true, json!(1)));
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_keep_a_secret_for_ever() {
    let authenticator = Authenticator::load(WebhookSource::given([SECRET]), unused_client())
        .await
        .expect("given secrets need no call");
    let now = SystemTime::now();
    authenticator.current.lock().await.fetched_at = now + SECRETS_KEPT * 100;
    authenticator.keys(now, SECRETS_KEPT).await;
    assert_eq!(authenticator.current.lock().await.fetched_at, now);
}

fn unused_client() -> Client {
    client("http://127.0.0.1:1")
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(endpoint)
        .build();
    Client::from_conf(config)
}
