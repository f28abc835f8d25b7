//! A day of events: what is sent when, as streams of the same kind at a steady rate. Some are about
//! one subject again and again.
//!
//! The functions live by the real clock, so times in the events are real ones; when an event is due
//! is read from the clock that runs fast.

use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::numbers::{american, british};

/// Hours of the day.
pub(crate) const HOURS: u8 = 24;
const HOUR: TimeDelta = TimeDelta::hours(1);
/// Windows of four hours in which steady callbacks are wanted, one after another.
const WINDOWS: usize = 150;
/// Contacts that are called in turn.
const CONTACTS: usize = 400;
/// The contact that is called again and again.
const BUSY_CONTACT: usize = 999;
/// The first number of a contact, and of those who want the same hours.
const CONTACT_NUMBERS: usize = 1_000;
const RUSH_NUMBERS: usize = 800;
/// The numbers that opt out again and again, and that want callbacks again and again.
const BUSY_OPT_OUT: usize = 9_999;
const BUSY_CALLER: usize = 999;
/// The first number that opts out by a message.
const MESSAGE_NUMBERS: usize = 5_000;

/// Disposition codes, with their categories.
const CODES: [(&str, &str); 6] = [
    ("1002", DO_NOT_CALL),
    ("2001", "callback_later"),
    ("3001", "qualified_lead"),
    ("3003", "qualified_lead"),
    ("4001", "wrong_number"),
    ("5000", "unclassified"),
];
/// The category that lists a number.
pub(crate) const DO_NOT_CALL: &str = "do_not_call";

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    OptOut,
    Callback,
    CallResult,
    Interaction,
    /// An interaction that is an opt-out.
    OptOutMessage,
    /// An opt-out without a number that exists.
    Unreadable,
    /// An opt-out after a callback, which CXone cannot withdraw: a person has to.
    ChangeOfMind,
}

impl Kind {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::OptOut | Self::Unreadable | Self::ChangeOfMind => "/webhook/opt-out",
            Self::Callback => "/callbacks",
            Self::CallResult => "/webhook/call-result",
            Self::Interaction | Self::OptOutMessage => "/webhooks/cxone",
        }
    }
}

/// Events of a kind at a steady rate.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    per_hour: i32,
    /// The hour in which they begin.
    from_hour: i32,
    /// Makes the event with this index.
    event: fn(usize, &Moment) -> Value,
    /// The answers that are right.
    pub(crate) answers: &'static [&'static str],
}

/// Real times of an event.
#[derive(Debug)]
struct Moment {
    /// When it is sent.
    at: DateTime<Utc>,
    /// The first hour in which a callback can be wanted.
    first_hour: DateTime<Utc>,
}

pub(crate) static STREAMS: [Stream; 11] = [
    Stream {
        name: "opt-outs",
        kind: Kind::OptOut,
        per_hour: 90,
        from_hour: 0,
        event: |index, moment| opt_out(&british(index), moment),
        answers: &["200 accepted"],
    },
    Stream {
        name: "opt-outs of one number",
        kind: Kind::OptOut,
        per_hour: 12,
        from_hour: 0,
        event: |_, moment| opt_out(&british(BUSY_OPT_OUT), moment),
        answers: &["200 accepted", "200 duplicate"],
    },
    Stream {
        name: "opt-outs without a number",
        kind: Kind::Unreadable,
        per_hour: 2,
        from_hour: 0,
        event: |index, moment| opt_out(&format!("+1 555 01{index:02}"), moment),
        answers: &["200 dead_lettered"],
    },
    Stream {
        name: "opt-outs after callbacks",
        kind: Kind::ChangeOfMind,
        per_hour: 4,
        // By then their callbacks are booked for long.
        from_hour: 3,
        event: |index, moment| opt_out(&american(index), moment),
        answers: &["200 accepted"],
    },
    Stream {
        name: "callbacks",
        kind: Kind::Callback,
        per_hour: 30,
        from_hour: 0,
        event: |index, moment| callback(&american(index), "callbacks", index % WINDOWS, moment),
        answers: &["201 sent"],
    },
    Stream {
        name: "callbacks in the same hours",
        kind: Kind::Callback,
        per_hour: 4,
        from_hour: 0,
        event: |index, moment| callback(&american(RUSH_NUMBERS + index), "rush", 0, moment),
        answers: &["201 sent", "409 no_capacity"],
    },
    Stream {
        name: "callbacks of one number",
        kind: Kind::Callback,
        per_hour: 12,
        from_hour: 0,
        event: |index, moment| {
            let campaign = format!("caller-{}", index / WINDOWS);
            callback(&american(BUSY_CALLER), &campaign, index % WINDOWS, moment)
        },
        answers: &["201 sent", "422 too_many_attempts"],
    },
    Stream {
        name: "call results",
        kind: Kind::CallResult,
        per_hour: 60,
        from_hour: 0,
        event: |index, moment| {
            call_result(index % CONTACTS, index % CONTACTS + index / CONTACTS, moment)
        },
        answers: &["200 received"],
    },
    Stream {
        name: "call results of one contact",
        kind: Kind::CallResult,
        per_hour: 12,
        from_hour: 0,
        event: |index, moment| call_result(BUSY_CONTACT, index, moment),
        answers: &["200 received"],
    },
    Stream {
        name: "interactions",
        kind: Kind::Interaction,
        per_hour: 90,
        from_hour: 0,
        event: interaction,
        answers: &["200 processed"],
    },
    Stream {
        name: "messages that opt out",
        kind: Kind::OptOutMessage,
        per_hour: 30,
        from_hour: 0,
        event: message,
        answers: &["200 processed"],
    },
];

