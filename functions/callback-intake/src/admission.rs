//! Admission of a callback: the consent ledger, the law and the limits on attempts permit it, or it
//! is refused with the reason. Either way the decision is kept.

use chrono::{DateTime, TimeDelta, Utc};
use cxone::Callback;
use outbound::{
    callback::CallbackRequest,
    called_party::{ArrangedCall, CapReached, Permission},
    law::{self, Basis, Call, Candidates, Decision, Interval, Place, Zone},
};
use platform::{
    called_parties::{CalledPartyError, Change, Decided, Known, Outcome},
    problem::Problem,
};
use serde_json::json;
use uuid::Uuid;

use crate::{CallbackIntake, arrange::Attempt, config::OptedOut, problems, progress::Intent};

/// Most attempts that CXone makes to reach the customer.
pub(crate) const ATTEMPTS_MAX: u32 = 4;

/// Reason why a callback is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The customer opted out.
    OptedOut(Box<Permission>),
    /// An opt-out withdrew the callback after it was arranged.
    Withdrawn,
    /// The law allows no call in the window. `next` is the next time that it allows.
    Law { decision: Box<Decision>, next: Option<Interval> },
    /// A limit leaves no attempt.
    Cap(Box<CapReached>),
    /// So many callbacks are ahead of the customer that no more are written down.
    BookedOut,
}

impl Refusal {
    fn by_law(call: &Call, decision: Decision) -> Self {
        let next = decision.next_allowed.and_then(|start| {
            let day = Interval { start, end: start + TimeDelta::days(1) };
            law::allowed(call, day).into_iter().next()
        });
        Self::Law { decision: Box::new(decision), next }
    }
}

impl CallbackIntake {
    /// Everything known of the customer, strongly consistent. Without it there is no call.
    pub(crate) async fn known(&self, callback: &CallbackRequest) -> Result<Known, Problem> {
        self.called_parties.read(&callback.number).await.map_err(Problem::not_stored)
    }

    /// The parts of the window in which the callback may go out.
    pub(crate) async fn allowed(
        &self,
        attempt: Attempt<'_>,
        known: &Known,
    ) -> Result<Vec<Interval>, Problem> {
        let Attempt { callback, ids, .. } = attempt;
        let now = ambient::now();
        let start = callback.window.start().max(now);
        let forbidden_from = self.forbidden_from(known, now);
        if let Some(at) = forbidden_from.filter(|at| *at <= start) {
            let refusal = Refusal::OptedOut(Box::new(self.permission(known, at)));
            return Err(self.refuse(callback, known, ids.id(0), refusal).await?);
        }
        let end = forbidden_from.map_or(callback.window.end(), |at| at.min(callback.window.end()));
        let call = self.call(callback);
        let allowed = law::allowed(&call, Interval { start, end });
        if allowed.is_empty() {
            let refusal = Refusal::by_law(&call, law::decide(&call, start));
            return Err(self.refuse(callback, known, ids.id(0), refusal).await?);
        }
        Ok(allowed)
    }

    /// Writes the call down with the decision behind it, unless it is written down, and returns the
    /// attempts that CXone may make. From then on an opt-out finds it and withdraws it.
    pub(crate) async fn admit(
        &self,
        attempt: Attempt<'_>,
        intent: &Intent,
        known: Known,
    ) -> Result<Result<u32, Refusal>, Problem> {
        let admit = |known: &Known| self.admission(attempt.callback, intent, known);
        self.called_parties.change(known, admit).await.map_err(Problem::not_stored)
    }

