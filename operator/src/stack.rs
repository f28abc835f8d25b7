//! The deployment that a command is about: a stack in AWS, or a sandbox. CloudFormation says what the
//! queues and tables of the template are called in it.

mod target;

use std::{collections::BTreeMap, error::Error};

use anyhow::{Context, anyhow, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use outbound::E164;
use platform::{
    aws::CallFailed,
    called_parties::{self, CalledParties, DECISIONS_KEPT_DAYS, Decisions},
    ledger::{self, Ledger},
    runs::Runs,
};
use url::Url;

pub(crate) use target::Target;

/// The sandbox as CloudFormation and IAM know it.
const SANDBOX: &str = "sandbox";
const SANDBOX_ACCESS_KEY: &str = "outbound";
const OBSERVER_ACCESS_KEY: &str = "console";

/// A deployment that was found.
pub(crate) struct Stack {
    pub(crate) name: String,
    /// True for a sandbox, where nothing needs protection.
    pub(crate) is_sandbox: bool,
    config: SdkConfig,
    resources: BTreeMap<String, Resource>,
}

struct Resource {
    kind: String,
    physical_id: String,
}

/// Parameters and outputs of a stack.
pub(crate) struct Description {
    parameters: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    async fn deployed(name: &str) -> anyhow::Result<Self> {
        let config = aws_config::defaults(behavior_version()).load().await;
        if config.region().is_none() {
            bail!("which AWS region? Set AWS_REGION, or the region of your profile");
        }
        let stack = Self::found(name, false, config).await;
        stack.with_context(|| {
            format!(
                "the stack {name} cannot be read. `aws sts get-caller-identity` shows who you are, \
                 `aws cloudformation list-stacks` what there is in this region"
            )
        })
    }

    async fn sandbox(url: &Url) -> anyhow::Result<Self> {
        let config = aws_config::defaults(behavior_version())
            .region(Region::from_static("us-east-1"))
            .endpoint_url(url.as_str())
            .credentials_provider(Credentials::from_keys(SANDBOX_ACCESS_KEY, SANDBOX, None));
        let config = config.load().await;
        let stack = Self::found(SANDBOX, true, config).await;
        stack
            .with_context(|| format!("no sandbox answers at {url}; start one: cargo sandbox serve"))
    }

    async fn found(name: &str, is_sandbox: bool, config: SdkConfig) -> anyhow::Result<Self> {
        let client = aws_sdk_cloudformation::Client::new(&config);
        let list = client.list_stack_resources().stack_name(name);
        let mut items = list.into_paginator().items().send();
        let mut resources = BTreeMap::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed("CloudFormation", &error))?;
            let Some(logical_id) = item.logical_resource_id else { continue };
            let kind = item.resource_type.unwrap_or_default();
            let physical_id = item.physical_resource_id.unwrap_or_default();
            resources.insert(logical_id, Resource { kind, physical_id });
        }
        Ok(Self { name: name.to_owned(), is_sandbox, config, resources })
    }

    /// The same stack, read with the key that faults of a sandbox spare: an observer must not use
    /// them up.
    pub(crate) fn observed(mut self) -> Self {
        if self.is_sandbox {
            let observer = Credentials::from_keys(OBSERVER_ACCESS_KEY, SANDBOX, None);
            let credentials = SharedCredentialsProvider::new(observer);
            self.config = self.config.into_builder().credentials_provider(credentials).build();
        }
        self
    }

    /// Name, or URL, of a resource of the template.
    pub(crate) fn physical_id(&self, logical_id: &str) -> anyhow::Result<&str> {
        let known = self.resources.get(logical_id);
        let known = known.ok_or_else(|| {
            anyhow!(
                "the stack {} has no {logical_id}: is it one of cxone-outbound, and of the version \
                 of this command?",
                self.name
            )
        });
        known.map(|resource| resource.physical_id.as_str())
    }

    /// All resources, each by its name in the template.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.resources.iter().map(|(id, resource)| (id.as_str(), resource.physical_id.as_str()))
    }

    /// Resources of a kind, each by its name in the template.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = (&str, &str)> {
        let of_kind = self.resources.iter().filter(move |(_, resource)| resource.kind == kind);
        of_kind.map(|(id, resource)| (id.as_str(), resource.physical_id.as_str()))
    }

    /// Parameters and outputs of the stack.
    pub(crate) async fn description(&self) -> anyhow::Result<Description> {
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        let described = client.describe_stacks().stack_name(&self.name).send().await;
        let described = described.map_err(|error| failed("CloudFormation", &error))?;
        let stack = described.stacks.unwrap_or_default().into_iter().next();
        let stack = stack.with_context(|| format!("there is no stack {}", self.name))?;
        let parameters = stack.parameters.unwrap_or_default().into_iter();
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        Ok(Description {
            parameters: parameters
                .filter_map(|it| it.parameter_key.zip(it.parameter_value))
                .collect(),
            outputs: outputs.filter_map(|it| it.output_key.zip(it.output_value)).collect(),
        })
    }

    /// The opt-out ledger.
    pub(crate) fn ledger(&self) -> anyhow::Result<Ledger> {
        let tables = ledger::Tables {
            opt_outs: self.physical_id("OptOutsTable")?.to_owned(),
            history: self.physical_id("OptOutHistoryTable")?.to_owned(),
        };
        Ok(Ledger::new(self.dynamodb(), tables))
    }

    /// What is known of called parties.
    pub(crate) fn called_parties(&self) -> anyhow::Result<CalledParties> {
        let tables = called_parties::Tables {
            opt_outs: self.physical_id("OptOutsTable")?.to_owned(),
            called_parties: self.physical_id("CalledPartiesTable")?.to_owned(),
        };
        Ok(CalledParties::new(self.dynamodb(), tables))
    }

    /// Decisions on contacts, kept for as long as the stack keeps them.
    pub(crate) async fn decisions(&self) -> anyhow::Result<Decisions> {
        let kept = self.description().await?.parameter("DecisionsKeptDays")?.parse();
        let table = self.physical_id("DecisionsTable")?;
        Ok(Decisions::new(self.dynamodb(), table, kept.unwrap_or(DECISIONS_KEPT_DAYS)))
    }

    /// Runs of campaigns.
    pub(crate) fn runs(&self) -> anyhow::Result<Runs> {
        Ok(Runs::new(self.dynamodb(), self.physical_id("RunsTable")?))
    }

    pub(crate) fn cloudwatch(&self) -> aws_sdk_cloudwatch::Client {
        aws_sdk_cloudwatch::Client::new(&self.config)
    }

    pub(crate) fn logs(&self) -> aws_sdk_cloudwatchlogs::Client {
        aws_sdk_cloudwatchlogs::Client::new(&self.config)
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    pub(crate) fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }

    pub(crate) fn sns(&self) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.config)
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }
}

impl Description {
    /// All parameters, each with its value.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> anyhow::Result<&str> {
        self.parameters
            .get(name)
            .map(String::as_str)
            .with_context(|| format!("the stack has no parameter {name}"))
    }

    /// Value of an output.
    pub(crate) fn output(&self, name: &str) -> anyhow::Result<&str> {
        self.outputs
            .get(name)
            .map(String::as_str)
            .with_context(|| format!("the stack has no output {name}"))
    }
}

/// A number of a command line; without a calling code one of the US.
pub(crate) fn number(text: &str) -> Result<E164, String> {
    E164::parse(text, outbound::Region::US).map_err(|problem| problem.to_string())
}

/// A failed call, with all that AWS says about it and nothing of what was sent.
pub(crate) fn failed(service: &'static str, error: &(dyn Error + 'static)) -> CallFailed {
    CallFailed::new(service, error)
}

/// The defaults of a date: `latest` would change behavior with an update of a dependency.
fn behavior_version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}
