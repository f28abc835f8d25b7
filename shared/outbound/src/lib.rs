#![doc = include_str!("../README.md")]

mod address;
pub mod callback;
pub mod called_party;
pub mod campaign;
pub mod disposition;
mod fields;
pub mod interaction;
mod json;
pub mod law;
mod masking;
mod opt_out;
pub mod opt_out_words;
mod phone;
mod preference;
mod printable;
mod usage;
pub mod zone;

pub use address::{ForbiddenTarget, WebhookTargets, is_confidential};
pub use chrono_tz::Tz;
pub use fields::FieldProblem;
pub use json::{Fields, Json};
pub use masking::{mask_id, mask_words};
pub use opt_out::{DncReason, DncRequest};
pub use phone::{
    AreaCode, Assignment, E164, InvalidNumber, Line, Region, area_code, assignment, masked,
};
pub use preference::{Evidence, PreferenceEvent, UnreadableEvent};
pub use printable::{is_obeyed, printable};
pub use usage::CxoneUsage;
