use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use base64::Engine;
use chrono::Utc;
use lambda_http::{Body, http::HeaderName};
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::*;
use crate::telemetry::Telemetry;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const OLD: &str = "the old secret of all";
const NEW: &str = "the new secret of all";
const BODY: &[u8] = br#"{"eventType":"contact.opt_out"}"#;

fn secrets(texts: &[&str]) -> Vec<SecretString> {
    texts.iter().map(|text| (*text).into()).collect()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let header = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), value.parse().expect("a value"))
    };
    pairs.iter().map(header).collect()
}

/// Headers signed with `key`, `offset` seconds away from now.
fn signed(key: &Webhook, offset: i64) -> HeaderMap {
    let timestamp = Utc::now().timestamp() + offset;
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

fn key(secret: &str) -> Webhook {
    Webhook::new(secret).expect("a key")
}

#[test]
fn a_signed_request_gets_in() {
    let headers = signed(&key(SECRET), 0);
    assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Ok(0));
}

#[test]
fn either_secret_of_a_rotation_is_honoured() {
    let rotation = secrets(&["whsec_YSBuZXcgc2VjcmV0IG9mIDI0IGJ5dGVz", SECRET]);
    for (index, secret) in
        ["whsec_YSBuZXcgc2VjcmV0IG9mIDI0IGJ5dGVz", SECRET].into_iter().enumerate()
    {
        assert_eq!(authenticate(&rotation, &signed(&key(secret), 0), BODY), Ok(index));
    }
    let retired = signed(&key("whsec_b2xkIHNlY3JldA=="), 0);
    assert_eq!(authenticate(&rotation, &retired, BODY), Err(Denied::Mismatch));
}

#[test]
fn a_plain_text_secret_is_the_key_itself() {
    for secret in ["C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "correct horse, battery staple"] {
        let by_text = Webhook::from_bytes(secret.into()).expect("a key");
        assert_eq!(authenticate(&secrets(&[secret]), &signed(&by_text, 0), BODY), Ok(0));
    }
}

#[test]
fn a_signature_holds_for_one_body_only() {
    let headers = signed(&key(SECRET), 0);
    let other = br#"{"eventType":"contact.opt_in"}"#;
    assert_eq!(authenticate(&secrets(&[SECRET]), &headers, other), Err(Denied::Mismatch));
    let not_utf8 = [0xff, 0xfe];
    assert_eq!(authenticate(&secrets(&[SECRET]), &headers, &not_utf8), Err(Denied::Mismatch));
}

#[test]
fn a_signature_from_another_time_is_refused() {
    for offset in [-310, 310] {
        let headers = signed(&key(SECRET), offset);
        assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Err(Denied::OutOfTime));
    }
    for offset in [-240, 240] {
        let headers = signed(&key(SECRET), offset);
        assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Ok(0));
    }
}

#[test]
fn absurd_timestamps_are_refused_and_do_no_harm() {
    for timestamp in [i64::MIN.to_string().as_str(), "-1", "soon", "9223372036854775808"] {
        let mut headers = signed(&key(SECRET), 0);
        headers.insert("webhook-timestamp", timestamp.parse().expect("a value"));
        assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Err(Denied::Incomplete));
    }
    let mut headers = signed(&key(SECRET), 0);
    headers.insert("webhook-timestamp", i64::MAX.into());
    assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Err(Denied::OutOfTime));
}

#[test]
fn half_a_signature_is_not_saved_by_a_good_token() {
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut headers = signed(&key(SECRET), 0);
        headers.remove(name);
        headers.insert("x-webhook-token", SECRET.parse().expect("a value"));
        assert_eq!(authenticate(&secrets(&[SECRET]), &headers, BODY), Err(Denied::Incomplete));
    }
}

#[test]
fn a_token_is_the_secret_as_it_is_written() {
    let known = secrets(&["other", "s3cret", SECRET]);
    for (pair, index) in [
        (("authorization", "Bearer s3cret"), 1),
        (("authorization", "bearer  s3cret"), 1),
        (("x-webhook-token", "s3cret"), 1),
        (("x-webhook-token", SECRET), 2),
    ] {
        assert_eq!(authenticate(&known, &headers(&[pair]), BODY), Ok(index), "{pair:?}");
    }
    for pair in [
        ("authorization", "Bearer s3cre"),
        ("authorization", "Bearer s3crets"),
        ("x-webhook-token", ""),
        ("x-webhook-token", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
    ] {
        assert_eq!(
            authenticate(&known, &headers(&[pair]), BODY),
            Err(Denied::Mismatch),
            "{pair:?}"
        );
    }
    for pair in [("authorization", "Basic s3cret"), ("authorization", "s3cret")] {
        assert_eq!(authenticate(&known, &headers(&[pair]), BODY), Err(Denied::Missing), "{pair:?}");
    }
}

#[test]
fn without_a_secret_nobody_gets_in() {
    let empty_key = Webhook::from_bytes(Vec::new()).expect("an empty key");
    for known in [secrets(&[]), secrets(&["whsec_"])] {
        assert_eq!(authenticate(&known, &signed(&empty_key, 0), BODY), Err(Denied::Mismatch));
        let token = headers(&[("x-webhook-token", "")]);
        assert_eq!(authenticate(&known, &token, BODY), Err(Denied::Mismatch));
        assert_eq!(authenticate(&known, &HeaderMap::new(), BODY), Err(Denied::Missing));
    }
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
        "body": base64::prelude::BASE64_STANDARD.encode(BODY), "isBase64Encoded": true,
    });
    let mut request = lambda_http::request::from_str(&event.to_string()).expect("an event");
    request.headers_mut().extend(signed(&key(SECRET), 0));
    assert!(matches!(request.body(), Body::Binary(_)));

    let authenticator = Authenticator::load(WebhookSource::given([SECRET]), unused_client())
        .await
        .expect("given secrets need no call");
    assert_eq!(authenticator.verify(&request, &mut record()).await, Ok(()));
    assert_eq!(json_body(&request), Ok(json!({ "eventType": "contact.opt_out" })));
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
    let source = settings::Environment::from_pairs([("WEBHOOK_SECRET_ARN", "arn")])
        .read(WebhookSource::read)
        .expect("the ARN is enough");

    holds(answer("the old secret of all")).await;
    let authenticator = Authenticator::load(source, client(&server.uri())).await.expect("a secret");
    holds(answer("the new secret of all")).await;
    let start = authenticator.current.lock().await.fetched_at;
    let shown = async |after: Duration| {
        let secrets = authenticator.secrets(start + after, SECRETS_KEPT).await;
        secrets[0].expose_secret().to_owned()
    };
    assert_eq!(shown(SECRETS_KEPT / 2).await, "the old secret of all");
    assert_eq!(shown(SECRETS_KEPT).await, "the new secret of all");

    holds(ResponseTemplate::new(400)).await;
    assert_eq!(shown(SECRETS_KEPT * 2).await, "the new secret of all");
    holds(answer("the newest secret of all")).await;
    assert_eq!(shown(SECRETS_KEPT * 3).await, "the newest secret of all");
}

