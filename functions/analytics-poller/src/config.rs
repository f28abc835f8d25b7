//! The settings of this function.

use outbound::WebhookTargets;
use platform::secrets::{ClientSource, SigningSource};
use settings::settings;

use crate::outcomes::OutcomeSettings;

settings! { env;
    /// Settings of this function.
    pub struct Config {
        pub(crate) cxone: cxone::Config = cxone::Config::read(env),
        pub(crate) credentials: ClientSource = ClientSource::read(env),
        pub(crate) signing_secrets: SigningSource = SigningSource::read(env),
        pub(crate) webhook_targets: WebhookTargets = env.optional("WEBHOOK_TARGETS", WebhookTargets::Public),
        pub(crate) outcomes: Option<OutcomeSettings> = OutcomeSettings::read_if_polled(env),
        pub(crate) runs_table: String = env.required("RUNS_TABLE"),
        pub(crate) queue_url: String = env.required("CAMPAIGN_WEBHOOK_QUEUE_URL"),
        pub(crate) dead_letter_queue_url: String = env.required("CAMPAIGN_WEBHOOK_DEAD_LETTER_QUEUE_URL"),
    }
}
