//! Permissions used only when a customer changes their mind.

use chrono::{TimeDelta, Utc};
use sandbox::Sandbox;
use serde_json::{Value, json};
use system::{PATIENCE, Sender};

const NUMBER: &str = "+12025550177";

/// Consents before an opt-out and after it, and an opt-out while a callback is arranged.
pub(crate) async fn have(sandbox: &Sandbox) {
    start(sandbox, "i-before").await;
    opt_out(sandbox, "evt-first").await;
    start(sandbox, "i-after").await;
    callback(sandbox).await;
    opt_out(sandbox, "evt-second").await;
}

async fn start(sandbox: &Sandbox, id: &str) {
    let event = json!({
        "eventType": "interaction.message", "timestamp": Utc::now(),
        "data": {
            "id": id, "channelType": "sms", "direction": "inbound",
            "customer": { "phoneNumber": NUMBER }, "message": { "body": "START" },
        },
    });
    deliver(sandbox, "/webhooks/cxone", &event).await;
}

async fn opt_out(sandbox: &Sandbox, id: &str) {
    let data = json!({ "phoneNumber": NUMBER });
    let event = json!({ "eventType": "contact.opt_out", "eventId": id, "data": data });
    deliver(sandbox, "/webhook/opt-out", &event).await;
}

async fn callback(sandbox: &Sandbox) {
    let start = Utc::now() + TimeDelta::hours(2);
    sandbox.cxone.set_forecast("campaign-mind", vec![(start, 9.0)]);
    let event = json!({
        "phoneNumber": NUMBER, "campaignId": "campaign-mind", "language": "en",
        "requestedStart": start, "requestedEnd": start + TimeDelta::hours(2),
    });
    deliver(sandbox, "/callbacks", &event).await;
}

async fn deliver(sandbox: &Sandbox, path: &str, event: &Value) {
    Sender::to(sandbox, path).deliver(event).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
}
