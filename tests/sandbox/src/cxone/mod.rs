//! A CXone that holds real state: tokens that expire, DNC lists, contacts, forecasts, messages,
//! campaigns whose calls complete over time, registrations, and a record of every request.

mod analytics;
mod calls;
mod contact_lists;
mod contact_records;
mod contacts;
mod controls;
mod dnc;
mod forecast;
mod front;
mod messages;
mod paging;
mod registrations;
mod schedules;
#[cfg(test)]
mod tests;
mod tokens;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;

pub use contact_lists::ContactList;
pub use contact_records::ContactRecord;
pub use contacts::{Attributes, Contact, Retry};
pub use dnc::{ConflictId, DncContact, DncList};
pub use messages::Message;
pub use registrations::Registration;
pub use schedules::Schedule;

use crate::{
    clock::Clock,
    faults::Faults,
    http,
    traffic::{self, Traffic},
};

/// The client id the simulator accepts.
pub const CLIENT_ID: &str = "sandbox";
/// The client secret the simulator accepts. It contains characters that must be percent-encoded
/// in a Basic header.
pub const CLIENT_SECRET: &str = "sandbox: 100% secret+";

/// The simulator.
pub struct Cxone {
    world: Mutex<World>,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
    address: SocketAddr,
}

/// Everything CXone knows.
struct World {
    tokens: tokens::Tokens,
    lists: BTreeMap<String, DncList>,
    contacts: contacts::Contacts,
    forecasts: forecast::Forecasts,
    messages: Vec<Message>,
    contact_lists: BTreeMap<String, ContactList>,
    contact_records: BTreeMap<String, ContactRecord>,
    schedules: schedules::Schedules,
    analytics: BTreeMap<String, analytics::Settings>,
    registrations: Vec<Registration>,
    calls: Vec<Call>,
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
        port: u16,
        token_lifetime: Duration,
        clock: Arc<Clock>,
        faults: Arc<Faults>,
        traffic: Arc<Traffic>,
        tasks: &mut JoinSet<()>,
    ) -> anyhow::Result<Arc<Self>> {
        let (listener, address) = http::listen(port).await?;
        let world = World {
            tokens: tokens::Tokens::new(token_lifetime),
            lists: BTreeMap::new(),
            contacts: contacts::Contacts::default(),
            forecasts: forecast::Forecasts::default(),
            messages: Vec::new(),
            contact_lists: BTreeMap::new(),
            contact_records: BTreeMap::new(),
            schedules: schedules::Schedules::default(),
            analytics: BTreeMap::new(),
            registrations: Vec::new(),
            calls: Vec::new(),
        };
        let cxone = Arc::new(Self { world: Mutex::new(world), clock, faults, address });
        let router = Arc::clone(&cxone).router().merge(traffic::router(traffic));
        tasks.spawn(http::serve(listener, router));
        Ok(cxone)
    }

    /// Base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A copy of a DNC list as it stands.
    pub fn dnc_list(&self, id: &str) -> DncList {
        self.world().lists.get(id).cloned().unwrap_or_default()
    }

    /// Changes a DNC list behind the bundle's back, as other systems do.
    pub fn edit_dnc_list(&self, id: &str, edit: impl FnOnce(&mut DncList)) {
        edit(self.world().lists.entry(id.to_owned()).or_default());
    }

    /// The contacts that were created, by their ids.
    pub fn contacts(&self) -> BTreeMap<String, Contact> {
        self.world().contacts.by_id.clone()
    }

    /// Refuses contacts of a campaign, or with a number, from now on, in these words.
    pub fn refuse_contacts(&self, campaign_or_number: &str, words: &str) {
        let refused = &mut self.world().contacts.refused;
        refused.insert(campaign_or_number.to_owned(), words.to_owned());
    }

    /// Sets how many agents a campaign will have free in the hours that begin at these instants,
    /// and that nothing is known of any other hour.
    pub fn set_forecast(&self, campaign: &str, hours: Vec<(DateTime<Utc>, f64)>) {
        self.world().forecasts.set(campaign, hours);
    }

    /// The text messages that were sent, in their order.
    pub fn messages(&self) -> Vec<Message> {
        self.world().messages.clone()
    }

    /// Rotates the client secret: the old one, and every token got with it, is worth nothing.
    pub fn rotate_secret(&self, client_secret: &str) {
        self.world().tokens.rotate_secret(client_secret);
    }

    /// Number of calls of an operation.
    pub fn calls(&self, operation: &str) -> usize {
        self.world().calls.iter().filter(|call| call.operation == operation).count()
    }

    /// Number of calls since the last time, by operation.
    pub fn drain_calls(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for call in self.world().calls.drain(..) {
            *calls.entry(call.operation.to_string()).or_default() += 1;
        }
        calls
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn router(self: Arc<Self>) -> Router {
        let operations = Router::new()
            .route("/oauth/token", post(tokens::issue))
            .route("/api/v2/outbound/dnc-lists/{list}/contacts", post(dnc::add))
            .route("/api/v2/outbound/dnc-lists/{list}/contacts/{contact}", put(dnc::upsert))
            .route("/api/v2/outbound/contacts", get(contact_lists::list).post(contacts::create))
            .route("/api/v2/outbound/campaigns/{campaign}/schedules", post(schedules::create))
            .route("/api/v2/analytics/outbound/details/query", post(analytics::query))
            .route("/api/v2/outbound/forecast", get(forecast::tell))
            .route("/api/v2/messaging/sessions", post(messages::send))
            .route(
                "/api/v2/contacts/{contact}",
                get(contact_records::get).patch(contact_records::update),
            )
            .route("/api/v2/event-subscriptions", post(registrations::subscribe_events))
            .route("/api/v2/webhooks", post(registrations::register_webhook))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), front::misbehave));
        operations.merge(controls::router()).with_state(self)
    }
}

/// CXone does not take what it was sent, and says why.
fn rejected(words: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "message": words }))).into_response()
}

/// Returns whether a number has the form of the contract: a plus sign, then 7 to 15 digits.
fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
