//! Shared by the end-to-end tests: a sender of webhooks, unassigned numbers, a reader of metrics,
//! and a search for what must not be shown.

#![expect(clippy::missing_panics_doc, reason = "a helper of tests fails by panicking")]

mod metrics;
pub mod numbers;
pub mod secrecy;
mod sender;

use std::{env, time::Duration};

use clap::ValueEnum;
use sandbox::{Options, Profile, Sandbox, cxone::Api};

pub use metrics::metrics_once;
pub use sender::{Delivery, Reply, Sender};

/// Time limit on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// Variable with the API of CXone that the functions speak: `v2` unless it says `acd`. Tests of
/// what only `v2` has are named so.
const CXONE_API: &str = "CXONE_API";

/// Starts a sandbox with what `cargo test` has built.
pub async fn sandbox(options: Options) -> Sandbox {
    let cxone_api = api().unwrap_or(options.cxone_api);
    let options = Options { profile: Profile::Test, cxone_api, ..options };
    Sandbox::start(options).await.expect("the sandbox starts")
}

/// The API of CXone that all tests are run with, if one was chosen.
pub fn api() -> Option<Api> {
    let api = env::var(CXONE_API).ok()?;
    Some(Api::from_str(&api, false).expect("CXONE_API is an API of CXone"))
}

/// So many events of a flood; half as many where all tests are run once more with another API.
pub fn flood(events: usize) -> usize {
    if api() == Some(Api::Acd) { events / 2 } else { events }
}
