//! Limits on the number of calls. Whoever counts the attempts applies them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    call::Call,
    clock::{Clock, Zone},
    constraint::overlap,
    rule::{Authority, RULES, in_force},
};

/// A limit on attempts that applies to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limit {
    /// The jurisdiction.
    pub code: String,
    /// The rule's name within the jurisdiction.
    pub rule: String,
    /// So many attempts at most,
    pub max: u32,
    /// within so many hours, whenever they begin.
    pub within_hours: u32,
    /// Unit of counting: `subject`, `consumer`, `debt`.
    pub per: String,
    /// Further conditions, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub further: String,
    /// Authority of the limit.
    pub authority: Authority,
}

/// The limits on attempts of all rules that apply to a call on the day of an instant, doubtful ones
/// included, and that nothing lifts.
pub fn limits(call: &Call, at: DateTime<Utc>) -> Vec<Limit> {
    let scopes = call.kinds.scopes();
    let days: Vec<_> =
        call.candidates.zones().map(|zone: Zone| Clock::new(zone, at, at).day()).collect();
    RULES
        .iter()
        .filter(|rule| call.candidates.includes(rule.code) && overlap(rule.scopes, &scopes))
        .filter(|rule| days.iter().any(|day| in_force(*day, rule.from, rule.until)))
        .filter(|rule| call.lift(rule.lifted_by, at).is_none())
        .flat_map(|rule| rule.limits.iter().map(move |limit| (rule, limit)))
        .filter(|(_, limit)| call.lift(limit.not_for, at).is_none())
        .map(|(rule, limit)| Limit {
            code: rule.code.to_owned(),
            rule: rule.name.to_owned(),
            max: limit.max,
            within_hours: limit.within_hours,
            per: limit.per.to_owned(),
            further: limit.further.to_owned(),
            authority: rule.authority.clone(),
        })
        .collect()
}
