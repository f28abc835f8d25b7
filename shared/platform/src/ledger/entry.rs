//! What the ledger knows about one number.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use outbound::E164;
use serde::Deserialize;

/// What the ledger knows about one number. Times are in UTC, to the millisecond.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Who must not be called.
    pub phone_number: E164,
    /// How far the request has come.
    pub state: State,
    /// The earliest time at which it was asked for.
    pub first_requested_at: DateTime<Utc>,
    /// The event of that time.
    pub first_event_id: String,
    /// The latest time at which it was asked for.
    pub latest_requested_at: DateTime<Utc>,
    /// The event of that time.
    pub latest_event_id: String,
    /// What kind of event came first, or the reason when none did.
    pub event_type: String,
    /// How many events asked for it.
    pub requests: u64,
    /// The ids of the first hundred of them.
    pub event_ids: BTreeSet<String>,
    /// How many times it became pending.
    #[serde(default)]
    pub rounds: u64,
    /// When the first request of the latest round was made.
    pub pending_since: Option<DateTime<Utc>>,
    /// When it was put in the queue in the latest round.
    pub queued_at: Option<DateTime<Utc>>,
    /// When it was listed last.
    pub listed_at: Option<DateTime<Utc>>,
    /// How many calls to CXone were made about it.
    #[serde(default)]
    pub attempts: u64,
    /// Why CXone refused it, in its words.
    pub failure: Option<String>,
}

/// How far a request not to be called has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for and not yet listed.
    Pending,
    /// On CXone's DNC list.
    Listed,
    /// Refused by CXone for good.
    Failed,
}

impl State {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Listed => "listed",
            Self::Failed => "failed",
        }
    }
}

impl Entry {
    /// Whether this event has been recorded. Beyond the hundredth, only the latest is remembered.
    pub(super) fn knows(&self, event_id: &str) -> bool {
        self.event_ids.contains(event_id) || self.latest_event_id == event_id
    }
}
