//! The settings of this function.

use outbound::{Region, disposition::DispositionMap};
use platform::{
    called_parties,
    ledger::{self, RelistAfter},
    secrets::{ClientSource, WebhookSource},
};
use settings::{Environment, settings};

settings! { env;
    /// Settings of this function.
    pub struct Config {
        pub(crate) cxone: cxone::Config = cxone_config(env),
        pub(crate) credentials: ClientSource = ClientSource::read(env),
        pub(crate) webhook_secrets: WebhookSource = WebhookSource::read(env),
        pub(crate) region: Region = env.optional("DEFAULT_REGION", Region::US),
        pub(crate) relist_after: RelistAfter = RelistAfter::read(env),
        pub(crate) dispositions: DispositionMap = env.optional("DISPOSITION_MAP", DispositionMap::default()),
        pub(crate) count_attempts: bool = env.optional("COUNT_ATTEMPTS", true),
        pub(crate) tables: Tables = Tables::read(env),
        pub(crate) queues: QueueUrls = QueueUrls::read(env),
    }
}

settings! { env;
    /// Names of the tables.
    pub(crate) struct Tables {
        pub(crate) idempotency: String = env.required("IDEMPOTENCY_TABLE"),
        pub(crate) contact_events: String = env.required("CONTACT_EVENTS_TABLE"),
        pub(crate) ledger: ledger::Tables = ledger::Tables::read(env),
        pub(crate) called_parties: called_parties::Tables = called_parties::Tables::read(env),
    }
}

settings! { env;
    /// URLs of the queues.
    pub(crate) struct QueueUrls {
        pub(crate) dispositions: String = env.required("DISPOSITION_QUEUE_URL"),
        pub(crate) dead_letters: String = env.required("DISPOSITION_DEAD_LETTER_QUEUE_URL"),
        pub(crate) dnc: String = env.required("DNC_QUEUE_URL"),
        pub(crate) critical: String = env.required("CRITICAL_QUEUE_URL"),
        pub(crate) medium: String = env.required("MEDIUM_QUEUE_URL"),
        pub(crate) low: String = env.required("LOW_QUEUE_URL"),
    }
}

/// Reads the settings of CXone. A code that is written back comes again as an outcome, so it must mean
/// the category that it is written for.
fn cxone_config(env: &mut Environment) -> Option<cxone::Config> {
    let config = cxone::Config::read(env)?;
    let map = env.optional("DISPOSITION_MAP", String::new())?;
    let map = if map.is_empty() { Ok(DispositionMap::default()) } else { map.parse() };
    // One that cannot be read is reported for itself.
    let Ok(map) = map else { return Some(config) };
    for (category, code) in config.dispositions_written() {
        let meant = map.category(code);
        if meant.as_str() != category {
            let problem =
                format!("has {category}={code}, which DISPOSITION_MAP reads as {}", meant.as_str());
            env.report("CXONE_DISPOSITIONS", problem);
            return None;
        }
    }
    Some(config)
}
