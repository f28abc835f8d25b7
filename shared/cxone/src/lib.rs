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
//! `client` is what callers see. `config` reads the settings. `token`, `transport`, `sender`,
//! `retry` and `breaker` carry an authorised call, outermost first. `v2` is the wire of the CXone
//! v2 API. The domain's words have a module each at the top, such as `dnc`.
//!
//! The binary `cxone` is for whoever sets up a deployment: it checks the credentials and registers
//! the webhooks.

mod breaker;
mod callback;
mod campaign;
mod client;
mod config;
mod contact;
mod dnc;
mod error;
mod registration;
mod retry;
mod sender;
mod sms;
#[cfg(test)]
mod tests;
mod token;
mod transport;
mod v2;

pub use callback::{Callback, CapacityHour};
pub use campaign::{CallSchedule, CampaignProgress, ContactsPage, ListedContact};
pub use client::{Client, Usage};
pub use config::Config;
pub use contact::{Contact, DispositionRecord};
pub use dnc::{DncEntry, DncOutcome};
pub use error::Error;
pub use registration::Registered;
pub use sms::{Sms, SmsSession};
