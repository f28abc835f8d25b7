//! The settings of this function.

use std::str::FromStr;

use outbound::{
    E164, Region,
    law::{Closures, HouseHours, Kinds, Strictness},
};
use platform::{
    called_parties::{self, DECISIONS_KEPT_DAYS},
    secrets::{ClientSource, WebhookSource},
};
use settings::settings;

settings! { env;
    /// Settings of this function.
    pub struct Config {
        pub(crate) cxone: cxone::Config = cxone::Config::read(env),
        pub(crate) credentials: ClientSource = ClientSource::read(env),
        pub(crate) webhook_secrets: WebhookSource = WebhookSource::read(env),
        pub(crate) region: Region = env.optional("DEFAULT_REGION", Region::US),
        pub(crate) sms_sender: E164 = env.required("SMS_SENDER"),
        pub(crate) policy: Policy = Policy::read(env),
        pub(crate) called_parties: called_parties::Tables = called_parties::Tables::read(env),
        pub(crate) decisions_table: String = env.required("DECISIONS_TABLE"),
        pub(crate) decisions_kept_days: u32 = env.optional("DECISIONS_KEPT_DAYS", DECISIONS_KEPT_DAYS),
        pub(crate) idempotency_table: String = env.required("IDEMPOTENCY_TABLE"),
        pub(crate) reservations_table: String = env.required("RESERVATIONS_TABLE"),
        pub(crate) callback_queue_url: String = env.required("CALLBACK_QUEUE_URL"),
        pub(crate) dead_letter_queue_url: String = env.required("CALLBACK_DEAD_LETTER_QUEUE_URL"),
    }
}

settings! { env;
    /// The house's policy on callbacks.
    pub struct Policy {
        /// Kinds of the calls.
        pub(crate) kinds: Kinds = env.optional("CALLBACK_PURPOSE", Kinds::default()),
        /// Hours of the house.
        pub(crate) house: HouseHours = env.optional("CALLING_HOURS", HouseHours::default()),
        /// Treatment of unverified rules.
        pub(crate) strictness: Strictness = env.optional("STRICTNESS", Strictness::default()),
        /// Closed days and emergencies.
        pub(crate) closures: Closures = env.optional("CLOSURES", Closures::default()),
        /// Treatment of customers who opted out.
        pub(crate) opted_out: OptedOut = env.optional("OPTED_OUT_CALLBACKS", OptedOut::Refuse),
    }
}

/// Treatment of a request to call a number that opted out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OptedOut {
    /// The request is refused.
    Refuse,
    /// The request is newer than the opt-out, and evidence of consent to one call.
    OneCallWithEvidence,
}

impl FromStr for OptedOut {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "refuse" => Ok(Self::Refuse),
            "one_call_with_evidence" => Ok(Self::OneCallWithEvidence),
            _ => Err(UnknownPolicy),
        }
    }
}

/// A word that names no policy.
#[derive(Debug, thiserror::Error)]
#[error("must be refuse or one_call_with_evidence")]
pub(crate) struct UnknownPolicy;
