//! A whole run, good days and bad ones, discloses no secret and no personal data, and what senders
//! write stays data: each line of a log is one JSON object that no terminal obeys.

use outbound::is_obeyed;
use sandbox::{Sandbox, WEBHOOK_TOKEN, journey::Journey};
use serde_json::{Value, json};
use system::{
    PATIENCE, Sender,
    secrecy::{self, Hidden},
};

/// Ids that try to end a line, to command a terminal, to leave their path or their JSON.
const HOSTILE: [&str; 8] = [
    "a\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}",
    "b\u{1b}[2J\u{1b}]0;owned\u{7}",
    "c\0d",
    "e\u{9b}31m\u{202e}txt",
    "../../oauth/token",
    "%2e%2e%2f%2e%2e%2f",
    "a/b?c=d#e",
    "\"},{\"forged\":\"+1 (202) 555-0166",
];

/// Sends hostile ids wherever a sender has an id to give.
pub(crate) async fn attempt(sandbox: &Sandbox) {
    for id in HOSTILE {
        let opt_out = json!({
            "eventType": "contact.opt_out", "eventId": id, "data": { "phoneNumber": "+12025550166" },
        });
        let interaction = json!({
            "eventType": "interaction.created", "webhookId": id, "timestamp": sandbox.clock.now(),
            "data": { "id": id, "channelType": "voice", "direction": id },
        });
        let message = json!({
            "eventType": "interaction.created", "webhookId": id, "timestamp": sandbox.clock.now(),
            "data": {
                "id": format!("{id} text"), "channelType": "sms", "direction": "inbound",
                "customer": { "phoneNumber": "+12025550166" }, "message": { "body": "Stop!" },
            },
        });
        let result = json!({
            "contactId": id, "dispositionCode": id, "callResult": id,
            "timestamp": sandbox.clock.now(),
        });
        let callback = json!({
            "phoneNumber": id, "campaignId": id, "language": id, "requestedStart": id,
        });
        for (path, event) in [
            ("/webhook/opt-out", opt_out),
            ("/webhooks/cxone", interaction),
            ("/webhooks/cxone", message),
            ("/webhook/call-result", result),
            ("/callbacks", callback),
        ] {
            let sender = Sender::to(sandbox, path);
            let reply = sender.send_with_token("x-webhook-token", WEBHOOK_TOKEN, &event).await;
            assert!(reply.status < 500, "{path}: {reply:?}");
            // Not even JSON.
            let reply = sender.send(&system::Delivery::of(id)).await;
            assert!(reply.status < 500, "{path}: {reply:?}");
        }
        let campaign = json!({ "campaignId": id, "cron": id, id: id });
        let event = json!({ "time": sandbox.clock.now(), "campaigns": [campaign] });
        sandbox.lambda.invoke("campaign-scheduler", event.to_string().into()).await.expect("runs");
    }
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
}

/// Asserts that nothing is shown that must not be.
pub(crate) async fn assert_none(sandbox: &Sandbox, journey: &Journey) {
    let mut hidden = Hidden::of(sandbox);
    let sent = serde_json::to_value(journey.sendings().expect("the samples")).expect("JSON");
    hidden.add("", &sent);
    assert!(hidden.len() > 100, "{hidden:?}");
    let shown = secrecy::shown(sandbox).await;
    assert!(shown.iter().any(|(origin, _)| origin.ends_with("error_message")), "dead letters");
    for (origin, text) in &shown {
        assert_eq!(hidden.found_in(text), [""; 0], "{origin}: {text}");
        assert!(!text.contains(is_obeyed), "{origin}: {text:?}");
    }
    for line in sandbox.logs.lines() {
        let read: Value = serde_json::from_str(&line.text).unwrap_or_default();
        assert_eq!(read["function"], line.function.as_str(), "a line of its own: {}", line.text);
        assert!(read["forged"].is_null() && read["message"] != "forged", "{}", line.text);
    }
}