/// An event of the day.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) stream: &'static Stream,
    /// Time since the day began, by the fast clock.
    pub(crate) at: TimeDelta,
    pub(crate) body: Value,
}

/// All events of a day, in their order. It begins at a real time, from which on the clock runs so
/// fast.
pub(crate) fn events(began: DateTime<Utc>, speed: f64) -> Vec<Event> {
    let first_hour = began.duration_trunc(HOUR).unwrap_or(began) + HOUR * 2;
    let mut events = Vec::new();
    for stream in &STREAMS {
        let first = HOUR * stream.from_hour;
        let starts = (0..).map(|index| first + HOUR * index / stream.per_hour);
        let starts = starts.take_while(|at| *at < HOUR * i32::from(HOURS));
        events.extend(starts.enumerate().map(|(index, at)| {
            let moment = Moment { at: began + divided(at, speed), first_hour };
            Event { stream, at, body: (stream.event)(index, &moment) }
        }));
    }
    events.sort_by_key(|event| event.at);
    events
}

fn divided(time: TimeDelta, speed: f64) -> TimeDelta {
    let divided = time.to_std().unwrap_or_default().div_f64(speed);
    TimeDelta::from_std(divided).unwrap_or_default()
}

/// Contacts that CXone must have, with their numbers.
pub(crate) fn contacts() -> impl Iterator<Item = (String, String)> {
    (0..CONTACTS).chain([BUSY_CONTACT]).map(|index| (contact_id(index), contact_number(index)))
}

/// Category that a disposition code means.
pub(crate) fn category(code: &str) -> Option<&'static str> {
    CODES.iter().find(|known| known.0 == code).map(|known| known.1)
}

fn contact_id(index: usize) -> String {
    (4_711_000 + index).to_string()
}

fn contact_number(index: usize) -> String {
    american(CONTACT_NUMBERS + index)
}

/// An opt-out event.
fn opt_out(number: &str, moment: &Moment) -> Value {
    opt_out_event(number, moment.at)
}

/// An opt-out event of its own.
pub(crate) fn opt_out_event(number: &str, at: DateTime<Utc>) -> Value {
    json!({
        "eventId": uuid::Uuid::new_v4(),
        "eventType": "contact.opt_out",
        "timestamp": written(at),
        "data": { "phoneNumber": number },
    })
}

fn callback(number: &str, campaign: &str, window: usize, moment: &Moment) -> Value {
    let start = moment.first_hour + HOUR * 4 * i32::try_from(window).unwrap_or_default();
    json!({
        "phoneNumber": number,
        "requestedStart": start,
        "requestedEnd": start + HOUR * 4,
        "campaignId": campaign,
        "language": "en-US",
    })
}

fn call_result(contact: usize, code: usize, moment: &Moment) -> Value {
    json!({
        "contactId": contact_id(contact),
        "dispositionCode": CODES[code % CODES.len()].0,
        "callResult": "completed",
        "timestamp": written(moment.at),
    })
}

