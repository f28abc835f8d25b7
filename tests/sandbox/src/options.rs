//! How a sandbox is set up.

use std::time::Duration;

use crate::{Profile, faults::Fault};

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port of the gateway; 0 takes a free one.
    pub gateway_port: u16,
    /// Port of the CXone simulator; 0 takes a free one.
    pub cxone_port: u16,
    /// Port of the receiver of campaigns' webhooks; 0 takes a free one.
    pub receiver_port: u16,
    /// What goes wrong from the start.
    pub faults: Vec<Fault>,
    /// Seed of the chance with which faults strike.
    pub seed: u64,
    /// How long CXone's tokens live.
    pub token_lifetime: Duration,
    /// When a batch comes back whose function died or failed as a whole. `None` waits for the
    /// queue's visibility timeout, as AWS does.
    pub redelivery: Option<Duration>,
    /// Processes of one function that may run at once.
    pub concurrency_max: usize,
    /// Whether the functions' logs are shown as they come.
    pub logs_echoed: bool,
    /// How the functions are compiled.
    pub profile: Profile,
    /// The template's parameter `Campaigns`: a JSON array.
    pub campaigns: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            gateway_port: 0,
            cxone_port: 0,
            receiver_port: 0,
            faults: Vec::new(),
            seed: 0,
            token_lifetime: Duration::from_mins(30),
            redelivery: None,
            concurrency_max: 4,
            logs_echoed: false,
            profile: Profile::Dev,
            campaigns: "[]".to_owned(),
        }
    }
}
