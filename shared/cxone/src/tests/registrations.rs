//! Registrations of webhooks.

use url::Url;

use super::*;

const SUBSCRIPTIONS: &str = "/api/v2/event-subscriptions";
const WEBHOOKS: &str = "/api/v2/webhooks";

pub(super) fn url() -> Url {
    "https://bundle.example.com/webhook?tenant=1".parse().expect("an address")
}

fn created(id: &str) -> Registered {
    Registered::Created { id: Some(id.to_owned()) }
}

fn subscribed() -> ResponseTemplate {
    status(201).set_body_json(json!({ "id": "sub-1", "enabled": true }))
}

fn hooked() -> ResponseTemplate {
    status(201).set_body_json(json!({ "webhookId": "hook-1", "id": 7 }))
}

/// Registers both webhooks.
async fn register(client: &Client) -> [Result<Registered, Error>; 2] {
    let url = url();
    [client.register_opt_outs(&url, soon()).await, client.register_interactions(&url, soon()).await]
}

#[tokio::test]
async fn opt_outs_are_an_event_subscription() {
    let server = server().await;
    answer_at(&server, SUBSCRIPTIONS, subscribed(), None).await;
    let registered = client(&server).register_opt_outs(&url(), soon()).await;
    assert_eq!(registered, Ok(created("sub-1")));
    let sent = requests(&server, SUBSCRIPTIONS).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method, "POST");
    assert_eq!(sent[0].headers["authorization"], format!("Bearer {TOKEN}").as_str());
    assert_eq!(
        body(&sent[0]),
        json!({
            "name": "dnc-optout-listener",
            "eventTypes": ["contact.opt_out", "contact.do_not_call.add"],
            "callbackUrl": "https://bundle.example.com/webhook?tenant=1",
            "enabled": true,
            "retryPolicy": { "maxRetries": 3, "interval": 60 },
        })
    );
}

#[tokio::test]
async fn interactions_are_a_webhook() {
    let server = server().await;
    answer_at(&server, WEBHOOKS, hooked(), None).await;
    let registered = client(&server).register_interactions(&url(), soon()).await;
    assert_eq!(registered, Ok(created("hook-1")));
    let sent = requests(&server, WEBHOOKS).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method, "POST");
    assert_eq!(sent[0].headers["authorization"], format!("Bearer {TOKEN}").as_str());
    assert_eq!(
        body(&sent[0]),
        json!({
            "name": "Interaction Router",
            "url": "https://bundle.example.com/webhook?tenant=1",
            "scope": "interactions:read",
            "events": ["interaction.created", "interaction.updated", "interaction.completed"],
        })
    );
}

#[tokio::test]
async fn a_registration_that_is_there_is_left_alone() {
    let server = server().await;
    for registrations in [SUBSCRIPTIONS, WEBHOOKS] {
        answer_at(&server, registrations, status(409), None).await;
    }
    let there = Ok(Registered::AlreadyThere);
    assert_eq!(register(&client(&server)).await, [there.clone(), there]);
    for registrations in [SUBSCRIPTIONS, WEBHOOKS] {
        assert_eq!(requests(&server, registrations).await.len(), 1);
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_found_done() {
    let server = server().await;
    for registrations in [SUBSCRIPTIONS, WEBHOOKS] {
        lose_answer(&server, registrations).await;
        answer_at(&server, registrations, status(409), None).await;
    }
    let there = Ok(Registered::AlreadyThere);
    assert_eq!(register(&client(&server)).await, [there.clone(), there]);
}

#[tokio::test]
async fn a_missing_scope_forbids_it() {
    let server = server().await;
    for registrations in [SUBSCRIPTIONS, WEBHOOKS] {
        answer_at(&server, registrations, status(403), None).await;
    }
    for registered in register(&client(&server)).await {
        assert!(matches!(registered, Err(Error::Forbidden { .. })), "{registered:?}");
    }
}

#[tokio::test]
async fn a_registration_is_made_even_if_its_answer_names_no_id() {
    for response in ["", "<html>", "{}", r#"{"id": null, "webhookId": null}"#] {
        let server = server().await;
        for registrations in [SUBSCRIPTIONS, WEBHOOKS] {
            answer_at(&server, registrations, status(201).set_body_string(response), None).await;
        }
        for registered in register(&client(&server)).await {
            assert_eq!(registered, Ok(Registered::Created { id: None }), "{response}");
        }
    }
}

#[tokio::test]
async fn a_tenant_can_have_other_paths() {
    let server = server().await;
    answer_at(&server, "/v3/subscriptions", subscribed(), None).await;
    answer_at(&server, "/v3/hooks", hooked(), None).await;
    let client = client_with(
        &server,
        &[
            ("CXONE_PATH_SUBSCRIBE_EVENTS", "/v3/subscriptions"),
            ("CXONE_PATH_REGISTER_WEBHOOK", "/v3/hooks"),
        ],
    );
    assert_eq!(register(&client).await, [Ok(created("sub-1")), Ok(created("hook-1"))]);
}
