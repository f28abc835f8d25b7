//! Restrictions of the caller's own house. It only narrows.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    place::{Jurisdiction, Place},
    rule::Span,
};
use crate::campaign::{CallingHours, InvalidCallingHours};

/// The hours in which the house calls, on every day: one range or several, such as
/// `09:00-12:00,13:00-20:00`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HouseHours(Vec<CallingHours>);

impl HouseHours {
    pub(super) fn spans(&self) -> Vec<Span> {
        let minute = |minute| u16::try_from(minute).unwrap_or(u16::MAX);
        let span = |hours: &CallingHours| hours.minutes().map(minute);
        self.0.iter().map(span).map(|[from, until]| Span { from, until }).collect()
    }
}

impl From<CallingHours> for HouseHours {
    fn from(hours: CallingHours) -> Self {
        Self(vec![hours])
    }
}

/// 08:00 to 21:00.
impl Default for HouseHours {
    fn default() -> Self {
        Self(vec![CallingHours::DEFAULT])
    }
}

impl FromStr for HouseHours {
    type Err = InvalidHouseHours;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ranges: Result<_, _> = text.split(',').map(|range| range.trim().parse()).collect();
        Ok(Self(ranges?))
    }
}

impl TryFrom<String> for HouseHours {
    type Error = InvalidHouseHours;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<HouseHours> for String {
    fn from(hours: HouseHours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for HouseHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<String> = self.0.iter().map(CallingHours::to_string).collect();
        f.write_str(&ranges.join(","))
    }
}

/// A text that is no list of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}; several ranges are joined by commas: 09:00-12:00,13:00-20:00")]
pub struct InvalidHouseHours(#[from] InvalidCallingHours);

/// Treatment of doubtful rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strictness {
    /// They warn.
    #[default]
    Verified,
    /// They refuse, as verified ones do.
    All,
}

impl FromStr for Strictness {
    type Err = UnknownStrictness;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "verified" => Ok(Self::Verified),
            "all" => Ok(Self::All),
            _ => Err(UnknownStrictness),
        }
    }
}

/// A word that is no strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be verified or all")]
pub struct UnknownStrictness;

/// Days on which no one in a country or state is called: an emergency that was declared there, a
/// holiday that its governor proclaimed, or a decision of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", rename_all = "camelCase")]
pub struct Closure {
    /// The country or state.
    pub code: Jurisdiction,
    /// The first day, on the clocks of the called party.
    pub from: NaiveDate,
    /// The last day; none while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// True if the law on emergencies governs it, where the data has one: the kinds of call that it
    /// bans, and the bases that lift it. Any other closure bans all calls.
    #[serde(default)]
    pub emergency: bool,
    /// The declaration or the cause, for the record.
    pub reason: String,
}

/// Closed days, as an operator writes them: a JSON array.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Closures(pub Vec<Closure>);

impl FromStr for Closures {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

/// Policy of the house beside its hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HousePolicy {
    /// Treatment of doubtful rules.
    pub strictness: Strictness,
    /// Closed days and emergencies.
    pub closures: Closures,
}

/// A closure as an operator writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    code: String,
    from: NaiveDate,
    until: Option<NaiveDate>,
    #[serde(default)]
    emergency: bool,
    reason: String,
}

impl TryFrom<Written> for Closure {
    type Error = InvalidClosure;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { code, from, until, emergency, reason } = written;
        let place = Place::of_code(&code).map_err(|_| InvalidClosure::Code)?;
        let code = place.codes.into_iter().next().ok_or(InvalidClosure::Code)?;
        if until.is_some_and(|until| until < from) {
            return Err(InvalidClosure::Days);
        }
        Ok(Self { code, from, until, emergency, reason })
    }
}

/// Reason why a closure is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum InvalidClosure {
    #[error("`code` must be an ISO 3166 code, such as US-LA or FR")]
    Code,
    #[error("`until` must not be earlier than `from`")]
    Days,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::*;

    #[test]
    fn house_hours_are_one_range_or_several() {
        let hours: HouseHours = "09:00-12:00, 13:00-20:00".parse().expect("house hours");
        let spans = [Span { from: 540, until: 720 }, Span { from: 780, until: 1200 }];
        assert_eq!(hours.spans(), spans);
        assert_eq!(hours.to_string(), "09:00-12:00,13:00-20:00");
        assert_eq!(HouseHours::default().to_string(), "08:00-21:00");
    }

    #[test]
    fn one_range_of_calling_hours_is_the_house_hours() {
        let hours: CallingHours = "10:00-18:30".parse().expect("calling hours");
        assert_eq!(HouseHours::from(hours).to_string(), "10:00-18:30");
        let stored: HouseHours = from_value(json!("10:00-18:30")).expect("as it is stored");
        assert_eq!(stored, HouseHours::from(hours));
    }

    #[test]
    fn what_is_no_house_hours_is_refused_with_the_reason() {
        for text in ["", "9-17", "09:00-12:00,", "21:00-08:00"] {
            let problem = text.parse::<HouseHours>().expect_err(text).to_string();
            assert!(problem.contains("joined by commas"), "{problem}");
        }
    }

    #[test]
    fn strictness_is_read_from_its_word() {
        assert_eq!("verified".parse(), Ok(Strictness::Verified));
        assert_eq!(" all ".parse(), Ok(Strictness::All));
        assert_eq!("some".parse::<Strictness>(), Err(UnknownStrictness));
    }

    #[test]
    fn a_closure_may_last_a_single_day() {
        let day = json!({ "code": "FR", "from": "2026-12-25", "until": "2026-12-25",
            "emergency": false, "reason": "Christmas" });
        let closures: Closures = json!([day]).to_string().parse().expect("closures");
        assert_eq!(serde_json::to_value(closures).expect("it serializes"), json!([day]));
    }

    #[test]
    fn a_closure_is_read_strictly_and_written_back() {
        let read = |value: Value| from_value::<Closure>(value).map_err(|error| error.to_string());
        let storm = json!({ "code": "US-LA", "from": "2026-08-29", "emergency": true,
            "reason": "Proclamation 120 JBE 2026" });
        let closure = read(storm.clone()).expect("a closure");
        assert_eq!(serde_json::to_value(&closure).expect("it serializes"), storm);
        for (field, value, problem) in [
            ("code", json!("US-ZZ"), "`code` must be"),
            ("until", json!("2026-08-28"), "`until` must not be earlier"),
            ("from", json!("29 August"), "invalid"),
            ("untill", json!("2026-09-05"), "unknown field `untill`"),
        ] {
            let mut wrong = storm.clone();
            wrong[field] = value;
            let refusal = read(wrong).expect_err(field);
            assert!(refusal.contains(problem), "{refusal}");
        }
    }
}
