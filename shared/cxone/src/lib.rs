//! A client for NICE CXone that speaks the domain of outbound calling.
//!
//! A [`Client`] is told what to do in the domain's words and answers with outcomes and with
//! [`Error`]s that are kinds a caller can act on. What goes over the wire is the business of a
//! backend, chosen by `CXONE_API`; callers never see it.
//!
//! ```no_run
//! use std::time::{Duration, Instant};
//!
//! use cxone::{Client, Config, DncEntry, DncOutcome};
//! use settings::Credentials;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = settings::Environment::from_process().read(Config::read)?;
//! // Or a source that asks Secrets Manager each time.
//! let credentials = Credentials {
//!     client_id: "outbound".into(),
//!     client_secret: "secret".into(),
//! };
//! let client = Client::new(config, credentials)?;
//!
//! let entries = [DncEntry {
//!     number: "+12025550198".parse()?,
//!     reason: outbound::DncReason::WebhookOptOut,
//! }];
//! let deadline = Instant::now() + Duration::from_secs(20);
//! for (entry, outcome) in entries.iter().zip(client.add_to_dnc("main", &entries, deadline).await) {
//!     match outcome {
//!         DncOutcome::Listed => println!("{} will not be called again", entry.number),
//!         DncOutcome::Rejected { reason } => println!("{} was refused: {reason}", entry.number),
//!         DncOutcome::TryAgain { after, why } => println!("later ({after:?}): {why}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What every call does
//!
//! It takes a token, kept until shortly before it expires. It is retried with growing, random
//! pauses after 408, 429, 5xx and lost connections, up to three times and never past the deadline
//! it was given. A `Retry-After` of up to five seconds is waited for; a longer one comes back as
//! [`Error::RateLimited`], so that the caller can give the work back to its queue. A 401 gets one
//! new token. After five failures in a row, calls fail at once for ten seconds, then one is let
//! through as a trial.
//!
//! Nothing that this crate logs or returns shows a credential, a token or a phone number in clear.
//!
//! # The rooms
//!
//! `config` reads the settings. `token`, `transport`, `sender`, `retry` and `breaker` carry an
//! authorised call, outermost first. `v2` is the wire of the CXone v2 API. The domain's words have
//! a module each at the top, such as `dnc`.

mod breaker;
mod callback;
mod config;
mod dnc;
mod error;
mod retry;
mod sender;
mod sms;
#[cfg(test)]
mod tests;
mod token;
mod transport;
mod v2;

use std::{
    ops::Range,
    time::{Duration, Instant},
};

pub use callback::{Callback, CapacityHour};
pub use config::Config;
pub use dnc::{DncEntry, DncOutcome};
pub use error::Error;
pub use sms::{Sms, SmsSession};

use chrono::{DateTime, Utc};
use config::BackendConfig;
use sender::Sender;
use settings::CredentialSource;
use token::TokenSource;
use transport::Transport;

/// What is kept of a caller's time to settle what came of the calls.
const SETTLE_MARGIN: Duration = Duration::from_millis(500);

/// A connection to one CXone tenant. Make one per process and share it by reference: it keeps
/// the token and the connections.
#[derive(Debug)]
pub struct Client {
    backend: Backend,
}

/// The APIs a client can speak. Each carries its own transport, because they authenticate in
/// different ways.
#[derive(Debug)]
enum Backend {
    V2(v2::V2),
}

impl Client {
    /// A client that has not talked to CXone yet. Fails when the process has no TLS.
    pub fn new(
        config: Config,
        credentials: impl CredentialSource + 'static,
    ) -> Result<Self, Error> {
        let http = sender::http()?;
        let tokens = TokenSource::new(
            Sender::new(http.clone(), config.policy),
            config.token_url,
            config.token_auth,
            config.scope,
            Box::new(credentials),
        );
        let transport = Transport::new(Sender::new(http, config.policy), tokens);
        let backend = match config.backend {
            BackendConfig::V2(paths) => Backend::V2(v2::V2::new(transport, config.base, paths)),
        };
        Ok(Self { backend })
    }

    /// Puts `entries` on the do-not-call list `list`. Returns one outcome per entry, in their
    /// order.
    ///
    /// The last call ends half a second before `deadline`. Repeating an entry is harmless. A
    /// number is only ever [`DncOutcome::Rejected`] for what CXone says about that number itself:
    /// every other failure, a wrong secret included, is [`DncOutcome::TryAgain`].
    pub async fn add_to_dnc(
        &self,
        list: &str,
        entries: &[DncEntry],
        deadline: Instant,
    ) -> Vec<DncOutcome> {
        let until = before(deadline);
        match &self.backend {
            Backend::V2(v2) => v2.add_to_dnc(list, entries, until).await,
        }
    }

    /// How many agents `campaign` is expected to have free in each hour of `window`, earliest
    /// first.
    ///
    /// Empty when CXone has no forecast. The hours are CXone's: the first may begin before the
    /// window, and nothing keeps CXone from answering others as well. The call ends half a second
    /// before `deadline`.
    pub async fn capacity(
        &self,
        campaign: &str,
        window: &Range<DateTime<Utc>>,
        deadline: Instant,
    ) -> Result<Vec<CapacityHour>, Error> {
        let until = before(deadline);
        match &self.backend {
            Backend::V2(v2) => v2.capacity(campaign, window, until).await,
        }
    }

    /// Has CXone call a customer back.
    ///
    /// A repeat with the same id is harmless, and succeeds without changing anything: **what CXone
    /// got first stands**, even if the repeat says another time. [`Error::Invalid`] holds CXone's
    /// own words. The call ends half a second before `deadline`.
    pub async fn schedule_callback(
        &self,
        callback: &Callback,
        deadline: Instant,
    ) -> Result<(), Error> {
        let until = before(deadline);
        match &self.backend {
            Backend::V2(v2) => v2.schedule_callback(callback, until).await,
        }
    }

    /// Sends a text message.
    ///
    /// A message whose answer is lost is sent again, with the same id: CXone is taken to send
    /// nothing for an id that it has seen. Should it not look at the id, the customer gets the
    /// message once more, which is better than not at all. [`Error::Invalid`] holds CXone's own
    /// words. The call ends half a second before `deadline`.
    pub async fn send_sms(&self, sms: &Sms, deadline: Instant) -> Result<SmsSession, Error> {
        let until = before(deadline);
        match &self.backend {
            Backend::V2(v2) => v2.send_sms(sms, until).await,
        }
    }

    /// What was sent since the last time this was asked.
    pub fn take_usage(&self) -> Usage {
        match &self.backend {
            Backend::V2(v2) => v2.take_usage(),
        }
    }
}

/// How much CXone was used. Requests for tokens do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests that were made, retries and failed connections included.
    pub calls: u64,
    /// How many of them CXone answered with 429.
    pub throttled: u64,
}

/// When the last call has to end, for a caller that wants to be done by `deadline`.
fn before(deadline: Instant) -> Instant {
    deadline.checked_sub(SETTLE_MARGIN).unwrap_or(deadline)
}
