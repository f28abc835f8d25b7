//! SQS in virtual time: messages that are delivered at least once, in no order, hidden while they
//! are received, and moved to the dead letters when their receives are used up.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ambient::Instant;
use chrono::{DateTime, Utc};
use fastrand::Rng;
use sandbox::template::Template;
use serde_json::{Value, json};

/// The most messages that one receive returns.
pub(crate) const RECEIVE_MAX: usize = 10;

/// Reason of a dead letter that a person decides on.
pub(crate) const DOUBTFUL: &str = "doubtful_opt_out";
/// Of so many dead letters, one is redriven and not deleted.
const INTERRUPTED_ONE_OF: u8 = 8;

/// All queues, by the name in the template.
#[derive(Debug)]
pub(crate) struct Queues {
    all: BTreeMap<String, Queue>,
    sent: u64,
    /// Every body that was ever sent, but to dead letters.
    pub(crate) bodies: BTreeSet<String>,
    /// Every dead letter that was ever written.
    pub(crate) letters: Vec<String>,
    /// Every message that SQS ever moved to the dead letters.
    moved: Vec<String>,
    /// Dead letters that were redriven and deleted, and when.
    pub(crate) redriven: Vec<(DateTime<Utc>, String)>,
}

#[derive(Debug)]
struct Queue {
    visibility_timeout: Duration,
    /// Dead-letter queue, and the receives before it.
    redrive: Option<(String, u32)>,
    messages: Vec<Message>,
}

/// A message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    /// Attributes of the sender, as the wire has them.
    pub(crate) attributes: BTreeMap<String, Value>,
    /// True if SQS moved it here, because its receives were used up.
    pub(crate) is_moved: bool,
    pub(crate) receives: u32,
    pub(crate) handle: String,
    sent_at: DateTime<Utc>,
    visible_at: Instant,
}

impl Message {
    /// The text of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?["StringValue"].as_str()
    }

    /// The message as Lambda hands it over.
    pub(crate) fn record(&self) -> Value {
        let attribute = |(name, it): (&String, &Value)| {
            let value = json!({ "stringValue": it["StringValue"], "dataType": it["DataType"] });
            (name.clone(), value)
        };
        let attributes: serde_json::Map<_, _> = self.attributes.iter().map(attribute).collect();
        json!({
            "messageId": self.id,
            "receiptHandle": self.handle,
            "body": self.body,
            "attributes": {
                "SentTimestamp": self.sent_at.timestamp_millis().to_string(),
                "ApproximateReceiveCount": self.receives.to_string(),
            },
            "messageAttributes": attributes,
            "eventSource": "aws:sqs",
        })
    }
}

/// Returns whether a queue holds dead letters.
pub(crate) fn is_dead_letter_queue(name: &str) -> bool {
    name.ends_with("DeadLetterQueue")
}

impl Queues {
    pub(crate) fn of(template: &Template, receives_max: Option<u32>) -> Self {
        let queue = |it: &sandbox::template::Queue| {
            let redrive = it.redrive.as_ref().map(|redrive| {
                let max = receives_max.unwrap_or(redrive.receives_max);
                (redrive.dead_letter_queue.clone(), max)
            });
            let (visibility_timeout, messages) = (it.visibility_timeout, Vec::new());
            (it.logical_id.clone(), Queue { visibility_timeout, redrive, messages })
        };
        let all = template.queues.iter().map(queue).collect();
        let (bodies, letters, moved, redriven) = Default::default();
        Self { all, sent: 0, bodies, letters, moved, redriven }
    }

    /// Messages of a queue, hidden ones included.
    pub(crate) fn messages(&self, queue: &str) -> &[Message] {
        self.all.get(queue).map_or(&[], |queue| &queue.messages)
    }

    /// Names of all queues.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// Returns whether SQS ever moved a message about any of these to the dead letters.
    pub(crate) fn has_moved(&self, about: &[&str]) -> bool {
        self.moved.iter().any(|body| about.iter().any(|it| body.contains(it)))
    }

    /// Time at which a queue has a message to receive.
    pub(crate) fn due_at(&self, queue: &str) -> Option<Instant> {
        self.messages(queue).iter().map(|message| message.visible_at).min()
    }

    /// Performs an operation and returns its answer.
    pub(crate) fn perform(&mut self, action: &str, request: &Value, now: DateTime<Utc>) -> Value {
        let url = request["QueueUrl"].as_str().unwrap_or_default();
        let queue = url.rsplit('/').next().unwrap_or_default().to_owned();
        match action {
            "SendMessage" => json!({ "MessageId": self.send(&queue, request, now) }),
            "ChangeMessageVisibilityBatch" => self.hide_all(&queue, request),
            _ => json!({ "__type": "UnsupportedOperation", "message": action }),
        }
    }

