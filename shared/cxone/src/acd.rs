//! The wire of the ACD services, and of Digital First Omnichannel for text messages.
//!
//! These services differ from the v2 API in their model: a skill dials, by hours of the day and
//! when it is started; a contact is a call; and nothing carries an id of ours. So an operation here
//! may be several calls, and what must not be done twice is read back.

mod callback;
mod capacity;
mod completed;
mod contact;
mod contacts;
mod dnc;
mod error_message;
mod hours;
mod inspection;
mod number;
mod operation;
mod outside;
mod progress;
mod schedule;
mod settings;
mod shared;
mod skill;
mod skill_hours;
mod sms;
mod week;
mod zones;

pub(crate) use callback::reference;
pub use capacity::{AgentsOfWeek, CapacityPlan};
#[cfg(test)]
pub(crate) use inspection::verb;
pub(crate) use operation::Operation;
pub(crate) use settings::AcdSettings;
pub use skill_hours::SkillHours;
pub use week::SkillWeek;

use std::{collections::BTreeSet, sync::atomic::AtomicBool, time::Duration};

use ambient::Instant;

use chrono::{DateTime, SecondsFormat, Utc};
use outbound::CxoneUsage;
use reqwest::StatusCode;
use serde::Serialize;
use tokio::sync::Mutex;
use url::Url;

use settings::Skill;

use crate::{
    Error, Registered, TokenTrials,
    paths::{Operation as _, Value},
    retry::Repeat,
    transport::{ErrorMessage, Reply, Transport},
};

/// Finds the error message in a refusal.
pub(crate) const ERROR_MESSAGE: ErrorMessage = error_message::error_message;

#[derive(Debug)]
pub(crate) struct Acd {
    transport: Transport,
    base: Url,
    settings: AcdSettings,
    /// Wait before it shows what a write has changed.
    read_back_after: Duration,
    /// Held locked while the hours of a skill are changed.
    hours: Mutex<()>,
    /// Set once a group has taken a number: then the settings are right, and what it refuses is about
    /// a number.
    has_listed: AtomicBool,
    /// Set once the log says that dispositions are not written back.
    has_warned: AtomicBool,
}

impl Acd {
    pub(crate) fn new(
        transport: Transport,
        base: Url,
        settings: AcdSettings,
        read_back_after: Duration,
    ) -> Self {
        Self {
            transport,
            base,
            settings,
            read_back_after,
            hours: Mutex::default(),
            has_listed: AtomicBool::default(),
            has_warned: AtomicBool::default(),
        }
    }

    /// `None`: a role decides, and no answer holds it. It takes a token all the same.
    pub(crate) async fn granted_scopes(
        &self,
        until: Instant,
    ) -> Result<Option<BTreeSet<String>>, Error> {
        self.transport.granted_scopes(until).await.map(|_| None)
    }

    pub(crate) async fn token_life(&self, until: Instant) -> Result<Option<Duration>, Error> {
        self.transport.token_life(until).await
    }

    pub(crate) async fn token_trials(&self, until: Instant) -> TokenTrials {
        self.transport.token_trials(until).await
    }

    pub(crate) fn drain_usage(&self) -> CxoneUsage {
        self.transport.drain_usage()
    }

    #[expect(clippy::unused_async, reason = "a backend's operations are alike")]
    pub(crate) async fn register_opt_outs(
        &self,
        _url: &Url,
        _until: Instant,
    ) -> Result<Registered, Error> {
        Err(no_events())
    }

    #[expect(clippy::unused_async, reason = "a backend's operations are alike")]
    pub(crate) async fn register_interactions(
        &self,
        _url: &Url,
        _until: Instant,
    ) -> Result<Registered, Error> {
        Err(no_events())
    }

    fn address(&self, operation: Operation, values: &[Value<'_>]) -> Result<Url, Error> {
        self.settings.paths.address(&self.base, operation, values)
    }

    /// Reads something.
    async fn get(
        &self,
        operation: Operation,
        values: &[Value<'_>],
        query: &[(&str, &str)],
        until: Instant,
    ) -> Result<Reply, Error> {
        let reply = self.ask(operation, values, query, until).await?;
        if reply.status.is_success() { Ok(reply) } else { Err(refusal(reply)) }
    }

    /// Reads a thing by its id. It is not known how CXone answers that there is none: 404, an answer
    /// without content, or 400, since nothing else can be wrong with such a request.
    async fn find(
        &self,
        operation: Operation,
        values: &[Value<'_>],
        query: &[(&str, &str)],
        until: Instant,
    ) -> Result<Reply, Error> {
        let reply = self.ask(operation, values, query, until).await?;
        match reply.status {
            StatusCode::BAD_REQUEST => Err(Error::NotFound { detail: reply.message }),
            status if !status.is_success() => Err(refusal(reply)),
            _ if reply.body.is_empty() => {
                Err(Error::NotFound { detail: "the answer has no content".to_owned() })
            }
            _ => Ok(reply),
        }
    }

    async fn ask(
        &self,
        operation: Operation,
        values: &[Value<'_>],
        query: &[(&str, &str)],
        until: Instant,
    ) -> Result<Reply, Error> {
        let mut url = self.address(operation, values)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.transport
            .call(operation.id(), Repeat::Reading, until, |http| http.get(url.clone()))
            .await
    }

    /// Writes a part of a skill's settings.
    async fn put<B: Serialize + Sync>(
        &self,
        operation: Operation,
        skill: Skill,
        body: &B,
        until: Instant,
    ) -> Result<(), Error> {
        let url = self.address(operation, &[("{skillId}", &skill.to_string())])?;
        let reply = self
            .transport
            .call(operation.id(), Repeat::Harmless, until, |http| http.put(url.clone()).json(body))
            .await?;
        if reply.status.is_success() { Ok(()) } else { Err(refusal(reply)) }
    }

    /// Waits for what was written to show, no longer than there is time.
    async fn pause_before_reading_back(&self, until: Instant) {
        tokio::time::sleep_until(until.min(Instant::now() + self.read_back_after)).await;
    }
}

/// The error for a refusal.
fn refusal(reply: Reply) -> Error {
    match reply.status {
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => {
            Error::Invalid { detail: reply.message }
        }
        _ => reply.into_error(),
    }
}

fn no_events() -> Error {
    let detail = "CXone's ACD services send no events by themselves: a Studio script sends opt-outs \
                  and interactions to the webhooks";
    Error::Unsupported { detail: detail.to_owned() }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}
