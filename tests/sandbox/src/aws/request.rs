//! A call of an AWS service: its action and its resource.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, Uri, header::CONTENT_TYPE};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{ACCOUNT, Queues, REGION, STACK, dynamodb, function_arn};
use crate::template::Template;

/// Header with the operation, in JSON.
pub(super) const TARGET: &str = "x-amz-target";
/// Media type of the query protocol.
const FORM: &str = "application/x-www-form-urlencoded";
/// Path of CloudWatch's operations.
const CLOUDWATCH: &str = "/service/GraniteServiceVersion20100801/operation/";
/// Path of Lambda's functions.
const LAMBDA: &str = "/2015-03-31/functions/";

/// The services that are embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    CloudFormation,
    CloudWatch,
    CloudWatchLogs,
    DynamoDb,
    Lambda,
    Sns,
    Sqs,
    SecretsManager,
}

impl Service {
    /// All services.
    const ALL: [Self; 8] = [
        Self::DynamoDb,
        Self::Sqs,
        Self::SecretsManager,
        Self::CloudFormation,
        Self::CloudWatch,
        Self::CloudWatchLogs,
        Self::Lambda,
        Self::Sns,
    ];

    /// Its name in a fault.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CloudFormation => "CloudFormation",
            Self::CloudWatch => "CloudWatch",
            Self::CloudWatchLogs => "CloudWatchLogs",
            Self::DynamoDb => "DynamoDB",
            Self::Lambda => "Lambda",
            Self::Sns => "SNS",
            Self::Sqs => "SQS",
            Self::SecretsManager => "SecretsManager",
        }
    }

    /// Its operations that a fault may name: those that functions and operators use.
    fn operations(self) -> &'static [&'static str] {
        match self {
            Self::CloudFormation => &[
                "DescribeStackResource",
                "DescribeStackResources",
                "DescribeStacks",
                "ListStackResources",
            ],
            Self::CloudWatch => &["DescribeAlarms", "GetMetricData", "SetAlarmState"],
            Self::CloudWatchLogs => &["FilterLogEvents"],
            Self::DynamoDb => &[
                "BatchGetItem",
                "BatchWriteItem",
                "DeleteItem",
                "GetItem",
                "PutItem",
                "Query",
                "Scan",
                "TransactGetItems",
                "TransactWriteItems",
                "UpdateItem",
            ],
            Self::Lambda => &["Invoke"],
            Self::Sns => &["ListSubscriptionsByTopic"],
            Self::Sqs => &[
                "ChangeMessageVisibility",
                "DeleteMessage",
                "DeleteMessageBatch",
                "GetQueueAttributes",
                "ReceiveMessage",
                "SendMessage",
                "SendMessageBatch",
            ],
            Self::SecretsManager => &["CreateSecret", "GetSecretValue", "PutSecretValue"],
        }
    }

    fn of(target: &str) -> Option<Self> {
        match target {
            "AmazonSQS" => Some(Self::Sqs),
            "secretsmanager" => Some(Self::SecretsManager),
            "Logs_20140328" => Some(Self::CloudWatchLogs),
            "GraniteServiceVersion20100801" => Some(Self::CloudWatch),
            _ => target.starts_with("DynamoDB_").then_some(Self::DynamoDb),
        }
    }
}

/// What a fault may name of AWS: all of it, a service, an operation, or an operation on one table or
/// queue.
#[derive(Debug)]
pub(crate) struct AwsNames {
    resources: BTreeSet<String>,
}

impl AwsNames {
    /// The names with the tables and queues of a template.
    pub(crate) fn of(template: &Template) -> Self {
        let tables = template.tables.iter().map(|table| &table.logical_id);
        let queues = template.queues.iter().map(|queue| &queue.logical_id);
        Self { resources: tables.chain(queues).cloned().collect() }
    }

    /// Returns whether a name exists.
    pub(crate) fn has(&self, name: &str) -> bool {
        match name.split_once('/') {
            Some((operation, resource)) => {
                let is_about_one = |it: &Service| matches!(it, Service::DynamoDb | Service::Sqs);
                let mut services = Service::ALL.into_iter().filter(is_about_one);
                services.any(|it| it.operations().contains(&operation))
                    && self.resources.contains(resource)
            }
            None => Self::operations().contains(&name),
        }
    }

