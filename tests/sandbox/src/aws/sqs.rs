//! SQS: an embedded service with the template's queues in it. Producers reach it over HTTP,
//! the event source mappings and the tests in-process.

mod census;
mod limits;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use axum::{
    body::{Body, Bytes},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use winterbaume_core::{MockRequest, MockResponse, MockService};
use winterbaume_sqs::SqsService;

use self::census::Census;
use super::{ACCOUNT, REGION};
use crate::template::Queue;

/// SQS hands out at most this many messages a call.
pub(crate) const RECEIVE_MAX: usize = 10;

/// The template's queues, by logical id.
#[derive(Clone)]
pub struct Queues {
    service: Arc<SqsService>,
    address: SocketAddr,
    census: Arc<Mutex<Census>>,
    /// The longest message of each queue, by its URL.
    message_bytes_max: Arc<BTreeMap<String, usize>>,
}

/// A message as it was received.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Message {
    /// SQS's own id.
    pub message_id: String,
    /// Handle that deletes this receive.
    pub receipt_handle: String,
    /// The body.
    pub body: String,
    /// System attributes, such as `ApproximateReceiveCount`.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The sender's attributes, as the wire has them.
    #[serde(default)]
    pub message_attributes: BTreeMap<String, Value>,
}

impl Message {
    /// The text of one of the sender's attributes.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.message_attributes.get(name)?.get("StringValue")?.as_str()
    }
}

/// Number of messages in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Ready to be received.
    pub visible: usize,
    /// Received and not deleted, or waiting out a visibility timeout.
    pub in_flight: usize,
}

impl Queues {
    pub(super) async fn create(queues: &[Queue], address: SocketAddr) -> anyhow::Result<Self> {
        let mut created = Self {
            service: Arc::new(SqsService::new()),
            address,
            census: Arc::default(),
            message_bytes_max: Arc::default(),
        };
        let limit = |queue: &Queue| (created.url(&queue.logical_id), queue.message_bytes_max);
        created.message_bytes_max = Arc::new(queues.iter().map(limit).collect());
        // Dead-letter queues first: the service drops what it should redrive to an unknown queue.
        let (sources, targets): (Vec<_>, Vec<_>) =
            queues.iter().partition(|queue| queue.redrive.is_some());
        for queue in targets.into_iter().chain(sources) {
            let mut attributes = BTreeMap::from([(
                "VisibilityTimeout",
                queue.visibility_timeout.as_secs().to_string(),
            )]);
            if let Some(redrive) = &queue.redrive {
                let policy = json!({
                    "deadLetterTargetArn": Self::arn(&redrive.dead_letter_queue),
                    "maxReceiveCount": redrive.receives_max.to_string(),
                });
                attributes.insert("RedrivePolicy", policy.to_string());
            }
            let request = json!({ "QueueName": queue.logical_id, "Attributes": attributes });
            created.call("CreateQueue", request).await?;
        }
        Ok(created)
    }

    /// The URL producers use.
    pub fn url(&self, queue: &str) -> String {
        format!("http://{}/{ACCOUNT}/{queue}", self.address)
    }

