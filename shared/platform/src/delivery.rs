//! Webhooks out, signed as [Standard Webhooks](https://www.standardwebhooks.com) say.
//!
//! What a receiver does with a webhook is told in the three ways that a sender can act on: it took
//! it, it may take it later, it never will.

mod public;
mod targets;

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{StatusCode, header::CONTENT_TYPE, redirect::Policy};
use secrecy::SecretString;
use standardwebhooks::Webhook;
use url::Url;

use crate::{aws::causes, secrets::signing_key};
pub use targets::{Forbidden, Targets};
use targets::{Lookup, Resolver, system};

/// How long a receiver may take, from the first byte sent to the last one read.
const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same in every attempt, so that the receiver can tell a repeat. Without a full stop.
    pub id: String,
    /// JSON.
    pub body: String,
}

/// Why a webhook was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// 410: the receiver does not want any more.
    #[error("the receiver is gone: it answered 410")]
    Gone,
    /// It answered something else than a success. A redirect counts: it is not followed.
    #[error("the receiver answered {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// It did not answer.
    #[error("the receiver did not answer: {why}")]
    NoAnswer {
        /// What happened, without the address.
        why: String,
    },
    /// It may not be sent there.
    #[error("the receiver's address {0}")]
    NotAllowed(#[from] Forbidden),
    /// It cannot be sent at all.
    #[error("the webhook cannot be sent: {why}")]
    NotSent {
        /// What is wrong.
        why: String,
    },
}

/// Sends webhooks.
#[derive(Debug, Clone)]
pub struct WebhookSender {
    http: reqwest::Client,
    targets: Targets,
}

impl WebhookSender {
    /// A sender that gives receivers 15 seconds. Fails when the process has no TLS.
    pub fn new(targets: Targets) -> Result<Self, DeliveryError> {
        Self::with(targets, system, TIMEOUT)
    }

    fn with(targets: Targets, lookup: Lookup, timeout: Duration) -> Result<Self, DeliveryError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("cxone-outbound/", env!("CARGO_PKG_VERSION")))
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            // A signature is for one receiver, not for whoever it points at.
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

    /// Sends a message, signed with every one of `secrets` at the time `at`.
    pub async fn send(
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
        // The body of the answer is of no interest, and so is never read.
        let answer = request.send().await.map_err(unanswered)?;
        match answer.status() {
            StatusCode::GONE => Err(DeliveryError::Gone),
            status if status.is_success() => Ok(()),
            status => Err(DeliveryError::Refused { status: status.as_u16() }),
        }
    }
}

/// One signature for each secret: during a rotation the receiver may know only one of them.
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

fn unanswered(error: reqwest::Error) -> DeliveryError {
    let why = if error.is_timeout() {
        "it takes too long".to_owned()
    } else {
        // The address may hold what only the receiver should know.
        causes(&error.without_url())
    };
    DeliveryError::NoAnswer { why }
}

#[cfg(test)]
mod tests;
