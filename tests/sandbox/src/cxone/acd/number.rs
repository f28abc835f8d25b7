//! Phone numbers as the tenant keeps them: country code and digits.

use serde::Serialize;

/// A phone number of the tenant: digits with the country code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Number(String);

impl Number {
    /// Reads digits, with or without a plus sign. Ten digits that North America could assign are a
    /// number there.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(is_digit);
        let is_national = !text.starts_with('+') && is_north_american(digits);
        is_number.then(|| Self(if is_national { format!("1{digits}") } else { digits.to_owned() }))
    }

    /// With the country code, digits alone.
    pub fn international(&self) -> &str {
        &self.0
    }

    /// Ten digits in North America, else with the country code.
    pub fn national(&self) -> &str {
        let national = self.0.strip_prefix('1').filter(|rest| is_north_american(rest));
        national.unwrap_or(&self.0)
    }

    /// As a person reads it.
    pub fn formatted(&self) -> String {
        let national = self.national();
        if national.len() == self.0.len() {
            return format!("+{}", self.0);
        }
        let (area, rest) = national.split_at(3);
        let (exchange, line) = rest.split_at(3);
        format!("({area}) {exchange}-{line}")
    }

    /// In E.164.
    pub fn e164(&self) -> String {
        format!("+{}", self.0)
    }
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// Area code and exchange begin with 2 to 9.
fn is_north_american(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 10 && bytes.iter().copied().all(is_digit) && bytes[0] > b'1' && bytes[3] > b'1'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_number_are_the_same_number() {
        for text in ["2025550142", "12025550142", "+12025550142"] {
            let number = Number::read(text).expect("a number");
            assert_eq!(number.e164(), "+12025550142");
            assert_eq!(number.national(), "2025550142");
            assert_eq!(number.formatted(), "(202) 555-0142");
        }
    }

    #[test]
    fn ten_digits_with_a_plus_sign_or_no_american_exchange_are_abroad() {
        let number = Number::read("4930901820").expect("a number in Berlin");
        assert_eq!((number.national(), number.formatted()), ("4930901820", "+4930901820".into()));
        let number = Number::read("+6421234567").expect("a number in New Zealand");
        assert_eq!(number.e164(), "+6421234567");
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "+", "911", "202555014a", "1234567890123456", "(202) 555-0142"] {
            assert_eq!(Number::read(text), None, "{text}");
        }
    }
}
