//! What is sent into the world, and what CXone has before. All of it follows from the seed.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, DurationRound, NaiveTime, SecondsFormat, TimeDelta, Utc};
use fastrand::Rng;
use sandbox::cxone::{Api, ConflictId};
use serde_json::{Map, Value, json};

use crate::{
    contact_center::{ContactCenter, Oddity},
    senders::Event,
    services::{RECEIVER_PATH, Services},
    stack::Environment,
};

/// Time within which senders begin.
const FIRST_DELIVERY_S_MAX: u64 = 1_500;
/// Number of bursts, and length of one.
const BURSTS: u64 = 3;
const BURST_MS: u64 = 200;
/// Campaign of the callbacks.
pub(crate) const CALLBACKS: &str = "callbacks-1";
/// Campaign that starts by itself.
pub(crate) const CAMPAIGN: &str = "campaign-1";
/// Hours and minutes at which it starts, by the clocks of its contacts: after things went wrong, or
/// while they do.
const STARTS: [(u32, u32); 4] = [(13, 0), (10, 15), (10, 45), (11, 15)];
/// Length of its window in each zone.
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Zones of its contacts: their names, those that CXone gives them, and their offsets in the weeks of
/// the run, before summer time.
pub(crate) const ZONES: [(&str, &str, TimeDelta); 2] = [
    ("America/New_York", "Eastern Standard Time", TimeDelta::hours(-5)),
    ("America/Los_Angeles", "Pacific Standard Time", TimeDelta::hours(-8)),
];
/// First of the numbers whose owners change their minds.
const WISHES_FIRST: u32 = 200;
/// Number of a message that may be an opt-out.
pub(crate) const DOUBTFUL: u32 = 240;
/// Channels and topics of wishes that do not cover everything.
const CHANNELS: [&str; 2] = ["voice", "text"];
const TOPICS: [&str; 2] = ["sales", "service"];
/// Codes of dispositions.
const CODES: [&str; 5] = ["1001", "2001", "3001", "4001", "9999"];

/// What happens in a run, apart from faults.
pub(crate) struct Scenario {
    pub(crate) events: Vec<Event>,
    /// Free agents by the hour.
    pub(crate) agents: BTreeMap<DateTime<Utc>, usize>,
    pub(crate) campaign: Option<Campaign>,
    /// Settings of the functions that differ from those of the stack.
    pub(crate) settings: Environment,
}

impl Scenario {
    pub(crate) fn of(
        random: &mut Rng,
        fate: &mut Rng,
        services: &Services,
        started_at: DateTime<Utc>,
        are_scoped: bool,
    ) -> Self {
        let cxone = &services.cxone.0;
        let agents = agents(random, started_at);
        let settings = cxone.forecast(CALLBACKS, &agents, services.stack.0).into_iter().collect();
        let mut events = Vec::new();
        for part in [opt_outs, callbacks, dispositions, interactions] {
            if random.u8(..3) > 0 {
                events.extend(part(random, cxone, started_at));
            }
        }
        let campaign = (random.u8(..6) == 0).then(|| match cxone.api() {
            Api::V2 => Campaign::default(),
            Api::Acd => Campaign::starting(STARTS[random.usize(..STARTS.len())]),
        });
        let mut wishes = if fate.bool() { wishes(fate, started_at) } else { Vec::new() };
        if are_scoped {
            // By its own chance, so that nothing else moves.
            let mut random = fate.clone();
            for wish in &mut wishes {
                limit(&mut wish.document, &mut random, started_at);
            }
        }
        events.extend(wishes);
        for event in &mut events {
            let one_of = if event.function == "callback-intake" { 2 } else { 4 };
            event.again_after = (fate.u8(..one_of) == 0).then(|| again_after(fate));
        }
        Self { events, agents, campaign, settings }
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
        again_after: None,
    }
}

