//! The AWS services inside this process: DynamoDB, SQS and Secrets Manager, which the functions use,
//! and as much of CloudFormation, CloudWatch and SNS as an operator's tools need.

mod alarms;
mod cloudformation;
mod cloudwatch;
mod dynamodb;
mod lambda;
mod log_events;
mod metrics;
mod operator;
mod permissions;
mod request;
mod secrets;
mod sqs;
#[cfg(test)]
mod tests;
mod topics;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::Utc;
use serde_json::json;
use tokio::task::JoinSet;

use alarms::Alarms;
pub(crate) use cloudformation::Stack;
use cloudwatch::{Answer, Encoding, Refusal};
pub use dynamodb::Tables;
use metrics::Meter;
pub use operator::ACTIONS as OPERATOR_ACTIONS;
pub use permissions::{Permission, Permissions};
pub(crate) use request::AwsNames;
use request::{Request, Service};
use secrets::Secrets;
pub use sqs::{Depth, Message, Queues};
pub use topics::{AlarmTopic, Subscription};

use crate::{
    Lambda, Logs,
    faults::{Effect, Faults},
    http::{self, hang_up},
    template::{Alarm, Scope, Template},
};

/// The region everything claims to be in.
pub(crate) const REGION: &str = "us-east-1";
/// The account everything claims to be in.
pub(crate) const ACCOUNT: &str = winterbaume_core::DEFAULT_ACCOUNT_ID;

/// The access key with all permissions: of tests, and people at their terminals. That of a function
/// is its name, that of the command `outbound` is [`operator::ACCESS_KEY`].
pub(crate) const ANYONE: &str = "sandbox";
/// A kind of resource that `Ref` names by its ARN.
const TOPIC: &str = "AWS::SNS::Topic";
/// The stack everything claims to belong to.
const STACK: &str = "sandbox";

/// The embedded services, ready to use.
pub struct Aws {
    /// The tables of the template.
    pub tables: Tables,
    /// The queues of the template.
    pub queues: Queues,
    /// The topic of alarms.
    pub alarm_topic: AlarmTopic,
    secrets: Secrets,
    permissions: OnceLock<Permissions>,
    stack: OnceLock<Stack>,
    alarms: OnceLock<Alarms>,
    lambda: OnceLock<Arc<Lambda>>,
    logs: Arc<Logs>,
    http: reqwest::Client,
    faults: Arc<Faults>,
    calls: Mutex<BTreeMap<String, usize>>,
    address: SocketAddr,
    dynamodb_address: SocketAddr,
}

impl Aws {
    /// Starts the services and creates what the template holds.
    pub(crate) async fn start(
        template: &Template,
        port: u16,
        faults: Arc<Faults>,
        logs: Arc<Logs>,
        tasks: &mut JoinSet<()>,
    ) -> anyhow::Result<Arc<Self>> {
        let (listener, address) = http::listen(port).await?;
        let (dynamodb_listener, dynamodb_address) = http::listen(0).await?;
        let tables = Tables::create(&template.tables)?;
        let queues = Queues::create(&template.queues, address).await?;
        tables.serve(dynamodb_listener, tasks);
        let aws = Arc::new(Self {
            tables,
            queues,
            alarm_topic: AlarmTopic::default(),
            secrets: Secrets::default(),
            permissions: OnceLock::new(),
            stack: OnceLock::new(),
            alarms: OnceLock::new(),
            lambda: OnceLock::new(),
            logs,
            http: reqwest::Client::new(),
            faults,
            calls: Mutex::default(),
            address,
            dynamodb_address,
        });
        let router = Router::new().fallback(dispatch).with_state(Arc::clone(&aws));
        tasks.spawn(http::serve(listener, router));
        Ok(aws)
    }

