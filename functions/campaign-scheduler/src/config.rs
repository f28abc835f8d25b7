//! The settings of this function.

use outbound::{
    Region, WebhookTargets,
    campaign::CallingHours,
    law::{Closures, Strictness},
};
use platform::{
    called_parties::{self, DECISIONS_KEPT_DAYS},
    secrets::ClientSource,
};
use settings::settings;

use crate::skill_control::SkillControl;

settings! { env;
    /// Settings of this function.
    pub struct Config {
        pub(crate) cxone: cxone::Config = cxone::Config::read(env),
        pub(crate) credentials: ClientSource = ClientSource::read(env),
        pub(crate) region: Region = env.optional("DEFAULT_REGION", Region::US),
        pub(crate) calling_hours: CallingHours = env.optional("CALLING_HOURS", CallingHours::DEFAULT),
        pub(crate) strictness: Strictness = env.optional("STRICTNESS", Strictness::default()),
        pub(crate) closures: Closures = env.optional("CLOSURES", Closures::default()),
        pub(crate) webhook_targets: WebhookTargets = env.optional("WEBHOOK_TARGETS", WebhookTargets::Public),
        pub(crate) called_parties: called_parties::Tables = called_parties::Tables::read(env),
        pub(crate) decisions_table: String = env.required("DECISIONS_TABLE"),
        pub(crate) decisions_kept_days: u32 = env.optional("DECISIONS_KEPT_DAYS", DECISIONS_KEPT_DAYS),
        pub(crate) skill_control: SkillControl = SkillControl::read(env),
        pub(crate) runs_table: String = env.required("RUNS_TABLE"),
        pub(crate) idempotency_table: String = env.required("IDEMPOTENCY_TABLE"),
    }
}
