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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_is_the_highest_that_was_seen() {
        let one = Progress { completed: 1, attempted: 9, connected: 3 };
        let other = Progress { completed: 2, attempted: 8, connected: 3 };
        let highest = Progress { completed: 2, attempted: 9, connected: 3 };
        assert_eq!((one.max(other), other.max(one)), (highest, highest));
    }
}