    /// Answers requests to the paths of the services, for a server that has others.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/", post(dispatch))
            .route("/service/{service}/operation/{operation}", post(dispatch))
            .route("/2015-03-31/functions/{function}/invocations", post(dispatch))
            .with_state(Arc::clone(self))
    }

    /// Address of all services.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stores a secret and returns its ARN.
    pub(crate) fn store_secret(&self, name: &str, value: &serde_json::Value) -> String {
        self.secrets.store(name, value)
    }

    /// Value of a secret, by its name.
    pub fn secret(&self, name: &str) -> Option<serde_json::Value> {
        self.secrets.value(name)
    }

    /// Tells a scope what the template's queues and tables are called here, and where this is.
    pub(crate) fn define_resources(&self, template: &Template, scope: &mut Scope) {
        for (name, value) in [
            ("AWS::AccountId", ACCOUNT),
            ("AWS::Partition", "aws"),
            ("AWS::Region", REGION),
            ("AWS::StackName", STACK),
            ("AWS::URLSuffix", "amazonaws.com"),
        ] {
            scope.set(name, value);
        }
        for queue in &template.queues {
            let id = &queue.logical_id;
            scope.define(id, self.queues.url(id), Queues::arn(id));
        }
        for table in &template.tables {
            let id = &table.logical_id;
            scope.define(id, id, dynamodb::arn(id));
        }
        for function in &template.functions {
            scope.define(&function.logical_id, &function.name, function_arn(&function.name));
        }
        for (id, kind) in &template.others {
            let service = kind.split("::").nth(1).unwrap_or_default().to_lowercase();
            let arn = format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{id}");
            let reference = if kind == TOPIC { &arn } else { id };
            scope.define(id, reference.clone(), arn.clone());
        }
    }

    /// Sends a message in the name of a function, as Lambda does when it gives an event up.
    pub(crate) async fn send_for(&self, who: &str, queue: &str, body: &str) -> anyhow::Result<()> {
        let request = Request {
            service: Service::Sqs,
            action: "SendMessage".into(),
            body: json!({ "QueueUrl": self.queues.url(queue) }),
        };
        let allowed = self.permissions().check_request(who, &request);
        allowed.map_err(anyhow::Error::msg)?;
        self.queues.send(queue, body).await
    }

    /// From now on CloudFormation knows this stack.
    pub(crate) fn describe(&self, stack: Stack) {
        self.stack.set(stack).expect("the template is read once, at the start");
    }

    /// From now on CloudWatch has these alarms.
    pub(crate) fn watch(&self, alarms: Vec<Alarm>) {
        self.alarms.set(Alarms::new(alarms)).expect("the template is read once, at the start");
    }

    /// From now on functions can be invoked.
    pub(crate) fn offer(&self, lambda: Arc<Lambda>) {
        self.lambda.set(lambda).ok().expect("functions start once");
    }

    /// From now on the functions may do only what their roles allow.
    pub(crate) fn enforce(&self, permissions: Permissions) {
        self.permissions.set(permissions).expect("the roles are read once, at the start");
    }

    /// Permissions of the roles, and their use.
    pub fn permissions(&self) -> &Permissions {
        // Until the roles are read, nothing is allowed.
        self.permissions.get_or_init(Permissions::default)
    }

    fn check(&self, who: &str, request: &Request) -> Result<(), String> {
        match who {
            ANYONE => Ok(()),
            operator::ACCESS_KEY | operator::OBSERVER_ACCESS_KEY => operator::check(request),
            function => self.permissions().check_request(function, request),
        }
    }

    /// Number of calls that functions made since the last time, by operation.
    pub fn drain_calls(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn count(&self, request: &Request) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(request.action.clone()).or_default() += 1;
    }

    /// Returns whether a call that Lambda makes on its own fails.
    pub(crate) fn fails(&self, action: &str, queue: &str) -> bool {
        self.faults.strike_aws(Service::Sqs.name(), action, &[queue.to_owned()]).is_some()
    }

    async fn perform(&self, request: &Request, headers: HeaderMap, body: Bytes) -> Response {
        match request.service {
            Service::Sqs => self.queues.handle(&request.action, body).await,
            Service::SecretsManager => self.secrets.handle(&request.action, &body),
            Service::CloudFormation => {
                self.stack.get_or_init(Stack::default).handle(&request.action, &request.body)
            }
            Service::CloudWatchLogs => {
                log_events::filter(&self.logs.of_cloudwatch(), &request.body)
            }
            Service::CloudWatch => {
                let is_json = headers.contains_key(request::TARGET);
                let encoding = if is_json { Encoding::Json } else { Encoding::Cbor };
                encoding.answer(&body, |asked| self.cloudwatch(&request.action, asked))
            }
            Service::Lambda => lambda::invoke(self.lambda.get(), request.function(), body).await,
            Service::Sns => self.alarm_topic.handle(&request.action, &request.body),
            Service::DynamoDb => self.forward_to_dynamodb(headers, body).await,
        }
    }

    fn cloudwatch(&self, action: &str, request: &ciborium::Value) -> Answer {
        let (lines, now) = (self.logs.lines(), Utc::now());
        let meter = Meter { queues: &self.queues, lines: &lines, now };
        let alarms = self.alarms.get_or_init(|| Alarms::new(Vec::new()));
        match action {
            "GetMetricData" => Ok(meter.data(request)),
            "DescribeAlarms" => Ok(alarms.describe(request, &meter)),
            "SetAlarmState" => alarms.set(request, now),
            _ => Err(Refusal("UnknownOperationException", "the sandbox does not know this")),
        }
    }

    async fn forward_to_dynamodb(&self, headers: HeaderMap, body: Bytes) -> Response {
        let request = self.http.post(format!("http://{}", self.dynamodb_address));
        let answered = async {
            let answer = request.headers(headers).body(body).send().await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            reqwest::Result::Ok((status, headers, answer.bytes().await?).into_response())
        };
        answered
            .await
            .unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, error.to_string()).into_response())
    }

    /// The variables that point an AWS SDK at these services.
    pub fn environment(&self) -> BTreeMap<&'static str, String> {
        let here = self.url();
        BTreeMap::from([
            ("AWS_ACCESS_KEY_ID", ANYONE.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "sandbox".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", here.clone()),
            ("AWS_ENDPOINT_URL_SQS", here.clone()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", here),
        ])
    }
}

