//! The settings of this function.

use outbound::campaign::CallingHours;
use platform::{delivery::Targets, secrets::ClientSource};
use settings::settings;

settings! { env;
    /// Settings of this function.
    pub struct Config {
        pub(crate) cxone: cxone::Config = cxone::Config::read(env),
        pub(crate) credentials: ClientSource = ClientSource::read(env),
        pub(crate) calling_hours: CallingHours = env.optional("CALLING_HOURS", CallingHours::DEFAULT),
        pub(crate) webhook_targets: Targets = env.optional("WEBHOOK_TARGETS", Targets::Public),
        pub(crate) runs_table: String = env.required("RUNS_TABLE"),
        pub(crate) idempotency_table: String = env.required("IDEMPOTENCY_TABLE"),
    }
}
