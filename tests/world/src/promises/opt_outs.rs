//! Promises about opt-outs.

use std::collections::BTreeSet;

use sandbox::DNC_LIST;

use super::{Outcome, digits};

fn listed(outcome: &Outcome<'_>) -> BTreeSet<String> {
    outcome.services.cxone.0.dnc_list(DNC_LIST).contacts.into_keys().collect()
}

/// Every opt-out that was accepted is listed or a dead letter, and in the ledger.
pub(super) fn accepted(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let (listed, dead) = (listed(outcome), |text: &str| outcome.has("DncDeadLetterQueue", text));
    let entries = outcome.items("OptOutsTable");
    let history = outcome.items("OptOutHistoryTable");
    for sent in outcome.sent_to("optout-webhook") {
        let (name, document) = (&sent.event.name, &sent.event.document);
        let Some(answer) = sent.success() else { continue };
        let Some(number) = digits(&document["data"]["phoneNumber"]) else {
            if !dead(&document.to_string()) {
                broken.push(format!("{name} was accepted, cannot be read and is no dead letter"));
            }
            continue;
        };
        if answer.body["status"] == "dead_lettered" {
            broken.push(format!("{name} names a valid number and was dead-lettered"));
        }
        if !listed.contains(&number) && !dead(&number) {
            broken.push(format!("{name} was accepted and is neither listed nor a dead letter"));
        }
        if !entries.iter().any(|entry| entry["phone_number"] == number) {
            broken.push(format!("{name} was accepted and has no entry in the ledger"));
        }
        if !history.iter().any(|it| it["phone_number"] == number && it.to_string().contains(name)) {
            broken.push(format!("{name} was accepted and is not in the history"));
        }
    }
    broken
}

/// No number is listed that nobody named.
pub(super) fn named(outcome: &Outcome<'_>) -> Vec<String> {
    let opt_outs = outcome.sent_to("optout-webhook");
    let mut named: BTreeSet<String> =
        opt_outs.filter_map(|sent| digits(&sent.event.document["data"]["phoneNumber"])).collect();
    for sent in outcome.sent_to("disposition-handler") {
        let document = &sent.event.document;
        if document["dispositionCode"] == "1001" {
            named.extend(super::results::number(outcome, document));
        }
    }
    let listed = listed(outcome);
    let unnamed = listed.difference(&named);
    unnamed.map(|number| format!("{number} is listed and nobody named it")).collect()
}
