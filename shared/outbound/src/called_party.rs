//! Permissions and calls of one called party: whether it may be contacted, and how often it was.
//!
//! Facts are consents and opt-outs, each with its scope. The newest fact that covers a contact wins,
//! and at the same instant the opt-out does. A fact is never taken back: a later one overrules it.

mod attempts;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use attempts::CapReached;

use crate::{
    E164,
    law::{Kind, Kinds},
};

/// Time between two attempts of one call.
pub const RETRY_INTERVAL: TimeDelta = TimeDelta::minutes(15);
/// Time after which a call that was arranged is forgotten. No limit on attempts looks back longer.
const CALLS_KEPT: TimeDelta = TimeDelta::days(32);
/// Most arranged calls that are remembered, far more than any limit allows. While all of them are
/// ahead, no other is arranged.
const CALLS_MAX: usize = 100;
/// Time after the last attempt that was planned in which a call is still taken for one: CXone may
/// wait for an agent.
const ATTEMPTED_LATE_MAX: TimeDelta = TimeDelta::hours(24);
/// Most facts that are kept. Any further opt-out counts for everything, for good.
const FACTS_MAX: usize = 100;
/// Most calls by CXone itself that are remembered, far more than any limit allows.
const DIALED_MAX: usize = 100;

/// A way to contact someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Calls.
    Voice,
    /// Text messages.
    Text,
}

/// The contacts that a fact covers. Absent parts cover everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// The only channel that it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The only topic that it covers, such as `sales`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}

impl Scope {
    /// Returns whether a contact on a channel about a topic is covered.
    pub fn covers(&self, channel: Channel, topic: &str) -> bool {
        self.channel.is_none_or(|covered| covered == channel)
            && self.topic.as_deref().is_none_or(|covered| covered == topic)
    }
}

/// The wish of a called party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// To be contacted.
    Consent,
    /// Not to be contacted. At the same instant it outranks a consent.
    OptOut,
}

/// A wish, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// The wish.
    pub wish: Wish,
    /// The contacts it covers.
    #[serde(default)]
    pub scope: Scope,
    /// Time of the request.
    pub at: DateTime<Utc>,
    /// The event that stated it.
    pub event_id: String,
    /// Type of the event, such as `contact.opt_in`.
    pub event_type: String,
    /// The called party's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// First instant at which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

impl Fact {
    fn counts(&self, channel: Channel, topic: &str, now: DateTime<Utc>) -> bool {
        self.scope.covers(channel, topic) && self.expires_at.is_none_or(|end| now < end)
    }

    /// Returns whether it is the same wish about the same contacts.
    fn is_like(&self, other: &Self) -> bool {
        (self.wish, &self.scope) == (other.wish, &other.scope)
    }

    /// Returns whether another one says nothing beside it at any time.
    fn replaces(&self, other: &Self) -> bool {
        let ends_later = match (self.expires_at, other.expires_at) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(end), Some(other)) => end >= other,
        };
        self.is_like(other) && self.at >= other.at && ends_later
    }
}

/// A call that was arranged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArrangedCall {
    /// Id of the contact in CXone.
    pub contact_id: Uuid,
    /// The campaign whose agents call.
    pub campaign_id: String,
    /// Kinds of the call.
    pub kinds: Kinds,
    /// Time of the first attempt.
    pub dispatch_at: DateTime<Utc>,
    /// Most attempts that CXone makes.
    pub attempts: u32,
    /// Time at which it was arranged.
    pub arranged_at: DateTime<Utc>,
    /// The hour in which an agent is booked for it.
    pub hour: DateTime<Utc>,
    /// Holder of that booking.
    pub holder: String,
    /// Time at which it was last submitted to CXone again, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resubmitted_at: Option<DateTime<Utc>>,
    /// Time at which an opt-out withdrew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl ArrangedCall {
    /// Returns whether it was not withdrawn and an attempt is still ahead.
    pub fn is_pending(&self, now: DateTime<Utc>) -> bool {
        self.withdrawn_at.is_none() && self.last_attempt() > now
    }

    /// Time at which it was last admitted to be submitted to CXone.
    pub fn submitted_at(&self) -> DateTime<Utc> {
        self.resubmitted_at.unwrap_or(self.arranged_at)
    }

    /// Time of the last attempt.
    pub fn last_attempt(&self) -> DateTime<Utc> {
        let retries = i32::try_from(self.attempts.saturating_sub(1)).unwrap_or(i32::MAX);
        self.dispatch_at + RETRY_INTERVAL * retries
    }
}

