//! What the end-to-end tests share: a sender of webhooks, and numbers nobody owns.

#![expect(clippy::missing_panics_doc, reason = "a helper of tests fails by panicking")]

pub mod numbers;
mod sender;

use std::time::Duration;

pub use sender::{Delivery, Reply, Sender};

/// How long anything may take on a machine that has other things to do.
pub const PATIENCE: Duration = Duration::from_mins(10);
