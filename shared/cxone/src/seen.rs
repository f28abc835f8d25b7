//! Answers as they came.

use std::fmt;

/// An answer of CXone as it came, to a request of which it is not known how CXone answers it. The
/// request is sent once, and whatever comes is the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The HTTP status.
    pub status: u16,
    /// True if the answer has no body.
    pub is_empty: bool,
    /// CXone's error message as far as it may be shown. Empty if there is none, or no refusal.
    pub message: String,
    /// Place of the error message.
    pub place: MessagePlace,
    /// True if the answer has the header `icStatusDescription`.
    pub has_status_description: bool,
    /// Headers about limits of requests, each with its value.
    pub limits: Vec<String>,
}

/// Place of an error message in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessagePlace {
    /// There is none.
    Nowhere,
    /// A field of the body.
    Field(&'static str),
    /// The header `icStatusDescription`.
    Header,
    /// A body in none of the forms that are read.
    Body,
}

impl Seen {
    /// Returns whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The status, and the error message if there is one.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.as_str() {
            "" => write!(f, "{}", self.status),
            message => write!(f, "{} ({message})", self.status),
        }
    }
}

impl fmt::Display for MessagePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => write!(f, "nowhere"),
            Self::Field(name) => write!(f, "in `{name}`"),
            Self::Header => write!(f, "in the header icStatusDescription"),
            Self::Body => write!(f, "in a body of an unknown form"),
        }
    }
}
