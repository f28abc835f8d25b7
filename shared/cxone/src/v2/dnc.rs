//! The do-not-call list on the v2 wire. What to send next is decided in `batch`; this module
//! sends it and reads the answer.

mod batch;

use std::time::Instant;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

use super::{V2, paths::Operation};
use crate::{DncEntry, DncOutcome, Error, retry::Repeat};

use batch::{Answer, Batch, Request};

/// The version of the operation that the contract describes.
const VERSION: (&str, &str) = ("X-CXone-Version", "2023-10-01");

/// What CXone is told about who put a number on the list.
const SOURCE: &str = "internal_system";

impl V2 {
    /// Puts `entries` on a list, one outcome each.
    ///
    /// One request at a time: an organisation has about a hundred a minute for all its functions.
    pub(crate) async fn add_to_dnc(
        &self,
        list: &str,
        entries: &[DncEntry],
        until: Instant,
    ) -> Vec<DncOutcome> {
        let mut batch = Batch::new(entries);
        while let Some(request) = batch.next() {
            let answer = match &request {
                Request::Post { members } => self.post(list, batch.pick(members), until).await,
                Request::Put { member, contact_id } => {
                    self.put(list, contact_id, &entries[*member], until).await
                }
            };
            batch.settle(request, answer);
        }
        batch.outcomes()
    }

    async fn post(&self, list: &str, entries: Vec<&DncEntry>, until: Instant) -> Answer {
        let url = self.address(Operation::AddToDncList, &[("{listId}", list)]);
        let contacts = entries.into_iter().map(|entry| NewContact {
            phone_number: entry.number.as_str(),
            reason: entry.reason.as_str(),
            source: SOURCE,
        });
        let body = NewContacts { contacts: contacts.collect() };
        let reply = self
            .transport
            .call("addToDncList", Repeat::Harmless, until, |http| {
                http.post(url.clone()).header(VERSION.0, VERSION.1).json(&body)
            })
            .await;
        match reply {
            Ok(reply) if reply.status.is_success() => Answer::Done,
            Ok(reply) if reply.status == StatusCode::CONFLICT => {
                // Conflicts that cannot be read match nothing, and halving finds them.
                let conflicts: Conflicts = serde_json::from_slice(&reply.body).unwrap_or_default();
                Answer::Conflicts(conflicts.conflicts)
            }
            Ok(reply) => Answer::from(reply.into_error()),
            Err(error) => Answer::from(error),
        }
    }

    async fn put(&self, list: &str, contact_id: &str, entry: &DncEntry, until: Instant) -> Answer {
        let url = self.address(
            Operation::UpsertDncContact,
            &[("{listId}", list), ("{contactId}", contact_id)],
        );
        let body = Contact { phone_number: entry.number.as_str(), reason: entry.reason.as_str() };
        let reply = self
            .transport
            .call("upsertDncContact", Repeat::Harmless, until, |http| {
                http.put(url.clone()).json(&body)
            })
            .await;
        match reply {
            Ok(reply) if reply.status.is_success() => Answer::Done,
            Ok(reply) => Answer::from(reply.into_error()),
            Err(error) => Answer::from(error),
        }
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { detail } => Self::Refused { reason: detail },
            error => Self::Failed(error),
        }
    }
}

#[derive(Serialize)]
struct NewContacts<'a> {
    contacts: Vec<NewContact<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewContact<'a> {
    phone_number: &'a str,
    reason: &'a str,
    source: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Contact<'a> {
    phone_number: &'a str,
    reason: &'a str,
}

#[derive(Default, Deserialize)]
struct Conflicts {
    #[serde(default)]
    conflicts: Vec<Conflict>,
}

/// A number that is listed already, as far as CXone lets us know which.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Conflict {
    /// The number itself, with or without its plus sign, or an opaque id.
    #[serde(default)]
    contact_id: String,
    phone_number: Option<String>,
}
