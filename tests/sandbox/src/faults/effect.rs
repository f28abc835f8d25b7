//! Effects of faults.

use std::{fmt, time::Duration};

/// Effect of a fault.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    TooManyRequests(RetryAfter),
    Status(u16),
    Drop,
    DropAfter,
    StatusAfter(u16),
    Html,
    Delay(Duration),
    Choke(String),
    ExpireTokens,
    Kill { function: String },
}

/// Form of the wait in a 429.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RetryAfter {
    Absent,
    Seconds(u64),
    Date(u64),
}

impl Effect {
    /// Reads an effect by its name and its argument.
    pub(super) fn read(name: &str, argument: Option<&str>) -> Option<Self> {
        let seconds = || argument.unwrap_or("1").parse::<u64>().ok();
        Some(match name {
            "429" => Effect::TooManyRequests(RetryAfter::Seconds(seconds()?)),
            "429-date" => Effect::TooManyRequests(RetryAfter::Date(seconds()?)),
            "429-bare" => Effect::TooManyRequests(RetryAfter::Absent),
            "drop" => Effect::Drop,
            "drop-after" => Effect::DropAfter,
            "html" => Effect::Html,
            "delay" => Effect::Delay(Duration::from_secs(seconds()?)),
            "choke" => Effect::Choke(argument?.to_owned()),
            "expire-tokens" => Effect::ExpireTokens,
            "kill" => Effect::Kill { function: argument?.to_owned() },
            status => match status.strip_suffix("-after") {
                Some(status) => Effect::StatusAfter(status_of(status)?),
                None => Effect::Status(status_of(status)?),
            },
        })
    }
}

/// What is done to a call, as an end of a sentence about it.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyRequests(RetryAfter::Absent) => write!(f, "answered 429, no Retry-After"),
            Self::TooManyRequests(RetryAfter::Seconds(seconds)) => {
                write!(f, "answered 429, Retry-After {seconds} s")
            }
            Self::TooManyRequests(RetryAfter::Date(seconds)) => {
                write!(f, "answered 429, Retry-After the date in {seconds} s")
            }
            Self::Status(status) => write!(f, "answered {status}"),
            Self::Drop => write!(f, "the connection closed, nothing was done"),
            Self::DropAfter => write!(f, "done, the answer was lost"),
            Self::StatusAfter(status) => write!(f, "done, but answered {status}"),
            Self::Html => write!(f, "done, but answered with a page of HTML"),
            Self::Delay(delay) => write!(f, "answered {} s late", delay.as_secs()),
            Self::Choke(_) => write!(f, "answered 500"),
            Self::ExpireTokens => write!(f, "all tokens were forgotten"),
            Self::Kill { function } => write!(f, "done, then the processes of {function} died"),
        }
    }
}

fn status_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (400..=599).contains(status))
}
