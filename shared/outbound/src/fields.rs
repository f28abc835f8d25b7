//! The rules that the fields of all documents share. All problems are reported at once.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Timelike, Utc};
use icu_properties::{
    CodePointSetData, CodePointSetDataBorrowed, props::DefaultIgnorableCodePoint,
};
use serde::Serialize;
use serde_json::Value;

use crate::{Json, json::Fields};

/// The longest id that is taken, in characters.
const ID_LENGTH_MAX: usize = 128;

/// The longest name of an unknown field that is repeated, in characters.
const NAME_LENGTH_MAX: usize = 64;
/// Least similarity, of 1, between an unknown name and the known one that is suggested.
const LIKENESS_MIN: f64 = 0.8;

static INVISIBLE: LazyLock<CodePointSetDataBorrowed<'static>> =
    LazyLock::new(CodePointSetData::new::<DefaultIgnorableCodePoint>);

/// One thing that is wrong with a document, and what would be right. It never repeats what the
/// sender wrote, but for a piece of a cron expression and the name of an unknown field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The field by its JSON name, or `document` for the whole.
    pub field: &'static str,
    /// A sentence about the field that lacks its subject: `is missing; it must be …`.
    pub detail: String,
}

pub(crate) fn problem(field: &'static str, detail: impl Into<String>) -> FieldProblem {
    FieldProblem { field, detail: detail.into() }
}

/// The document's fields. What is no object has none, and that is its only problem.
pub(crate) fn object<'a>(document: &'a Json<'_>) -> Result<Fields<'a>, Vec<FieldProblem>> {
    document.fields().ok_or_else(|| vec![problem("document", "must be a JSON object")])
}

/// Sets the problem aside, so that reading goes on.
pub(crate) fn kept<T>(
    read: Result<T, FieldProblem>,
    problems: &mut Vec<FieldProblem>,
) -> Option<T> {
    read.map_err(|problem| problems.push(problem)).ok()
}

/// The text of a field. `rule` describes what it must be.
pub(crate) fn text(
    fields: &Fields<'_>,
    field: &'static str,
    rule: &str,
) -> Result<String, FieldProblem> {
    required(fields, field, rule)?
        .text()
        .ok_or_else(|| problem(field, format!("is not a text; it {rule}")))
}

/// A field that is neither absent nor blank.
pub(crate) fn required<'a>(
    fields: &Fields<'a>,
    field: &'static str,
    rule: &str,
) -> Result<Json<'a>, FieldProblem> {
    let value =
        fields.get(field).ok_or_else(|| problem(field, format!("is missing; it {rule}")))?;
    if value.is_blank() { Err(problem(field, format!("is blank; it {rule}"))) } else { Ok(value) }
}

pub(crate) fn campaign_id(fields: &Fields<'_>) -> Result<String, FieldProblem> {
    const FIELD: &str = "campaignId";
    const RULE: &str = "must be 1 to 128 characters without control characters";
    id(&required(fields, FIELD, RULE)?).ok_or_else(|| problem(FIELD, RULE))
}

/// Describes the first field that is not among the `known` ones, and suggests the closest name.
pub(crate) fn unknown(fields: &Fields<'_>, known: &[&str]) -> Option<String> {
    let name = fields.names().find(|name| !known.contains(name))?;
    let likeness = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let closest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let meant = closest.filter(|closest| likeness(closest) >= LIKENESS_MIN);
    let meant = meant.map_or(".".to_owned(), |meant| format!("; did you mean {meant}?"));
    let name: String = name.chars().take(NAME_LENGTH_MAX).collect();
    Some(format!("has the unknown field {name:?}{meant} Its fields are {}", known.join(", ")))
}

/// An id or a code: a text or a number of at most 128 characters.
pub(crate) fn id(value: &Json<'_>) -> Option<String> {
    value.spelled().filter(|id| !id.is_empty() && is_id(id))
}

/// Returns whether a text that is not blank is a valid id. Queues take no noncharacters.
pub(crate) fn is_id(text: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    text.chars().count() <= ID_LENGTH_MAX && !text.chars().any(is_odd)
}

/// A text without what cannot be seen at its ends: white space, zero-width characters, marks of
/// byte order and direction. Spreadsheets and web pages leave them there.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || INVISIBLE.contains(c))
}

/// Returns whether a value is blank.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => trimmed(text).is_empty(),
        _ => false,
    }
}

/// The instant of an event, from RFC 3339, if it can be written as one in UTC, too. A leap second
/// counts as the second before it: few systems can read one.
pub(crate) fn instant(value: &Json<'_>) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(&value.text()?).ok()?.to_utc();
    let instant = if is_leap_second(&instant) { instant.with_nanosecond(0)? } else { instant };
    (0..=9999).contains(&instant.year()).then_some(instant)
}

pub(crate) fn is_leap_second(instant: &impl Timelike) -> bool {
    instant.nanosecond() >= 1_000_000_000
}

#[cfg(test)]
mod tests;
