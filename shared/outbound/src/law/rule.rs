//! Rules as the build script compiles them from `data/law/jurisdictions.toml`.

use std::borrow::Cow;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{basis::Basis, kind::Scope};

/// The rows of one jurisdiction that bear one name.
#[derive(Debug)]
pub(super) struct Rule {
    /// ISO 3166-1 or 3166-2.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) scopes: &'static [Scope],
    /// Each of these lifts it.
    pub(super) lifted_by: &'static [Basis],
    /// The first day on which it is in force; `None` is open.
    pub(super) from: Option<NaiveDate>,
    /// The last day on which it is in force; `None` is open.
    pub(super) until: Option<NaiveDate>,
    /// The zone whose clocks count, where that is not the called party's.
    pub(super) clock: Option<Tz>,
    pub(super) hours: Hours,
    pub(super) holidays: Option<Holidays>,
    pub(super) limits: &'static [AttemptLimit],
    pub(super) authority: Authority,
}

/// The times that a rule allows.
#[derive(Debug)]
pub(super) enum Hours {
    /// At any time.
    Unrestricted,
    /// At no time, until something lifts the rule.
    OptIn,
    /// By weekday, from Monday on.
    Weekly([&'static [Span]; 7]),
}

/// Minutes of a day since midnight. The first belongs to the span, the last does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u16,
    pub(super) until: u16,
}

/// Effect of a rule on holidays.
#[derive(Debug)]
pub(super) struct Holidays {
    /// The calendar that tells them.
    pub(super) calendar: &'static str,
    /// The only hours of a holiday; `None` bans it.
    pub(super) only: Option<Span>,
    /// The only hours of the day before a holiday.
    pub(super) eve: Option<Span>,
    /// Unless it is unknown, and the ban a precaution.
    pub(super) known: bool,
}

/// Limit on the number of attempts.
#[derive(Debug)]
pub(super) struct AttemptLimit {
    pub(super) max: u32,
    pub(super) within_hours: u32,
    pub(super) per: &'static str,
    pub(super) not_for: &'static [Basis],
    pub(super) further: &'static str,
}

/// A ban that an authority declares and ends.
#[derive(Debug)]
pub(super) struct Emergency {
    pub(super) code: &'static str,
    pub(super) scopes: &'static [Scope],
    pub(super) lifted_by: &'static [Basis],
    pub(super) authority: Authority,
}

/// Days and kinds of call for which a country's law is known.
#[derive(Debug)]
pub(super) struct Coverage {
    pub(super) country: &'static str,
    pub(super) scopes: &'static [Scope],
    pub(super) from: Option<NaiveDate>,
    pub(super) until: Option<NaiveDate>,
}

/// Presumption of a law about a number with an area code of the state.
#[derive(Debug)]
pub struct Presumption {
    pub(super) codes: &'static [&'static str],
    /// The presumption in words.
    pub says: &'static str,
    /// Authority of the presumption.
    pub authority: Authority,
}

/// Authority of a rule, and the confidence in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// The law, as lawyers cite it.
    pub citation: Cow<'static, str>,
    /// Source of the text.
    pub source: Cow<'static, str>,
    /// Confidence in the source.
    pub confidence: Confidence,
    /// Note for the reader.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Cow<'static, str>,
}

/// Confidence in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The text, or the regulator's page about it, on the publisher's own site.
    Official,
    /// A copy of the text, or what others write about it.
    Secondary,
    /// A hint. It never allows a call, and refuses one only under
    /// [`Strictness::All`](super::Strictness::All).
    Unverified,
}

/// Returns whether a day lies within inclusive bounds.
pub(super) fn in_force(day: NaiveDate, from: Option<NaiveDate>, until: Option<NaiveDate>) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

/// Presumption of the law of a state about a number with one of its area codes.
pub fn presumption(code: &str) -> Option<&'static Presumption> {
    PRESUMPTIONS.iter().find(|presumption| presumption.codes.contains(&code))
}

include!(concat!(env!("OUT_DIR"), "/law_tables.rs"));
