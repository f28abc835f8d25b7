//! Tokens, and what every call has in common.

use super::*;

fn clean(error: &Error) {
    let shown = format!("{error} {error:?}");
    assert_clean(&shown);
    for hidden in [tenant::KEY_ID, tenant::KEY_SECRET] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

async fn scopes(client: &Client) -> Result<(), Error> {
    client.granted_scopes(soon()).await.map(|scopes| assert_eq!(scopes, None))
}

#[tokio::test]
async fn each_style_sends_its_credentials_in_its_own_place() {
    for style in ["basic", "form", "access-key"] {
        let tenant = Tenant::new().await;
        assert_eq!(scopes(&tenant.client(&[("CXONE_TOKEN_AUTH", style)])).await, Ok(()));
        let operation = if style == "access-key" { "tokenAccessKey" } else { "tokenOidc" };
        let [request] = &tenant.requests(operation)[..] else { panic!("one request") };
        let authorization =
            request.headers.get("authorization").map(|it| it.to_str().expect("text"));
        // the%3Aclient:p%3Ass+w%25rd%2B
        let basic = "Basic dGhlJTNBY2xpZW50OnAlM0Fzcyt3JTI1cmQlMkI=";
        assert_eq!(authorization, (style == "basic").then_some(basic));
        let user = "grant_type=password&username=access%3Akey&password=k%26y+s%3Dcret%2B";
        let sent = String::from_utf8_lossy(&request.body);
        match style {
            "basic" => assert_eq!(sent, user),
            "form" => assert_eq!(
                sent,
                format!("{user}&client_id=the%3Aclient&client_secret=p%3Ass+w%25rd%2B")
            ),
            _ => assert_eq!(
                body(request),
                json!({ "accessKeyId": tenant::KEY_ID, "accessKeySecret": tenant::KEY_SECRET })
            ),
        }
    }
}

#[tokio::test]
async fn credentials_that_lack_their_half_are_refused_before_anything_is_sent() {
    let tenant = Tenant::new().await;
    let uri = tenant.uri();
    for (style, lacking) in
        [("basic", "access key"), ("form", "access key"), ("access-key", "access key")]
    {
        let config = Environment::from_pairs([
            ("CXONE_API", "acd"),
            ("CXONE_BASE_URL", &uri),
            ("CXONE_TOKEN_URL", &uri),
            ("CXONE_TOKEN_AUTH", style),
        ]);
        let config = config.read(Config::read).expect("good settings");
        let client = Client::new(config, Credentials::of_client("id", SECRET)).expect("a client");
        let error = scopes(&client).await.expect_err("a half is missing");
        assert!(
            matches!(&error, Error::Unauthorized { detail } if detail.contains(lacking)),
            "{error}"
        );
    }
    assert!(tenant.operations().is_empty());
}

#[tokio::test]
async fn the_life_of_a_token_is_read_and_it_is_used_until_then() {
    for (token, tokens) in [
        (json!({ "access_token": TOKEN, "expires_in": 3600, "id_token": "x.y.z" }), 1),
        (json!({ "access_token": TOKEN, "expires_in": 0 }), 2),
        (json!({ "access_token": TOKEN }), 1),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("tokenOidc", [ok(token)]);
        let client = tenant.client(&[]);
        for _ in 0..2 {
            assert_eq!(scopes(&client).await, Ok(()));
        }
        assert_eq!(tenant.requests("tokenOidc").len(), tokens);
    }
}

#[tokio::test]
async fn a_refused_access_key_shows_nothing_of_it() {
    for style in ["basic", "access-key"] {
        for status in [400, 401] {
            let tenant = Tenant::new().await;
            let refused =
                json!({ "error": "invalid_grant", "errorDescription": tenant::KEY_SECRET });
            for operation in ["tokenOidc", "tokenAccessKey"] {
                tenant.script(operation, [reply(status, refused.clone())]);
            }
            let client = tenant.client(&[("CXONE_TOKEN_AUTH", style)]);
            let error = scopes(&client).await.expect_err("the key is refused");
            assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
            clean(&error);
        }
    }
}

#[tokio::test]
async fn a_token_that_ended_early_is_replaced_once() {
    let tenant = Tenant::new().await;
    let description = "Client application X not authorized for user";
    let refused = || empty(401).header("icStatusDescription", description);
    tenant.script("skill", [refused(), ok(json!({ "skillId": 4_271_306, "isRunning": true }))]);
    let client = tenant.client(&[]);
    assert_eq!(client.is_running(SKILL, soon()).await, Ok(true));
    assert_eq!(tenant.requests("tokenOidc").len(), 2);
    tenant.script("skill", [refused()]);
    let error = client.is_running(SKILL, soon()).await.expect_err("it stays");
    assert_eq!(error, Error::Unauthorized { detail: description.to_owned() });
}

#[tokio::test]
async fn each_refusal_is_of_a_kind_and_has_its_message_wherever_it_is() {
    type Kind = fn(String) -> Error;
    let kinds: [(u16, Kind); 4] = [
        (400, |detail| Error::Invalid { detail }),
        (401, |detail| Error::Unauthorized { detail }),
        (403, |detail| Error::Forbidden { detail }),
        (404, |detail| Error::NotFound { detail }),
    ];
    for (status, kind) in kinds {
        for (body, header, message) in [
            (r#"{"error":"No"}"#, None, "No"),
            (
                r#"{"error":"No","errorDescription":"not +12025550142"}"#,
                None,
                "No: not +1202***0142",
            ),
            (r#"{"error_description":"not you"}"#, None, "not you"),
            (r#"{"message":"not now"}"#, Some("Other"), "not now"),
            ("", Some("InvalidParameter"), "InvalidParameter"),
            ("", None, "(no message)"),
        ] {
            let tenant = Tenant::new().await;
            let mut answer = empty(status);
            if !body.is_empty() {
                answer = reply(status, serde_json::from_str(body).expect("JSON"));
            }
            if let Some(header) = header {
                answer = answer.header("icStatusDescription", header);
            }
            tenant.script("callbacksOfSkill", [ok(json!({ "callbacks": [] }))]);
            tenant.script("createCallback", [answer]);
            let callback =
                Callback { campaign: SKILL.to_owned(), ..super::super::callbacks::callback() };
            let error =
                super::super::callbacks::schedule_after(&tenant.client(&[]), &callback, -60).await;
            assert_eq!(error, Err(kind(message.to_owned())), "{status} {body}");
        }
    }
}

#[tokio::test]
async fn a_limit_without_a_wait_is_waited_for_and_so_is_one_with() {
    for limit in [empty(429), empty(429).header("Retry-After", "0")] {
        let tenant = Tenant::new().await;
        tenant.script("skill", [limit, ok(json!({ "isRunning": false }))]);
        assert_eq!(tenant.client(&[]).is_running(SKILL, soon()).await, Ok(false));
        assert_eq!(tenant.requests("skill").len(), 2);
    }
}

#[tokio::test]
async fn a_version_is_part_of_a_path_and_can_be_changed_for_one_operation() {
    let tenant = Tenant::new().await;
    tenant.script("skill", [ok(json!({ "isRunning": true }))]);
    let path = "/incontactapi/services/v33.0/skills/{skillId}";
    let client = tenant.client(&[("CXONE_PATH_SKILL", path)]);
    assert_eq!(client.is_running(SKILL, soon()).await, Ok(true));
    let [request] = &tenant.requests("skill")[..] else { panic!("one request") };
    assert_eq!(request.url.path(), "/incontactapi/services/v33.0/skills/4271306");
}

#[test]
fn every_problem_of_the_settings_is_reported_at_once() {
    let problems = Environment::from_pairs([
        ("CXONE_API", "acd"),
        ("CXONE_BASE_URL", "https://api.example.com"),
        ("CXONE_TOKEN_AUTH", "digest"),
        ("CXONE_SCOPE", "openid"),
        ("CXONE_PATH_ADD_TO_DNC_LIST", "/dnc/{listId}"),
        ("CXONE_SKILLS", "spring=four"),
        ("CXONE_DNC_CHUNK", "0"),
        ("CXONE_NUMBER_FORMAT", "e164"),
        ("CXONE_DFO_CHANNELS", "+12025550199=sms"),
        ("CXONE_CALLBACK_AGENT", "none"),
        ("CXONE_CURFEW", "21:00-08:00"),
        ("CXONE_SCHEDULE", "weekly"),
        ("CXONE_ZONES", "Eastern"),
        ("CXONE_COMPLETED", "calls"),
        ("CXONE_WRITE_BACK", "tags"),
        ("CXONE_CAPACITY", "many"),
    ]);
    let problems = problems.read(Config::read).expect_err("much is wrong").to_string();
    for expected in [
        "15 settings are missing or malformed:",
        "CXONE_TOKEN_URL is not set",
        "CXONE_TOKEN_AUTH is `digest`: expected basic, form or access-key",
        "CXONE_SCOPE is set, and with CXONE_API=acd a role decides",
        "CXONE_PATH_ADD_TO_DNC_LIST names no operation; there are ADD_DNC_RECORDS",
        "CXONE_SKILLS is `spring=four`: expected numbers of skills",
        "CXONE_DNC_CHUNK is `0`",
        "CXONE_NUMBER_FORMAT is `e164`: expected national or international",
        "CXONE_DFO_URL is not set",
        "CXONE_CALLBACK_AGENT is `none`: expected omit, empty or an agent's number",
        "CXONE_CURFEW is `21:00-08:00`: expected two times of day such as 08:00-21:00",
        "CXONE_SCHEDULE is `weekly`: expected verify or hours",
        "CXONE_ZONES is `Eastern`: `Eastern` is neither a Windows nor an IANA zone",
        "CXONE_COMPLETED is `calls`: expected contacts, dials or list",
        "CXONE_TAGS is not set",
        "CXONE_CAPACITY is `many`: expected `skill days hours zone agents`",
    ] {
        assert!(problems.contains(expected), "{expected} in {problems}");
    }
}

#[test]
fn an_access_key_alone_is_for_the_acd_services() {
    let problems = Environment::from_pairs([
        ("CXONE_BASE_URL", "https://api.example.com"),
        ("CXONE_TOKEN_AUTH", "access-key"),
    ]);
    let problems = problems.read(Config::read).expect_err("there is no such style").to_string();
    assert!(problems.contains("`access-key`: expected basic or form"), "{problems}");
}

#[tokio::test]
async fn cxone_sends_no_events_by_itself() {
    let tenant = Tenant::new().await;
    let client = tenant.client(&[]);
    let url = "https://example.com/webhook".parse().expect("an address");
    for refused in [
        client.register_opt_outs(&url, soon()).await,
        client.register_interactions(&url, soon()).await,
    ] {
        assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
    }
    assert!(tenant.operations().is_empty());
}

/// The other styles that are tried, and which half of the credentials the configured one was refused
/// for.
async fn trials(tenant: &Tenant, settings: &[(&str, &str)]) -> crate::TokenTrials {
    let client = tenant.client(settings);
    assert!(client.token_life(soon()).await.is_err());
    let trials = client.inspection().expect("the ACD services").token_trials(soon()).await;
    let shown = format!("{trials:?}");
    assert_clean(&shown);
    for hidden in [tenant::KEY_ID, tenant::KEY_SECRET] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    trials
}

fn oauth(status: u16, code: &str) -> tenant::Answer {
    reply(status, json!({ "error": code, "error_description": format!("{SECRET} is wrong") }))
}

fn shown(trials: &crate::TokenTrials) -> Vec<String> {
    trials.others.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn the_other_styles_are_tried_once_each_until_a_token_is_granted() {
    use crate::CredentialHalf::{AccessKey, Client};
    let (token, refused) = (|| ok(json!({ "access_token": TOKEN })), || reply(401, json!({})));
    let (client, grant) = (|code: &str| oauth(401, code), || oauth(400, "invalid_grant"));
    for (style, oidc, key, half, expected) in [
        (
            "basic",
            vec![client("invalid_client"), token()],
            refused(),
            Some(Client),
            vec!["form: granted"],
        ),
        (
            "form",
            vec![client("unauthorized_client"), client("invalid_client")],
            token(),
            Some(Client),
            vec!["basic: 401 (invalid_client)", "access-key: granted"],
        ),
        ("basic", vec![grant()], refused(), Some(AccessKey), vec!["access-key: 401"]),
        ("access-key", vec![token()], refused(), Some(AccessKey), vec!["basic: granted"]),
        (
            "access-key",
            vec![client("invalid_client"), grant()],
            refused(),
            Some(AccessKey),
            vec!["basic: 401 (invalid_client)", "form: 400 (invalid_grant)"],
        ),
        (
            "basic",
            vec![client("none of ours")],
            refused(),
            None,
            vec!["form: 401", "access-key: 401"],
        ),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("tokenOidc", oidc);
        tenant.script("tokenAccessKey", [key]);
        let trials = trials(&tenant, &[("CXONE_TOKEN_AUTH", style)]).await;
        assert_eq!(trials.refused, half, "{style}");
        assert_eq!(shown(&trials), expected, "{style}");
        let sent = tenant.requests("tokenOidc").len() + tenant.requests("tokenAccessKey").len();
        assert_eq!(sent, 1 + expected.len(), "{style}: no request more than needed");
    }
}

#[tokio::test]
async fn the_endpoint_of_another_style_is_on_the_configured_host() {
    let tenant = Tenant::new().await;
    tenant.script("tokenOidc", [oauth(400, "invalid_grant")]);
    tenant.script("tokenAccessKey", [ok(json!({ "access_token": TOKEN }))]);
    let trials = trials(&tenant, &[]).await;
    let [key] = &trials.others[..] else { panic!("{trials:?}") };
    let expected = format!("{}/authentication/v1/token/access-key", tenant.uri());
    assert_eq!((key.url.as_str(), key.is_elsewhere), (&*expected, true));

    // The style and the endpoint do not belong together.
    let tenant = Tenant::new().await;
    let url = format!("{}/authentication/v1/token/access-key", tenant.uri());
    let server = server().await;
    let settings =
        [("CXONE_API", "acd"), ("CXONE_TOKEN_URL", &*url), ("CXONE_TOKEN_AUTH", "access-key")];
    let client = tenant::client_of(&server.uri(), &settings);
    tenant.script("tokenAccessKey", [reply(400, json!({ "message": "no" }))]);
    tenant.script("tokenOidc", [ok(json!({ "access_token": TOKEN }))]);
    assert!(client.token_life(soon()).await.is_err());
    let trials = client.inspection().expect("the ACD services").token_trials(soon()).await;
    let [basic] = &trials.others[..] else { panic!("{trials:?}") };
    assert_eq!(basic.url.as_str(), format!("{}/auth/token", tenant.uri()));
    assert!(basic.is_granted() && basic.is_elsewhere && trials.refused.is_none());
    assert!(server.received_requests().await.expect("they are recorded").is_empty());
}

#[tokio::test]
async fn a_style_whose_half_is_missing_is_not_sent() {
    let tenant = Tenant::new().await;
    tenant.script("tokenAccessKey", [reply(401, json!({ "message": "no" }))]);
    let token_url = format!("{}/authentication/v1/token/access-key", tenant.uri());
    let config = Environment::from_pairs([
        ("CXONE_API", "acd"),
        ("CXONE_BASE_URL", &*tenant.uri()),
        ("CXONE_TOKEN_URL", &*token_url),
        ("CXONE_TOKEN_AUTH", "access-key"),
    ]);
    let config = config.read(Config::read).expect("good settings");
    let key = settings::KeyPair { id: tenant::KEY_ID.into(), secret: tenant::KEY_SECRET.into() };
    let credentials = Credentials { client: None, access_key: Some(key) };
    let client = Client::new(config, credentials).expect("a client");
    assert!(client.token_life(soon()).await.is_err());
    let trials = client.inspection().expect("the ACD services").token_trials(soon()).await;
    let missing = "not tried, the credentials hold no OAuth client";
    assert_eq!(shown(&trials), [format!("basic: {missing}")]);
    assert!(tenant.requests("tokenOidc").is_empty());
}
