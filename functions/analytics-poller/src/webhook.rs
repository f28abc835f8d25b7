//! Sends webhooks, signed per [Standard Webhooks](https://www.standardwebhooks.com).

mod resolver;

use std::time::Duration;

use chrono::{DateTime, Utc};
use cxone::Unanswered;
use outbound::{ForbiddenTarget, WebhookTargets};
use platform::{aws::causes, secrets::signing_key};
use reqwest::{StatusCode, header::CONTENT_TYPE, redirect::Policy};
use secrecy::SecretString;
use standardwebhooks::Webhook;
use url::Url;

use resolver::{Lookup, Resolver, system};

/// Limit of a request, from the first byte sent to the last one read.
const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Webhook to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Same in every attempt, so that the receiver recognizes a repeat. Without a full stop.
    pub(crate) id: String,
    /// JSON.
    pub(crate) body: String,
}

/// Failed delivery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeliveryError {
    /// The receiver answered 410: it accepts no more webhooks.
    #[error("the receiver is gone: it answered 410")]
    Gone,
    /// The receiver answered another status. A redirect is not followed.
    #[error("the receiver answered {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The receiver did not answer.
    #[error("the receiver did not answer: {why}")]
    NoAnswer {
        /// Cause, without the address.
        why: String,
    },
    /// The address is not allowed.
    #[error("the receiver's address {0}")]
    NotAllowed(#[from] ForbiddenTarget),
    /// The webhook cannot be signed or sent.
    #[error("the webhook cannot be sent: {why}")]
    NotSent {
        /// Cause.
        why: String,
    },
}

/// Client for the receivers of webhooks.
#[derive(Debug, Clone)]
pub(crate) struct WebhookSender {
    http: reqwest::Client,
    targets: WebhookTargets,
}

impl WebhookSender {
    /// Creates a sender with a time limit of 15 seconds. Fails when the process has no TLS.
    pub(crate) fn new(targets: WebhookTargets) -> Result<Self, DeliveryError> {
        Self::with(targets, system, TIMEOUT)
    }

    fn with(
        targets: WebhookTargets,
        lookup: Lookup,
        timeout: Duration,
    ) -> Result<Self, DeliveryError> {
        let http = cxone::https_client()
            .map_err(|error| not_sent(&error.to_string()))?
            .user_agent(concat!("cxone-outbound/", env!("CARGO_PKG_VERSION")))
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            // The signature is for this receiver only.
            .redirect(Policy::none())
            // Names are resolved here, not by a proxy.
            .dns_resolver(Resolver::shared(targets, lookup))
            .no_proxy()
            // A process that is frozen between its few webhooks would find only closed connections.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| not_sent(&causes(&error)))?;
        Ok(Self { http, targets })
    }

    /// Sends a message at the time `at`, signed with every one of `secrets`.
    pub(crate) async fn send(
        &self,
        url: &Url,
        message: &Message,
        secrets: &[SecretString],
        at: DateTime<Utc>,
    ) -> Result<(), DeliveryError> {
        self.targets.check(url)?;
        let request = self
            .http
            .post(url.clone())
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", at.timestamp())
            .header("webhook-signature", signatures(message, secrets, at)?)
            .header(CONTENT_TYPE, "application/json")
            .body(message.body.clone());
        // The body of the answer is not needed and is never read.
        let answer = cxone::exchange(request).await.map_err(unanswered)?;
        match answer.status() {
            StatusCode::GONE => Err(DeliveryError::Gone),
            status if status.is_success() => Ok(()),
            status => Err(DeliveryError::Refused { status: status.as_u16() }),
        }
    }
}

/// One signature per secret: during a rotation the receiver may have only one of them.
fn signatures(
    message: &Message,
    secrets: &[SecretString],
    at: DateTime<Utc>,
) -> Result<String, DeliveryError> {
    let signature = |secret: &SecretString| {
        let key = signing_key(secret).map_err(|why| not_sent(&why.to_string()))?;
        let key = Webhook::from_bytes(key).map_err(|error| not_sent(&error.to_string()))?;
        key.sign(&message.id, at.timestamp(), message.body.as_bytes())
            .map_err(|error| not_sent(&error.to_string()))
    };
    let signatures: Vec<String> = secrets.iter().map(signature).collect::<Result<_, _>>()?;
    if signatures.is_empty() {
        return Err(not_sent("there is no secret to sign with"));
    }
    Ok(signatures.join(" "))
}

fn not_sent(why: &str) -> DeliveryError {
    DeliveryError::NotSent { why: why.to_owned() }
}

fn unanswered(error: Unanswered) -> DeliveryError {
    let why = match error {
        Unanswered::TimedOut(_) => "it takes too long".to_owned(),
        other => other.to_string(),
    };
    DeliveryError::NoAnswer { why }
}

#[cfg(test)]
mod tests;
