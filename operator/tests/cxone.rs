//! `outbound whoami` and `outbound register` against a CXone that is played by `wiremock`.

use std::process::{Command, Output};

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

const SECRET: &str = "secret-that-must-stay-secret";
const TOKEN: &str = "token-that-must-stay-secret";
const SUBSCRIPTIONS: &str = "/api/v2/event-subscriptions";
const WEBHOOKS: &str = "/api/v2/webhooks";
const BOTH: [&str; 5] = [
    "register",
    "--opt-out-url",
    "https://bundle.example.com/webhook/opt-out",
    "--interactions-url",
    "https://bundle.example.com/webhooks/cxone",
];
const ALL_SCOPES: &str = "outbound:dnc:write outbound:forecast:read outbound:contact:write \
    outbound:contact:read messaging:session:write outbound:campaign:write analytics:read \
    contact:read contact:write event-subscriptions:read event-subscriptions:write webhooks:write";

/// Output and exit code of the command.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        // Errors are wrapped: where does not matter.
        let err = text(output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        let ran = Self { code: output.status.code(), out: text(output.stdout), err };
        for hidden in [SECRET, TOKEN] {
            assert!(!ran.out.contains(hidden) && !ran.err.contains(hidden), "{ran:?}");
        }
        ran
    }
}

fn ran(code: i32, out: &str, err: &str) -> Ran {
    Ran { code: Some(code), out: out.to_owned(), err: err.to_owned() }
}

/// Runs the command with these settings and no others.
fn run_with(settings: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.env_clear().envs(settings.iter().copied()).args(arguments);
    command.output().expect("it runs").into()
}

