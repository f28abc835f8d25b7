//! Contacts of a campaign. CXone assigns zones to records itself, and a list has no end of customers:
//! a campaign only needs to know the zones, so each is answered as one contact without a number.

use std::collections::BTreeSet;

use ambient::Instant;

use futures::future::try_join_all;
use outbound::campaign::CampaignContact;

use super::{
    Acd, Operation,
    hours::ZoneHours,
    skill::SkillSettings,
    zones::{ListedZone, iana_name},
};
use crate::{ContactsPage, Error};

impl Acd {
    pub(crate) async fn list_contacts(
        &self,
        campaign: &str,
        page: u32,
        until: Instant,
    ) -> Result<ContactsPage, Error> {
        let zones = match (&self.settings.zones.0[..], page) {
            (_, 2..) => vec![],
            ([], _) => self.zones_of(campaign, until).await?,
            (listed, _) => listed.to_vec(),
        };
        let contact = |zone: ListedZone| CampaignContact {
            id: format!("zone:{}", zone.name),
            time_zone: Some(zone.iana),
            ..CampaignContact::default()
        };
        let contacts = zones.into_iter().map(contact).collect();
        Ok(ContactsPage { contacts, unreadable: 0, pages: 1 })
    }

    /// The zones that a campaign's skills may call, less those that are closed for the tenant. One
    /// that has no IANA name keeps its own, which the scheduler reports.
    async fn zones_of(&self, campaign: &str, until: Instant) -> Result<Vec<ListedZone>, Error> {
        let skills = self.settings.skills.of(campaign)?;
        let settings = skills.iter().map(|skill| self.skill_settings(*skill, until));
        let settings = try_join_all(settings).await?;
        let closed = self.closed_zones(until).await;
        let rows = settings.into_iter().filter_map(|it| it.time_zone_settings).flatten();
        let open = rows.filter(|row| row.is_active() && !row.standard_name.is_empty());
        let names: BTreeSet<String> =
            open.map(|row| row.standard_name).filter(|name| !closed.contains(name)).collect();
        let listed = |name: String| {
            let iana = iana_name(&name).map_or_else(|| name.clone(), str::to_owned);
            ListedZone { name, iana }
        };
        Ok(names.into_iter().map(listed).collect())
    }

    /// Zones that are closed for the whole tenant, as far as that can be read: it takes a permission
    /// of its own.
    async fn closed_zones(&self, until: Instant) -> BTreeSet<String> {
        let read = async {
            let reply = self.find(Operation::BusinessUnitTimeZones, &[], &[], until).await?;
            reply.read_private::<SkillSettings>("no time zones")
        };
        let rows = match read.await {
            Ok(settings) => settings.time_zone_settings.unwrap_or_default(),
            Err(error) => {
                tracing::debug!(%error, "the time zones of the tenant cannot be read");
                vec![]
            }
        };
        rows.into_iter().filter(ZoneHours::is_closed).map(|row| row.standard_name).collect()
    }
}
