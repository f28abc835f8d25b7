#![doc = include_str!("../README.md")]

mod acd;
mod backend;
mod breaker;
mod callback;
mod campaign;
mod client;
mod clock;
mod config;
mod contact;
mod dnc;
mod error;
mod exchange;
mod https;
mod inspection;
mod paths;
mod reading;
mod registration;
mod retry;
mod seen;
mod sender;
mod sms;
#[cfg(test)]
mod tests;
mod token;
mod transport;
mod v2;

pub use acd::{AgentsOfWeek, CapacityPlan, SkillHours, SkillWeek};
pub use callback::{Callback, Earlier, Scheduled};
pub use campaign::{CallSchedule, ContactsPage, SharedZone, ZoneWindow};
pub use client::Client;
pub use config::Config;
pub use contact::{Contact, DispositionRecord, EndedCall, EndedCalls};
pub use dnc::{DncEntry, DncOutcome};
pub use error::Error;
pub use exchange::{Unanswered, exchange};
pub use https::{https_client, load_certificates};
pub use inspection::{
    AcceptHeader, AgentWork, CompletedPage, CompletedQuery, Disposition, DncGroup, HalfHour,
    InspectedSettings, InspectedSkill, InspectedUnit, InspectedZone, Inspection, ListedContact,
    OfferedPath, Probe, SeenRecord, SkillCounts, TextChannel,
};
pub use registration::Registered;
pub use seen::{MessagePlace, Seen};
pub use sms::{Sms, SmsSession};
pub use token::{CredentialHalf, TokenStyle, TokenTrial, TokenTrialOutcome, TokenTrials};
