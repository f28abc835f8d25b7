//! The request of an IVR to call a customer back.

use chrono::{DateTime, FixedOffset, SecondsFormat, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{CustomerZone, Language, Window};
use crate::{
    E164, FieldProblem, Fields, Json, Region,
    fields::{campaign_id, is_leap_second, kept, object, problem, text},
    law::{Place, UnknownPlace},
};

/// The order in which problems are named.
const FIELDS: [&str; 7] = [
    "phoneNumber",
    "requestedStart",
    "requestedEnd",
    "campaignId",
    "language",
    "timezone",
    "place",
];
/// Latest start of a window.
const START_AHEAD_MAX: TimeDelta = TimeDelta::days(30);

/// A requested callback, with all it needs to be arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackRequest {
    /// Number to call.
    pub number: E164,
    /// Time window of the call, in whole seconds.
    pub window: Window,
    /// The campaign on whose account. Opaque, without control characters, 1 to 128 characters.
    pub campaign_id: String,
    /// The language in which the customer is written to.
    pub language: Language,
    /// The clock the customer reads.
    pub zone: CustomerZone,
    /// The place the customer is at, if the sender stated it.
    pub place: Option<Place>,
    /// The bounds of the window as they were written, with their fractions of a second.
    written: (DateTime<Utc>, DateTime<Utc>),
}

impl CallbackRequest {
    /// Reads `{phoneNumber, requestedStart, requestedEnd, campaignId, language, timezone?, place?}`,
    /// and names all that is wrong with it. Other fields are ignored. A number without a country code
    /// is one of `region`.
    ///
    /// The hour alone is no reason to refuse it here: a request that was answered in time may come
    /// again when its window is over. [`Self::untimely`] is for one that is new.
    pub fn read(
        document: &Json<'_>,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let fields = &object(document)?;
        let mut problems = Vec::new();
        let number = kept(number(fields, region), &mut problems);
        let start = kept(instant(fields, "requestedStart"), &mut problems);
        let end = kept(instant(fields, "requestedEnd"), &mut problems);
        let bounds = start.zip(end);
        let window = bounds.and_then(|bounds| kept(window(bounds), &mut problems));
        let campaign_id = kept(campaign_id(fields), &mut problems);
        let language = kept(language(fields), &mut problems);
        let given_zone = kept(time_zone(fields), &mut problems);
        let place = kept(place(fields), &mut problems);

        match (number, bounds, window, campaign_id, language, given_zone.zip(place)) {
            (
                Some(number),
                Some((start, end)),
                Some(window),
                Some(campaign_id),
                Some(language),
                Some((given, place)),
            ) if problems.is_empty() => {
                let zone = CustomerZone::of(given, &number, [start, end]);
                let written = (start.to_utc(), end.to_utc());
                Ok(Self { number, window, campaign_id, language, zone, place, written })
            }
            _ => {
                problems.extend(start.and_then(|start| start_problem(start.to_utc(), now)));
                problems.extend(end.and_then(|end| end_problem(end.to_utc(), now)));
                problems.sort_by_key(|problem| FIELDS.iter().position(|it| *it == problem.field));
                Err(problems)
            }
        }
    }

    /// Problems of a request that comes too late, or too early, to be arranged at `now`.
    pub fn untimely(&self, now: DateTime<Utc>) -> Vec<FieldProblem> {
        let (start, end) = self.written;
        start_problem(start, now).into_iter().chain(end_problem(end, now)).collect()
    }

    /// Identity of a request, independent of spelling: the number in E.164, the instants in UTC, the
    /// language in its usual case. It holds the number in clear.
    ///
    /// The time zone counts only if it was given: one that was worked out may be another after an
    /// update of the data, and a repeated request would then be a new one.
    pub fn identity(&self) -> Value {
        let utc = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let mut identity = json!({
            "phoneNumber": self.number,
            "requestedStart": utc(self.written.0),
            "requestedEnd": utc(self.written.1),
            "campaignId": self.campaign_id,
            "language": self.language.as_str(),
            "timezone": self.zone.given().map(chrono_tz::Tz::name),
        });
        // Absent unless given: a request of a version that knew no places keeps its identity.
        if let (Some(place), Value::Object(fields)) = (&self.place, &mut identity) {
            fields.insert("place".to_owned(), json!(place.to_string()));
        }
        identity
    }
}

fn number(fields: &Fields<'_>, region: Region) -> Result<E164, FieldProblem> {
    const FIELD: &str = "phoneNumber";
    const RULE: &str = "must be a valid phone number, best in E.164, such as +442079460018";
    E164::parse(&text(fields, FIELD, RULE)?, region)
        .map_err(|reason| problem(FIELD, format!("{RULE}: {reason}")))
}

fn instant(
    fields: &Fields<'_>,
    field: &'static str,
) -> Result<DateTime<FixedOffset>, FieldProblem> {
    const RULE: &str = "must be an RFC 3339 instant with its offset, \
                        such as 2026-03-10T14:30:00-04:00";
    let instant = DateTime::parse_from_rfc3339(&text(fields, field, RULE)?);
    let instant = instant.map_err(|_| problem(field, RULE))?;
    if is_leap_second(&instant) {
        return Err(problem(field, "must not be a leap second (:60), which CXone cannot read"));
    }
    Ok(instant)
}

fn start_problem(start: DateTime<Utc>, now: DateTime<Utc>) -> Option<FieldProblem> {
    (start - now > START_AHEAD_MAX)
        .then(|| problem("requestedStart", "must be at most 30 days ahead"))
}

fn end_problem(end: DateTime<Utc>, now: DateTime<Utc>) -> Option<FieldProblem> {
    (end <= now).then(|| problem("requestedEnd", "must be in the future"))
}

/// CXone's times have no fractions of a second, and rounding down would name a time before the
/// window.
fn window(
    (start, end): (DateTime<FixedOffset>, DateTime<FixedOffset>),
) -> Result<Window, FieldProblem> {
    let rounded_up = |instant: DateTime<FixedOffset>| {
        let whole = instant.to_utc().trunc_subsecs(0);
        if whole < instant { whole + TimeDelta::seconds(1) } else { whole }
    };
    Window::new(rounded_up(start), rounded_up(end))
        .map_err(|reason| problem("requestedEnd", reason.to_string()))
}

fn language(fields: &Fields<'_>) -> Result<Language, FieldProblem> {
    const FIELD: &str = "language";
    text(fields, FIELD, "must be a BCP 47 language tag, such as en or es-MX")?
        .parse()
        .map_err(|reason: super::MalformedLanguage| problem(FIELD, reason.to_string()))
}

/// Senders that fill in a template leave a blank text where they have no zone.
fn time_zone(fields: &Fields<'_>) -> Result<Option<Tz>, FieldProblem> {
    const RULE: &str = "must be the IANA name of a time zone, such as America/New_York, \
                        or be left out";
    let Some(zone) = fields.filled("timezone") else { return Ok(None) };
    let zone = zone.text().and_then(|name| name.parse().ok());
    zone.map(Some).ok_or_else(|| problem("timezone", RULE))
}

/// As with the zone, a blank text is none.
fn place(fields: &Fields<'_>) -> Result<Option<Place>, FieldProblem> {
    let Some(place) = fields.filled("place") else { return Ok(None) };
    let place = place.text().ok_or(UnknownPlace).and_then(|text| text.parse());
    place.map(Some).map_err(|reason: UnknownPlace| problem("place", reason.to_string()))
}

#[cfg(test)]
mod tests;
