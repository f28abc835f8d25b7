//! DNC lists as CXone keeps them: a number is on a list once, a batch is applied whole or not at
//! all, and a number listed for another reason is a conflict.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Cxone, rejected};

/// Source of the entries.
const SOURCE: &str = "internal_system";

/// One DNC list.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DncList {
    /// The listed numbers.
    pub contacts: BTreeMap<String, DncContact>,
    /// Numbers CXone refuses, with its message.
    pub refused: BTreeMap<String, String>,
    /// Numbers whose listing conflicts, and how CXone names them in its answer.
    pub conflicts: BTreeMap<String, ConflictId>,
    /// Contacts that were changed although the list holds no such contact.
    pub unknown_upserts: BTreeSet<String>,
}

/// A number on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DncContact {
    /// Reason for the listing.
    pub reason: String,
    /// Number of writes that listed or confirmed it.
    pub writes: u32,
}

/// Spelling of the number in a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictId {
    /// `contactId` is the number.
    Number,
    /// `contactId` is the number without its plus sign.
    NumberWithoutPlus,
    /// `contactId` is opaque, `phoneNumber` has the number.
    OpaqueWithNumber,
    /// `contactId` is opaque, and no field has the number.
    Opaque,
}

impl DncList {
    fn conflict(&self, number: &str) -> Option<Value> {
        let contact_id = self.contact_id(number)?;
        Some(match self.conflicts.get(number)? {
            ConflictId::OpaqueWithNumber => {
                json!({ "contactId": contact_id, "phoneNumber": number })
            }
            _ => json!({ "contactId": contact_id }),
        })
    }

    fn contact_id(&self, number: &str) -> Option<String> {
        Some(match self.conflicts.get(number)? {
            ConflictId::Number => number.to_owned(),
            ConflictId::NumberWithoutPlus => number.trim_start_matches('+').to_owned(),
            // Any id that does not show the number.
            ConflictId::OpaqueWithNumber | ConflictId::Opaque => {
                let reversed: String = number.trim_start_matches('+').chars().rev().collect();
                format!("contact/{reversed}")
            }
        })
    }

    fn write(&mut self, number: &str, reason: &str) {
        self.conflicts.remove(number);
        let contact = self
            .contacts
            .entry(number.to_owned())
            .or_insert_with(|| DncContact { reason: String::new(), writes: 0 });
        reason.clone_into(&mut contact.reason);
        contact.writes += 1;
    }
}

#[derive(Deserialize)]
pub(super) struct Batch {
    contacts: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    phone_number: String,
    reason: String,
    source: String,
}

pub(super) async fn add(
    State(cxone): State<Arc<Cxone>>,
    Path(list): Path<String>,
    headers: HeaderMap,
    Json(batch): Json<Batch>,
) -> Response {
    if !has_version(&headers) || batch.contacts.is_empty() {
        return rejected("X-CXone-Version must be 2023-10-01 and contacts must not be empty");
    }
    let mut world = cxone.world();
    let list = world.lists.entry(list).or_default();
    for entry in &batch.contacts {
        if let Some(message) = list.refused.get(&entry.phone_number) {
            return rejected(message);
        }
        if entry.source != SOURCE {
            return rejected("source must be internal_system");
        }
    }
    let conflicts: Vec<Value> =
        batch.contacts.iter().filter_map(|entry| list.conflict(&entry.phone_number)).collect();
    if !conflicts.is_empty() {
        return (StatusCode::CONFLICT, Json(json!({ "conflicts": conflicts }))).into_response();
    }
    let known = list.contacts.len();
    for entry in &batch.contacts {
        list.write(&entry.phone_number, &entry.reason);
    }
    let status = if list.contacts.len() > known { StatusCode::CREATED } else { StatusCode::OK };
    (status, Json(json!({ "count": batch.contacts.len() }))).into_response()
}

fn has_version(headers: &HeaderMap) -> bool {
    headers.get("x-cxone-version").is_some_and(|version| version == "2023-10-01")
}

pub(super) async fn upsert(
    State(cxone): State<Arc<Cxone>>,
    Path((list, contact)): Path<(String, String)>,
    headers: HeaderMap,
    Json(entry): Json<Entry>,
) -> Response {
    if !has_version(&headers) || entry.source != SOURCE {
        return rejected("X-CXone-Version must be 2023-10-01 and source internal_system");
    }
    let mut world = cxone.world();
    let list = world.lists.entry(list).or_default();
    let number = &entry.phone_number;
    if let Some(message) = list.refused.get(number) {
        return rejected(message);
    }
    // Once it is resolved a conflict is no more, and its id is as good as the number.
    let known = list.contact_id(number).is_some_and(|id| id == contact)
        || list.contacts.contains_key(number);
    if !known {
        list.unknown_upserts.insert(contact);
    }
    list.write(number, &entry.reason);
    StatusCode::NO_CONTENT.into_response()
}