    /// The change that admits a call, unless it is written down or must not be made, and the
    /// attempts that CXone may make.
    fn admission(
        &self,
        callback: &CallbackRequest,
        intent: &Intent,
        known: &Known,
    ) -> Result<(Option<Change>, Result<u32, Refusal>), CalledPartyError> {
        let now = ambient::now();
        match known.party.call(intent.contact_id) {
            Some(call) if call.withdrawn_at.is_some() => {
                return Ok((None, Err(Refusal::Withdrawn)));
            }
            // An opt-out that is recorded stops it before it is withdrawn.
            Some(call) if self.stops(&self.permission(known, now), call) => {
                return Ok((None, Err(Refusal::Withdrawn)));
            }
            Some(call) if call.dispatch_at == intent.booking.dispatch_at => {
                let mut party = known.party.clone();
                party.resubmit(intent.contact_id, now);
                let change = Change { party, beside: Vec::new(), overruled_at: None };
                return Ok((Some(change), Ok(call.attempts)));
            }
            _ => {}
        }
        let decided = match self.decide(callback, intent, known, now) {
            Ok(decided) => decided,
            Err(refusal) => return Ok((None, Err(refusal))),
        };
        let attempts = decided.attempts.unwrap_or_default();
        let is_by_policy = !decided.permission.is_granted();
        let overruled_at =
            is_by_policy.then_some(now).or_else(|| known.overruled_by(&known.party, now));
        let mut party = known.party.clone();
        party.cancel(intent.contact_id);
        party.arrange(self.arranged_call(callback, intent, attempts, now), now);
        let beside = vec![self.decisions.write(&decided)?];
        Ok((Some(Change { party, beside, overruled_at }), Ok(attempts)))
    }

    /// Keeps the decision to refuse a callback. Returns the answer to its sender.
    pub(crate) async fn refuse(
        &self,
        callback: &CallbackRequest,
        known: &Known,
        contact_id: Uuid,
        refusal: Refusal,
    ) -> Result<Problem, Problem> {
        let permission = self.permission(known, ambient::now());
        let mut decided = decided(callback, contact_id, permission);
        decided.outcome = match &refusal {
            Refusal::OptedOut(_) => Outcome::RefusedOptedOut,
            Refusal::Withdrawn => Outcome::Withdrawn,
            Refusal::Law { .. } => Outcome::RefusedByLaw,
            Refusal::Cap(_) | Refusal::BookedOut => Outcome::RefusedByLimit,
        };
        match &refusal {
            Refusal::Law { decision, .. } => decided.law = Some(decision.as_ref().clone()),
            Refusal::Cap(cap) => decided.cap = Some(cap.as_ref().clone()),
            Refusal::OptedOut(permission) => decided.permission = permission.as_ref().clone(),
            Refusal::Withdrawn | Refusal::BookedOut => {}
        }
        self.decisions.keep(&decided).await.map_err(Problem::not_stored)?;
        Ok(problems::refused(&refusal, callback))
    }

    /// Takes a call back that CXone does not make.
    pub(crate) async fn unarrange(
        &self,
        callback: &CallbackRequest,
        contact_id: Uuid,
    ) -> Result<(), Problem> {
        let cancel = |known: &Known| {
            let mut party = known.party.clone();
            party.cancel(contact_id);
            Ok((Some(Change { party, beside: Vec::new(), overruled_at: None }), ()))
        };
        let known = self.known(callback).await?;
        self.called_parties.change(known, cancel).await.map_err(Problem::not_stored)
    }

    /// The answer of the consent ledger to a call.
    pub(crate) fn permission(&self, known: &Known, now: DateTime<Utc>) -> Permission {
        known.party.permission_to_call(known.opt_out().as_ref(), &self.policy.kinds, now)
    }

    /// The first instant at which the policy permits no call, from `now` on: a consent may end.
    fn forbidden_from(&self, known: &Known, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let opt_out = known.opt_out();
        let from = known.party.forbidden_from(opt_out.as_ref(), &self.policy.kinds, now);
        from.filter(|at| !self.permits(&self.permission(known, *at)))
    }

    /// Returns whether the policy lets a request of the customer overrule an opt-out.
    fn permits(&self, permission: &Permission) -> bool {
        permission.is_granted() || self.policy.opted_out == OptedOut::OneCallWithEvidence
    }

