//! The API v2: DNC lists, contacts, forecasts, messages, campaigns whose calls complete over time,
//! and registrations.

mod analytics;
mod calls;
mod contact_lists;
mod contact_records;
mod contacts;
mod dnc;
mod forecast;
mod messages;
mod oauth;
mod paging;
mod registrations;
mod schedules;
#[cfg(test)]
mod tests;
mod view;

use std::{
    collections::BTreeMap,
    sync::{Arc, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    extract::Request,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use contact_lists::ContactList;
pub use contact_records::ContactRecord;
pub use contacts::{Attributes, Contact, Retry};
pub use dnc::{ConflictId, DncContact, DncList};
pub use messages::Message;
pub use registrations::Registration;
pub use schedules::Schedule;

use super::{Cxone, tokens::Tokens};

/// The operations, as the contract names them.
pub(super) const OPERATIONS: [&str; 13] = [
    "token",
    "addToDncList",
    "upsertDncContact",
    "createContact",
    "listContacts",
    "createSchedule",
    "queryAnalytics",
    "forecast",
    "sendSms",
    "getContact",
    "updateContact",
    "subscribeEvents",
    "registerWebhook",
];
/// Path of the token endpoint.
const OAUTH: &str = "/oauth/token";

/// State behind the API v2.
pub(super) struct World {
    pub(super) tokens: Tokens,
    lists: BTreeMap<String, DncList>,
    contacts: contacts::Contacts,
    forecasts: forecast::Forecasts,
    messages: Vec<Message>,
    contact_lists: BTreeMap<String, ContactList>,
    contact_records: BTreeMap<String, ContactRecord>,
    schedules: schedules::Schedules,
    analytics: BTreeMap<String, analytics::Settings>,
    registrations: Vec<Registration>,
}

impl World {
    pub(super) fn new(tokens: Tokens) -> Self {
        Self {
            tokens,
            lists: BTreeMap::new(),
            contacts: contacts::Contacts::default(),
            forecasts: forecast::Forecasts::default(),
            messages: Vec::new(),
            contact_lists: BTreeMap::new(),
            contact_records: BTreeMap::new(),
            schedules: schedules::Schedules::default(),
            analytics: BTreeMap::new(),
            registrations: Vec::new(),
        }
    }

    /// The state as JSON, by the part of it.
    pub(super) fn state(&self) -> Value {
        json!({
            "dncLists": self.lists,
            "contacts": self.contacts.by_id,
            "contactRecords": self.contact_records,
            "forecasts": self.forecasts,
            "messages": self.messages,
            "schedules": self.schedules.all,
            "registrations": self.registrations,
        })
    }
}

impl Cxone {
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

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.v2.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The operations of the API v2.
pub(super) fn router(cxone: Arc<Cxone>) -> Router<Arc<Cxone>> {
    Router::new()
        .route(OAUTH, post(oauth::issue))
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
        .layer(middleware::from_fn_with_state(cxone, oauth::authorize))
}

/// The contract's name for what a request asks.
pub(super) fn operation(request: &Request) -> &'static str {
    match (request.method().as_str(), request.uri().path()) {
        ("POST", OAUTH) => "token",
        ("POST", path) if path.contains("/dnc-lists/") => "addToDncList",
        ("PUT", path) if path.contains("/dnc-lists/") => "upsertDncContact",
        ("POST", "/api/v2/outbound/contacts") => "createContact",
        ("GET", "/api/v2/outbound/contacts") => "listContacts",
        ("POST", path) if path.starts_with("/api/v2/outbound/campaigns/") => "createSchedule",
        ("POST", "/api/v2/analytics/outbound/details/query") => "queryAnalytics",
        ("GET", "/api/v2/outbound/forecast") => "forecast",
        ("POST", "/api/v2/messaging/sessions") => "sendSms",
        ("GET", path) if path.starts_with("/api/v2/contacts/") => "getContact",
        ("PATCH", path) if path.starts_with("/api/v2/contacts/") => "updateContact",
        ("POST", "/api/v2/event-subscriptions") => "subscribeEvents",
        ("POST", "/api/v2/webhooks") => "registerWebhook",
        _ => "unknown",
    }
}

/// The answer with the status of a fault.
pub(super) fn refusal(status: StatusCode) -> Response {
    (status, Json(json!({ "message": "scripted fault" }))).into_response()
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
