//! Promises about callbacks and campaigns.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, DurationRound, TimeDelta, Timelike, Utc};
use sandbox::cxone::Contact;

use super::{Outcome, digits};

/// Offset of New York in the week of the run, before summer time.
const NEW_YORK: TimeDelta = TimeDelta::hours(-5);

fn contacts(outcome: &Outcome<'_>) -> Vec<Contact> {
    outcome.services.cxone.0.contacts().into_values().collect()
}

/// A callback is one contact, at the time that its sender was told. No number is called that nobody
/// named.
pub(super) fn one_contact(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let mut named = BTreeSet::new();
    for sent in outcome.sent_to("callback-intake") {
        let name = &sent.event.name;
        let number = digits(&sent.event.document["phoneNumber"]).expect("a number");
        let of_number: Vec<_> =
            contacts(outcome).into_iter().filter(|contact| contact.phone == number).collect();
        named.insert(number);
        if of_number.len() > 1 {
            broken.push(format!("{name} is {} contacts", of_number.len()));
        }
        let Some(answer) = sent.success() else { continue };
        let is_told = |contact: &Contact| {
            let told = answer.body["dispatchTime"].as_str().and_then(|at| at.parse().ok());
            answer.body["contactId"] == contact.id.to_string()
                && told == Some(contact.scheduled_start)
        };
        if !of_number.iter().any(is_told) {
            broken.push(format!("{name} was accepted and is no such contact"));
        }
    }
    let unnamed = contacts(outcome).into_iter().filter(|contact| !named.contains(&contact.phone));
    broken
        .extend(unnamed.map(|contact| format!("{} is called and nobody named it", contact.phone)));
    broken
}

/// Each answer to a callback names the same contact at the same time.
pub(super) fn one_answer(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for sent in outcome.sent_to("callback-intake") {
        let answers = sent.answers.borrow();
        let accepted = answers.iter().filter(|answer| (200..300).contains(&answer.status));
        let told: BTreeSet<String> = accepted
            .map(|it| format!("{} at {}", it.body["contactId"], it.body["dispatchTime"]))
            .collect();
        if told.len() > 1 {
            broken.push(format!("{} is answered with {told:?}", sent.event.name));
        }
    }
    broken
}

/// No agent is booked for nobody, unless a sender gave up.
pub(super) fn bookings(outcome: &Outcome<'_>) -> Vec<String> {
    let contacts = contacts(outcome);
    let given_up = outcome.sent_to("callback-intake").filter(|sent| sent.success().is_none());
    let given_up = given_up.count();
    let mut broken = Vec::new();
    for item in outcome.items("ReservationsTable") {
        let hour = item["id"].as_str().and_then(|id| id.split('#').next());
        let hour: DateTime<Utc> = hour.and_then(|it| it.parse().ok()).expect("an hour");
        let calls = contacts.iter().filter(|it| truncated(it.scheduled_start) == hour).count();
        let booked = item["booked"].as_u64().unwrap_or_default();
        if u64::try_from(calls + given_up).expect("few calls") < booked {
            broken.push(format!("{booked} agents are booked at {hour} for {calls} calls"));
        }
    }
    broken
}

fn truncated(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::hours(1)).expect("an hour")
}

/// Ids of the contacts that a person was told to cancel.
fn told_to_cancel(outcome: &Outcome<'_>) -> String {
    let letters = outcome.messages("CallbackDeadLetterQueue");
    let withdrawals = letters
        .into_iter()
        .filter(|it| it.attribute("error_code") == Some("callback_not_withdrawn"));
    withdrawals.map(|it| it.body).collect()
}

/// An hour has no more callbacks than agents, and all are at allowed times, in their window.
pub(super) fn hours(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let mut booked = BTreeMap::new();
    let withdrawn = told_to_cancel(outcome);
    for contact in contacts(outcome) {
        let at = contact.scheduled_start;
        if !withdrawn.contains(&contact.id.to_string()) {
            *booked.entry(truncated(at)).or_insert(0) += 1;
        }
        if !(8..21).contains(&(at + NEW_YORK).hour()) {
            broken.push(format!("a call at {at} is at night"));
        }
        let window = contact.attributes.window_start..contact.attributes.window_end;
        if !window.contains(&at) {
            broken.push(format!("a call at {at} is outside {window:?}"));
        }
    }
    for (hour, calls) in booked {
        let agents = outcome.agents.get(&hour).copied().unwrap_or_default();
        if calls > agents {
            broken.push(format!("{hour} has {calls} callbacks and {agents} agents"));
        }
    }
    broken
}

