//! Reasons why CXone must not call one contact of a campaign.

use chrono::{DateTime, Utc};

use super::{CampaignContact, CampaignRequest};
use crate::{
    Region,
    called_party::{CalledParty, CapReached},
    fields::trimmed,
    law::{self, Call, Candidates, HousePolicy, Zone},
};

/// Reason why CXone must not call a contact, although it would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bar {
    /// It opted out of such calls.
    OptedOut,
    /// A limit leaves it no attempt at a start.
    NoAttemptLeft(Box<CapReached>),
}

impl CampaignRequest {
    /// The limit that leaves a contact no attempt at one of the starts in its zone after one instant
    /// and no later than another. `None` for a contact whose zone or number cannot be read: it has no
    /// start, or nobody knows whom it calls.
    pub fn cap_reached(
        &self,
        contact: &CampaignContact,
        party: &CalledParty,
        region: Region,
        (after, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Option<Box<CapReached>> {
        if !party.has_attempts() {
            return None;
        }
        let number = contact.number(region)?;
        let zone = trimmed(contact.time_zone.as_deref()?).parse().ok()?;
        let candidates = Candidates::of(Some(&number), &[Zone(zone)], &contact.places());
        let call = Call { candidates, ..self.terms(&HousePolicy::default()) };
        let next = |after| self.recurrence.next(after, zone).map(|start| start.at.to_utc());
        let starts = std::iter::successors(next(after), |start| next(*start));
        starts.take_while(|start| *start <= until).find_map(|start| {
            party.attempts_left(&law::limits(&call, start), &call.kinds, start, 1).err()
        })
    }
}

#[cfg(test)]
mod tests;
