//! The settings of this function.

use outbound::Region;
use platform::{called_parties, ledger, secrets::ClientSource};
use settings::settings;

use crate::confirmation::Confirmation;

settings! { env;
    /// Settings of this function.
    pub struct Config {
        pub(crate) cxone: cxone::Config = cxone::Config::read(env),
        pub(crate) credentials: ClientSource = ClientSource::read(env),
        pub(crate) region: Region = env.optional("DEFAULT_REGION", Region::US),
        pub(crate) list_id: String = env.required("CXONE_DNC_LIST_ID"),
        pub(crate) ledger: ledger::Tables = ledger::Tables::read(env),
        pub(crate) called_parties: called_parties::Tables = called_parties::Tables::read(env),
        pub(crate) confirmation: Confirmation = Confirmation::read(env),
        pub(crate) callback_queue_url: String = env.required("CALLBACK_QUEUE_URL"),
        pub(crate) dnc_queue_url: String = env.required("DNC_QUEUE_URL"),
        pub(crate) dead_letter_queue_url: String = env.required("DNC_DEAD_LETTER_QUEUE_URL"),
    }
}
