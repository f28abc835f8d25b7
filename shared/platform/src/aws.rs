//! SDK clients from one shared configuration.
//!
//! Lambda gives a function its region and credentials in environment variables, so they are read
//! there and nowhere else. The SDK's chain of other sources (profiles, containers, instance metadata)
//! would cost a process its first milliseconds and find nothing.

mod https;

use std::{error::Error, iter::successors, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_sqs::config::BehaviorVersion;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use secrecy::ExposeSecret;
use settings::Environment;

use https::CaBundle;

/// Time to connect. What takes longer is a lost packet.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The SDK's defaults of this date. An unset version panics at run time, and `latest` would
/// change behavior with a dependency update.
fn behavior_version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// The AWS side of one process: region, credentials, endpoints and time limits.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    endpoints: Endpoints,
}

/// Addresses that replace those of AWS, as in every SDK: of one service, or of all.
#[derive(Debug, Clone)]
struct Endpoints {
    all: String,
    dynamodb: String,
    sqs: String,
    secrets_manager: String,
}

impl Aws {
    /// Reads the variables that Lambda sets (`AWS_REGION`, `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`) and those that redirect the SDK
    /// (`AWS_ENDPOINT_URL` and its kin for one service, `AWS_USE_FIPS_ENDPOINT`,
    /// `AWS_USE_DUALSTACK_ENDPOINT`), and `AWS_CA_BUNDLE`.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let region = env.required::<String>("AWS_REGION");
        let key_id = env.required::<String>("AWS_ACCESS_KEY_ID");
        let secret_key = env.required_secret("AWS_SECRET_ACCESS_KEY");
        let session_token = env.optional("AWS_SESSION_TOKEN", String::new());
        let fips = env.optional("AWS_USE_FIPS_ENDPOINT", false);
        let dual_stack = env.optional("AWS_USE_DUALSTACK_ENDPOINT", false);
        let bundle = env.optional("AWS_CA_BUNDLE", CaBundle::default());
        let endpoints = Endpoints::read(env);
        let session_token = Some(session_token?).filter(|token| !token.is_empty());
        let secret_key = secret_key?.expose_secret().to_owned();
        let credentials =
            Credentials::new(key_id?, secret_key, session_token, None, "environment variables");
        let config = SdkConfig::builder()
            .behavior_version(behavior_version())
            .region(Region::new(region?))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(https::client(bundle?))
            .timeout_config(timeouts())
            // The time limit of an attempt is shorter than that of a stalled stream.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .use_fips(fips?)
            .use_dual_stack(dual_stack?)
            .build();
        Some(Self { config, endpoints: endpoints? })
    }

    /// A DynamoDB client.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config_at(&self.endpoints.dynamodb))
    }

    /// An SQS client.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config_at(&self.endpoints.sqs))
    }

    /// A Secrets Manager client.
    pub fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config_at(&self.endpoints.secrets_manager))
    }

    fn config_at(&self, endpoint: &str) -> SdkConfig {
        let endpoint = if endpoint.is_empty() { &self.endpoints.all } else { endpoint };
        let endpoint = Some(endpoint.to_owned()).filter(|url| !url.is_empty());
        let mut config = self.config.to_builder();
        config.set_endpoint_url(endpoint);
        config.build()
    }
}

impl Endpoints {
    fn read(env: &mut Environment) -> Option<Self> {
        let mut url =
            |suffix: &str| env.optional(&format!("AWS_ENDPOINT_URL{suffix}"), String::new());
        let (all, dynamodb) = (url(""), url("_DYNAMODB"));
        let (sqs, secrets_manager) = (url("_SQS"), url("_SECRETS_MANAGER"));
        Some(Self { all: all?, dynamodb: dynamodb?, sqs: sqs?, secrets_manager: secrets_manager? })
    }
}

/// DynamoDB, SQS and Secrets Manager answer in milliseconds. What takes seconds is a lost packet or
/// a stuck connection: give up early and try again, while the caller can wait.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build()
}

/// An AWS service refused a call or did not answer. Worth a later retry.
///
/// The text holds the service's message and nothing of what was sent: neither an item nor a body.
#[derive(Debug, thiserror::Error)]
#[error("{service} failed: {reason}")]
pub struct CallFailed {
    service: &'static str,
    reason: String,
}

impl CallFailed {
    /// Keeps the messages of an SDK error only: its `Debug` form would show the raw response, and with
    /// it phone numbers.
    pub fn new(service: &'static str, error: &(dyn Error + 'static)) -> Self {
        Self { service, reason: causes(error) }
    }
}

/// Returns the messages along an error's chain of causes, in one line.
pub fn causes(error: &(dyn Error + 'static)) -> String {
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

    const LAMBDA: [(&str, &str); 4] = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "visible"),
        ("AWS_SESSION_TOKEN", "visible"),
    ];

    fn read(more: &[(&'static str, &'static str)]) -> Result<Aws, settings::Problems> {
        Environment::from_pairs(LAMBDA.iter().chain(more).copied()).read(Aws::read)
    }

    #[test]
    fn a_service_has_the_endpoint_that_is_most_specific() {
        let aws = read(&[]).expect("Lambda sets enough");
        assert_eq!(aws.config_at(&aws.endpoints.sqs).endpoint_url(), None);
        let redirected = [
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:2"),
        ];
        let aws = read(&redirected).expect("well-formed");
        let at = |endpoint: &str| aws.config_at(endpoint).endpoint_url().map(str::to_owned);
        assert_eq!(at(&aws.endpoints.sqs).as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(at(&aws.endpoints.dynamodb).as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn missing_variables_are_named_at_once_and_credentials_are_not_shown() {
        let problems = Environment::from_pairs([("AWS_ACCESS_KEY_ID", "key")]).read(Aws::read);
        assert_eq!(
            problems.expect_err("two are missing").to_string(),
            "2 settings are missing or malformed:\n  \
             AWS_REGION is not set\n  \
             AWS_SECRET_ACCESS_KEY is not set"
        );
        assert!(!format!("{:?}", read(&[]).expect("Lambda sets enough")).contains("visible"));
    }

    #[test]
    fn a_failed_call_reports_the_whole_chain_of_causes() {
        let error: SdkError<SendMessageError> = SdkError::timeout_error("no answer in 3 s");
        let failed = CallFailed::new("SQS", &error);
        assert_eq!(failed.to_string(), "SQS failed: request has timed out: no answer in 3 s");
    }
}
