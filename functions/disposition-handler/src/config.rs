//! The settings of this function.

use outbound::{Region, disposition::DispositionMap};
use platform::{
    ledger::RelistAfter,
    secrets::{ClientSource, WebhookSource},
};
use settings::Environment;

/// What the function must know to start.
#[derive(Debug)]
pub struct Config {
    pub(crate) cxone: cxone::Config,
    pub(crate) credentials: ClientSource,
    pub(crate) webhook_secrets: WebhookSource,
    pub(crate) region: Region,
    pub(crate) relist_after: RelistAfter,
    pub(crate) dispositions: DispositionMap,
    pub(crate) tables: Tables,
    pub(crate) queues: QueueUrls,
}

/// Names of the tables.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) idempotency: String,
    pub(crate) contact_events: String,
    pub(crate) opt_outs: String,
}

/// URLs of the queues.
#[derive(Debug)]
pub(crate) struct QueueUrls {
    pub(crate) dispositions: String,
    pub(crate) dead_letters: String,
    pub(crate) dnc: String,
    pub(crate) critical: String,
    pub(crate) medium: String,
    pub(crate) low: String,
}

impl Config {
    /// Reads the settings; all that is wrong is reported at once.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let cxone = cxone::Config::read(env);
        let credentials = ClientSource::read(env);
        let webhook_secrets = WebhookSource::read(env);
        let region = env.optional("DEFAULT_REGION", Region::US);
        let relist_after = RelistAfter::read(env);
        let dispositions = env.optional("DISPOSITION_MAP", DispositionMap::default());
        let tables = Tables::read(env);
        let queues = QueueUrls::read(env);
        Some(Self {
            cxone: cxone?,
            credentials: credentials?,
            webhook_secrets: webhook_secrets?,
            region: region?,
            relist_after: relist_after?,
            dispositions: dispositions?,
            tables: tables?,
            queues: queues?,
        })
    }
}

impl Tables {
    fn read(env: &mut Environment) -> Option<Self> {
        let idempotency = env.required("IDEMPOTENCY_TABLE");
        let contact_events = env.required("CONTACT_EVENTS_TABLE");
        let opt_outs = env.required("OPT_OUTS_TABLE");
        Some(Self {
            idempotency: idempotency?,
            contact_events: contact_events?,
            opt_outs: opt_outs?,
        })
    }
}

impl QueueUrls {
    fn read(env: &mut Environment) -> Option<Self> {
        let dispositions = env.required("DISPOSITION_QUEUE_URL");
        let dead_letters = env.required("DISPOSITION_DEAD_LETTER_QUEUE_URL");
        let dnc = env.required("DNC_QUEUE_URL");
        let critical = env.required("CRITICAL_QUEUE_URL");
        let medium = env.required("MEDIUM_QUEUE_URL");
        let low = env.required("LOW_QUEUE_URL");
        Some(Self {
            dispositions: dispositions?,
            dead_letters: dead_letters?,
            dnc: dnc?,
            critical: critical?,
            medium: medium?,
            low: low?,
        })
    }
}
