//! Domain types of text messages.

use std::fmt;

use outbound::E164;
use uuid::Uuid;

/// A text message to a customer. `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    /// Our id of it. Two messages with the same id are the same message.
    pub id: Uuid,
    /// Recipient.
    pub to: E164,
    /// The number it comes from, one that CXone has verified.
    pub from: E164,
    /// Content.
    pub text: String,
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, to, from, text: _ } = self;
        f.debug_struct("Sms")
            .field("id", id)
            .field("to", to)
            .field("from", from)
            .finish_non_exhaustive()
    }
}

/// The conversation that a text message has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsSession {
    /// CXone's id of it. `None` when its answer held none that can be read.
    pub id: Option<String>,
}
