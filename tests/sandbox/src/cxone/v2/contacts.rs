//! Contacts that are called at a certain time. The caller chooses their ids, and an id is taken
//! once.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Cxone, is_e164, rejected};

/// All contacts, and what is refused as one.
#[derive(Default)]
pub(super) struct Contacts {
    pub(super) by_id: BTreeMap<String, Contact>,
    /// Campaigns and numbers, with the message of the refusal.
    pub(super) refused: BTreeMap<String, String>,
}

/// A contact as it was first posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The id the caller chose.
    #[serde(rename = "contactId")]
    pub id: Uuid,
    /// The campaign whose agents call.
    pub campaign_id: String,
    /// The number to call, in E.164.
    pub phone: String,
    /// Time of the call.
    #[serde(rename = "scheduledStartDateTime")]
    pub scheduled_start: DateTime<Utc>,
    /// Data for the agent.
    pub attributes: Attributes,
    /// Retries of a call without answer.
    pub retry: Retry,
    /// Number of posts.
    #[serde(skip_deserializing)]
    pub posts: u32,
    /// Number of posts that differed from the first, and had no effect.
    #[serde(skip_deserializing)]
    pub differing_posts: u32,
}

/// Data of a callback for the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Origin of the request.
    #[serde(rename = "callback_requested_by")]
    pub requested_by: String,
    /// The customer's language.
    #[serde(rename = "callback_language")]
    pub language: String,
    /// From when on it suits the customer.
    #[serde(rename = "callback_window_start")]
    pub window_start: DateTime<Utc>,
    /// End of the customer's window.
    #[serde(rename = "callback_window_end")]
    pub window_end: DateTime<Utc>,
}

/// Retries of a call without answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    /// Number of retries.
    #[serde(rename = "retryCount")]
    pub count: Option<u32>,
    /// Interval between them, in ISO 8601.
    #[serde(rename = "retryInterval")]
    pub interval: Option<String>,
}

impl Contact {
    /// Violation of the contract, if any.
    fn problem(&self) -> Option<&'static str> {
        let Self { phone, attributes, retry, .. } = self;
        if !is_e164(phone) {
            Some("contact.phone must be in E.164")
        } else if attributes.requested_by != "ivr" {
            Some("contact.attributes.callback_requested_by must be ivr")
        } else if retry.count.is_some_and(|count| count > 3) {
            Some("contact.retry.retryCount must be 0 to 3")
        } else if retry.interval.as_deref().is_some_and(|interval| interval != "PT15M") {
            Some("contact.retry.retryInterval must be PT15M")
        } else {
            None
        }
    }

    /// Counts one more post of it.
    fn post(&mut self, posted: Self) {
        let Self { posts, differing_posts, .. } = *self;
        let differs = *self != Self { posts, differing_posts, ..posted };
        self.posts += 1;
        self.differing_posts += u32::from(differs);
    }
}

#[derive(Deserialize)]
pub(super) struct NewContact {
    contact: Contact,
}

pub(super) async fn create(
    State(cxone): State<Arc<Cxone>>,
    body: Result<Json<NewContact>, JsonRejection>,
) -> Response {
    let contact = match body {
        Ok(Json(NewContact { contact })) => contact,
        Err(rejection) => return rejected(&rejection.body_text()),
    };
    if let Some(problem) = contact.problem() {
        return rejected(problem);
    }
    let id = contact.id.to_string();
    let mut world = cxone.world();
    let Contacts { by_id, refused } = &mut world.contacts;
    if let Some(known) = by_id.get_mut(&id) {
        known.post(contact);
        let body = Json(json!({ "message": "a contact with this contactId exists" }));
        return (StatusCode::CONFLICT, body).into_response();
    }
    if let Some(message) = refused.get(&contact.campaign_id).or_else(|| refused.get(&contact.phone))
    {
        return rejected(message);
    }
    by_id.insert(id.clone(), Contact { posts: 1, ..contact });
    (StatusCode::CREATED, Json(json!({ "contactId": id }))).into_response()
}
