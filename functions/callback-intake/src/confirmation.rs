//! The message to the customer with the time of the call.

use ambient::Instant;

use chrono::{DateTime, Utc};
use cxone::{Error, Sms, SmsSession};
use outbound::{E164, callback::CallbackRequest, called_party::Channel};
use platform::{
    batch::{Failure, Outcome},
    called_parties::Known,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CallbackIntake, progress::Contact};

/// Topic of confirmations, for opt-outs that are limited to one.
const TOPIC: &str = "service";

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
    /// Sends a confirmation, unless the customer opted out of text messages. Sending it again sends
    /// nothing new.
    pub(crate) async fn send(
        &self,
        pending: &PendingConfirmation,
        known: &Known,
        ends_at: Instant,
    ) -> Result<Sent, Error> {
        let opt_out = known.opt_out();
        let now = ambient::now();
        let permission = known.party.permission(opt_out.as_ref(), Channel::Text, TOPIC, now);
        if pending.is_too_late() {
            return Ok(Sent::NotPossible);
        }
        if !permission.is_granted() {
            let contact_id = &pending.contact_id;
            tracing::info!(%contact_id, "no confirmation: the customer opted out");
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
    pub(crate) async fn confirm(&self, pending: PendingConfirmation, ends_at: Instant) -> Outcome {
        if pending.is_too_late() {
            let why = "the call is due before its confirmation could be sent";
            return Err(Failure::dead_letter("confirmation_too_late", why));
        }
        let known = self.called_parties.read(&pending.phone_number).await.map_err(|error| {
            tracing::warn!(%error, contact_id = %pending.contact_id, "not confirmed yet");
            Failure::RETRY
        })?;
        match self.send(&pending, &known, ends_at).await {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, contact_id = %pending.contact_id, "not confirmed yet");
                Err(Failure::Retry { not_before: error.retry_after() })
            }
        }
    }
}
