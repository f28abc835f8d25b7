//! Shared by the end-to-end tests: a sender of webhooks, unassigned numbers, and a reader of
//! metrics.

#![expect(clippy::missing_panics_doc, reason = "a helper of tests fails by panicking")]

mod metrics;
pub mod numbers;
mod sender;

use std::time::Duration;

use sandbox::{Options, Profile, Sandbox};

pub use metrics::metrics_once;
pub use sender::{Delivery, Reply, Sender};

/// Time limit on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// Starts a sandbox with what `cargo test` has built.
pub async fn sandbox(options: Options) -> Sandbox {
    let options = Options { profile: Profile::Test, ..options };
    Sandbox::start(options).await.expect("the sandbox starts")
}
