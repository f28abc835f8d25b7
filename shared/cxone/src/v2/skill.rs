//! Operations on skills, which the v2 API does not have: its campaigns have schedules of their own.

#![expect(clippy::unused_async, reason = "a backend's operations are alike")]

use std::ops::Range;

use ambient::Instant;

use chrono::{DateTime, Utc};

use super::V2;
use crate::{EndedCalls, Error, ZoneWindow};

impl V2 {
    #[expect(clippy::unused_self, reason = "a backend's operations are alike")]
    pub(crate) fn skills(&self, _campaign: &str) -> Result<Vec<String>, Error> {
        Err(no_skills())
    }

    pub(crate) async fn is_running(&self, _skill: &str, _until: Instant) -> Result<bool, Error> {
        Err(no_skills())
    }

    pub(crate) async fn calls_outside(
        &self,
        _skill: &str,
        _running: &Range<DateTime<Utc>>,
        _windows: &[ZoneWindow],
        _until: Instant,
    ) -> Result<Option<String>, Error> {
        Err(no_skills())
    }

    pub(crate) async fn start_skill(&self, _skill: &str, _until: Instant) -> Result<(), Error> {
        Err(no_skills())
    }

    pub(crate) async fn stop_skill(&self, _skill: &str, _until: Instant) -> Result<(), Error> {
        Err(no_skills())
    }

    pub(crate) async fn ended_calls(
        &self,
        _since: DateTime<Utc>,
        _skip: u64,
        _until: Instant,
    ) -> Result<EndedCalls, Error> {
        let detail = "this CXone API sends results of calls by itself and has no list of them";
        Err(Error::Unsupported { detail: detail.to_owned() })
    }
}

fn no_skills() -> Error {
    let detail = "this CXone API starts and stops campaigns by their schedules";
    Error::Unsupported { detail: detail.to_owned() }
}
