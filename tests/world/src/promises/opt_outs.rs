//! Promises about opt-outs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

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
        if document["eventType"] != OPT_OUT || !is_listed(document) {
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

/// Contacts that a customer does not want: calls about sales, as callbacks are unless it is set
/// otherwise, and texts about service, as confirmations are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Barred {
    pub(crate) calls: bool,
    pub(crate) texts: bool,
}

/// Numbers whose owners changed their minds, and what the newest wish about each channel says now. Of
/// two at the same time, the one not to be contacted counts.
pub(crate) fn newest_wishes(outcome: &Outcome<'_>) -> BTreeMap<String, Barred> {
    let mut wishes: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for sent in outcome.sent {
        let document = &sent.event.document;
        let number = messaged(sent).or_else(|| digits(&document["data"]["phoneNumber"]));
        if let (Some(number), true) = (number, document["timestamp"].is_string()) {
            wishes.entry(number).or_default().push(document);
        }
    }
    let now = outcome.services.now();
    let is_barred = |wishes: &[&Value], channel: &str, topic: &str| {
        let about = wishes.iter().filter(|it| covers(it, channel, topic, now));
        let newest = about.max_by_key(|it| (it["timestamp"].as_str(), it["eventType"] != OPT_IN));
        newest.is_some_and(|it| it["eventType"] != OPT_IN)
    };
    let barred = |wishes: Vec<&Value>| Barred {
        calls: is_barred(&wishes, "voice", "sales"),
        texts: is_barred(&wishes, "text", "service"),
    };
    wishes.into_iter().map(|(number, wishes)| (number, barred(wishes))).collect()
}

/// Returns whether a wish covers contacts about a topic on a channel, now.
fn covers(wish: &Value, channel: &str, topic: &str, now: DateTime<Utc>) -> bool {
    let data = &wish["data"];
    let is_of = |part: &str, value: &str| data["scope"][part].as_str().is_none_or(|it| it == value);
    let end = data["expiresAt"].as_str().and_then(|end| end.parse::<DateTime<Utc>>().ok());
    let is_limited =
        is_of("channel", channel) && is_of("topic", topic) && end.is_none_or(|it| now < it);
    wish["eventType"] == OPT_OUT && is_listed(wish) || is_limited
}

/// Returns whether an opt-out goes on the list, which knows no channel and no end: one from calls about
/// everything does.
fn is_listed(opt_out: &Value) -> bool {
    let scope = &opt_out["data"]["scope"];
    scope["channel"] != "text" && scope["topic"].is_null()
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
