//! The wire of the CXone v2 API.

mod analytics;
mod callback;
mod contact;
mod contacts;
mod dnc;
mod forecast;
mod paths;
mod registration;
mod schedule;
mod sms;

pub(crate) use paths::Paths;

use std::collections::BTreeSet;

use ambient::Instant;

use url::Url;

use crate::{
    Error,
    transport::{Transport, below},
    v2::paths::{Operation, Value},
};
use outbound::CxoneUsage;

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

    pub(crate) fn drain_usage(&self) -> CxoneUsage {
        self.transport.drain_usage()
    }

    /// The address of an operation, its placeholders filled in. What CXone gives no address to,
    /// it does not have.
    fn address(&self, operation: Operation, values: &[Value<'_>]) -> Result<Url, Error> {
        let path = self.paths.fill(operation, values).ok_or_else(|| Error::NotFound {
            detail: "an id that is empty, `.` or `..` cannot be part of an address".to_owned(),
        })?;
        Ok(below(&self.base, &path))
    }
}
