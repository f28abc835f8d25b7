//! Scopes of the token.

use std::collections::BTreeSet;

use super::*;

/// The scopes of a token that is granted for `granted_scope`, of a client configured with `asked`.
async fn scopes(
    granted_scope: Option<Value>,
    asked: &str,
) -> Result<Option<BTreeSet<String>>, Error> {
    let server = MockServer::start().await;
    let mut answer = json!({ "access_token": TOKEN });
    if let Some(scope) = granted_scope {
        answer["scope"] = scope;
    }
    answer_token(&server, status(200).set_body_json(answer)).await;
    client_with(&server, &[("CXONE_SCOPE", asked)]).granted_scopes(soon()).await
}

fn set(scopes: &[&str]) -> BTreeSet<String> {
    scopes.iter().map(|&scope| scope.to_owned()).collect()
}

#[tokio::test]
async fn the_scopes_that_cxone_returns_count_whatever_was_requested() {
    let granted_scope = || Some(json!("contact:read  webhooks:write contact:read"));
    for asked in ["", "contact:read contact:write"] {
        let granted = scopes(granted_scope(), asked).await;
        assert_eq!(granted, Ok(Some(set(&["contact:read", "webhooks:write"]))), "{asked}");
    }
    assert_eq!(scopes(Some(json!("")), "contact:read").await, Ok(Some(set(&[]))));
}

#[tokio::test]
async fn scopes_that_are_not_returned_are_those_that_were_requested() {
    for granted_scope in [None, Some(Value::Null)] {
        let granted = scopes(granted_scope, "contact:read contact:write").await;
        assert_eq!(granted, Ok(Some(set(&["contact:read", "contact:write"]))));
    }
}

#[tokio::test]
async fn scopes_that_are_neither_returned_nor_requested_are_unknown() {
    assert_eq!(scopes(None, "").await, Ok(None));
}

#[tokio::test]
async fn a_token_is_good_however_its_scopes_are_written() {
    for odd in [json!(["contact:read"]), json!({}), json!(7)] {
        assert_eq!(scopes(Some(odd), "").await, Ok(None));
    }
}

#[tokio::test]
async fn asking_takes_one_token_and_no_other_call() {
    let server = server().await;
    let client = client(&server);
    for _ in 0..2 {
        assert_eq!(client.granted_scopes(soon()).await, Ok(None));
    }
    let sent = server.received_requests().await.expect("they are recorded");
    assert_eq!(sent.len(), 1);
    assert_eq!(client.drain_usage(), CxoneUsage::default());
}

#[tokio::test]
async fn wrong_credentials_have_no_scopes() {
    let server = MockServer::start().await;
    answer_token(&server, status(401).set_body_json(json!({ "error": "invalid_client" }))).await;
    let error = client(&server).granted_scopes(soon()).await.expect_err("they are wrong");
    assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
}
