//! The event of a call that an agent closed.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::fields::{filled, instant, is_id, spelled};

/// The longest call result that is taken, in characters.
const CALL_RESULT_LENGTH_MAX: usize = 256;

/// A call that an agent closed. What is serialised is read back as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallResult {
    /// Who was called. Opaque, without control characters, 1 to 128 characters.
    pub contact_id: String,
    /// How the agent closed the call. Without control characters, 1 to 128 characters.
    pub disposition_code: String,
    /// What came of the call in other words, if the sender has them. 1 to 256 characters.
    pub call_result: Option<String>,
    /// When the call was closed, if the sender says so.
    pub timestamp: Option<DateTime<Utc>>,
}

impl CallResult {
    /// Reads `{contactId, dispositionCode, callResult?, timestamp?}`. Blank fields count as left
    /// out, an id or a code that is a number as its text. Other fields are ignored.
    pub fn read(document: &Value) -> Result<Self, UnreadableCallResult> {
        use UnreadableCallResult as Unreadable;
        let fields = document.as_object().ok_or(Unreadable::NotAnObject)?;
        let contact_id = filled(fields, "contactId").ok_or(Unreadable::MissingContactId)?;
        let code = filled(fields, "dispositionCode").ok_or(Unreadable::MissingDispositionCode)?;
        let result = filled(fields, "callResult");
        let timestamp = filled(fields, "timestamp");
        Ok(Self {
            contact_id: id(contact_id).ok_or(Unreadable::MalformedContactId)?,
            disposition_code: id(code).ok_or(Unreadable::MalformedDispositionCode)?,
            call_result: result
                .map(|result| call_result(result).ok_or(Unreadable::MalformedCallResult))
                .transpose()?,
            timestamp: timestamp
                .map(|time| instant(time).ok_or(Unreadable::MalformedTimestamp))
                .transpose()?,
        })
    }

    /// What makes two events the same one, however they were spelled: the id and the code as texts,
    /// the timestamp in UTC.
    pub fn identity(&self) -> Value {
        json!(self)
    }
}

fn id(value: &Value) -> Option<String> {
    spelled(value).filter(|id| is_id(id))
}

fn call_result(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (text.chars().count() <= CALL_RESULT_LENGTH_MAX).then(|| text.to_owned())
}

/// Why a document is not a call result.
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
    /// `callResult` is no text, or a very long one.
    #[error("callResult must be a text of at most 256 characters, or be left out")]
    MalformedCallResult,
    /// `timestamp` is no instant.
    #[error(
        "timestamp must be an RFC 3339 instant with its offset, such as 2026-03-10T14:30:00-04:00, \
         or be left out"
    )]
    MalformedTimestamp,
}

#[cfg(test)]
mod tests;
