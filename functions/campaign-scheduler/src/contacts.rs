//! Time zones of a campaign's contacts, and their places in each.

mod reading;

use std::{collections::BTreeSet, ops::RangeInclusive, time::Duration};

use chrono::{DateTime, Utc};
use outbound::{
    E164, Region,
    campaign::{Bar, CampaignContact, CampaignRequest, Zones},
    law::Kinds,
};
use platform::{
    called_parties::{CalledPartyError, Known},
    function::Function,
    idempotency::{self, IdempotencyError},
    once::{NotDone, Request, StepFailure, Steps},
};
use serde_json::json;

use crate::{CampaignScheduler, InvocationTime, plan::AHEAD_MAX};
use reading::Reading;

/// Time that the zones of a campaign are kept: a million contacts are not read every few minutes.
const ZONES_KEPT: Duration = Duration::from_mins(30);
/// After so many pages it is stored how far the reading came.
const PAGES_PER_STEP: u32 = 25;

/// The step that reads.
const READING: &str = "reading";

/// Reason why the zones of a campaign are unknown. All but the first need a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// The next invocation goes on where this one stopped.
    NotYet(String),
    /// The next invocation goes on, but none has come any further for a long time.
    Stuck(String),
    /// The contacts cannot be read. The next invocation begins anew.
    Unreadable(String),
}

impl CampaignScheduler {
    /// The zones of the campaign's contacts: those in the request, or those that CXone has.
    ///
    /// Pages read before a failure are not lost.
    pub(crate) async fn zones(
        &self,
        campaign: &CampaignRequest,
        invoked: InvocationTime,
    ) -> Result<Zones, Unknown> {
        if let Some(contacts) = &campaign.contacts {
            let mut contacts = contacts.clone();
            self.bar(&mut contacts, campaign, invoked).await?;
            return Ok(zones_of(&contacts, self.region));
        }
        let id = &campaign.campaign_id;
        // What is known of the contacts depends on what the calls are about.
        let about = json!({ "contactsOf": id, "purpose": campaign.kinds });
        let key = idempotency::key(Self::NAME, &about);
        let request =
            Request { key: &key, identity: &json!(id), lease: invoked.lease, keep_for: ZONES_KEPT };
        let read = async |steps: &mut Steps| self.read_zones(steps, campaign, invoked).await;
        let zones = self.idempotency.once(request, read).await;
        Ok(zones?.into_answer())
    }

    async fn read_zones(
        &self,
        steps: &mut Steps,
        campaign: &CampaignRequest,
        invoked: InvocationTime,
    ) -> Result<Zones, Unknown> {
        let mut reading = Reading::recalled(|name| steps.recall(name), READING, invoked.now);
        let read = self.read_pages(steps, &mut reading, campaign, invoked).await;
        if let Err(why) = read {
            let why = reading.judged(&why, invoked.now);
            if !why.is_final() {
                steps.remember(READING, &reading).await?;
            }
            return Err(why);
        }
        Ok(reading.into_zones())
    }

    async fn read_pages(
        &self,
        steps: &mut Steps,
        reading: &mut Reading,
        campaign: &CampaignRequest,
        invoked: InvocationTime,
    ) -> Result<(), Unknown> {
        loop {
            let page = reading.next_page();
            let id = &campaign.campaign_id;
            let mut contacts = self.cxone.list_contacts(id, page, invoked.ends_at).await?;
            self.bar(&mut contacts.contacts, campaign, invoked).await?;
            let pages = contacts.pages;
            reading.add(contacts, self.region, invoked.now).map_err(Unknown::Unreadable)?;
            if page >= pages {
                return Ok(());
            }
            if page.is_multiple_of(PAGES_PER_STEP) {
                steps.remember(READING, &reading).await?;
            }
        }
    }