/// A callback is confirmed once. No number gets a text that nobody named.
pub(super) fn one_text(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let texts = outcome.services.cxone.0.messages();
    let mut named = BTreeSet::new();
    for sent in outcome.sent_to("callback-intake") {
        let name = &sent.event.name;
        let number = digits(&sent.event.document["phoneNumber"]).expect("a number");
        let count = texts.iter().filter(|text| text.to == number).count();
        let is_opted_out = outcome.sent_to("optout-webhook").any(|sent| {
            digits(&sent.event.document["data"]["phoneNumber"]).as_ref() == Some(&number)
        });
        if count > 1 {
            broken.push(format!("{name} is confirmed {count} times"));
        }
        let is_possible =
            sent.success().is_some_and(|answer| answer.body["confirmation"] != "not_possible");
        let is_dead = outcome.has("CallbackDeadLetterQueue", &number);
        if is_possible && count == 0 && !is_opted_out && !is_dead {
            broken.push(format!("{name} was accepted and is not confirmed"));
        }
        named.insert(number);
    }
    let unnamed = texts.iter().filter(|text| !named.contains(&text.to));
    broken.extend(unnamed.map(|text| format!("{} gets a text and nobody named it", text.to)));
    broken
}

/// An opt-out that was accepted stops the callbacks that are booked, and those requested later.
pub(super) fn withdrawn(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let (withdrawn, contacts) = (told_to_cancel(outcome), contacts(outcome));
    let ends_at = outcome.services.weather.ends_at;
    for opt_out in outcome.sent_to("optout-webhook") {
        let Some(answer) = opt_out.success() else { continue };
        let number = digits(&opt_out.event.document["data"]["phoneNumber"]);
        for contact in contacts.iter().filter(|contact| Some(&contact.phone) == number.as_ref()) {
            // One that was due before the opt-out could reach it was made.
            let is_due_late =
                contact.scheduled_start > outcome.services.at(ends_at) + TimeDelta::hours(2);
            let id = contact.id.to_string();
            // The dead letter has it then.
            let is_moved = outcome.services.queues().has_moved(&[&id, &contact.phone]);
            if is_due_late && !is_moved && !withdrawn.contains(&id) {
                let name = &opt_out.event.name;
                broken.push(format!("{name} at {:?} did not stop {id}", answer.at));
            }
        }
    }
    broken
}

/// A campaign has one schedule for each zone and run, at allowed hours, and one report.
pub(super) fn campaigns(outcome: &Outcome<'_>) -> Vec<String> {
    if !outcome.has_campaigns {
        return Vec::new();
    }
    let mut broken = Vec::new();
    let mut schedules = BTreeMap::new();
    for schedule in outcome.services.cxone.0.schedules() {
        if !(8..21).contains(&schedule.start.hour()) {
            broken.push(format!("a campaign starts at {}", schedule.start));
        }
        let start = schedule.start.naive_local();
        *schedules.entry((schedule.time_zone, start)).or_insert(0) += 1;
    }
    let twice = schedules.iter().filter(|(_, count)| **count > 1);
    broken.extend(twice.map(|(run, count)| format!("{run:?} has {count} schedules")));
    for zone in ["America/New_York", "America/Los_Angeles"] {
        if !schedules.keys().any(|(scheduled, _)| scheduled == zone) {
            broken.push(format!("{zone} has no schedule"));
        }
    }
    let runs: BTreeSet<_> = schedules.keys().map(|(_, start)| start).collect();
    let reports = outcome.services.reports();
    let ids: BTreeSet<_> = reports.iter().map(|report| &report.id).collect();
    if ids.len() != runs.len() {
        broken.push(format!("{} runs have the reports {ids:?}", runs.len()));
    }
    let bodies: BTreeSet<_> = reports.iter().map(|report| report.body.to_string()).collect();
    if bodies.len() != ids.len() {
        broken.push(format!("reports of one run differ: {bodies:?}"));
    }
    broken
}