fn interaction(index: usize, moment: &Moment) -> Value {
    const TYPES: [&str; 3] =
        ["interaction.created", "interaction.updated", "interaction.completed"];
    let (channel, customer) = match index % 2 {
        0 => ("voice", json!({ "phoneNumber": american(index % 100) })),
        _ => ("chat", json!({ "email": format!("customer-{index}@example.com") })),
    };
    json!({
        "webhookId": "soak",
        "eventType": TYPES[index % TYPES.len()],
        "timestamp": written(moment.at),
        "data": {
            "id": format!("soak-{index}"), "channelType": channel, "direction": "inbound",
            "customer": customer, "queue": { "name": "Sales" }, "skill": { "name": "Support" },
        },
    })
}

fn message(index: usize, moment: &Moment) -> Value {
    json!({
        "webhookId": "soak",
        "eventType": "interaction.created",
        "timestamp": written(moment.at),
        "data": {
            "id": format!("soak-message-{index}"), "channelType": "sms", "direction": "inbound",
            "customer": { "phoneNumber": british(MESSAGE_NUMBERS + index) },
            "message": { "body": "STOP" },
        },
    })
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn day() -> Vec<Event> {
        events(DateTime::UNIX_EPOCH, 240.0)
    }

    fn bodies<'a>(day: &'a [Event], name: &'a str) -> impl Iterator<Item = &'a Value> {
        day.iter().filter(move |event| event.stream.name == name).map(|event| &event.body)
    }

    fn different<'a>(bodies: impl Iterator<Item = &'a Value>, field: &str) -> usize {
        let text = |body: &Value| body.pointer(field).expect("a field").to_string();
        bodies.map(text).collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn the_events_of_a_day_come_in_order_at_their_rates() {
        let day = day();
        assert!(day.is_sorted_by_key(|event| event.at));
        for stream in &STREAMS {
            let count = bodies(&day, stream.name).count();
            let hours = 24 - stream.from_hour;
            assert_eq!(i32::try_from(count), Ok(hours * stream.per_hour), "{}", stream.name);
        }
        let last = day.last().expect("events").at;
        assert!(HOUR * 23 < last && last < HOUR * 24);
    }

    #[test]
    fn whoever_is_not_said_to_come_again_does_not() {
        let day = day();
        assert_eq!(different(bodies(&day, "opt-outs"), "/data/phoneNumber"), 24 * 90);
        assert_eq!(different(bodies(&day, "messages that opt out"), "/data/customer"), 24 * 30);
        let callbacks = ["callbacks", "callbacks in the same hours", "callbacks of one number"];
        let callbacks = callbacks.into_iter().flat_map(|name| bodies(&day, name));
        assert_eq!(different(callbacks, "/phoneNumber"), 24 * (30 + 4) + 1);
        let messages = ["interactions", "messages that opt out"];
        let messages = messages.into_iter().flat_map(|name| bodies(&day, name));
        assert_eq!(different(messages, "/data/id"), 24 * (90 + 30));
    }

    #[test]
    fn whoever_changes_their_mind_has_asked_hours_before() {
        let day = day();
        let asked = |name: &str, field: &str| -> BTreeMap<String, TimeDelta> {
            let number = |event: &Event| {
                let number = event.body.pointer(field).and_then(Value::as_str);
                (number.expect("a number").to_owned(), event.at)
            };
            day.iter().filter(|event| event.stream.name == name).map(number).collect()
        };
        let callbacks = asked("callbacks", "/phoneNumber");
        for (number, at) in asked("opt-outs after callbacks", "/data/phoneNumber") {
            assert!(at - callbacks[&number] >= HOUR * 3, "{number}");
        }
    }

    #[test]
    fn no_other_number_that_opts_out_is_called() {
        let day = day();
        let mut all: Vec<String> = contacts().map(|contact| contact.1).collect();
        let of = |name, field| {
            let number = move |body: &Value| body.pointer(field)?.as_str().map(str::to_owned);
            bodies(&day, name).filter_map(number).collect::<BTreeSet<_>>()
        };
        all.extend(of("opt-outs", "/data/phoneNumber"));
        all.extend(of("opt-outs of one number", "/data/phoneNumber"));
        all.extend(of("messages that opt out", "/data/customer/phoneNumber"));
        for name in ["callbacks", "callbacks in the same hours", "callbacks of one number"] {
            all.extend(of(name, "/phoneNumber"));
        }
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn one_number_never_asks_for_the_same_callback_twice() {
        let day = day();
        let asked = |body: &Value| format!("{}{}", body["campaignId"], body["requestedStart"]);
        let asked: Vec<String> = bodies(&day, "callbacks of one number").map(asked).collect();
        assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len());
    }
}
