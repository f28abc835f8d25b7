//! The request of an IVR to call a customer back.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::{CustomerZone, Language, Window};
use crate::{
    E164, FieldProblem, Region,
    fields::{campaign_id, kept, object, problem, text, value},
};

/// How far ahead a window may start.
const START_AHEAD_MAX: TimeDelta = TimeDelta::days(30);

/// A callback somebody asked for, with all it needs to be arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackRequest {
    /// Whom to call.
    pub number: E164,
    /// When to call.
    pub window: Window,
    /// The campaign on whose account. Opaque, without control characters, 1 to 128 characters.
    pub campaign_id: String,
    /// The language in which the customer is written to.
    pub language: Language,
    /// The clock the customer reads.
    pub zone: CustomerZone,
}

impl CallbackRequest {
    /// Reads `{phoneNumber, requestedStart, requestedEnd, campaignId, language, timezone?}`, and
    /// names all that is wrong with it. Other fields are ignored. A number without a country code
    /// is one of `region`.
    pub fn read(
        document: &Value,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let fields = object(document)?;
        let mut problems = Vec::new();
        let number = kept(number(fields, region), &mut problems);
        let start = kept(instant(fields, "requestedStart"), &mut problems);
        let end = kept(instant(fields, "requestedEnd"), &mut problems);
        problems.extend(start.and_then(|start| start_problem(start, now)));
        problems.extend(end.and_then(|end| end_problem(end, now)));
        let bounds = start.zip(end);
        let window = bounds.and_then(|bounds| kept(window(bounds), &mut problems));
        let campaign_id = kept(campaign_id(fields), &mut problems);
        let language = kept(language(fields), &mut problems);
        let given_zone = kept(time_zone(fields), &mut problems);

        match (number, bounds, window, campaign_id, language, given_zone) {
            (
                Some(number),
                Some((start, end)),
                Some(window),
                Some(campaign_id),
                Some(language),
                Some(given),
            ) if problems.is_empty() => {
                let zone = CustomerZone::of(given, &number, [start, end]);
                Ok(Self { number, window, campaign_id, language, zone })
            }
            _ => Err(problems),
        }
    }

    /// What makes two requests the same one, however they were spelled: the number in E.164, the
    /// instants in UTC, the language in its usual case. It holds the number in clear.
    ///
    /// The time zone counts only if it was given: one that was worked out may be another after an
    /// update of the data, and a repeated request would then be a new one.
    pub fn identity(&self) -> Value {
        let utc = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let given = match self.zone {
            CustomerZone::Given(zone) => Some(zone.name()),
            CustomerZone::OfNumber(_) | CustomerZone::Offset(_) => None,
        };
        json!({
            "phoneNumber": self.number,
            "requestedStart": utc(self.window.start()),
            "requestedEnd": utc(self.window.end()),
            "campaignId": self.campaign_id,
            "language": self.language.as_str(),
            "timezone": given,
        })
    }
}

fn number(fields: &Map<String, Value>, region: Region) -> Result<E164, FieldProblem> {
    const FIELD: &str = "phoneNumber";
    const RULE: &str = "must be a valid phone number, best in E.164, such as +442079460018";
    E164::parse(text(fields, FIELD, RULE)?, region)
        .map_err(|reason| problem(FIELD, format!("{RULE}: {reason}")))
}

fn instant(
    fields: &Map<String, Value>,
    field: &'static str,
) -> Result<DateTime<FixedOffset>, FieldProblem> {
    const RULE: &str = "must be an RFC 3339 instant with its offset, \
                        such as 2026-03-10T14:30:00-04:00";
    DateTime::parse_from_rfc3339(text(fields, field, RULE)?).map_err(|_| problem(field, RULE))
}

fn start_problem(start: DateTime<FixedOffset>, now: DateTime<Utc>) -> Option<FieldProblem> {
    (start.to_utc() - now > START_AHEAD_MAX)
        .then(|| problem("requestedStart", "must be at most 30 days ahead"))
}

fn end_problem(end: DateTime<FixedOffset>, now: DateTime<Utc>) -> Option<FieldProblem> {
    (end <= now).then(|| problem("requestedEnd", "must be in the future"))
}

fn window(
    (start, end): (DateTime<FixedOffset>, DateTime<FixedOffset>),
) -> Result<Window, FieldProblem> {
    Window::new(start.to_utc(), end.to_utc())
        .map_err(|reason| problem("requestedEnd", reason.to_string()))
}

fn language(fields: &Map<String, Value>) -> Result<Language, FieldProblem> {
    const FIELD: &str = "language";
    text(fields, FIELD, "must be a BCP 47 language tag, such as en or es-MX")?
        .parse()
        .map_err(|reason: super::MalformedLanguage| problem(FIELD, reason.to_string()))
}

/// Senders that fill in a template leave a blank text where they know no zone.
fn time_zone(fields: &Map<String, Value>) -> Result<Option<Tz>, FieldProblem> {
    const RULE: &str = "must be the IANA name of a time zone, such as America/New_York, \
                        or be left out";
    match value(fields, "timezone") {
        None => Ok(None),
        Some(Value::String(name)) if name.trim().is_empty() => Ok(None),
        Some(Value::String(name)) => name.parse().map(Some).map_err(|_| problem("timezone", RULE)),
        Some(_) => Err(problem("timezone", RULE)),
    }
}

#[cfg(test)]
mod tests;
