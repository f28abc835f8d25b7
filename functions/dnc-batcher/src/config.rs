//! The settings of this function.

use outbound::Region;
use platform::secrets::ClientSource;
use settings::Environment;

/// What the function must know to start.
#[derive(Debug)]
pub struct Config {
    pub(crate) cxone: cxone::Config,
    pub(crate) credentials: ClientSource,
    pub(crate) region: Region,
    pub(crate) list_id: String,
    pub(crate) opt_outs_table: String,
    pub(crate) dnc_queue_url: String,
    pub(crate) dead_letter_queue_url: String,
}

impl Config {
    /// Reads the settings; all that is wrong is reported at once.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let cxone = cxone::Config::read(env);
        let credentials = ClientSource::read(env);
        let region = env.optional("DEFAULT_REGION", Region::US);
        let list_id = env.required("CXONE_DNC_LIST_ID");
        let opt_outs_table = env.required("OPT_OUTS_TABLE");
        let dnc_queue_url = env.required("DNC_QUEUE_URL");
        let dead_letter_queue_url = env.required("DNC_DEAD_LETTER_QUEUE_URL");
        Some(Self {
            cxone: cxone?,
            credentials: credentials?,
            region: region?,
            list_id: list_id?,
            opt_outs_table: opt_outs_table?,
            dnc_queue_url: dnc_queue_url?,
            dead_letter_queue_url: dead_letter_queue_url?,
        })
    }
}
