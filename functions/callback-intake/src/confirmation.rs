//! The message that tells the customer when the call will come.

use std::time::Instant;

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use cxone::{Error, Sms, SmsSession};
use outbound::{
    E164,
    callback::{CallbackRequest, confirmation},
};
use platform::batch::{Failure, Outcome};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::CallbackIntake;

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
    pub(crate) fn of(
        callback: &CallbackRequest,
        contact_id: Uuid,
        dispatch_time: DateTime<Utc>,
    ) -> Self {
        let CallbackRequest { number, language, zone, .. } = callback;
        let text = confirmation(language, zone, dispatch_time, &reference(contact_id));
        Self { contact_id, phone_number: number.clone(), text, dispatch_time }
    }
}

/// What the customer may be asked for: the first eight characters of the contact's id.
fn reference(contact_id: Uuid) -> String {
    let id = contact_id.simple().to_string().to_uppercase();
    id.chars().take(8).collect()
}

impl CallbackIntake {
    /// Sends a confirmation. Sending it again sends nothing new.
    pub(crate) async fn send(
        &self,
        pending: &PendingConfirmation,
        ends_at: Instant,
    ) -> Result<SmsSession, Error> {
        let sms = Sms {
            id: pending.contact_id,
            to: pending.phone_number.clone(),
            from: self.sms_sender.clone(),
            text: pending.text.clone(),
        };
        self.cxone.send_sms(&sms, ends_at).await
    }

    /// Sends a confirmation that comes from the queue.
    pub(crate) async fn confirm(&self, message: &SqsMessage, ends_at: Instant) -> Outcome {
        let body = message.body.as_deref().unwrap_or_default();
        let pending: PendingConfirmation = serde_json::from_str(body)
            .map_err(|error| Failure::dead_letter("unreadable_message", error.to_string()))?;
        if pending.dispatch_time <= Utc::now() {
            let why = "the call is due before the customer could be told";
            return Err(Failure::dead_letter("confirmation_too_late", why));
        }
        match self.send(&pending, ends_at).await {
            Ok(_) => Ok(()),
            Err(Error::Invalid { detail }) => Err(Failure::dead_letter("refused_by_cxone", detail)),
            Err(error) => {
                tracing::warn!(%error, contact_id = %pending.contact_id, "not confirmed yet");
                Err(Failure::Retry { not_before: error.retry_after() })
            }
        }
    }
}
