//! The contacts of a campaign on the v2 wire.

use ambient::Instant;

use outbound::campaign::CampaignContact;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Operation, V2};
use crate::{
    ContactsPage, Error,
    reading::{self, Raw},
    retry::Repeat,
};

/// The most contacts that CXone puts on a page.
const PAGE_SIZE: &str = "1000";

/// The zone of a contact whose zone is no text: no zone has this name.
const NO_NAME: &str = "(not a text)";

impl V2 {
    pub(crate) async fn list_contacts(
        &self,
        campaign: &str,
        page: u32,
        until: Instant,
    ) -> Result<ContactsPage, Error> {
        let mut url = self.address(Operation::ListContacts, &[])?;
        url.query_pairs_mut()
            .append_pair("campaignId", campaign)
            .append_pair("page", &page.to_string())
            .append_pair("pageSize", PAGE_SIZE);
        let reply = self
            .transport
            .call("listContacts", Repeat::Reading, until, |http| http.get(url.clone()))
            .await?
            .success()?;
        let page: Page = reply.read_private("no page of contacts")?;
        page.read().ok_or_else(|| reply.unexpected_private("no number of pages"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    data: Vec<Raw>,
    #[serde(deserialize_with = "reading::optional_count")]
    total_pages: Option<u64>,
}

/// Fields of a contact that a campaign needs, as far as CXone has them. The number tells the place.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contact {
    #[serde(deserialize_with = "reading::optional_text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "time_zone")]
    timezone: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    state: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    postal_code: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    country: Option<String>,
}

impl Page {
    /// `None` when it does not say how many pages there are.
    fn read(&self) -> Option<ContactsPage> {
        let pages = u32::try_from(self.total_pages?).unwrap_or(u32::MAX);
        let contacts: Vec<CampaignContact> = self.data.iter().filter_map(contact).collect();
        let unreadable = (self.data.len() - contacts.len()) as u64;
        Some(ContactsPage { contacts, unreadable, pages })
    }
}

fn contact(raw: &Raw) -> Option<CampaignContact> {
    let contact: Contact = serde_json::from_str(raw.get()).ok()?;
    Some(CampaignContact {
        id: contact.id?,
        time_zone: contact.timezone,
        phone_number: contact.phone_number.or(contact.phone),
        state: contact.state,
        postal_code: contact.postal_code,
        country: contact.country,
        bar: None,
    })
}

/// The name of a zone, `None` when there is none. What is no text is no name of a zone either.
fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(name) => Some(name).filter(|name| !name.trim().is_empty()),
        _ => Some(NO_NAME.to_owned()),
    })
}