/// A call that CXone made by itself, such as for a campaign. What it was about is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DialedCall {
    /// CXone's id of the contact.
    pub contact_id: String,
    /// Time at which it was closed.
    pub at: DateTime<Utc>,
    /// The call that was arranged and that it is an attempt of, where CXone has ids of its own for
    /// each attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arranged: Option<Uuid>,
}

/// Everything known of a called party beside the opt-out ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CalledParty {
    /// The number.
    pub phone_number: E164,
    /// The newest fact per wish and scope.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Calls that were arranged, the earliest first.
    #[serde(default)]
    pub calls: Vec<ArrangedCall>,
    /// Calls that CXone made by itself, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dialed: Vec<DialedCall>,
}

/// Answer to the question whether a contact is permitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Permission {
    /// No fact forbids it.
    Granted {
        /// The consent that overrules an opt-out, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Fact>,
    },
    /// The called party opted out.
    OptedOut {
        /// The newest fact.
        by: Fact,
    },
}

impl Permission {
    /// Returns whether the contact is permitted.
    pub fn is_granted(&self) -> bool {
        matches!(self, Self::Granted { .. })
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Granted { .. } => f.write_str("no opt-out is in force"),
            Self::OptedOut { by } => {
                write!(f, "the number opted out on {}", by.at.format("%Y-%m-%d at %H:%M UTC"))
            }
        }
    }
}

impl CalledParty {
    /// A called party of whom nothing is known.
    pub fn unknown(phone_number: E164) -> Self {
        Self { phone_number, facts: Vec::new(), calls: Vec::new(), dialed: Vec::new() }
    }

    /// Decides on a contact. `ledger` is the opt-out from everything that the ledger holds, if any.
    pub fn permission(
        &self,
        ledger: Option<&Fact>,
        channel: Channel,
        topic: &str,
        now: DateTime<Utc>,
    ) -> Permission {
        let facts = self.facts.iter().chain(ledger);
        let newest = facts
            .filter(|fact| fact.counts(channel, topic, now))
            .max_by_key(|fact| (fact.at, fact.wish));
        match newest.cloned() {
            Some(by) if by.wish == Wish::OptOut => Permission::OptedOut { by },
            by => Permission::Granted { by },
        }
    }

    /// Decides on a call of these kinds: each of them is a topic, and must be permitted.
    pub fn permission_to_call(
        &self,
        ledger: Option<&Fact>,
        kinds: &Kinds,
        now: DateTime<Utc>,
    ) -> Permission {
        let of = |kind: Kind| self.permission(ledger, Channel::Voice, &kind.to_string(), now);
        let permissions = kinds.iter().map(of);
        let strictest = permissions.min_by_key(Permission::is_granted);
        strictest.unwrap_or(Permission::Granted { by: None })
    }

    /// The first instant, from `from` on, at which a call of these kinds is not permitted, as far as
    /// is known: facts may end, and none begins in the future.
    pub fn forbidden_from(
        &self,
        ledger: Option<&Fact>,
        kinds: &Kinds,
        from: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let ends = self.facts.iter().filter_map(|fact| fact.expires_at);
        let instants: BTreeSet<_> = ends.filter(|end| from < *end).chain([from]).collect();
        instants.into_iter().find(|at| !self.permission_to_call(ledger, kinds, *at).is_granted())
    }

