//! Domain types of a contact and the outcome of its call.

use std::fmt;

use chrono::{DateTime, Utc};

/// A person whom CXone can call. `Debug` does not show the number.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// The id in the request.
    pub id: String,
    /// The number, as CXone holds it, not validated. `None` when CXone has none.
    pub phone: Option<String>,
    /// True if CXone says that the contact is a call which the customer made.
    pub is_caller: bool,
    /// CXone's id of the skill that it belongs to. `None` when CXone names none.
    pub skill: Option<String>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, phone: _, is_caller: _, skill: _ } = self;
        f.debug_struct("Contact").field("id", id).finish_non_exhaustive()
    }
}

/// Result of a contact's latest call, as CXone stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispositionRecord {
    /// CXone's id of the contact.
    pub contact: String,
    /// Category of the call, such as `qualified_lead`.
    pub category: String,
    /// Origin of the category, in a line for people.
    pub audit_log: String,
}

/// A call that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedCall {
    /// CXone's id of the contact.
    pub contact: String,
    /// CXone's id of its outcome. `None` as long as it has none.
    pub disposition: Option<String>,
    /// Time of its last change.
    pub updated_at: DateTime<Utc>,
}

/// A part of the calls that are over, the one that was changed first at the head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndedCalls {
    /// Outbound calls of the skills that dial for campaigns.
    pub calls: Vec<EndedCall>,
    /// Number of others that cannot be read, such as those without an id.
    pub unreadable: u64,
    /// Number of calls to skip for the next part. `None` after the last one.
    pub next_skip: Option<u64>,
    /// Time of the last change in this part, if it shows that calls come in the order of their
    /// changes. Calls of others count as well.
    pub in_order_until: Option<DateTime<Utc>>,
}
