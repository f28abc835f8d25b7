//! Limits on attempts, in every window of time that a new call would lie in.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{ArrangedCall, CalledParty, DialedCall};
use crate::law::{Kinds, Limit};

/// A limit that leaves no attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CapReached {
    /// The limit.
    pub limit: Limit,
    /// Attempts that count against it already.
    pub used: u32,
}

impl fmt::Display for CapReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit { code, rule, max, within_hours, authority, .. } = &self.limit;
        write!(
            f,
            "{code} {rule} ({}): at most {max} attempts in {within_hours} hours; {} are arranged or made",
            authority.citation, self.used
        )
    }
}

impl CalledParty {
    /// Attempts that the limits leave to a call of these kinds at an instant, `wanted` at most.
    pub fn attempts_left(
        &self,
        limits: &[Limit],
        kinds: &Kinds,
        at: DateTime<Utc>,
        wanted: u32,
    ) -> Result<u32, Box<CapReached>> {
        let mut left = wanted;
        for limit in limits {
            let used = self.attempts_around(kinds, at, TimeDelta::hours(limit.within_hours.into()));
            match limit.max.saturating_sub(used) {
                0 => return Err(Box::new(CapReached { limit: limit.clone(), used })),
                rest => left = left.min(rest),
            }
        }
        Ok(left)
    }

    /// Most attempts in any window of this length that holds the instant. A window that begins with
    /// an attempt, or with the instant, holds as many as any.
    fn attempts_around(&self, kinds: &Kinds, at: DateTime<Utc>, length: TimeDelta) -> u32 {
        let known = self.attempts(kinds);
        let attempts = |start: DateTime<Utc>| -> u32 {
            let inside = known.iter().filter(|(time, _)| start <= *time && *time < start + length);
            inside.map(|(_, attempts)| attempts).sum()
        };
        let starts = known.iter().map(|(time, _)| *time).chain([at]);
        let around = starts.filter(|start| *start <= at && at < *start + length);
        around.map(attempts).max().unwrap_or_default()
    }

    /// Returns whether any attempt is known, whatever it was about.
    pub fn has_attempts(&self) -> bool {
        !self.calls.is_empty() || !self.dialed.is_empty()
    }

    /// Attempts that count for these kinds of call: those of arranged calls that were not withdrawn,
    /// and one for each call that CXone made by itself, whatever it was about.
    fn attempts(&self, kinds: &Kinds) -> Vec<(DateTime<Utc>, u32)> {
        let calls = || self.calls.iter().filter(|call| call.withdrawn_at.is_none());
        let alike = |call: &&ArrangedCall| {
            call.kinds.iter().any(|kind| kinds.iter().any(|wanted| wanted == kind))
        };
        let is_arranged = |dialed: &DialedCall| {
            calls().any(|call| {
                dialed.arranged == Some(call.contact_id)
                    || call.contact_id.to_string() == dialed.contact_id.to_lowercase()
            })
        };
        let dialed = self.dialed.iter().filter(|dialed| !is_arranged(dialed));
        let dialed = dialed.map(|dialed| (dialed.at, 1));
        calls().filter(alike).map(|call| (call.dispatch_at, call.attempts)).chain(dialed).collect()
    }
}
