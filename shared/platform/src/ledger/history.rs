//! The append-only history of a number: one record per event, one per fact that lists nothing, and
//! one per generation that is over.

use chrono::{DateTime, Utc};
use outbound::{E164, called_party::Fact, interaction::Channel};
use serde::{Deserialize, Serialize};

use super::{Entry, OptOut, State, stored};

/// A record of the history. It is written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Record {
    /// An event that asked for the number not to be called.
    Event(Event),
    /// A generation that is over. The current one is in the entry.
    Generation(Generation),
    /// A consent, or an opt-out from a part of the contacts.
    Fact(StatedFact),
}

/// An event that asked for the number not to be called.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    phone_number: E164,
    record: String,
    /// The sender's id of it, or the digest of one that is too long.
    pub event_id: String,
    /// Its type, such as `contact.opt_out`.
    pub event_type: String,
    /// Time of the customer's request.
    #[serde(serialize_with = "stored::time")]
    pub requested_at: DateTime<Utc>,
    /// Time of the first arrival.
    #[serde(serialize_with = "stored::time")]
    pub received_at: DateTime<Utc>,
    /// The generation that it opened or joined.
    pub generation: u64,
    /// Channel of the message in which the customer asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Text of that message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// True if the text asks in other words than the known keywords.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
}

/// A consent, or an opt-out from a part of the contacts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StatedFact {
    phone_number: E164,
    record: String,
    /// The fact.
    pub fact: Fact,
}

/// A generation that is over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Generation {
    phone_number: E164,
    record: String,
    /// Its number, from 1.
    #[serde(rename = "closed_generation")]
    pub generation: u64,
    /// Its last state.
    pub state: State,
    /// Time of its first request.
    #[serde(serialize_with = "stored::optional_time", skip_serializing_if = "Option::is_none")]
    pub pending_since: Option<DateTime<Utc>>,
    /// Time of its first listing.
    #[serde(serialize_with = "stored::optional_time", skip_serializing_if = "Option::is_none")]
    pub honored_at: Option<DateTime<Utc>>,
    /// CXone's reason to refuse it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Start of the next generation.
    #[serde(serialize_with = "stored::time")]
    pub closed_at: DateTime<Utc>,
}

impl Record {
    pub(super) fn of_event(opt_out: &OptOut, generation: u64) -> Self {
        Self::Event(Event {
            phone_number: opt_out.number.clone(),
            record: format!("event#{}", opt_out.event_id),
            event_id: opt_out.event_id.clone(),
            event_type: opt_out.event_type.clone(),
            requested_at: opt_out.requested_at,
            received_at: opt_out.received_at,
            generation,
            channel: opt_out.evidence.channel.clone(),
            words: opt_out.evidence.words.clone(),
            inferred: opt_out.evidence.inferred,
        })
    }

    /// The same event, delivered again, is the same record.
    pub(super) fn of_fact(number: &E164, fact: &Fact) -> Self {
        let record = format!("fact#{}", stored::event_id(&fact.event_id));
        Self::Fact(StatedFact { phone_number: number.clone(), record, fact: fact.clone() })
    }

    pub(super) fn of_generation(entry: &Entry, closed_at: DateTime<Utc>) -> Self {
        let generation = entry.generation;
        Self::Generation(Generation {
            phone_number: entry.phone_number.clone(),
            // Padded, so that records sort by number. The time keeps an entry that was restored
            // from a backup from running into what it closed before.
            record: format!("generation#{generation:06}#{}", closed_at.timestamp_millis()),
            generation,
            state: entry.state,
            pending_since: entry.pending_since,
            honored_at: entry.honored_at(),
            failure: entry.failure.clone(),
            closed_at: stored::to_the_millisecond(closed_at),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_of_before_is_read_and_one_without_a_message_is_written_as_before() {
        let stored = json!({
            "phone_number": "+12025550198", "record": "event#evt-1", "event_id": "evt-1",
            "event_type": "contact.opt_out", "requested_at": "2026-03-02T09:00:00.000Z",
            "received_at": "2026-03-02T09:00:01.000Z", "generation": 1,
        });
        let record: Record = serde_json::from_value(stored.clone()).expect("it is read");
        let Record::Event(event) = &record else { panic!("an event: {record:?}") };
        assert_eq!((&event.channel, &event.words, event.inferred), (&None, &None, false));
        assert_eq!(serde_json::to_value(&record).expect("it is written"), stored);

        let mut message = stored;
        message["channel"] = json!("sms");
        message["words"] = json!("please stop");
        message["inferred"] = json!(true);
        let record: Record = serde_json::from_value(message.clone()).expect("it is read");
        assert_eq!(serde_json::to_value(&record).expect("it is written"), message);
    }
}
