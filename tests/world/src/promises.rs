//! What is promised, checked against what was sent and what is there in the end. Nothing here shares
//! code with the functions.

mod calls;
mod opt_outs;
mod results;

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    queues::{Message, is_dead_letter_queue},
    senders::Sent,
    services::Services,
};

/// Attributes that say why a message is a dead letter.
const REASON: [&str; 4] = ["error_code", "error_message", "function", "failed_at"];

/// Everything that can be looked at in the end.
pub(crate) struct Outcome<'a> {
    pub(crate) services: &'a Services,
    pub(crate) sent: &'a [Rc<Sent>],
    /// Free agents by the hour.
    pub(crate) agents: &'a BTreeMap<DateTime<Utc>, usize>,
    /// True if campaigns were started.
    pub(crate) has_campaigns: bool,
}

/// Promises of the time before events are sent once more: a repeat that comes late may count as new.
pub(crate) fn broken_before_encore(outcome: &Outcome<'_>) -> Vec<String> {
    results::once(outcome)
}

/// Broken promises, each in a sentence.
pub(crate) fn broken(outcome: &Outcome<'_>) -> Vec<String> {
    let promises = [
        opt_outs::accepted,
        opt_outs::named,
        calls::one_contact,
        calls::one_answer,
        calls::bookings,
        calls::hours,
        calls::one_text,
        calls::withdrawn,
        calls::campaigns,
        results::newest,
        results::published,
        results::fanned_out,
        dead_letters,
    ];
    promises.iter().flat_map(|promise| promise(outcome)).collect()
}

impl Outcome<'_> {
    fn sent_to<'a>(&'a self, function: &'a str) -> impl Iterator<Item = &'a Rc<Sent>> {
        self.sent.iter().filter(move |sent| sent.event.function == function)
    }

    fn items(&self, table: &str) -> Vec<Value> {
        self.services.tables.0.items(table).expect("a table")
    }

    fn messages(&self, queue: &str) -> Vec<Message> {
        self.services.queues().messages(queue).to_vec()
    }

    /// Returns whether a queue has a message with a text in its body.
    fn has(&self, queue: &str, text: &str) -> bool {
        self.services.queues().messages(queue).iter().any(|it| it.body.contains(text))
    }
}

/// A number as its digits: enough for the spellings that are sent.
fn digits(spelling: &Value) -> Option<String> {
    let digits: String = spelling.as_str()?.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        10 => Some(format!("+1{digits}")),
        11 => Some(format!("+{digits}")),
        _ => None,
    }
}

/// Each dead letter has its whole body and a reason.
fn dead_letters(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let queues = outcome.services.queues();
    let posted: BTreeSet<String> =
        outcome.sent.iter().map(|sent| sent.event.document.to_string()).collect();
    for queue in queues.names().filter(|name| is_dead_letter_queue(name)) {
        for letter in queues.messages(queue) {
            let has_reason =
                REASON.iter().all(|name| letter.attribute(name).is_some_and(|it| !it.is_empty()));
            if !has_reason && !letter.is_moved {
                broken.push(format!("{} in {queue} has no reason", letter.id));
            }
            let is_withdrawal = letter.attribute("error_code") == Some("callback_not_withdrawn");
            let is_whole = posted.contains(&letter.body) || queues.bodies.contains(&letter.body);
            let document = serde_json::from_str::<Value>(&letter.body).unwrap_or_default();
            let names_contact = is_withdrawal && document["withdraw"]["contactId"].is_string();
            if !is_whole && !names_contact {
                broken.push(format!("{} in {queue} has not its whole body", letter.id));
            }
        }
    }
    broken
}
