//! Callbacks on the v2 wire: contacts that are called at a certain time.

use ambient::Instant;

use chrono::{DateTime, Utc};
use outbound::{E164, Region, assignment};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Operation, V2};
use crate::{Callback, Error, Scheduled, reading, retry::Repeat};

impl V2 {
    pub(crate) async fn schedule_callback(
        &self,
        callback: &Callback,
        until: Instant,
    ) -> Result<Scheduled, Error> {
        let now = ambient::now();
        if callback.dispatch <= now {
            return self.overdue(callback, now, until).await;
        }
        let url = self.address(Operation::CreateContact, &[])?;
        let body = NewContact { contact: Contact::from(callback) };
        let reply = self
            .transport
            .call("createContact", Repeat::Harmless, until, |http| {
                http.post(url.clone()).json(&body)
            })
            .await?;
        if reply.status == StatusCode::CONFLICT {
            return self.existing(callback, until).await;
        }
        let Err(error) = reply.success() else { return Ok(Scheduled::At(callback.dispatch)) };
        if !matches!(error, Error::Invalid { .. }) {
            return Err(error);
        }
        // What is refused now, a time that has passed, say, may have been taken by a call whose
        // answer was lost.
        match self.existing(callback, until).await {
            Err(Error::NotFound { .. }) => Err(error),
            found => found,
        }
    }

    /// What became of a callback whose time has come. CXone could call at once: a contact that is not
    /// there by then is not created, since nobody has judged this hour.
    async fn overdue(
        &self,
        callback: &Callback,
        now: DateTime<Utc>,
        until: Instant,
    ) -> Result<Scheduled, Error> {
        match self.existing(callback, until).await {
            Err(Error::NotFound { .. }) if callback.may_be_late(now) => {
                Err(Error::Ambiguous { detail: Callback::MAY_BE_DONE.to_owned() })
            }
            Err(Error::NotFound { .. }) => {
                Err(Error::Invalid { detail: Callback::TOO_LATE.to_owned() })
            }
            found => found,
        }
    }

    /// The tutorials name no operation that takes a contact back.
    #[expect(clippy::unused_async, reason = "a backend's operations are alike")]
    pub(crate) async fn withdraw_callback(
        &self,
        _campaign: &str,
        _id: Uuid,
        _until: Instant,
    ) -> Result<(), Error> {
        let detail = "this CXone API cannot withdraw a callback; cancel the contact in CXone";
        Err(Error::Unsupported { detail: detail.into() })
    }

    /// The contact that CXone has under a callback's id.
    async fn existing(&self, callback: &Callback, until: Instant) -> Result<Scheduled, Error> {
        let id = callback.id.to_string();
        let url = self.address(Operation::GetContact, &[("{contactId}", &id)])?;
        let reply = self
            .transport
            .call("getContact", Repeat::Harmless, until, |http| http.get(url.clone()))
            .await?
            .success()?;
        let found: Existing = reply.read_private("no contact")?;
        let has_number =
            found.phone.as_deref().and_then(|phone| is_same_number(phone, &callback.number));
        let has_campaign = found.campaign_id.as_deref().map(|it| it.trim() == callback.campaign);
        match (has_number, has_campaign) {
            (None, None) => {
                let detail = "the contact with the callback's id has neither number nor campaign";
                Err(Error::Unexpected { status: reply.status.as_u16(), detail: detail.into() })
            }
            (Some(false), _) | (_, Some(false)) => Ok(Scheduled::IdTaken),
            _ => {
                let time = found.scheduled_start_date_time.as_deref().and_then(reading::instant);
                Ok(Scheduled::At(time.unwrap_or(callback.dispatch)))
            }
        }
    }
}

/// Returns whether a text means a number. It may be written as within its country. `None` if the text
/// cannot be read: that is no other number, and taken for one it would have the customer called twice.
fn is_same_number(text: &str, number: &E164) -> Option<bool> {
    if digits(text).eq(digits(number.as_str())) {
        return Some(true);
    }
    let region = assignment(number).and_then(|it| it.region).unwrap_or(Region::US);
    E164::parse(text, region).ok().map(|found| found == *number)
}

/// Fields that identify the callback of a contact.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Existing {
    #[serde(default, deserialize_with = "reading::optional_text")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    campaign_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    scheduled_start_date_time: Option<String>,
}

/// The digits of a number, however it is written.
fn digits(number: &str) -> impl Iterator<Item = char> {
    number.chars().filter(char::is_ascii_digit)
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
    /// Retries of a call without answer.
    retry: Retry,
}

/// Data for the agent's script.
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
    retry_count: u32,
    retry_interval: String,
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
            retry: Retry {
                retry_count: callback.attempts.saturating_sub(1),
                retry_interval: format!("PT{}M", Callback::RETRY_INTERVAL.num_minutes()),
            },
        }
    }
}
