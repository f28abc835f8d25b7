//! Zones of the campaigns: where they are, their local time, and whether people there may be called
//! now.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use chrono::{DateTime, DurationRound, FixedOffset, TimeDelta, Utc};
use outbound::{
    campaign::{CallingHours, CampaignRequest},
    law::{Call, Candidates, Closures, Decision, HousePolicy, Kinds, Ruling, Zone, decide},
    zone,
};
use platform::runs::Run;
use serde::Serialize;
use serde_json::Value;

use crate::stack::Description;

/// Zones, each with the longitude and the latitude of the place it is named after.
const PLACES: &str = include_str!("../../data/places.txt");
/// Code of findings that come from the hours of the house.
const HOUSE: &str = "house";
const CLOCK: &str = "%a %H:%M";

/// Terms on which campaigns call: their hours, their kinds of calls, and the policy of the house.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    /// Those of campaigns that are not named.
    usual: Call,
    named: BTreeMap<String, Call>,
}

/// Whether people in a zone may be called now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Calls {
    Allowed,
    /// In some states of the zone.
    AllowedInPart,
    Refused,
}

/// A zone of campaigns that call on the same terms.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownZone {
    zone: String,
    campaigns: BTreeSet<String>,
    /// Longitude and latitude in degrees; none of a zone without a place.
    place: Option<[f64; 2]>,
    /// Local time, with the zone's offset.
    local: DateTime<FixedOffset>,
    hours: String,
    calls: Calls,
    /// Rules that refuse, each in words.
    refused_by: Vec<String>,
    /// Local time at which calls are allowed again.
    next_allowed: Option<String>,
}

/// What the zones were asked, minute by minute, and what was answered.
#[derive(Default)]
pub(super) struct Zones {
    asked: Option<Asked>,
    shown: Vec<ShownZone>,
}

/// Zones, each with its campaigns on the same terms, and the minute.
#[derive(Debug, PartialEq)]
struct Asked {
    minute: DateTime<Utc>,
    zones: Vec<(Zone, Call, BTreeSet<String>)>,
}

impl Terms {
    /// The terms of a deployment. A campaign that its parameters do not name makes sales calls, for
    /// which there are the most rules.
    pub(super) fn of(description: &Description) -> anyhow::Result<Self> {
        let value = |name| description.parameter(name);
        let hours: CallingHours = value("CallingHours")?.parse().context("CallingHours")?;
        let closures: Closures = value("Closures")?.parse().context("Closures")?;
        let strictness = value("Strictness")?.parse().context("Strictness")?;
        let policy = HousePolicy { strictness, closures };
        let campaigns: Vec<Value> =
            serde_json::from_str(value("Campaigns")?).context("Campaigns")?;
        let read = campaigns.iter().map(|it| CampaignRequest::read(&it.into(), &hours));
        // One that cannot be read has no runs.
        let named = read.flatten().map(|it| (it.campaign_id.clone(), it.terms(&policy))).collect();
        let usual = Call {
            house: hours.into(),
            strictness: policy.strictness,
            closures: policy.closures.0,
            ..Call::new(Candidates::default(), Kinds::default())
        };
        Ok(Self { usual, named })
    }

    fn of_campaign(&self, id: &str) -> &Call {
        self.named.get(id).unwrap_or(&self.usual)
    }
}

impl Zones {
    /// The zones of the runs that are open or, if none is, of all: from west to east.
    pub(super) fn read(&mut self, runs: &[Run], terms: &Terms, now: DateTime<Utc>) -> &[ShownZone] {
        // What is refused changes at the full minute, and deciding takes its time.
        let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        let asked = Asked { minute, zones: zones(runs, terms) };
        if self.asked.as_ref() != Some(&asked) {
            self.shown = asked.zones.iter().map(|it| ShownZone::of(it, minute)).collect();
            self.shown.sort_by_key(|it| it.local.offset().local_minus_utc());
            self.asked = Some(asked);
        }
        &self.shown
    }
}

fn zones(runs: &[Run], terms: &Terms) -> Vec<(Zone, Call, BTreeSet<String>)> {
    let open: Vec<&Run> = runs.iter().filter(|run| run.ended.is_none()).collect();
    let chosen = if open.is_empty() { runs.iter().collect() } else { open };
    let mut zones: Vec<(Zone, Call, BTreeSet<String>)> = Vec::new();
    for Run { id, submissions, .. } in chosen {
        let call = terms.of_campaign(&id.campaign_id);
        for name in submissions.planned.union(&submissions.submitted) {
            let Ok(zone) = name.parse::<Zone>() else { continue };
            let known = zones.iter_mut().find(|(of, terms, _)| *of == zone && terms == call);
            match known {
                Some((.., campaigns)) => drop(campaigns.insert(id.campaign_id.clone())),
                None => zones.push((zone, call.clone(), [id.campaign_id.clone()].into())),
            }
        }
    }
    zones
}

impl ShownZone {
    fn of((zone, terms, campaigns): &(Zone, Call, BTreeSet<String>), now: DateTime<Utc>) -> Self {
        let candidates = Candidates::of(None, &[*zone], &[]);
        let decision = decide(&Call { candidates, ..terms.clone() }, now);
        let local = |at| zone::local(zone.0, at);
        let next_allowed = decision.next_allowed.filter(|_| !decision.allowed);
        Self {
            zone: zone.0.name().to_owned(),
            campaigns: campaigns.clone(),
            place: place(zone.0.name()),
            local: local(now),
            hours: terms.house.to_string(),
            calls: calls(&decision),
            refused_by: refused_by(&decision),
            next_allowed: next_allowed.map(|at| local(at).format(CLOCK).to_string()),
        }
    }
}

fn place(zone: &str) -> Option<[f64; 2]> {
    let rows = PLACES.lines().filter_map(|row| row.strip_prefix(zone)?.strip_prefix(' '));
    let (x, y) = rows.into_iter().next()?.split_once(' ')?;
    Some([x.parse().ok()?, y.parse().ok()?])
}

/// Of the contacts of a zone nothing is known here but the zone, so its states differ.
fn calls(decision: &Decision) -> Calls {
    if decision.allowed {
        return Calls::Allowed;
    }
    let refusing = decision.findings.iter().filter(|it| it.ruling == Ruling::Refuses);
    let refusing: BTreeSet<&str> = refusing.map(|it| it.code.as_ref()).collect();
    let is_state = |code: &str| code.contains('-');
    let candidates = decision.call.candidates.jurisdictions().map(|(code, _)| code.as_str());
    let is_free = candidates.into_iter().any(|code| is_state(code) && !refusing.contains(code));
    let in_part = is_free && refusing.iter().all(|code| is_state(code));
    if in_part { Calls::AllowedInPart } else { Calls::Refused }
}

/// The rules that refuse. Where the house is closed, no other counts.
fn refused_by(decision: &Decision) -> Vec<String> {
    let refusing = decision.findings.iter().filter(|it| it.ruling == Ruling::Refuses);
    if refusing.clone().any(|it| it.code == HOUSE) {
        return Vec::new();
    }
    let words = refusing.map(|it| {
        let reasons: Vec<String> = it.reasons.iter().map(ToString::to_string).collect();
        format!("{}: {}", it.code, reasons.join("; "))
    });
    words.collect()
}

#[cfg(test)]
mod tests;
