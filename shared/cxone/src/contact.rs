//! Domain types of a contact and the outcome of its call.

use std::fmt;

/// A person whom CXone can call. `Debug` does not show the number.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// The id in the request.
    pub id: String,
    /// The number, as CXone holds it, not validated. `None` when CXone has none.
    pub phone: Option<String>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, phone: _ } = self;
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