    /// Decides on the call of an intent, which has its hour.
    fn decide(
        &self,
        callback: &CallbackRequest,
        intent: &Intent,
        known: &Known,
        now: DateTime<Utc>,
    ) -> Result<Decided, Refusal> {
        let (call, dispatch) = (self.call(callback), intent.booking.dispatch_at);
        let permission = self.permission(known, now);
        let forbidden_from = self.forbidden_from(known, now);
        if let Some(at) = forbidden_from.filter(|at| *at <= dispatch) {
            return Err(Refusal::OptedOut(Box::new(self.permission(known, at))));
        }
        let decision = law::decide(&call, dispatch);
        if !decision.allowed {
            return Err(Refusal::by_law(&call, decision));
        }
        let lawful = allowed_until(&call, dispatch);
        let until = forbidden_from.map_or(lawful, |at| at.min(lawful));
        let wanted = attempts_until(dispatch, until);
        let limits = law::limits(&call, dispatch);
        let others = {
            let mut party = known.party.clone();
            party.cancel(intent.contact_id);
            party
        };
        if others.is_booked_out(now) {
            return Err(Refusal::BookedOut);
        }
        let attempts =
            others.attempts_left(&limits, &call.kinds, dispatch, wanted).map_err(Refusal::Cap)?;
        let decided = decided(callback, intent.contact_id, permission);
        Ok(Decided { law: Some(decision), attempts: Some(attempts), ..decided })
    }

    /// The call as the law sees it. The request is consent to a call in its window.
    fn call(&self, callback: &CallbackRequest) -> Call {
        let zones: Vec<Zone> = callback.zone.given().map(Zone).into_iter().collect();
        let places: Vec<Place> = callback.place.iter().cloned().collect();
        let candidates = Candidates::of(Some(&callback.number), &zones, &places);
        Call {
            bases: [Basis::Request].into(),
            consent_for: Some(Interval {
                start: callback.window.start(),
                end: callback.window.end(),
            }),
            house: self.policy.house.clone(),
            strictness: self.policy.strictness,
            closures: self.policy.closures.0.clone(),
            ..Call::new(candidates, self.policy.kinds.clone())
        }
    }

    fn arranged_call(
        &self,
        callback: &CallbackRequest,
        intent: &Intent,
        attempts: u32,
        now: DateTime<Utc>,
    ) -> ArrangedCall {
        ArrangedCall {
            contact_id: intent.contact_id,
            campaign_id: callback.campaign_id.clone(),
            kinds: self.policy.kinds.clone(),
            dispatch_at: intent.booking.dispatch_at,
            attempts,
            arranged_at: now,
            hour: intent.booking.hour,
            holder: intent.booking.holder.clone(),
            resubmitted_at: None,
            withdrawn_at: None,
        }
    }
}

fn decided(callback: &CallbackRequest, contact_id: Uuid, permission: Permission) -> Decided {
    Decided {
        called_party: callback.number.as_str().to_owned(),
        at: ambient::now(),
        contact_id: contact_id.to_string(),
        outcome: Outcome::Arranged,
        permission,
        law: None,
        cap: None,
        attempts: None,
        request: json!({ "callback": callback.identity() }),
    }
}

/// End of the allowed time that an instant lies in.
fn allowed_until(call: &Call, at: DateTime<Utc>) -> DateTime<Utc> {
    let longest = Callback::RETRY_INTERVAL * i32::try_from(ATTEMPTS_MAX).unwrap_or(i32::MAX);
    let allowed = law::allowed(call, Interval { start: at, end: at + longest });
    allowed.first().map_or(at, |interval| interval.end)
}

/// Attempts that lie before an end, the first at `at`.
fn attempts_until(at: DateTime<Utc>, end: DateTime<Utc>) -> u32 {
    let is_before = |attempt: &u32| {
        let retries = i32::try_from(attempt - 1).unwrap_or(i32::MAX);
        at + Callback::RETRY_INTERVAL * retries < end
    };
    (1..=ATTEMPTS_MAX).take_while(is_before).count().try_into().unwrap_or(ATTEMPTS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attempt_lies_in_the_allowed_time() {
        let at: DateTime<Utc> = "2026-12-01T20:00:00Z".parse().expect("an instant");
        for (minutes, attempts) in [(1, 1), (15, 1), (16, 2), (31, 3), (46, 4), (600, 4)] {
            let end = at + TimeDelta::minutes(minutes);
            assert_eq!(attempts_until(at, end), attempts, "{minutes} minutes");
        }
    }
}
