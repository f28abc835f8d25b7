//! One request, sent until it is answered: attempts, pauses, the breaker and the count of both.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ambient::Instant;

use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{ACCEPT, HeaderMap, HeaderValue, RETRY_AFTER},
};

use crate::{
    Error,
    breaker::{Breaker, Health},
    clock::Timestamp,
    exchange::{Unanswered, causes, exchange},
    https_client,
    retry::{Failure, Policy, Repeat, retry_after},
};
use outbound::{CxoneUsage, printable};

/// The most that is read of an answer. The longest that we understand is a page of a thousand
/// contacts, each with all that a tenant keeps of it.
pub(crate) const BODY_LENGTH_MAX: usize = 4 << 20;

const STATUS_DESCRIPTION: &str = "icStatusDescription";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Below the keep-alive of common servers and load balancers, so that a connection they have
/// closed while the process was frozen is not used again.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// The HTTP client that all senders share.
///
/// Its pool measures how long a connection was idle by the monotonic clock alone. When that stood
/// still while the process was frozen, the whole pool is left behind.
#[derive(Debug)]
pub(crate) struct Http(Mutex<(reqwest::Client, Timestamp)>);

impl Http {
    /// Fails when the process has no TLS.
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self(Mutex::new((http()?, Timestamp::now()))))
    }

    /// The client to use now.
    pub(crate) fn at(&self, now: Timestamp) -> Result<reqwest::Client, Error> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (client, used) = &mut *kept;
        let is_idle = now.since(*used) >= POOL_IDLE_TIMEOUT;
        if is_idle && now.monotonic_since(*used) < POOL_IDLE_TIMEOUT {
            *client = http()?;
        }
        *used = now;
        Ok(client.clone())
    }
}

fn http() -> Result<reqwest::Client, Error> {
    https_client()?
        // Some services of CXone answer nothing that can be read to a request without it.
        .default_headers(HeaderMap::from_iter([(
            ACCEPT,
            HeaderValue::from_static("application/json"),
        )]))
        .user_agent(concat!("cxone-outbound/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        // A redirect would take the token to another host.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Error::Unsupported {
            detail: format!("no HTTP client: {}", causes(error)),
        })
}

/// Sends requests to one service: the operations have one, the token endpoint has its own, so
/// that the health of one does not speak for the other.
#[derive(Debug)]
pub(crate) struct Sender {
    http: Arc<Http>,
    policy: Policy,
    breaker: Breaker,
    calls: AtomicU64,
    throttled: AtomicU64,
}

/// A whole answer that no retry would improve.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The header in which some services of CXone put their error message.
    pub(crate) status_description: Option<Vec<u8>>,
    pub(crate) body: Vec<u8>,
}

impl Sender {
    pub(crate) fn new(http: Arc<Http>, policy: Policy) -> Self {
        Self {
            http,
            policy,
            breaker: Breaker::default(),
            calls: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
        }
    }

