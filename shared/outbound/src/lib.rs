//! The domain of outbound calling: phone numbers, opt-outs, callbacks. No I/O.

pub mod callback;
mod opt_out;
mod phone;

pub use opt_out::{DncReason, DncRequest, OptOutEvent, UnreadableEvent};
pub use phone::{E164, InvalidNumber, Region, load_phone_metadata, masked};
