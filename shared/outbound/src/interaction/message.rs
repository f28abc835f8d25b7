//! The text message of an event that a customer wrote.

use serde_json::Value;

use super::{
    Channel, CustomerType, Filters, InteractionEvent,
    filters::{ChannelFilter, Paths},
};
use crate::Json;

/// Direction of a single message. The direction of the interaction is that of its first message.
const DIRECTION: &str = "/data/message/direction";

/// Text message that a customer wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerMessage {
    /// The text, as it was written.
    pub text: String,
    /// The customer's phone number as it was sent, if the event has one.
    pub phone_number: Option<String>,
}

impl InteractionEvent {
    /// The text message that the customer wrote in an SMS or a chat, if the event has one.
    ///
    /// The filters find it: the fields `message` and `direction` of the channel, and its phone
    /// number. Of what the channel has no field for, those of SMS find it. A message counts as the
    /// customer's unless its direction begins with `out`.
    pub fn message(&self, filters: &Filters) -> Option<CustomerMessage> {
        let own = match self.channel {
            Channel::Sms | Channel::Chat => filters.of(&self.channel)?,
            Channel::Voice | Channel::Other(_) => return None,
        };
        let sms = filters.of(&Channel::Sms)?;
        let field = |name: &str| {
            let paths = own.context.get(name).or_else(|| sms.context.get(name));
            paths.and_then(|paths| paths.find(&self.document, text))
        };
        let stated = self.document.pointer(DIRECTION).and_then(text).filter(|it| !is_blank(it));
        let direction = stated.or_else(|| field("direction")).unwrap_or_default();
        if direction.trim().to_lowercase().starts_with("out") {
            return None;
        }
        let numbers = [own, sms].into_iter().filter_map(phone_numbers);
        let mut numbers = numbers.filter_map(|paths| paths.find(&self.document, number));
        Some(CustomerMessage { text: field("message")?, phone_number: numbers.next() })
    }
}

fn phone_numbers(filter: &ChannelFilter) -> Option<&Paths> {
    (filter.customer_type == CustomerType::Phone).then_some(&filter.customer)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number(value: &Value) -> Option<String> {
    Json::from(value).spelled()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(channel: &str, data: &Value) -> Option<CustomerMessage> {
        let mut event = json!({
            "eventType": "interaction.message",
            "timestamp": "2026-03-02T15:00:00Z",
            "data": { "id": "int-1", "channelType": channel },
        });
        for (name, value) in data.as_object().expect("an object") {
            event["data"][name] = value.clone();
        }
        let event = InteractionEvent::read(&Json::from(&event)).expect("readable");
        event.message(&Filters::default())
    }

    #[test]
    fn the_words_of_a_customer_are_found_in_texts_and_chats() {
        let data = json!({
            "direction": "inbound", "customer": { "phoneNumber": "+12025550198" },
            "message": { "body": " STOP\n" },
        });
        let found = CustomerMessage {
            text: " STOP\n".to_owned(),
            phone_number: Some("+12025550198".to_owned()),
        };
        for channel in ["sms", "SMS", "chat"] {
            assert_eq!(message(channel, &data), Some(found.clone()), "{channel}");
        }
        assert_eq!(message("voice", &data), None);
        assert_eq!(message("email", &data), None);
        assert_eq!(message("sms", &json!({ "message": { "body": 7 } })), None);
        let alone = message("sms", &json!({ "message": { "body": "STOP" } }));
        assert_eq!(alone.expect("a text").phone_number, None);
    }

    #[test]
    fn our_own_words_are_not_the_customers() {
        let text = |direction: &str, of_message: &str| {
            let message_only = json!({ "body": "Reply STOP", "direction": of_message });
            message("sms", &json!({ "direction": direction, "message": message_only })).is_some()
        };
        for (direction, of_message, is_customers) in [
            ("Outbound", "", false),
            ("OUT", "inbound", true),
            ("inbound", "outgoing", false),
            ("", "", true),
            ("from_customer", "", true),
        ] {
            assert_eq!(text(direction, of_message), is_customers, "{direction} {of_message}");
        }
    }

    #[test]
    fn the_fields_of_a_channel_come_before_those_of_sms() {
        let filters: Filters =
            r#"{"chat": {"customer": {"type": "phone", "paths": ["$.data.from"]},
            "context": {"message": ["$.data.text"]}}}"#
                .parse()
                .expect("filters");
        let event = json!({
            "eventType": "interaction.message",
            "timestamp": "2026-03-02T15:00:00Z",
            "data": { "id": "int-1", "channelType": "chat", "text": "stop", "from": 12_025_550_198_u64,
                "customer": { "phoneNumber": "+12025550100" }, "message": { "body": "go" } },
        });
        let event = InteractionEvent::read(&Json::from(&event)).expect("readable");
        let message = event.message(&filters).expect("a message");
        assert_eq!(
            (message.text.as_str(), message.phone_number.as_deref()),
            ("stop", Some("12025550198"))
        );
    }
}
