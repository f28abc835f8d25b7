//! The way by which a customer and the contact center talk.

use serde::{Deserialize, Serialize};

use crate::fields::trimmed;

/// The way by which a customer and the contact center talk.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Channel {
    /// A phone call.
    Voice,
    /// A chat.
    Chat,
    /// Text messages.
    Sms,
    /// One that is not known, in lower case, without white space around it.
    Other(String),
}

impl Channel {
    /// The channel in lower case.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Voice => "voice",
            Self::Chat => "chat",
            Self::Sms => "sms",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Channel {
    /// Reads a channel in any case.
    fn from(name: &str) -> Self {
        let name = trimmed(name).to_lowercase();
        [Self::Voice, Self::Chat, Self::Sms]
            .into_iter()
            .find(|known| known.as_str() == name)
            .unwrap_or(Self::Other(name))
    }
}

impl From<String> for Channel {
    fn from(name: String) -> Self {
        name.as_str().into()
    }
}

impl From<Channel> for String {
    fn from(channel: Channel) -> Self {
        channel.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_channel_is_known_in_any_case() {
        for (name, channel) in [
            ("voice", Channel::Voice),
            ("CHAT", Channel::Chat),
            ("Sms", Channel::Sms),
            ("voice ", Channel::Voice),
            ("\u{200b}chat\u{a0}", Channel::Chat),
            ("WhatsApp", Channel::Other("whatsapp".into())),
        ] {
            assert_eq!(Channel::from(name), channel);
            assert_eq!(channel.as_str(), trimmed(name).to_lowercase());
        }
    }

    proptest! {
        #[test]
        fn a_channel_survives_the_queue(name in "\\PC{1,12}") {
            let channel = Channel::from(name);
            let message = json!(channel);
            prop_assert_eq!(serde_json::from_value::<Channel>(message).ok(), Some(channel));
        }
    }
}
