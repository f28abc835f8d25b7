//! What the functions call: DynamoDB, SQS, Secrets Manager, CXone and a receiver of webhooks, in
//! this process and in virtual time.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use ambient::Instant;
use chrono::{DateTime, Utc};
use fastrand::Rng;
use http::{Request, Response, StatusCode};
use sandbox::aws::Tables;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    contact_center::ContactCenter,
    partial::Divided,
    planted::Planted,
    queues::Queues,
    stack::Stack,
    story::{Story, Weight},
    weather::Weather,
};

/// Path of the receiver of webhooks.
pub(crate) const RECEIVER_PATH: &str = "/campaign-reports";

/// Rate at which what is in a batch is left to the caller, and at which an index is stale, in worlds
/// where that happens.
const LEFT_OUT: f64 = 0.2;

/// Everything around the functions.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) stack: Fields<&'static Stack>,
    started: Instant,
    started_at: DateTime<Utc>,
    pub(crate) weather: Weather,
    pub(crate) planted: Option<Planted>,
    pub(crate) tables: Fields<Tables>,
    queues: Mutex<Queues>,
    /// Rings when a message was sent, or its visibility was changed.
    pub(crate) queue_changed: Notify,
    pub(crate) cxone: Fields<ContactCenter>,
    reports: Mutex<Vec<Report>>,
    /// What went wrong, or came again, for each function.
    mishaps: Mutex<BTreeMap<String, usize>>,
    /// What the metrics of each function say.
    counted: Mutex<BTreeMap<String, Counted>>,
    random: Mutex<Rng>,
    /// Decides what is left out of batches, and whether indexes are stale, if anything is.
    leaves_out: Option<Mutex<Rng>>,
    /// Latest answers of scans, by their requests.
    scanned: Mutex<BTreeMap<Vec<u8>, String>>,
    story: Mutex<Story>,
}

/// What is known of the metrics of a function.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    /// Dead letters that it counted.
    pub(crate) dead_letters: u64,
    /// Invocations that failed, some of them before they counted.
    pub(crate) failed: u64,
}

/// A value that is not shown.
pub(crate) struct Fields<T>(pub(crate) T);

impl<T> std::fmt::Debug for Fields<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A webhook that the receiver got.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) id: String,
    pub(crate) body: Value,
}

/// A call of a service.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) service: Service,
    /// The operation, and what it is about.
    pub(crate) name: String,
}

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    DynamoDb,
    Sqs,
    SecretsManager,
    Cxone,
    Receiver,
}

impl Services {
    pub(crate) async fn start(
        stack: &'static Stack,
        started_at: DateTime<Utc>,
        weather: Weather,
        planted: Option<Planted>,
        mut random: Rng,
        leaves_out: Option<Rng>,
    ) -> Self {
        let cxone = ContactCenter::start(stack, started_at, random.u64(..)).await;
        let tables = Tables::create(&stack.template.tables).expect("the template's tables");
        let queues = Queues::of(&stack.template, weather.receives_max);
        Self {
            stack: Fields(stack),
            started: Instant::now(),
            started_at,
            weather,
            planted,
            tables: Fields(tables),
            queues: Mutex::new(queues),
            queue_changed: Notify::new(),
            cxone: Fields(cxone),
            reports: Mutex::default(),
            mishaps: Mutex::default(),
            counted: Mutex::default(),
            random: Mutex::new(random),
            leaves_out: leaves_out.map(Mutex::new),
            scanned: Mutex::default(),
            story: Mutex::default(),
        }
    }

    /// Time since the start.
    pub(crate) fn elapsed(&self) -> std::time::Duration {
        self.started.elapsed()
    }