    /// Notes of each contact why CXone must not call it: it opted out of such calls and is neither on
    /// the DNC list nor on its way there, or it has no attempt left. Without an answer of the ledger
    /// there is no campaign.
    async fn bar(
        &self,
        contacts: &mut [CampaignContact],
        campaign: &CampaignRequest,
        invoked: InvocationTime,
    ) -> Result<(), Unknown> {
        let number = |contact: &CampaignContact| contact.number(self.region);
        let numbers: BTreeSet<E164> = contacts.iter().filter_map(number).collect();
        let numbers: Vec<E164> = numbers.into_iter().collect();
        let known = self.called_parties.read_all(&numbers).await?;
        // Until these contacts are read anew, starts until then are submitted.
        let latest = invoked.now + ZONES_KEPT + AHEAD_MAX;
        let calls = invoked.now..=latest + campaign.window;
        for contact in contacts {
            let Some(known) = number(contact).and_then(|number| known.get(&number)) else {
                continue;
            };
            contact.bar = if is_to_be_left_alone(known, &campaign.kinds, calls.clone()) {
                Some(Bar::OptedOut)
            } else {
                let starts = (invoked.now, latest);
                let cap = campaign.cap_reached(contact, &known.party, self.region, starts);
                cap.map(Bar::NoAttemptLeft)
            };
        }
        Ok(())
    }
}

/// Returns whether someone opted out of such calls, or a consent to them ends before the last call may
/// be made, and CXone would call all the same.
fn is_to_be_left_alone(known: &Known, kinds: &Kinds, calls: RangeInclusive<DateTime<Utc>>) -> bool {
    let (now, last) = calls.into_inner();
    let forbidden_from = known.party.forbidden_from(known.opt_out().as_ref(), kinds, now);
    forbidden_from.is_some_and(|at| at <= last) && !known.is_on_the_way_to_the_list(now)
}

fn zones_of(contacts: &[CampaignContact], region: Region) -> Zones {
    let mut zones = Zones::default();
    for contact in contacts {
        zones.add(contact, region);
    }
    zones
}

impl StepFailure for Unknown {
    fn is_final(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

impl From<cxone::Error> for Unknown {
    fn from(error: cxone::Error) -> Self {
        use cxone::Error::{Ambiguous, Forbidden, RateLimited, Transient, Unauthorized};
        match error {
            // Refused credentials have an alarm of their own.
            RateLimited { .. }
            | Transient { .. }
            | Ambiguous { .. }
            | Unauthorized { .. }
            | Forbidden { .. } => Self::NotYet(error.to_string()),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

impl From<CalledPartyError> for Unknown {
    fn from(error: CalledPartyError) -> Self {
        Self::Stuck(error.to_string())
    }
}

/// A failure to store progress is reported as stuck: nothing else reports it.
impl From<IdempotencyError> for Unknown {
    fn from(error: IdempotencyError) -> Self {
        Self::Stuck(error.to_string())
    }
}

impl From<NotDone<Self>> for Unknown {
    fn from(why: NotDone<Self>) -> Self {
        match why {
            NotDone::Failed(why) => why,
            NotDone::InProgress { .. } => Self::NotYet(why.to_string()),
            NotDone::KeyReused | NotDone::NotStored(_) => Self::Stuck(why.to_string()),
        }
    }
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::NotYet(why) | Self::Stuck(why) | Self::Unreadable(why)) = self;
        f.write_str(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permanent_failures_are_distinguished_from_transient_ones() {
        use cxone::Error;
        let detail = || "no such campaign".to_owned();
        for error in [
            Error::NotFound { detail: detail() },
            Error::Invalid { detail: detail() },
            Error::Unexpected { status: 200, detail: detail() },
        ] {
            assert!(matches!(Unknown::from(error), Unknown::Unreadable(_)));
        }
        for error in [
            Error::RateLimited { retry_after: None },
            Error::Transient { detail: detail(), retry_after: None, sent: true },
            Error::Unauthorized { detail: detail() },
        ] {
            assert!(matches!(Unknown::from(error), Unknown::NotYet(_)));
        }
    }
}
