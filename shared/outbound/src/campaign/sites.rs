//! Places of the contacts of one zone, as far as numbers and addresses show them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Bar, CampaignContact};
use crate::{
    E164, Region,
    law::{Call, Candidates, Doubt, Jurisdiction, Origin, Place, Zone},
    zone,
};

/// Instants in winter and in summer at which clocks are compared: the middle of January and of July
/// 2026, in seconds.
const COMPARED_AT: [i64; 2] = [1_768_435_200, 1_784_073_600];

/// Jurisdictions of the contacts of one zone, each with the clocks that its contacts may live by.
///
/// Its size depends on the world, not on the number of contacts. The decision loses nothing by it:
/// all rules of a contact's jurisdictions apply on all its clocks, so a window that each pair of a
/// jurisdiction and a clock allows is one that each contact's candidates allow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sites {
    /// Clocks beside that of the zone.
    jurisdictions: BTreeMap<Jurisdiction, BTreeSet<Zone>>,
    /// True if of some contact nothing but the zone is known.
    zone_alone: bool,
    contradicting: u64,
    without_place: u64,
    opted_out: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_attempt: Option<WithoutAttempt>,
}

/// Contacts to whom a limit leaves no attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WithoutAttempt {
    /// Number of them.
    pub contacts: u64,
    /// The limit of the first of them, with its citation and what counts towards it.
    pub limit: String,
}

impl Sites {
    /// Those of contacts of whom nothing but the zone is known.
    pub fn of_zone() -> Self {
        Self { zone_alone: true, ..Self::default() }
    }

    /// Adds a contact of a zone.
    pub(super) fn add(&mut self, zone: Zone, number: Option<&E164>, places: &[Place]) {
        if number.is_none() && places.is_empty() {
            self.zone_alone = true;
            return;
        }
        let candidates = Candidates::of(number, &[zone], places);
        if candidates.doubts().any(|doubt| doubt == Doubt::NumberWithoutPlace) {
            self.without_place += 1;
            return;
        }
        if number.is_some_and(|number| contradicts(number, zone)) {
            self.contradicting += 1;
        }
        for (jurisdiction, _) in candidates.jurisdictions() {
            let others = candidates.zones().filter(|other| *other != zone);
            if let Some(clocks) = self.jurisdictions.get_mut(jurisdiction) {
                clocks.extend(others);
            } else {
                self.jurisdictions.insert(jurisdiction.clone(), others.collect());
            }
        }
    }

    /// Number of contacts whose number is of other clocks than their zone's.
    pub fn contradicting(&self) -> u64 {
        self.contradicting
    }

    /// Counts a contact that must not be called.
    pub(super) fn bar(&mut self, bar: &Bar) {
        match bar {
            Bar::OptedOut => self.opted_out += 1,
            Bar::NoAttemptLeft(cap) => {
                let new = || WithoutAttempt { contacts: 0, limit: cap.to_string() };
                self.without_attempt.get_or_insert_with(new).contacts += 1;
            }
        }
    }

    /// Number of contacts that opted out of such calls, and that CXone would call.
    pub fn opted_out(&self) -> u64 {
        self.opted_out
    }

    /// Contacts to whom a limit leaves no attempt at a start.
    pub fn without_attempt(&self) -> Option<&WithoutAttempt> {
        self.without_attempt.as_ref()
    }

    /// Number of contacts with a number without a place, such as a toll-free one, and without an
    /// address.
    pub fn without_place(&self) -> u64 {
        self.without_place
    }

    /// One call on these terms for each jurisdiction: under its rules and those of its country, on
    /// its clocks.
    pub(super) fn calls(&self, zone: Zone, terms: &Call) -> Vec<(Jurisdiction, Call)> {
        let mut sites = self.jurisdictions.clone();
        if self.zone_alone {
            for (jurisdiction, _) in Candidates::of(None, &[zone], &[]).jurisdictions() {
                sites.entry(jurisdiction.clone()).or_default();
            }
        }
        let call = |jurisdiction: &Jurisdiction, clocks: &BTreeSet<Zone>| {
            let mut candidates = Candidates::default();
            for code in sites
                .keys()
                .filter(|it| *it == jurisdiction || it.as_str() == jurisdiction.country())
            {
                candidates.add_jurisdiction(code.clone(), Origin::Place);
            }
            clocks.iter().copied().chain([zone]).for_each(|clock| candidates.add_zone(clock));
            Call { candidates, ..terms.clone() }
        };
        sites.iter().map(|(code, clocks)| (code.clone(), call(code, clocks))).collect()
    }
}

/// Returns whether a zone is a place: `UTC` and `Etc/GMT+5` are clocks without one.
pub fn is_place(zone: Zone) -> bool {
    Candidates::of(None, &[zone], &[]).doubts().next().is_none()
}

/// Returns whether the clocks of a place are those of no zone of the number, in winter or in summer.
fn contradicts(number: &E164, stated: Zone) -> bool {
    let clocks = |zone: Zone| {
        COMPARED_AT.map(|at| {
            let at = DateTime::<Utc>::from_timestamp(at, 0).unwrap_or_default();
            zone::offset_at(zone.0, at)
        })
    };
    let of_number = Candidates::of(Some(number), &[], &[]);
    is_place(stated)
        && of_number.zones().all(|zone| zone != stated)
        && of_number.zones().all(|zone| clocks(zone) != clocks(stated))
}

impl CampaignContact {
    /// The number, if it can be read.
    pub fn number(&self, region: Region) -> Option<E164> {
        let written = self.phone_number.as_deref()?;
        written.parse().ok().or_else(|| E164::parse(written, region).ok())
    }

    /// Places that the contact's state and postal code name, if they can be read.
    pub(super) fn places(&self) -> Vec<Place> {
        let country = self.country.as_deref();
        let state = self.state.as_deref().and_then(|state| {
            let whole = || Place::of_code(&format!("{}-{state}", country?)).ok();
            state.contains('-').then(|| Place::of_code(state).ok()).flatten().or_else(whole)
        });
        let of_state = self.state.as_deref().and_then(|state| state.split_once('-'));
        let country = country.or(of_state.map(|(country, _)| country));
        let postal_code = self.postal_code.as_deref();
        let postal = postal_code.and_then(|code| Place::of_postal_code(country?, code).ok());
        state.into_iter().chain(postal).collect()
    }
}
