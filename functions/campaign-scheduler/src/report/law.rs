//! Refusals and cuts of the law, in words.

use outbound::{
    Tz,
    campaign::{Cut, StartRefused},
};
use serde::Serialize;

use super::FailedZone;

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
            rules: cut.rules_in_words(),
            alone: cut.gains_in_words(),
        }
    }
}

impl FailedZone {
    pub(super) fn of_refusal(zone: Tz, refusal: &StartRefused) -> Self {
        Self::new(zone.name(), refusal.code(), &refusal.to_string())
    }
}
