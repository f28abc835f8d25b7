//! Inbound webhooks: who sent this, and is it JSON.
//!
//! A sender shows that it knows a secret by a Standard Webhooks signature, or, if it cannot sign,
//! by sending the secret itself as a token. Whoever does neither stays out, and no secret at all
//! means that nobody gets in. What is checked is the body as it was sent: `lambda_http` has
//! already undone the base64 that API Gateway may have put around it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_sdk_secretsmanager::Client;
use lambda_http::{
    Request,
    http::{HeaderMap, header},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};
use standardwebhooks::{Webhook, WebhookError};
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

use crate::{
    problem::Problem,
    secrets::{SecretError, WebhookSource, key},
    telemetry::{Count, EventRecord},
};

/// The longest body that is taken in over HTTP.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// How long fetched secrets are used before they are fetched again, so that one that was removed
/// stops working.
const SECRETS_KEPT: Duration = Duration::from_mins(5);
/// How long they are kept when a request is proven by none of them, so that one that was added works
/// soon and a flood of forgeries costs no flood of calls.
const SECRETS_KEPT_IN_DOUBT: Duration = Duration::from_secs(10);

/// Checks senders.
pub struct Authenticator {
    source: WebhookSource,
    client: Client,
    current: Mutex<Current>,
}

struct Current {
    secrets: Arc<[SecretString]>,
    /// By the clock on the wall: between two requests Lambda may stop this process for hours, and
    /// its other clocks with it.
    fetched_at: SystemTime,
}

impl Authenticator {
    /// Fetches the secrets for the first time.
    pub async fn load(source: WebhookSource, client: Client) -> Result<Self, SecretError> {
        let secrets: Arc<[_]> = source.load(&client).await?.into();
        if secrets.is_empty() {
            tracing::warn!("there is no webhook secret: every sender will be turned away");
        }
        let fetched_at = SystemTime::now();
        Ok(Self { source, client, current: Mutex::new(Current { secrets, fetched_at }) })
    }

    /// Lets the request in, or says why not in a way that helps an honest sender only. Counts a
    /// sender that uses an older secret than the first one: it would be turned away if that were
    /// removed.
    pub async fn verify(&self, request: &Request, record: &mut EventRecord) -> Result<(), Problem> {
        let now = SystemTime::now();
        let mut proven = Err(Denied::Mismatch);
        for kept in [SECRETS_KEPT, SECRETS_KEPT_IN_DOUBT] {
            let secrets = self.secrets(now, kept).await;
            proven = authenticate(&secrets, request.headers(), request.body());
            if proven != Err(Denied::Mismatch) {
                break;
            }
        }
        if proven? > 0 {
            record.count(Count::OldSecret, 1);
        }
        Ok(())
    }

    /// The secrets, which were fetched at most so long ago.
    async fn secrets(&self, now: SystemTime, kept: Duration) -> Arc<[SecretString]> {
        let mut current = self.current.lock().await;
        // A clock that was put back says nothing about their age.
        if now.duration_since(current.fetched_at).is_ok_and(|age| age < kept) {
            return Arc::clone(&current.secrets);
        }
        // Taken first, so that an outage costs one call every few minutes, not one per event.
        current.fetched_at = now;
        match self.source.load(&self.client).await {
            Ok(secrets) => current.secrets = secrets.into(),
            Err(error) => {
                tracing::warn!(%error, "webhook secrets not refreshed, old ones used");
            }
        }
        Arc::clone(&current.secrets)
    }
}

/// Why a sender was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Denied {
    Missing,
    Incomplete,
    OutOfTime,
    Mismatch,
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let detail = match denied {
            Denied::Missing => "the request carries neither a signature nor a token",
            Denied::Incomplete => "the signature headers are incomplete or malformed",
            Denied::OutOfTime => "the signature's timestamp is more than 5 minutes off",
            Denied::Mismatch => "the signature or token does not match",
        };
        Self::unauthorized("unauthenticated", detail)
    }
}

/// Which of the secrets proves the request.
fn authenticate(
    secrets: &[SecretString],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<usize, Denied> {
    // One header of a signature is enough to be held to it: nobody may strip a signature and try
    // the weaker way.
    let is_signed = headers.keys().any(|name| name.as_str().starts_with("webhook-"));
    if is_signed {
        return verify_signature(secrets, headers, body);
    }
    let sent = token(headers).ok_or(Denied::Missing)?;
    // Digests are of one length, so that not even a secret's length shows in the time taken.
    let sent = Sha256::digest(sent);
    let is_sent =
        |secret: &SecretString| Sha256::digest(secret.expose_secret()).ct_eq(&sent).into();
    // All are compared, whichever it is.
    let compared: Vec<bool> = secrets.iter().map(is_sent).collect();
    compared.into_iter().position(|is_sent| is_sent).ok_or(Denied::Mismatch)
}

fn verify_signature(
    secrets: &[SecretString],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<usize, Denied> {
    // The verifier subtracts timestamps unchecked, and the sender chooses them.
    if number(headers, "webhook-timestamp").is_none_or(|seconds| seconds < 0) {
        return Err(Denied::Incomplete);
    }
    // Secrets without a key do not get this far: they are refused where they are loaded.
    let keys = secrets.iter().map(|secret| Webhook::from_bytes(key(secret).ok()?).ok());
    for (index, key) in keys.enumerate().filter_map(|(index, key)| Some((index, key?))) {
        match key.verify(body, headers) {
            Ok(()) => return Ok(index),
            Err(WebhookError::InvalidSignature | WebhookError::InvalidPayload) => {}
            Err(WebhookError::TimestampTooOldError | WebhookError::FutureTimestampError) => {
                return Err(Denied::OutOfTime);
            }
            Err(_) => return Err(Denied::Incomplete),
        }
    }
    Err(Denied::Mismatch)
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn token(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let plain = || headers.get("x-webhook-token")?.to_str().ok();
    bearer.or_else(plain).map(str::as_bytes)
}

/// The body of a request as JSON, or what keeps it from being that.
pub fn json_body(request: &Request) -> Result<Value, Problem> {
    let body: &[u8] = request.body();
    if body.len() > BODY_BYTES_MAX {
        let detail = format!("the body must not be longer than {BODY_BYTES_MAX} bytes");
        return Err(Problem::too_large("body_too_large", detail));
    }
    if !is_json(request.headers()) {
        let detail = "the content type must be application/json";
        return Err(Problem::unsupported_media_type("not_json", detail));
    }
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let detail = format!("the body is not JSON: see line {line}, column {column}");
        Problem::bad_request("malformed_json", detail)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

#[cfg(test)]
mod tests;
