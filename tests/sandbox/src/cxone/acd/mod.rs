//! The REST services: what the public operations of CXone do, and a dialer that calls by the clock
//! of the sandbox. A request that is not as the description has it is refused.

#![expect(clippy::unnecessary_wraps, reason = "all operations have one signature")]

mod answer;
mod asked;
mod callbacks;
mod capacity;
mod contacts;
mod contract;
mod dialer;
mod discovery;
mod dispositions;
mod dnc;
mod hours;
mod number;
mod progress;
mod settings;
mod skills;
mod tenant;
#[cfg(test)]
mod tests;
mod texts;
mod tokens;
pub mod traits;
mod view;
mod zones;

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    sync::{Arc, LazyLock, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Query, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

pub use contacts::TAGS;
pub use hours::{DayTime, Week, ZoneHours};
pub use number::Number;
pub(crate) use settings::{CREDENTIALS, skills_of};
pub use tenant::{
    Actual, BusinessUnit, CALLBACK_SKILL, CallList, Callback, Channel, Contact, DNC_GROUP,
    DncRecord, Group, Skill, TEST_SKILL, Tenant, TextMessage,
};
pub use traits::Traits;
pub use zones::{ZONES, Zone};

use self::{
    answer::{Outcome, Refusal},
    asked::Asked,
    contract::{Auth, Contract, Family, Found},
    traits::{Accept, BadToken},
};
use super::Cxone;

/// The access key the simulator accepts.
pub const ACCESS_KEY_ID: &str = "SANDBOXACCESSKEY0000000000000001";
/// Its secret.
pub const ACCESS_KEY_SECRET: &str = "sandbox access key secret";
/// The tenant.
const TENANT_ID: &str = "00000000-0000-4000-8000-000000004271";

/// Work of an operation.
type Handler = fn(&mut Tenant, &Asked) -> Outcome;

/// The work of all operations by their ids.
static SERVED: LazyLock<BTreeMap<&str, Handler>> = LazyLock::new(|| {
    let groups = [
        callbacks::SERVED,
        capacity::SERVED,
        contacts::SERVED,
        discovery::SERVED,
        dispositions::SERVED,
        dnc::SERVED,
        progress::SERVED,
        skills::SERVED,
        texts::SERVED,
        tokens::SERVED,
    ];
    groups.into_iter().flatten().copied().collect()
});

/// Everything that is not below a path of another API.
pub(super) fn router() -> Router<Arc<Cxone>> {
    Router::new().fallback(serve)
}

/// The name of the operation that a request asks for.
pub(super) fn operation(request: &Request) -> &'static str {
    let found = Contract::get().find(request.method(), request.uri().path());
    found.map_or("unknown", |found| found.operation.id.as_str())
}

/// The names of all operations.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    Contract::get().operations.iter().map(|operation| operation.id.as_str())
}

/// A refusal in the shape of the tenant.
pub(super) fn refusal(cxone: &Cxone, operation: &str, status: StatusCode) -> Response {
    let operations = &Contract::get().operations;
    let family = operations.iter().find(|it| it.id == operation).map(|it| it.family);
    let shape = cxone.tenant().traits.wire.errors;
    let refusal = Refusal::new(status, "scripted_fault", "scripted fault");
    refusal.into_response(family.unwrap_or(Family::Acd), shape)
}

impl Cxone {
    /// The tenant behind the REST services, up to date. Requests wait while it is held.
    pub fn tenant(&self) -> MutexGuard<'_, Tenant> {
        let mut tenant = self.acd.lock().unwrap_or_else(PoisonError::into_inner);
        tenant.catch_up(self.clock.now());
        tenant
    }
}

async fn serve(State(cxone): State<Arc<Cxone>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(found) = Contract::get().find(&head.method, head.uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let operation = found.operation;
    let base = cxone.url();
    let mut tenant = cxone.tenant();
    let shape = tenant.traits.wire.errors;
    let outcome = tenant.admit(&found, &head).and_then(|()| {
        let asked = read(found, head, &body, base)?;
        match SERVED.get(operation.id.as_str()) {
            Some(handler) => handler(&mut tenant, &asked),
            None => Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "", "not simulated")),
        }
    });
    match outcome {
        Ok(answer) => answer.into_response(),
        Err(refusal) => refusal.into_response(operation.family, shape),
    }
}

impl Tenant {
    /// Checks what stands before all operations: version, header, token, role.
    fn admit(&mut self, found: &Found, head: &Parts) -> Result<(), Refusal> {
        let (operation, wire) = (found.operation, &self.traits.wire);
        let served = self.versions_of(&operation.id);
        if found.version.is_some_and(|version| !served.contains(&version)) {
            return Err(Refusal::not_found("version"));
        }
        if !wire.accept.is_met(head) {
            return Err(Refusal::not_acceptable());
        }
        let uses_max = self.traits.tokens.uses_max;
        if operation.auth == Auth::Bearer && !self.tokens.accepts(&head.headers, uses_max) {
            let status = match self.traits.wire.bad_token {
                BadToken::Unauthorized => StatusCode::UNAUTHORIZED,
                BadToken::Forbidden => StatusCode::FORBIDDEN,
            };
            return Err(Refusal::new(status, "invalid_token", "the token is not valid"));
        }
        if self.traits.wire.forbidden.contains(&operation.id) {
            let words = format!("the role does not allow {}", operation.id);
            return Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", words));
        }
        Ok(())
    }

    /// The versions at which an operation is served.
    fn versions_of(&self, operation: &str) -> RangeInclusive<u32> {
        let wire = &self.traits.wire;
        let newest = self.newest_versions.get(operation).copied().unwrap_or(u32::MAX);
        wire.version_oldest..=wire.version_newest.min(newest)
    }

    /// Returns whether the business unit may be called by its own clocks.
    fn is_business_open(&self) -> bool {
        let zone = self.business_unit.zone;
        let hours = self.business_unit.hours.iter().find(|hours| hours.zone == zone);
        hours.is_some_and(|it| hours::is_open(it, None, &self.traits.hours, self.now))
    }
}

impl Accept {
    fn is_met(self, head: &Parts) -> bool {
        let accept = head.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        match self {
            Self::Any => true,
            Self::AnyHeader => accept.is_some_and(|it| !it.is_empty()),
            Self::JsonNamed => accept.is_some_and(|it| it.contains("application/json")),
        }
    }
}

/// Reads a request as the description has it.
fn read(found: Found, head: Parts, body: &[u8], base: String) -> Result<Asked, Refusal> {
    let query = Query::<Vec<(String, String)>>::try_from_uri(&head.uri);
    let Query(query) = query.map_err(|error| Refusal::invalid(error.to_string()))?;
    let media = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = media.is_some_and(|media| media.starts_with("application/json"));
    let said = found.read(&query, is_json, body).map_err(Refusal::invalid)?;
    Ok(Asked { said, headers: head.headers, base })
}
