use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use secrecy::ExposeSecret;
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::body_string_contains};

use super::*;

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:tests-a1B2c3";

const NEW: &str = "the new secret of all";
const OLD: &str = "the old secret of all";
const SIGNED_WITH: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

async fn holding(secret: &str) -> (MockServer, Client) {
    let server = MockServer::start().await;
    Mock::given(body_string_contains(ARN))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "SecretString": secret })))
        .mount(&server)
        .await;
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(server.uri())
        .build();
    (server, Client::from_conf(config))
}

fn at_arn<T>(read: fn(&mut Environment) -> Option<T>) -> T {
    let arns = [CLIENT_ARN, WEBHOOK.arn, SIGNING.arn].map(|name| (name, ARN));
    Environment::from_pairs(arns).read(read).expect("the ARN is enough")
}

fn problems<T>(pairs: &[(&str, &str)], read: fn(&mut Environment) -> Option<T>) -> String {
    Environment::from_pairs(pairs.iter().copied())
        .read(read)
        .err()
        .expect("something is missing")
        .to_string()
}

#[tokio::test]
async fn one_secret_may_serve_all_kinds() {
    let secret = json!({
        "clientId": "id", "clientSecret": "s3cret",
        "webhookSecrets": [NEW, OLD], "signingSecrets": [SIGNED_WITH],
    });
    let (_server, client) = holding(&secret.to_string()).await;

    let credentials = at_arn(ClientSource::read).load(client.clone()).await.expect("both fields");
    let credentials = credentials.current().await.expect("they are still there");
    let client_pair = credentials.client.expect("the client");
    assert_eq!(client_pair.id, "id");
    assert_eq!(client_pair.secret.expose_secret(), "s3cret");
    assert!(credentials.access_key.is_none());

    let secrets = at_arn(WebhookSource::read).load(&client).await.expect("the list");
    let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(secrets, [NEW, OLD]);

    let secrets = at_arn(SigningSource::read).load(&client).await.expect("the list");
    let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(secrets, [SIGNED_WITH]);
}

#[tokio::test]
async fn a_secret_that_lacks_the_half_its_style_needs_is_refused_at_start() {
    let half = json!({ "clientId": "id", "clientSecret": "s3cret", "accessKeyId": "key" });
    let key = json!({ "accessKeyId": "key", "accessKeySecret": "s3cret" });
    for (style, secret, expected) in [
        ("basic", &half, Err("`accessKeySecret`")),
        ("basic", &key, Err("`clientId`")),
        ("access-key", &half, Err("`accessKeySecret`")),
        ("access-key", &key, Ok(())),
    ] {
        let (_server, client) = holding(&secret.to_string()).await;
        let source = Environment::from_pairs([
            (CLIENT_ARN, ARN),
            ("CXONE_API", "acd"),
            ("CXONE_TOKEN_AUTH", style),
        ]);
        let source = source.read(ClientSource::read).expect("the ARN is enough");
        let loaded = source.load(client).await.map(drop).map_err(|error| error.to_string());
        match expected {
            Ok(()) => assert_eq!(loaded, Ok(())),
            Err(field) => assert!(loaded.is_err_and(|error| error.contains(field)), "{style}"),
        }
    }
}

