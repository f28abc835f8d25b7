//! Text behind a number.

use super::{
    super::InvalidNumber::{self, NotANumber, SeveralNumbers, TrailingText},
    NUMBER_LENGTH_MIN, count_digits, dialed,
};

/// Words that announce an extension, in lower case.
const EXTENSION_WORDS: [&str; 8] =
    ["x", "ext", "extn", "xtn", "extension", "extensión", "anexo", "доб"];
/// Digits of an extension that a word announces. More are a number.
const EXTENSION_LENGTH_MAX: usize = NUMBER_LENGTH_MIN - 1;
/// Digits after a pause or a `#`. More may be another number of the same town.
const KEYS_LENGTH_MAX: usize = 5;
/// Letters that make a word of a number. Fewer are a note, or a slip.
const WORD_LENGTH_MIN: usize = 3;
/// The digit for each letter on a telephone's keys (ITU-T E.161).
const KEYPAD: &[u8; 26] = b"22233344455566677778889999";

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing, or what is dialed after the call was answered.
    Dropped,
    /// The country code by which a `tel:` URI completes a national number, after a plus sign.
    Context(String),
    /// The digits for a word and what follows it.
    Word(String),
}

pub(super) fn read(text: &str) -> Result<Tail, InvalidNumber> {
    let text = text.trim();
    if text.is_empty() || is_extension(text) || is_keys(text) {
        return Ok(Tail::Dropped);
    }
    if let Some(parameters) = text.strip_prefix(';').filter(|text| text.contains('=')) {
        return parameters.split(';').try_fold(Tail::Dropped, parameter);
    }
    if text.contains('+') || count_digits(text) >= NUMBER_LENGTH_MIN {
        return Err(SeveralNumbers);
    }
    word(text).map(Tail::Word).ok_or(TrailingText)
}

/// Detects a label that ends in a word for an extension: the digits after it are none of the number's.
pub(super) fn names_extension(label: &str) -> bool {
    let is_mark = |c: char| !c.is_alphabetic();
    let last = label.trim_end_matches(is_mark).rsplit(is_mark).next().unwrap_or_default();
    EXTENSION_WORDS.contains(&last.to_lowercase().as_str())
}

/// `ext. 5`, `x5`, `(extension 5)`.
fn is_extension(text: &str) -> bool {
    let inside = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let (label, digits) = inside.split_at(inside.find(|c: char| c.is_ascii_digit()).unwrap_or(0));
    let word = label.trim_matches([' ', '.', ':', ';', '=', '-', ',']).to_lowercase();
    let digits = digits.trim_end_matches('#');
    EXTENSION_WORDS.contains(&word.as_str())
        && digits.len() <= EXTENSION_LENGTH_MAX
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Keys that are pressed after a pause or a `#`: `,,123#`.
fn is_keys(text: &str) -> bool {
    let is_mark = |c: char| matches!(c, ',' | ';' | '#' | '*');
    text.starts_with([',', ';', '#'])
        && text.split(is_mark).map(str::trim).all(|keys| {
            keys.len() <= KEYS_LENGTH_MAX && keys.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// A parameter of a `tel:` URI (RFC 3966). A context that is no country code names a private
/// network.
fn parameter(tail: Tail, parameter: &str) -> Result<Tail, InvalidNumber> {
    let (name, value) = parameter.split_once('=').ok_or(NotANumber)?;
    match name.trim().to_ascii_lowercase().as_str() {
        "ext" | "isub" => Ok(tail),
        "phone-context" if value.starts_with('+') => Ok(Tail::Context(dialed(value))),
        _ => Err(TrailingText),
    }
}

fn word(text: &str) -> Option<String> {
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let keys = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-'));
    let digits = keys.map(|key| match key.to_ascii_uppercase() {
        digit @ b'0'..=b'9' => Some(char::from(digit)),
        letter @ b'A'..=b'Z' => Some(char::from(KEYPAD[usize::from(letter - b'A')])),
        _ => None,
    });
    (letters >= WORD_LENGTH_MIN).then(|| digits.collect()).flatten()
}
