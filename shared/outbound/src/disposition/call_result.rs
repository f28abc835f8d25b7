//! The event of a call that an agent closed.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Json,
    fields::{id, instant},
};

/// The longest call result that is kept, in characters.
const CALL_RESULT_LENGTH_MAX: usize = 256;

/// A call that an agent closed. What is serialized is read back as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallResult {
    /// Contact that was called. Opaque, without control characters, 1 to 128 characters.
    pub contact_id: String,
    /// Code with which the agent closed the call. Without control characters, 1 to 128 characters.
    pub disposition_code: String,
    /// Result of the call in other words, if the sender has them. 1 to 256 characters.
    pub call_result: Option<String>,
    /// Time at which the call was closed, in RFC 3339.
    pub timestamp: Option<DateTime<Utc>>,
    /// Id that distinguishes a repeat from another call when the sender gives no timestamp, 1 to
    /// 128 characters. Its timestamp is then that of its arrival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<String>,
}

impl CallResult {
    /// Reads `{contactId, dispositionCode, callResult?, timestamp?, deliveryId?}`. Blank fields count
    /// as left out, an id or a code that is a number as its text. Other fields are ignored.
    ///
    /// A result or a timestamp of another form counts as left out, too: a customer who must not be
    /// called again is not called again for it. Such a timestamp still identifies repeats.
    pub fn read(document: &Json<'_>) -> Result<Self, UnreadableCallResult> {
        use UnreadableCallResult as Unreadable;
        let fields = document.fields().ok_or(Unreadable::NotAnObject)?;
        let contact_id = fields.filled("contactId").ok_or(Unreadable::MissingContactId)?;
        let code = fields.filled("dispositionCode").ok_or(Unreadable::MissingDispositionCode)?;
        let given = fields.filled("timestamp");
        let timestamp = given.as_ref().and_then(instant);
        let odd = given.filter(|_| timestamp.is_none());
        let delivery_id = fields.filled("deliveryId").or(odd);
        Ok(Self {
            contact_id: id(&contact_id).ok_or(Unreadable::MalformedContactId)?,
            disposition_code: id(&code).ok_or(Unreadable::MalformedDispositionCode)?,
            call_result: fields.filled("callResult").as_ref().and_then(call_result),
            timestamp,
            delivery_id: delivery_id.as_ref().and_then(id),
        })
    }

    /// Identity of an event, independent of spelling: the id and the code as texts, the timestamp
    /// in UTC, or the delivery if the timestamp is not the sender's.
    pub fn identity(&self) -> Value {
        match &self.delivery_id {
            None => json!(self),
            Some(delivery) => {
                json!([self.contact_id, self.disposition_code, self.call_result, delivery])
            }
        }
    }
}

fn call_result(value: &Json<'_>) -> Option<String> {
    value.spelled().filter(|text| text.chars().count() <= CALL_RESULT_LENGTH_MAX)
}

/// Reason why a document is not a call result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableCallResult {
    /// The document is a list, a text or a number.
    #[error("the call result must be a JSON object")]
    NotAnObject,
    /// `contactId` is absent or blank.
    #[error("contactId is missing; it must be 1 to 128 characters without control characters")]
    MissingContactId,
    /// `dispositionCode` is absent or blank.
    #[error(
        "dispositionCode is missing; it must be 1 to 128 characters without control characters"
    )]
    MissingDispositionCode,
    /// `contactId` cannot be an id.
    #[error("contactId must be a text or a number, 1 to 128 characters without control characters")]
    MalformedContactId,
    /// `dispositionCode` cannot be a code.
    #[error(
        "dispositionCode must be a text or a number, 1 to 128 characters without control characters"
    )]
    MalformedDispositionCode,
}

#[cfg(test)]
mod tests;
