//! The settings of this function.

use outbound::Region;
use platform::{ledger::RelistAfter, secrets::WebhookSource};
use settings::Environment;

/// What the function must know to start.
#[derive(Debug)]
pub struct Config {
    pub(crate) webhook_secrets: WebhookSource,
    pub(crate) region: Region,
    pub(crate) relist_after: RelistAfter,
    pub(crate) opt_outs_table: String,
    pub(crate) idempotency_table: String,
    pub(crate) dnc_queue_url: String,
    pub(crate) dead_letter_queue_url: String,
}

impl Config {
    /// Reads the settings; all that is wrong is reported at once.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let webhook_secrets = WebhookSource::read(env);
        let region = env.optional("DEFAULT_REGION", Region::US);
        let relist_after = RelistAfter::read(env);
        let opt_outs_table = env.required("OPT_OUTS_TABLE");
        let idempotency_table = env.required("IDEMPOTENCY_TABLE");
        let dnc_queue_url = env.required("DNC_QUEUE_URL");
        let dead_letter_queue_url = env.required("DNC_DEAD_LETTER_QUEUE_URL");
        Some(Self {
            webhook_secrets: webhook_secrets?,
            region: region?,
            relist_after: relist_after?,
            opt_outs_table: opt_outs_table?,
            idempotency_table: idempotency_table?,
            dnc_queue_url: dnc_queue_url?,
            dead_letter_queue_url: dead_letter_queue_url?,
        })
    }
}
