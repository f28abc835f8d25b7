#![doc = include_str!("../README.md")]

mod address;
pub mod callback;
pub mod campaign;
pub mod disposition;
mod fields;
pub mod interaction;
mod json;
mod opt_out;
mod phone;
pub mod zone;

pub use address::is_confidential;
pub use chrono_tz::Tz;
pub use fields::FieldProblem;
pub use json::{Fields, Json};
pub use opt_out::{DncReason, DncRequest, OptOutEvent, UnreadableEvent};
pub use phone::{E164, InvalidNumber, Region, load_phone_metadata, masked};
