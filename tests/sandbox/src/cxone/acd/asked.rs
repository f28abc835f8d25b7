//! A request that is as the description has it, and what its operations read from it.

use std::cmp::Ordering;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{answer::Refusal, contract::Said};

/// Rows of a page unless told.
const TOP_DEFAULT: usize = 50;

/// A request.
pub(super) struct Asked {
    pub(super) said: Said,
    pub(super) headers: HeaderMap,
    /// The base URL that it came to.
    pub(super) base: String,
}

impl Asked {
    /// An id in the path.
    pub(super) fn id(&self, name: &str) -> i64 {
        self.said.path[name].as_i64().unwrap_or_default()
    }

    pub(super) fn body(&self) -> &Value {
        &self.said.body
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.said.query.get(name)?.as_str()
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.said.query.get(name)?.as_i64()
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.said.query.get(name)?.as_bool()
    }

    /// The texts of a parameter that can be given more than once; none if it is not given.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        Some(self.said.query.get(name)?.as_array()?.iter().filter_map(Value::as_str).collect())
    }

    /// An instant, which the description has as a date and time.
    pub(super) fn instant(&self, name: &str) -> Option<DateTime<Utc>> {
        let parsed = DateTime::parse_from_rfc3339(self.text(name)?).ok()?;
        Some(parsed.to_utc())
    }

    /// The period of `startDate` and `endDate`; open where one is not given.
    pub(super) fn period(&self) -> Result<Period, Refusal> {
        let from = self.instant("startDate").unwrap_or(DateTime::<Utc>::MIN_UTC);
        let to = self.instant("endDate").unwrap_or(DateTime::<Utc>::MAX_UTC);
        if to < from {
            return Err(Refusal::invalid("endDate must not come before startDate"));
        }
        Ok(Period { from, to })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The members of a row that `fields` asks for.
    pub(super) fn picked(&self, row: &Value) -> Value {
        let (Some(fields), Some(members)) = (self.text("fields"), row.as_object()) else {
            return row.clone();
        };
        let is_asked = |name: &str| fields.split(',').any(|field| field.trim() == name);
        let picked: Map<String, Value> = members
            .iter()
            .filter(|(name, _)| is_asked(name))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        picked.into()
    }

    /// The rows of the page that `orderBy`, `skip`, `top` and `fields` ask for.
    pub(super) fn page(&self, rows: Vec<Value>, top_max: usize) -> Vec<Value> {
        self.page_where(rows, top_max, |_| true)
    }

    /// As [`page`](Self::page), where not all of these parameters count.
    pub(super) fn page_where(
        &self,
        mut rows: Vec<Value>,
        top_max: usize,
        counts: impl Fn(&str) -> bool,
    ) -> Vec<Value> {
        if let Some(order) = self.text("orderBy").filter(|_| counts("orderBy")) {
            let (field, direction) = order.split_once(' ').unwrap_or((order, "asc"));
            rows.sort_by(|one, other| compare(&one[field], &other[field]));
            if direction.eq_ignore_ascii_case("desc") {
                rows.reverse();
            }
        }
        let size = |name: &str| self.number(name).and_then(|number| usize::try_from(number).ok());
        let top = size("top").unwrap_or(TOP_DEFAULT).min(top_max);
        let skip = size("skip").filter(|_| counts("skip")).unwrap_or_default();
        let rows = rows.iter().skip(skip).take(top);
        rows.map(|row| self.picked(row)).collect()
    }
}

/// A period, its ends included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

impl Period {
    pub(super) fn includes(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at <= self.to
    }
}

/// Order of two values of a field: numbers by size, all others by their text.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one.as_i64(), other.as_i64()) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => one.as_str().cmp(&other.as_str()),
    }
}
