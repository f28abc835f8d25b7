//! The settings of this function.

use outbound::{E164, Region};
use platform::secrets::{ClientSource, WebhookSource};
use settings::settings;

settings! { env;
    /// Settings of this function.
    pub struct Config {
        pub(crate) cxone: cxone::Config = cxone::Config::read(env),
        pub(crate) credentials: ClientSource = ClientSource::read(env),
        pub(crate) webhook_secrets: WebhookSource = WebhookSource::read(env),
        pub(crate) region: Region = env.optional("DEFAULT_REGION", Region::US),
        pub(crate) sms_sender: E164 = env.required("SMS_SENDER"),
        pub(crate) idempotency_table: String = env.required("IDEMPOTENCY_TABLE"),
        pub(crate) reservations_table: String = env.required("RESERVATIONS_TABLE"),
        pub(crate) callback_queue_url: String = env.required("CALLBACK_QUEUE_URL"),
        pub(crate) dead_letter_queue_url: String = env.required("CALLBACK_DEAD_LETTER_QUEUE_URL"),
    }
}
