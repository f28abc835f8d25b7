//! The do-not-call list on the v2 wire. What to send next is decided in `dnc::batch`; this module
//! sends it and reads the answer.

use ambient::Instant;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Operation, V2};
use crate::{
    DncEntry, DncOutcome, Error,
    dnc::batch::{Answer, Batch, Conflict, Request},
    reading::{self, Raw},
    retry::Repeat,
};

/// The version of the operations that the contract describes.
const VERSION: (&str, &str) = ("X-CXone-Version", "2023-10-01");

/// Source of the entries, as CXone stores it.
const SOURCE: &str = "internal_system";

impl V2 {
    /// Puts `entries` on a list, one outcome each.
    ///
    /// One request at a time: an organization has about a hundred a minute for all its functions.
    pub(crate) async fn add_to_dnc(
        &self,
        list: &str,
        entries: &[DncEntry],
        until: Instant,
    ) -> Vec<DncOutcome> {
        let mut batch = Batch::new(entries, usize::MAX, ambient::rng());
        while let Some(request) = batch.next() {
            let answer = match &request {
                Request::Post { members, is_suspect } => {
                    let repeat = if *is_suspect { Repeat::Suspect } else { Repeat::Harmless };
                    self.post(list, batch.pick(members), repeat, until).await
                }
                Request::Put { member, contact_id } => {
                    self.put(list, contact_id, &entries[*member], until).await
                }
            };
            batch.apply(request, answer.unwrap_or_else(Answer::from));
        }
        batch.outcomes()
    }

    async fn post(
        &self,
        list: &str,
        entries: Vec<&DncEntry>,
        repeat: Repeat,
        until: Instant,
    ) -> Result<Answer, Error> {
        let url = self.address(Operation::AddToDncList, &[("{listId}", list)])?;
        let body = NewContacts { contacts: entries.into_iter().map(NewContact::from).collect() };
        let reply = self
            .transport
            .call("addToDncList", repeat, until, |http| {
                http.post(url.clone()).header(VERSION.0, VERSION.1).json(&body)
            })
            .await?;
        if reply.status == StatusCode::CONFLICT {
            return Ok(Answer::Conflicts(conflicts(&reply.body)));
        }
        reply.success().map(|_| Answer::Done)
    }

    async fn put(
        &self,
        list: &str,
        contact_id: &str,
        entry: &DncEntry,
        until: Instant,
    ) -> Result<Answer, Error> {
        let url = self.address(
            Operation::UpsertDncContact,
            &[("{listId}", list), ("{contactId}", contact_id)],
        )?;
        let body = NewContact::from(entry);
        let reply = self
            .transport
            .call("upsertDncContact", Repeat::Harmless, until, |http| {
                http.put(url.clone()).header(VERSION.0, VERSION.1).json(&body)
            })
            .await?;
        reply.success().map(|_| Answer::Done)
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { detail } => Self::Refused { reason: detail },
            error if error.is_about_size() => Self::TooLarge(error),
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

impl<'a> From<&'a DncEntry> for NewContact<'a> {
    fn from(entry: &'a DncEntry) -> Self {
        Self { phone_number: entry.number.as_str(), reason: entry.reason.as_str(), source: SOURCE }
    }
}

/// The conflicts in the body of a 409. Those that cannot be read match nothing, and halving finds
/// their numbers.
fn conflicts(body: &[u8]) -> Vec<Conflict> {
    #[derive(Default, Deserialize)]
    struct Conflicts {
        conflicts: Vec<Raw>,
    }
    let reply: Conflicts = reading::json(body).unwrap_or_default();
    reply.conflicts.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect()
}
