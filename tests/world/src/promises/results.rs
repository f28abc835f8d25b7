//! Promises about call results and interactions.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Outcome, digits};

/// Queues of those who read interactions.
const CONSUMERS: [&str; 3] = ["AnalyticsQueue", "CrmSyncQueue", "NotificationQueue"];

/// Category and queue of a code.
fn category(code: &Value) -> (&'static str, &'static str) {
    match code.as_str() {
        Some("1001") => ("do_not_call", "CriticalQueue"),
        Some("2001") => ("callback_later", "MediumQueue"),
        Some("3001") => ("qualified_lead", "MediumQueue"),
        Some("4001") => ("wrong_number", "LowQueue"),
        _ => ("unclassified", "LowQueue"),
    }
}

/// Number of the contact of a call result.
pub(super) fn number(outcome: &Outcome<'_>, result: &Value) -> Option<String> {
    let number = outcome.cxone().number_of(result["contactId"].as_str()?)?;
    digits(&number.into())
}

/// The newest call result of a contact stands, whatever came later.
pub(super) fn newest(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let results: Vec<_> = outcome.sent_to("disposition-handler").collect();
    let contacts: BTreeSet<_> =
        results.iter().filter_map(|sent| sent.event.document["contactId"].as_str()).collect();
    for contact in contacts.into_iter().filter(|id| !outcome.has("DispositionDeadLetterQueue", id))
    {
        let of_contact = results.iter().filter(|it| it.event.document["contactId"] == contact);
        let time = |result: &Value| result["timestamp"].as_str().unwrap_or_default().to_owned();
        let accepted = of_contact.clone().filter(|sent| sent.success().is_some());
        let Some(newest) = accepted.map(|sent| time(&sent.event.document)).max() else { continue };
        // A result whose sender was not answered may have been accepted as well.
        let may_stand = of_contact.map(|sent| &sent.event.document).filter(|it| time(it) >= newest);
        let (stored, log) = outcome.cxone().category_of(contact);
        let stands = |result: &Value| {
            log.as_ref().is_none_or(|log| log.contains(&time(result)))
                && stored.as_deref() == Some(category(&result["dispositionCode"]).0)
        };
        if !may_stand.into_iter().any(stands) {
            let has = format!("{contact} has {stored:?} and {log:?}");
            broken.push(format!("{has}, and the newest result is of {newest}"));
        }
    }
    broken
}

/// Each call result that was accepted is published by its severity, and a do-not-call is listed.
pub(super) fn published(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for sent in outcome.sent_to("disposition-handler") {
        let (name, result) = (&sent.event.name, &sent.event.document);
        let contact = result["contactId"].as_str().unwrap_or_default();
        if sent.success().is_none() || outcome.has("DispositionDeadLetterQueue", contact) {
            continue;
        }
        let (category, queue) = category(&result["dispositionCode"]);
        let is_result = |body: Value| {
            ["contactId", "timestamp"].iter().all(|field| body[field] == result[field])
                && body["category"] == category
        };
        let published = outcome.messages(queue);
        if !published.iter().filter_map(|it| serde_json::from_str(&it.body).ok()).any(is_result) {
            broken.push(format!("{name} was accepted and is not in {queue}"));
        }
        let number = number(outcome, result).unwrap_or_default();
        let is_listed = outcome.cxone().listed().contains(&number);
        if category == "do_not_call" && !is_listed && !outcome.has("DncDeadLetterQueue", &number) {
            broken.push(format!("{name} was accepted and {number} is not listed"));
        }
    }
    broken
}

/// Nobody has an interaction more often than things went wrong.
pub(super) fn once(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let mishaps = outcome.services.mishaps("interaction-router");
    for sent in outcome.sent_to("interaction-router") {
        let id = sent.event.document["data"]["id"].as_str().unwrap_or_default();
        for queue in CONSUMERS {
            let messages = outcome.messages(queue);
            let copies = messages.iter().filter(|it| it.body.contains(id)).count();
            if copies > 1 + mishaps {
                broken.push(format!("{id} is {copies} times in {queue} after {mishaps} mishaps"));
            }
        }
    }
    broken
}

/// Each consumer has each interaction that was accepted, under one key.
pub(super) fn fanned_out(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for sent in outcome.sent_to("interaction-router") {
        let id = sent.event.document["data"]["id"].as_str().unwrap_or_default();
        let mut keys = BTreeSet::new();
        for queue in CONSUMERS {
            let messages = outcome.messages(queue);
            let copies = messages.iter().filter(|it| it.body.contains(id));
            let found: Vec<_> =
                copies.map(|it| it.attribute("idempotency_key").map(str::to_owned)).collect();
            let is_dead = outcome.has("InteractionDeadLetterQueue", id);
            if sent.success().is_some() && found.is_empty() && !is_dead {
                broken.push(format!("{id} was accepted and is not in {queue}"));
            }
            keys.extend(found);
        }
        if keys.len() > 1 {
            broken.push(format!("{id} has the keys {keys:?}"));
        }
    }
    broken
}
