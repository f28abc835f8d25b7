//! Calls that are over, as pages of CXone show them.

use ambient::Instant;

use serde::Deserialize;

use super::super::{Acd, Operation, completed::Page, rfc3339};
use crate::{
    CompletedPage, CompletedQuery, Error, ListedContact,
    reading::{self, Raw},
};

impl Acd {
    pub(crate) async fn completed_page(
        &self,
        asked: &CompletedQuery,
        until: Instant,
    ) -> Result<CompletedPage, Error> {
        let (size, skip) = (asked.size.to_string(), asked.skip.to_string());
        let (start, end) = (rfc3339(asked.period.start), rfc3339(asked.period.end));
        let skill = asked.skill.map(|skill| skill.to_string());
        let mut query =
            vec![("top", &*size), ("skip", &*skip), ("fields", "contactId,lastUpdateTime")];
        match &skill {
            Some(skill) => {
                query.extend([("skillId", &**skill), ("startDate", &*start), ("endDate", &*end)]);
            }
            // As calls that are over are polled.
            None => query.extend([
                ("updatedSince", &*start),
                ("mediaTypeId", "4"),
                ("orderBy", "lastUpdateTime asc"),
            ]),
        }
        let reply = self.get(Operation::CompletedContacts, &[], &query, until).await?;
        if reply.body.is_empty() {
            return Ok(CompletedPage { contacts: vec![], total: Some(0) });
        }
        let page: Page = reply.read_private("no page of contacts")?;
        let rows = page.completed_contacts.unwrap_or_default();
        let contact = |raw: &Raw| -> Option<ListedContact> {
            let row: Row = serde_json::from_str(raw.get()).ok()?;
            let updated_at = row.last_update_time.as_deref().and_then(reading::instant);
            Some(ListedContact { id: row.contact_id?, updated_at })
        };
        let contacts: Option<Vec<ListedContact>> = rows.iter().map(contact).collect();
        let contacts =
            contacts.ok_or_else(|| reply.unexpected_private("a contact without an id"))?;
        Ok(CompletedPage { contacts, total: page.total_records })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(default, deserialize_with = "reading::optional_text")]
    contact_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    last_update_time: Option<String>,
}
