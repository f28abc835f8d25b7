//! The settings of this function.

use outbound::campaign::CallingHours;
use platform::secrets::ClientSource;
use settings::Environment;

/// What the function must know to start.
#[derive(Debug)]
pub struct Config {
    pub(crate) cxone: cxone::Config,
    pub(crate) credentials: ClientSource,
    pub(crate) calling_hours: CallingHours,
    pub(crate) runs_table: String,
    pub(crate) idempotency_table: String,
}

impl Config {
    /// Reads the settings; all that is wrong is reported at once.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let cxone = cxone::Config::read(env);
        let credentials = ClientSource::read(env);
        let calling_hours = env.optional("CALLING_HOURS", CallingHours::DEFAULT);
        let runs_table = env.required("RUNS_TABLE");
        let idempotency_table = env.required("IDEMPOTENCY_TABLE");
        Some(Self {
            cxone: cxone?,
            credentials: credentials?,
            calling_hours: calling_hours?,
            runs_table: runs_table?,
            idempotency_table: idempotency_table?,
        })
    }
}