    /// Sends what `request` builds until CXone gives an answer, the retries are used up, or
    /// `until` has come. `operation` names it in the log.
    pub(crate) async fn send(
        &self,
        operation: &'static str,
        repeat: Repeat,
        until: Instant,
        request: impl Fn(&reqwest::Client) -> RequestBuilder + Sync,
    ) -> Result<Answer, Error> {
        let started = Instant::now();
        let mut retries = self.policy.start(repeat);
        loop {
            let failure = match self
                .attempt(request(&self.http.at(Timestamp::now())?), repeat, until)
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            tracing::debug!(operation, ?failure, "a call to CXone failed");
            if failure.is_of_cxone()
                && let Some(wait) = self.breaker.wait(Timestamp::now())
            {
                return Err(failure.into_error(repeat).not_before(wait));
            }
            let pause = retries.after(
                failure,
                started.elapsed(),
                until.saturating_duration_since(Instant::now()),
                ambient::chance(),
            )?;
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends what `request` builds once, and returns the answer whatever it is, with its headers about
    /// limits.
    pub(crate) async fn once(
        &self,
        repeat: Repeat,
        until: Instant,
        request: impl Fn(&reqwest::Client) -> RequestBuilder + Sync,
    ) -> Result<(Answer, Vec<String>), Error> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::out_of_time());
        }
        let timeout = left.min(self.policy.attempt_max(repeat));
        let request = request(&self.http.at(Timestamp::now())?).timeout(timeout);
        self.calls.fetch_add(1, Ordering::Relaxed);
        let response =
            exchange(request).await.map_err(|error| unanswered(error).into_error(repeat))?;
        let (status, limits) = (response.status(), limits(response.headers()));
        let status_description = status_description(response.headers());
        let (body, _) = read(response).await;
        Ok((Answer { status, status_description, body }, limits))
    }

    /// Drains the count of requests.
    pub(crate) fn drain_usage(&self) -> CxoneUsage {
        CxoneUsage {
            calls: self.calls.swap(0, Ordering::Relaxed),
            throttled: self.throttled.swap(0, Ordering::Relaxed),
            // The token source counts these.
            refused: 0,
        }
    }

    async fn attempt(
        &self,
        request: RequestBuilder,
        repeat: Repeat,
        until: Instant,
    ) -> Result<Answer, Failure> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::Final(Error::out_of_time()));
        }
        let permit = self.breaker.admit(repeat, Timestamp::now()).map_err(|wait| {
            let detail = "calls are held back after too many failures";
            Failure::Final(Error::not_sent(detail, Some(wait)))
        })?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let timeout = left.min(self.policy.attempt_max(repeat));
        let outcome = answer(request.timeout(timeout), repeat).await;
        let health = match &outcome {
            Err(failure) if failure.is_of_cxone() => Health::Unhealthy,
            _ => Health::Healthy,
        };
        permit.record(health, Timestamp::now());
        if matches!(outcome, Err(Failure::Limited { .. })) {
            self.throttled.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }
}

async fn answer(request: RequestBuilder, repeat: Repeat) -> Result<Answer, Failure> {
    let response = exchange(request).await.map_err(unanswered)?;
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| retry_after(value, ambient::system_time()));
    match status {
        StatusCode::TOO_MANY_REQUESTS => Err(Failure::Limited { retry_after }),
        StatusCode::REQUEST_TIMEOUT => {
            Err(Failure::Unhealthy { status: status.as_u16(), retry_after })
        }
        _ if status.is_server_error() => {
            Err(Failure::Unhealthy { status: status.as_u16(), retry_after })
        }
        _ => {
            let status_description = status_description(response.headers());
            let (body, cut) = read(response).await;
            match cut {
                Some(error) if repeat == Repeat::Reading => Err(unanswered(error.into())),
                // The status decides the result of a write, however much of the body is missing.
                _ => Ok(Answer { status, status_description, body }),
            }
        }
    }
}

fn status_description(headers: &HeaderMap) -> Option<Vec<u8>> {
    headers.get(STATUS_DESCRIPTION).map(|value| value.as_bytes().to_vec())
}

/// Headers about limits of requests, each with its value.
fn limits(headers: &HeaderMap) -> Vec<String> {
    let is_limit = |name: &str| {
        name == "retry-after" || name.contains("ratelimit") || name.contains("rate-limit")
    };
    let limits = headers.iter().filter(|(name, _)| is_limit(name.as_str()));
    let shown = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    limits.map(|(name, value)| printable(&format!("{name}: {}", shown(value)))).collect()
}

/// The body as far as it came, and what cut it off, if anything did.
async fn read(mut response: Response) -> (Vec<u8>, Option<reqwest::Error>) {
    let mut body = Vec::new();
    while body.len() < BODY_LENGTH_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return (body, Some(error)),
        }
    }
    body.truncate(BODY_LENGTH_MAX);
    (body, None)
}

fn unanswered(error: Unanswered) -> Failure {
    match error {
        Unanswered::Invalid(detail) => Failure::Final(Error::Unsupported { detail }),
        Unanswered::NotSent(detail) => Failure::NotSent { detail },
        Unanswered::TimedOut(detail) | Unanswered::NoAnswer(detail) => Failure::NoAnswer { detail },
    }
}
