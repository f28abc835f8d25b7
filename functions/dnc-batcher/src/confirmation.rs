//! The text message that confirms an opt-out, if the house wants one.
//!
//! The customer has opted out of texts as well, and gets this one by exception: the rules of the
//! United States permit one, within five minutes of the request, without advertising
//! (47 CFR 64.1200(a)(12)). So it is sent by whoever has listed the number, and not a second time:
//! a message that is lost is better than one too many.

use ambient::Instant;
use chrono::TimeDelta;
use cxone::Sms;
use outbound::{DncReason, DncRequest, E164};
use platform::telemetry::shown;
use settings::settings;
use uuid::Uuid;

use crate::DncBatcher;

/// Longest time after the request at which a confirmation is sent.
const WITHIN: TimeDelta = TimeDelta::minutes(5);
/// Ids of confirmations are derived in this namespace, which nothing else uses.
const CONFIRMATIONS: Uuid = Uuid::from_u128(0x2f0d_91c8_6a57_4e3b_b1a4_7d0e_53c9_8f21);

settings! { env;
    /// Settings of confirmations.
    pub(crate) struct Confirmation {
        /// Text of the message. Without one there is none.
        pub(crate) text: String = env.optional("OPT_OUT_CONFIRMATION", String::new()),
        pub(crate) sender: E164 = env.required("SMS_SENDER"),
    }
}

impl DncBatcher {
    /// Confirms an opt-out in a text message, whose number has just been listed for it.
    pub(crate) async fn confirm(&self, request: &DncRequest, deadline: Instant) {
        let Confirmation { text, sender } = &self.confirmation;
        if text.is_empty() || request.reason != DncReason::MessageOptOut {
            return;
        }
        // What is too late is not sent, not even by a retry.
        let left = request.requested_at + WITHIN - ambient::now();
        let Some(left) = left.to_std().ok().filter(|left| !left.is_zero()) else { return };
        let deadline = deadline.min(Instant::now() + left);
        let event_id = &request.event_id;
        let name = format!("{} {event_id}", request.phone_number.as_str());
        let sms = Sms {
            id: Uuid::new_v5(&CONFIRMATIONS, name.as_bytes()),
            to: request.phone_number.clone(),
            from: sender.clone(),
            text: text.clone(),
        };
        if let Err(error) = self.cxone.send_sms(&sms, deadline).await {
            tracing::warn!(%error, event_id = shown(event_id), "an opt-out is not confirmed");
        }
    }
}
