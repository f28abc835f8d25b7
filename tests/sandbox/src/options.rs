//! Options of a sandbox.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    Echo, Profile,
    cxone::{Api, TOKEN_LIFETIME},
    faults::Fault,
};

/// Options of a sandbox.
#[derive(Debug, Clone)]
pub struct Options {
    /// The API of CXone that the functions speak.
    pub cxone_api: Api,
    /// How they get tokens of the REST services: `basic`, `form` or `access-key`.
    pub token_auth: String,
    /// Campaigns that have a skill of the REST services, beside those of the samples and of
    /// `campaigns`.
    pub skilled_campaigns: Vec<String>,
    /// Port of the gateway; 0 takes a free one.
    pub gateway_port: u16,
    /// Port of the CXone simulator; 0 takes a free one.
    pub cxone_port: u16,
    /// Port of the AWS services; 0 takes a free one.
    pub aws_port: u16,
    /// Port of the receiver of campaigns' webhooks; 0 takes a free one.
    pub receiver_port: u16,
    /// Faults from the start.
    pub faults: Vec<Fault>,
    /// Seed of the chance with which faults strike.
    pub seed: u64,
    /// Lifetime of CXone's tokens.
    pub token_lifetime: Duration,
    /// Time after which a batch is received again whose function died or failed as a whole. `None`
    /// waits for the queue's visibility timeout, as AWS does.
    pub redelivery: Option<Duration>,
    /// Longest time for which messages are gathered into a batch. `None` gathers as long as the
    /// template says.
    pub window_max: Option<Duration>,
    /// Processes of one function that may run at once.
    pub concurrency_max: usize,
    /// What is shown at the terminal as it comes.
    pub echo: Echo,
    /// Cargo profile of the functions.
    pub profile: Profile,
    /// The template's parameter `Campaigns`: a JSON array.
    pub campaigns: String,
    /// Other parameters of the template that differ from their defaults.
    pub parameters: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cxone_api: Api::V2,
            token_auth: "basic".to_owned(),
            skilled_campaigns: Vec::new(),
            gateway_port: 0,
            cxone_port: 0,
            aws_port: 0,
            receiver_port: 0,
            faults: Vec::new(),
            seed: 0,
            token_lifetime: TOKEN_LIFETIME,
            redelivery: None,
            window_max: None,
            concurrency_max: 4,
            echo: Echo::default(),
            profile: Profile::Dev,
            campaigns: "[]".to_owned(),
            parameters: any_hour(),
        }
    }
}

/// Callbacks that may be made at any hour: tests and the demo run at any.
fn any_hour() -> BTreeMap<String, String> {
    let parameters = [("CallbackPurpose", "service"), ("CallbackHours", "00:00-24:00")];
    parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
