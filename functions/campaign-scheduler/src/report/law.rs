//! Refusals and cuts of the law, in words.

use outbound::{
    Tz,
    campaign::{Cut, Unlawful},
    law::Jurisdiction,
};
use serde::Serialize;

use super::FailedZone;
use crate::plan::Refusal;

/// Most rules, and most jurisdictions, that one sentence names.
const NAMED_MAX: usize = 5;

/// A zone whose window the law cuts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CutZone {
    pub(super) timezone: &'static str,
    /// Minutes that the window is shorter.
    pub(super) minutes: i64,
    /// Rules that cut it, with their citations.
    pub(super) rules: String,
    /// Minutes that each jurisdiction would gain by a campaign of its own.
    pub(super) alone: String,
}

impl CutZone {
    pub(super) fn new(zone: Tz, cut: &Cut) -> Self {
        Self {
            timezone: zone.name(),
            minutes: cut.minutes,
            rules: named(cut.rules.iter().cloned(), "; "),
            alone: gains(&cut.gains),
        }
    }
}

impl FailedZone {
    pub(super) fn of_refusal(zone: Tz, refusal: &Refusal) -> Self {
        let (code, detail) = match refusal {
            Refusal::Outside(hours) => ("outside_calling_hours", hours.to_string()),
            Refusal::Unlawful(unlawful) => ("refused_by_law", why_unlawful(unlawful)),
            Refusal::ZoneWithoutPlace => {
                let detail = "the zone is a clock without a place, so no law is known there; the \
                              timezone of the contacts must be that of a place, such as \
                              America/New_York";
                ("zone_without_place", detail.to_owned())
            }
            Refusal::NumbersWithoutPlace(contacts) => {
                let detail = format!(
                    "{contacts} contacts have a number without a place, such as a toll-free one; \
                     give them state or postalCode and country, or leave them out"
                );
                ("number_without_place", detail)
            }
        };
        Self::new(zone.name(), code, &detail)
    }
}

fn why_unlawful(Unlawful { rules, next_allowed, gains }: &Unlawful) -> String {
    let rules = named(rules.iter().cloned(), "; ");
    let next = next_allowed.map_or("not within a year".to_owned(), |at| at.to_rfc3339());
    let alone = self::gains(gains);
    let alone = if alone.is_empty() { alone } else { format!("; a split would give {alone}") };
    format!("{rules}; next allowed: {next}{alone}")
}

/// The largest gains first: `US-NY 240 minutes, US-NJ 60 minutes`.
fn gains(gains: &[(Jurisdiction, i64)]) -> String {
    let mut gains: Vec<_> = gains.iter().collect();
    gains.sort_by_key(|(_, minutes)| -minutes);
    named(gains.iter().map(|(code, minutes)| format!("{code} {minutes} minutes")), ", ")
}

fn named(items: impl ExactSizeIterator<Item = String>, separator: &str) -> String {
    let count = items.len();
    let mut named: Vec<String> = items.take(NAMED_MAX).collect();
    if count > NAMED_MAX {
        named.push(format!("and {} more", count - NAMED_MAX));
    }
    named.join(separator)
}