async fn dispatch(
    State(aws): State<Arc<Aws>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(request) = Request::read(&uri, &headers, &body) else {
        return error("UnknownOperationException", "the sandbox does not know this operation");
    };
    let who = access_key(&headers);
    if let Err(refusal) = aws.check(who, &request) {
        return error("AccessDeniedException", &refusal);
    }
    if who == operator::OBSERVER_ACCESS_KEY {
        return aws.perform(&request, headers, body).await;
    }
    aws.count(&request);
    let effect =
        aws.faults.strike_aws(request.service.name(), &request.action, &request.resources());
    match effect {
        None | Some(Effect::ExpireTokens | Effect::Choke(_) | Effect::Html) => {
            aws.perform(&request, headers, body).await
        }
        Some(Effect::Status(status)) => {
            StatusCode::from_u16(status).unwrap_or_default().into_response()
        }
        Some(Effect::StatusAfter(status)) => {
            aws.perform(&request, headers, body).await;
            StatusCode::from_u16(status).unwrap_or_default().into_response()
        }
        Some(Effect::TooManyRequests(_)) => error("ThrottlingException", "Rate exceeded"),
        Some(Effect::Drop) => hang_up(),
        Some(Effect::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            aws.perform(&request, headers, body).await
        }
        Some(Effect::DropAfter) => {
            aws.perform(&request, headers, body).await;
            hang_up()
        }
        Some(Effect::Kill { function }) => {
            aws.perform(&request, headers, body).await;
            aws.faults.kill(&function);
            hang_up()
        }
    }
}

/// Caller of a request: the access key in its signature. No caller is without one.
fn access_key(headers: &HeaderMap) -> &str {
    let signature = headers.get("authorization").and_then(|value| value.to_str().ok());
    let credential = signature.and_then(|signature| signature.split_once("Credential="));
    credential.and_then(|(_, rest)| rest.split_once('/')).map_or("nobody", |(key, _)| key)
}

/// The ARN of a function.
pub(crate) fn function_arn(function: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}")
}

fn error(kind: &str, message: &str) -> Response {
    let body = json!({ "__type": kind, "message": message });
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}
