//! Phone numbers as ITU-T E.164 writes them, and masked wherever a person might read a log.

mod time_zones;

use std::{fmt, str::FromStr};

use phonenumber::country;
use serde::{Deserialize, Serialize};

pub(crate) use self::time_zones::time_zones;

/// The longest text that is tried as a phone number. The longest real ones, with an extension
/// and generous punctuation, stay under 40 characters.
const TEXT_LENGTH_MAX: usize = 64;

/// A phone number in E.164: a plus sign, then 7 to 15 digits.
///
/// `Debug` and `Display` mask it; [`E164::as_str`] and `Serialize` give it in clear.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct E164(String);

impl E164 {
    /// Reads a number as a person or a machine may write it. Without a country code it is taken
    /// as a number of `region`. Extensions are dropped: one cannot be dialled apart.
    pub fn parse(text: &str, region: Region) -> Result<Self, InvalidNumber> {
        if text.len() > TEXT_LENGTH_MAX {
            return Err(InvalidNumber::TooLong);
        }
        let number = phonenumber::parse(Some(region.0), text.trim())
            .map_err(|_| InvalidNumber::NotANumber)?;
        // The parser takes `911` for `+1911`: what it returns need not exist in any plan.
        if !number.is_valid() {
            return Err(InvalidNumber::NotAssignable);
        }
        let dialled = format!("+{}{}", number.code().value(), number.national());
        dialled.parse()
    }

    /// The number in clear, for the wire and for storage. Never for a log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Loads the numbering plans of all countries, which the first [`E164::parse`] would do otherwise.
/// It takes tens of milliseconds, and so belongs where a process starts.
pub fn load_phone_metadata() {
    phonenumber::metadata::DATABASE.by_code(&1);
}

/// Takes a number that is already written in E.164. The digits are not looked up in any plan.
impl FromStr for E164 {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').ok_or(InvalidNumber::NotANumber)?;
        let readable = (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if readable { Ok(Self(text.to_owned())) } else { Err(InvalidNumber::NotANumber) }
    }
}

impl TryFrom<String> for E164 {
    type Error = InvalidNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<E164> for String {
    fn from(number: E164) -> Self {
        number.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E164({self})")
    }
}

/// Hides the middle of a text that may be a phone number: `+12025550198` becomes `+1202***0198`.
/// A text too short to stay unrecognisable is hidden whole.
pub fn masked(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() < 11 {
        return "***".to_owned();
    }
    let head: String = characters[..5].iter().collect();
    let tail: String = characters[characters.len() - 4..].iter().collect();
    format!("{head}***{tail}")
}

/// Why a text is not a phone number. None of the messages repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNumber {
    /// It cannot be read as a number at all.
    #[error("it cannot be read as a phone number")]
    NotANumber,
    /// It reads as a number, but no numbering plan assigns it.
    #[error("no numbering plan assigns this number")]
    NotAssignable,
    /// It is longer than any phone number.
    #[error("it is longer than {TEXT_LENGTH_MAX} characters")]
    TooLong,
}

/// The country whose national numbers are meant when a number carries no country code.
/// Written as its ISO 3166-1 alpha-2 code: `US`, `GB`, `DE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(country::Id);

impl Region {
    /// The United States, the default of the whole bundle.
    pub const US: Self = Self(country::Id::US);
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        code.parse().map(Self).map_err(|_| UnknownRegion)
    }
}

/// A region that is not an ISO 3166-1 alpha-2 code with phone numbers.
#[derive(Debug, thiserror::Error)]
#[error("expected an ISO 3166-1 alpha-2 code in capitals, such as US or GB")]
pub struct UnknownRegion;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn us(text: &str) -> Result<E164, InvalidNumber> {
        E164::parse(text, Region::US)
    }

    #[test]
    fn one_number_is_read_from_many_spellings() {
        for text in [
            "+12025550198",
            "2025550198",
            "(202) 555-0198",
            "202.555.0198",
            "1-202-555-0198",
            "+1 202 555 0198",
            "  +1 (202) 555-0198 ",
            "tel:+1-202-555-0198",
            "+1 202-555-0198 ext. 7",
        ] {
            assert_eq!(us(text).map(String::from), Ok("+12025550198".into()), "{text}");
        }
    }

    #[test]
    fn a_national_number_is_read_in_the_given_region() {
        let london = E164::parse("020 7946 0018", "GB".parse().expect("a region"));
        assert_eq!(london.map(String::from), Ok("+442079460018".into()));
    }

    #[test]
    fn italian_numbers_keep_their_leading_zero() {
        assert_eq!(us("+39 06 698 1234").map(String::from), Ok("+39066981234".into()));
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_reason() {
        assert_eq!(us(""), Err(InvalidNumber::NotANumber));
        assert_eq!(us("call me"), Err(InvalidNumber::NotANumber));
        assert_eq!(us("911"), Err(InvalidNumber::NotAssignable));
        assert_eq!(us("+1 555 0100"), Err(InvalidNumber::NotAssignable));
        assert_eq!(us(&"2".repeat(65)), Err(InvalidNumber::TooLong));
    }

    #[test]
    fn a_number_is_masked_wherever_it_is_shown() {
        let number = us("+12025550198").expect("a valid number");
        assert_eq!(number.to_string(), "+1202***0198");
        assert_eq!(format!("{number:?}"), "E164(+1202***0198)");
        assert_eq!(masked("911"), "***");
    }

    #[test]
    fn a_region_is_two_capitals() {
        assert!("US".parse::<Region>().is_ok());
        assert!("us".parse::<Region>().is_err());
        assert!("USA".parse::<Region>().is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_yields_e164(text in ".{0,80}") {
            if let Ok(number) = us(&text) {
                prop_assert_eq!(number.as_str().parse::<E164>(), Ok(number.clone()));
            }
        }

        #[test]
        fn reading_its_own_e164_changes_nothing(area in 201_u32..=989, line in 0_u32..10_000) {
            if let Ok(number) = us(&format!("{area}555{line:04}")) {
                prop_assert_eq!(us(number.as_str()), Ok(number.clone()));
            }
        }

        #[test]
        fn a_mask_never_shows_more_than_nine_characters(text in ".{0,40}") {
            let shown = masked(&text).chars().filter(|c| *c != '*').count();
            prop_assert!(shown <= 9);
        }
    }
}