    /// The ARN of a queue.
    pub fn arn(queue: &str) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")
    }

    /// Sends a message.
    pub async fn send(&self, queue: &str, body: &str) -> anyhow::Result<()> {
        let request = json!({ "QueueUrl": self.url(queue), "MessageBody": body });
        self.call("SendMessage", request).await.map(drop)
    }

    /// Sends a message with attributes, as the wire has them.
    pub async fn send_with_attributes(
        &self,
        queue: &str,
        body: &str,
        attributes: &Value,
    ) -> anyhow::Result<()> {
        let request = json!({
            "QueueUrl": self.url(queue), "MessageBody": body, "MessageAttributes": attributes,
        });
        self.call("SendMessage", request).await.map(drop)
    }

    /// Receives up to ten messages at once, hiding them for the queue's visibility timeout.
    pub async fn receive(&self, queue: &str, messages_max: usize) -> anyhow::Result<Vec<Message>> {
        let request = json!({
            "QueueUrl": self.url(queue),
            "MaxNumberOfMessages": messages_max.min(RECEIVE_MAX),
            "MessageAttributeNames": ["All"],
            "AttributeNames": ["All"],
        });
        let mut received = self.call("ReceiveMessage", request).await?;
        match received["Messages"].take() {
            Value::Null => Ok(Vec::new()),
            messages => Ok(serde_json::from_value(messages)?),
        }
    }

    /// Receives and deletes everything a queue holds.
    pub async fn drain(&self, queue: &str) -> anyhow::Result<Vec<Message>> {
        let mut drained = Vec::new();
        loop {
            let messages = self.receive(queue, RECEIVE_MAX).await?;
            if messages.is_empty() {
                return Ok(drained);
            }
            for message in messages {
                self.delete(queue, &message).await?;
                drained.push(message);
            }
        }
    }

    /// Everything that can be received from a queue, left in it.
    pub async fn peek(&self, queue: &str) -> anyhow::Result<Vec<Message>> {
        let mut seen = Vec::new();
        loop {
            let messages = self.receive(queue, RECEIVE_MAX).await?;
            if messages.is_empty() {
                break;
            }
            seen.extend(messages);
        }
        for message in &seen {
            self.hide(queue, message, Duration::ZERO).await?;
        }
        Ok(seen)
    }

    /// Deletes a received message.
    pub async fn delete(&self, queue: &str, message: &Message) -> anyhow::Result<()> {
        let handle = &message.receipt_handle;
        let request = json!({ "QueueUrl": self.url(queue), "ReceiptHandle": handle });
        self.call("DeleteMessage", request).await.map(drop)
    }

    /// Hides a received message for so long from now on.
    pub async fn hide(
        &self,
        queue: &str,
        message: &Message,
        duration: Duration,
    ) -> anyhow::Result<()> {
        let request = json!({
            "QueueUrl": self.url(queue),
            "ReceiptHandle": message.receipt_handle,
            "VisibilityTimeout": duration.as_secs(),
        });
        self.call("ChangeMessageVisibility", request).await.map(drop)
    }

    /// Number of messages in a queue.
    pub async fn depth(&self, queue: &str) -> anyhow::Result<Depth> {
        let request = json!({ "QueueUrl": self.url(queue), "AttributeNames": ["All"] });
        let answer = self.call("GetQueueAttributes", request).await?;
        let in_flight = answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"]
            .as_str()
            .and_then(|count| count.parse().ok())
            .with_context(|| format!("{queue} does not return how many messages are in flight"))?;
        let population = self.census().population(&self.url(queue));
        Ok(Depth { visible: population.saturating_sub(in_flight), in_flight })
    }

    /// Time at which the oldest message of a queue was sent.
    pub(super) fn oldest(&self, queue: &str) -> Option<DateTime<Utc>> {
        self.census().oldest(&self.url(queue))
    }

    /// Number of messages in a queue, hidden or not.
    pub(super) fn population(&self, queue: &str) -> usize {
        self.census().population(&self.url(queue))
    }

    /// Answers a request that came over HTTP.
    pub(super) async fn handle(&self, action: &str, body: Bytes) -> Response {
        // The service would keep a record of the task but move nothing.
        if action == "StartMessageMoveTask" {
            let request = serde_json::from_slice(&body).unwrap_or_default();
            return match self.move_messages(&request).await {
                Ok(()) => axum::Json(json!({ "TaskHandle": Uuid::new_v4() })).into_response(),
                Err(error) => super::error("InvalidParameterValue", &error.to_string()),
            };
        }
        let body = match action {
            "SendMessage" => match limits::stored(&body, &self.message_bytes_max) {
                Ok(body) => body,
                Err(error) => return super::error("InvalidParameterValue", &error.to_string()),
            },
            _ => body,
        };
        let asked = body.clone();
        let mut response = self.dispatch(action, body).await;
        if action == "GetQueueAttributes" {
            self.correct_count(&asked, &mut response);
        }
        let mut answer = Response::new(Body::from(response.body));
        *answer.status_mut() = response.status.try_into().unwrap_or_default();
        *answer.headers_mut() = response.headers;
        answer
    }

    /// Replaces the service's count of waiting messages, which leaves some out, by that of the census.
    fn correct_count(&self, request: &Bytes, response: &mut MockResponse) {
        let request: Value = serde_json::from_slice(request).unwrap_or_default();
        let mut answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let queue = request["QueueUrl"].as_str().unwrap_or_default();
        let attributes = &mut answer["Attributes"];
        let in_flight = attributes["ApproximateNumberOfMessagesNotVisible"].as_str();
        let in_flight = in_flight.and_then(|count| count.parse().ok()).unwrap_or(0);
        if attributes.get("ApproximateNumberOfMessages").is_some() {
            let waiting = self.census().population(queue).saturating_sub(in_flight);
            attributes["ApproximateNumberOfMessages"] = waiting.to_string().into();
            response.body = answer.to_string().into();
        }
    }

    async fn move_messages(&self, task: &Value) -> anyhow::Result<()> {
        let source = task["SourceArn"].as_str().context("SourceArn is missing")?;
        // SQS stores the source only of messages that it redrove itself; most dead letters here
        // were sent by a function.
        let destination = task["DestinationArn"].as_str();
        let destination = destination
            .context("CouldNotDetermineMessageSource: DestinationArn must name the queue")?;
        self.redrive(name_in(source), name_in(destination)).await
    }

    /// Moves all messages of a queue to another, with their attributes.
    pub async fn redrive(&self, source: &str, destination: &str) -> anyhow::Result<()> {
        loop {
            let messages = self.receive(source, RECEIVE_MAX).await?;
            if messages.is_empty() {
                return Ok(());
            }
            for message in messages {
                let request = json!({
                    "QueueUrl": self.url(destination),
                    "MessageBody": message.body,
                    "MessageAttributes": message.message_attributes,
                });
                self.call("SendMessage", request).await?;
                self.delete(source, &message).await?;
            }
        }
    }

    async fn call(&self, action: &str, request: Value) -> anyhow::Result<Value> {
        let response = self.dispatch(action, request.to_string().into()).await;
        if response.status != 200 {
            bail!("SQS {action}: {}", String::from_utf8_lossy(&response.body));
        }
        Ok(serde_json::from_slice(&response.body).unwrap_or_default())
    }

    async fn dispatch(&self, action: &str, body: Bytes) -> MockResponse {
        let mut headers = HeaderMap::new();
        if let Ok(target) = format!("AmazonSQS.{action}").parse() {
            headers.insert("x-amz-target", target);
        }
        let uri = format!("http://{}/", self.address);
        let request = MockRequest { method: "POST".into(), uri, headers, body: body.clone() };
        let response = self.service.handle(request).await;
        if response.status == 200 {
            let asked = serde_json::from_slice(&body).unwrap_or_default();
            let answered = serde_json::from_slice(&response.body).unwrap_or_default();
            self.census().note(action, &asked, &answered);
        }
        response
    }

    fn census(&self) -> MutexGuard<'_, Census> {
        self.census.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name_in(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
