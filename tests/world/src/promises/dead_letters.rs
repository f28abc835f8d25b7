//! Promises about dead letters.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Outcome, digits};
use crate::queues::{DOUBTFUL, Message, is_dead_letter_queue};

/// Attributes that say why a message is a dead letter.
const REASON: [&str; 4] = ["error_code", "error_message", "function", "failed_at"];
/// Reasons that no redrive removes, apart from the refusal of a number.
const LASTING: [&str; 4] =
    [DOUBTFUL, "invalid_phone_number", "confirmation_too_late", "callback_not_withdrawn"];

/// All dead letters, with their queues.
fn letters(outcome: &Outcome<'_>) -> Vec<(String, Message)> {
    let queues = outcome.services.queues();
    let names = queues.names().filter(|name| is_dead_letter_queue(name));
    let of_queue = |name: &str| {
        let messages = queues.messages(name).iter().cloned();
        messages.map(|message| (name.to_owned(), message)).collect::<Vec<_>>()
    };
    names.flat_map(of_queue).collect()
}

/// Each dead letter has its whole body and a reason.
pub(super) fn whole(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let posted: BTreeSet<String> =
        outcome.sent.iter().map(|sent| sent.event.document.to_string()).collect();
    for (queue, letter) in letters(outcome) {
        let has_reason =
            REASON.iter().all(|name| letter.attribute(name).is_some_and(|it| !it.is_empty()));
        if !has_reason && !letter.is_moved {
            broken.push(format!("{} in {queue} has no reason", letter.id));
        }
        let document = serde_json::from_str::<Value>(&letter.body).unwrap_or_default();
        let has_all = match letter.attribute("error_code") {
            Some("callback_not_withdrawn") => document["withdraw"]["contactId"].is_string(),
            Some(DOUBTFUL) => posted.iter().any(|it| letter.body.contains(it)),
            _ => false,
        };
        let is_sent = outcome.services.queues().bodies.contains(&letter.body);
        if !has_all && !is_sent && !posted.contains(&letter.body) {
            broken.push(format!("{} in {queue} has not its whole body", letter.id));
        }
    }
    broken
}

/// After a redrive, when nothing goes wrong any more, only those are left whose cause is left.
pub(super) fn caused(outcome: &Outcome<'_>) -> Vec<String> {
    let is_refused = |letter: &Message| {
        let document = serde_json::from_str::<Value>(&letter.body).unwrap_or_default();
        let number =
            digits(&document["data"]["phoneNumber"]).or_else(|| digits(&document["phoneNumber"]));
        letter.attribute("error_code") == Some("refused_by_cxone")
            && number.is_some_and(|number| outcome.cxone().refuses(&number))
    };
    let is_caused = |letter: &Message| {
        letter.attribute("error_code").is_some_and(|code| LASTING.contains(&code))
            || is_refused(letter)
    };
    let uncaused = letters(outcome).into_iter().filter(|(_, letter)| !is_caused(letter));
    let told = |(queue, letter): (String, Message)| {
        let code = letter.attribute("error_code").map(str::to_owned);
        format!("{} is in {queue} for {code:?}, without a cause: {}", letter.id, letter.body)
    };
    uncaused.map(told).collect()
}

/// A function counts the dead letters that it writes, unless it fails before that: alarms watch the
/// count. An event that is handed on as well is not counted as one.
pub(super) fn counted(outcome: &Outcome<'_>) -> Vec<String> {
    let mut written: BTreeMap<String, u64> = BTreeMap::new();
    let is_meant =
        |letter: &Message| !letter.is_moved && letter.attribute("error_code") != Some(DOUBTFUL);
    for (_, letter) in letters(outcome).into_iter().filter(|(_, letter)| is_meant(letter)) {
        let function = letter.attribute("function").unwrap_or_default().to_owned();
        *written.entry(function).or_default() += 1;
    }
    let uncounted = written.into_iter().filter(|(function, letters)| {
        let counted = outcome.services.counted(function);
        counted.dead_letters + counted.failed < *letters
    });
    uncounted
        .map(|(function, letters)| format!("{function} wrote {letters} dead letters, uncounted"))
        .collect()
}
