//! The part of a calling window that the law allows for the places really present in a zone.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{CallingWindow, Sites};
use crate::{
    law::{self, Call, Interval, Jurisdiction, Ruling, Zone},
    zone,
};

/// Most steps in the search for an instant that all jurisdictions allow.
const STEPS_MAX: usize = 64;

/// A window that the law allows, for every contact of the zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawfulWindow {
    /// The window.
    pub window: CallingWindow,
    /// What the law cut from its end.
    pub cut: Option<Cut>,
}

/// What the law cut from the end of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Length of the part, in minutes.
    pub minutes: i64,
    /// Rules that cut it, with citation and reason.
    pub rules: Vec<String>,
    /// Minutes that each jurisdiction would have more, if it had a campaign of its own.
    pub gains: Vec<(Jurisdiction, i64)>,
}

/// A campaign would start when the law bans calls to contacts of the zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlawful {
    /// Rules that ban it, with citation and reason.
    pub rules: Vec<String>,
    /// The first instant at which calls to all contacts of the zone are allowed, if there is one
    /// within a year.
    pub next_allowed: Option<DateTime<Utc>>,
    /// Minutes that each jurisdiction would have, if it had a campaign of its own.
    pub gains: Vec<(Jurisdiction, i64)>,
}

/// A jurisdiction, its call, and the end of what is allowed from the start on.
struct Part {
    jurisdiction: Jurisdiction,
    call: Call,
    end: Option<DateTime<Utc>>,
}

/// Cuts a window to what the law allows in all jurisdictions of a zone's contacts.
///
/// `terms` is the call without its candidates: its kinds, the house's hours and policy.
///
/// A start that is not allowed is refused, not moved: no operator asked for the time it would move
/// to.
pub fn lawful_window(
    window: &CallingWindow,
    sites: &Sites,
    terms: &Call,
) -> Result<LawfulWindow, Unlawful> {
    let range = Interval { start: window.start.to_utc(), end: window.end.to_utc() };
    let calls = sites.calls(Zone(window.zone), terms).into_iter();
    let parts: Vec<Part> = calls
        .map(|(jurisdiction, call)| {
            let first = law::allowed(&call, range).into_iter().next();
            let end = first.filter(|it| it.start == range.start).map(|it| it.end);
            Part { jurisdiction, call, end }
        })
        .collect();
    let Some(end) = parts.iter().map(|part| part.end).min().flatten() else {
        let banned = parts.iter().filter(|part| part.end.is_none());
        return Err(Unlawful {
            rules: rules(banned, range.start),
            next_allowed: next_allowed(&parts, range.start),
            gains: gains(&parts, range.start, range.start),
        });
    };
    let cut = (end < range.end).then(|| Cut {
        minutes: (range.end - end).num_minutes(),
        rules: rules(parts.iter().filter(|part| part.end == Some(end)), end),
        gains: gains(&parts, range.start, end),
    });
    Ok(LawfulWindow {
        window: CallingWindow { end: zone::local(window.zone, end), ..*window },
        cut,
    })
}

/// The rules that refuse at an instant, in words, each once.
fn rules<'p>(parts: impl Iterator<Item = &'p Part>, at: DateTime<Utc>) -> Vec<String> {
    let findings = parts.flat_map(|part| law::decide(&part.call, at).findings);
    let refusing = findings.filter(|finding| finding.ruling == Ruling::Refuses);
    let words: BTreeSet<String> = refusing.map(|finding| finding.to_string()).collect();
    words.into_iter().collect()
}

/// Minutes that states would have beyond `end` if they were alone.
fn gains(parts: &[Part], start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<(Jurisdiction, i64)> {
    let states = parts.iter().filter(|part| part.jurisdiction.as_str().contains('-'));
    states
        .filter_map(|part| {
            let minutes = (part.end.unwrap_or(start) - end).num_minutes();
            (minutes > 0).then(|| (part.jurisdiction.clone(), minutes))
        })
        .collect()
}

fn next_allowed(parts: &[Part], start: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut at = start;
    for _ in 0..STEPS_MAX {
        let mut latest = at;
        for part in parts {
            latest = latest.max(law::decide(&part.call, at).next_allowed?);
        }
        if latest == at {
            return Some(at);
        }
        at = latest;
    }
    None
}

#[cfg(test)]
mod tests;
