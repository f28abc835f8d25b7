//! Callbacks: a customer asks to be called, in a window of a few hours and on the own clock.
//!
//! [`CallbackRequest`] is the request, [`dispatch`] picks the instant of the call,
//! [`confirmation`](fn@confirmation) informs the customer.

mod confirmation;
pub mod dispatch;
mod language;
mod request;
mod window;
mod zone;

pub use confirmation::{REFERENCE_LENGTH_MAX, confirmation};
pub use language::{Language, MalformedLanguage};
pub use request::CallbackRequest;
pub use window::{InvalidWindow, Window};
pub use zone::CustomerZone;