/// Time until a sender comes again, long after it gave up.
fn again_after(random: &mut Rng) -> Duration {
    Duration::from_mins(random.u64(30..480))
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
pub(crate) fn number(at: u32) -> String {
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

fn opt_outs(random: &mut Rng, cxone: &ContactCenter, _: DateTime<Utc>) -> Vec<Event> {
    let mut events = Vec::new();
    for at in 0..random.u32(1..7) {
        let number = number(100 + at);
        match random.u8(..12) {
            0 => cxone.be_odd(&number, Oddity::Refused),
            1 => cxone.be_odd(&number, Oddity::Taken(ConflictId::OpaqueWithNumber)),
            2 => cxone.be_odd(&number, Oddity::Taken(ConflictId::Opaque)),
            _ => {}
        }
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
fn agents(random: &mut Rng, started_at: DateTime<Utc>) -> BTreeMap<DateTime<Utc>, usize> {
    let first = started_at.duration_trunc(TimeDelta::hours(1)).expect("an hour");
    let hour = |at: i32| (first + TimeDelta::hours(at.into()), random.usize(..3));
    (0..12).map(hour).collect()
}

fn callbacks(random: &mut Rng, cxone: &ContactCenter, started_at: DateTime<Utc>) -> Vec<Event> {
    let mut events = Vec::new();
    // The ACD services list a callback until it is made: senders come again after that.
    let first_hour = if cxone.api() == Api::Acd { 1 } else { 3 };
    for at in 0..random.u32(1..7) {
        // Some of the customers opt out as well.
        let number = number(if random.u8(..4) == 0 { 100 + at } else { 150 + at });
        let start = started_at + TimeDelta::hours(random.i64(first_hour..6));
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

fn dispositions(random: &mut Rng, cxone: &ContactCenter, started_at: DateTime<Utc>) -> Vec<Event> {
    let mut events = Vec::new();
    for at in 0..random.u32(1..4) {
        let contact = match cxone.api() {
            Api::V2 => format!("contact-{at}"),
            Api::Acd => format!("{}", 5_000_000 + at),
        };
        cxone.add_contact(&contact, &number(180 + at));
        let codes = codes(random, cxone.api());
        for repeat in 0..random.u32(1..5) {
            let timestamp = started_at - TimeDelta::seconds((repeat + 1).into());
            let document = json!({
                "contactId": contact,
                "dispositionCode": codes(random, repeat),
                "timestamp": timestamp.to_rfc3339_opts(SecondsFormat::Secs, true),
            });
            let name = format!("result-{at}-{repeat}");
            events.push(event(random, "disposition-handler", name, document));
        }
    }
    events
}

/// Wishes of customers who change their minds, by the webhook and by messages: the newest counts,
/// whatever came last. One of them may mean something else.
fn wishes(random: &mut Rng, started_at: DateTime<Utc>) -> Vec<Event> {
    let mut events = Vec::new();
    for at in 0..random.u32(1..4) {
        let number = number(WISHES_FIRST + at);
        for repeat in 0..random.u32(1..5) {
            let id = format!("wish-{at}-{repeat}");
            let timestamp = started_at - TimeDelta::minutes(random.i64(1..30));
            let timestamp = timestamp.to_rfc3339_opts(SecondsFormat::Secs, true);
            let (function, document) = match random.u8(..4) {
                0 | 1 => ("optout-webhook", wish("contact.opt_out", &id, &number, &timestamp)),
                2 => ("optout-webhook", wish("contact.opt_in", &id, &number, &timestamp)),
                _ => ("interaction-router", message("Stop!", &id, &number, &timestamp)),
            };
            events.push(event(random, function, id, document));
        }
    }
    let (id, number) = ("perhaps", number(DOUBTFUL));
    let timestamp = started_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let document = message("I can't stop thinking about it", id, &number, &timestamp);
    events.push(event(random, "interaction-router", id.to_owned(), document));
    events
}

fn wish(kind: &str, id: &str, number: &str, timestamp: &str) -> Value {
    json!({
        "eventId": id, "eventType": kind, "timestamp": timestamp,
        "data": { "phoneNumber": number },
    })
}

/// Limits a wish to some contacts, or to some time. It ends among the faults, or after the world.
fn limit(wish: &mut Value, random: &mut Rng, started_at: DateTime<Utc>) {
    let Some(data) = wish.get_mut("data").filter(|data| data.get("phoneNumber").is_some()) else {
        return;
    };
    let mut scope = Map::new();
    if random.bool() {
        scope.insert("channel".to_owned(), json!(CHANNELS[random.usize(..CHANNELS.len())]));
    }
    if random.u8(..3) == 0 {
        scope.insert("topic".to_owned(), json!(TOPICS[random.usize(..TOPICS.len())]));
    }
    if !scope.is_empty() {
        data["scope"] = Value::Object(scope);
    }
    if random.u8(..4) == 0 {
        let days = TimeDelta::days(random.i64(0..2) * 30);
        data["expiresAt"] = json!(started_at + days + TimeDelta::seconds(random.i64(0..3_600)));
    }
}

fn message(text: &str, id: &str, number: &str, timestamp: &str) -> Value {
    json!({
        "webhookId": "wh-1", "eventType": "message.created", "timestamp": timestamp,
        "data": {
            "id": id, "channelType": "sms", "direction": "inbound",
            "customer": { "phoneNumber": number },
            "message": { "body": text, "direction": "inbound" },
        },
    })
}

/// A request for a callback from a number, soon.
pub(crate) fn request(number: &str, now: DateTime<Utc>) -> Event {
    request_between(number, now + TimeDelta::hours(1), TimeDelta::hours(2))
}

/// A request for a callback from a number in a window of this length.
pub(crate) fn request_between(number: &str, start: DateTime<Utc>, length: TimeDelta) -> Event {
    let document = json!({
        "phoneNumber": number, "requestedStart": start, "requestedEnd": start + length,
        "campaignId": CALLBACKS, "language": "en-US", "timezone": "America/New_York",
    });
    let name = format!("request of {number}");
    event(&mut Rng::with_seed(0), "callback-intake", name, document)
}

/// The last opt-out of a number.
pub(crate) fn last_opt_out(number: &str) -> Event {
    let name = format!("last word of {number}");
    let document = json!({
        "eventId": name, "eventType": "contact.opt_out", "data": { "phoneNumber": number },
    });
    event(&mut Rng::with_seed(0), "optout-webhook", name, document)
}

/// Codes of a contact's results by their order. The ACD services know a contact as one call, of which
/// an outcome counts once: a code does not come again there.
fn codes(random: &mut Rng, api: Api) -> impl Fn(&mut Rng, u32) -> &'static str + use<> {
    let mut shuffled = CODES;
    if api == Api::Acd {
        random.shuffle(&mut shuffled);
    }
    move |random, repeat| match api {
        Api::V2 => CODES[random.usize(..CODES.len())],
        Api::Acd => shuffled[repeat as usize % CODES.len()],
    }
}

fn interactions(random: &mut Rng, _: &ContactCenter, started_at: DateTime<Utc>) -> Vec<Event> {
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

/// A campaign that starts in two zones, and may call for an hour in each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Campaign {
    /// Its start, by the clocks of its contacts.
    pub(crate) start: NaiveTime,
}

impl Default for Campaign {
    fn default() -> Self {
        Self::starting(STARTS[0])
    }
}

impl Campaign {
    fn starting((hour, minute): (u32, u32)) -> Self {
        Self { start: NaiveTime::from_hms_opt(hour, minute, 0).expect("a time of day") }
    }

    /// Time since its start in a zone of this offset, on the same day.
    fn since_start(self, at: DateTime<Utc>, offset: TimeDelta) -> TimeDelta {
        (at + offset).time() - self.start
    }

    /// Returns whether it may call at an instant, in a zone of this offset.
    pub(crate) fn may_call(self, at: DateTime<Utc>, offset: TimeDelta) -> bool {
        (TimeDelta::zero()..WINDOW).contains(&self.since_start(at, offset))
    }

    /// Returns whether a window opens or ends so shortly before or after an instant.
    pub(crate) fn is_edge_near(self, at: DateTime<Utc>, near: TimeDelta) -> bool {
        let since_starts = ZONES.map(|(_, _, offset)| self.since_start(at, offset));
        since_starts.iter().any(|since| since.abs() < near || (*since - WINDOW).abs() < near)
    }

    /// As the functions are told of it.
    pub(crate) fn document(self) -> Value {
        let contact = |(zone, ..): (&str, &str, TimeDelta)| json!({ "id": zone, "timezone": zone });
        json!([{
            "campaignId": CAMPAIGN, "cron": self.start.format("%-M %-H * * *").to_string(),
            "windowHours": 1, "expectedCompleted": 40, "purpose": "service",
            "webhookUrl": format!("http://127.0.0.1:9{RECEIVER_PATH}"),
            "contacts": ZONES.map(contact),
        }])
    }
}
