//! Messages of each queue.
//!
//! The embedded service counts a message neither as visible nor as in flight once its visibility
//! timeout has passed and it was not received again. Whoever waits for an empty queue must not miss
//! that one, so messages are counted here, from the requests to the service.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

#[derive(Debug, Default)]
pub(super) struct Census {
    /// Where each message is, by its id.
    homes: HashMap<String, Home>,
    /// Message id by receipt handle.
    handles: HashMap<String, String>,
}

/// Queue of a message.
#[derive(Debug)]
struct Home {
    queue_url: String,
    /// Time at which the message was sent to its first queue.
    sent_at: DateTime<Utc>,
}

impl Census {
    /// Time at which the oldest message of a queue was sent.
    pub(super) fn oldest(&self, queue_url: &str) -> Option<DateTime<Utc>> {
        let homes = self.homes.values().filter(|home| home.queue_url == queue_url);
        homes.map(|home| home.sent_at).min()
    }

    /// Number of messages in a queue.
    pub(super) fn population(&self, queue_url: &str) -> usize {
        self.homes.values().filter(|home| home.queue_url == queue_url).count()
    }

    /// Takes note of a call that succeeded.
    pub(super) fn note(&mut self, action: &str, request: &Value, answer: &Value) {
        let Some(queue_url) = request["QueueUrl"].as_str() else { return };
        match action {
            "SendMessage" => self.add(&answer["MessageId"], queue_url),
            "SendMessageBatch" => {
                for sent in list(&answer["Successful"]) {
                    self.add(&sent["MessageId"], queue_url);
                }
            }
            "ReceiveMessage" => {
                for message in list(&answer["Messages"]) {
                    // It may have been redriven to this queue since it was last seen.
                    self.add(&message["MessageId"], queue_url);
                    let handle = message["ReceiptHandle"].as_str();
                    if let Some((handle, id)) = handle.zip(message["MessageId"].as_str()) {
                        self.handles.insert(handle.to_owned(), id.to_owned());
                    }
                }
            }
            "DeleteMessage" => self.remove(&request["ReceiptHandle"]),
            "DeleteMessageBatch" => {
                list(&request["Entries"]).for_each(|entry| self.remove(&entry["ReceiptHandle"]));
            }
            "PurgeQueue" => self.homes.retain(|_, home| home.queue_url != queue_url),
            _ => {}
        }
    }

    fn add(&mut self, id: &Value, queue_url: &str) {
        if let Some(id) = id.as_str() {
            let queue_url = queue_url.to_owned();
            // A message that moved keeps the time of its first queue.
            let sent_at = self.homes.get(id).map_or_else(Utc::now, |home| home.sent_at);
            self.homes.insert(id.to_owned(), Home { queue_url, sent_at });
        }
    }

    fn remove(&mut self, handle: &Value) {
        let id = handle.as_str().and_then(|handle| self.handles.remove(handle));
        if let Some(id) = id {
            self.homes.remove(&id);
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_lives_from_its_send_to_its_delete() {
        let mut census = Census::default();
        let here = json!({ "QueueUrl": "here" });
        census.note("SendMessage", &here, &json!({ "MessageId": "1" }));
        let batch = json!({ "Successful": [{ "MessageId": "2" }, { "MessageId": "3" }] });
        census.note("SendMessageBatch", &here, &batch);
        assert_eq!((census.population("here"), census.population("there")), (3, 0));

        let received = json!({ "Messages": [{ "MessageId": "2", "ReceiptHandle": "h" }] });
        census.note("ReceiveMessage", &json!({ "QueueUrl": "there" }), &received);
        assert_eq!((census.population("here"), census.population("there")), (2, 1));

        let delete = json!({ "QueueUrl": "there", "ReceiptHandle": "h" });
        census.note("DeleteMessage", &delete, &Value::Null);
        assert_eq!((census.population("here"), census.population("there")), (2, 0));
    }
}