    /// The right time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.at(self.elapsed())
    }

    /// The right time, so long after the start.
    pub(crate) fn at(&self, elapsed: std::time::Duration) -> DateTime<Utc> {
        self.started_at + elapsed
    }

    /// Returns whether things still go wrong.
    pub(crate) fn is_stormy(&self) -> bool {
        self.elapsed() < self.weather.ends_at
    }

    pub(crate) fn random(&self) -> MutexGuard<'_, Rng> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides by a rate, while things go wrong.
    pub(crate) fn strikes(&self, rate: f64) -> bool {
        self.is_stormy() && self.random().f64() < rate
    }

    pub(crate) fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Webhooks that the receiver got, in their order.
    pub(crate) fn reports(&self) -> MutexGuard<'_, Vec<Report>> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts something for which a function may do its work again.
    pub(crate) fn count_mishap(&self, function: &str) {
        let mut mishaps = self.mishaps.lock().unwrap_or_else(PoisonError::into_inner);
        *mishaps.entry(function.to_owned()).or_default() += 1;
    }

    /// Number of things so far for which a function may have done its work again.
    pub(crate) fn mishaps(&self, function: &str) -> usize {
        let mishaps = self.mishaps.lock().unwrap_or_else(PoisonError::into_inner);
        mishaps.get(function).copied().unwrap_or_default()
    }

    pub(crate) fn count_dead_letters(&self, function: &str, count: u64) {
        self.counted_mut().entry(function.to_owned()).or_default().dead_letters += count;
    }

    pub(crate) fn count_failure(&self, function: &str) {
        self.counted_mut().entry(function.to_owned()).or_default().failed += 1;
    }

    /// What the metrics of a function say.
    pub(crate) fn counted(&self, function: &str) -> Counted {
        self.counted_mut().get(function).copied().unwrap_or_default()
    }

    fn counted_mut(&self) -> MutexGuard<'_, BTreeMap<String, Counted>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell(&self, who: &str, weight: Weight, what: String) {
        let mut story = self.story.lock().unwrap_or_else(PoisonError::into_inner);
        story.tell(self.elapsed(), who, weight, what);
    }

    /// The story so far; it begins anew.
    pub(crate) fn drain_story(&self) -> Story {
        std::mem::take(&mut self.story.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Carries out a call and returns its answer.
    pub(crate) async fn perform(
        &self,
        call: &Call,
        request: Request<Vec<u8>>,
    ) -> Response<Vec<u8>> {
        let request = match self.planted {
            Some(planted) => request.map(|body| planted.changed(&call.name, body)),
            None => request,
        };
        match self.divided(&request) {
            Some(divided) => {
                let part = request.map(|_| divided.request.to_string().into_bytes());
                let answered = self.perform_whole(call, part).await;
                if self.planted == Some(Planted::LeftKeysIgnored) {
                    return answered;
                }
                answered.map(|it| divided.answer(document(&it)).to_string().into_bytes())
            }
            None => self.perform_whole(call, request).await,
        }
    }

    /// A batch of which a part is left to the caller.
    fn divided(&self, request: &Request<Vec<u8>>) -> Option<Divided> {
        let operation = target(request).filter(|_| self.leaves_out.is_some())?.1;
        Divided::of(operation, document(request.body()), || self.leaves_out())
    }

    fn leaves_out(&self) -> bool {
        let random = self.leaves_out.as_ref().filter(|_| self.is_stormy());
        random.is_some_and(|random| {
            random.lock().unwrap_or_else(PoisonError::into_inner).f64() < LEFT_OUT
        })
    }

    /// The answer of a scan: that of the last one, if the index is stale.
    fn scanned(&self, request: &[u8], fresh: String) -> String {
        let mut scanned = self.scanned.lock().unwrap_or_else(PoisonError::into_inner);
        let older = scanned.insert(request.to_vec(), fresh.clone());
        older.filter(|_| self.leaves_out()).unwrap_or(fresh)
    }

    async fn perform_whole(&self, call: &Call, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        match call.service {
            Service::DynamoDb => self.dynamodb(call, &request),
            Service::Sqs => self.sqs(&request),
            Service::SecretsManager => {
                answer(200, self.stack.0.secret_value(&document(request.body())).to_string())
            }
            Service::Cxone if self.planted.is_some_and(|it| it.overlooks(&call.name)) => {
                answer(200, json!({ "callbacks": [] }).to_string())
            }
            Service::Cxone => self.cxone.0.answer(request).await,
            Service::Receiver => self.receive(&request),
        }
    }

    fn dynamodb(&self, call: &Call, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let operation = target(request).unwrap_or_default().1;
        let (status, document) = self.tables.0.perform(operation, request.body());
        let deletion = self.planted.and_then(|it| it.deletion(&call.name, request.body()));
        if let (400, Some(deletion)) = (status, deletion) {
            self.tables.0.perform("DeleteItem", &deletion);
        }
        match operation {
            "Scan" => answer(status, self.scanned(request.body(), document)),
            _ => answer(status, document),
        }
    }

    fn sqs(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let action = target(request).unwrap_or_default().1;
        let answered = self.queues().perform(action, &document(request.body()), self.now());
        self.queue_changed.notify_waiters();
        answer(200, answered.to_string())
    }

    fn receive(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let id = request.headers().get("webhook-id").and_then(|id| id.to_str().ok());
        let id = id.unwrap_or_default().to_owned();
        self.reports().push(Report { id, body: document(request.body()) });
        answer(200, String::new())
    }
}

impl Call {
    /// The call that a request makes.
    pub(crate) fn of(request: &Request<Vec<u8>>) -> Self {
        let path = request.uri().path();
        let Some((service, operation)) = target(request) else {
            let service = if path == RECEIVER_PATH { Service::Receiver } else { Service::Cxone };
            return Self { service, name: format!("{} {path}", request.method()) };
        };
        let service = match service {
            "AmazonSQS" => Service::Sqs,
            "secretsmanager" => Service::SecretsManager,
            _ => Service::DynamoDb,
        };
        let about: About = serde_json::from_slice(request.body()).unwrap_or_default();
        Self { service, name: format!("{operation} {}", about.name()) }
    }
}

impl Call {
    /// Returns whether it books a callback with the ACD services, which book another one each time.
    pub(crate) fn is_booking(&self) -> bool {
        self.name.starts_with("POST") && self.name.ends_with("/scheduled-callbacks")
    }
}

/// Service and operation of a call to AWS.
fn target(request: &Request<Vec<u8>>) -> Option<(&str, &str)> {
    request.headers().get("x-amz-target")?.to_str().ok()?.split_once('.')
}

/// What a call is about. The rest of it is skipped.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct About {
    table_name: String,
    queue_url: String,
    transact_items: Vec<BTreeMap<String, Self>>,
}

