//! Domain types of registrations: where CXone sends its events.

/// Result of registering a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// CXone sends its events there from now on.
    Created {
        /// CXone's id of the registration. `None` when its answer held none that can be read.
        id: Option<String>,
    },
    /// CXone holds such a registration and has left it as it was.
    AlreadyThere,
}
