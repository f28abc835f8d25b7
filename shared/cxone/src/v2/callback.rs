//! Callbacks on the v2 wire: contacts that are called at a certain time.

use std::time::Instant;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use serde::Serialize;

use super::{V2, paths::Operation};
use crate::{Callback, Error, retry::Repeat};

/// How CXone goes on when nobody answers.
const RETRY: Retry = Retry { retry_count: 3, retry_interval: "PT15M" };

impl V2 {
    pub(crate) async fn schedule_callback(
        &self,
        callback: &Callback,
        until: Instant,
    ) -> Result<(), Error> {
        let url = self.address(Operation::CreateContact, &[])?;
        let body = NewContact { contact: Contact::from(callback) };
        let reply = self
            .transport
            .call("createContact", Repeat::Harmless, until, |http| {
                http.post(url.clone()).json(&body)
            })
            .await?;
        // The id is ours: whoever created the contact, it was for this callback.
        if reply.status == StatusCode::CONFLICT {
            return Ok(());
        }
        reply.success().map(drop)
    }
}

#[derive(Serialize)]
struct NewContact<'a> {
    contact: Contact<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Contact<'a> {
    #[serde(rename = "contactId")]
    id: String,
    campaign_id: &'a str,
    phone: &'a str,
    scheduled_start_date_time: DateTime<Utc>,
    attributes: Attributes<'a>,
    retry: Retry,
}

/// What the agent's script is told.
#[derive(Serialize)]
struct Attributes<'a> {
    #[serde(rename = "callback_requested_by")]
    requested_by: &'static str,
    #[serde(rename = "callback_language")]
    language: &'a str,
    #[serde(rename = "callback_window_start")]
    window_start: DateTime<Utc>,
    #[serde(rename = "callback_window_end")]
    window_end: DateTime<Utc>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Retry {
    retry_count: u8,
    retry_interval: &'static str,
}

impl<'a> From<&'a Callback> for Contact<'a> {
    fn from(callback: &'a Callback) -> Self {
        Self {
            id: callback.id.to_string(),
            campaign_id: &callback.campaign,
            phone: callback.number.as_str(),
            scheduled_start_date_time: callback.dispatch,
            attributes: Attributes {
                requested_by: "ivr",
                language: &callback.language,
                window_start: callback.window.start,
                window_end: callback.window.end,
            },
            retry: RETRY,
        }
    }
}
