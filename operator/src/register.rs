//! `outbound register`: has CXone send its events to the webhooks of a deployment.

use std::collections::BTreeSet;

use anyhow::bail;
use clap::Args;
use cxone::{Error, Registered};
use serde::Serialize;
use url::Url;

use crate::{
    output::{Format, Outcome, Verdict},
    stack::Target,
    tenant::{
        SETTINGS, Tenant, deadline,
        scopes::{self, REGISTER_INTERACTIONS, REGISTER_OPT_OUTS},
    },
};

/// Has CXone send its events to the webhooks of a deployment
///
/// Needed once per deployment, and harmless to repeat. A registration that is there stays as it is,
/// even if it names another address. With --stack or --sandbox, both webhooks of the deployment are
/// registered, unless addresses are given.
#[derive(Args)]
#[command(after_help = SETTINGS)]
pub(crate) struct Webhooks {
    /// Receiver of opt-outs: the address of `POST /webhook/opt-out`
    #[arg(long, value_name = "URL", value_parser = webhook)]
    opt_out_url: Option<Url>,

    /// Receiver of interaction events: the address of `POST /webhooks/cxone`
    #[arg(long, value_name = "URL", value_parser = webhook)]
    interactions_url: Option<Url>,

    #[command(flatten)]
    target: Target,
}

/// Result of one registration.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    events: &'static str,
    is_registered: bool,
    result: String,
}

/// An address that CXone may send customers' data to.
fn webhook(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    if outbound::is_confidential(&url) { Ok(url) } else { Err("not an https address".to_owned()) }
}

pub(crate) async fn register(webhooks: &Webhooks, format: Format) -> anyhow::Result<Outcome> {
    let Webhooks { opt_out_url, interactions_url, target } = webhooks;
    let is_given = opt_out_url.is_some() || interactions_url.is_some();
    if !is_given && !target.is_named() {
        bail!("which webhooks? Give --stack NAME, --opt-out-url <URL> or --interactions-url <URL>");
    }
    let tenant = Tenant::of(target).await?;
    let output = |name: &str| match tenant.deployment.as_ref().filter(|_| !is_given) {
        Some(deployment) => deployment.output(name)?.parse().map(Some).map_err(anyhow::Error::new),
        None => Ok(None),
    };
    let opt_outs = opt_out_url.clone().or(output("OptOutUrl")?);
    let interactions = interactions_url.clone().or(output("InteractionUrl")?);
    let client = &tenant.client;
    // Asked before anything is registered: wrong credentials are reported once, not for each
    // webhook.
    let granted = client.granted_scopes(deadline()).await;
    let granted = granted.map_err(|error| anyhow::Error::msg(tenant.explained(&error)))?;
    let mut reports = Vec::new();
    if let Some(url) = opt_outs {
        let registered = client.register_opt_outs(&url, deadline()).await;
        reports.push(report(&tenant, "opt-outs", registered, REGISTER_OPT_OUTS, granted.as_ref()));
    }
    if let Some(url) = interactions {
        let registered = client.register_interactions(&url, deadline()).await;
        reports.push(report(
            &tenant,
            "interactions",
            registered,
            REGISTER_INTERACTIONS,
            granted.as_ref(),
        ));
    }
    let verdict = Verdict::bad_if(reports.iter().any(|report| !report.is_registered));
    Outcome::report(format, &reports, |reports| text(reports), verdict)
}

fn text(reports: &[Report]) -> String {
    let line = |Report { events, result, .. }: &Report| format!("{events}: {result}");
    reports.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn report(
    tenant: &Tenant,
    events: &'static str,
    registered: Result<Registered, Error>,
    purpose: &str,
    granted: Option<&BTreeSet<String>>,
) -> Report {
    let is_registered = registered.is_ok();
    let result = match registered {
        Ok(Registered::Created { id: Some(id) }) => format!("registered as {id}"),
        Ok(Registered::Created { id: None }) => {
            "registered; CXone did not say under which id".to_owned()
        }
        Ok(Registered::AlreadyThere) => "already registered, nothing changed".to_owned(),
        Err(error @ Error::Forbidden { .. }) => {
            let advice = scopes::advice(purpose, granted, tenant.source());
            format!("not registered: {error}\n  {advice}")
        }
        Err(error) => format!("not registered: {}", tenant.explained(&error)),
    };
    Report { events, is_registered, result }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_sent_over_https_except_on_this_machine() {
        for (address, expected) in [
            ("https://example.com/webhook/opt-out", true),
            ("http://127.0.0.1:9000/webhook/opt-out", true),
            ("http://example.com/webhook/opt-out", false),
            ("example.com", false),
        ] {
            assert_eq!(webhook(address).is_ok(), expected, "{address}");
        }
    }
}
