//! Phone numbers as ITU-T E.164 writes them, and masked wherever a person might read a log.
//!
//! A text is read in two steps: [`spelling`] finds the digits, [`plan`] looks them up. A text that
//! carries its own country code means that number whatever the default region is. What cannot be
//! read for certain is refused: a wrong number is a stranger who is called, or a customer who is
//! called again.

mod area_code;
mod assignment;
mod plan;
mod plans;
mod region;
mod spelling;
pub(crate) mod table;
mod time_zones;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub(crate) use self::time_zones::time_zones;
pub use self::{
    area_code::{AreaCode, area_code},
    assignment::{Assignment, Line, assignment},
    region::Region,
};

/// The longest text that is tried as a phone number, in characters. The longest real ones, with an
/// extension and generous punctuation, stay under 40.
const TEXT_LENGTH_MAX: usize = 64;

/// A phone number in E.164: a plus sign, then 7 to 15 digits.
///
/// `Debug` and `Display` mask it; [`E164::as_str`] and `Serialize` give it in clear.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct E164(String);

impl E164 {
    /// Reads a number as a person or a machine may write it. Without a country code it is taken
    /// as a number of `region`. Extensions are dropped: one cannot be dialed apart.
    ///
    /// A number that is E.164 already comes back unchanged or is refused, and what comes back is
    /// read as itself in every region.
    pub fn parse(text: &str, region: Region) -> Result<Self, InvalidNumber> {
        if text.chars().nth(TEXT_LENGTH_MAX).is_some() {
            return Err(InvalidNumber::TooLong);
        }
        let number = plan::number(&spelling::read(text)?, region)?;
        number.parse().map_err(|_| InvalidNumber::NotE164)
    }

    /// The number in clear, for the wire and for storage. Never for a log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Accepts a number that is already written in E.164. The digits are not looked up in any plan.
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
/// A text too short to stay unrecognizable is hidden whole.
pub fn masked(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() < 11 {
        return "***".to_owned();
    }
    let head: String = characters[..5].iter().collect();
    let tail: String = characters[characters.len() - 4..].iter().collect();
    format!("{head}***{tail}")
}

/// The reason a text is not a phone number. No message repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNumber {
    /// It cannot be read as a number at all.
    #[error("it cannot be read as a phone number")]
    NotANumber,
    /// It reads as a number, but no numbering plan assigns it.
    #[error("no numbering plan assigns this number")]
    NotAssignable,
    /// A plan assigns it, but it has fewer or more digits than E.164 allows.
    #[error("it does not have 7 to 15 digits with its country code")]
    NotE164,
    /// It is longer than any phone number.
    #[error("it is longer than {TEXT_LENGTH_MAX} characters")]
    TooLong,
    /// A number may stand at its beginning, but what follows is no extension.
    #[error("the number is followed by something else; send the number alone")]
    TrailingText,
    /// It holds more than one number.
    #[error("it holds more than one number; send one in each event")]
    SeveralNumbers,
    /// Its bracketed zero makes it either of two numbers, as in `+39 (0)333 …`.
    #[error("with and without its bracketed zero it is a number; send it in E.164")]
    Ambiguous,
}

#[cfg(test)]
mod tests;
