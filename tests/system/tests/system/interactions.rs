//! Interaction events of all channels come in, and each is handed to three consumers.

mod flood;
mod one;
mod opt_out;

use std::collections::BTreeMap;

use sandbox::Sandbox;
use serde_json::{Value, json};
use system::Sender;

const QUEUE: &str = "InteractionQueue";
const DEAD_LETTERS: &str = "InteractionDeadLetterQueue";
const CONSUMERS: [&str; 3] = ["AnalyticsQueue", "CrmSyncQueue", "NotificationQueue"];

fn sender(sandbox: &Sandbox) -> Sender {
    Sender::to(sandbox, "/webhooks/cxone")
}

/// An event of an interaction.
fn interaction(id: &str, channel: &str, event_type: &str) -> Value {
    let customer = match channel {
        "chat" => json!({ "email": "customer@example.com" }),
        _ => json!({ "phoneNumber": "+12125550140" }),
    };
    json!({
        "webhookId": "wh-1",
        "eventType": event_type,
        "timestamp": "2026-03-02T09:30:00Z",
        "data": {
            "id": id, "channelType": channel, "direction": "inbound", "customer": customer,
            "queue": { "name": "Sales" }, "skill": { "name": "Support" },
            "message": { "body": "Hello" },
        },
    })
}

/// Messages that a consumer got: the count of each event, by its key, and every body.
async fn handed_to(sandbox: &Sandbox, queue: &str) -> (BTreeMap<String, usize>, Vec<Value>) {
    let (mut times, mut bodies) = (BTreeMap::new(), Vec::new());
    for message in sandbox.aws.queues.drain(queue).await.expect("the queue") {
        let key = message.attribute("idempotency_key").expect("every message has a key");
        *times.entry(key.to_owned()).or_default() += 1;
        bodies.push(serde_json::from_str(&message.body).expect("JSON"));
    }
    (times, bodies)
}
