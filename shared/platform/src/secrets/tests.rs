use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use secrecy::ExposeSecret;
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::body_string_contains};

use super::*;

const SIGNING: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

async fn holding(secret: &str) -> (MockServer, Client) {
    let server = MockServer::start().await;
    Mock::given(body_string_contains("arn:secret"))
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
    Environment::from_pairs([(SECRET_ARN, "arn:secret")]).read(read).expect("the ARN is enough")
}

fn problems<T>(pairs: &[(&str, &str)], read: fn(&mut Environment) -> Option<T>) -> String {
    Environment::from_pairs(pairs.iter().copied())
        .read(read)
        .err()
        .expect("something is missing")
        .to_string()
}

#[tokio::test]
async fn one_secret_holds_all_kinds() {
    let secret = json!({
        "clientId": "id", "clientSecret": "s3cret",
        "webhookSecrets": ["new", "old"], "signingSecrets": [SIGNING],
    });
    let (_server, client) = holding(&secret.to_string()).await;

    let credentials =
        at_arn(ClientSource::read).with(client.clone()).load().await.expect("both fields");
    assert_eq!(credentials.client_id, "id");
    assert_eq!(credentials.client_secret.expose_secret(), "s3cret");

    let secrets = at_arn(WebhookSource::read).load(&client).await.expect("the list");
    let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(secrets, ["new", "old"]);

    let secrets = at_arn(SigningSource::read).load(&client).await.expect("the list");
    let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(secrets, [SIGNING]);
}

#[tokio::test]
async fn what_holds_no_key_does_not_sign_and_is_not_shown() {
    for list in [json!([]), json!([SIGNING, "visible"]), json!(["whsec_"])] {
        let (_server, client) = holding(&json!({ "signingSecrets": list }).to_string()).await;
        let error = at_arn(SigningSource::read).load(&client).await.expect_err("no key");
        assert!(matches!(error, SecretError::Field("signingSecrets")), "{error}");
    }
    for list in [",", "visible", "whsec_dmlzaWJsZQ==,whsec_visible!"] {
        let problems = problems(&[(SIGNING_SECRETS, list)], SigningSource::read);
        assert!(problems.contains("SIGNING_SECRETS must be `whsec_` and base64"), "{problems}");
        assert!(!problems.contains("isible"), "{problems}");
    }
}

#[tokio::test]
async fn a_missing_field_is_named_and_nothing_of_the_content_is_shown() {
    let (_server, client) = holding(r#"{"clientId":"visible","webhookSecrets":["a", " "]}"#).await;
    let error =
        at_arn(ClientSource::read).with(client.clone()).load().await.expect_err("no secret");
    assert_eq!(
        error.to_string(),
        "the secret at CXONE_SECRET_ARN has no usable field `clientSecret`"
    );
    let error = at_arn(WebhookSource::read).load(&client).await.expect_err("a blank one");
    assert!(matches!(error, SecretError::Field("webhookSecrets")));

    let (_server, client) = holding("visible").await;
    let error = at_arn(ClientSource::read).with(client.clone()).load().await.expect_err("no JSON");
    assert_eq!(format!("{error:?} {error}").matches("visible").count(), 0);
}

#[test]
fn each_kind_reports_only_what_it_needs() {
    assert_eq!(
        problems(&[], WebhookSource::read),
        "1 setting is missing or malformed:\n  \
         CXONE_SECRET_ARN is not set, nor is WEBHOOK_SECRETS"
    );
    assert_eq!(
        problems(&[(CLIENT_ID, "id")], ClientSource::read),
        "1 setting is missing or malformed:\n  CXONE_CLIENT_SECRET is not set"
    );
    assert_eq!(
        problems(&[("WEBHOOK_SECRETS", "a")], ClientSource::read),
        "1 setting is missing or malformed:\n  \
         CXONE_SECRET_ARN is not set, nor are CXONE_CLIENT_ID and CXONE_CLIENT_SECRET"
    );
}

#[test]
fn no_kind_shows_a_secret_when_it_is_printed() {
    let pairs = [
        (CLIENT_ID, "id"),
        (CLIENT_SECRET, "visible"),
        ("WEBHOOK_SECRETS", "visible"),
        (SIGNING_SECRETS, "whsec_visible1"),
    ];
    let read = Environment::from_pairs(pairs)
        .read(|env| {
            let webhook = WebhookSource::read(env)?;
            Some((ClientSource::read(env)?, webhook, SigningSource::read(env)?))
        })
        .expect("all is set");
    assert!(!format!("{read:?}").contains("visible"));
}
