//! State stored between the steps of a callback, also that of version 0.1.

use chrono::{DateTime, Utc};
use cxone::Earlier;
use outbound::callback::{
    CallbackRequest, confirmation,
    dispatch::{self, ForecastHour, Slot},
};
use outbound::law::Interval;
use platform::idempotency::Key;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Contact ids are derived in this namespace, which nothing else uses.
const CONTACTS: Uuid = Uuid::from_u128(0x1f6c_93d0_64b5_4c0e_9a37_5f20_7e1b_84ca);

/// The contact ids that a request may use.
#[derive(Debug, Clone)]
pub(crate) struct ContactIds {
    stack: String,
    key: String,
    identity: Value,
}

impl ContactIds {
    /// Ids that depend on the stack, the key and the request: a key that is used again once its
    /// claim has expired stands for another contact, and so does the same key of another stack.
    pub(crate) fn of(stack: &str, key: &Key, identity: &Value) -> Self {
        let (stack, key) = (stack.to_owned(), key.to_string());
        Self { stack, key, identity: identity.clone() }
    }

    /// The id of that number. The first is used, unless CXone has it for another contact.
    pub(crate) fn id(&self, ordinal: u32) -> Uuid {
        let Self { stack, key, identity } = self;
        let name = json!([stack, key, identity, ordinal]).to_string();
        Uuid::new_v5(&CONTACTS, name.as_bytes())
    }

    /// The id that version 0.1 used.
    fn of_version_0_1(&self) -> Uuid {
        Uuid::new_v5(&CONTACTS, self.key.as_bytes())
    }
}

/// The hour that was chosen. It is stored before it is booked, so that an attempt that dies in
/// between leaves no booking behind that is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Booking {
    pub(crate) hour: DateTime<Utc>,
    pub(crate) dispatch_at: DateTime<Utc>,
    pub(crate) agents: u32,
    /// Every choice has a holder of its own.
    pub(crate) holder: String,
}

impl Booking {
    pub(crate) fn of(slot: &Slot) -> Self {
        let Slot { hour, dispatch_at, agents } = *slot;
        Self { hour, dispatch_at, agents, holder: ambient::id().simple().to_string() }
    }

    /// The same hour for a request that comes back later: the call goes out in what is left of it,
    /// if anything is.
    pub(crate) fn still_ahead(
        &self,
        callback: &CallbackRequest,
        allowed: &[Interval],
    ) -> Option<Self> {
        let hour = ForecastHour { start: self.hour, agents: f64::from(self.agents) };
        let slots = dispatch::slots(&callback.window, ambient::now(), &[hour], allowed);
        let slot = slots.first()?;
        Some(Self { dispatch_at: slot.dispatch_at.max(self.dispatch_at), ..self.clone() })
    }
}

/// Submission to CXone. It is stored before any call that CXone may carry out, and from then on
/// nothing in it changes: a retry tells CXone the same, until the time of the call has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) contact_id: Uuid,
    /// Counts the ids that CXone had for other contacts.
    pub(crate) ordinal: u32,
    pub(crate) booking: Booking,
    /// The text of the confirmation.
    pub(crate) text: String,
    /// True if it is submitted only once it is admitted. Earlier versions submitted at once.
    #[serde(default)]
    pub(crate) admitted_first: bool,
    /// Begin of the latest attempt that may have submitted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) submitted_at: Option<DateTime<Utc>>,
}

impl Intent {
    pub(crate) fn new(callback: &CallbackRequest, ids: &ContactIds, booking: Booking) -> Self {
        Self::with_id(callback, ids.id(0), 0, booking)
    }

    /// The same call under the next id.
    pub(crate) fn under_next_id(&self, callback: &CallbackRequest, ids: &ContactIds) -> Self {
        let ordinal = self.ordinal + 1;
        Self::with_id(callback, ids.id(ordinal), ordinal, self.booking.clone())
    }

    fn with_id(
        callback: &CallbackRequest,
        contact_id: Uuid,
        ordinal: u32,
        booking: Booking,
    ) -> Self {
        let text = text(callback, contact_id, booking.dispatch_at);
        Self { contact_id, ordinal, booking, text, admitted_first: true, submitted_at: None }
    }

    /// The same call, as an attempt that begins now submits it.
    pub(crate) fn submitted(&self, now: DateTime<Utc>) -> Self {
        Self { submitted_at: Some(now), ..self.clone() }
    }

    /// State of the attempts that are stored.
    pub(crate) fn earlier(&self, now: DateTime<Utc>) -> Earlier {
        Earlier::of(self.submitted_at, now)
    }

