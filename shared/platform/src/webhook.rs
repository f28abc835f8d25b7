//! Inbound webhooks: who sent this, and what is it.
//!
//! A sender proves that it has a secret by a Standard Webhooks signature, or, if it cannot sign, by
//! sending the secret itself as a token. Whoever does neither stays out, and no secret at all means
//! that no sender gets in. The check covers the body as it was sent: `lambda_http` has already
//! undone the base64 that API Gateway may have put around it. A body is measured before it is
//! hashed: what a stranger sends costs next to nothing.

mod payload;
mod proof;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_sdk_secretsmanager::Client;
use lambda_http::Request;
use tokio::sync::Mutex;

use crate::{
    problem::Problem,
    secrets::{SecretError, WebhookSource},
    telemetry::{Count, EventRecord},
};
pub use payload::{Payload, delivery_id};
use proof::{Denied, Key, Proof};

/// The longest body that is taken in over HTTP.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// Time that fetched secrets are used before they are fetched again, so that a secret that was
/// removed stops working.
const SECRETS_KEPT: Duration = Duration::from_mins(5);
/// Time that they are kept when a request is proven by none of them, so that a secret that was
/// added works soon and a flood of forgeries costs no flood of calls.
const SECRETS_KEPT_IN_DOUBT: Duration = Duration::from_secs(10);

/// Checks senders.
pub struct Authenticator {
    source: WebhookSource,
    client: Client,
    current: Mutex<Current>,
}

struct Current {
    keys: Arc<[Key]>,
    /// By the clock on the wall: between two requests Lambda may stop this process for hours, and
    /// its other clocks with it.
    fetched_at: SystemTime,
}

impl Authenticator {
    /// Fetches the secrets for the first time.
    pub async fn load(source: WebhookSource, client: Client) -> Result<Self, SecretError> {
        let keys = proof::keys(&source.load(&client).await?);
        if keys.is_empty() {
            tracing::warn!("there is no webhook secret: every sender will be turned away");
        }
        let fetched_at = ambient::system_time();
        Ok(Self { source, client, current: Mutex::new(Current { keys, fetched_at }) })
    }

    /// Lets the request in, or returns a reason that helps an honest sender only. Counts a sender
    /// that uses an older secret than the first one: it would be turned away if that were removed.
    pub async fn verify(&self, request: &Request, record: &mut EventRecord) -> Result<(), Problem> {
        if request.body().len() > BODY_BYTES_MAX {
            let detail = format!("the body must not be longer than {BODY_BYTES_MAX} bytes");
            return Err(Problem::too_large("body_too_large", detail));
        }
        let now = ambient::system_time();
        let proof = Proof::of(request)?;
        let known = self.keys(now, SECRETS_KEPT).await;
        let mut proven = proof.proven_by(&known, &[]);
        if proven.is_none() {
            let fresh = self.keys(now, SECRETS_KEPT_IN_DOUBT).await;
            proven = proof.proven_by(&fresh, &known);
        }
        if proven.ok_or(Denied::Mismatch)? > 0 {
            record.count(Count::OldSecret, 1);
        }
        Ok(())
    }

    /// The keys of the secrets, which were fetched at most so long ago.
    async fn keys(&self, now: SystemTime, kept: Duration) -> Arc<[Key]> {
        let mut current = self.current.lock().await;
        // Once the clock was set back, their age is unknown.
        if now.duration_since(current.fetched_at).is_ok_and(|age| age < kept) {
            return Arc::clone(&current.keys);
        }
        // Set first, so that an outage costs one call every few minutes, not one per event.
        current.fetched_at = now;
        match self.source.load(&self.client).await {
            Ok(secrets) => current.keys = proof::keys(&secrets),
            Err(error) => {
                tracing::warn!(%error, "webhook secrets not refreshed, old ones used");
            }
        }
        Arc::clone(&current.keys)
    }
}

#[cfg(test)]
mod tests;
