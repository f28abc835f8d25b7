//! The state of one number, as it is stored.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use outbound::E164;
use serde::{Deserialize, Serialize};

use super::stored;

/// The number of event ids that an entry holds. An item must not grow without end; the history has
/// them all.
pub(super) const EVENT_IDS_MAX: usize = 100;

/// The state of one number. Times are in UTC, to the millisecond.
///
/// A generation is the time from one request that makes the number pending to the next: it ends
/// when a listing is too old to answer a new request, or when CXone has refused the number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// The number that must not be called.
    pub phone_number: E164,
    /// Progress of the current generation.
    pub state: State,
    /// The earliest time at which the customer asked.
    #[serde(serialize_with = "stored::time")]
    pub first_requested_at: DateTime<Utc>,
    /// The event of that time.
    pub first_event_id: String,
    /// The latest time at which the customer asked.
    #[serde(serialize_with = "stored::time")]
    pub latest_requested_at: DateTime<Utc>,
    /// The event of that time.
    pub latest_event_id: String,
    /// Type of the event that came first, or the reason when none did.
    pub event_type: String,
    /// Events that asked for it. Redeliveries do not count.
    pub requests: u64,
    /// The ids of the first hundred of them.
    #[serde(serialize_with = "serde_dynamo::string_set::serialize")]
    pub event_ids: BTreeSet<String>,
    /// The current generation: the times it became pending.
    #[serde(default, rename = "rounds")]
    pub generation: u64,
    /// Time of the first request of the current generation.
    #[serde(serialize_with = "stored::optional_time", skip_serializing_if = "Option::is_none")]
    pub pending_since: Option<DateTime<Utc>>,
    /// Time at which the number was last queued in the current generation.
    #[serde(serialize_with = "stored::optional_time", skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<DateTime<Utc>>,
    /// Time of the first listing in the current generation. Never overwritten.
    #[serde(
        default,
        serialize_with = "stored::optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub honored_at: Option<DateTime<Utc>>,
    /// Time of the first listing ever. Never overwritten.
    #[serde(
        default,
        serialize_with = "stored::optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub first_listed_at: Option<DateTime<Utc>>,
    /// Time at which CXone last confirmed the listing.
    #[serde(serialize_with = "stored::optional_time", skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<DateTime<Utc>>,
    /// Time of the latest consent that overruled the opt-outs of before: their listing answers no new
    /// one.
    #[serde(
        default,
        serialize_with = "stored::optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub overruled_at: Option<DateTime<Utc>>,
    /// Calls to CXone about it.
    #[serde(default)]
    pub attempts: u64,
    /// CXone's reason to refuse it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Names the last write. The next one is made on condition that none came in between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revision: Option<String>,
}

/// Progress of a request not to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for and not yet listed.
    Pending,
    /// On CXone's DNC list.
    Listed,
    /// Refused by CXone for good.
    Failed,
}

impl Entry {
    /// Returns whether a consent came after the latest opt-out, whenever that was listed.
    pub fn is_overruled(&self) -> bool {
        self.overruled_at.is_some_and(|at| self.latest_requested_at <= at)
    }

    /// Name of the last write; version 0.1 gave none.
    pub(crate) fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// Returns whether the entry holds the event. One that is not may still be in the history.
    pub(super) fn holds(&self, event_id: &str) -> bool {
        self.event_ids.contains(event_id) || self.latest_event_id == event_id
    }

    /// Time at which the current generation was honored. Entries of version 0.1 only have the time
    /// of the last listing.
    pub(super) fn honored_at(&self) -> Option<DateTime<Utc>> {
        self.honored_at.or(self.listed_at.filter(|_| self.state == State::Listed))
    }

    /// Time of the first listing. Entries of version 0.1 only have the time of the last listing.
    pub(super) fn first_listed_at(&self) -> Option<DateTime<Utc>> {
        self.first_listed_at.or(self.listed_at)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_holds_the_events_that_it_names_and_the_latest() {
        let entry: Entry = serde_json::from_value(json!({
            "phone_number": "+12025550198", "state": "pending", "event_type": "contact.opt_out",
            "first_requested_at": "2026-03-02T09:00:00.000Z", "first_event_id": "a",
            "latest_requested_at": "2026-03-02T10:00:00.000Z", "latest_event_id": "z",
            "requests": 101, "event_ids": ["a", "b"],
        }))
        .expect("it is read");
        assert!(["a", "b", "z"].iter().all(|id| entry.holds(id)));
        assert!(!entry.holds("c"));
    }
}
