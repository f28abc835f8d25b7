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
    for number in [NUMBER, "+12025550178"] {
        let consent = consent(number);
        deliver(sandbox, "/webhook/opt-out", &consent).await;
        sandbox.aws.queues.send("DncQueue", &consent.to_string()).await.expect("a queue");
    }
    deliver(sandbox, "/webhook/opt-out", &no_sales("+12025550178")).await;
    campaign(sandbox).await;
}

/// A campaign whose contact has a number, so that it is looked up.
async fn campaign(sandbox: &Sandbox) {
    let contact = json!({ "id": "c-1", "timezone": "America/New_York", "phoneNumber": NUMBER });
    let event = json!({
        "campaigns": [{
            "campaignId": "campaign-mind", "cron": "0 12 * * *", "expectedCompleted": 1,
            "contacts": [contact],
        }],
    });
    let invoked = sandbox.lambda.invoke("campaign-scheduler", event.to_string().into()).await;
    invoked.expect("the scheduler is there");
}

/// A consent, also as one that was redriven.
fn consent(number: &str) -> Value {
    json!({ "eventType": "contact.opt_in", "data": { "phoneNumber": number } })
}

fn no_sales(number: &str) -> Value {
    let data = json!({ "phoneNumber": number, "scope": { "topic": "sales" } });
    json!({ "eventType": "contact.opt_out", "data": data })
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
