//! The access token: OAuth 2.0 client credentials (RFC 6749, section 4.4), fetched once and kept
//! for as long as it lives.

use std::{
    collections::BTreeSet,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ambient::Instant;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use settings::{CredentialSource, Credentials};
use tokio::{sync::Mutex, time::timeout_at};
use url::{Url, form_urlencoded};

use crate::{
    Error,
    clock::Timestamp,
    reading,
    retry::Repeat,
    sender::{Answer, Sender},
};

/// Lifetime of a token when the answer states none.
const LIFE_DEFAULT: Duration = Duration::from_mins(30);

/// A longer life is not believed.
const LIFE_MAX: Duration = Duration::from_hours(24);

/// A token is replaced this long before it expires, or after half its life, whichever is later:
/// one that lives for a second must still be usable.
const REFRESH_BEFORE: Duration = Duration::from_mins(1);

/// Client authentication at the token endpoint (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenAuth {
    /// In the `Authorization` header.
    Basic,
    /// In the body.
    Form,
}

impl FromStr for TokenAuth {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "basic" => Ok(Self::Basic),
            "form" => Ok(Self::Form),
            _ => Err("expected basic or form"),
        }
    }
}

/// A token that was valid when it was handed out.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    secret: Arc<SecretString>,
    serial: u64,
    asked_at: Timestamp,
    /// Time after that at which it is replaced.
    used_for: Duration,
    /// Separated by spaces, if it is known.
    scope: Option<Arc<str>>,
}

impl Token {
    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.asked_at) < self.used_for
    }

    /// Scopes of the token, if known.
    pub(crate) fn scopes(&self) -> Option<BTreeSet<String>> {
        let scope = self.scope.as_deref()?;
        Some(scope.split_whitespace().map(str::to_owned).collect())
    }
}

/// Source of tokens.
#[derive(Debug)]
pub(crate) struct TokenSource {
    sender: Sender,
    url: Url,
    auth: TokenAuth,
    scope: Option<String>,
    credentials: Box<dyn CredentialSource>,
    /// Result of the latest refresh. Held locked while a refresh is under way.
    latest: Mutex<Option<Result<Token, Error>>>,
    /// Number of finished refreshes. A caller that sees it grow while waiting for the lock uses the
    /// result of that refresh, be it an error: twenty callers do not send twenty requests.
    refreshes: AtomicU64,
}

impl TokenSource {
    pub(crate) fn new(
        sender: Sender,
        url: Url,
        auth: TokenAuth,
        scope: Option<String>,
        credentials: Box<dyn CredentialSource>,
    ) -> Self {
        Self {
            sender,
            url,
            auth,
            scope,
            credentials,
            latest: Mutex::new(None),
            refreshes: AtomicU64::new(0),
        }
    }

    /// A token that can be used now: the kept one, or a new one.
    pub(crate) async fn get(&self, until: Instant) -> Result<Token, Error> {
        let seen = self.refreshes.load(Ordering::Acquire);
        let mut latest =
            timeout_at(until, self.latest.lock()).await.map_err(|_| Error::out_of_time())?;
        let refreshes = self.refreshes.load(Ordering::Acquire);
        match &*latest {
            Some(Ok(token)) if token.is_fresh(Timestamp::now()) => return Ok(token.clone()),
            Some(result) if refreshes > seen => return result.clone(),
            _ => {}
        }
        let result = self.fetch(refreshes, until).await;
        *latest = Some(result.clone());
        self.refreshes.store(refreshes + 1, Ordering::Release);
        result
    }

    /// Forgets a token that CXone refused, unless a newer one has taken its place already.
    pub(crate) async fn invalidate(&self, refused: &Token) {
        let mut latest = self.latest.lock().await;
        if matches!(&*latest, Some(Ok(token)) if token.serial == refused.serial) {
            *latest = None;
        }
    }

    async fn fetch(&self, serial: u64, until: Instant) -> Result<Token, Error> {
        let credentials = self.credentials(until).await?;
        let asked_at = Timestamp::now();
        let request = |http: &reqwest::Client| self.request(http, &credentials);
        let answer = self.sender.send("token", Repeat::Reading, until, request).await?;
        let granted = granted(&answer)?;
        // RFC 6749, section 5.1: a scope that is absent is the one that was requested.
        let scope = granted.scope().or(self.scope.as_deref()).map(Arc::from);
        let life = granted.life();
        Ok(Token {
            secret: Arc::new(granted.access_token.into()),
            serial,
            asked_at,
            used_for: life.saturating_sub(REFRESH_BEFORE.min(life / 2)),
            scope,
        })
    }

    async fn credentials(&self, until: Instant) -> Result<Credentials, Error> {
        let found = timeout_at(until, self.credentials.credentials()).await;
        found.map_err(|_| Error::out_of_time())?.map_err(|error| {
            Error::not_sent(format!("the credentials cannot be loaded: {error}"), None)
        })
    }

    fn request(&self, http: &reqwest::Client, credentials: &Credentials) -> RequestBuilder {
        let Credentials { client_id, client_secret } = credentials;
        let mut form = vec![("grant_type", "client_credentials")];
        if let Some(scope) = &self.scope {
            form.push(("scope", scope));
        }
        let request = http.post(self.url.clone());
        match self.auth {
            TokenAuth::Basic => request
                .basic_auth(encoded(client_id), Some(encoded(client_secret.expose_secret())))
                .form(&form),
            TokenAuth::Form => {
                form.push(("client_id", client_id));
                form.push(("client_secret", client_secret.expose_secret()));
                request.form(&form)
            }
        }
    }
}

/// RFC 6749, section 2.3.1: id and secret are encoded as in a form before they become a user name
/// and a password, so that a colon in the id does not end it.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A token is good however its life and its scope are written.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default, deserialize_with = "reading::optional_number")]
    expires_in: Option<f64>,
    scope: Option<Value>,
}

impl Granted {
    fn scope(&self) -> Option<&str> {
        self.scope.as_ref()?.as_str()
    }

    /// Lifetime of the token. One that is over already is used once all the same.
    fn life(&self) -> Duration {
        let lifetime =
            |seconds: f64| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LIFE_MAX);
        self.expires_in.map_or(LIFE_DEFAULT, lifetime).min(LIFE_MAX)
    }
}

/// Reads the answer of the token endpoint. Of a refusal only the OAuth error code is kept: the
/// rest may repeat what was sent.
fn granted(answer: &Answer) -> Result<Granted, Error> {
    let status = answer.status.as_u16();
    match status {
        200..=299 => reading::json(&answer.body).map_err(|_| Error::Unexpected {
            status,
            detail: "the answer of the token endpoint holds no token".to_owned(),
        }),
        400 | 401 | 403 => Err(Error::Unauthorized {
            detail: format!(
                "the token endpoint answered {status} ({})",
                oauth_error(&answer.body).unwrap_or("no reason")
            ),
        }),
        _ => Err(Error::Unexpected { status, detail: "from the token endpoint".to_owned() }),
    }
}

/// The error code of RFC 6749, section 5.2, if it is one.
fn oauth_error(body: &[u8]) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ]
    .into_iter()
    .find(|code| *code == refusal.error)
}
