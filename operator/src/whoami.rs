//! `outbound whoami`: checks the credentials for CXone, and which scopes they lack.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use crate::{
    output::{Format, Outcome, Verdict},
    stack::Target,
    tenant::{SETTINGS, Source, Tenant, deadline, scopes},
};

/// Checks the credentials for CXone, and which scopes they lack
#[derive(Args)]
#[command(after_help = SETTINGS)]
pub(crate) struct Question {
    #[command(flatten)]
    target: Target,
}

pub(crate) async fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    let tenant = Tenant::of(&question.target).await?;
    let host = tenant.address.as_str();
    let granted = match tenant.client.granted_scopes(deadline()).await {
        Ok(granted) => granted,
        Err(error) => {
            let why = tenant.explained(&error);
            let text = format!("host: {host}\ncredentials: refused or not checked: {why}\n");
            let report = json!({ "host": host, "credentials": error.to_string() });
            return Outcome::report(format, &report, |_| text, Verdict::Bad);
        }
    };
    let missing = granted.as_ref().map(scopes::missing);
    let report = json!({ "host": host, "credentials": "good", "missingScopes": missing });
    let verdict = Verdict::bad_if(missing.as_ref().is_some_and(|missing| !missing.is_empty()));
    let shown = |_: &Value| text(host, missing.as_deref(), tenant.source());
    Outcome::report(format, &report, shown, verdict)
}

fn text(host: &str, missing: Option<&[(&str, &str)]>, source: Source) -> String {
    let mut text = format!("host: {host}\ncredentials: good\n");
    match missing {
        // Writing to a String cannot fail.
        None => {
            let scope = source.scope();
            let _ = writeln!(
                text,
                "scopes: not known, since CXone does not return them and {scope}\nrequests none"
            );
        }
        Some([]) => text.push_str("scopes: all that the bundle needs\n"),
        Some(missing) => {
            let (count, needed) = (missing.len(), scopes::NEEDED.len());
            let _ = writeln!(text, "scopes: {count} of {needed} are missing");
            for (scope, purpose) in missing {
                let _ = writeln!(text, "  {scope:<25}  {purpose}");
            }
        }
    }
    text
}
