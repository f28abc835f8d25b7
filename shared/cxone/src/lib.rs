#![doc = include_str!("../README.md")]

mod breaker;
mod callback;
mod campaign;
mod client;
mod clock;
mod config;
mod contact;
mod dnc;
mod error;
mod https;
mod reading;
mod registration;
mod retry;
mod sender;
mod sms;
#[cfg(test)]
mod tests;
mod token;
mod transport;
mod v2;

pub use callback::{Callback, Scheduled};
pub use campaign::{CallSchedule, ContactsPage};
pub use client::Client;
pub use config::Config;
pub use contact::{Contact, DispositionRecord};
pub use dnc::{DncEntry, DncOutcome};
pub use error::Error;
pub use https::{https_client, load_certificates};
pub use registration::Registered;
pub use sms::{Sms, SmsSession};
