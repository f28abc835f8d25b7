//! The message to the customer with the time of the call.

use ambient::Instant;

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use cxone::{Error, Sms, SmsSession};
use outbound::{E164, callback::CallbackRequest};
use platform::batch::{Failure, Outcome};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CallbackIntake, progress::Contact};

/// A confirmation that is still to be sent: the message on the callback queue.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PendingConfirmation {
    contact_id: Uuid,
    phone_number: E164,
    text: String,
    /// After this there is nothing left to confirm.
    dispatch_time: DateTime<Utc>,
}

impl PendingConfirmation {
    pub(crate) fn of(callback: &CallbackRequest, contact: Contact) -> Self {
        let Contact { id: contact_id, dispatch_at: dispatch_time, text } = contact;
        Self { contact_id, phone_number: callback.number.clone(), text, dispatch_time }
    }

    /// Returns whether the call is due already.
    fn is_too_late(&self) -> bool {
        self.dispatch_time <= ambient::now()
    }
}

/// The outcome of a confirmation that needs no other try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    /// CXone has taken the message.
    Session(SmsSession),
    /// There is no message for this customer: the number cannot receive one, as a landline cannot,
    /// or it is too late.
    NotPossible,
}

impl CallbackIntake {
    /// Sends a confirmation. Sending it again sends nothing new.
    pub(crate) async fn send(
        &self,
        pending: &PendingConfirmation,
        ends_at: Instant,
    ) -> Result<Sent, Error> {
        if pending.is_too_late() {
            return Ok(Sent::NotPossible);
        }
        let sms = Sms {
            id: pending.contact_id,
            to: pending.phone_number.clone(),
            from: self.sms_sender.clone(),
            text: pending.text.clone(),
        };
        match self.cxone.send_sms(&sms, ends_at).await {
            Ok(session) => Ok(Sent::Session(session)),
            Err(Error::Invalid { detail }) => {
                let contact_id = &pending.contact_id;
                tracing::info!(why = detail, %contact_id, "CXone sends no SMS to this number");
                Ok(Sent::NotPossible)
            }
            Err(error) => Err(error),
        }
    }

    /// Sends a confirmation that comes from the queue.
    pub(crate) async fn confirm(&self, message: &SqsMessage, ends_at: Instant) -> Outcome {
        let body = message.body.as_deref().unwrap_or_default();
        let pending: PendingConfirmation = serde_json::from_str(body)
            .map_err(|error| Failure::dead_letter("unreadable_message", error.to_string()))?;
        if pending.is_too_late() {
            let why = "the call is due before its confirmation could be sent";
            return Err(Failure::dead_letter("confirmation_too_late", why));
        }
        match self.send(&pending, ends_at).await {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, contact_id = %pending.contact_id, "not confirmed yet");
                Err(Failure::Retry { not_before: error.retry_after() })
            }
        }
    }
}
