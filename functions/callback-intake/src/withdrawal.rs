//! Withdrawal of arranged callbacks after an opt-out.

use std::time::Duration;

use ambient::Instant;
use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use cxone::{Callback, Earlier, Error};
use outbound::{
    callback::CallbackRequest,
    called_party::{ArrangedCall, Permission},
};
use platform::{
    batch::{Failure, Outcome},
    called_parties::{CalledPartyError, Change, Decided, Known, Outcome as Decision},
    idempotency::Lease,
    opt_outs::{CallbackWithdrawal, WithdrawnCallback},
    problem::Problem,
    queue::Reason,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    CallbackIntake,
    admission::{ATTEMPTS_MAX, Refusal},
    config::OptedOut,
    confirmation::PendingConfirmation,
    reservations::AgentHour,
};

/// Time after which a call is looked for again that an attempt may still create.
const LOOKED_FOR_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Most calls that are marked together, each with its evidence. A transaction takes 100 items, which
/// is less than a number may have; and an attempt that ends loses no more than these.
const TOGETHER_MAX: usize = 5;

/// Code of a dead letter about a call that a person has to cancel.
const NOT_WITHDRAWN: &str = "callback_not_withdrawn";

/// A message of the callback queue.
#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    Withdrawal(CallbackWithdrawal),
    Confirmation(PendingConfirmation),
}

impl CallbackIntake {
    /// Handles a message of the callback queue.
    pub(crate) async fn handle(
        &self,
        message: &SqsMessage,
        lease: Lease,
        ends_at: Instant,
    ) -> Outcome {
        let body = message.body.as_deref().unwrap_or_default();
        match serde_json::from_str(body) {
            Ok(Message::Confirmation(pending)) => self.confirm(pending, ends_at).await,
            Ok(Message::Withdrawal(withdrawal)) => self.withdraw(withdrawal, lease, ends_at).await,
            Err(error) => Err(Failure::dead_letter("unreadable_message", error.to_string())),
        }
    }

    /// Withdraws the calls that an opt-out stops. What CXone cannot withdraw is a dead letter for a
    /// person. Repeating it changes nothing.
    async fn withdraw(
        &self,
        withdrawal: CallbackWithdrawal,
        lease: Lease,
        ends_at: Instant,
    ) -> Outcome {
        let named = withdrawal.withdraw;
        let (mut tried, mut outcome) = (Vec::new(), Ok(()));
        let known = loop {
            let known = self.called_parties.read(&named.phone_number).await;
            let known = known.map_err(|error| not_withdrawn(&error))?;
            let permission = self.permission(&known, ambient::now());
            let stopped = self.stopped(&known, &permission, &tried);
            tried.extend(stopped.iter().map(|call| call.contact_id));
            let (withdrawn, done) = self.withdraw_each(&known, &stopped, lease, ends_at).await;
            outcome = outcome.and(done).and(self.store(&known, &withdrawn, &permission).await);
            if stopped.len() < TOGETHER_MAX {
                break known;
            }
        };
        outcome?;
        self.withdraw_again(named, &known, ends_at).await
    }

    /// The next calls that an opt-out stops, without those that were tried.
    fn stopped(&self, known: &Known, permission: &Permission, tried: &[Uuid]) -> Vec<ArrangedCall> {
        let pending = known.party.pending_calls(ambient::now());
        let stopped = pending.filter(|call| self.stops(permission, call));
        let left = stopped.filter(|call| !tried.contains(&call.contact_id));
        left.take(TOGETHER_MAX).cloned().collect()
    }

