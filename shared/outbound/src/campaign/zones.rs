//! The zones that a campaign's contacts live in.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{CampaignContact, Sites};
use crate::{Region, fields::trimmed, law::Zone};

/// Most names of unknown zones that are kept.
const REJECTED_MAX: usize = 50;
/// The longest such name that is kept, in characters.
const NAME_LENGTH_MAX: usize = 64;

/// The zones of contacts who are shown one at a time. Its size depends on the zones, not on how
/// many contacts there are, and it can be stored on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Zones {
    #[serde(with = "names")]
    known: BTreeMap<&'static str, Tz>,
    rejected: Vec<RejectedZone>,
    unnamed_rejections: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    unreadable: u64,
    /// Of the zones of whose contacts more than the zone is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    sites: BTreeMap<Zone, Sites>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_none(contacts: &u64) -> bool {
    *contacts == 0
}

/// A zone that no contact can be called in, since its time is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectedZone {
    /// Its name as it was written, cut to 64 characters. Empty if there was none.
    pub time_zone: String,
    /// Number of contacts in it.
    pub contacts: u64,
    /// The id of the first of them.
    pub first_contact: String,
}

impl Zones {
    /// Counts a contact in. One whose zone is missing or has no IANA name is rejected. A number
    /// without a country code is one of `region`.
    pub fn add(&mut self, contact: &CampaignContact, region: Region) {
        let name = trimmed(contact.time_zone.as_deref().unwrap_or_default());
        match name.parse::<Tz>() {
            Ok(zone) => self.place(zone, contact, region),
            Err(_) => self.reject(&contact.id, name.chars().take(NAME_LENGTH_MAX).collect()),
        }
    }

    fn place(&mut self, zone: Tz, contact: &CampaignContact, region: Region) {
        let is_first = self.known.insert(zone.name(), zone).is_none();
        let (number, places) = (contact.number(region), contact.places());
        let is_sited = number.is_some() || !places.is_empty();
        // Of a zone that is not among them, every contact is known by the zone alone.
        if is_sited || self.sites.contains_key(&Zone(zone)) {
            let new = || if is_first { Sites::default() } else { Sites::of_zone() };
            let sites = self.sites.entry(Zone(zone)).or_insert_with(new);
            sites.add(Zone(zone), number.as_ref(), &places);
            if let Some(bar) = &contact.bar {
                sites.bar(bar);
            }
        }
    }

    /// Places of the contacts of a zone.
    pub fn sites(&self, zone: Tz) -> Sites {
        self.sites.get(&Zone(zone)).cloned().unwrap_or_else(Sites::of_zone)
    }

    /// Counts contacts of whom not even the id can be read.
    pub fn leave_out(&mut self, contacts: u64) {
        self.unreadable += contacts;
    }

    fn reject(&mut self, contact_id: &str, time_zone: String) {
        if let Some(same) = self.rejected.iter_mut().find(|it| it.time_zone == time_zone) {
            same.contacts += 1;
        } else if self.rejected.len() < REJECTED_MAX {
            let first_contact = contact_id.to_owned();
            self.rejected.push(RejectedZone { time_zone, contacts: 1, first_contact });
        } else {
            self.unnamed_rejections += 1;
        }
    }

    /// The zones in which contacts can be called, sorted by name.
    pub fn known(&self) -> impl Iterator<Item = Tz> {
        self.known.values().copied()
    }

    /// The zones in which contacts cannot be called, in the order they were met, at most 50.
    pub fn rejected(&self) -> &[RejectedZone] {
        &self.rejected
    }

    /// Number of contacts that were rejected whose zones are not among [`Zones::rejected`].
    pub fn unnamed_rejections(&self) -> u64 {
        self.unnamed_rejections
    }

    /// Number of contacts that cannot be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }
}

/// Zones are stored by their names alone.
mod names {
    use super::{BTreeMap, Deserialize, Deserializer, Error, Serializer, Tz};

    pub(super) fn serialize<S: Serializer>(
        zones: &BTreeMap<&'static str, Tz>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(zones.keys())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<&'static str, Tz>, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .iter()
            .map(|name| {
                name.parse::<Tz>().map(|zone| (zone.name(), zone)).map_err(D::Error::custom)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
