//! The wire of the CXone v2 API.

mod analytics;
mod callback;
mod contact;
mod contacts;
mod dnc;
mod forecast;
mod operation;
mod registration;
mod schedule;
mod skill;
mod sms;

pub(crate) use operation::Operation;

use std::{borrow::Cow, collections::BTreeSet, time::Duration};

use ambient::Instant;

use url::Url;

use crate::{
    Error,
    paths::{self, Value},
    transport::{ErrorMessage, Transport},
};
use outbound::CxoneUsage;

/// Paths of the operations.
pub(crate) type Paths = paths::Paths<Operation>;

/// Finds the error message in a refusal: all of its body.
pub(crate) const ERROR_MESSAGE: ErrorMessage = |answer| Cow::Borrowed(&answer.body);

/// Header for our id when the body has no field for it, from the IETF draft of the same name. A
/// CXone that does not support the header ignores it.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

#[derive(Debug)]
pub(crate) struct V2 {
    transport: Transport,
    base: Url,
    paths: Paths,
}

impl V2 {
    pub(crate) fn new(transport: Transport, base: Url, paths: Paths) -> Self {
        Self { transport, base, paths }
    }

    pub(crate) async fn granted_scopes(
        &self,
        until: Instant,
    ) -> Result<Option<BTreeSet<String>>, Error> {
        self.transport.granted_scopes(until).await
    }

    pub(crate) async fn token_life(&self, until: Instant) -> Result<Option<Duration>, Error> {
        self.transport.token_life(until).await
    }

    pub(crate) fn drain_usage(&self) -> CxoneUsage {
        self.transport.drain_usage()
    }

    fn address(&self, operation: Operation, values: &[Value<'_>]) -> Result<Url, Error> {
        self.paths.address(&self.base, operation, values)
    }
}
