//! Times on the command line.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use outbound::{
    law::{Candidates, Zone},
    zone,
};

/// An instant, or what the called party's clock shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TimeArgument {
    Instant(DateTime<Utc>),
    Local(NaiveDateTime),
}

const LOCAL: [&str; 4] =
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"];

impl FromStr for TimeArgument {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let with_offset = text.strip_suffix(['Z', 'z']).map(|time| format!("{time}+00:00"));
        let with_offset = with_offset.as_deref().unwrap_or(text);
        let instant = LOCAL
            .iter()
            .find_map(|format| DateTime::parse_from_str(with_offset, &format!("{format}%:z")).ok());
        let local = || LOCAL.iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok());
        instant
            .map(|instant| Self::Instant(instant.to_utc()))
            .or_else(|| local().map(Self::Local))
            .ok_or("must be a time such as 2026-12-01T03:00-05:00 or, on the callee's clock, 2026-12-01T03:00")
    }
}

impl TimeArgument {
    /// The instant. A local time is one of the only stated zone, or of the only candidate.
    pub(super) fn on(
        &self,
        stated: &[Zone],
        candidates: &Candidates,
    ) -> Result<DateTime<Utc>, String> {
        let local = match self {
            Self::Instant(instant) => return Ok(*instant),
            Self::Local(local) => *local,
        };
        let possible: Vec<Zone> =
            if stated.is_empty() { candidates.zones().collect() } else { stated.to_vec() };
        match possible[..] {
            [only] => Ok(zone::instant(only.0, local).to_utc()),
            [] => Err("no clock is known that shows this time: write its offset, as in \
                       2026-12-01T03:00-05:00"
                .to_owned()),
            ref several => {
                let names: Vec<&str> = several.iter().map(|zone| zone.name()).collect();
                Err(format!(
                    "the clocks of several zones may show this time ({}): write its offset, as in \
                     2026-12-01T03:00-05:00, or name one with --zone",
                    names.join(", ")
                ))
            }
        }
    }
}

/// Two times, joined by a slash.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub(super) start: TimeArgument,
    pub(super) end: TimeArgument,
}

impl FromStr for Stretch {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (start, end) =
            text.split_once('/').ok_or("must be two times that a slash joins: START/END")?;
        Ok(Self { start: start.parse()?, end: end.parse()? })
    }
}
