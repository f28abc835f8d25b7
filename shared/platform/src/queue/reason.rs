//! Reason for a dead letter, stored beside it.

/// The longest message that is kept, in characters.
const MESSAGE_CHARS_MAX: usize = 512;

/// Reason for a dead letter. Safe to log and to store: numbers in it are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    code: &'static str,
    message: String,
}

impl Reason {
    /// A stable code for machines, and a message for people. In the message, whatever may be a
    /// phone number is masked, control characters are removed, and the rest is cut to 512
    /// characters.
    pub fn new(code: &'static str, message: impl AsRef<str>) -> Self {
        let text: String = message
            .as_ref()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .filter(|c| !matches!(c, '\u{FFFE}' | '\u{FFFF}'))
            .collect();
        let message = outbound::mask_words(&text).chars().take(MESSAGE_CHARS_MAX).collect();
        Self { code, message }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_masked_however_they_are_written() {
        for (written, masked) in [
            ("Number +12025550198 is invalid", "Number +1202***0198 is invalid"),
            ("(202) 555-0198: no such number", "***: no such number"),
            ("rejected: +1 (202) 555-0198", "rejected: +1202***0198"),
            ("status 400, code 1001", "status 400, code 1001"),
        ] {
            assert_eq!(Reason::new("rejected", written).message(), masked);
        }
    }

    #[test]
    fn messages_are_cut_and_stripped_of_what_sqs_refuses() {
        let reason = Reason::new("rejected", format!("a\u{0}b\nc\u{FFFF}{}", "é".repeat(600)));
        assert!(reason.message().starts_with("a b cé"));
        assert_eq!(reason.message().chars().count(), 512);
    }

    proptest! {
        #[test]
        fn no_number_shows_in_clear(before in "[a-z ]{0,9}", digits in "[0-9]{7,15}", after in "[a-z ]{0,9}") {
            let reason = Reason::new("rejected", format!("{before}{digits}{after}"));
            prop_assert!(!reason.message().contains(&digits));
        }
    }
}
