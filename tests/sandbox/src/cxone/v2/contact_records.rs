//! Contacts as the whole company sees them, with what became of their last call. Those that
//! callbacks create are kept apart, as campaigns keep them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Cxone, rejected};

/// Categories of a call.
const CATEGORIES: [&str; 5] =
    ["do_not_call", "callback_later", "qualified_lead", "wrong_number", "unclassified"];

/// A contact, and what became of its last call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactRecord {
    /// Its number, as it was added.
    pub phone: Option<String>,
    /// Category of the latest call.
    pub category: Option<String>,
    /// Latest audit log.
    pub audit_log: Option<String>,
    /// Time of the latest patch, by the sandbox's clock.
    pub updated: Option<DateTime<Utc>>,
    /// Number of patches.
    pub patches: u32,
}

impl Cxone {
    /// Adds a contact that was not called yet, in place of one with the same id.
    pub(in crate::cxone) fn add_contact_record(&self, id: &str, phone: Option<&str>) {
        let record = ContactRecord { phone: phone.map(str::to_owned), ..ContactRecord::default() };
        self.world().contact_records.insert(id.to_owned(), record);
    }

    /// A copy of a contact.
    pub fn contact_record(&self, id: &str) -> Option<ContactRecord> {
        self.world().contact_records.get(id).cloned()
    }
}

/// A contact as CXone returns it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Contact {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<Custom>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_date: Option<DateTime<Utc>>,
}

impl Contact {
    fn of(id: String, record: &ContactRecord) -> Response {
        let ContactRecord { phone, category, audit_log, updated, .. } = record.clone();
        let custom = category.zip(audit_log);
        let custom = custom.map(|(category, audit_log)| Custom { category, audit_log });
        Json(Self { id, phone, custom, updated_date: updated }).into_response()
    }
}

#[derive(Serialize, Deserialize)]
struct Custom {
    #[serde(rename = "disposition_category")]
    category: String,
    #[serde(rename = "last_audit_log")]
    audit_log: String,
}

#[derive(Deserialize)]
pub(super) struct Update {
    custom: Custom,
}

pub(super) async fn get(State(cxone): State<Arc<Cxone>>, Path(id): Path<String>) -> Response {
    if let Some(record) = cxone.contact_record(&id) {
        return Contact::of(id, &record);
    }
    match cxone.world().contacts.by_id.get(&id) {
        Some(callback) => Json(json!({
            "id": id,
            "phone": callback.phone,
            "campaignId": callback.campaign_id,
            "scheduledStartDateTime": callback.scheduled_start,
        }))
        .into_response(),
        None => no_such_contact(),
    }
}

pub(super) async fn update(
    State(cxone): State<Arc<Cxone>>,
    Path(id): Path<String>,
    body: Result<Json<Update>, JsonRejection>,
) -> Response {
    let Custom { category, audit_log } = match body {
        Ok(Json(Update { custom })) => custom,
        Err(rejection) => return rejected(&rejection.body_text()),
    };
    if !CATEGORIES.contains(&category.as_str()) {
        let message =
            format!("custom.disposition_category must be one of {}", CATEGORIES.join(", "));
        return rejected(&message);
    }
    let mut world = cxone.world();
    let Some(record) = world.contact_records.get_mut(&id) else {
        return no_such_contact();
    };
    record.category = Some(category);
    record.audit_log = Some(audit_log);
    record.updated = Some(cxone.clock.now());
    record.patches += 1;
    Contact::of(id, record)
}

fn no_such_contact() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "message": "no such contact" }))).into_response()
}
