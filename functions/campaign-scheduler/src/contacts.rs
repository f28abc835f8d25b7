//! Which time zones a campaign's contacts are in.

use std::time::Duration;

use outbound::campaign::{CampaignContact, CampaignRequest, Zones};
use platform::idempotency::{self, Claim, Ticket};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{CampaignScheduler, FUNCTION, Moment};

/// How long the zones that were read are good for: a million contacts are not read every few
/// minutes.
const ZONES_KEPT: Duration = Duration::from_mins(30);
/// After so many pages it is stored how far the reading came.
const PAGES_PER_STEP: u32 = 25;

/// How far the reading of a campaign's contacts has come.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Reading {
    pages_read: u32,
    zones: Zones,
}

impl CampaignScheduler {
    /// The zones of the campaign's contacts: those in the request, or those that CXone has.
    ///
    /// When they cannot be known now, says why. What was read so far is not lost.
    pub(crate) async fn zones(
        &self,
        campaign: &CampaignRequest,
        moment: Moment,
    ) -> Result<Zones, String> {
        if let Some(contacts) = &campaign.contacts {
            return Ok(zones_of(contacts));
        }
        let id = &campaign.campaign_id;
        let key = idempotency::key(FUNCTION, &json!({ "contactsOf": id }));
        let claim = self.idempotency.claim(&key, &json!(id), moment.lease, ZONES_KEPT).await;
        match claim.map_err(|error| error.to_string())? {
            Claim::Won(ticket) => self.read_zones(ticket, id, moment).await,
            Claim::Replay(zones) => {
                serde_json::from_value(zones).map_err(|error| format!("stored zones: {error}"))
            }
            Claim::InProgress { .. } | Claim::Mismatch => {
                Err("another invocation is reading the contacts".to_owned())
            }
        }
    }

    async fn read_zones(
        &self,
        mut ticket: Ticket,
        campaign: &str,
        moment: Moment,
    ) -> Result<Zones, String> {
        let stored = ticket.progress().cloned();
        let mut reading: Reading =
            stored.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default();
        let read = self.read_pages(&mut ticket, &mut reading, campaign, moment).await;
        if let Err(why) = read {
            let saved = ticket.save_progress(json!(reading)).await;
            let released = match saved {
                Ok(()) => ticket.release().await,
                Err(error) => Err(error),
            };
            if let Err(error) = released {
                tracing::warn!(%error, campaign, "the contacts are blocked until the lease lapses");
            }
            let pages_read = reading.pages_read;
            return Err(format!("after {pages_read} pages of contacts: {why}"));
        }
        if let Err(error) = ticket.complete(&json!(reading.zones)).await {
            tracing::warn!(%error, campaign, "the contacts will be read again");
        }
        Ok(reading.zones)
    }

    async fn read_pages(
        &self,
        ticket: &mut Ticket,
        reading: &mut Reading,
        campaign: &str,
        moment: Moment,
    ) -> Result<(), String> {
        loop {
            let page = reading.pages_read + 1;
            let read = self.cxone.list_contacts(campaign, page, moment.ends_at).await;
            let contacts_page = read.map_err(|error| error.to_string())?;
            for contact in &contacts_page.contacts {
                reading.zones.add(&contact.id, contact.time_zone.as_deref());
            }
            reading.pages_read = page;
            if page >= contacts_page.pages {
                return Ok(());
            }
            if page.is_multiple_of(PAGES_PER_STEP) {
                ticket.save_progress(json!(reading)).await.map_err(|error| error.to_string())?;
            }
        }
    }
}

fn zones_of(contacts: &[CampaignContact]) -> Zones {
    let mut zones = Zones::default();
    for contact in contacts {
        zones.add(&contact.id, contact.time_zone.as_deref());
    }
    zones
}
