//! Calls that are over, in the order in which CXone changed them: what came of a call is in no
//! event, so it has to be polled.

use std::collections::BTreeSet;

use ambient::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use outbound::E164;
use serde::Deserialize;

use super::{Acd, Operation, number::NumberFormat, rfc3339, settings::Skill};
use crate::{
    EndedCall, EndedCalls, Error,
    reading::{self, Raw},
    transport::Reply,
};

/// Sizes of a page: the next one is tried when CXone fails on the one before.
const PAGE_SIZES: [u64; 2] = [1000, 100];

/// CXone is never asked for calls that were changed longer ago.
const AGE_MAX: TimeDelta = TimeDelta::days(30);

impl Acd {
    pub(crate) async fn ended_calls(
        &self,
        since: DateTime<Utc>,
        skip: u64,
        until: Instant,
    ) -> Result<EndedCalls, Error> {
        let since = since.max(ambient::now() - AGE_MAX);
        let mut failed = Error::out_of_time();
        for size in PAGE_SIZES {
            match self.ended_calls_of(since, skip, size, until).await {
                Err(error @ Error::Transient { sent: true, .. }) => failed = error,
                answered => return answered,
            }
        }
        Err(failed)
    }

    /// Returns whether a skill called a number from an instant on, as far as the calls are over.
    pub(super) async fn has_called(
        &self,
        skill: Skill,
        number: &E164,
        from: DateTime<Utc>,
        until: Instant,
    ) -> Result<bool, Error> {
        let size = PAGE_SIZES[0];
        let (from, to) = (rfc3339(from), rfc3339(ambient::now()));
        let mut skip = 0;
        loop {
            let query = [
                ("startDate", &*from),
                ("endDate", &*to),
                ("skillId", &*skill.to_string()),
                ("orderBy", "lastUpdateTime asc"),
                ("top", &*size.to_string()),
                ("skip", &*skip.to_string()),
                ("fields", "contactId,isOutbound,toAddress"),
            ];
            let reply = self.get(Operation::CompletedContacts, &[], &query, until).await?;
            if reply.body.is_empty() {
                return Ok(false);
            }
            let page: Page = reply.read_private("no page of contacts")?;
            let (rows, total) = page.rows(skip, &reply)?;
            let count = rows.len() as u64;
            let read = |raw: &Raw| serde_json::from_str::<Called>(raw.get()).ok();
            let called: Option<Vec<Called>> = rows.iter().map(read).collect();
            // One that cannot be read may be the one that is looked for.
            let called =
                called.ok_or_else(|| reply.unexpected_private("a call that cannot be read"))?;
            if called.iter().any(|call| call.is_to(number, self.settings.number_format)) {
                return Ok(true);
            }
            skip += count;
            let is_more = count >= size || total.is_some_and(|total| total > skip);
            if count == 0 || !is_more {
                return Ok(false);
            }
        }
    }

    async fn ended_calls_of(
        &self,
        since: DateTime<Utc>,
        skip: u64,
        size: u64,
        until: Instant,
    ) -> Result<EndedCalls, Error> {
        let query = [
            ("updatedSince", &*rfc3339(since)),
            ("mediaTypeId", "4"),
            ("orderBy", "lastUpdateTime asc"),
            ("top", &*size.to_string()),
            ("skip", &*skip.to_string()),
            ("fields", "contactId,skillId,isOutbound,primaryDispositionId,lastUpdateTime"),
        ];
        let reply = self.get(Operation::CompletedContacts, &[], &query, until).await?;
        if reply.body.is_empty() {
            return Ok(EndedCalls::default());
        }
        let page: Page = reply.read_private("no page of contacts")?;
        let (rows, total_records) = page.rows(skip, &reply)?;
        let read = |raw: &Raw| serde_json::from_str::<Row>(raw.get()).ok();
        let changes: Vec<_> = rows.iter().filter_map(|raw| read(raw)?.changed()).collect();
        let listed: BTreeSet<Skill> = self.settings.skills.listed().collect();
        let mut page = EndedCalls::default();
        for row in rows.iter().map(read) {
            match row.and_then(|row| Some((row.call()?, row))) {
                Some((call, row)) if row.is_ours(&listed) => page.calls.push(call),
                Some(_) => {}
                None => page.unreadable += 1,
            }
        }
        let count = rows.len() as u64;
        // A tenant may have smaller pages than it is asked for, and not say how many calls there are.
        let is_more = count >= size || total_records.is_none_or(|total| total > skip + count);
        page.next_skip = (count > 0 && is_more).then(|| skip + count);
        page.in_order_until = in_order_until(&changes);
        Ok(page)
    }
}

/// A page of calls that are over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::acd) struct Page {
    #[serde(default)]
    pub(in crate::acd) completed_contacts: Option<Vec<Raw>>,
    /// Number of calls on all pages.
    #[serde(default, deserialize_with = "reading::optional_count")]
    pub(in crate::acd) total_records: Option<u64>,
}

impl Page {
    /// Its rows, and the number of all. Without rows it is none, unless all were skipped.
    fn rows(self, skip: u64, reply: &Reply) -> Result<(Vec<Raw>, Option<u64>), Error> {
        let Self { completed_contacts, total_records } = self;
        match completed_contacts {
            None if total_records.is_some_and(|total| total > skip) => {
                Err(reply.unexpected_private("no page of contacts"))
            }
            rows => Ok((rows.unwrap_or_default(), total_records)),
        }
    }
}

/// The last change, if the changes are in order. Of those at one instant nothing can be said.
fn in_order_until(changes: &[DateTime<Utc>]) -> Option<DateTime<Utc>> {
    let (first, last) = (changes.first()?, changes.last()?);
    (first < last && changes.is_sorted()).then_some(*last)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(default, deserialize_with = "reading::optional_text")]
    contact_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    skill_id: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_outbound: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    primary_disposition_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    last_update_time: Option<String>,
}

/// Whom a call went to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Called {
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_outbound: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    to_address: Option<String>,
}

impl Called {
    fn is_to(&self, number: &E164, format: NumberFormat) -> bool {
        let to = self.to_address.as_deref();
        self.is_outbound != Some(false) && to.is_some_and(|to| format.is_same(number, to))
    }
}

impl Row {
    /// A call whose change has no time that can be read has one now: its outcome counts.
    fn call(&self) -> Option<EndedCall> {
        Some(EndedCall {
            contact: self.contact_id.clone()?,
            disposition: self.primary_disposition_id.clone(),
            updated_at: self.changed().unwrap_or_else(ambient::now),
        })
    }

    fn changed(&self) -> Option<DateTime<Utc>> {
        reading::instant(self.last_update_time.as_deref()?)
    }

    /// Returns whether it is an outbound call of a skill that dials for a campaign.
    fn is_ours(&self, listed: &BTreeSet<Skill>) -> bool {
        let skill = self.skill_id.is_some_and(|skill| listed.contains(&skill));
        self.is_outbound != Some(false) && (listed.is_empty() || skill)
    }
}
