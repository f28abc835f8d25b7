//! A tenant with the API `v2`, which has few operations that read.

use chrono::TimeDelta;
use cxone::{Client, Error};
use serde_json::Value;

use super::{
    Case,
    finding::{Finding, Findings},
};
use crate::tenant::{Source, advice, deadline, scopes};

/// What no operation of this API reads.
const NOT_READABLE: [(&str, &str, &str); 4] = [
    ("do not call", "list", "this API reads no list: a test opt-out shows whether it is there"),
    (
        "do not call",
        "scrubbed-skills",
        "this API does not show what obeys the list: see it in CXone",
    ),
    ("texts", "sender", "this API reads no senders: SmsSender must be verified in CXone"),
    ("events", "webhooks", "this API reads none; outbound register is harmless to repeat"),
];

/// An id that no contact has.
const NOBODY: &str = "outbound-doctor";

pub(super) async fn examine(case: &Case<'_>, client: &Client, findings: &mut Findings) {
    findings.group("scopes");
    let source = case.source();
    findings.add(scopes(client, source).await);
    let judged = |check, outcome: Result<(), Error>| match outcome {
        Ok(()) | Err(Error::NotFound { .. }) => Finding::ok(check, "allowed"),
        Err(error) => {
            let advice = advice(&error, false, source).unwrap_or("Grant the scopes that it needs.");
            Finding::wrong(check, error, advice)
        }
    };
    findings.add(judged("contact", client.contact(NOBODY, deadline()).await.map(drop)));
    match campaign(case) {
        None => findings.not_checked("campaign", "no campaign is known: Campaigns is empty"),
        Some(campaign) => {
            let now = ambient::now();
            let day = TimeDelta::days(1);
            let contacts = client.list_contacts(&campaign, 1, deadline()).await;
            findings.add(judged("contacts", contacts.map(drop)));
            let forecast = client.capacity(&campaign, &(now..now + day), deadline()).await;
            findings.add(judged("forecast", forecast.map(drop)));
            let counts = client.progress(&[campaign], &(now - day..now), deadline()).await;
            findings.add(judged(
                "analytics",
                counts.into_iter().collect::<Result<Vec<_>, _>>().map(drop),
            ));
        }
    }
    if case.writing.write.is_some() {
        findings.group("writes");
        findings.not_checked("writes", "--write is for the ACD services");
    }
    for (group, check, why) in NOT_READABLE {
        findings.group(group);
        findings.not_checked(check, why);
    }
}

async fn scopes(client: &Client, source: Source) -> Finding {
    const CHECK: &str = "scopes";
    let granted = match client.granted_scopes(deadline()).await {
        Ok(Some(granted)) => granted,
        Ok(None) => {
            let scope = source.scope();
            let why = format!("CXone does not return them, and {scope} requests none");
            return Finding::not_checked(CHECK, why);
        }
        Err(error) => return Finding::not_checked(CHECK, error),
    };
    let missing = scopes::missing(&granted);
    if missing.is_empty() {
        return Finding::ok(CHECK, format!("all {} are granted", scopes::NEEDED.len()));
    }
    let names: Vec<&str> = missing.iter().map(|(scope, _)| *scope).collect();
    Finding::wrong(CHECK, format!("missing: {}", names.join(", ")), scopes::grant(source))
}

/// The first campaign of the parameter `Campaigns`.
fn campaign(case: &Case<'_>) -> Option<String> {
    let documents: Vec<Value> = serde_json::from_str(case.values.get("CAMPAIGNS")?).ok()?;
    documents.first()?["campaignId"].as_str().map(str::to_owned)
}
