//! Reading the fields of a JSON document so that every problem is told at once.

use chrono::{DateTime, Datelike, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

/// The longest id that is taken.
const ID_LENGTH_MAX: usize = 128;

/// One thing that is wrong with a document, and what would be right. It never repeats what the
/// sender wrote, but for a piece of a cron expression.
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
pub(crate) fn object(document: &Value) -> Result<&Map<String, Value>, Vec<FieldProblem>> {
    document.as_object().ok_or_else(|| vec![problem("document", "must be a JSON object")])
}

/// Sets the problem aside, so that reading goes on.
pub(crate) fn kept<T>(
    read: Result<T, FieldProblem>,
    problems: &mut Vec<FieldProblem>,
) -> Option<T> {
    read.map_err(|problem| problems.push(problem)).ok()
}

/// The value of a field, unless it is absent or null.
pub(crate) fn value<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    fields.get(field).filter(|value| !value.is_null())
}

/// The text of a field. `rule` says what it must be.
pub(crate) fn text<'a>(
    fields: &'a Map<String, Value>,
    field: &'static str,
    rule: &str,
) -> Result<&'a str, FieldProblem> {
    match value(fields, field) {
        None => Err(problem(field, format!("is missing; it {rule}"))),
        Some(Value::String(text)) if text.trim().is_empty() => {
            Err(problem(field, format!("is blank; it {rule}")))
        }
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(problem(field, format!("is not a text; it {rule}"))),
    }
}

pub(crate) fn campaign_id(fields: &Map<String, Value>) -> Result<String, FieldProblem> {
    const FIELD: &str = "campaignId";
    const RULE: &str = "must be 1 to 128 characters without control characters";
    let id = text(fields, FIELD, RULE)?;
    if is_id(id) { Ok(id.to_owned()) } else { Err(problem(FIELD, RULE)) }
}

/// Whether a text that is not blank can be an id. Queues take no noncharacters.
pub(crate) fn is_id(text: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    text.chars().count() <= ID_LENGTH_MAX && !text.chars().any(is_odd)
}

/// The value of a field, unless it is absent or blank.
pub(crate) fn filled<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    fields.get(field).filter(|value| !is_blank(value))
}

/// Whether a value says nothing.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A text, or a number as its text: some senders write ids and codes without quotes.
pub(crate) fn spelled(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An RFC 3339 instant, if it can be written as one in UTC, too.
pub(crate) fn instant(value: &Value) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(value.as_str()?).ok()?.to_utc();
    (0..=9999).contains(&instant.year()).then_some(instant)
}
