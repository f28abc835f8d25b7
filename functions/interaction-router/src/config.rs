//! The settings of this function.

use outbound::{Region, interaction::Filters};
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
        pub(crate) filters: Filters = env.optional("CHANNEL_FILTERS", Filters::default()),
        pub(crate) idempotency_table: String = env.required("IDEMPOTENCY_TABLE"),
        pub(crate) interaction_queue_url: String = env.required("INTERACTION_QUEUE_URL"),
        pub(crate) dead_letter_queue_url: String = env.required("INTERACTION_DEAD_LETTER_QUEUE_URL"),
        pub(crate) analytics_queue_url: String = env.required("ANALYTICS_QUEUE_URL"),
        pub(crate) crm_sync_queue_url: String = env.required("CRM_SYNC_QUEUE_URL"),
        pub(crate) notification_queue_url: String = env.required("NOTIFICATION_QUEUE_URL"),
        pub(crate) opt_outs: OptOuts = OptOuts::read(env),
    }
}

settings! { env;
    /// Settings for opt-outs in messages.
    pub(crate) struct OptOuts {
        pub(crate) region: Region = env.optional("DEFAULT_REGION", Region::US),
        pub(crate) relist_after: RelistAfter = RelistAfter::read(env),
        pub(crate) ledger: ledger::Tables = ledger::Tables::read(env),
        pub(crate) called_parties: called_parties::Tables = called_parties::Tables::read(env),
        pub(crate) dnc_queue_url: String = env.required("DNC_QUEUE_URL"),
        pub(crate) dead_letter_queue_url: String = env.required("DNC_DEAD_LETTER_QUEUE_URL"),
    }
}
