//! Contacts, each of which is one call, and the category that is written back to them.

use std::sync::atomic::Ordering;

use ambient::Instant;

use serde::{Deserialize, Serialize};
use settings::Environment;

use super::{
    Acd, Operation, refusal,
    settings::{Pairs, number},
};
use crate::{
    Contact, DispositionRecord, Error, Seen,
    paths::{self, Operation as _},
    reading::{self, Raw},
    retry::Repeat,
    transport::Reply,
};

/// Place for the category of a call. A category that a mapping leaves out is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WriteBack {
    /// Nowhere.
    Nothing,
    /// A tag of the contact, by category.
    Tags(Pairs<u64>),
    /// Fields of the tenant's business data.
    BusinessData,
    /// The contact's disposition, by category, in the place of the agent's.
    Disposition(Pairs<String>),
}

impl WriteBack {
    pub(super) fn read(env: &mut Environment) -> Option<Self> {
        const SETTING: &str = "CXONE_WRITE_BACK";
        let place = env.optional(SETTING, "none".to_owned())?;
        match place.as_str() {
            "none" => Some(Self::Nothing),
            "tags" => env.required("CXONE_TAGS").map(Self::Tags),
            "business-data" => Some(Self::BusinessData),
            "disposition" => env.required("CXONE_DISPOSITIONS").map(Self::Disposition),
            _ => {
                let expected = "expected none, tags, business-data or disposition";
                env.report(SETTING, format!("is `{place}`: {expected}"));
                None
            }
        }
    }
}

impl Acd {
    pub(crate) async fn contact(&self, id: &str, until: Instant) -> Result<Contact, Error> {
        let call = self.call_of(id, until).await?;
        let is_caller = call.is_outbound == Some(false);
        let skill = call.skill_id.clone();
        Ok(Contact { id: id.to_owned(), phone: call.customer(), is_caller, skill })
    }

    /// Writes the category where the tenant wants it. The outcome itself is there already.
    pub(crate) async fn record_disposition(
        &self,
        record: &DispositionRecord,
        until: Instant,
    ) -> Result<(), Error> {
        match &self.settings.write_back {
            WriteBack::Nothing => {
                if !self.has_warned.swap(true, Ordering::Relaxed) {
                    tracing::warn!("dispositions are not written back to CXone");
                }
                Ok(())
            }
            WriteBack::Tags(tags) => match tags.0.get(&record.category) {
                Some(tag) => self.tag(&record.contact, *tag, until).await,
                None => Ok(()),
            },
            WriteBack::BusinessData => self.write_business_data(record, until).await,
            WriteBack::Disposition(codes) => match codes.0.get(&record.category) {
                Some(code) => self.set_disposition(&record.contact, code, until).await,
                None => Ok(()),
            },
        }
    }

    /// The call that CXone has under an id.
    async fn call_of(&self, id: &str, until: Instant) -> Result<Call, Error> {
        let values = [("{contactId}", contact_number(id)?)];
        let query = [("fields", "contactId,skillId,isOutbound,toAddress,fromAddress")];
        let reply = self.find(Operation::Contact, &values, &query, until).await?;
        let outer: Outer = reply.read_private("no contact")?;
        // The details lie under the key of the id, which else holds the id.
        let details = outer.contact_id.as_deref().filter(|raw| raw.get().starts_with('{'));
        let call = match details {
            Some(raw) => serde_json::from_str(raw.get()),
            None => return reply.read_private("no contact"),
        };
        call.map_err(|_| reply.unexpected_private("no contact"))
    }

    /// Puts a tag on a contact. Nothing takes it off again.
    async fn tag(&self, contact: &str, tag: u64, until: Instant) -> Result<(), Error> {
        let body = NewTags { tags: [NewTag { tag_id: tag }] };
        let reply =
            self.annotate(Operation::TagContact, "{contactId}", contact, &body, until).await?;
        match reported_errors(&reply) {
            Some(1..) => Err(Error::Invalid { detail: "the tag is not taken".to_owned() }),
            _ => Ok(()),
        }
    }

    /// Puts a tag on a contact, in a request that is sent once. Returns the answer, and whether it
    /// reports no error.
    pub(crate) async fn try_tag(
        &self,
        contact: &str,
        tag: u64,
        until: Instant,
    ) -> Result<(Seen, bool), Error> {
        let values = [("{contactId}", contact_number(contact)?)];
        let url = self.address(Operation::TagContact, &values)?;
        let body = NewTags { tags: [NewTag { tag_id: tag }] };
        let request = |http: &reqwest::Client| http.post(url.clone()).json(&body);
        let (seen, reply) = self.looked(None, Repeat::InOrder, until, request).await?;
        let is_done = seen.is_success() && reported_errors(&reply).unwrap_or(0) == 0;
        Ok((seen, is_done))
    }

