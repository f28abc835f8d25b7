//! `outbound secrets`: rotation without losing an event.

use anyhow::{Context, bail};
use aws_sdk_secretsmanager::Client;
use base64::{Engine, prelude::BASE64_STANDARD};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::{
    output::{Format, Outcome, Verdict},
    stack::{Target, failed},
};

const ORDER: &str = "\
Exit status:
  0  done
  2  the command cannot be run

No event is lost in this order: rotate; give the new secret to all who need it; wait until the \
metric old_secret stays at zero, or every receiver verifies with it; retire the old ones.";

/// Rotates the secrets that webhooks are authenticated by
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Adds a new secret in front of the others, and prints it
    #[command(after_help = ORDER)]
    Rotate(Rotating),
    /// Removes all secrets but the newest
    #[command(after_help = ORDER)]
    Retire(Retiring),
}

/// A list of secrets.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Secrets {
    /// Those that senders prove themselves by
    Webhook,
    /// Those that completion webhooks are signed with
    Signing,
}

#[derive(Args)]
pub(crate) struct Rotating {
    #[arg(value_enum)]
    secrets: Secrets,

    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Retiring {
    #[arg(value_enum)]
    secrets: Secrets,

    /// Remove without asking: senders that use an old one are turned away within 5 minutes
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    target: Target,
}

/// A list of secrets where it is stored.
struct Stored {
    client: Client,
    arn: String,
    /// The whole document: it may have other fields.
    document: Value,
    field: &'static str,
}

pub(crate) async fn run(command: &Command, format: Format) -> anyhow::Result<Outcome> {
    match command {
        Command::Rotate(Rotating { secrets, target }) => {
            let mut stored = Stored::find(*secrets, target).await?;
            let secret = new_secret();
            let list = stored.list()?;
            list.insert(0, Value::from(secret.as_str()));
            let count = list.len();
            stored.put().await?;
            let report = json!({ "secret": secret, "count": count });
            let text = format!("{secret}\n{count} secrets are valid now, the new one first.\n");
            Outcome::report(format, &report, |_| text, Verdict::Good)
        }
        Command::Retire(Retiring { secrets, yes, target }) => {
            let mut stored = Stored::find(*secrets, target).await?;
            let list = stored.list()?;
            let old = list.len().saturating_sub(1);
            if !yes {
                bail!("nothing was removed; {old} old secrets are valid. --yes removes them");
            }
            list.truncate(1);
            stored.put().await?;
            let text = format!("{old} old secrets were removed; one is valid.\n");
            Outcome::report(format, &json!({ "removed": old }), |_| text, Verdict::Good)
        }
    }
}

/// A key of two random ids, 32 bytes, as Standard Webhooks writes it.
fn new_secret() -> String {
    let key = [ambient::id().into_bytes(), ambient::id().into_bytes()].concat();
    format!("whsec_{}", BASE64_STANDARD.encode(key))
}

impl Stored {
    async fn find(secrets: Secrets, target: &Target) -> anyhow::Result<Self> {
        let stack = target.find().await?;
        let (parameter, field) = match secrets {
            Secrets::Webhook => ("WebhookSecretArn", "webhookSecrets"),
            Secrets::Signing => ("SigningSecretArn", "signingSecrets"),
        };
        let arn = stack.description().await?.parameter(parameter)?.to_owned();
        let client = stack.secrets_manager();
        let got = client.get_secret_value().secret_id(&arn).send().await;
        let got = got.map_err(|error| failed("Secrets Manager", &error))?;
        let document = serde_json::from_str(got.secret_string().unwrap_or_default());
        // The parser's message may quote the secret: it is dropped.
        let document =
            document.ok().with_context(|| format!("the secret at {parameter} is no JSON"))?;
        Ok(Self { client, arn, document, field })
    }

    fn list(&mut self) -> anyhow::Result<&mut Vec<Value>> {
        let field = self.field;
        let list = self.document.get_mut(field).and_then(Value::as_array_mut);
        list.filter(|list| !list.is_empty())
            .with_context(|| format!("the secret has no list {field}"))
    }

    async fn put(&self) -> anyhow::Result<()> {
        let put = self.client.put_secret_value().secret_id(&self.arn);
        let put = put.secret_string(self.document.to_string()).send().await;
        put.map(drop).map_err(|error| failed("Secrets Manager", &error).into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use platform::secrets::signing_key;

    use super::*;

    #[test]
    fn a_new_secret_is_one_that_the_functions_accept_and_no_two_are_alike() {
        let secrets: BTreeSet<String> = (0..100).map(|_| new_secret()).collect();
        assert_eq!(secrets.len(), 100);
        for secret in secrets {
            assert_eq!(signing_key(&secret.into()).expect("a key").len(), 32);
        }
    }
}
