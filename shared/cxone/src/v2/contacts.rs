//! The contacts of a campaign on the v2 wire.

use std::time::Instant;

use serde::Deserialize;

use super::{V2, paths::Operation};
use crate::{ContactsPage, Error, ListedContact, retry::Repeat};

/// The most contacts that CXone puts on a page.
const PAGE_SIZE: &str = "1000";

impl V2 {
    pub(crate) async fn list_contacts(
        &self,
        campaign: &str,
        page: u32,
        until: Instant,
    ) -> Result<ContactsPage, Error> {
        let mut url = self.address(Operation::ListContacts, &[]);
        url.query_pairs_mut()
            .append_pair("campaignId", campaign)
            .append_pair("page", &page.to_string())
            .append_pair("pageSize", PAGE_SIZE);
        let reply = self
            .transport
            .call("listContacts", Repeat::Harmless, until, |http| http.get(url.clone()))
            .await?
            .success()?;
        reply.read_private::<Page>("no page of contacts").map(ContactsPage::from)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    data: Vec<Contact>,
    total_pages: u32,
}

/// What a campaign needs to know of a contact. The phone number is not read.
#[derive(Deserialize)]
struct Contact {
    id: String,
    timezone: Option<String>,
}

impl From<Page> for ContactsPage {
    fn from(page: Page) -> Self {
        let contacts = page.data.into_iter().map(ListedContact::from).collect();
        Self { contacts, pages: page.total_pages }
    }
}

impl From<Contact> for ListedContact {
    fn from(contact: Contact) -> Self {
        let Contact { id, timezone } = contact;
        Self { id, time_zone: timezone.filter(|name| !name.trim().is_empty()) }
    }
}
