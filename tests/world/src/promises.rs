//! What is promised, checked against what was sent and what is there in the end. Nothing here shares
//! code with the functions.

mod alarms;
mod calls;
mod dead_letters;
mod opt_outs;
mod results;

use std::{collections::BTreeMap, rc::Rc};

use chrono::{DateTime, Utc};
use serde_json::Value;

pub(crate) use alarms::{Made, uncounted};
pub(crate) use calls::ignored;
pub(crate) use opt_outs::{Barred, newest_wishes};

use crate::{
    contact_center::ContactCenter, queues::Message, scenario::Campaign, senders::Sent,
    services::Services,
};

/// Everything that can be looked at in the end.
pub(crate) struct Outcome<'a> {
    pub(crate) services: &'a Services,
    pub(crate) sent: &'a [Rc<Sent>],
    /// Free agents by the hour.
    pub(crate) agents: &'a BTreeMap<DateTime<Utc>, usize>,
    /// The campaign, if there is one.
    pub(crate) campaign: Option<Campaign>,
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
        calls::dialing,
        results::newest,
        results::published,
        results::fanned_out,
        opt_outs::by_message,
        dead_letters::whole,
        dead_letters::caused,
        dead_letters::counted,
    ];
    promises.iter().flat_map(|promise| promise(outcome)).collect()
}

impl Outcome<'_> {
    fn cxone(&self) -> &ContactCenter {
        &self.services.cxone.0
    }

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
