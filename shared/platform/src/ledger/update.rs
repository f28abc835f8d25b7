//! A DynamoDB update expression, put together from the changes that a step makes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, SecondsFormat, Utc};
use outbound::DncRequest;

use super::{Entry, OptOut, Place, State};

/// How many event ids an entry remembers. An item must not grow without end.
const EVENT_IDS_MAX: usize = 100;

/// What to change, on what condition. `#state` stands for the attribute `state`, a reserved word.
#[derive(Debug, Clone, Default)]
pub(super) struct Update {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    values: HashMap<String, AttributeValue>,
}

impl Update {
    /// A number that is asked for the first time.
    pub(super) fn creating(opt_out: &OptOut) -> Self {
        Self::default()
            .only_if("attribute_not_exists(phone_number)")
            .set("first_requested_at", ":requested_at")
            .set("latest_requested_at", ":requested_at")
            .set("first_event_id", ":event_id")
            .set("latest_event_id", ":event_id")
            .set("event_type", ":event_type")
            .set("attempts", ":zero")
            .add("event_ids", ":event_ids")
            .value(":event_ids", one_of_a_set(&opt_out.event_id))
            .add("requests", ":one")
            .value(":event_type", text(&opt_out.event_type))
            .value(":zero", number(0))
            .values_of(&opt_out.event_id, opt_out.requested_at)
    }

    /// A change to what was read, as long as it still stands where it stood. More evidence does
    /// not count as a change: events of one number must not hold each other up.
    pub(super) fn while_unchanged(entry: &Entry) -> Self {
        let is_queued = match entry.queued_at {
            Some(_) => "attribute_exists(queued_at)",
            None => "attribute_not_exists(queued_at)",
        };
        Self::default()
            .only_if_state(entry.state)
            .only_if("rounds = :seen_rounds")
            .only_if(is_queued)
            .value(":seen_rounds", number(entry.rounds))
    }

    /// Adds an event that is not known yet.
    pub(super) fn with_event(self, entry: &Entry, opt_out: &OptOut) -> Self {
        // Events may overtake each other: which comes first and last is told by their times.
        // Written times have one width, so that texts compare as times do.
        let update = if opt_out.requested_at >= entry.latest_requested_at {
            self.only_if("latest_requested_at <= :requested_at")
                .set("latest_requested_at", ":requested_at")
                .set("latest_event_id", ":event_id")
        } else {
            self.only_if("latest_requested_at > :requested_at")
        };
        let update = if opt_out.requested_at < entry.first_requested_at {
            update
                .only_if("first_requested_at > :requested_at")
                .set("first_requested_at", ":requested_at")
                .set("first_event_id", ":event_id")
        } else {
            update.only_if("first_requested_at <= :requested_at")
        };
        let update = if entry.event_ids.len() < EVENT_IDS_MAX {
            update
                .only_if("size(event_ids) < :event_ids_max")
                .add("event_ids", ":event_ids")
                .value(":event_ids", one_of_a_set(&opt_out.event_id))
        } else {
            update.only_if("size(event_ids) >= :event_ids_max")
        };
        update
            .only_if("NOT contains(event_ids, :event_id)")
            .add("requests", ":one")
            .value(":event_ids_max", number(EVENT_IDS_MAX as u64))
            .values_of(&opt_out.event_id, opt_out.requested_at)
    }

    /// Makes the number pending, in a new place in line.
    pub(super) fn opening(self, place: &Place) -> Self {
        self.set_state(State::Pending)
            .set("pending_since", ":pending_since")
            .set("rounds", ":round")
            .remove("queued_at")
            .remove("failure")
            .value(":pending_since", time(place.pending_since))
            .value(":round", number(place.round))
    }

    /// Counts a call to CXone, and gives a number that has no evidence what the queue's message
    /// tells.
    pub(super) fn after_call_about(self, request: &DncRequest) -> Self {
        [
            ("first_requested_at", ":requested_at"),
            ("latest_requested_at", ":requested_at"),
            ("first_event_id", ":event_id"),
            ("latest_event_id", ":event_id"),
            ("event_type", ":event_type"),
            ("event_ids", ":event_ids"),
            ("requests", ":one"),
            ("rounds", ":zero"),
        ]
        .into_iter()
        .fold(self, |update, (name, value)| {
            update.set(name, &format!("if_not_exists({name}, {value})"))
        })
        .add("attempts", ":one")
        .value(":event_type", text(request.reason.as_str()))
        .value(":event_ids", one_of_a_set(&request.event_id))
        .value(":zero", number(0))
        .values_of(&request.event_id, request.requested_at)
    }

    pub(super) fn set_state(self, state: State) -> Self {
        self.set("#state", ":new_state").value(":new_state", text(state.as_str()))
    }

    pub(super) fn only_if_state(self, state: State) -> Self {
        self.only_if("#state = :seen_state").value(":seen_state", text(state.as_str()))
    }

    pub(super) fn only_if(mut self, condition: &str) -> Self {
        self.conditions.push(condition.to_owned());
        self
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Self {
        self.set.push(format!("{name} = {value}"));
        self
    }

    pub(super) fn add(mut self, name: &str, value: &str) -> Self {
        self.add.push(format!("{name} {value}"));
        self
    }

    pub(super) fn remove(mut self, name: &str) -> Self {
        self.remove.push(name.to_owned());
        self
    }

    pub(super) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    fn values_of(self, event_id: &str, requested_at: DateTime<Utc>) -> Self {
        self.value(":requested_at", time(requested_at))
            .value(":event_id", text(event_id))
            .value(":one", number(1))
    }

    pub(super) fn expression(&self) -> String {
        [("SET", &self.set), ("ADD", &self.add), ("REMOVE", &self.remove)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(super) fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    pub(super) fn into_values(self) -> HashMap<String, AttributeValue> {
        self.values
    }
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn one_of_a_set(text: &str) -> AttributeValue {
    AttributeValue::Ss(vec![text.to_owned()])
}

pub(super) fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn time(time: DateTime<Utc>) -> AttributeValue {
    AttributeValue::S(time.to_rfc3339_opts(SecondsFormat::Millis, true))
}
