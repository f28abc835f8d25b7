//! The functions' handlers, called in the process of the test: what Lambda hands over goes in, what
//! Lambda gets comes out. The embedded services, the roles and CXone are those of the sandbox; no
//! binary is linked, so a slip shows within seconds.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use lambda_runtime::{Context, LambdaEvent};
use platform::{
    aws::Aws,
    function::{Function, Runner},
    telemetry::{Lines, Telemetry},
};
use sandbox::{Surroundings, WEBHOOK_TOKEN};
use serde_json::{Value, json};
use settings::{Environment, Settings};

/// Time an invocation has.
const TIMEOUT: Duration = Duration::from_secs(29);

/// A function whose handler can be called.
pub struct Handler<F> {
    runner: Runner<F>,
    lines: Lines,
}

/// An HTTP answer.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u64,
    /// The JSON document.
    pub body: Value,
}

impl<F: Function> Handler<F> {
    /// Builds a function with the environment that the template gives it.
    ///
    /// # Panics
    ///
    /// When the function does not start.
    pub async fn in_(surroundings: &Surroundings) -> Self {
        Self::with(surroundings.environments[F::NAME].clone()).await
    }

    /// Builds a function with these variables.
    ///
    /// # Panics
    ///
    /// When the function does not start.
    pub async fn with(environment: BTreeMap<String, String>) -> Self {
        let (config, aws) = Environment::from_pairs(environment)
            .read(|env| Some((F::Config::read(env)?, Aws::read(env)?)))
            .expect("the template sets all variables");
        let function = F::build(config, &aws).await.expect("the function starts");
        let (telemetry, lines) = Telemetry::captured(F::NAME);
        Self { runner: Runner { function, telemetry }, lines }
    }

    /// Sends a JSON document to the function's route, with the shared token.
    ///
    /// # Panics
    ///
    /// When what comes back is no answer.
    pub async fn post(&self, document: &Value) -> Answer {
        self.answer(request(document)).await
    }

    /// [`Handler::post`] with an idempotency key of the sender.
    ///
    /// # Panics
    ///
    /// When what comes back is no answer.
    pub async fn post_keyed(&self, key: &str, document: &Value) -> Answer {
        let mut request = request(document);
        request["headers"]["idempotency-key"] = key.into();
        self.answer(request).await
    }

    async fn answer(&self, request: Value) -> Answer {
        let answer = self.invoke(request).await.expect("an answer");
        let body = answer["body"].as_str().expect("a body");
        let body = serde_json::from_str(body).expect("a JSON document");
        Answer { status: answer["statusCode"].as_u64().expect("a status"), body }
    }

    /// Hands over a batch of messages with these bodies, sent now, and returns the positions of those
    /// that must be received again.
    ///
    /// # Panics
    ///
    /// When the batch fails as a whole.
    pub async fn batch(&self, bodies: &[String]) -> Vec<usize> {
        let sent_at = ambient::now().timestamp_millis().to_string();
        let record = |(at, body): (usize, &String)| {
            json!({
                "messageId": at.to_string(),
                "receiptHandle": "handle",
                "body": body,
                "attributes": { "SentTimestamp": sent_at, "ApproximateReceiveCount": "1" },
                "messageAttributes": {},
            })
        };
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let answer = self.invoke(json!({ "Records": records })).await.expect("an answer");
        let failures = answer["batchItemFailures"].as_array().expect("a list");
        let position = |failure: &Value| failure["itemIdentifier"].as_str()?.parse().ok();
        failures.iter().filter_map(position).collect()
    }

    /// Invokes the function with an event.
    pub async fn invoke(&self, event: Value) -> Result<Value, String> {
        let mut context = Context::default();
        context.request_id = "request-1".into();
        let deadline = ambient::system_time() + TIMEOUT;
        let since_1970 = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        context.deadline = since_1970.as_millis().try_into().unwrap_or_default();
        let event = LambdaEvent::new(event, context);
        self.runner.invoke(event).await.map_err(|error| error.to_string())
    }

    /// The outcome that the latest invocation was recorded with.
    ///
    /// # Panics
    ///
    /// When there was none.
    pub fn outcome(&self) -> String {
        self.line()["outcome"].as_str().expect("an outcome").to_owned()
    }

    /// The line that the latest invocation was recorded in.
    ///
    /// # Panics
    ///
    /// When there was none.
    pub fn line(&self) -> Value {
        self.lines.read().pop().expect("a line per invocation")
    }
}

fn request(document: &Value) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
        "headers": { "content-type": "application/json", "x-webhook-token": WEBHOOK_TOKEN },
        "requestContext": { "http": { "method": "POST", "path": "/" }, "stage": "$default" },
        "body": document.to_string(), "isBase64Encoded": false,
    })
}
