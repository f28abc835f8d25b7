//! The steps after a call, each stored before the next.

use std::time::Duration;

use ambient::Instant;

use chrono::{DateTime, Utc};
use cxone::{Contact, DispositionRecord};
use outbound::{
    DncReason, E164, Evidence, InvalidNumber,
    called_party::DialedCall,
    disposition::{CallResult, Category, Severity, audit_log},
};
use platform::{
    batch::{Failure, Outcome},
    called_parties::{Change, Known},
    idempotency::Lease,
    ledger::OptOut,
    once::Steps,
    queue::Queue,
};
use serde::Serialize;

use crate::{DispositionHandler, Severities, contact_events::Acquire, retry};

/// Shortest wait while another event of the same contact is written.
const BUSY_WAIT: Duration = Duration::from_secs(1);

/// Wait until CXone lists a call that has been reported already.
const UNLISTED_WAIT: Duration = Duration::from_mins(1);

const DNC_LIST: &str = "dnc_list";
const CONTACT: &str = "contact";
const PUBLISHED: &str = "published";
const ATTEMPT: &str = "attempt";
const FLAGS_OF_VERSION_0_1: [(&str, &str); 3] =
    [("is_listed", DNC_LIST), ("is_recorded", CONTACT), ("is_published", PUBLISHED)];

/// The outcome of a call, and what is known about it.
pub(crate) struct Call<'a> {
    pub(crate) event: &'a CallResult,
    pub(crate) happened_at: DateTime<Utc>,
    /// The same for the same event, however often it comes.
    pub(crate) key: &'a str,
}

/// Message on a severity's queue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Published<'a> {
    contact_id: &'a str,
    category: Category,
    severity: Severity,
    timestamp: DateTime<Utc>,
}

impl DispositionHandler {
    /// Goes through the steps that are left.
    ///
    /// The DNC list comes first: nothing else may keep a customer from being left alone.
    pub(crate) async fn perform(
        &self,
        call: &Call<'_>,
        steps: &mut Steps,
        lease: Lease,
        ends_at: Instant,
    ) -> Outcome {
        steps.adopt(&FLAGS_OF_VERSION_0_1);
        let category = self.dispositions.category(&call.event.disposition_code);
        if category == Category::DoNotCall {
            steps.run(DNC_LIST, async || self.opt_out(call, ends_at).await).await?;
        }
        steps.run(CONTACT, async || self.record(call, category, lease, ends_at).await).await?;
        steps.run(PUBLISHED, async || self.publish(call, category).await).await?;
        if !self.counts_attempts {
            return Ok(());
        }
        steps.run(ATTEMPT, async || self.count_attempt(call, ends_at).await).await
    }

    /// The contact's number, if it can be read.
    fn number(&self, contact: Contact) -> Result<E164, InvalidNumber> {
        E164::parse(&contact.phone.unwrap_or_default(), self.region)
    }

    /// Counts the call as an attempt to reach its number, unless the customer made it. A contact
    /// without a number has no limits.
    async fn count_attempt(&self, call: &Call<'_>, ends_at: Instant) -> Outcome {
        let contact = match self.cxone.contact(&call.event.contact_id, ends_at).await {
            Err(cxone::Error::NotFound { .. }) => {
                return Err(Failure::Retry { not_before: Some(UNLISTED_WAIT) });
            }
            contact => contact.map_err(failure)?,
        };
        if contact.is_caller {
            return Ok(());
        }
        let skill = contact.skill.clone();
        let Ok(number) = self.number(contact) else { return Ok(()) };
        let count = |known: &Known| {
            let mut party = known.party.clone();
            let contact_id = call.event.contact_id.clone();
            let is_of = |campaign: &str| self.is_skill_of(campaign, skill.as_deref());
            let arranged = party.attempted(call.happened_at, is_of);
            let dialed = DialedCall { contact_id, at: call.happened_at, arranged };
            // Another outcome of the same call.
            let is_counted = self.cxone.contacts_are_calls()
                && party.dialed.iter().any(|it| it.contact_id == dialed.contact_id);
            let is_new = !is_counted && party.count_dialed(dialed, ambient::now());
            let change = Change { party, beside: Vec::new(), overruled_at: None };
            Ok((is_new.then_some(change), ()))
        };
        let known = self.called_parties.read(&number).await.map_err(|error| retry(&error))?;
        self.called_parties.change(known, count).await.map_err(|error| retry(&error))
    }

