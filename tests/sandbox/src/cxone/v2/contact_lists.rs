//! The contacts that a campaign calls, page by page.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{Cxone, paging::Page, rejected};

/// The most contacts on a page.
const PAGE_SIZE_MAX: usize = 1000;

/// A campaign's contacts, by their place in the list: an id and the name of a time zone.
#[derive(Clone)]
pub struct ContactList {
    total: usize,
    contact: Arc<dyn Fn(usize) -> (String, Option<String>) + Send + Sync>,
}

impl ContactList {
    /// These contacts.
    pub fn of(contacts: Vec<(String, Option<String>)>) -> Self {
        Self::generated(contacts.len(), move |index| contacts[index].clone())
    }

    /// So many contacts, each made on request: a million take no memory.
    pub fn generated(
        total: usize,
        contact: impl Fn(usize) -> (String, Option<String>) + Send + Sync + 'static,
    ) -> Self {
        Self { total, contact: Arc::new(contact) }
    }

    fn get(&self, index: usize) -> ListedContact {
        let (id, timezone) = (self.contact)(index);
        ListedContact { id, timezone }
    }
}

#[derive(Serialize)]
struct ListedContact {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
}

impl Cxone {
    /// Sets whom a campaign calls. Others call no contacts.
    pub fn set_contact_list(&self, campaign: &str, list: ContactList) {
        self.world().contact_lists.insert(campaign.to_owned(), list);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    campaign_id: String,
    #[serde(default = "page_default")]
    page: usize,
    #[serde(default = "page_size_default")]
    page_size: usize,
}

fn page_default() -> usize {
    1
}

fn page_size_default() -> usize {
    100
}

pub(super) async fn list(
    State(cxone): State<Arc<Cxone>>,
    asked: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    let Parameters { campaign_id, page, page_size } = match asked {
        Ok(Query(asked)) => asked,
        Err(rejection) => return rejected(&rejection.body_text()),
    };
    if page == 0 {
        return rejected("page must be at least 1");
    }
    if !(1..=PAGE_SIZE_MAX).contains(&page_size) {
        return rejected("pageSize must be from 1 to 1000");
    }
    let list = cxone.world().contact_lists.get(&campaign_id).cloned();
    let list = list.unwrap_or_else(|| ContactList::of(Vec::new()));
    Page { number: page, size: page_size }.of(list.total, |index| list.get(index))
}
