//! OAuth 2.0 client credentials, and the check of the tokens that they get.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{Cxone, OAUTH};
use crate::cxone::tokens::basic_credentials;

#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

pub(super) async fn issue(
    State(cxone): State<Arc<Cxone>>,
    headers: HeaderMap,
    Form(request): Form<TokenRequest>,
) -> Response {
    if request.grant_type != "client_credentials" {
        let body = Json(json!({ "error": "unsupported_grant_type" }));
        return (StatusCode::BAD_REQUEST, body).into_response();
    }
    let in_form = request.client_id.zip(request.client_secret);
    let tokens = &mut cxone.world().tokens;
    let shown = basic_credentials(&headers).or(in_form);
    if !shown.is_some_and(|(id, secret)| tokens.is_client(&id, &secret)) {
        let body = Json(json!({ "error": "invalid_client" }));
        return (StatusCode::UNAUTHORIZED, body).into_response();
    }
    let expires_in = tokens.lifetime().as_secs();
    let access_token = tokens.issue();
    let body = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": expires_in,
    });
    Json(body).into_response()
}

/// Lets through what has a token, and requests for one.
pub(super) async fn authorize(
    State(cxone): State<Arc<Cxone>>,
    request: Request,
    next: Next,
) -> Response {
    let is_token_request = request.uri().path() == OAUTH;
    let allowed = is_token_request || cxone.world().tokens.accepts(request.headers(), None);
    if !allowed {
        let body = Json(json!({ "error": "invalid_token" }));
        return (StatusCode::UNAUTHORIZED, body).into_response();
    }
    next.run(request).await
}
