//! The settings of this function.

use outbound::interaction::Filters;
use platform::secrets::WebhookSource;
use settings::Environment;

/// What the function must know to start.
#[derive(Debug)]
pub struct Config {
    pub(crate) webhook_secrets: WebhookSource,
    pub(crate) filters: Filters,
    pub(crate) idempotency_table: String,
    pub(crate) interaction_queue_url: String,
    pub(crate) dead_letter_queue_url: String,
    pub(crate) analytics_queue_url: String,
    pub(crate) crm_sync_queue_url: String,
    pub(crate) notification_queue_url: String,
}

impl Config {
    /// Reads the settings; all that is wrong is reported at once.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let webhook_secrets = WebhookSource::read(env);
        let filters = env.optional("CHANNEL_FILTERS", Filters::default());
        let idempotency_table = env.required("IDEMPOTENCY_TABLE");
        let interaction_queue_url = env.required("INTERACTION_QUEUE_URL");
        let dead_letter_queue_url = env.required("INTERACTION_DEAD_LETTER_QUEUE_URL");
        let analytics_queue_url = env.required("ANALYTICS_QUEUE_URL");
        let crm_sync_queue_url = env.required("CRM_SYNC_QUEUE_URL");
        let notification_queue_url = env.required("NOTIFICATION_QUEUE_URL");
        Some(Self {
            webhook_secrets: webhook_secrets?,
            filters: filters?,
            idempotency_table: idempotency_table?,
            interaction_queue_url: interaction_queue_url?,
            dead_letter_queue_url: dead_letter_queue_url?,
            analytics_queue_url: analytics_queue_url?,
            crm_sync_queue_url: crm_sync_queue_url?,
            notification_queue_url: notification_queue_url?,
        })
    }
}
