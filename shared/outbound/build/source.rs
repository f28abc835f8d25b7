//! `jurisdictions.toml` as it is written, and the rules that its rows make up.

use serde::Deserialize;
use toml::{Value, value::Datetime};

/// Cell of a row that repeats the citation or source of the row before it.
const AS_ABOVE: &str = "as above";
/// Cell of a row without a citation.
const NOT_SEEN: &str = "not seen";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Law {
    #[serde(rename = "schema")]
    _schema: u32,
    pub(crate) compiled: Datetime,
    pub(crate) rule: Vec<Row>,
    pub(crate) emergency: Vec<Emergency>,
    pub(crate) presumption: Vec<Presumption>,
    /// Read by the consent ledger's maintainers, not by the engine.
    #[serde(rename = "optout")]
    _optout: Vec<Value>,
    /// Read by `public_holidays.py`.
    #[serde(rename = "holiday_calendar")]
    _holiday_calendar: Vec<Value>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) code: String,
    pub(crate) rule: String,
    #[serde(default)]
    pub(crate) days: Vec<String>,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) clock: Option<String>,
    #[serde(default = "as_weekday")]
    pub(crate) holidays: String,
    pub(crate) holidays_eve: Option<Eve>,
    pub(crate) other_days: Option<String>,
    pub(crate) attempts: Option<Attempts>,
    pub(crate) applies_to: Vec<String>,
    #[serde(default)]
    pub(crate) lifted_by: Vec<String>,
    pub(crate) effective_from: Option<Datetime>,
    pub(crate) effective_until: Option<Datetime>,
    /// The time of a call that counts. Every call here counts when it is placed, which is seconds
    /// before it is received.
    #[serde(rename = "counts_at")]
    _counts_at: Option<String>,
    pub(crate) citation: String,
    pub(crate) source: String,
    pub(crate) confidence: String,
    #[serde(rename = "seen")]
    _seen: String,
    #[serde(rename = "checked")]
    _checked: Option<Datetime>,
    #[serde(default)]
    pub(crate) note: String,
}

fn as_weekday() -> String {
    "as-weekday".to_owned()
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Eve {
    pub(crate) from: String,
    pub(crate) until: String,
}

/// Number of calls that are allowed. What has no number of its own in the tables is put into words.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attempts {
    pub(crate) max: u32,
    pub(crate) within_hours: Option<u32>,
    pub(crate) within_days: Option<u32>,
    pub(crate) and_max: Option<u32>,
    pub(crate) and_within_days: Option<u32>,
    pub(crate) per: String,
    #[serde(default)]
    pub(crate) not_for: Vec<String>,
    pub(crate) counts: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) after_conversation_days: Option<u32>,
    pub(crate) after_refusal_days: Option<u32>,
    pub(crate) after_refusal: Option<String>,
    pub(crate) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Emergency {
    pub(crate) code: String,
    pub(crate) scope: String,
    #[serde(rename = "while")]
    pub(crate) condition: String,
    pub(crate) applies_to: Vec<String>,
    pub(crate) lifted_by: Vec<String>,
    pub(crate) citation: String,
    pub(crate) source: String,
    pub(crate) confidence: String,
    #[serde(rename = "seen")]
    _seen: String,
    #[serde(rename = "checked")]
    _checked: Option<Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Presumption {
    pub(crate) code: Vec<String>,
    pub(crate) says: String,
    pub(crate) citation: String,
    pub(crate) source: String,
    pub(crate) confidence: String,
    #[serde(rename = "checked")]
    _checked: Option<Datetime>,
}

/// The rows of one code and name that are in force together: what they share, and the hours that
/// they add up to.
pub(crate) struct Rule {
    /// The first row, with the citations and sources of all.
    pub(crate) row: Row,
    pub(crate) rows: Vec<Row>,
}

impl Rule {
    fn is_of(&self, row: &Row) -> bool {
        self.row.code == row.code && self.row.rule == row.rule
    }

    /// Returns whether a row is in force on the same days.
    fn is_beside(&self, row: &Row) -> bool {
        self.row.effective_from == row.effective_from
            && self.row.effective_until == row.effective_until
    }
}

/// Unites the rows of each rule. They must agree on all but days, hours and attempts: the rule is
/// lifted, effective and trusted as a whole. Rows of other dates are another version of it.
pub(crate) fn unite(rows: Vec<Row>) -> Result<Vec<Rule>, String> {
    let mut rules: Vec<Rule> = Vec::new();
    for row in rows {
        let known = rules.iter_mut().filter(|rule| rule.is_of(&row));
        let mut same = None;
        for rule in known {
            if rule.is_beside(&row) {
                same = Some(rule);
            } else if overlap(&rule.row, &row) {
                return Err(format!(
                    "{} {}: versions of a rule must not overlap: check effective_from and \
                     effective_until",
                    row.code, row.rule
                ));
            }
        }
        if let Some(rule) = same {
            agree(&rule.row, &row)?;
            extend(&mut rule.row.citation, &row.citation);
            extend(&mut rule.row.source, &row.source);
            extend(&mut rule.row.note, &row.note);
            rule.rows.push(row);
        } else {
            rules.push(Rule { row: row.clone(), rows: vec![row] });
        }
    }
    Ok(rules)
}

fn overlap(one: &Row, other: &Row) -> bool {
    let ends_before = |one: &Row, other: &Row| {
        one.effective_until.as_ref().zip(other.effective_from.as_ref()).is_some_and(
            // Dates of TOML are ordered as they are written.
            |(until, from)| until.to_string() < from.to_string(),
        )
    };
    !ends_before(one, other) && !ends_before(other, one)
}

fn agree(first: &Row, other: &Row) -> Result<(), String> {
    let same = first.applies_to == other.applies_to
        && first.lifted_by == other.lifted_by
        && first.confidence == other.confidence
        && first.clock == other.clock
        && first.holidays == other.holidays
        && first.other_days == other.other_days;
    same.then_some(()).ok_or_else(|| {
        format!(
            "{} {}: its rows must agree on applies_to, lifted_by, confidence, clock, holidays and \
             other_days",
            first.code, first.rule
        )
    })
}

/// Adds a text unless it is there already.
fn extend(text: &mut String, more: &str) {
    if !more.is_empty() && more != AS_ABOVE && more != NOT_SEEN && !text.contains(more) {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(more);
    }
}
