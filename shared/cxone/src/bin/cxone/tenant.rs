//! The CXone that the settings name.

use std::time::Duration;

use ambient::Instant;

use cxone::{Client, Config};
use settings::{Credentials, Environment};
use url::Url;

use crate::problem::Problem;

/// Time limit of a call, retries included.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Tenant {
    pub(crate) address: Url,
    pub(crate) client: Client,
}

impl Tenant {
    /// Reads the settings. Nothing is sent yet.
    pub(crate) fn from_environment() -> Result<Self, Problem> {
        let (config, credentials) = Environment::from_process().read(settings)?;
        let address = config.base_url().clone();
        Ok(Self { address, client: Client::new(config, credentials)? })
    }
}

/// Deadline of a call that begins now.
pub(crate) fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

fn settings(env: &mut Environment) -> Option<(Config, Credentials)> {
    let config = Config::read(env);
    let client_id = env.required("CXONE_CLIENT_ID");
    let client_secret = env.required_secret("CXONE_CLIENT_SECRET");
    let credentials = Credentials { client_id: client_id?, client_secret: client_secret? };
    Some((config?, credentials))
}
