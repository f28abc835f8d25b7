//! OAuth 2.0 client credentials: tokens that live for a while.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{CLIENT_ID, CLIENT_SECRET, Cxone};

pub(super) struct Tokens {
    client_secret: String,
    lifetime: Duration,
    expiry: HashMap<String, Instant>,
}

impl Tokens {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { client_secret: CLIENT_SECRET.to_owned(), lifetime, expiry: HashMap::new() }
    }

    pub(super) fn accepts(&self, token: Option<&str>) -> bool {
        let expiry = token.and_then(|token| self.expiry.get(token));
        expiry.is_some_and(|expiry| Instant::now() < *expiry)
    }

    /// Takes another secret from now on, and no token given out before.
    pub(super) fn rotate_secret(&mut self, client_secret: &str) {
        client_secret.clone_into(&mut self.client_secret);
        self.expire_all();
    }

    pub(super) fn expire_all(&mut self) {
        self.expiry.clear();
    }

    fn issue(&mut self) -> String {
        let token = Uuid::new_v4().to_string();
        self.expiry.insert(token.clone(), Instant::now() + self.lifetime);
        token
    }
}

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
    let credentials = basic_credentials(&headers).or(in_form);
    let mut world = cxone.world();
    let expected = (CLIENT_ID.to_owned(), world.tokens.client_secret.clone());
    if credentials != Some(expected) {
        let body = Json(json!({ "error": "invalid_client" }));
        return (StatusCode::UNAUTHORIZED, body).into_response();
    }
    let expires_in = world.tokens.lifetime.as_secs();
    let access_token = world.tokens.issue();
    let body = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": expires_in,
    });
    Json(body).into_response()
}

/// The id and secret of a Basic header, percent-decoded as RFC 6749 §2.3.1 requires.
fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let decode = |text: &str| {
        // Form encoding writes a space as a plus sign.
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned)
    };
    decode(id).zip(decode(secret))
}