    fn send(&mut self, queue: &str, request: &Value, now: DateTime<Utc>) -> String {
        self.sent += 1;
        let id = format!("message-{}", self.sent);
        let body = request["MessageBody"].as_str().unwrap_or_default().to_owned();
        if is_dead_letter_queue(queue) {
            self.letters.push(body.clone());
        } else {
            self.bodies.insert(body.clone());
        }
        let attributes = request["MessageAttributes"].as_object().into_iter().flatten();
        let message = Message {
            id: id.clone(),
            body,
            attributes: attributes.map(|(name, value)| (name.clone(), value.clone())).collect(),
            is_moved: false,
            receives: 0,
            handle: String::new(),
            sent_at: now,
            visible_at: Instant::now(),
        };
        self.all.get_mut(queue).expect("a queue of the template").messages.push(message);
        id
    }

    /// Sends every dead letter to its queue again, as an operator does, and returns the moves. One
    /// that needs a decision stays. Some are not deleted, if the operator is interrupted by chance.
    pub(crate) fn redrive(
        &mut self,
        now: DateTime<Utc>,
        mut interrupted: Option<&mut Rng>,
    ) -> Vec<String> {
        let sources = self
            .all
            .iter()
            .filter_map(|(name, queue)| Some((queue.redrive.as_ref()?.0.clone(), name.clone())));
        let mut moves = Vec::new();
        for (letters, source) in sources.collect::<Vec<_>>() {
            for letter in self.messages(&letters).to_vec() {
                if letter.attribute("error_code") == Some(DOUBTFUL) {
                    continue;
                }
                let body = &letter.body;
                let request =
                    json!({ "MessageBody": body, "MessageAttributes": letter.attributes });
                moves.push(format!(
                    "{} of {letters} as {}",
                    letter.id,
                    self.send(&source, &request, now)
                ));
                let is_interrupted =
                    interrupted.as_mut().is_some_and(|it| it.u8(..INTERRUPTED_ONE_OF) == 0);
                if !is_interrupted {
                    self.redriven.push((now, letter.body.clone()));
                    let queue = self.all.get_mut(&letters).expect("a queue of the template");
                    queue.messages.retain(|message| message.id != letter.id);
                }
            }
        }
        moves
    }

    fn hide_all(&mut self, queue: &str, request: &Value) -> Value {
        let queue = self.all.get_mut(queue).expect("a queue of the template");
        let entries = request["Entries"].as_array().into_iter().flatten();
        let hide = |entry: &Value| {
            let seconds = entry["VisibilityTimeout"].as_u64().unwrap_or_default();
            let found = queue.messages.iter_mut().find(|it| entry["ReceiptHandle"] == it.handle);
            let message = found.filter(|it| it.visible_at > Instant::now());
            let is_hidden = message.is_some();
            if let Some(message) = message {
                message.visible_at = Instant::now() + Duration::from_secs(seconds);
            }
            (is_hidden, entry["Id"].clone())
        };
        let (hidden, not): (Vec<_>, Vec<_>) = entries.map(hide).partition(|(hidden, _)| *hidden);
        let failed =
            |(_, id)| json!({ "Id": id, "Code": "InvalidParameterValue", "SenderFault": true });
        json!({
            "Successful": hidden.into_iter().map(|(_, id)| json!({ "Id": id })).collect::<Vec<_>>(),
            "Failed": not.into_iter().map(failed).collect::<Vec<_>>(),
        })
    }

    /// Receives up to `max` messages of a queue, in no order. Some stay visible for others, at the
    /// rate of `duplicates`.
    pub(crate) fn receive(
        &mut self,
        queue: &str,
        max: usize,
        duplicates: f64,
        random: &mut Rng,
    ) -> Vec<Message> {
        self.move_used_up(queue);
        let Some(Queue { messages, visibility_timeout, .. }) = self.all.get_mut(queue) else {
            return Vec::new();
        };
        let now = Instant::now();
        let mut visible: Vec<usize> =
            (0..messages.len()).filter(|at| messages[*at].visible_at <= now).collect();
        random.shuffle(&mut visible);
        visible.truncate(max.min(RECEIVE_MAX));
        let mut receive = |at: usize| {
            let message = &mut messages[at];
            message.receives += 1;
            message.handle = format!("{}/{}", message.id, message.receives);
            let lapses_early = random.f64() < duplicates;
            let hidden = if lapses_early {
                Duration::from_millis(random.u64(..9_000))
            } else {
                *visibility_timeout
            };
            message.visible_at = now + hidden;
            message.clone()
        };
        visible.into_iter().map(&mut receive).collect()
    }

    fn move_used_up(&mut self, queue: &str) {
        let Some(Queue { messages, redrive: Some((target, max)), .. }) = self.all.get_mut(queue)
        else {
            return;
        };
        let (now, max, target) = (Instant::now(), *max, target.clone());
        let is_used_up = |it: &mut Message| it.receives >= max && it.visible_at <= now;
        let moved: Vec<_> = messages.extract_if(.., is_used_up).collect();
        self.moved.extend(moved.iter().map(|message| message.body.clone()));
        let moved = moved.into_iter().map(|it| Message { is_moved: true, receives: 0, ..it });
        self.all.get_mut(&target).expect("a queue of the template").messages.extend(moved);
    }

    /// Deletes a message, if this receive of it is the latest.
    pub(crate) fn delete(&mut self, queue: &str, handle: &str) {
        if let Some(queue) = self.all.get_mut(queue) {
            queue.messages.retain(|message| message.handle != handle);
        }
    }
}
