//! The options that name a deployment.

use std::{env, str::FromStr};

use anyhow::{Context, bail};
use clap::Args;
use url::Url;

use super::Stack;

/// Variables that name the deployment when no option does.
const STACK_VARIABLE: &str = "OUTBOUND_STACK";
const SANDBOX_VARIABLE: &str = "OUTBOUND_SANDBOX";

/// The deployment that a command is about.
#[derive(Args)]
#[command(next_help_heading = "Deployment")]
pub(crate) struct Target {
    /// CloudFormation stack, with AWS credentials as usual; or the variable `OUTBOUND_STACK`
    #[arg(long, value_name = "NAME", conflicts_with = "sandbox")]
    stack: Option<String>,

    /// Sandbox at an address; without one, the sandbox that runs; or the variable `OUTBOUND_SANDBOX`
    #[arg(long, value_name = "URL", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    sandbox: Option<SandboxAddress>,
}

/// Where a sandbox is.
#[derive(Debug, Clone)]
enum SandboxAddress {
    /// The one that runs on this machine.
    Running,
    /// Its gateway, or its AWS.
    At(Url),
}

impl FromStr for SandboxAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "" => Ok(Self::Running),
            url => url
                .parse()
                .map(Self::At)
                .map_err(|_| "must be an address, such as http://127.0.0.1:9000".to_owned()),
        }
    }
}

impl Target {
    /// Returns whether an option or a variable names a deployment.
    pub(crate) fn is_named(&self) -> bool {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        self.stack.is_some()
            || self.sandbox.is_some()
            || is_set(STACK_VARIABLE)
            || is_set(SANDBOX_VARIABLE)
    }

    /// Finds the deployment and the names of its resources.
    pub(crate) async fn find(&self) -> anyhow::Result<Stack> {
        let set = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        match (&self.stack, &self.sandbox) {
            (Some(name), _) => Stack::deployed(name).await,
            (None, Some(address)) => Stack::sandbox(&address.url()?).await,
            (None, None) => match (set(STACK_VARIABLE), set(SANDBOX_VARIABLE)) {
                (Some(_), Some(_)) => {
                    bail!("{STACK_VARIABLE} and {SANDBOX_VARIABLE} are both set: unset one of them")
                }
                (Some(name), None) => Stack::deployed(&name).await,
                (None, Some(address)) => {
                    let address = address.parse::<SandboxAddress>().map_err(anyhow::Error::msg);
                    Stack::sandbox(&address.context(SANDBOX_VARIABLE)?.url()?).await
                }
                (None, None) => bail!(
                    "which deployment? Give --stack NAME or --sandbox, or set {STACK_VARIABLE}"
                ),
            },
        }
    }
}

impl SandboxAddress {
    fn url(&self) -> anyhow::Result<Url> {
        match self {
            Self::At(url) => Ok(url.clone()),
            Self::Running => the_running_sandbox(),
        }
    }
}

fn the_running_sandbox() -> anyhow::Result<Url> {
    let running = running_sandboxes::the_only_one()?;
    running.gateway_url.parse().context("the sandbox has an address that is no URL")
}