/// Runs the command against the CXone at `address`.
fn run(address: &str, arguments: &[&str]) -> Ran {
    let settings = [
        ("CXONE_BASE_URL", address),
        ("CXONE_CLIENT_ID", "outbound"),
        ("CXONE_CLIENT_SECRET", SECRET),
    ];
    run_with(&settings, arguments)
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

async fn answer(server: &MockServer, to: &str, answer: ResponseTemplate) {
    Mock::given(path(to)).respond_with(answer).mount(server).await;
}

/// A CXone that issues tokens for `scope`, if it returns one.
async fn granting(scope: Option<&str>) -> MockServer {
    let server = MockServer::start().await;
    let token = json!({ "access_token": TOKEN, "scope": scope });
    answer(&server, "/oauth/token", status(200).set_body_json(token)).await;
    server
}

/// A CXone that does not accept the credentials, and repeats them.
async fn refusing() -> MockServer {
    let server = MockServer::start().await;
    let refusal = json!({ "error": "invalid_client", "error_description": SECRET });
    answer(&server, "/oauth/token", status(401).set_body_json(refusal)).await;
    server
}

async fn requests(server: &MockServer, to: &str) -> Vec<Value> {
    let all = server.received_requests().await.expect("they are recorded");
    let of_path = all.iter().filter(|request| request.url.path() == to);
    of_path.map(|request| request.body_json().expect("JSON")).collect()
}

mod register {
    use super::*;

    async fn accepting() -> MockServer {
        let server = granting(None).await;
        answer(&server, SUBSCRIPTIONS, status(201).set_body_json(json!({ "id": "sub-1" }))).await;
        answer(&server, WEBHOOKS, status(201).set_body_json(json!({ "webhookId": "hook-1" })))
            .await;
        server
    }

    #[tokio::test]
    async fn both_webhooks_are_registered() {
        let server = accepting().await;
        let expected =
            ran(0, "opt-outs: registered as sub-1\ninteractions: registered as hook-1\n", "");
        assert_eq!(run(&server.uri(), &BOTH), expected);
        let [subscription] = &requests(&server, SUBSCRIPTIONS).await[..] else {
            panic!("expected one subscription");
        };
        assert_eq!(subscription["callbackUrl"], BOTH[2]);
        let [webhook] = &requests(&server, WEBHOOKS).await[..] else {
            panic!("expected one webhook");
        };
        assert_eq!(webhook["url"], BOTH[4]);
    }

    #[tokio::test]
    async fn one_webhook_can_be_registered_without_the_other() {
        let server = accepting().await;
        let ran = run(&server.uri(), &BOTH[..3]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), "opt-outs: registered as sub-1\n"));
        let ran = run(&server.uri(), &["register", BOTH[3], BOTH[4]]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), "interactions: registered as hook-1\n"));
        assert_eq!(requests(&server, SUBSCRIPTIONS).await.len(), 1);
        assert_eq!(requests(&server, WEBHOOKS).await.len(), 1);
    }

    #[tokio::test]
    async fn a_second_run_changes_nothing() {
        let server = granting(None).await;
        answer(&server, SUBSCRIPTIONS, status(409)).await;
        answer(&server, WEBHOOKS, status(409)).await;
        let expected = ran(
            0,
            "opt-outs: already registered, nothing changed\n\
                  interactions: already registered, nothing changed\n",
            "",
        );
        assert_eq!(run(&server.uri(), &BOTH), expected);
    }

    #[tokio::test]
    async fn wrong_credentials_are_reported_once_and_nothing_is_registered() {
        let server = refusing().await;
        let expected = ran(
            2,
            "",
            "error: CXone does not accept the credentials: the token endpoint answered 401 \
                  (invalid_client) \
                  Check CXONE_CLIENT_ID, CXONE_CLIENT_SECRET, CXONE_TOKEN_AUTH and \
                  CXONE_TOKEN_URL; and CXONE_SCOPE, if it is set.",
        );
        assert_eq!(run(&server.uri(), &BOTH), expected);
        assert_eq!(server.received_requests().await.expect("they are recorded").len(), 1);
    }

    #[tokio::test]
    async fn a_missing_scope_is_named_and_does_not_hold_up_the_other_webhook() {
        let server = granting(Some("event-subscriptions:read webhooks:write")).await;
        answer(&server, SUBSCRIPTIONS, status(403).set_body_string("not for you")).await;
        answer(&server, WEBHOOKS, status(409)).await;
        let expected = ran(
            1,
            "opt-outs: not registered: CXone forbids this operation: not for you\n  \
                  Missing scopes: event-subscriptions:write. Grant them to the client in CXone, \
                  and name them in CXONE_SCOPE if that is set.\n\
                  interactions: already registered, nothing changed\n",
            "",
        );
        assert_eq!(run(&server.uri(), &BOTH), expected);
    }

    #[tokio::test]
    async fn a_path_that_the_tenant_does_not_have_is_reported() {
        let server = accepting().await;
        let settings = [
            ("CXONE_BASE_URL", server.uri()),
            ("CXONE_CLIENT_ID", "outbound".to_owned()),
            ("CXONE_CLIENT_SECRET", SECRET.to_owned()),
            ("CXONE_PATH_REGISTER_WEBHOOK", "/elsewhere".to_owned()),
        ];
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        let ran = run_with(&settings, &BOTH);
        assert_eq!(ran.code, Some(1));
        let expected = "opt-outs: registered as sub-1\ninteractions: not registered: ";
        assert!(ran.out.starts_with(expected), "{}", ran.out);
        assert!(ran.out.contains("CXONE_PATH_<OPERATION>"), "{}", ran.out);
    }

    #[test]
    fn nothing_to_register_is_a_wrong_command_line() {
        let ran = run_with(&[], &["register"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        for option in ["--opt-out-url <URL>", "--interactions-url <URL>"] {
            assert!(ran.err.contains(option), "{}", ran.err);
        }
    }

    #[test]
    fn customers_are_not_sent_over_plain_http() {
        let ran = run_with(&[], &["register", "--opt-out-url", "http://bundle.example.com/"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        assert!(ran.err.contains("not an https address"), "{}", ran.err);
    }
}

mod whoami {
    use super::*;

    async fn whoami(scope: Option<&str>) -> Ran {
        let server = granting(scope).await;
        let ran = run(&server.uri(), &["whoami"]);
        let host = format!("host: {}/\n", server.uri());
        let out = ran.out.strip_prefix(&host).expect("it begins with the host").to_owned();
        Ran { out, ..ran }
    }

    #[tokio::test]
    async fn good_credentials_with_all_scopes_are_enough() {
        let expected = ran(0, "credentials: good\nscopes: all that the bundle needs\n", "");
        assert_eq!(whoami(Some(ALL_SCOPES)).await, expected);
    }

    #[tokio::test]
    async fn missing_scopes_are_named_with_what_they_are_for() {
        let granted = ALL_SCOPES.replace(" contact:write", "").replace(" webhooks:write", "");
        let expected = ran(
            1,
            "credentials: good\n\
                  scopes: 2 of 12 are missing\n  \
                  contact:write              record dispositions\n  \
                  webhooks:write             register the interaction webhook\n",
            "",
        );
        assert_eq!(whoami(Some(&granted)).await, expected);
    }

    #[tokio::test]
    async fn unknown_scopes_are_not_reported_as_missing() {
        let ran = whoami(None).await;
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        assert!(ran.out.contains("credentials: good\nscopes: not known"), "{}", ran.out);
    }

    #[tokio::test]
    async fn wrong_credentials_are_reported_with_what_to_check() {
        let server = refusing().await;
        let ran = run(&server.uri(), &["whoami"]);
        assert_eq!(ran.code, Some(1));
        assert!(ran.out.starts_with(&format!("host: {}/\n", server.uri())));
        for setting in
            ["CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET", "CXONE_TOKEN_AUTH", "CXONE_TOKEN_URL"]
        {
            assert!(ran.out.contains(setting), "{}", ran.out);
        }
    }

    #[test]
    fn a_host_that_cannot_be_reached_is_reported_with_what_to_check() {
        // Nothing listens on the port of tcpmux.
        let ran = run("http://127.0.0.1:1", &["whoami"]);
        assert_eq!(ran.code, Some(1));
        assert!(ran.out.contains("CXone is not available: "), "{}", ran.out);
        assert!(ran.out.contains("CXONE_BASE_URL"), "{}", ran.out);
    }
}

#[test]
fn missing_settings_are_all_named_at_once() {
    let expected = ran(
        2,
        "",
        "error: 3 settings are missing or malformed: CXONE_BASE_URL is not set CXONE_CLIENT_ID is \
         not set CXONE_CLIENT_SECRET is not set",
    );
    assert_eq!(run_with(&[], &["whoami"]), expected);
    assert_eq!(run_with(&[], &BOTH), expected);
}

#[test]
fn the_help_names_the_settings() {
    for arguments in [["register", "--help"], ["whoami", "--help"]] {
        let ran = run_with(&[], &arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        assert!(ran.out.contains("CXONE_BASE_URL"), "{}", ran.out);
    }
}
