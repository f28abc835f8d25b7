//! Where an event may be in the end, and how a person writes it down.

use std::{fmt, str::FromStr};

use anyhow::bail;
use serde::Deserialize;

/// Where an event is in the end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Ending {
    /// On the DNC list.
    Listed,
    /// A contact, and the customer has been told when the call comes.
    Confirmed,
    /// A contact, and the customer does not know yet.
    Scheduled,
    /// No contact, but the customer got a message.
    Told,
    /// A campaign that is not over yet.
    Running,
    /// A campaign that is over, and its receiver has been told by this event.
    Reported(String),
    /// In the dead letters, with this error code.
    DeadLettered(String),
    /// In neither.
    Nowhere,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed => write!(f, "listed"),
            Self::Confirmed => write!(f, "confirmed"),
            Self::Scheduled => write!(f, "scheduled"),
            Self::Told => write!(f, "told"),
            Self::Running => write!(f, "running"),
            Self::Reported(event) => write!(f, "reported {event}"),
            Self::DeadLettered(code) => write!(f, "dead-lettered {code}"),
            Self::Nowhere => write!(f, "nowhere"),
        }
    }
}

impl FromStr for Ending {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text.split_once(' ').unwrap_or((text, "")) {
            ("listed", "") => Ok(Self::Listed),
            ("confirmed", "") => Ok(Self::Confirmed),
            ("scheduled", "") => Ok(Self::Scheduled),
            ("told", "") => Ok(Self::Told),
            ("running", "") => Ok(Self::Running),
            ("reported", event) if !event.is_empty() => Ok(Self::Reported(event.to_owned())),
            ("dead-lettered", code) if !code.is_empty() => Ok(Self::DeadLettered(code.to_owned())),
            ("nowhere", "") => Ok(Self::Nowhere),
            _ => bail!(
                "expected listed, scheduled, confirmed, told, running, nowhere, reported with an \
                 event, or dead-lettered with an error code"
            ),
        }
    }
}

impl TryFrom<String> for Ending {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        text.parse()
    }
}
