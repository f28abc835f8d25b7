//! SDK clients from one shared configuration.

use std::{error::Error, iter::successors, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};

/// The SDK's defaults of this date. An unset version panics at run time, and `latest` would
/// change behaviour with a dependency update.
fn behavior_version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// The AWS side of one process: region, credentials and time limits, found once at start.
///
/// `AWS_ENDPOINT_URL` and the SDK's other variables work as everywhere.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
}

impl Aws {
    /// Reads the SDK's own variables.
    pub async fn load() -> Self {
        // DynamoDB, SQS and Secrets Manager answer in milliseconds. What takes seconds is a lost
        // packet or a stuck connection: give up early and try again, while the caller can wait.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(3))
            .operation_timeout(Duration::from_secs(8))
            .build();
        let config = aws_config::defaults(behavior_version())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .load()
            .await;
        Self { config }
    }

    /// A DynamoDB client.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// An SQS client.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }

    /// A Secrets Manager client.
    pub fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }
}

/// An AWS service refused a call or did not answer. Worth a later retry.
///
/// The text holds the service's words and nothing of what was sent: neither an item nor a body.
#[derive(Debug, thiserror::Error)]
#[error("{service} failed: {reason}")]
pub struct CallFailed {
    service: &'static str,
    reason: String,
}

impl CallFailed {
    /// The `Debug` form of an SDK error would show the raw response, and with it phone numbers: only
    /// its messages are kept.
    pub(crate) fn new(service: &'static str, error: &(dyn Error + 'static)) -> Self {
        Self { service, reason: causes(error) }
    }
}

/// The messages along an error's chain of causes, in one line.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let messages: Vec<String> =
        successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source())
            .map(ToString::to_string)
            .collect();
    messages.join(": ")
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::{error::SdkError, operation::send_message::SendMessageError};

    use super::*;

    #[test]
    fn a_failed_call_tells_the_whole_chain_of_causes() {
        let error: SdkError<SendMessageError> = SdkError::timeout_error("no answer in 3 s");
        let failed = CallFailed::new("SQS", &error);
        assert_eq!(failed.to_string(), "SQS failed: request has timed out: no answer in 3 s");
    }
}
