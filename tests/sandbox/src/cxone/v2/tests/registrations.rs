use super::*;

const SUBSCRIPTIONS: &str = "/api/v2/event-subscriptions";
const WEBHOOKS: &str = "/api/v2/webhooks";

impl Caller {
    async fn register(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(self.request(Method::POST, path).json(body)).await
    }

    async fn assert_refused(&self, path: &str, good: &Value, broken: &[(&str, Value, &str)]) {
        let absent = broken.iter().map(|(pointer, _, _)| (*pointer, None, &pointer[1..]));
        let wrong = broken
            .iter()
            .map(|(pointer, value, message)| (*pointer, Some(value.clone()), *message));
        for (pointer, value, message) in absent.chain(wrong) {
            let (status, body) = self.register(path, &changed(good, pointer, value)).await;
            let reply = body["message"].as_str().expect("a message");
            assert!(status == 400 && reply.contains(message), "{pointer}: {status} {reply}");
        }
        assert_eq!(self.cxone.registrations(), []);
    }
}

fn subscription() -> Value {
    json!({
        "name": "dnc-optout-listener",
        "eventTypes": ["contact.opt_out", "contact.do_not_call.add"],
        "callbackUrl": "https://hooks.example.com/webhook/opt-out",
        "enabled": true,
        "retryPolicy": { "maxRetries": 3, "interval": 60 },
    })
}

fn webhook() -> Value {
    json!({
        "name": "Interaction Router",
        "url": "https://hooks.example.com/webhooks/cxone",
        "scope": "interactions:read",
        "events": ["interaction.created", "interaction.updated", "interaction.completed"],
    })
}

#[tokio::test]
async fn each_operation_registers_and_returns_the_id_in_its_own_field() {
    let caller = Caller::new().await;
    let (status, body) = caller.register(SUBSCRIPTIONS, &subscription()).await;
    assert!(status == 201 && body["id"].is_string(), "{status} {body}");
    let (status, body) = caller.register(WEBHOOKS, &webhook()).await;
    assert!(status == 201 && body["webhookId"].is_string(), "{status} {body}");

    let registration = |operation, name: &str, url: &str| Registration {
        operation,
        name: name.to_owned(),
        url: format!("https://hooks.example.com{url}"),
    };
    let expected = [
        registration("subscribeEvents", "dnc-optout-listener", "/webhook/opt-out"),
        registration("registerWebhook", "Interaction Router", "/webhooks/cxone"),
    ];
    assert_eq!(caller.cxone.registrations(), expected);
}

#[tokio::test]
async fn a_name_is_registered_once_and_another_address_changes_nothing() {
    let caller = Caller::new().await;
    for (path, body, url) in
        [(SUBSCRIPTIONS, subscription(), "/callbackUrl"), (WEBHOOKS, webhook(), "/url")]
    {
        assert_eq!(caller.register(path, &body).await.0, 201);
        let before = caller.cxone.registrations();
        let elsewhere = changed(&body, url, Some(json!("https://other.example.com/")));
        for again in [body, elsewhere] {
            assert_eq!(caller.register(path, &again).await.0, 409);
        }
        assert_eq!(caller.cxone.registrations(), before);
    }
}

#[tokio::test]
async fn a_subscription_that_breaks_the_contract_is_refused_with_the_reason() {
    let broken = [
        ("/name", json!("listener"), "must be dnc-optout-listener"),
        ("/eventTypes", json!(["contact.opt_out"]), "eventTypes must be"),
        ("/callbackUrl", json!("/webhook/opt-out"), "must be a URL"),
        ("/enabled", json!(false), "must be true"),
        ("/retryPolicy", json!({ "maxRetries": 5, "interval": 60 }), "retryPolicy must be"),
    ];
    Caller::new().await.assert_refused(SUBSCRIPTIONS, &subscription(), &broken).await;
}

#[tokio::test]
async fn a_webhook_that_breaks_the_contract_is_refused_with_the_reason() {
    let broken = [
        ("/name", json!("Router"), "must be Interaction Router"),
        ("/url", json!("hooks.example.com"), "must be a URL"),
        ("/scope", json!("interactions:write"), "must be interactions:read"),
        ("/events", json!(["interaction.created"]), "events must be"),
    ];
    Caller::new().await.assert_refused(WEBHOOKS, &webhook(), &broken).await;
}

#[tokio::test]
async fn the_state_contains_registrations() {
    let caller = Caller::new().await;
    caller.register(WEBHOOKS, &webhook()).await;
    let (_, state) = answer(caller.request(Method::GET, "/simulator/state")).await;
    let expected = json!([{
        "operation": "registerWebhook",
        "name": "Interaction Router",
        "url": "https://hooks.example.com/webhooks/cxone",
    }]);
    assert_eq!(state["registrations"], expected);
}

#[tokio::test]
async fn faults_strike_registrations_by_the_name_of_the_operation() {
    let caller = Caller::new().await;
    for fault in ["subscribeEvents:503x1", "registerWebhook:500x1"] {
        caller.cxone.faults.add(fault.parse().expect(fault));
    }
    assert_eq!(caller.register(SUBSCRIPTIONS, &subscription()).await.0, 503);
    assert_eq!(caller.register(WEBHOOKS, &webhook()).await.0, 500);
    assert_eq!(caller.register(WEBHOOKS, &webhook()).await.0, 201);
}