    /// Returns whether a skill is the one that makes the callbacks of a campaign. Where contacts have
    /// no skill, callbacks are known by their ids.
    fn is_skill_of(&self, campaign: &str, skill: Option<&str>) -> bool {
        let skills = self.cxone.skills(campaign).unwrap_or_default();
        skill.is_some() && skills.first().map(String::as_str) == skill
    }

    /// Puts the contact's number on its way to the DNC list.
    async fn opt_out(&self, call: &Call<'_>, ends_at: Instant) -> Outcome {
        let contact = self.cxone.contact(&call.event.contact_id, ends_at).await.map_err(failure)?;
        let number = self.number(contact).map_err(|reason| {
            Failure::dead_letter("invalid_phone_number", format!("of the contact: {reason}"))
        })?;
        let now = ambient::now();
        let opt_out = OptOut {
            number,
            event_id: call.key.to_owned(),
            event_type: DncReason::DispositionDoNotCall.as_str().to_owned(),
            requested_at: call.happened_at,
            received_at: now,
            evidence: Evidence::default(),
        };
        let accepted = self.opt_outs.accept(&opt_out, DncReason::DispositionDoNotCall, now).await;
        accepted.map(drop).map_err(|error| retry(&error))
    }

    /// Writes the category to the contact, unless a newer event has written another.
    async fn record(
        &self,
        call: &Call<'_>,
        category: Category,
        lease: Lease,
        ends_at: Instant,
    ) -> Outcome {
        let CallResult { contact_id, disposition_code, .. } = call.event;
        let acquired = self.contact_events.acquire(contact_id, call.happened_at, lease).await;
        let lock = match acquired.map_err(|error| retry(&error))? {
            Acquire::Acquired(lock) => lock,
            Acquire::Superseded => return Ok(()),
            Acquire::Busy => return Err(Failure::Retry { not_before: Some(BUSY_WAIT) }),
        };
        let record = DispositionRecord {
            contact: contact_id.clone(),
            category: category.as_str().to_owned(),
            audit_log: audit_log(call.happened_at, disposition_code, category),
        };
        let recorded = self.cxone.record_disposition(&record, ends_at).await;
        let unlocked = match &recorded {
            Ok(()) => lock.commit().await,
            // It may yet be carried out, and nothing newer may be written before.
            Err(cxone::Error::Ambiguous { .. }) => Ok(()),
            Err(_) => lock.release().await,
        };
        recorded.map_err(failure)?;
        // Without a commit the event is written once more when the lock has expired: better than an
        // older event that passes for newer.
        unlocked.map_err(|error| retry(&error))
    }

    async fn publish(&self, call: &Call<'_>, category: Category) -> Outcome {
        let severity = category.severity();
        let published = Published {
            contact_id: &call.event.contact_id,
            category,
            severity,
            timestamp: call.happened_at,
        };
        let sent = self.severities.queue(severity).send_keyed(&published, call.key).await;
        sent.map_err(|error| retry(&error))
    }
}

impl Severities {
    fn queue(&self, severity: Severity) -> &Queue {
        match severity {
            Severity::Critical => &self.critical,
            Severity::Medium => &self.medium,
            Severity::Low => &self.low,
        }
    }
}

fn failure(error: cxone::Error) -> Failure {
    match error {
        cxone::Error::NotFound { detail } => Failure::dead_letter("unknown_contact", detail),
        cxone::Error::Invalid { detail } => Failure::dead_letter("refused_by_cxone", detail),
        error => {
            tracing::warn!(%error, "a call result goes back to the queue");
            Failure::Retry { not_before: error.retry_after() }
        }
    }
}
