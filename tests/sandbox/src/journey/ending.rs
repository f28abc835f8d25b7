//! Endings of events, and how a person writes them down.

use std::{fmt, str::FromStr};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// Ending of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Ending {
    /// On the DNC list.
    Listed,
    /// A contact, and the customer got the time of the call by SMS.
    Confirmed,
    /// A contact without an SMS.
    Scheduled,
    /// An SMS without a contact.
    SmsSent,
    /// A campaign that is not over yet.
    Running,
    /// A campaign that is over, with the event that its receiver got.
    Reported(String),
    /// A category is written to the contact, and its number may be on the DNC list.
    Recorded {
        /// The category.
        category: String,
        /// True if the number is on the list.
        is_listed: bool,
    },
    /// Number of an interaction's events in the queues of analytics, CRM and notifications.
    Delivered([usize; 3]),
    /// In the dead letters, with this error code.
    DeadLettered(String),
    /// Not stored anywhere.
    Rejected,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed => write!(f, "listed"),
            Self::Confirmed => write!(f, "confirmed"),
            Self::Scheduled => write!(f, "scheduled"),
            Self::SmsSent => write!(f, "SMS sent"),
            Self::Running => write!(f, "running"),
            Self::Reported(event) => write!(f, "reported {event}"),
            Self::Recorded { category, is_listed: true } => {
                write!(f, "recorded {category} and listed")
            }
            Self::Recorded { category, is_listed: false } => write!(f, "recorded {category}"),
            Self::Delivered([analytics, crm, notifications]) => {
                write!(f, "delivered {analytics}/{crm}/{notifications}")
            }
            Self::DeadLettered(code) => write!(f, "dead-lettered {code}"),
            Self::Rejected => write!(f, "rejected"),
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
            ("SMS", "sent") => Ok(Self::SmsSent),
            ("running", "") => Ok(Self::Running),
            ("reported", event) if !event.is_empty() => Ok(Self::Reported(event.to_owned())),
            ("dead-lettered", code) if !code.is_empty() => Ok(Self::DeadLettered(code.to_owned())),
            ("recorded", what) if !what.is_empty() => Ok(match what.strip_suffix(" and listed") {
                Some(category) => Self::Recorded { category: category.into(), is_listed: true },
                None => Self::Recorded { category: what.into(), is_listed: false },
            }),
            ("delivered", counts) => {
                let counts = counts.split('/').map(str::parse).collect::<Result<Vec<_>, _>>()?;
                let counts = counts.try_into().ok().context("expected three counts")?;
                Ok(Self::Delivered(counts))
            }
            ("rejected", "") => Ok(Self::Rejected),
            _ => bail!(
                "expected listed, scheduled, confirmed, SMS sent, running, rejected, reported with an \
                 event, recorded with a category, delivered with three counts, or dead-lettered \
                 with an error code"
            ),
        }
    }
}

impl From<Ending> for String {
    fn from(ending: Ending) -> Self {
        ending.to_string()
    }
}

impl TryFrom<String> for Ending {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        text.parse()
    }
}
