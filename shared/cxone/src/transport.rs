//! One authorized call: a token, the request, and on a 401 one new token and one more try.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use ambient::Instant;

use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    Error, error, reading,
    retry::Repeat,
    sender::{Answer, Sender},
    token::{Token, TokenSource, TokenTrials},
};
use outbound::CxoneUsage;

/// The address of `path` below `base`, whose own path stays in front.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// Finds the error message in a refusal.
pub(crate) type ErrorMessage = fn(&Answer) -> Cow<'_, [u8]>;

#[derive(Debug)]
pub(crate) struct Transport {
    sender: Sender,
    tokens: TokenSource,
    error_message: ErrorMessage,
    refused: AtomicU64,
}

/// CXone's answer to an authorized call: a success, or a refusal with its error message.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    /// The error message as far as it may be shown.
    pub(crate) message: String,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) answer: Answer,
    /// The error message as far as it may be shown.
    pub(crate) message: String,
    /// Headers about limits of requests.
    pub(crate) limits: Vec<String>,
}

impl Reply {
    /// This reply if it is a success, else the error for it.
    pub(crate) fn success(self) -> Result<Self, Error> {
        if self.status.is_success() { Ok(self) } else { Err(self.into_error()) }
    }

    /// Reads the body, if it has the agreed form.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        reading::json(&self.body).map_err(|_| self.unexpected())
    }

    /// The id that a success carries in `field`. What was done is done even if CXone does not say
    /// under which id.
    pub(crate) fn id(&self, field: &'static str) -> Option<String> {
        let id = reading::id(&self.body, field);
        if id.is_none() {
            let status = self.status.as_u16();
            tracing::warn!(status, field, "a success of CXone carries no id that can be read");
        }
        id
    }

    /// As [`read`](Self::read), of a body with data about customers. It must not be logged, so the
    /// error contains `otherwise` instead.
    pub(crate) fn read_private<T: DeserializeOwned>(
        &self,
        otherwise: &'static str,
    ) -> Result<T, Error> {
        self.read().map_err(|_| self.unexpected_private(otherwise))
    }

    /// The error for a success with data about customers that is not as agreed.
    pub(crate) fn unexpected_private(&self, detail: &'static str) -> Error {
        Error::Unexpected { status: self.status.as_u16(), detail: detail.to_owned() }
    }

    /// The error for a success whose body is not as agreed.
    pub(crate) fn unexpected(&self) -> Error {
        Error::Unexpected { status: self.status.as_u16(), detail: self.message.clone() }
    }

    /// The error for this reply, if it is not a success.
    pub(crate) fn into_error(self) -> Error {
        Error::from_status(self.status, self.message)
    }
}

impl Transport {
    pub(crate) fn new(sender: Sender, tokens: TokenSource, error_message: ErrorMessage) -> Self {
        Self { sender, tokens, error_message, refused: AtomicU64::new(0) }
    }

    /// Sends what `request` builds with a token, within what `until` leaves.
    pub(crate) async fn call(
        &self,
        operation: &'static str,
        repeat: Repeat,
        until: Instant,
        request: impl Fn(&reqwest::Client) -> RequestBuilder + Sync,
    ) -> Result<Reply, Error> {
        let reply = self.authorized(operation, repeat, until, request).await;
        if refuses_who_asks(&reply) {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        reply
    }

    /// Sends what `request` builds once, with this token or else with our own, and returns the answer
    /// as it came.
    pub(crate) async fn look(
        &self,
        token: Option<&str>,
        repeat: Repeat,
        until: Instant,
        request: impl Fn(&reqwest::Client) -> RequestBuilder + Sync,
    ) -> Result<Looked, Error> {
        let own = match token {
            Some(_) => None,
            None => Some(self.tokens.get(until).await?),
        };
        let shown = token.or(own.as_ref().map(Token::expose)).unwrap_or_default();
        let request = |http: &reqwest::Client| request(http).bearer_auth(shown);
        let (answer, limits) = self.sender.once(repeat, until, request).await?;
        let message = error::message(&(self.error_message)(&answer), shown);
        Ok(Looked { answer, message, limits })
    }

    async fn authorized(
        &self,
        operation: &'static str,
        repeat: Repeat,
        until: Instant,
        request: impl Fn(&reqwest::Client) -> RequestBuilder + Sync,
    ) -> Result<Reply, Error> {
        let mut token = self.tokens.get(until).await?;
        let send = |token: Token| {
            let request = &request;
            self.sender.send(operation, repeat, until, move |http| {
                request(http).bearer_auth(token.expose())
            })
        };
        let mut answer = send(token.clone()).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            tracing::debug!(operation, "CXone refused the token");
            self.tokens.invalidate(&token).await;
            token = self.tokens.get(until).await?;
            answer = send(token.clone()).await?;
        }
        let message = error::message(&(self.error_message)(&answer), token.expose());
        let Answer { status, body, .. } = answer;
        tracing::debug!(operation, status = status.as_u16(), "CXone answered");
        Ok(Reply { status, body, message })
    }

    /// Scopes of the token, if known.
    pub(crate) async fn granted_scopes(
        &self,
        until: Instant,
    ) -> Result<Option<BTreeSet<String>>, Error> {
        Ok(self.tokens.get(until).await?.scopes())
    }

    /// Lifetime of the token, if the token endpoint stated it.
    pub(crate) async fn token_life(&self, until: Instant) -> Result<Option<Duration>, Error> {
        Ok(self.tokens.get(until).await?.stated_life())
    }

    /// Tries the styles of token requests that are not configured.
    pub(crate) async fn token_trials(&self, until: Instant) -> TokenTrials {
        self.tokens.trials(until).await
    }

    pub(crate) fn drain_usage(&self) -> CxoneUsage {
        CxoneUsage { refused: self.refused.swap(0, Ordering::Relaxed), ..self.sender.drain_usage() }
    }
}

/// Returns whether CXone rejected the credentials, not the request.
fn refuses_who_asks(reply: &Result<Reply, Error>) -> bool {
    match reply {
        Ok(reply) => matches!(reply.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
        Err(error) => matches!(error, Error::Unauthorized { .. }),
    }
}