    /// `AWS`, the services and their operations.
    pub(crate) fn operations() -> Vec<&'static str> {
        let services = Service::ALL.into_iter();
        let named = services
            .flat_map(|it| std::iter::once(it.name()).chain(it.operations().iter().copied()));
        std::iter::once("AWS").chain(named).collect()
    }

    /// The tables and queues.
    pub(crate) fn resources(&self) -> Vec<&str> {
        self.resources.iter().map(String::as_str).collect()
    }
}

/// A call of an AWS service.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) service: Service,
    pub(super) action: String,
    pub(super) body: Value,
}

impl Request {
    /// Reads a call: of most services JSON, with the operation in a header; of CloudFormation and SNS
    /// a form; of CloudWatch also CBOR and of Lambda the event, with the operation in the path. `None`
    /// when it is of no service that is
    /// embedded.
    pub(super) fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if header(CONTENT_TYPE.as_str()).is_some_and(|it| it.starts_with(FORM)) {
            return Self::of_form(body);
        }
        if let Some(action) = uri.path().strip_prefix(CLOUDWATCH) {
            let (service, action) = (Service::CloudWatch, action.to_owned());
            return Some(Self { service, action, body: Value::Null });
        }
        if let Some(function) = uri.path().strip_prefix(LAMBDA) {
            let function = percent_decode_str(function.strip_suffix("/invocations")?);
            let body = json!({ "FunctionName": function.decode_utf8_lossy() });
            return Some(Self { service: Service::Lambda, action: "Invoke".to_owned(), body });
        }
        let (service, action) = header(TARGET)?.split_once('.')?;
        let body = serde_json::from_slice(body).unwrap_or_default();
        Some(Self { service: Service::of(service)?, action: action.to_owned(), body })
    }

    fn of_form(body: &[u8]) -> Option<Self> {
        let fields = form_urlencoded::parse(body);
        let fields = fields.map(|(name, value)| (name.into_owned(), json!(value)));
        let body = Value::Object(fields.collect());
        let action = body["Action"].as_str()?.to_owned();
        let is_of_topic = body.get("TopicArn").is_some();
        let service = if is_of_topic { Service::Sns } else { Service::CloudFormation };
        Some(Self { service, action, body })
    }

    /// The function that it is about.
    pub(super) fn function(&self) -> &str {
        self.body["FunctionName"].as_str().unwrap_or_default()
    }

    /// The tables, or the queue, that it is about.
    pub(super) fn resources(&self) -> Vec<String> {
        match self.service {
            Service::DynamoDb => {
                dynamodb::uses(&self.action, &self.body).into_iter().map(|it| it.table).collect()
            }
            Service::Sqs => vec![self.queue().to_owned()],
            _ => Vec::new(),
        }
    }

    /// Actions of the request as IAM names them, with the ARNs of their resources.
    pub(super) fn uses(&self) -> Vec<(String, String)> {
        match self.service {
            // Batches are allowed by the name of what they are batches of.
            Service::Sqs => {
                let action = self.action.trim_end_matches("Batch");
                vec![(format!("sqs:{action}"), Queues::arn(self.queue()))]
            }
            Service::SecretsManager => {
                let secret = self.body["SecretId"].as_str().unwrap_or_default();
                vec![(format!("secretsmanager:{}", self.action), secret.to_owned())]
            }
            Service::CloudFormation => {
                let stack = format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}");
                vec![(format!("cloudformation:{}", self.action), stack)]
            }
            Service::Sns => {
                let topic = self.body["TopicArn"].as_str().unwrap_or_default();
                vec![(format!("sns:{}", self.action), topic.to_owned())]
            }
            Service::CloudWatch => vec![(format!("cloudwatch:{}", self.action), "*".to_owned())],
            Service::CloudWatchLogs => {
                let group = self.body["logGroupName"].as_str().unwrap_or_default();
                let group = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}");
                vec![(format!("logs:{}", self.action), group)]
            }
            Service::Lambda => {
                vec![("lambda:InvokeFunction".to_owned(), function_arn(self.function()))]
            }
            Service::DynamoDb => dynamodb::uses(&self.action, &self.body)
                .into_iter()
                .map(|it| (format!("dynamodb:{}", it.action), it.arn()))
                .collect(),
        }
    }

    fn queue(&self) -> &str {
        self.body["QueueUrl"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default()
    }
}
