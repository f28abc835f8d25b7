//! The starts of campaigns that CXone may have called a number for.
//!
//! CXone does not tell what a call was made for. It was made in a window that was submitted, so the
//! evidence is the decisions on the windows that were open then, where the number may be.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use outbound::{called_party::CalledParty, law::Candidates, zone};
use platform::called_parties::{CalledPartyError, DecidedStart, Decisions};

/// The decisions behind the calls that CXone made by itself, each once.
pub(super) async fn of(
    decisions: &Decisions,
    party: &CalledParty,
) -> Result<Vec<DecidedStart>, CalledPartyError> {
    let candidates = Candidates::of(Some(&party.phone_number), &[], &[]);
    let mut starts = BTreeMap::new();
    for call in &party.dialed {
        for start in near(decisions.windows_of_call(call.at).await?, &candidates, call.at) {
            let key = (start.start, start.campaign_id.clone(), start.time_zone.clone());
            starts.insert(key, start);
        }
    }
    Ok(starts.into_values().collect())
}

/// Those in zones with the clocks of the number, or all if there are none: its owner has moved.
fn near(
    mut windows: Vec<DecidedStart>,
    candidates: &Candidates,
    at: DateTime<Utc>,
) -> Vec<DecidedStart> {
    let clocks: Vec<_> = candidates.zones().map(|it| zone::offset_at(it.0, at)).collect();
    let is_near = |start: &DecidedStart| {
        let zone = start.time_zone.parse().ok();
        zone.is_some_and(|zone| clocks.contains(&zone::offset_at(zone, at)))
    };
    if windows.iter().any(is_near) {
        windows.retain(is_near);
    }
    windows
}
