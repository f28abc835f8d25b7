//! The access token: fetched once, by one of three grants, and kept for as long as it lives.

mod grant;
mod trial;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ambient::Instant;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use settings::{CredentialSource, Credentials};
use tokio::{sync::Mutex, time::timeout_at};
use url::Url;

use crate::{
    Error,
    clock::Timestamp,
    reading,
    retry::Repeat,
    sender::{Answer, Sender},
};

use grant::Body;
pub(crate) use grant::{ClientAuth, Grant};
pub use trial::{CredentialHalf, TokenStyle, TokenTrial, TokenTrialOutcome, TokenTrials};

/// Lifetime of a token when the answer states none.
const LIFE_DEFAULT: Duration = Duration::from_mins(30);

/// A longer life is not believed.
const LIFE_MAX: Duration = Duration::from_hours(24);

/// A token is replaced this long before it expires, or after half its life, whichever is later:
/// one that lives for a second must still be usable.
const REFRESH_BEFORE: Duration = Duration::from_mins(1);

/// A token that was valid when it was handed out.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    secret: Arc<SecretString>,
    serial: u64,
    asked_at: Timestamp,
    /// Time after that at which it is replaced.
    used_for: Duration,
    /// Lifetime in the answer, if it states one.
    stated_life: Option<Duration>,
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

    /// Lifetime in the answer of the token endpoint, if it states one.
    pub(crate) fn stated_life(&self) -> Option<Duration> {
        self.stated_life
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
    grant: Grant,
    scope: Option<String>,
    credentials: Box<dyn CredentialSource>,
    /// Result of the latest refresh. Held locked while a refresh is under way.
    latest: Mutex<Option<Result<Token, Error>>>,
    /// Number of finished refreshes. A caller that sees it grow while waiting for the lock uses the
    /// result of that refresh, be it an error: twenty callers do not send twenty requests.
    refreshes: AtomicU64,
    /// Status of the latest answer, and its OAuth error code if it had one.
    answered: std::sync::Mutex<Option<(u16, Option<&'static str>)>>,
}

impl TokenSource {
    pub(crate) fn new(
        sender: Sender,
        url: Url,
        grant: Grant,
        scope: Option<String>,
        credentials: Box<dyn CredentialSource>,
    ) -> Self {
        Self {
            sender,
            url,
            grant,
            scope,
            credentials,
            latest: Mutex::new(None),
            refreshes: AtomicU64::new(0),
            answered: std::sync::Mutex::default(),
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
        let body = Body::new(self.grant, self.scope.as_deref(), &credentials)?;
        let request = |http: &reqwest::Client| body.request(http.post(self.url.clone()));
        let answer = self.sender.send("token", Repeat::Reading, until, request).await?;
        let seen = (answer.status.as_u16(), oauth_error(&answer.body));
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        let granted = granted(&answer)?;
        // RFC 6749, section 5.1: a scope that is absent is the one that was requested.
        let scope = granted.scope().or(self.scope.as_deref()).map(Arc::from);
        let stated_life = granted.stated_life();
        let life = stated_life.unwrap_or(LIFE_DEFAULT);
        Ok(Token {
            secret: Arc::new(granted.access_token.into()),
            serial,
            asked_at,
            used_for: life.saturating_sub(REFRESH_BEFORE.min(life / 2)),
            stated_life,
            scope,
        })
    }

    async fn credentials(&self, until: Instant) -> Result<Credentials, Error> {
        let found = timeout_at(until, self.credentials.credentials()).await;
        found.map_err(|_| Error::out_of_time())?.map_err(|error| {
            Error::not_sent(format!("the credentials cannot be loaded: {error}"), None)
        })
    }
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

    /// Lifetime of the token, if it is stated. One that is over already is used once all the same.
    fn stated_life(&self) -> Option<Duration> {
        let life = Duration::try_from_secs_f64(self.expires_in?.max(0.0));
        Some(life.unwrap_or(LIFE_MAX).min(LIFE_MAX))
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
