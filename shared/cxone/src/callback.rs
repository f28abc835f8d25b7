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
    /// State of earlier attempts to submit it, with the same `dispatch`.
    pub earlier: Earlier,
}

/// State of earlier attempts to submit a callback, as it was when the current one was noted. Whoever
/// notes an attempt decides this, once: what a second clock says a moment later may be something
/// else, and then a callback is booked that nobody noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// CXone surely got nothing.
    Nothing,
    /// CXone may have got it, or may get it still.
    UnderWay,
    /// CXone may have got it. What it has not got by now never comes.
    Settled,
}

impl Earlier {
    /// Time from the begin of an attempt until nothing of it can be carried out any more: Lambda ends
    /// it after half of that, and CXone may be late by as much again.
    const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(1);

    /// State at `now`, when the latest attempt that may have submitted it began at `submitted`.
    pub fn of(submitted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        match submitted {
            None => Self::Nothing,
            Some(submitted) if now < submitted + Self::SETTLED_AFTER => Self::UnderWay,
            Some(_) => Self::Settled,
        }
    }
}

impl Callback {
    /// Time between two attempts to reach a customer.
    pub const RETRY_INTERVAL: TimeDelta = outbound::called_party::RETRY_INTERVAL;
    /// Why a callback is refused that CXone does not have by its time.
    pub(crate) const TOO_LATE: &str = "its time has come, and CXone does not have the callback";
    /// Why it is not known what becomes of a callback.
    pub(crate) const MAY_BE_DONE: &str = "an earlier attempt may still be carried out";

    /// Returns whether CXone may get it still though its time has come. No attempt submits it from
    /// its time on.
    pub(crate) fn may_be_late(&self, now: DateTime<Utc>) -> bool {
        self.earlier != Earlier::Nothing && now < self.dispatch + Earlier::SETTLED_AFTER
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
