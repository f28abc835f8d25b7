//! The settings of this function.

use outbound::Region;
use platform::{
    called_parties,
    ledger::{self, RelistAfter},
    secrets::WebhookSource,
};
use settings::settings;

settings! { env;
    /// Settings of this function.
    pub struct Config {
        pub(crate) webhook_secrets: WebhookSource = WebhookSource::read(env),
        pub(crate) region: Region = env.optional("DEFAULT_REGION", Region::US),
        pub(crate) relist_after: RelistAfter = RelistAfter::read(env),
        pub(crate) ledger: ledger::Tables = ledger::Tables::read(env),
        pub(crate) called_parties: called_parties::Tables = called_parties::Tables::read(env),
        pub(crate) idempotency_table: String = env.required("IDEMPOTENCY_TABLE"),
        pub(crate) dnc_queue_url: String = env.required("DNC_QUEUE_URL"),
        pub(crate) callback_queue_url: String = env.required("CALLBACK_QUEUE_URL"),
        pub(crate) dead_letter_queue_url: String = env.required("DNC_DEAD_LETTER_QUEUE_URL"),
    }
}
