//! Events for warm functions, each with numbers that no event before had.

use sandbox::WEBHOOK_TOKEN;
use serde_json::{Value, json};

/// Messages in a batch, as the template sets it for the batcher.
const BATCH_SIZE: usize = 50;
/// Area codes in which `496 0xxx` is kept for fiction: a thousand numbers each.
const AREA_CODES: [usize; 10] = [113, 114, 116, 117, 118, 121, 131, 141, 151, 161];

fn number(index: usize) -> String {
    format!("+44{}4960{:03}", AREA_CODES[index / 1000 % AREA_CODES.len()], index % 1000)
}

/// A request to the opt-out webhook.
pub(crate) fn opt_out(index: usize) -> Value {
    let document = json!({
        "eventId": format!("evt-{index}"),
        "eventType": "contact.opt_out",
        "timestamp": "2026-03-02T10:00:00Z",
        "data": { "phoneNumber": number(index) },
    });
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
        "headers": { "content-type": "application/json", "x-webhook-token": WEBHOOK_TOKEN },
        "requestContext": { "http": { "method": "POST", "path": "/" }, "stage": "$default" },
        "body": document.to_string(), "isBase64Encoded": false,
    })
}

/// A batch from the DNC queue.
pub(crate) fn batch(index: usize) -> Value {
    let first = index * BATCH_SIZE;
    let records: Vec<Value> = (first..first + BATCH_SIZE).map(message).collect();
    json!({ "Records": records })
}

fn message(index: usize) -> Value {
    let request = json!({
        "phoneNumber": number(index),
        "reason": "webhook_opt_out",
        "eventId": format!("evt-{index}"),
        "requestedAt": "2026-03-02T10:00:00Z",
    });
    json!({
        "messageId": index.to_string(), "receiptHandle": "handle", "body": request.to_string(),
        "attributes": { "SentTimestamp": "1772445600000", "ApproximateReceiveCount": "1" },
        "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:DncQueue",
    })
}
