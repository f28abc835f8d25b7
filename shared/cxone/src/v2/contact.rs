//! One contact on the v2 wire: its identity, and the outcome of its call.

use ambient::Instant;

use serde::{Deserialize, Serialize};

use super::{Operation, V2};
use crate::{Contact, DispositionRecord, Error, reading, retry::Repeat};

impl V2 {
    pub(crate) async fn contact(&self, id: &str, until: Instant) -> Result<Contact, Error> {
        let url = self.address(Operation::GetContact, &[("{contactId}", id)])?;
        let reply = self
            .transport
            .call("getContact", Repeat::Reading, until, |http| http.get(url.clone()))
            .await?
            .success()?;
        match reply.read_private("no contact")? {
            Found { id: None, phone: None } => Err(reply.unexpected_private("no contact")),
            Found { id: _, phone } => {
                Ok(Contact { id: id.to_owned(), phone, is_caller: false, skill: None })
            }
        }
    }

    pub(crate) async fn record_disposition(
        &self,
        record: &DispositionRecord,
        until: Instant,
    ) -> Result<(), Error> {
        let url = self.address(Operation::UpdateContact, &[("{contactId}", &record.contact)])?;
        let body = Update {
            custom: Custom {
                disposition_category: &record.category,
                last_audit_log: &record.audit_log,
            },
        };
        self.transport
            .call("updateContact", Repeat::InOrder, until, |http| {
                http.patch(url.clone()).json(&body)
            })
            .await?
            .success()
            .map(drop)
    }
}

/// Fields of a contact that are read. CXone holds a good deal more.
#[derive(Deserialize)]
struct Found {
    #[serde(default, deserialize_with = "reading::optional_text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    phone: Option<String>,
}

#[derive(Serialize)]
struct Update<'a> {
    custom: Custom<'a>,
}

#[derive(Serialize)]
struct Custom<'a> {
    disposition_category: &'a str,
    last_audit_log: &'a str,
}
