//! A CXone that holds real state: tokens that expire, everything behind its API, and a record of
//! every request.

pub mod acd;
mod controls;
mod front;
mod scene;
mod tokens;
mod v2;
mod view;

use std::{
    collections::BTreeMap,
    iter,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, extract::Request, http::StatusCode, middleware, response::Response};
use serde::Serialize;
use tokio::task::JoinSet;

pub use v2::{
    Attributes, ConflictId, Contact, ContactList, ContactRecord, DncContact, DncList, Message,
    Registration, Retry, Schedule,
};

pub use view::{Called, PlannedCall, Text, View};

use self::tokens::Tokens;
use crate::{
    Options,
    clock::Clock,
    faults::Faults,
    http, surroundings,
    traffic::{self, Traffic},
};

/// The client id the simulator accepts.
pub const CLIENT_ID: &str = "sandbox";
/// The client secret the simulator accepts. It contains characters that must be percent-encoded
/// in a Basic header.
pub const CLIENT_SECRET: &str = "sandbox: 100% secret+";

/// Lifetime of a token, unless the options of a sandbox name another.
pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_mins(30);

/// Operations of the API v2, and those of the REST services that do the same work.
const SAME_WORK: [(&str, &str); 9] = [
    ("token", "tokenOidc"),
    ("addToDncList", "addDncRecords"),
    ("createContact", "createCallback"),
    ("sendSms", "sendOutbound"),
    ("listContacts", "skillParameters"),
    ("createSchedule", "skillParameters"),
    ("queryAnalytics", "skillSummaries"),
    ("getContact", "contact"),
    ("updateContact", "tagContact"),
];

/// An API of CXone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Api {
    /// The API v2.
    #[default]
    V2,
    /// The REST services.
    Acd,
}

impl Api {
    /// The name of the operation that a request asks for.
    fn operation(self, request: &Request) -> &'static str {
        match self {
            Self::V2 => v2::operation(request),
            Self::Acd => acd::operation(request),
        }
    }

    /// The names of its operations, and those of the API v2 whose work they do.
    pub(crate) fn operations(self) -> Vec<&'static str> {
        match self {
            Self::V2 => v2::OPERATIONS.to_vec(),
            Self::Acd => acd::operations().flat_map(|operation| self.names(operation)).collect(),
        }
    }

    /// Names of an operation: its own, and those of the API v2 whose work it does.
    fn names(self, operation: &'static str) -> Vec<&'static str> {
        let does_its_work = |(_, acd): &&(&str, &str)| self == Self::Acd && *acd == operation;
        let others = SAME_WORK.iter().filter(does_its_work).map(|(v2, _)| *v2);
        iter::once(operation).chain(others).collect()
    }

    /// The answer with the status of a fault.
    fn refusal(self, cxone: &Cxone, operation: &str, status: StatusCode) -> Response {
        match self {
            Self::V2 => v2::refusal(status),
            Self::Acd => acd::refusal(cxone, operation, status),
        }
    }
}

/// The simulator.
pub struct Cxone {
    /// The API that the functions speak.
    api: Api,
    v2: Mutex<v2::World>,
    acd: Mutex<acd::Tenant>,
    calls: Mutex<Vec<Call>>,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
    address: SocketAddr,
}

/// One request the simulator got.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The operation, as the contract names it.
    pub operation: &'static str,
    /// The status it answered, or nothing when it hung up.
    pub status: Option<u16>,
}

impl Cxone {
    pub(crate) async fn start(
        api: Api,
        port: u16,
        token_lifetime: Duration,
        clock: Arc<Clock>,
        faults: Arc<Faults>,
        traffic: Arc<Traffic>,
        tasks: &mut JoinSet<()>,
    ) -> anyhow::Result<Arc<Self>> {
        let (listener, address) = http::listen(port).await?;
        let cxone = Arc::new(Self {
            api,
            v2: Mutex::new(v2::World::new(Tokens::new(token_lifetime))),
            acd: Mutex::new(acd::Tenant::new(clock.now(), Tokens::new(token_lifetime))),
            calls: Mutex::default(),
            clock,
            faults,
            address,
        });
        let router = Arc::clone(&cxone).router().merge(traffic::router(traffic));
        tasks.spawn(http::serve(listener, router));
        Ok(cxone)
    }

    /// A simulator for callers in this process, by the clock that they share, set up as the sandbox
    /// with these options sets its own up, and the service that answers them.
    pub fn in_process(options: &Options) -> anyhow::Result<(Arc<Self>, Router)> {
        let (clock, faults) = (Arc::new(Clock::default()), Arc::new(Faults::new(Vec::new(), 0)));
        let tokens = || Tokens::new(options.token_lifetime);
        let cxone = Arc::new(Self {
            api: options.cxone_api,
            v2: Mutex::new(v2::World::new(tokens())),
            acd: Mutex::new(acd::Tenant::new(clock.now(), tokens())),
            calls: Mutex::default(),
            clock,
            faults,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        });
        surroundings::to_tenant(&cxone, options)?;
        let router = Arc::clone(&cxone).router();
        Ok((cxone, router))
    }

    /// The API that the functions speak.
    pub fn api(&self) -> Api {
        self.api
    }

    /// Base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Rotates the client secret: the old one, and every token got with it, is worth nothing.
    pub fn rotate_secret(&self, client_secret: &str) {
        self.world().tokens.rotate_secret(client_secret);
        self.tenant().tokens.rotate_secret(client_secret);
    }

    /// Tokens that were given out, unless they were all forgotten since.
    pub fn tokens(&self) -> Vec<String> {
        let mut tokens: Vec<String> = self.world().tokens.given_out().collect();
        tokens.extend(self.tenant().tokens.given_out());
        tokens
    }

    /// Number of calls of an operation, or of the one that does its work in the API in use.
    pub fn calls(&self, operation: &str) -> usize {
        let is_meant = |call: &&Call| self.api.names(call.operation).contains(&operation);
        self.record().iter().filter(is_meant).count()
    }

    /// Number of calls since the last time, by operation.
    pub fn drain_calls(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for call in self.record().drain(..) {
            *calls.entry(call.operation.to_string()).or_default() += 1;
        }
        calls
    }

    /// Forgets every token.
    fn expire_tokens(&self) {
        self.world().tokens.expire_all();
        self.tenant().tokens.expire_all();
    }

    fn record(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn router(self: Arc<Self>) -> Router {
        let front =
            |api| middleware::from_fn_with_state((Arc::clone(&self), api), front::misbehave);
        v2::router(Arc::clone(&self))
            .layer(front(Api::V2))
            .merge(controls::router())
            .merge(acd::router().layer(front(Api::Acd)))
            .with_state(self)
    }
}
