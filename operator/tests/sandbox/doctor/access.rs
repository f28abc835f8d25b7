//! Tokens that are refused: which setting, or which half of the credentials, is wrong.

use super::*;

/// The environment of a function with all credentials, and variables that differ.
async fn in_environment(sandbox: &Surroundings, changes: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(["doctor"]).stdin(Stdio::null()).env_clear();
    command.envs(credentials(sandbox)).envs(changes.iter().copied());
    run(command).await
}

/// The style that is configured, variables that differ, and what is said of them.
type Wrong = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const WRONG: &[Wrong] = &[
    (
        "basic",
        &[("CXONE_CLIENT_SECRET", "another secret")],
        &[
            "401 (invalid_client). Tried as well: form: 401 (invalid_client), access-key: granted",
            "The client is refused, the access key is not: correct clientId and clientSecret.",
            "Or set CxoneTokenAuth to access-key and CxoneTokenUrl to",
        ],
    ),
    (
        "form",
        &[("CXONE_ACCESS_KEY_SECRET", "another secret")],
        &[
            "400 (invalid_grant). Tried as well: access-key: 401",
            "The access key is refused: correct accessKeyId and accessKeySecret.",
        ],
    ),
    (
        "access-key",
        &[("CXONE_ACCESS_KEY_ID", "another id")],
        &[
            "401 (no reason). Tried as well: basic: 400 (invalid_grant)",
            "The access key is refused: correct accessKeyId and accessKeySecret.",
        ],
    ),
    (
        "basic",
        &[("CXONE_CLIENT_SECRET", "another"), ("CXONE_ACCESS_KEY_SECRET", "another")],
        &["Both halves are refused"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_half_of_the_credentials_that_is_refused_is_named() {
    for (style, changes, expected) in WRONG {
        let sandbox = started(Options { token_auth: (*style).to_owned(), ..healthy() }).await;
        let ran = in_environment(&sandbox, changes).await;
        assert_eq!(ran.code, Some(1), "{ran:?}");
        for text in *expected {
            assert!(ran.says(text), "{style} {changes:?} {text}: {ran:?}");
        }
        for (_, secret) in *changes {
            assert!(!ran.out.contains(secret), "{ran:?}");
        }
        assert!(!ran.out.contains(ACCESS_KEY_ID) && !ran.out.contains(ACCESS_KEY_SECRET));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_style_that_is_granted_a_token_is_the_setting() {
    for (style, place, expected) in [
        ("basic", "form", "Set CxoneTokenAuth to form."),
        ("form", "header", "Set CxoneTokenAuth to basic."),
    ] {
        let sandbox = started(Options { token_auth: style.to_owned(), ..healthy() }).await;
        set_trait(&sandbox, &json!({ "tokens": { "client": place } }));
        let ran = outbound(&sandbox, &["doctor"]).await;
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.says(expected), "{style}: {ran:?}");
    }
    let sandbox = started(healthy()).await;
    let url = sandbox.cxone.url();
    for (style, path, expected) in [
        ("basic", "/authentication/v1/token/access-key", "basic and CxoneTokenUrl to"),
        ("access-key", "/auth/token", "basic."),
    ] {
        let token_url = format!("{url}{path}");
        let changes = [("CXONE_TOKEN_AUTH", style), ("CXONE_TOKEN_URL", &*token_url)];
        let ran = in_environment(&sandbox, &changes).await;
        assert!(ran.says(&format!("Set CxoneTokenAuth to {expected}")), "{style}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_accepted_is_not_tried_again() {
    let sandbox = started(healthy()).await;
    let ran = in_environment(&sandbox, &[("CXONE_ACCESS_KEY_SECRET", "another")]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(sandbox.cxone.calls("tokenOidc"), 1, "a refusal more may lock the user");
    assert_eq!(sandbox.cxone.calls("tokenAccessKey"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_without_a_client_is_told() {
    let sandbox = started(Options { token_auth: "access-key".to_owned(), ..healthy() }).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(["doctor"]).stdin(Stdio::null()).env_clear().envs(credentials(&sandbox));
    command.env_remove("CXONE_CLIENT_ID").env_remove("CXONE_CLIENT_SECRET");
    command.env("CXONE_ACCESS_KEY_SECRET", "another");
    let ran = run(command).await;
    assert!(ran.says("basic: not tried, the credentials hold no OAuth client"), "{ran:?}");
}
