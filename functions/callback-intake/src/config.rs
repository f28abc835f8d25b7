//! The settings of this function.

use outbound::{E164, Region};
use platform::secrets::{ClientSource, WebhookSource};
use settings::Environment;

/// What the function must know to start.
#[derive(Debug)]
pub struct Config {
    pub(crate) cxone: cxone::Config,
    pub(crate) credentials: ClientSource,
    pub(crate) webhook_secrets: WebhookSource,
    pub(crate) region: Region,
    pub(crate) sms_sender: E164,
    pub(crate) idempotency_table: String,
    pub(crate) reservations_table: String,
    pub(crate) callback_queue_url: String,
    pub(crate) dead_letter_queue_url: String,
}

impl Config {
    /// Reads the settings; all that is wrong is reported at once.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let cxone = cxone::Config::read(env);
        let credentials = ClientSource::read(env);
        let webhook_secrets = WebhookSource::read(env);
        let region = env.optional("DEFAULT_REGION", Region::US);
        let sms_sender = env.required("SMS_SENDER");
        let idempotency_table = env.required("IDEMPOTENCY_TABLE");
        let reservations_table = env.required("RESERVATIONS_TABLE");
        let callback_queue_url = env.required("CALLBACK_QUEUE_URL");
        let dead_letter_queue_url = env.required("CALLBACK_DEAD_LETTER_QUEUE_URL");
        Some(Self {
            cxone: cxone?,
            credentials: credentials?,
            webhook_secrets: webhook_secrets?,
            region: region?,
            sms_sender: sms_sender?,
            idempotency_table: idempotency_table?,
            reservations_table: reservations_table?,
            callback_queue_url: callback_queue_url?,
            dead_letter_queue_url: dead_letter_queue_url?,
        })
    }
}
