//! Wishes of called parties. An opt-out from all calls goes into the ledger first, then into the
//! queue to the DNC list; any other wish is a fact about the number.

use chrono::{DateTime, Utc};
use outbound::{
    DncReason, DncRequest, E164,
    called_party::{Channel, Fact, Wish},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    called_parties::{CalledParties, CalledPartyError},
    ledger::{Ledger, LedgerError, OptOut, Recorded, RelistAfter},
    queue::{Queue, QueueError},
    telemetry::shown,
};

/// Accepts opt-outs.
#[derive(Debug, Clone)]
pub struct OptOuts {
    /// Ledger that keeps the evidence.
    pub ledger: Ledger,
    /// Queue of numbers to list.
    pub dnc_queue: Queue,
    /// Age of a listing at which a new opt-out lists the number again.
    pub relist_after: RelistAfter,
}

/// The outcome of an opt-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Its number is in the queue now.
    Queued,
    /// Its number was in the queue or on the list already.
    Duplicate,
}

/// Failure to store an opt-out. Accepting it again repairs it.
#[derive(Debug, thiserror::Error)]
pub enum OptOutError {
    /// It is not in the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It is in the ledger, but not in the queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl OptOuts {
    /// Records an opt-out, and queues its number unless it is on its way already. `now` is when the
    /// invocation began.
    pub async fn accept(
        &self,
        opt_out: &OptOut,
        reason: DncReason,
        now: DateTime<Utc>,
    ) -> Result<Accepted, OptOutError> {
        let position = match self.ledger.record(opt_out, self.relist_after, now).await? {
            Recorded::Send(position) => position,
            Recorded::AlreadyPending | Recorded::AlreadyListed => return Ok(Accepted::Duplicate),
        };
        let message = DncRequest {
            phone_number: opt_out.number.clone(),
            reason,
            event_id: opt_out.event_id.clone(),
            requested_at: position.pending_since,
        };
        self.dnc_queue.send(&message).await?;
        // Should this fail, the number is safe all the same: the next event sends it once more. The
        // time is that before the send: a later one could hide that the queue was purged since.
        if let Err(error) = self.ledger.mark_queued(&position, now).await {
            tracing::warn!(%error, event_id = shown(&message.event_id), "not marked as queued");
        }
        Ok(Accepted::Queued)
    }
}

/// Accepts consents, and opt-outs from a part of the contacts: wishes that list no number.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// What is known of each number.
    pub called_parties: CalledParties,
    /// Ledger whose history keeps the evidence.
    pub ledger: Ledger,
    /// Queue of callbacks to withdraw.
    pub callbacks: Queue,
}

/// Failure to store a wish. Accepting it again repairs it.
#[derive(Debug, thiserror::Error)]
pub enum PreferenceError {
    /// It is not stored.
    #[error(transparent)]
    CalledParty(#[from] CalledPartyError),
    /// It is stored, and the callbacks it may stop are not withdrawn yet.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Preferences {
    /// Stores a wish, and has the callbacks withdrawn that an opt-out stops.
    pub async fn accept(&self, number: &E164, fact: &Fact) -> Result<(), PreferenceError> {
        self.called_parties.learn(&self.ledger, number, fact).await?;
        let covers_calls = fact.scope.channel != Some(Channel::Text);
        if fact.wish == Wish::OptOut && covers_calls {
            self.callbacks.send(&CallbackWithdrawal::of(number.clone())).await?;
        }
        Ok(())
    }
}

/// Message of the callback queue: an opt-out withdraws what was arranged for its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackWithdrawal {
    /// The callbacks.
    pub withdraw: WithdrawnCallback,
}

/// The callbacks of a number, or the one that CXone could not withdraw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawnCallback {
    /// The number that opted out.
    pub phone_number: E164,
    /// Id of the contact in CXone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<Uuid>,
    /// The campaign whose agents would call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<String>,
    /// Time of the first attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatch_time: Option<DateTime<Utc>>,
    /// Time of the opt-out: a later one is another reason to cancel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opted_out_at: Option<DateTime<Utc>>,
}

impl CallbackWithdrawal {
    /// Withdraws all callbacks of a number.
    pub fn of(phone_number: E164) -> Self {
        Self {
            withdraw: WithdrawnCallback {
                phone_number,
                contact_id: None,
                campaign_id: None,
                dispatch_time: None,
                opted_out_at: None,
            },
        }
    }
}