    async fn write_business_data(
        &self,
        record: &DispositionRecord,
        until: Instant,
    ) -> Result<(), Error> {
        let operation = Operation::UpdateBusinessData;
        let fields = fields(record);
        self.annotate(operation, "{acdContactId}", &record.contact, &fields, until).await.map(drop)
    }

    /// Writes the category of a call to its business data, in a request that is sent once. What was
    /// there before is lost.
    pub(crate) async fn try_business_data(
        &self,
        record: &DispositionRecord,
        until: Instant,
    ) -> Result<Seen, Error> {
        let values = [("{acdContactId}", contact_number(&record.contact)?)];
        let url = self.address(Operation::UpdateBusinessData, &values)?;
        let fields = fields(record);
        self.look(Repeat::InOrder, until, |http| http.put(url.clone()).json(&fields)).await
    }

    async fn set_disposition(
        &self,
        contact: &str,
        code: &str,
        until: Instant,
    ) -> Result<(), Error> {
        let skill = self.call_of(contact, until).await?.skill_id;
        let skill = skill.ok_or_else(|| Error::NotFound {
            detail: "the contact has no skill, which its disposition belongs to".to_owned(),
        })?;
        let info = DispositionInfo { skill: &skill, disposition_code: code };
        let body = NewDisposition { disposition_info: info };
        let operation = Operation::SetDisposition;
        self.annotate(operation, "{contactId}", contact, &body, until).await.map(drop)
    }

    /// Writes something at a contact, which must not come after something newer.
    async fn annotate(
        &self,
        operation: Operation,
        placeholder: &'static str,
        contact: &str,
        body: &(impl Serialize + Sync + ?Sized),
        until: Instant,
    ) -> Result<Reply, Error> {
        let values: [paths::Value<'_>; 1] = [(placeholder, contact_number(contact)?)];
        let url = self.address(operation, &values)?;
        let replaces = operation == Operation::UpdateBusinessData;
        let reply = self
            .transport
            .call(operation.id(), Repeat::InOrder, until, |http| {
                let request = if replaces { http.put(url.clone()) } else { http.post(url.clone()) };
                request.json(body)
            })
            .await?;
        if reply.status.is_success() { Ok(reply) } else { Err(refusal(reply)) }
    }
}

/// The number of a contact. What is no number is not a contact of CXone's.
fn contact_number(id: &str) -> Result<&str, Error> {
    let is_number = number(id).is_some();
    is_number
        .then(|| id.trim())
        .ok_or_else(|| Error::NotFound { detail: "the id of a contact is a number".to_owned() })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer {
    #[serde(default)]
    contact_id: Option<Raw>,
}

/// Fields of a call that are read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    #[serde(default, deserialize_with = "reading::optional_text")]
    skill_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_outbound: Option<bool>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    to_address: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    from_address: Option<String>,
}

impl Call {
    /// The customer's number. `None` when it is not said which of the two is the customer: the other
    /// one is the tenant's own.
    fn customer(self) -> Option<String> {
        if self.is_outbound? { self.to_address } else { self.from_address }
    }
}

/// Number of errors that the answer to a tag reports.
fn reported_errors(reply: &Reply) -> Option<u64> {
    reply.read_private::<Tagged>("no result").ok()?.result_set?.error_count
}

#[derive(Serialize)]
struct NewTags {
    tags: [NewTag; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewTag {
    tag_id: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tagged {
    #[serde(default)]
    result_set: Option<Tagging>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tagging {
    #[serde(default, deserialize_with = "reading::optional_count")]
    error_count: Option<u64>,
}

/// The fields of business data for a category.
fn fields(record: &DispositionRecord) -> [Field<'_>; 2] {
    [
        Field { name: "disposition_category", value: &record.category },
        Field { name: "last_audit_log", value: &record.audit_log },
    ]
}

/// A field of business data.
#[derive(Serialize)]
struct Field<'a> {
    name: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewDisposition<'a> {
    disposition_info: DispositionInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DispositionInfo<'a> {
    skill: &'a str,
    disposition_code: &'a str,
}
