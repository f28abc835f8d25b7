//! The request of an operator to run a campaign again and again.

use std::ops::RangeInclusive;

use chrono::TimeDelta;
use url::Url;

use super::{Bar, CallingHours, InvalidCallingHours, MalformedRecurrence, Recurrence};
use crate::{
    FieldProblem, Fields, Json,
    fields::{campaign_id, id, kept, object, problem, text, unknown},
    is_confidential,
    law::{Kind, Kinds},
};

/// The fields of a campaign, and those of a contact in it.
const FIELDS: [&str; 8] = [
    "campaignId",
    "cron",
    "windowHours",
    "expectedCompleted",
    "webhookUrl",
    "callingHours",
    "contacts",
    "purpose",
];
const CONTACT_FIELDS: [&str; 6] =
    ["id", "timezone", "phoneNumber", "state", "postalCode", "country"];

const WINDOW_HOURS: RangeInclusive<i64> = 1..=24;
const WINDOW_HOURS_DEFAULT: i64 = 4;

/// The largest whole number that every reader of JSON keeps exact.
const EXPECTED_COMPLETED_MAX: u64 = 1 << 53;

/// A request to schedule a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRequest {
    /// The campaign. Opaque, without control characters, 1 to 128 characters.
    pub campaign_id: String,
    /// Starts, on the clocks of each contact.
    pub recurrence: Recurrence,
    /// Length of the calling window, 1 to 24 whole hours, within the calling hours.
    pub window: TimeDelta,
    /// After how many completed calls it is done, 1 to 2^53.
    pub expected_completed: u64,
    /// Receiver of the completion webhook: over HTTPS, or on this machine.
    pub webhook_url: Option<Url>,
    /// Hours in which calls are allowed, within the legal hours. Among the legal hours.
    pub calling_hours: CallingHours,
    /// Kinds of its calls, by which the law differs.
    pub kinds: Kinds,
    /// Contacts to call, if the request lists them.
    pub contacts: Option<Vec<CampaignContact>>,
}

/// Contact of a campaign. All but the id is as it was written, known or not, and `None` when it is
/// missing or blank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignContact {
    /// Id of the contact. Opaque.
    pub id: String,
    /// Name of the time zone.
    pub time_zone: Option<String>,
    /// Phone number.
    pub phone_number: Option<String>,
    /// State, province or territory: by its ISO 3166-2 code, or by the part after the country.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country by its ISO 3166-1 code.
    pub country: Option<String>,
    /// Reason why CXone must not call it, although it would. Never written in a document.
    pub bar: Option<Bar>,
}

impl CampaignRequest {
    /// Reads `{campaignId, cron, windowHours?, expectedCompleted, webhookUrl?, callingHours?,
    /// purpose?, contacts?: [{id, timezone?, phoneNumber?, state?, postalCode?, country?}]}`, and names all that is wrong with it. So is another
    /// field: one that is misspelled would be left out, and people be called at any hour. Calling
    /// hours that are left out are the `legal` ones.
    pub fn read(document: &Json<'_>, legal: &CallingHours) -> Result<Self, Vec<FieldProblem>> {
        let fields = &object(document)?;
        let mut problems = Vec::new();
        let unknown = unknown(fields, &FIELDS).map(|detail| problem("document", detail));
        problems.extend(unknown);
        let campaign_id = kept(campaign_id(fields), &mut problems);
        let recurrence = kept(recurrence(fields), &mut problems);
        let window = kept(window(fields), &mut problems);
        let expected_completed = kept(expected_completed(fields), &mut problems);
        let webhook_url = kept(webhook_url(fields), &mut problems);
        let calling_hours = kept(calling_hours(fields, *legal), &mut problems);
        let kinds = kept(kinds(fields), &mut problems);
        let contacts = kept(contacts(fields), &mut problems);

        match (
            campaign_id,
            recurrence,
            window,
            expected_completed,
            webhook_url,
            calling_hours,
            kinds,
            contacts,
        ) {
            (
                Some(campaign_id),
                Some(recurrence),
                Some(window),
                Some(expected_completed),
                Some(webhook_url),
                Some(calling_hours),
                Some(kinds),
                Some(contacts),
            ) if problems.is_empty() => Ok(Self {
                campaign_id,
                recurrence,
                window,
                expected_completed,
                webhook_url,
                calling_hours,
                kinds,
                contacts,
            }),
            _ => Err(problems),
        }
    }
}

fn recurrence(fields: &Fields<'_>) -> Result<Recurrence, FieldProblem> {
    const FIELD: &str = "cron";
    text(fields, FIELD, "must be a cron expression of five fields, such as 0 9 * * mon-fri")?
        .parse()
        .map_err(|reason: MalformedRecurrence| problem(FIELD, format!("is malformed at {reason}")))
}

fn window(fields: &Fields<'_>) -> Result<TimeDelta, FieldProblem> {
    const FIELD: &str = "windowHours";
    fields
        .get(FIELD)
        .map_or(Some(WINDOW_HOURS_DEFAULT), |hours| hours.as_written().parse().ok())
        .filter(|hours| WINDOW_HOURS.contains(hours))
        .map(TimeDelta::hours)
        .ok_or_else(|| problem(FIELD, "must be a whole number of hours, 1 to 24"))
}

