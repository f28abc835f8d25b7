//! Promises about callbacks and campaigns.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, Timelike, Utc};
use sandbox::cxone::Api;
use serde_json::Value;

use super::{Outcome, digits};
use crate::{
    campaigns::SUBMITTED_AFTER,
    contact_center::Booked,
    scenario::{CAMPAIGN, ZONES},
};

/// Returns whether somebody asked that a number is not called, with or without success.
fn is_opted_out(outcome: &Outcome<'_>, number: &str) -> bool {
    let mut opt_outs = outcome.sent_to("optout-webhook");
    opt_outs
        .any(|sent| digits(&sent.event.document["data"]["phoneNumber"]).as_deref() == Some(number))
}

/// A callback is one contact, at the time that its sender was told. No number is called that nobody
/// named.
pub(super) fn one_contact(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let (mut named, callbacks) = (BTreeSet::new(), outcome.cxone().callbacks());
    for sent in outcome.sent_to("callback-intake") {
        let name = &sent.event.name;
        let number = digits(&sent.event.document["phoneNumber"]).expect("a number");
        // The ACD services let a callback be taken back.
        let may_be_gone = outcome.cxone().api() == Api::Acd && is_opted_out(outcome, &number);
        let of_number: Vec<_> =
            callbacks.iter().filter(|callback| callback.number == number).collect();
        named.insert(number);
        if of_number.len() > 1 {
            broken.push(format!("{name} is {} contacts", of_number.len()));
        }
        let Some(answer) = sent.success() else { continue };
        let told = answer.body["dispatchTime"].as_str().and_then(|at| at.parse().ok());
        let is_told = |it: &&Booked| answer.body["contactId"] == it.id && told == Some(it.at);
        let is_gone = may_be_gone && of_number.is_empty();
        if !is_gone && !of_number.iter().any(is_told) {
            broken.push(format!("{name} was accepted and is no such contact"));
        }
    }
    let unnamed = callbacks.iter().filter(|callback| !named.contains(&callback.number));
    broken.extend(unnamed.map(|it| format!("{} is called and nobody named it", it.number)));
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
    let callbacks = outcome.cxone().callbacks();
    let given_up = outcome.sent_to("callback-intake").filter(|sent| sent.success().is_none());
    let given_up = given_up.count();
    let mut broken = Vec::new();
    for item in outcome.items("ReservationsTable") {
        let hour = item["id"].as_str().and_then(|id| id.split('#').next());
        let hour: DateTime<Utc> = hour.and_then(|it| it.parse().ok()).expect("an hour");
        let calls = callbacks.iter().filter(|it| truncated(it.at) == hour).count();
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

/// Returns whether a dead letter tells a person to cancel a callback, and did until its time.
fn is_told_to_cancel(outcome: &Outcome<'_>, callback: &Booked) -> bool {
    let queues = outcome.services.queues();
    let is_about = |body: &String| body.contains("withdraw") && body.contains(&callback.id);
    let written = queues.letters.iter().filter(|body| is_about(body)).count();
    let in_time = queues.redriven.iter().filter(|(at, _)| *at < callback.at);
    written > in_time.filter(|(_, body)| is_about(body)).count()
}

/// Callbacks ahead of a number that has opted out, and that nobody is told to cancel; and whether it is
/// not on the list.
pub(crate) fn ignored(outcome: &Outcome<'_>, number: &str) -> Vec<String> {
    let is_ahead = |it: &Booked| it.number == number && it.at > outcome.services.now();
    let ahead = outcome.cxone().callbacks().into_iter().filter(is_ahead);
    let told = |it: Booked| {
        (!is_told_to_cancel(outcome, &it))
            .then(|| format!("{number} opted out and is called at {}", it.at))
    };
    let mut broken: Vec<String> = ahead.filter_map(told).collect();
    if !outcome.cxone().listed().contains(number) {
        broken.push(format!("{number} opted out and is not listed"));
    }
    broken
}

/// An hour has no more callbacks than agents, and all are at allowed times, in their window.
pub(super) fn hours(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let mut booked = BTreeMap::new();
    for callback in outcome.cxone().callbacks() {
        let at = callback.at;
        if !is_told_to_cancel(outcome, &callback) {
            *booked.entry(truncated(at)).or_insert(0) += 1;
        }
        if !(8..21).contains(&(at + ZONES[0].2).hour()) {
            broken.push(format!("a call at {at} is at night"));
        }
        let asked = outcome.sent_to("callback-intake").map(|sent| &sent.event.document);
        let mut asked =
            asked.filter(|it| digits(&it["phoneNumber"]).as_ref() == Some(&callback.number));
        if !asked.any(|it| window(it).contains(&at)) {
            broken.push(format!("a call to {} at {at} is outside of its window", callback.number));
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

/// The window of a request.
fn window(request: &Value) -> std::ops::Range<DateTime<Utc>> {
    let time = |name: &str| request[name].as_str().and_then(|it| it.parse().ok()).expect("a time");
    time("requestedStart")..time("requestedEnd")
}

/// A callback is confirmed once, or with the ACD services again only after something went wrong. No number gets a text that nobody named.
pub(super) fn one_text(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let texts = outcome.cxone().texted();
    let times_max = match outcome.cxone().api() {
        Api::V2 => 1,
        Api::Acd => 1 + outcome.services.mishaps("callback-intake"),
    };
    let mut named = BTreeSet::new();
    for sent in outcome.sent_to("callback-intake") {
        let name = &sent.event.name;
        let number = digits(&sent.event.document["phoneNumber"]).expect("a number");
        let count = texts.iter().filter(|to| **to == number).count();
        let is_opted_out = is_opted_out(outcome, &number);
        if count > times_max {
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
    let unnamed = texts.iter().filter(|to| !named.contains(*to));
    broken.extend(unnamed.map(|to| format!("{to} gets a text and nobody named it")));
    broken
}

/// An opt-out that was accepted stops the callbacks that are booked, and those requested later.
pub(super) fn withdrawn(outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let callbacks = outcome.cxone().callbacks();
    let ends_at = outcome.services.weather.ends_at;
    for opt_out in outcome.sent_to("optout-webhook") {
        let Some(answer) = opt_out.success() else { continue };
        let number = digits(&opt_out.event.document["data"]["phoneNumber"]);
        for callback in callbacks.iter().filter(|it| Some(&it.number) == number.as_ref()) {
            let Booked { id, number, at } = callback;
            // One that was due before the opt-out could reach it was made.
            let reaches_at = ends_at.max(answer.at);
            let is_due_late = *at > outcome.services.at(reaches_at) + TimeDelta::hours(2);
            // The dead letter has it then.
            let is_moved = outcome.services.queues().has_moved(&[id, number]);
            if is_due_late && !is_moved && !is_told_to_cancel(outcome, callback) {
                let name = &opt_out.event.name;
                broken.push(format!("{name} at {:?} did not stop {id}", answer.at));
            }
        }
    }
    broken
}

/// A campaign has one schedule for each zone and run, at allowed hours, and one report.
pub(super) fn campaigns(outcome: &Outcome<'_>) -> Vec<String> {
    if outcome.campaign.is_none() {
        return Vec::new();
    }
    let mut broken = Vec::new();
    let mut starts = BTreeMap::new();
    for (zone, start) in starts_of(outcome) {
        if !(8..21).contains(&start.hour()) {
            broken.push(format!("a campaign starts at {start}"));
        }
        *starts.entry((zone, start)).or_insert(0) += 1;
    }
    let twice = starts.iter().filter(|(_, count)| **count > 1);
    broken.extend(twice.map(|(run, count)| format!("{run:?} has {count} schedules")));
    // Where things go wrong for longer, a start may pass that nothing could submit. Its run is reported
    // all the same.
    let is_calm_in_time = outcome.services.weather.ends_at < SUBMITTED_AFTER;
    for (zone, ..) in ZONES {
        if is_calm_in_time && !starts.keys().any(|(scheduled, _)| scheduled == zone) {
            broken.push(format!("{zone} has no schedule"));
        }
    }
    let runs: BTreeSet<_> = starts.keys().map(|(_, start)| start).collect();
    let reports = outcome.services.reports();
    let ids: BTreeSet<_> = reports.iter().map(|report| &report.id).collect();
    let most = if is_calm_in_time { runs.len() } else { outcome.items("RunsTable").len() };
    if !(runs.len()..=most).contains(&ids.len()) {
        broken.push(format!("{} runs have the reports {ids:?}", runs.len()));
    }
    let bodies: BTreeSet<_> = reports.iter().map(|report| report.body.to_string()).collect();
    if bodies.len() != ids.len() {
        broken.push(format!("reports of one run differ: {bodies:?}"));
    }
    broken
}

/// Starts of the campaign: zone and local time. The ACD services have no schedules; there it is what
/// they accepted.
fn starts_of(outcome: &Outcome<'_>) -> Vec<(String, NaiveDateTime)> {
    if outcome.cxone().api() == Api::V2 {
        let schedules = outcome.cxone().schedules().into_iter();
        return schedules.map(|it| (it.time_zone, it.start.naive_local())).collect();
    }
    let zones = |run: Value| {
        let start = run["local_start"].as_str().expect("a start");
        let start = NaiveDateTime::parse_from_str(start, "%Y-%m-%dT%H:%M").expect("a time");
        let zones = run["submitted"].as_array().cloned().unwrap_or_default();
        let names = zones.into_iter().filter_map(|it| Some(it.as_str()?.to_owned()));
        names.map(|zone| (zone, start)).collect::<Vec<_>>()
    };
    outcome.items("RunsTable").into_iter().flat_map(zones).collect()
}

/// Nobody is called by the campaign but in its window, by the clocks of the zone; its skill is at rest
/// in the end.
pub(super) fn dialing(outcome: &Outcome<'_>) -> Vec<String> {
    let Some(campaign) = outcome.campaign else { return Vec::new() };
    let mut broken = Vec::new();
    for call in outcome.cxone().dialed() {
        let zone = ZONES.iter().find(|(_, name, _)| *name == call.zone);
        if zone.is_none_or(|(_, _, offset)| !campaign.may_call(call.at, *offset)) {
            broken.push(format!("{} is called at {}", call.zone, call.at));
        }
    }
    if outcome.cxone().is_dialing(CAMPAIGN) {
        broken.push(format!("{CAMPAIGN} is never stopped"));
    }
    broken
}
