//! Domain types of the do-not-call list.

pub(crate) mod batch;

use std::time::Duration;

use outbound::{DncReason, E164};

use crate::Error;

/// A number that goes on a do-not-call list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DncEntry {
    /// The number.
    pub number: E164,
    /// Reason for the listing.
    pub reason: DncReason,
}

/// Result of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DncOutcome {
    /// CXone holds the number on the list, with the reason if it keeps any.
    Listed,
    /// CXone will never take this number.
    Rejected {
        /// CXone's error message, with phone numbers masked.
        reason: String,
    },
    /// The number may not be on the list. Give it back to its queue.
    TryAgain {
        /// Shortest wait before that, if known.
        after: Option<Duration>,
        /// Cause.
        why: Error,
        /// True if CXone failed on this number by itself. It should come back apart from others: it
        /// would fail them again.
        alone: bool,
    },
}

impl DncOutcome {
    pub(crate) fn try_again_alone(why: Error) -> Self {
        Self::TryAgain { after: why.retry_after(), why, alone: true }
    }

    pub(crate) fn try_again(why: Error) -> Self {
        Self::TryAgain { after: why.retry_after(), why, alone: false }
    }
}
