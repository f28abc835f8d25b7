//! The call that is decided on.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    basis::Basis,
    candidates::Candidates,
    kind::Kinds,
    policy::{Closure, HouseHours, Strictness},
};

/// A call, without the number: where the called party may be, what the call is, what lifts rules,
/// and what the house adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Call {
    /// Possible places of the called party.
    pub candidates: Candidates,
    /// Kinds of the call.
    pub kinds: Kinds,
    /// Bases that the caller can prove.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub bases: BTreeSet<Basis>,
    /// The time for which the called party consented to this call. It lifts what
    /// [`Basis::ConsentForTime`] lifts, then alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_for: Option<Interval>,
    /// Calling hours of the house.
    pub house: HouseHours,
    /// Treatment of doubtful rules.
    pub strictness: Strictness,
    /// Closed days and emergencies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closures: Vec<Closure>,
}

impl Call {
    /// A call that nothing lifts a rule for, in the default hours of the house.
    pub fn new(candidates: Candidates, kinds: impl Into<Kinds>) -> Self {
        Self {
            candidates,
            kinds: kinds.into(),
            bases: BTreeSet::new(),
            consent_for: None,
            house: HouseHours::default(),
            strictness: Strictness::default(),
            closures: Vec::new(),
        }
    }

    /// Basis that lifts a rule at an instant, if any.
    pub(super) fn lift(&self, lifted_by: &[Basis], at: DateTime<Utc>) -> Option<Basis> {
        lifted_by.iter().copied().find(|basis| match basis {
            Basis::ConsentForTime => self.consent_for.is_some_and(|time| time.contains(at)),
            basis => self.bases.contains(basis),
        })
    }
}

/// A stretch of time. The start belongs to it, the end does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The first instant.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
}

impl Interval {
    /// Returns whether an instant lies in it.
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.start <= instant && instant < self.end
    }
}
