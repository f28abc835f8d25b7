//! Content of a webhook.

use std::borrow::Cow;

use lambda_http::{
    Request,
    http::{HeaderMap, header},
};
use outbound::Json;
use serde_json::json;

use crate::{idempotency, problem::Problem};

/// The longest id of a sender's own making that is kept as it is, in bytes.
const ID_BYTES_MAX: usize = 128;

/// The body of a webhook.
#[derive(Debug)]
pub struct Payload<'a> {
    bytes: &'a [u8],
    text: Cow<'a, str>,
    is_json: bool,
    is_encoded: bool,
}

impl<'a> Payload<'a> {
    /// The body of a request. What is not UTF-8 in it can be read all the same, with U+FFFD for what
    /// is none.
    pub fn of(request: &'a Request) -> Self {
        let bytes: &[u8] = request.body();
        let headers = request.headers();
        let (is_json, is_encoded) = (is_json(headers), is_encoded(headers));
        Self { bytes, text: String::from_utf8_lossy(bytes), is_json, is_encoded }
    }

    /// The body as it was sent.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The body as JSON, or what keeps it from being that.
    pub fn json(&self) -> Result<Json<'_>, Problem> {
        if !self.is_json {
            let detail = "the content type must be application/json";
            return Err(Problem::unsupported_media_type("not_json", detail));
        }
        Json::parse(&self.text).map_err(|error| {
            if self.is_encoded {
                let detail = "the body is compressed; send it without Content-Encoding";
                return Problem::unsupported_media_type("not_json", detail);
            }
            let (line, column) = (error.line(), error.column());
            let detail = format!("the body is not JSON: see line {line}, column {column}");
            Problem::bad_request("malformed_json", detail)
        })
    }
}

/// The id that a signed webhook has in its header: the same in every delivery of it. A long one is
/// given as its digest.
pub fn delivery_id(request: &Request) -> Option<String> {
    let id = request.headers().get("webhook-id")?.to_str().ok()?.trim();
    match id.len() {
        0 => None,
        1..=ID_BYTES_MAX => Some(id.to_owned()),
        _ => Some(idempotency::key("webhook-id", &json!(id)).to_string()),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// Returns whether the sender says that it compressed the body. API Gateway hands it over as it is.
fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity")
}

#[cfg(test)]
mod tests;
