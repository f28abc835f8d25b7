//! The AWS services the functions use, inside this process: DynamoDB, SQS, Secrets Manager.

mod dynamodb;
mod permissions;
mod request;
mod secrets;
mod sqs;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::task::JoinSet;

pub use dynamodb::Tables;
pub use permissions::{Permission, Permissions};
use request::{Request, Service};
use secrets::Secrets;
pub use sqs::{Depth, Message, Queues};

use crate::{
    faults::{Effect, Faults},
    http::{self, hang_up},
    template::{Scope, Template},
};

/// The region everything claims to be in.
pub(crate) const REGION: &str = "us-east-1";
/// The account everything claims to be in.
pub(crate) const ACCOUNT: &str = winterbaume_core::DEFAULT_ACCOUNT_ID;

/// The access key with all permissions: of tests, and people at their terminals. That of a function
/// is its name.
const OPERATOR: &str = "sandbox";
/// The stack everything claims to belong to.
const STACK: &str = "sandbox";

/// The embedded services, ready to use.
pub struct Aws {
    /// The tables of the template.
    pub tables: Tables,
    /// The queues of the template.
    pub queues: Queues,
    secrets: Secrets,
    permissions: OnceLock<Permissions>,
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
        faults: Arc<Faults>,
        tasks: &mut JoinSet<()>,
    ) -> anyhow::Result<Arc<Self>> {
        let (listener, address) = http::listen(0).await?;
        let (dynamodb_listener, dynamodb_address) = http::listen(0).await?;
        let tables = Tables::create(&template.tables)?;
        let queues = Queues::create(&template.queues, address).await?;
        tables.serve(dynamodb_listener, tasks);
        let aws = Arc::new(Self {
            tables,
            queues,
            secrets: Secrets::default(),
            permissions: OnceLock::new(),
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

    /// Stores a secret and returns its ARN.
    pub(crate) fn store_secret(&self, name: &str, value: &serde_json::Value) -> String {
        self.secrets.store(name, value)
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
            scope.define(id, id, format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{id}"));
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
        if who == OPERATOR {
            return Ok(());
        }
        self.permissions().check_request(who, request)
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
            Service::SecretsManager => self.secrets.get_secret_value(&body),
            Service::DynamoDb => self.forward_to_dynamodb(headers, body).await,
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
        let here = format!("http://{}", self.address);
        BTreeMap::from([
            ("AWS_ACCESS_KEY_ID", OPERATOR.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "sandbox".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", here.clone()),
            ("AWS_ENDPOINT_URL_SQS", here.clone()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", here),
        ])
    }
}

/// All services speak JSON and name the operation in `X-Amz-Target`.
async fn dispatch(State(aws): State<Arc<Aws>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(request) = Request::read(&headers, &body) else {
        return error("UnknownOperationException", "the sandbox does not know this operation");
    };
    if let Err(refusal) = aws.check(access_key(&headers), &request) {
        return error("AccessDeniedException", &refusal);
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
