//! `cxone register`: has CXone send its events to the webhooks of a deployment.

use std::collections::BTreeSet;

use cxone::{Error, Registered};

use crate::{
    cli::Webhooks,
    problem::{Problem, explained},
    scopes::{self, REGISTER_INTERACTIONS, REGISTER_OPT_OUTS},
    tenant::{Tenant, deadline},
};

pub(crate) async fn run(tenant: &Tenant, webhooks: &Webhooks) -> Result<(), Problem> {
    let Tenant { client, .. } = tenant;
    // Asked before anything is registered: wrong credentials are reported once, not for each
    // webhook.
    let granted = client.granted_scopes(deadline()).await?;
    let mut done = Ok(());
    if let Some(url) = &webhooks.opt_out_url {
        let registered = client.register_opt_outs(url, deadline()).await;
        done = done.and(report("opt-outs", registered, REGISTER_OPT_OUTS, granted.as_ref()));
    }
    if let Some(url) = &webhooks.interactions_url {
        let registered = client.register_interactions(url, deadline()).await;
        done =
            done.and(report("interactions", registered, REGISTER_INTERACTIONS, granted.as_ref()));
    }
    done
}

/// Prints the result of a registration.
fn report(
    events: &str,
    registered: Result<Registered, Error>,
    purpose: &str,
    granted: Option<&BTreeSet<String>>,
) -> Result<(), Problem> {
    match registered {
        Ok(Registered::Created { id: Some(id) }) => println!("{events}: registered as {id}"),
        Ok(Registered::Created { id: None }) => {
            println!("{events}: registered; CXone did not say under which id");
        }
        Ok(Registered::AlreadyThere) => println!("{events}: already registered, nothing changed"),
        Err(error) => {
            let why = match &error {
                Error::Forbidden { .. } => {
                    format!("{error}\n  {}", scopes::advice(purpose, granted))
                }
                error => explained(error),
            };
            eprintln!("{events}: not registered: {why}");
            return Err(Problem::NotRegistered);
        }
    }
    Ok(())
}