    /// The contact, when CXone calls at `dispatch_at`.
    pub(crate) fn contact(self, callback: &CallbackRequest, dispatch_at: DateTime<Utc>) -> Contact {
        let Self { contact_id, booking, text: stored, .. } = self;
        let is_as_submitted = dispatch_at == booking.dispatch_at;
        let text = if is_as_submitted { stored } else { text(callback, contact_id, dispatch_at) };
        Contact { id: contact_id, dispatch_at, text }
    }
}

/// The contact that CXone has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) id: Uuid,
    pub(crate) dispatch_at: DateTime<Utc>,
    /// The text of the confirmation.
    pub(crate) text: String,
}

/// State that version 0.1 stored, before its contact was created and after.
#[derive(Debug, Deserialize)]
pub(crate) struct Version01 {
    hour: DateTime<Utc>,
    dispatch_at: DateTime<Utc>,
    agents: u32,
    pub(crate) is_scheduled: bool,
}

impl Version01 {
    /// Returns the submission that it made, or was about to make.
    pub(crate) fn intent(&self, callback: &CallbackRequest, ids: &ContactIds) -> Intent {
        let Self { hour, dispatch_at, agents, .. } = *self;
        let contact_id = ids.of_version_0_1();
        let booking = Booking { hour, dispatch_at, agents, holder: contact_id.to_string() };
        let intent = Intent::with_id(callback, contact_id, 0, booking);
        Intent { admitted_first: false, ..intent }
    }
}

fn text(callback: &CallbackRequest, contact_id: Uuid, dispatch_at: DateTime<Utc>) -> String {
    let CallbackRequest { language, zone, .. } = callback;
    confirmation(language, zone, dispatch_at, &reference(contact_id))
}

/// Reference for the customer: the first eight characters of the contact's id.
fn reference(contact_id: Uuid) -> String {
    let id = contact_id.simple().to_string().to_uppercase();
    id.chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use outbound::{Json, Region};
    use platform::idempotency;
    use proptest::prelude::*;

    use super::*;

    fn ids(stack: &str, key: &str, identity: &str) -> ContactIds {
        ContactIds::of(stack, &idempotency::key("callback-intake", &json!(key)), &json!(identity))
    }

    proptest! {
        #[test]
        fn an_id_depends_on_stack_key_request_and_ordinal(
            one in (".{0,9}", ".{0,9}", ".{0,9}", 0..3_u32),
            other in (".{0,9}", ".{0,9}", ".{0,9}", 0..3_u32),
        ) {
            let id = |(stack, key, identity, ordinal): &(String, String, String, u32)| {
                ids(stack, key, identity).id(*ordinal)
            };
            prop_assert_eq!(one == other, id(&one) == id(&other));
        }
    }

    fn hour() -> DateTime<Utc> {
        "2026-12-01T17:00:00Z".parse().expect("an instant")
    }

    fn callback() -> CallbackRequest {
        let document = json!({
            "phoneNumber": "+12125550110", "campaignId": "campaign-1", "language": "en-US",
            "requestedStart": "2026-12-01T12:00:00-05:00",
            "requestedEnd": "2026-12-01T15:00:00-05:00", "timezone": "America/New_York",
        });
        let text = document.to_string();
        let document = Json::parse(&text).expect("JSON");
        let now = hour() - TimeDelta::hours(1);
        CallbackRequest::read(&document, Region::US, now).expect("a callback")
    }

    fn booking() -> Booking {
        Booking { hour: hour(), dispatch_at: hour(), agents: 1, holder: "holder".to_owned() }
    }

    #[test]
    fn the_next_id_is_another_one_for_the_same_call() {
        let (callback, ids) = (callback(), ids("stack", "key", "any"));
        let first = Intent::new(&callback, &ids, booking());
        let second = first.under_next_id(&callback, &ids);
        let third = second.under_next_id(&callback, &ids);
        assert_eq!(
            [&first, &second, &third].map(|it| it.contact_id),
            [0, 1, 2].map(|it| ids.id(it))
        );
        assert_eq!((&second.booking, &third.booking), (&first.booking, &first.booking));
        assert!(third.text.contains(&reference(third.contact_id)), "{}", third.text);
    }

    #[test]
    fn the_customer_is_told_the_time_at_which_cxone_calls() {
        let callback = callback();
        let intent = Intent::new(&callback, &ids("stack", "key", "any"), booking());
        for (minutes, told) in [(0, "12:00"), (90, "1:30")] {
            let contact = intent.clone().contact(&callback, hour() + TimeDelta::minutes(minutes));
            assert!(contact.text.contains(told), "{told}: {}", contact.text);
        }
    }

    #[test]
    fn version_0_1_used_ids_of_the_key_alone() {
        let key = idempotency::key("callback-intake", &json!("key"));
        let expected = Uuid::new_v5(&CONTACTS, key.to_string().as_bytes());
        assert_eq!(ids("stack", "key", "any").of_version_0_1(), expected);
        assert_ne!(ids("stack", "key", "any").id(0), expected);
    }
}
