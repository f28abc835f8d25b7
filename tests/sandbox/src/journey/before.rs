//! State of CXone before the journey.

use std::collections::{BTreeMap, BTreeSet};

use outbound::Tz;
use serde::Deserialize;

use crate::{
    DNC_LIST, Sandbox,
    cxone::{
        Api, ConflictId, ContactList,
        acd::{DNC_GROUP, Number, Tenant, Zone, traits::Verdict},
    },
};

/// State of CXone before the journey.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CxoneBefore {
    #[serde(default)]
    refused: BTreeMap<String, String>,
    #[serde(default)]
    conflicts: BTreeMap<String, ConflictId>,
    /// Campaigns or numbers whose contacts are refused, with CXone's message.
    #[serde(default)]
    refused_contacts: BTreeMap<String, String>,
    /// The zones of the contacts of campaigns, a contact each.
    #[serde(default)]
    contact_zones: BTreeMap<String, Vec<String>>,
    /// Number of calls that campaigns make.
    #[serde(default)]
    calls: BTreeMap<String, u64>,
    /// Contacts that are there already, with their numbers.
    #[serde(default)]
    pub(super) contacts: BTreeMap<String, String>,
    /// Zones or campaigns whose schedules are refused, with CXone's message.
    #[serde(default)]
    refused_schedules: BTreeMap<String, String>,
}

impl CxoneBefore {
    /// Brings CXone into this state, whatever API the functions speak. `zones` are those in which
    /// campaigns call.
    pub(super) fn prepare(&self, sandbox: &Sandbox, zones: &BTreeMap<String, BTreeSet<String>>) {
        match sandbox.cxone.api() {
            Api::V2 => self.prepare_v2(sandbox),
            Api::Acd => self.prepare_tenant(&mut sandbox.cxone.tenant(), zones),
        }
    }

    fn prepare_v2(&self, sandbox: &Sandbox) {
        sandbox.cxone.edit_dnc_list(DNC_LIST, |list| {
            list.refused.clone_from(&self.refused);
            list.conflicts.clone_from(&self.conflicts);
        });
        for (what, message) in &self.refused_contacts {
            sandbox.cxone.refuse_contacts(what, message);
        }
        for (id, phone) in &self.contacts {
            sandbox.cxone.add_contact(id, Some(phone)).expect("an id");
        }
        for (what, message) in &self.refused_schedules {
            sandbox.cxone.refuse_schedules(what, message);
        }
        for (campaign, zones) in &self.contact_zones {
            let contact = |(index, zone): (usize, &String)| {
                (format!("{campaign}-{index}"), Some(zone.clone()))
            };
            let contacts = zones.iter().enumerate().map(contact).collect();
            sandbox.cxone.set_contact_list(campaign, ContactList::of(contacts));
        }
        for (campaign, calls) in &self.calls {
            sandbox.cxone.plan_calls(campaign, *calls);
        }
    }

    /// What the API v2 calls a conflict is here a number that cannot be listed again. A campaign is
    /// refused by its skill, and a zone is refused by having no hours.
    pub(super) fn prepare_tenant(
        &self,
        tenant: &mut Tenant,
        zones: &BTreeMap<String, BTreeSet<String>>,
    ) {
        let number = |text: &String| Number::read(text);
        for (text, message) in &self.refused {
            tenant.refused.extend(number(text).map(|number| (number, message.clone())));
        }
        tenant.traits.dnc.repeated = Verdict::Refused;
        for number in self.conflicts.keys().filter_map(number) {
            tenant.list(DNC_GROUP, number);
        }
        for (id, phone) in &self.contacts {
            if let Ok(id) = id.parse() {
                tenant.add_contact(id, number(phone));
            }
        }
        for skill in tenant.skills.values_mut() {
            skill.refuses_callbacks = self.refused_contacts.get(&skill.name).cloned();
            skill.hours.retain(|hours| !self.is_refused(hours.zone));
        }
        for (campaign, zones) in zones {
            let in_cxone = self.contact_zones.get(campaign);
            let zones = in_cxone.into_iter().flatten().chain(zones).filter_map(|it| zone_of(it));
            // As with the other API, all calls are made where a schedule is taken.
            let zones: Vec<&'static Zone> =
                zones.filter(|zone| !self.is_refused(zone.name)).collect();
            tenant.plan_calls(campaign, &zones, self.calls.get(campaign).copied());
            if in_cxone.is_some() {
                tenant.narrow_hours(campaign, &zones);
            }
        }
    }

    fn is_refused(&self, zone: &str) -> bool {
        let mut refused = self.refused_schedules.keys().filter_map(|name| zone_of(name));
        refused.any(|refused| refused.name == zone)
    }
}

/// The zone of the tenant for the name of one of the IANA.
fn zone_of(name: &str) -> Option<&'static Zone> {
    Zone::of(name.parse::<Tz>().ok()?)
}
