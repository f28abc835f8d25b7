//! What is sent into the world, and what CXone has before. All of it follows from the seed.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};
use fastrand::Rng;
use sandbox::{
    DNC_LIST,
    cxone::{ConflictId, Cxone},
};
use serde_json::{Value, json};

use crate::{senders::Event, services::RECEIVER_PATH};

/// Time within which senders begin.
const FIRST_DELIVERY_S_MAX: u64 = 1_500;
/// Number of bursts, and length of one.
const BURSTS: u64 = 3;
const BURST_MS: u64 = 200;
/// Campaign of the callbacks.
const CALLBACKS: &str = "callbacks-1";
/// Codes of dispositions.
const CODES: [&str; 5] = ["1001", "2001", "3001", "4001", "9999"];

/// What happens in a run, apart from faults.
pub(crate) struct Scenario {
    pub(crate) events: Vec<Event>,
    /// Free agents by the hour.
    pub(crate) agents: BTreeMap<DateTime<Utc>, usize>,
    /// Event of the schedule of campaigns, if there is one.
    pub(crate) campaigns: Option<Value>,
}

impl Scenario {
    pub(crate) fn of(random: &mut Rng, cxone: &Cxone, started_at: DateTime<Utc>) -> Self {
        let agents = agents(random, cxone, started_at);
        let mut events = Vec::new();
        for part in [opt_outs, callbacks, dispositions, interactions] {
            if random.u8(..3) > 0 {
                events.extend(part(random, cxone, started_at));
            }
        }
        let campaigns = (random.u8(..6) == 0).then(campaigns);
        Self { events, agents, campaigns }
    }
}

/// An event that is delivered at some time.
fn event(random: &mut Rng, function: &'static str, name: String, document: Value) -> Event {
    Event {
        function,
        name,
        document,
        key: None,
        at: first_delivery(random),
        patience: Duration::from_secs(random.u64(3..31)),
        deliveries_max: random.u32(1..7),
    }
}

/// Time of a first delivery: half of them come in bursts, so that they meet.
fn first_delivery(random: &mut Rng) -> Duration {
    let within = FIRST_DELIVERY_S_MAX * 1_000;
    let at_ms = if random.bool() {
        within / BURSTS * random.u64(..BURSTS) + random.u64(..BURST_MS)
    } else {
        random.u64(..within)
    };
    Duration::from_millis(at_ms)
}

/// A number of New York.
fn number(at: u32) -> String {
    format!("+12125550{at:03}")
}

/// A usual spelling of a number.
fn spelled(number: &str, random: &mut Rng) -> String {
    let (area, rest) = (&number[2..5], &number[5..]);
    match random.u8(..4) {
        0 => number.to_owned(),
        1 => format!("({area}) {}-{}", &rest[..3], &rest[3..]),
        2 => format!("{area}-{}-{}", &rest[..3], &rest[3..]),
        _ => format!("+1 {area} {} {}", &rest[..3], &rest[3..]),
    }
}

fn opt_outs(random: &mut Rng, cxone: &Cxone, _: DateTime<Utc>) -> Vec<Event> {
    let mut events = Vec::new();
    for at in 0..random.u32(1..7) {
        let number = number(100 + at);
        cxone.edit_dnc_list(DNC_LIST, |list| match random.u8(..12) {
            0 => drop(list.refused.insert(number.clone(), "no number of ours".to_owned())),
            1 => drop(list.conflicts.insert(number.clone(), ConflictId::OpaqueWithNumber)),
            2 => drop(list.conflicts.insert(number.clone(), ConflictId::Opaque)),
            _ => {}
        });
        for repeat in 0..random.u32(1..4) {
            let id = format!("opt-out-{at}-{repeat}");
            let spelling =
                if random.u8(..15) == 0 { "call 911".to_owned() } else { spelled(&number, random) };
            let document = json!({
                "eventId": id, "eventType": "contact.opt_out", "data": { "phoneNumber": spelling },
            });
            events.push(event(random, "optout-webhook", id, document));
        }
    }
    events
}

/// Few free agents, so that callbacks compete for them.
fn agents(
    random: &mut Rng,
    cxone: &Cxone,
    started_at: DateTime<Utc>,
) -> BTreeMap<DateTime<Utc>, usize> {
    let first = started_at.duration_trunc(TimeDelta::hours(1)).expect("an hour");
    let hour = |at: i32| (first + TimeDelta::hours(at.into()), random.usize(..3));
    let agents: BTreeMap<_, _> = (0..12).map(hour).collect();
    let few = |count: usize| f64::from(u8::try_from(count).expect("few agents"));
    cxone
        .set_forecast(CALLBACKS, agents.iter().map(|(hour, count)| (*hour, few(*count))).collect());
    agents
}

fn callbacks(random: &mut Rng, _: &Cxone, started_at: DateTime<Utc>) -> Vec<Event> {
    let mut events = Vec::new();
    for at in 0..random.u32(1..7) {
        // Some of the customers opt out as well.
        let number = number(if random.u8(..4) == 0 { 100 + at } else { 150 + at });
        let start = started_at + TimeDelta::hours(random.i64(3..6));
        let end = start + TimeDelta::hours(random.i64(1..4));
        let name = format!("callback-{at}");
        let document = json!({
            "phoneNumber": spelled(&number, random),
            "requestedStart": start, "requestedEnd": end,
            "campaignId": CALLBACKS, "language": "en-US", "timezone": "America/New_York",
        });
        let key = random.bool().then(|| name.clone());
        events.push(Event { key, ..event(random, "callback-intake", name, document) });
    }
    events
}

fn dispositions(random: &mut Rng, cxone: &Cxone, started_at: DateTime<Utc>) -> Vec<Event> {
    let mut events = Vec::new();
    for at in 0..random.u32(1..4) {
        let contact = format!("contact-{at}");
        cxone.add_contact(&contact, Some(&number(180 + at))).expect("v2 has any id");
        for repeat in 0..random.u32(1..5) {
            let timestamp = started_at - TimeDelta::seconds((repeat + 1).into());
            let document = json!({
                "contactId": contact,
                "dispositionCode": CODES[random.usize(..CODES.len())],
                "timestamp": timestamp.to_rfc3339_opts(SecondsFormat::Secs, true),
            });
            let name = format!("result-{at}-{repeat}");
            events.push(event(random, "disposition-handler", name, document));
        }
    }
    events
}

fn interactions(random: &mut Rng, _: &Cxone, started_at: DateTime<Utc>) -> Vec<Event> {
    let mut events = Vec::new();
    for at in 0..random.u32(1..7) {
        let id = format!("interaction-{at}");
        let document = json!({
            "webhookId": "wh-1", "eventType": "interaction.created",
            "timestamp": started_at.to_rfc3339_opts(SecondsFormat::Secs, true),
            "data": {
                "id": id, "channelType": "chat",
                "customer": { "email": "customer@example.com" }, "skill": { "name": "Support" },
            },
        });
        events.push(event(random, "interaction-router", id, document));
    }
    events
}

/// A campaign that starts in two zones, at one o'clock of each.
fn campaigns() -> Value {
    let contact = |(id, zone): (&str, &str)| json!({ "id": id, "timezone": zone });
    let contacts = [("c-1", "America/New_York"), ("c-2", "America/Los_Angeles")].map(contact);
    json!([{
        "campaignId": "campaign-1", "cron": "0 13 * * *", "expectedCompleted": 40,
        "purpose": "service", "webhookUrl": format!("http://127.0.0.1:9{RECEIVER_PATH}"),
        "contacts": contacts,
    }])
}
