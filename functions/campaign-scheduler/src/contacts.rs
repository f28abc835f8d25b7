//! Which time zones a campaign's contacts are in.

use std::time::Duration;

use outbound::campaign::{CampaignContact, CampaignRequest, Zones};
use platform::{
    function::Function,
    idempotency,
    once::{Once, Request, Steps},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{CampaignScheduler, Moment};

/// How long the zones that were read are good for: a million contacts are not read every few
/// minutes.
const ZONES_KEPT: Duration = Duration::from_mins(30);
/// After so many pages it is stored how far the reading came.
const PAGES_PER_STEP: u32 = 25;

/// The step that reads.
const READING: &str = "reading";

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
        let key = idempotency::key(Self::NAME, &json!({ "contactsOf": id }));
        let request =
            Request { key: &key, identity: &json!(id), lease: moment.lease, keep_for: ZONES_KEPT };
        let read = async |steps: &mut Steps| self.read_zones(steps, id, moment).await;
        let zones = self.idempotency.once(request, read).await;
        zones.map(Once::into_answer).map_err(|why| why.to_string())
    }

    async fn read_zones(
        &self,
        steps: &mut Steps,
        campaign: &str,
        moment: Moment,
    ) -> Result<Zones, String> {
        let mut reading: Reading = steps.recall(READING).unwrap_or_default();
        let read = self.read_pages(steps, &mut reading, campaign, moment).await;
        if let Err(why) = read {
            steps.remember(READING, &reading).await?;
            return Err(format!("after {} pages of contacts: {why}", reading.pages_read));
        }
        Ok(reading.zones)
    }

    async fn read_pages(
        &self,
        steps: &mut Steps,
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
                steps.remember(READING, &reading).await?;
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