impl About {
    /// The table, the tables, or the queue.
    fn name(self) -> String {
        if !self.table_name.is_empty() {
            return self.table_name;
        }
        if !self.queue_url.is_empty() {
            return self.queue_url.rsplit('/').next().unwrap_or_default().to_owned();
        }
        let writes = self.transact_items.into_iter().flatten();
        let table = |(kind, write): (String, Self)| format!("{kind} {}", write.table_name);
        writes.map(table).collect::<Vec<_>>().join(", ")
    }
}

fn document(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

/// Answer with a JSON document.
pub(crate) fn answer(status: u16, document: String) -> Response<Vec<u8>> {
    let mut response = Response::new(document.into_bytes());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

/// Refusal of a service, in its own terms.
pub(crate) fn refusal(service: Service, status: u16) -> Response<Vec<u8>> {
    let kind = match (service, status) {
        (Service::DynamoDb, 400) => "ProvisionedThroughputExceededException",
        (Service::Sqs | Service::SecretsManager, 400) => "ThrottlingException",
        _ => "InternalServerError",
    };
    let mut response = answer(status, json!({ "__type": kind, "message": "a fault" }).to_string());
    if status == 429 || status == 503 {
        let seconds = http::HeaderValue::from_static("2");
        response.headers_mut().insert(http::header::RETRY_AFTER, seconds);
    }
    response
}
