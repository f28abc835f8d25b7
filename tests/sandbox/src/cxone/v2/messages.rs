//! Text messages. A message that comes again with the same `Idempotency-Key` is not sent again.

use std::sync::Arc;

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Cxone, is_e164, rejected};

/// A text message that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The session it opened.
    pub session_id: String,
    /// Recipient, in E.164.
    pub to: String,
    /// The number it came from, in E.164.
    pub from: String,
    /// Content.
    pub message: String,
    /// Sender's id of it, if any.
    pub idempotency_key: Option<String>,
    /// Number of posts.
    pub posts: u32,
}

#[derive(Deserialize)]
pub(super) struct NewSession {
    to: String,
    from: String,
    message: String,
    channels: Vec<String>,
}

impl NewSession {
    /// Violation of the contract, if any.
    fn problem(&self) -> Option<&'static str> {
        if !is_e164(&self.to) || !is_e164(&self.from) {
            Some("to and from must be in E.164")
        } else if self.message.is_empty() {
            Some("message must not be empty")
        } else if self.channels != ["sms"] {
            Some("channels must be sms alone")
        } else {
            None
        }
    }
}

pub(super) async fn send(
    State(cxone): State<Arc<Cxone>>,
    headers: HeaderMap,
    body: Result<Json<NewSession>, JsonRejection>,
) -> Response {
    let session = match body {
        Ok(Json(session)) => session,
        Err(rejection) => return rejected(&rejection.body_text()),
    };
    if let Some(problem) = session.problem() {
        return rejected(problem);
    }
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let messages = &mut cxone.world().messages;
    let known =
        messages.iter_mut().find(|it| key.is_some() && it.idempotency_key.as_deref() == key);
    if let Some(known) = known {
        known.posts += 1;
        return Json(json!({ "sessionId": known.session_id })).into_response();
    }
    let NewSession { to, from, message, .. } = session;
    let session_id = ambient::id().to_string();
    messages.push(Message {
        session_id: session_id.clone(),
        to,
        from,
        message,
        idempotency_key: key.map(str::to_owned),
        posts: 1,
    });
    (StatusCode::CREATED, Json(json!({ "sessionId": session_id }))).into_response()
}