#[tokio::test]
async fn a_secret_that_was_just_added_is_honoured_and_the_older_one_is_counted() {
    let server = MockServer::start().await;
    let holds = async |secrets: &[&str]| {
        server.reset().await;
        let secret = json!({ "webhookSecrets": secrets }).to_string();
        let answer = ResponseTemplate::new(200).set_body_json(json!({ "SecretString": secret }));
        Mock::given(any()).respond_with(answer).mount(&server).await;
    };
    let source = settings::Environment::from_pairs([("WEBHOOK_SECRET_ARN", "arn")])
        .read(WebhookSource::read)
        .expect("the ARN is enough");
    let (telemetry, lines) = Telemetry::captured("test");
    let sends = async |authenticator: &Authenticator, token: &'static str| {
        let mut request = Request::default();
        *request.headers_mut() = headers(&[("x-webhook-token", token)]);
        let verified = authenticator.verify(&request, &mut telemetry.event("request-1")).await;
        (verified.is_ok(), lines.read().pop().expect("a line")["old_secret"].clone())
    };

    holds(&[OLD]).await;
    let authenticator = Authenticator::load(source, client(&server.uri())).await.expect("a secret");
    assert_eq!(sends(&authenticator, OLD).await, (true, json!(null)));

    holds(&[NEW, OLD]).await;
    assert!(!sends(&authenticator, NEW).await.0, "doubt costs one call in ten seconds at most");
    authenticator.current.lock().await.fetched_at -= SECRETS_KEPT_IN_DOUBT;
    assert_eq!(sends(&authenticator, NEW).await, (true, json!(null)));
    assert_eq!(sends(&authenticator, OLD).await, (true, json!(1)));
}

#[tokio::test]
async fn a_clock_that_was_put_back_does_not_keep_a_secret_for_ever() {
    let authenticator = Authenticator::load(WebhookSource::given([SECRET]), unused_client())
        .await
        .expect("given secrets need no call");
    let now = SystemTime::now();
    authenticator.current.lock().await.fetched_at = now + SECRETS_KEPT * 100;
    authenticator.secrets(now, SECRETS_KEPT).await;
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

fn posted(content_type: &str, body: impl Into<Body>) -> Request {
    let mut request = Request::new(body.into());
    *request.headers_mut() = headers(&[("content-type", content_type)]);
    request
}

fn refused(request: &Request) -> (u16, &'static str) {
    let problem = json_body(request).expect_err("it is refused");
    (problem.status().as_u16(), problem.code())
}

#[test]
fn json_is_known_by_its_content_type() {
    for content_type in
        ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"]
    {
        assert_eq!(json_body(&posted(content_type, "{}")), Ok(json!({})), "{content_type}");
    }
    for content_type in ["text/plain", "application/jsonp", "", "application/x-www-form-urlencoded"]
    {
        assert_eq!(refused(&posted(content_type, "{}")), (415, "not_json"), "{content_type}");
    }
    assert_eq!(refused(&Request::new("{}".into())), (415, "not_json"));
}

#[test]
fn what_is_not_json_is_a_400_that_does_not_repeat_it() {
    assert_eq!(refused(&posted("application/json", "")), (400, "malformed_json"));
    let problem =
        json_body(&posted("application/json", "{\n \"a\": secret }")).expect_err("no JSON");
    assert!(!format!("{problem:?}").contains("secret"));
    assert!(format!("{problem:?}").contains("line 2, column 7"));
}

#[test]
fn a_long_body_is_refused_before_anything_else_is_looked_at() {
    let longest = format!("\"{}\"", "x".repeat(BODY_BYTES_MAX - 2));
    assert!(json_body(&posted("application/json", longest)).is_ok());
    let longer = "x".repeat(BODY_BYTES_MAX + 1);
    assert_eq!(refused(&posted("text/plain", longer)), (413, "body_too_large"));
}