    /// Withdraws calls, and returns those that are withdrawn. One that fails keeps no other back.
    async fn withdraw_each<'a>(
        &self,
        known: &Known,
        stopped: &'a [ArrangedCall],
        lease: Lease,
        ends_at: Instant,
    ) -> (Vec<&'a ArrangedCall>, Outcome) {
        let (mut withdrawn, mut outcome) = (Vec::new(), Ok(()));
        for call in stopped {
            match self.withdraw_call(known, call, lease, ends_at).await {
                Ok(()) => withdrawn.push(call),
                Err(failure) => outcome = Err(failure),
            }
        }
        (withdrawn, outcome)
    }

    /// Withdraws a call that a person was to cancel, and whose dead letter came back. As long as an
    /// attempt is ahead, and CXone cannot withdraw it, it stays for a person, even if the call was
    /// still to be withdrawn: then the letter may be the only one that was sent.
    async fn withdraw_again(
        &self,
        named: WithdrawnCallback,
        known: &Known,
        ends_at: Instant,
    ) -> Outcome {
        let last_attempt = last_attempt(&named, known);
        let (Some(id), Some(campaign)) = (named.contact_id, named.campaign_id) else {
            return Ok(());
        };
        let is_over = last_attempt.is_none_or(|last| last <= ambient::now());
        if is_over || self.goes_on(known, id) {
            return Ok(());
        }
        match self.cxone.withdraw_callback(&campaign, id, ends_at).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(Error::Unsupported { detail }) => Err(Failure::dead_letter(NOT_WITHDRAWN, detail)),
            Err(error) => Err(not_withdrawn(&error)),
        }
    }

    /// Refuses a request whose call was arranged, if an opt-out has withdrawn it since or is about to:
    /// its sender must not be told that CXone calls. A call that has been made stays as it was.
    pub(crate) async fn unless_withdrawn(
        &self,
        callback: &CallbackRequest,
        contact_id: Uuid,
    ) -> Result<Known, Problem> {
        let known = self.known(callback).await?;
        let now = ambient::now();
        let permission = self.permission(&known, now);
        let is_withdrawn = known.party.call(contact_id).is_some_and(|call| {
            let is_stopped = call.is_pending(now) && self.stops(&permission, call);
            call.withdrawn_at.is_some() || is_stopped
        });
        if is_withdrawn {
            return Err(self.refuse(callback, &known, contact_id, Refusal::Withdrawn).await?);
        }
        Ok(known)
    }

    /// Returns whether a call is to be made: a consent came before it was withdrawn.
    fn goes_on(&self, known: &Known, id: Uuid) -> bool {
        let now = ambient::now();
        let permission = self.permission(known, now);
        let call = known.party.call(id);
        call.is_some_and(|call| call.is_pending(now) && !self.stops(&permission, call))
    }

    /// Returns whether an opt-out stops a call. The policy may let a later request overrule it.
    pub(crate) fn stops(&self, permission: &Permission, call: &ArrangedCall) -> bool {
        match permission {
            Permission::Granted { .. } => false,
            Permission::OptedOut { by } => {
                self.policy.opted_out == OptedOut::Refuse || call.arranged_at <= by.at
            }
        }
    }

    /// Withdraws one call in CXone, or hands it to a person, and releases its booking. An attempt that
    /// was admitted right before the opt-out may still create it: until nothing of it can be carried
    /// out any more, the call is looked for again.
    async fn withdraw_call(
        &self,
        known: &Known,
        call: &ArrangedCall,
        lease: Lease,
        ends_at: Instant,
    ) -> Outcome {
        let withdrawn =
            self.cxone.withdraw_callback(&call.campaign_id, call.contact_id, ends_at).await;
        match withdrawn {
            Ok(()) | Err(Error::NotFound { .. })
                if Earlier::of(Some(call.submitted_at()), ambient::now()) == Earlier::UnderWay =>
            {
                return Err(Failure::Retry { not_before: Some(LOOKED_FOR_AGAIN_AFTER) });
            }
            Ok(()) | Err(Error::NotFound { .. }) => {}
            Err(Error::Unsupported { detail }) => {
                let dead_letter = CallbackWithdrawal {
                    withdraw: WithdrawnCallback {
                        phone_number: known.party.phone_number.clone(),
                        contact_id: Some(call.contact_id),
                        campaign_id: Some(call.campaign_id.clone()),
                        dispatch_time: Some(call.dispatch_at),
                        opted_out_at: self.opted_out_at(known),
                    },
                };
                let body = json!(dead_letter).to_string();
                let reason = Reason::new(NOT_WITHDRAWN, detail);
                let sent =
                    self.dead_letters.send_once(body.as_bytes(), &reason, &self.idempotency, lease);
                sent.await.map_err(|_| Failure::RETRY)?;
            }
            Err(error) => return Err(not_withdrawn(&error)),
        }
        let hour = AgentHour { campaign_id: call.campaign_id.clone(), begins_at: call.hour };
        let released = self.reservations.withdraw(&hour, &call.holder).await;
        released.map_err(|error| not_withdrawn(&error))
    }

    /// Time of the opt-out that is in force.
    fn opted_out_at(&self, known: &Known) -> Option<DateTime<Utc>> {
        match self.permission(known, ambient::now()) {
            Permission::OptedOut { by } => Some(by.at),
            Permission::Granted { .. } => None,
        }
    }

    /// Marks calls as withdrawn, each with its evidence.
    async fn store(
        &self,
        known: &Known,
        withdrawn: &[&ArrangedCall],
        permission: &Permission,
    ) -> Outcome {
        if withdrawn.is_empty() {
            return Ok(());
        }
        let now = ambient::now();
        let mut party = known.party.clone();
        let mut decisions = Vec::new();
        for call in withdrawn {
            party.withdraw(call.contact_id, now);
            let decided = Decided {
                called_party: party.phone_number.as_str().to_owned(),
                at: now,
                contact_id: call.contact_id.to_string(),
                outcome: Decision::Withdrawn,
                permission: permission.clone(),
                law: None,
                cap: None,
                attempts: None,
                request: json!({ "withdrawn": call }),
            };
            decisions.push(self.decisions.write(&decided).map_err(|error| not_withdrawn(&error))?);
        }
        let change = Change { party, beside: decisions, overruled_at: None };
        match self.called_parties.store(known, change).await {
            Ok(()) => Ok(()),
            // By another writer: the next receive goes on.
            Err(CalledPartyError::Changed) => Err(Failure::RETRY),
            Err(error) => Err(not_withdrawn(&error)),
        }
    }
}

/// Time of the last attempt of the call that a dead letter names. One that is no longer known may have
/// had as many as any.
fn last_attempt(named: &WithdrawnCallback, known: &Known) -> Option<DateTime<Utc>> {
    let call = named.contact_id.and_then(|id| known.party.call(id));
    let retries = i32::try_from(ATTEMPTS_MAX - 1).unwrap_or(i32::MAX);
    let latest = |dispatch: DateTime<Utc>| dispatch + Callback::RETRY_INTERVAL * retries;
    call.map(ArrangedCall::last_attempt).or_else(|| named.dispatch_time.map(latest))
}

fn not_withdrawn(error: &dyn std::error::Error) -> Failure {
    tracing::error!(%error, "a callback is not withdrawn yet");
    Failure::RETRY
}