    /// Time of the newest consent to calls about anything that counts at `now`, if there is one.
    pub fn consented_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_to_calls = |fact: &&Fact| {
            fact.wish == Wish::Consent
                && fact.scope.channel != Some(Channel::Text)
                && fact.expires_at.is_none_or(|end| now < end)
        };
        self.facts.iter().filter(is_to_calls).map(|fact| fact.at).max()
    }

    /// Adds a fact. One of the same wish and scope gives way to a newer one that does not end earlier.
    pub fn learn(&mut self, fact: Fact) {
        let is_said = |facts: &[Fact], fact: &Fact| facts.iter().any(|it| it.replaces(fact));
        if is_said(&self.facts, &fact) {
            return;
        }
        let count = self.facts.len();
        self.facts.retain(|known| !fact.replaces(known));
        if self.facts.len() < count || count < FACTS_MAX {
            self.facts.push(fact);
            return;
        }
        let widened = Fact { scope: Scope::default(), expires_at: None, ..fact };
        if widened.wish == Wish::OptOut && !is_said(&self.facts, &widened) {
            self.facts.retain(|known| !widened.replaces(known));
            self.facts.push(widened);
        }
    }

    /// Adds a call, unless it is known, and forgets those that no limit looks back on.
    pub fn arrange(&mut self, call: ArrangedCall, now: DateTime<Utc>) {
        self.calls.retain(|known| now - known.dispatch_at < CALLS_KEPT);
        if self.call(call.contact_id).is_none() {
            self.calls.push(call);
            self.calls.sort_by_key(|call| (call.dispatch_at, call.contact_id));
        }
        while self.calls.len() > CALLS_MAX
            && let Some(over) = self.calls.iter().position(|call| call.last_attempt() <= now)
        {
            self.calls.remove(over);
        }
    }

    /// Returns whether there is no room for another call: as many as are remembered are ahead.
    pub fn is_booked_out(&self, now: DateTime<Utc>) -> bool {
        self.calls.iter().filter(|call| call.last_attempt() > now).count() >= CALLS_MAX
    }

    /// Adds a call that CXone made by itself, and forgets those that no limit looks back on. Returns
    /// whether it is new.
    pub fn count_dialed(&mut self, call: DialedCall, now: DateTime<Utc>) -> bool {
        let counts = |call: &DialedCall| now - call.at < CALLS_KEPT;
        if !counts(&call) || self.dialed.contains(&call) {
            return false;
        }
        self.dialed.retain(counts);
        self.dialed.push(call);
        self.dialed.sort_by(|a, b| (a.at, &a.contact_id).cmp(&(b.at, &b.contact_id)));
        let surplus = self.dialed.len().saturating_sub(DIALED_MAX);
        self.dialed.drain(..surplus);
        true
    }

    /// The call that was arranged and that a call of one of its agents, closed at `at`, is an attempt
    /// of: the latest one that has an attempt left. `is_of` tells whether the agents of a campaign
    /// made it.
    pub fn attempted(&self, at: DateTime<Utc>, is_of: impl Fn(&str) -> bool) -> Option<Uuid> {
        let has_attempts = |call: &&ArrangedCall| {
            let made = self.dialed.iter().filter(|it| it.arranged == Some(call.contact_id));
            made.count() < usize::try_from(call.attempts).unwrap_or(usize::MAX)
        };
        let in_time = |call: &&ArrangedCall| {
            call.dispatch_at <= at && at <= call.last_attempt() + ATTEMPTED_LATE_MAX
        };
        let arranged = self.calls.iter().filter(|call| call.withdrawn_at.is_none());
        let mut arranged = arranged.filter(in_time).filter(has_attempts);
        arranged.rfind(|call| is_of(&call.campaign_id)).map(|call| call.contact_id)
    }

    /// Removes a call that is not made after all. One that was withdrawn stays: it must never be
    /// arranged again.
    pub fn cancel(&mut self, contact_id: Uuid) {
        self.calls.retain(|call| call.contact_id != contact_id || call.withdrawn_at.is_some());
    }

    /// The call with this contact id.
    pub fn call(&self, contact_id: Uuid) -> Option<&ArrangedCall> {
        self.calls.iter().find(|call| call.contact_id == contact_id)
    }

    /// Marks a call as withdrawn.
    pub fn withdraw(&mut self, contact_id: Uuid, now: DateTime<Utc>) {
        if let Some(call) = self.call_mut(contact_id) {
            call.withdrawn_at.get_or_insert(now);
        }
    }

    /// Notes that a call is submitted to CXone again.
    pub fn resubmit(&mut self, contact_id: Uuid, now: DateTime<Utc>) {
        if let Some(call) = self.call_mut(contact_id) {
            call.resubmitted_at = Some(now);
        }
    }

    fn call_mut(&mut self, contact_id: Uuid) -> Option<&mut ArrangedCall> {
        self.calls.iter_mut().find(|call| call.contact_id == contact_id)
    }

    /// Calls that were not withdrawn and of which an attempt is still ahead.
    pub fn pending_calls(&self, now: DateTime<Utc>) -> impl Iterator<Item = &ArrangedCall> {
        self.calls.iter().filter(move |call| call.is_pending(now))
    }
}
