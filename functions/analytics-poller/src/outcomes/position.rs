//! How far calls were read: pure decisions.

use chrono::{DateTime, TimeDelta, Utc};
use cxone::EndedCalls;
use serde::{Deserialize, Serialize};

/// The next page begins so long before the last change on the one before: several calls may have
/// changed at one instant.
const REPEATED: TimeDelta = TimeDelta::seconds(1);

/// How far calls were read, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Progress {
    /// All that was changed before then was queued, as far as CXone listed it.
    pub(super) read_until: DateTime<Utc>,
    /// Begin of a pass that has not come to its end: the next reading goes on with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass_begun: Option<DateTime<Utc>>,
}

impl Progress {
    /// That of a pass which began at `begun` and came to its end.
    pub(super) fn of_pass(begun: DateTime<Utc>) -> Self {
        Self { read_until: begun, pass_begun: None }
    }
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// Only calls that were changed since.
    pub(super) since: DateTime<Utc>,
    /// Without the first so many of them.
    pub(super) skip: u64,
    /// Begin of the pass. What CXone lists late comes with the next one.
    begun: DateTime<Utc>,
}

/// What follows a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another page; and how far this one has come, if its order shows it.
    Page(Position, Option<Progress>),
    /// All is read.
    End(Progress),
}

impl Next {
    /// What is to be stored before the next page.
    pub(super) fn progress(&self) -> Option<Progress> {
        match self {
            Self::Page(_, progress) => *progress,
            Self::End(progress) => Some(*progress),
        }
    }
}

impl Position {
    /// The first page of a reading that begins at `begun`: where the last one was cut short, or so
    /// much before the begin of the last pass.
    pub(super) fn after(progress: Progress, overlap: TimeDelta, begun: DateTime<Utc>) -> Self {
        let Progress { read_until, pass_begun } = progress;
        let since = read_until - pass_begun.map_or(overlap, |_| REPEATED);
        Self { since, skip: 0, begun: pass_begun.unwrap_or(begun) }
    }

    /// What follows a page whose calls are queued.
    ///
    /// Pages are found by the time of the last change, not by their number: a call that changes
    /// meanwhile leaves its place, and those behind it move up. Only where that leads nowhere,
    /// because CXone keeps no order or too many changed at once, they are counted.
    pub(super) fn next(self, page: &EndedCalls) -> Next {
        let begun = self.begun;
        let Some(skip) = page.next_skip else { return Next::End(Progress::of_pass(begun)) };
        let Some(changed) = page.in_order_until else {
            return Next::Page(Self { skip, ..self }, None);
        };
        // A clock of CXone's that is ahead must not have us leave out what comes later.
        let read_until = changed.min(begun);
        let progress = Some(Progress { read_until, pass_begun: Some(begun) });
        let since = changed - REPEATED;
        if since > self.since {
            Next::Page(Self { since, skip: 0, begun }, progress)
        } else {
            Next::Page(Self { skip, ..self }, progress)
        }
    }
}

#[cfg(test)]
mod tests;
