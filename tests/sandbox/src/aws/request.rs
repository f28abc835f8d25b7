//! A call of an AWS service: its action and its resource.

use axum::http::HeaderMap;
use serde_json::Value;

use super::{Queues, dynamodb};

/// The services that are embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    DynamoDb,
    Sqs,
    SecretsManager,
}

impl Service {
    /// Its name in a fault.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "DynamoDB",
            Self::Sqs => "SQS",
            Self::SecretsManager => "SecretsManager",
        }
    }

    fn of(target: &str) -> Option<Self> {
        match target {
            "AmazonSQS" => Some(Self::Sqs),
            "secretsmanager" => Some(Self::SecretsManager),
            _ => target.starts_with("DynamoDB_").then_some(Self::DynamoDb),
        }
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
    /// Reads a call. `None` when it is of no service that is embedded.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let (service, action) = headers.get("x-amz-target")?.to_str().ok()?.split_once('.')?;
        let service = Service::of(service)?;
        if service == Service::SecretsManager && action != "GetSecretValue" {
            return None;
        }
        let body = serde_json::from_slice(body).unwrap_or_default();
        Some(Self { service, action: action.to_owned(), body })
    }

    /// The tables, or the queue, that it is about.
    pub(super) fn resources(&self) -> Vec<String> {
        match self.service {
            Service::DynamoDb => {
                dynamodb::uses(&self.action, &self.body).into_iter().map(|it| it.table).collect()
            }
            Service::Sqs => vec![self.queue().to_owned()],
            Service::SecretsManager => Vec::new(),
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
