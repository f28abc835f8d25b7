//! Answers and refusals, in the form of the tenant.

use axum::{
    Json,
    http::{HeaderValue, StatusCode},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{
    contract::Family,
    traits::{Created, Done, ErrorShape, Nothing, Unknown, Written},
};

/// An answer that is not a refusal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    status: StatusCode,
    body: Option<Value>,
}

impl Answer {
    /// 204.
    pub(super) const NOTHING: Self = Self { status: StatusCode::NO_CONTENT, body: None };

    /// 200 with a body.
    pub(super) fn of(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body) }
    }

    /// Rows, or what the tenant answers without any.
    pub(super) fn rows(body: Value, is_empty: bool, nothing: Nothing) -> Self {
        if is_empty && nothing == Nothing::NoContent { Self::NOTHING } else { Self::of(body) }
    }

    /// Success without content.
    pub(super) fn done(done: Done) -> Self {
        match done {
            Done::Ok => Self { status: StatusCode::OK, body: None },
            Done::NoContent => Self::NOTHING,
        }
    }

    /// Something new.
    pub(super) fn created(created: Created, body: Value) -> Self {
        match created {
            Created::Ok => Self::of(body),
            Created::Created => Self { status: StatusCode::CREATED, body: Some(body) },
            Created::Accepted => Self { status: StatusCode::ACCEPTED, body: None },
        }
    }

    pub(super) fn into_response(self) -> Response {
        match self.body {
            Some(body) => (self.status, Json(body)).into_response(),
            None => self.status.into_response(),
        }
    }
}

/// A refusal, and what a person should read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    /// Code of the token endpoint.
    code: &'static str,
    words: String,
}

/// Result of an operation.
pub(super) type Outcome = Result<Answer, Refusal>;

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, words: impl Into<String>) -> Self {
        Self { status, code, words: words.into() }
    }

    /// 400.
    pub(super) fn invalid(words: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", words)
    }

    /// 404.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("no such {what}"))
    }

    /// An id that does not exist. 204 is no refusal by its status.
    pub(super) fn unknown(unknown: Unknown, what: &str) -> Self {
        match unknown {
            Unknown::NotFound => Self::not_found(what),
            Unknown::BadRequest => Self::invalid(format!("no such {what}")),
            Unknown::NoContent => Self::new(StatusCode::NO_CONTENT, "", ""),
            Unknown::Forbidden => {
                Self::new(StatusCode::FORBIDDEN, "forbidden", format!("not your {what}"))
            }
        }
    }

    /// A request that does not say what it reads.
    pub(super) fn not_acceptable() -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable", "no way to render the data")
    }

    /// In the shape that the family and the tenant have for it.
    pub(super) fn into_response(self, family: Family, shape: ErrorShape) -> Response {
        let Self { status, code, words } = self;
        if status == StatusCode::NO_CONTENT {
            return status.into_response();
        }
        let page = || Html(format!("<html><body>{words}</body></html>"));
        if status == StatusCode::NOT_ACCEPTABLE {
            return (status, page()).into_response();
        }
        let body = match family {
            Family::OAuth => json!({ "error": code, "error_description": words }),
            // 401 comes from what stands before all services.
            Family::Dfo if status != StatusCode::UNAUTHORIZED => {
                let error = json!({ "field": "", "message": words, "errorCode": code });
                json!({ "errors": [error], "uid": "00000000-0000-4000-8000-000000000000" })
            }
            _ => match shape {
                ErrorShape::ErrorDescription => json!({ "error": code, "errorDescription": words }),
                ErrorShape::ErrorUnderscoreDescription => {
                    json!({ "error": code, "error_description": words })
                }
                ErrorShape::Message => json!({ "message": words }),
                ErrorShape::HeaderAlone => return header_alone(status, &words),
                ErrorShape::Page => return (status, page()).into_response(),
            },
        };
        (status, Json(body)).into_response()
    }
}

fn header_alone(status: StatusCode, words: &str) -> Response {
    let mut response = status.into_response();
    let visible: String = words.chars().filter(char::is_ascii).collect();
    if let Ok(value) = HeaderValue::from_str(&visible) {
        response.headers_mut().insert("icstatusdescription", value);
    }
    response
}

/// A number in the form of the tenant.
pub(super) fn written(number: usize, written: Written) -> Value {
    match written {
        Written::Number => json!(number),
        Written::Text => json!(number.to_string()),
    }
}

/// An instant as CXone writes it.
pub(super) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
