//! Time zones of a campaign's contacts, and their places in each.

mod reading;

use std::time::Duration;

use outbound::{
    Region,
    campaign::{CampaignContact, CampaignRequest, Zones},
};
use platform::{
    function::Function,
    idempotency::{self, IdempotencyError},
    once::{NotDone, Request, StepFailure, Steps},
};
use serde_json::json;

use crate::{CampaignScheduler, InvocationTime};
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
            return Ok(zones_of(contacts, self.region));
        }
        let id = &campaign.campaign_id;
        let key = idempotency::key(Self::NAME, &json!({ "contactsOf": id }));
        let request =
            Request { key: &key, identity: &json!(id), lease: invoked.lease, keep_for: ZONES_KEPT };
        let read = async |steps: &mut Steps| self.read_zones(steps, id, invoked).await;
        let zones = self.idempotency.once(request, read).await;
        Ok(zones?.into_answer())
    }

    async fn read_zones(
        &self,
        steps: &mut Steps,
        campaign: &str,
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
        campaign: &str,
        invoked: InvocationTime,
    ) -> Result<(), Unknown> {
        loop {
            let page = reading.next_page();
            let contacts = self.cxone.list_contacts(campaign, page, invoked.ends_at).await?;
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