fn expected_completed(fields: &Fields<'_>) -> Result<u64, FieldProblem> {
    const FIELD: &str = "expectedCompleted";
    const RULE: &str = "must be a whole number of calls, 1 to 9007199254740992";
    let calls =
        fields.get(FIELD).ok_or_else(|| problem(FIELD, format!("is missing; it {RULE}")))?;
    let calls = calls.as_written().parse().ok();
    calls
        .filter(|calls| (1..=EXPECTED_COMPLETED_MAX).contains(calls))
        .ok_or_else(|| problem(FIELD, RULE))
}

fn webhook_url(fields: &Fields<'_>) -> Result<Option<Url>, FieldProblem> {
    const FIELD: &str = "webhookUrl";
    const RULE: &str = "must be an https address without user name and password, such as \
                        https://example.com/completed";
    let Some(text) = optional_text(fields, FIELD, RULE)? else { return Ok(None) };
    let url = Url::parse(&text).map_err(|_| problem(FIELD, RULE))?;
    let anonymous = url.username().is_empty() && url.password().is_none();
    if is_confidential(&url) && anonymous { Ok(Some(url)) } else { Err(problem(FIELD, RULE)) }
}

fn calling_hours(fields: &Fields<'_>, legal: CallingHours) -> Result<CallingHours, FieldProblem> {
    const FIELD: &str = "callingHours";
    const RULE: &str = "must be two times of 24 hours, such as 08:00-21:00";
    let Some(text) = optional_text(fields, FIELD, RULE)? else { return Ok(legal) };
    let hours: CallingHours =
        text.parse().map_err(|reason: InvalidCallingHours| problem(FIELD, reason.to_string()))?;
    if hours.lies_within(&legal) {
        Ok(hours)
    } else {
        Err(problem(FIELD, format!("must lie within the legal calling hours {legal}")))
    }
}

/// One kind or several: the rules for each of them apply.
fn kinds(fields: &Fields<'_>) -> Result<Kinds, FieldProblem> {
    const FIELD: &str = "purpose";
    const RULE: &str = "must be sales, service, debt, research, fundraising or automated, or a list \
                        of these, such as [\"sales\", \"automated\"]";
    let Some(purpose) = fields.get(FIELD) else { return Ok(Kinds::default()) };
    let named = match (purpose.text(), purpose.list()) {
        (Some(one), _) => vec![Some(one)],
        (None, Some(several)) if !several.is_empty() => several.iter().map(Json::text).collect(),
        _ => return Err(problem(FIELD, RULE)),
    };
    let kind = |name: Option<String>| name?.parse().ok().filter(|kind| *kind != Kind::Text);
    let kinds: Option<Kinds> = named.into_iter().map(kind).collect();
    kinds.ok_or_else(|| problem(FIELD, RULE))
}

fn optional_text(
    fields: &Fields<'_>,
    field: &'static str,
    rule: &str,
) -> Result<Option<String>, FieldProblem> {
    fields.get(field).map(|_| text(fields, field, rule)).transpose()
}

fn contacts(fields: &Fields<'_>) -> Result<Option<Vec<CampaignContact>>, FieldProblem> {
    const FIELD: &str = "contacts";
    const RULE: &str = "must be a list of contacts, such as [{\"id\":\"c-1\",\
                        \"timezone\":\"America/New_York\"}]";
    let Some(contacts) = fields.get(FIELD) else { return Ok(None) };
    let contacts = contacts.list().ok_or_else(|| problem(FIELD, RULE))?;
    let contacts: Vec<_> = contacts.iter().map(Json::fields).collect();
    let mut each = contacts.iter().enumerate();
    let unknown =
        each.find_map(|(at, contact)| Some((at, unknown(contact.as_ref()?, &CONTACT_FIELDS)?)));
    if let Some((at, unknown)) = unknown {
        return Err(problem(
            FIELD,
            format!("must not have other fields: that at index {at} {unknown}"),
        ));
    }
    let read: Vec<_> = contacts.iter().map(|contact| self::contact(contact.as_ref()?)).collect();
    // One problem for all of them: there may be as many as contacts.
    let nameless = read.iter().filter(|contact| contact.is_none()).count();
    match read.iter().position(Option::is_none) {
        None => Ok(Some(read.into_iter().flatten().collect())),
        Some(first) => {
            let detail =
                format!("must each have an id; {nameless} have none, first that at index {first}");
            Err(problem(FIELD, detail))
        }
    }
}

/// Reads a contact, if it has an id. What is no text is no zone either, but that concerns one
/// contact, not the whole request.
fn contact(contact: &Fields<'_>) -> Option<CampaignContact> {
    let id = id(&contact.filled("id")?)?;
    let written = |name: &str| {
        let value = contact.filled(name)?;
        Some(value.spelled().unwrap_or_else(|| value.as_written().to_owned()))
    };
    let zone = contact.filled("timezone");
    let time_zone = zone.map(|zone| zone.text().unwrap_or_else(|| zone.as_written().to_owned()));
    Some(CampaignContact {
        id,
        time_zone,
        phone_number: written("phoneNumber"),
        state: written("state"),
        postal_code: written("postalCode"),
        country: written("country"),
        bar: None,
    })
}

#[cfg(test)]
mod tests;