#[tokio::test]
async fn the_first_token_uses_what_was_loaded_and_the_next_one_what_is_there_then() {
    let (server, client) = holding(r#"{"clientId":"old","clientSecret":"s3cret"}"#).await;
    let credentials = at_arn(ClientSource::read).load(client).await.expect("both fields");
    server.reset().await;
    let rotated = json!({ "SecretString": r#"{"clientId":"new","clientSecret":"s3cret"}"# });
    Mock::given(body_string_contains(ARN))
        .respond_with(ResponseTemplate::new(200).set_body_json(rotated))
        .expect(1)
        .mount(&server)
        .await;
    for expected in ["old", "new"] {
        let found = credentials.credentials().await.expect("both fields");
        assert_eq!(found.client.expect("the client").id, expected);
    }
}

#[tokio::test]
async fn a_secret_that_holds_no_key_is_refused_by_name_and_not_shown() {
    for (list, position, why) in [
        (json!([SIGNED_WITH, "visible"]), 2, "it must be `whsec_` and base64"),
        (json!(["whsec_"]), 1, "a key must have at least 16 bytes"),
        (json!([" "]), 1, "it must be `whsec_` and base64"),
        (json!(["whsec_visible!"]), 1, "what follows `whsec_` must be base64"),
    ] {
        let secret = json!({ "signingSecrets": list, "webhookSecrets": list }).to_string();
        let (_server, client) = holding(&secret).await;
        let error = at_arn(SigningSource::read).load(&client).await.expect_err("no key");
        let at = "the secret at SIGNING_SECRET_ARN has an unusable `signingSecrets` at position";
        assert!(error.to_string().starts_with(&format!("{at} {position}: {why}")), "{error}");
        let error = at_arn(WebhookSource::read).load(&client).await.expect_err("no key");
        assert!(error.to_string().contains("`webhookSecrets` at position"), "{error}");
        assert!(!format!("{error:?}").contains("isible"), "{error}");
    }
    for (list, position) in [("visible", 1), ("whsec_c2l4dGVlbiBsZXR0ZXJzIQ,whsec_visible!", 2)] {
        let problems = problems(&[(SIGNING.variable, list)], SigningSource::read);
        let expected = format!("SIGNING_SECRETS holds an unusable secret at position {position}: ");
        assert!(problems.contains(&expected), "{problems}");
        assert!(!problems.contains("isible"), "{problems}");
    }
}

#[tokio::test]
async fn reports_need_a_secret_and_senders_may_have_none() {
    let (_server, client) = holding(r#"{"signingSecrets":[],"webhookSecrets":[]}"#).await;
    let error = at_arn(SigningSource::read).load(&client).await.expect_err("nothing to sign with");
    assert_eq!(
        error.to_string(),
        "the secret at SIGNING_SECRET_ARN has no usable field `signingSecrets`"
    );
    assert!(at_arn(WebhookSource::read).load(&client).await.expect("no sender gets in").is_empty());
}

#[tokio::test]
async fn a_missing_field_is_named_and_nothing_of_the_content_is_shown() {
    let (_server, client) = holding(r#"{"clientId":"visible","webhookSecrets":["a", 7]}"#).await;
    let error = at_arn(ClientSource::read).load(client.clone()).await.expect_err("no secret");
    assert_eq!(
        error.to_string(),
        "the secret at CXONE_SECRET_ARN has no usable field `clientSecret`"
    );
    let error = at_arn(WebhookSource::read).load(&client).await.expect_err("not a text");
    assert_eq!(
        error.to_string(),
        "the secret at WEBHOOK_SECRET_ARN has no usable field `webhookSecrets`"
    );

    let (_server, client) = holding("visible").await;
    let error = at_arn(ClientSource::read).load(client.clone()).await.expect_err("no JSON");
    assert_eq!(format!("{error:?} {error}").matches("visible").count(), 0);
}

#[test]
fn each_kind_reports_only_what_it_needs() {
    assert_eq!(
        problems(&[], WebhookSource::read),
        "1 setting is missing or malformed:\n  \
         WEBHOOK_SECRET_ARN is not set, nor is WEBHOOK_SECRETS"
    );
    assert_eq!(
        problems(&[(CLIENT.0, "id")], ClientSource::read),
        "1 setting is missing or malformed:\n  CXONE_CLIENT_SECRET is not set"
    );
    assert_eq!(
        problems(&[("WEBHOOK_SECRETS", NEW)], ClientSource::read),
        "1 setting is missing or malformed:\n  \
         CXONE_SECRET_ARN is not set, nor are CXONE_CLIENT_ID and CXONE_CLIENT_SECRET"
    );
}

#[test]
fn no_kind_shows_a_secret_when_it_is_printed() {
    let pairs = [
        (CLIENT.0, "id"),
        (CLIENT.1, "visible"),
        (WEBHOOK.variable, "visible for sixteen bytes"),
        (SIGNING.variable, "whsec_visibleVisibleVisible123"),
    ];
    let read = Environment::from_pairs(pairs)
        .read(|env| {
            let webhook = WebhookSource::read(env)?;
            Some((ClientSource::read(env)?, webhook, SigningSource::read(env)?))
        })
        .expect("all is set");
    assert!(!format!("{read:?}").to_lowercase().contains("visible"));
}
