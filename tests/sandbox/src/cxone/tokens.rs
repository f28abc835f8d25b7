//! Tokens that live for a while, and the client that gets them.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    time::Duration,
};

use ambient::Instant;
use axum::http::{HeaderMap, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;

use super::{CLIENT_ID, CLIENT_SECRET};

/// The tokens of an API.
pub(super) struct Tokens {
    client_secret: String,
    lifetime: Duration,
    issued: HashMap<String, Token>,
    refreshing: HashSet<String>,
}

struct Token {
    expiry: Instant,
    uses: u32,
}

impl Tokens {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            client_secret: CLIENT_SECRET.to_owned(),
            lifetime,
            issued: HashMap::new(),
            refreshing: HashSet::new(),
        }
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Returns whether a token is worth anything, and counts its use.
    pub(super) fn accepts(&mut self, headers: &HeaderMap, uses_max: Option<u32>) -> bool {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|bearer| bearer.strip_prefix("Bearer "));
        let Some(token) = token.and_then(|token| self.issued.get_mut(token)) else { return false };
        token.uses += 1;
        Instant::now() < token.expiry && uses_max.is_none_or(|max| token.uses <= max)
    }

    pub(super) fn is_client(&self, id: &str, secret: &str) -> bool {
        id == CLIENT_ID && secret == self.client_secret
    }

    pub(super) fn is_refresh_token(&self, token: Option<&str>) -> bool {
        token.is_some_and(|token| self.refreshing.contains(token))
    }

    /// Takes another secret from now on, and no token given out before.
    pub(super) fn rotate_secret(&mut self, client_secret: &str) {
        client_secret.clone_into(&mut self.client_secret);
        self.refreshing.clear();
        self.expire_all();
    }

    pub(super) fn expire_all(&mut self) {
        self.issued.clear();
    }

    /// Tokens that were given out, unless they were all forgotten since.
    pub(super) fn given_out(&self) -> impl Iterator<Item = String> {
        self.issued.keys().chain(&self.refreshing).cloned()
    }

    pub(super) fn issue(&mut self) -> String {
        let token = ambient::id().to_string();
        let expiry = Instant::now() + self.lifetime;
        self.issued.insert(token.clone(), Token { expiry, uses: 0 });
        token
    }

    /// A token, and one that gets another.
    pub(super) fn issue_with_refresh(&mut self) -> (String, String) {
        let refresh_token = ambient::id().to_string();
        self.refreshing.insert(refresh_token.clone());
        (self.issue(), refresh_token)
    }
}

/// The id and secret of a Basic header, percent-decoded as RFC 6749 §2.3.1 requires.
pub(super) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
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
