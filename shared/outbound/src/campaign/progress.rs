//! Calls that a campaign has made.

/// Number of calls of a campaign, or of one of its runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Calls that are completed.
    pub completed: u64,
    /// Calls that were attempted.
    pub attempted: u64,
    /// Calls that a person answered.
    pub connected: u64,
}

impl Progress {
    /// Returns the higher of each count.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            completed: self.completed.max(other.completed),
            attempted: self.attempted.max(other.attempted),
            connected: self.connected.max(other.connected),
        }
    }
}
