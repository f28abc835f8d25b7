//! Callbacks: a customer asks to be called, in a window of a few hours and on the own clock.
//!
//! [`CallbackRequest`] is what was asked.

mod language;
mod request;
mod window;
mod zone;

pub use language::{Language, MalformedLanguage};
pub use request::{CallbackRequest, FieldProblem};
pub use window::{InvalidWindow, Window};
pub use zone::CustomerZone;
