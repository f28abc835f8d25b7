//! Promises about opt-outs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, digits};
use crate::senders::Sent;

/// Type of an opt-out.
const OPT_OUT: &str = "contact.opt_out";
/// Type of a consent.
const OPT_IN: &str = "contact.opt_in";
/// Text of a message that is an opt-out.
const STOP: &str = "Stop!";

/// Every opt-out that was accepted is listed or a dead letter, and in the ledger.
pub(super) fn accepted(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let (listed, dead) =
        (outcome.cxone().listed(), |text: &str| outcome.has("DncDeadLetterQueue", text));
    let entries = outcome.items("OptOutsTable");
    let history = outcome.items("OptOutHistoryTable");
    for sent in outcome.sent_to("optout-webhook") {
        let (name, document) = (&sent.event.name, &sent.event.document);
        let Some(answer) = sent.success() else { continue };
        if document["eventType"] != OPT_OUT {
            if !history.iter().any(|it| it.to_string().contains(name)) {
                broken.push(format!("{name} was recorded and is not in the history"));
            }
            continue;
        }
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

/// The number of a message that is an opt-out.
fn messaged(sent: &Sent) -> Option<String> {
    let data = &sent.event.document["data"];
    (data["message"]["body"] == STOP).then(|| digits(&data["customer"]["phoneNumber"]))?
}

/// Every opt-out by a message that was accepted is listed or a dead letter, and in the ledger.
pub(super) fn by_message(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let listed = outcome.cxone().listed();
    let entries = outcome.items("OptOutsTable");
    for sent in outcome.sent_to("interaction-router").filter(|sent| sent.success().is_some()) {
        let Some(number) = messaged(sent) else { continue };
        let name = &sent.event.name;
        if !listed.contains(&number) && !outcome.has("DncDeadLetterQueue", &number) {
            broken.push(format!("{name} was accepted and is neither listed nor a dead letter"));
        }
        if !entries.iter().any(|entry| entry["phone_number"] == number) {
            broken.push(format!("{name} was accepted and has no entry in the ledger"));
        }
    }
    broken
}

/// Numbers whose owners changed their minds, and whether the newest wish is not to be called. Of two
/// at the same time it is.
pub(crate) fn newest_wishes(outcome: &Outcome<'_>) -> BTreeMap<String, bool> {
    let mut newest: BTreeMap<String, (String, bool)> = BTreeMap::new();
    for sent in outcome.sent {
        let document = &sent.event.document;
        let is_opt_out = document["eventType"] != OPT_IN;
        let number = messaged(sent).or_else(|| digits(&document["data"]["phoneNumber"]));
        if let (Some(number), Some(at)) = (number, document["timestamp"].as_str()) {
            let wish = (at.to_owned(), is_opt_out);
            let known = newest.entry(number).or_insert_with(|| wish.clone());
            *known = known.clone().max(wish);
        }
    }
    newest.into_iter().map(|(number, (_, is_opt_out))| (number, is_opt_out)).collect()
}

/// No number is listed that nobody named.
pub(super) fn named(outcome: &Outcome<'_>) -> Vec<String> {
    let opt_outs = outcome.sent_to("optout-webhook");
    let mut named: BTreeSet<String> =
        opt_outs.filter_map(|sent| digits(&sent.event.document["data"]["phoneNumber"])).collect();
    named.extend(outcome.sent_to("interaction-router").filter_map(|sent| messaged(sent)));
    for sent in outcome.sent_to("disposition-handler") {
        let document = &sent.event.document;
        if document["dispositionCode"] == "1001" {
            named.extend(super::results::number(outcome, document));
        }
    }
    let listed = outcome.cxone().listed();
    let unnamed = listed.difference(&named);
    unnamed.map(|number| format!("{number} is listed and nobody named it")).collect()
}
