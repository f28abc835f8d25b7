//! HTTP replies. Errors are problem details (RFC 9457) with a stable `code` that a program may
//! act on; the caller never sees an internal error's text.

#[cfg(test)]
mod tests;

use std::time::Duration;

use lambda_http::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};
use outbound::FieldProblem;
use serde::Serialize;

use crate::telemetry::Count;

/// An error reply. Its status is always an error's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldProblem>,
    retry_after: Option<Duration>,
    is_final: bool,
}

impl Problem {
    /// 400: the request is malformed.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 401: the sender has not proved that it has a secret.
    pub fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// 404: there is nothing here.
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// 409: the request meets another one, or has run out of room.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 413: the body is too long.
    pub fn too_large(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, code, detail)
    }

    /// 415: the body is of another media type.
    pub fn unsupported_media_type(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, detail)
    }

    /// 422: well-formed, and yet not acceptable.
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 500: a defect of ours.
    pub fn internal(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, detail)
    }

    /// 502: CXone answered something that cannot be used.
    pub fn bad_gateway(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, code, detail)
    }

    /// 503: something behind us is not there for now. Say when to come back.
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
    }

    /// Private, so that no caller can make an error of a 2xx.
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            is_final: false,
        }
    }

    /// Lists everything that is wrong, so that the sender can mend it in one go.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldProblem>) -> Self {
        self.errors = errors;
        self
    }

    /// Asks the sender to come back after that long, rounded up to whole seconds.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// 503: the event is not safe yet, and must be sent again. The log has the reason.
    pub fn not_stored(why: impl std::fmt::Display) -> Self {
        tracing::error!(%why, "an event could not be stored");
        Self::unavailable("not_stored", "it could not be stored; send it again")
            .retry_after(Duration::from_secs(5))
    }

    /// Nothing is left of the request: sent again, it starts anew.
    #[must_use]
    pub fn for_good(mut self) -> Self {
        self.is_final = true;
        self
    }

    /// Says that the event is not lost, though it is refused.
    #[must_use]
    pub fn and_kept(mut self) -> Self {
        self.detail.push_str("; the event is kept for a person");
        self
    }

    /// Returns whether nothing is left of the request.
    pub fn is_final(&self) -> bool {
        self.is_final
    }

    /// The stable code, for the telemetry's outcome.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Detail for the sender.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The status it is sent with.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

/// The document on the wire. `type` is left out: it means `about:blank`, "see the status".
#[derive(Serialize)]
struct Document<'a> {
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldProblem],
}

impl From<Problem> for Response<Body> {
    fn from(problem: Problem) -> Self {
        let document = Document {
            title: problem.status.canonical_reason().unwrap_or("Error"),
            status: problem.status.as_u16(),
            code: problem.code,
            detail: &problem.detail,
            errors: &problem.errors,
        };
        let mut response = respond(problem.status, "application/problem+json", &document);
        let headers = response.headers_mut();
        if let Some(wait) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, whole_seconds(wait).into());
        }
        if problem.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A success reply: a JSON document, and how its event is recorded.
#[derive(Debug)]
pub struct Reply {
    response: Response<Body>,
    outcome: &'static str,
    count: Count,
}

impl Reply {
    /// 200 with a document. `outcome` and `count` go into the event's record.
    pub fn ok(document: &impl Serialize, outcome: &'static str, count: Count) -> Self {
        let response = respond(StatusCode::OK, "application/json", document);
        Self { response, outcome, count }
    }

    /// 201 with a document. `outcome` and `count` go into the event's record.
    pub fn created(document: &impl Serialize, outcome: &'static str, count: Count) -> Self {
        let response = respond(StatusCode::CREATED, "application/json", document);
        Self { response, outcome, count }
    }

    /// The stable word for the event's record.
    pub fn outcome(&self) -> &'static str {
        self.outcome
    }

    /// The counter that the event adds to.
    pub fn count(&self) -> Count {
        self.count
    }
}

impl From<Reply> for Response<Body> {
    fn from(reply: Reply) -> Self {
        reply.response
    }
}

fn respond(
    status: StatusCode,
    media_type: &'static str,
    document: &impl Serialize,
) -> Response<Body> {
    let (status, body) = match serde_json::to_string(document) {
        Ok(body) => (status, Body::from(body)),
        Err(error) => {
            tracing::error!(%error, "a reply could not be written as JSON");
            (StatusCode::INTERNAL_SERVER_ERROR, Body::Empty)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
