//! Domain types of callbacks and of the agents available to make them.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use outbound::E164;
use uuid::Uuid;

/// A call that a customer has asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Our id of it: CXone's contact gets this id, and there is only ever one of it.
    pub id: Uuid,
    /// The number to call.
    pub number: E164,
    /// The id of the campaign whose agents call.
    pub campaign: String,
    /// Time of the call.
    pub dispatch: DateTime<Utc>,
    /// Time window that the customer asked for.
    pub window: Range<DateTime<Utc>>,
    /// The language the customer speaks, as a BCP 47 tag.
    pub language: String,
    /// Most attempts, the first one included, [`Self::RETRY_INTERVAL`] apart.
    pub attempts: u32,
    /// Begin of the latest attempt that may have submitted it, with the same `dispatch`.
    pub submitted: Option<DateTime<Utc>>,
}

impl Callback {
    /// Time between two attempts to reach a customer.
    pub const RETRY_INTERVAL: TimeDelta = outbound::called_party::RETRY_INTERVAL;
    /// Time from the begin of an attempt until nothing of it can be carried out any more: Lambda ends
    /// it after half of that, and CXone may be late by as much again.
    const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(1);
    /// Why a callback is refused that CXone does not have by its time.
    pub(crate) const TOO_LATE: &str = "its time has come, and CXone does not have the callback";
    /// Why it is not known what becomes of a callback.
    pub(crate) const MAY_BE_DONE: &str = "an earlier attempt may still be carried out";

    /// Returns whether an attempt that began at `submitted` may be carried out still.
    pub fn is_under_way(submitted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        submitted.is_some_and(|submitted| now < submitted + Self::SETTLED_AFTER)
    }

    /// Returns whether CXone may get it still though its time has come. No attempt submits it from
    /// its time on.
    pub(crate) fn may_be_late(&self, now: DateTime<Utc>) -> bool {
        self.submitted.is_some() && now < self.dispatch + Self::SETTLED_AFTER
    }
}

/// Contact that CXone has under the id of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduled {
    /// This callback, from this call or from an earlier one. It is as it was first accepted.
    At(DateTime<Utc>),
    /// A contact with another number or of another campaign.
    IdTaken,
}
