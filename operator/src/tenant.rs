//! The CXone that a deployment talks to, or that the environment names.

mod advice;
pub(crate) mod scopes;

use std::time::Duration;

use ambient::Instant;
use anyhow::Context;
use cxone::{Client, Config};
use platform::secrets::ClientSource;
use settings::{CLIENT, CredentialParts, Credentials, Environment};
use url::Url;

use crate::stack::{Description, Stack, Target};
pub(crate) use advice::{Source, advice};

/// Time limit of a call, retries included.
const PATIENCE: Duration = Duration::from_secs(30);
/// Parameters of the template that are settings of the client begin so.
const PARAMETER_PREFIX: &str = "Cxone";

/// Text below the help of the commands that call CXone.
pub(crate) const SETTINGS: &str = "\
With --stack or --sandbox, address and credentials are those of the deployment. Otherwise they are \
environment variables, the same as those of the functions:
  CXONE_BASE_URL                          the host of the tenant's region
  CXONE_CLIENT_ID, CXONE_CLIENT_SECRET    the credentials
  CXONE_API=acd, CXONE_ACCESS_KEY_ID, CXONE_ACCESS_KEY_SECRET
                                          where the tenant has the ACD services
  CXONE_TOKEN_URL, CXONE_TOKEN_AUTH, CXONE_SCOPE, CXONE_PATH_<OPERATION>
                                          where the tenant differs from the defaults

Exit status:
  0  all is well
  1  something is missing or failed
  2  the command cannot be run";

/// A CXone tenant, ready to be called.
pub(crate) struct Tenant {
    pub(crate) address: Url,
    pub(crate) client: Client,
    /// Parameters and outputs of the deployment, if one is named.
    pub(crate) deployment: Option<Description>,
}

impl Tenant {
    /// Reads the settings. Nothing is sent to CXone yet.
    pub(crate) async fn of(target: &Target) -> anyhow::Result<Self> {
        if target.is_named() {
            return Self::of_stack(&target.find().await?).await;
        }
        let (config, credentials) = Environment::from_process().read(settings)?;
        let address = config.base_url().clone();
        Ok(Self { address, client: Client::new(config, credentials)?, deployment: None })
    }

    /// That of a stack.
    pub(crate) async fn of_stack(stack: &Stack) -> anyhow::Result<Self> {
        let description = stack.description().await?;
        let parameters = description.parameters();
        let settings = parameters.filter(|(name, _)| name.starts_with(PARAMETER_PREFIX));
        let settings = settings.map(|(name, value)| (variable(name), value.to_owned()));
        let (config, source) = Environment::from_pairs(settings)
            .read(|env| Some((Config::read(env)?, ClientSource::read(env)?)))?;
        let credentials = source.load(stack.secrets_manager()).await;
        let credentials = credentials.context("the secret of the parameter CxoneSecretArn")?;
        let address = config.base_url().clone();
        Ok(Self {
            address,
            client: Client::new(config, credentials)?,
            deployment: Some(description),
        })
    }
}

impl Tenant {
    /// An error, and in a line of its own what to do about it.
    pub(crate) fn explained(&self, error: &cxone::Error) -> String {
        match advice(error, self.client.inspection().is_some(), self.source()) {
            Some(advice) => format!("{error}\n  {advice}"),
            None => error.to_string(),
        }
    }

    /// Source of its settings.
    pub(crate) fn source(&self) -> Source {
        if self.deployment.is_some() { Source::Stack } else { Source::Environment }
    }
}

/// Deadline of a call that begins now.
pub(crate) fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// The variable that the template makes of a parameter: `CXONE_TOKEN_URL` of `CxoneTokenUrl`.
pub(crate) fn variable(parameter: &str) -> String {
    let mut name = String::new();
    for letter in parameter.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// The settings of this process.
pub(crate) fn settings(env: &mut Environment) -> Option<(Config, Credentials)> {
    let config = Config::read(env);
    let needed = CredentialParts::read(env);
    // A client that the style does not need shows whether another style would be granted a token.
    let has_client = [CLIENT.0, CLIENT.1].iter().all(|name| env.is_set(name));
    let parts = if has_client && needed.access_key() { CredentialParts::Both } else { needed };
    let credentials = Credentials::read(env, parts);
    Some((config?, credentials?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_becomes_the_variable_that_the_template_makes_of_it() {
        assert_eq!(variable("CxoneBaseUrl"), "CXONE_BASE_URL");
        assert_eq!(variable("CxoneSecretArn"), "CXONE_SECRET_ARN");
        assert_eq!(variable("CxoneScope"), "CXONE_SCOPE");
    }
}
