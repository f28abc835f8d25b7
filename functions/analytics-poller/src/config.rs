//! The settings of this function.

use platform::secrets::{ClientSource, SigningSource};
use settings::Environment;

/// What the function must know to start.
#[derive(Debug)]
pub struct Config {
    pub(crate) cxone: cxone::Config,
    pub(crate) credentials: ClientSource,
    pub(crate) signing_secrets: SigningSource,
    pub(crate) runs_table: String,
    pub(crate) queue_url: String,
    pub(crate) dead_letter_queue_url: String,
}

impl Config {
    /// Reads the settings; all that is wrong is reported at once.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let cxone = cxone::Config::read(env);
        let credentials = ClientSource::read(env);
        let signing_secrets = SigningSource::read(env);
        let runs_table = env.required("RUNS_TABLE");
        let queue_url = env.required("CAMPAIGN_WEBHOOK_QUEUE_URL");
        let dead_letter_queue_url = env.required("CAMPAIGN_WEBHOOK_DEAD_LETTER_QUEUE_URL");
        Some(Self {
            cxone: cxone?,
            credentials: credentials?,
            signing_secrets: signing_secrets?,
            runs_table: runs_table?,
            queue_url: queue_url?,
            dead_letter_queue_url: dead_letter_queue_url?,
        })
    }
}
