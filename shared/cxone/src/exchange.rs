//! Exchanges a request for an answer: over HTTPS, or over the network of a simulation.

use std::{error::Error as _, sync::Arc};

use ambient::Network;
use reqwest::{RequestBuilder, Response};

/// A request without an answer, and why. The text does not hold the address: it may contain a phone
/// number, or what only the receiver should know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It cannot be sent.
    #[error("{0}")]
    Invalid(String),
    /// There was no connection to send it over.
    #[error("{0}")]
    NotSent(String),
    /// The answer took too long.
    #[error("{0}")]
    TimedOut(String),
    /// The connection ended before the answer.
    #[error("{0}")]
    NoAnswer(String),
}

impl From<reqwest::Error> for Unanswered {
    fn from(error: reqwest::Error) -> Self {
        let kind = match () {
            () if error.is_builder() => Self::Invalid,
            () if error.is_connect() => Self::NotSent,
            () if error.is_timeout() => Self::TimedOut,
            () => Self::NoAnswer,
        };
        kind(causes(error))
    }
}

impl From<ambient::Unanswered> for Unanswered {
    fn from(error: ambient::Unanswered) -> Self {
        match error {
            ambient::Unanswered::NotSent => Self::NotSent(error.to_string()),
            ambient::Unanswered::NoAnswer => Self::NoAnswer(error.to_string()),
        }
    }
}

/// Sends a request and returns the answer, with its body still to be read.
pub async fn exchange(request: RequestBuilder) -> Result<Response, Unanswered> {
    match ambient::network() {
        Some(network) => simulated(request, network).await,
        None => Ok(request.send().await?),
    }
}

/// Of the client only what it adds to a request at the last moment is left out: default headers.
async fn simulated(
    request: RequestBuilder,
    network: Arc<dyn Network>,
) -> Result<Response, Unanswered> {
    let request = request.build()?;
    let limit = request.timeout().copied();
    let request = http::Request::try_from(request)?;
    let request = request.map(|body| body.as_bytes().map(<[u8]>::to_vec).unwrap_or_default());
    let exchange = network.exchange(request);
    let answered = match limit {
        Some(limit) => tokio::time::timeout(limit, exchange)
            .await
            .map_err(|elapsed| Unanswered::TimedOut(elapsed.to_string()))?,
        None => exchange.await,
    };
    Ok(answered?.into())
}

/// An error and its causes in one line, without the address.
pub(crate) fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    line
}
