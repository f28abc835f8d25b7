//! Id of a run: a campaign and the hour at which every zone starts it on its own clock.

use std::{fmt, str::FromStr};

use chrono::NaiveDateTime;
use serde::Deserialize;

/// Format of the local start, in whole minutes.
const LOCAL_START: &str = "%Y-%m-%dT%H:%M";

/// Names a run: `2026-03-02T10:00#campaign-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct RunId {
    /// The campaign.
    pub campaign_id: String,
    /// Start, on the clock of every zone.
    pub local_start: NaiveDateTime,
}

/// A text that names no run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it must be a local start and a campaign, such as 2026-03-02T10:00#campaign-1")]
pub struct MalformedRunId;

impl RunId {
    /// The local start as it is written in the id.
    pub fn local_start(&self) -> String {
        self.local_start.format(LOCAL_START).to_string()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.local_start(), self.campaign_id)
    }
}

impl FromStr for RunId {
    type Err = MalformedRunId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (local_start, campaign_id) = text.split_once('#').ok_or(MalformedRunId)?;
        let local_start =
            NaiveDateTime::parse_from_str(local_start, LOCAL_START).map_err(|_| MalformedRunId)?;
        Ok(Self { campaign_id: campaign_id.to_owned(), local_start })
    }
}

impl TryFrom<String> for RunId {
    type Error = MalformedRunId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        for text in ["2026-03-02T10:00#campaign-1", "2026-12-31T23:59#a#b", "2026-03-02T10:00#"] {
            assert_eq!(text.parse::<RunId>().expect(text).to_string(), text);
        }
        for text in ["", "campaign-1", "2026-03-02#campaign-1", "2026-02-30T10:00#campaign-1"] {
            assert_eq!(text.parse::<RunId>(), Err(MalformedRunId), "{text}");
        }
    }
}
