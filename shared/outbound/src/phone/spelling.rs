//! The written form of a number, read before any numbering plan is looked at.
//!
//! The plans get nothing but digits and a plus sign. libphonenumber would take more: it drops
//! letters between digits, reads a word behind a number as a keypad spells it, and forgets a second
//! number. Where people dial the result, that is another customer. A text that does not fit the
//! grammar is refused, for a person to read.
//!
//! ```text
//! text   = [ name "<" ] [ label ] number [ tail ] [ ">" ]
//! label  = words ":", as in "tel:", or words before a plus sign
//! number = [ "+" ] digits, set off by spaces, dashes, dots, slashes and brackets
//! tail   = extension | keys to press after a pause | parameters of a tel URI | a word
//! ```

mod characters;
mod tail;

use self::tail::Tail;
use super::InvalidNumber::{self, NotANumber, SeveralNumbers, TrailingText};

/// Digits of the shortest numbers that can be called from abroad. Fewer are no second number.
const NUMBER_LENGTH_MIN: usize = 7;
/// Digits in a row before a dot that make it a decimal point.
const INTEGER_LENGTH_MIN: usize = 7;
/// Digits before the word, as in `1-800-4-A-CHILD`. After more it may be a note.
const BEFORE_WORD_MAX: usize = 5;

/// A number as its writer meant it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    /// Digits, after a plus sign if the country code is written.
    pub(super) number: String,
    /// The same without the zero in `+44 (0)20 …`, which is dialed within some countries only.
    pub(super) without_zero: Option<String>,
    /// The rules by which a plan reads it.
    pub(super) style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A plus sign and digits, as machines write it. Nothing in it may be left out.
    E164,
    /// Grouped or national. It may hold what is dialed before a number.
    Loose,
    /// It ends in a word, like `1-800-FLOWERS`. Only toll-free numbers do.
    Word,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Spelling, InvalidNumber> {
    let text = characters::folded(text);
    let text = without_label(without_name(&text)?)?;
    let (written, rest) = split(text);
    let digits = check(written)?;
    let number = dialed(written);
    let (number, style) = match tail::read(rest)? {
        Tail::Word(_) if digits > BEFORE_WORD_MAX => return Err(TrailingText),
        Tail::Word(keys) => (number + &keys, Style::Word),
        Tail::Context(country) if !number.starts_with('+') => (country + &number, Style::Loose),
        Tail::Dropped | Tail::Context(_) if is_e164(written) => (number, Style::E164),
        Tail::Dropped | Tail::Context(_) => (number, Style::Loose),
    };
    Ok(Spelling { number, without_zero: without_zero(written), style })
}

/// The text in angle brackets, if a name precedes it as in `"Anna" <tel:+12025550198>`.
fn without_name(text: &str) -> Result<&str, InvalidNumber> {
    let Some((name, number)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
        return Ok(text);
    };
    match count_digits(name) {
        0 => Ok(number.trim()),
        NUMBER_LENGTH_MIN.. => Err(SeveralNumbers),
        _ => Err(NotANumber),
    }
}

/// The text from its number on. Words may stand before it if they cannot be part of it: not
/// `bob2025550198`, nor `ext. 5 030 …`.
fn without_label(text: &str) -> Result<&str, InvalidNumber> {
    let start = text.find(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('));
    let (label, number) = text.split_at(start.ok_or(NotANumber)?);
    let label = label.trim_end();
    let ends = label.is_empty() || label.ends_with(':') || number.starts_with('+');
    let is_words = |c: char| c.is_alphabetic() || matches!(c, ' ' | '.' | ':' | '"' | '\'');
    let is_label = ends && label.chars().all(is_words) && !tail::names_extension(label);
    if is_label { Ok(number) } else { Err(NotANumber) }
}

/// The number, and what follows its last digit or closing bracket.
fn split(text: &str) -> (&str, &str) {
    let is_part =
        |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '/' | '(' | ')');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let written = text[..end].trim_end_matches(['+', ' ', '-', '.', '/', '(']);
    text.split_at(written.len())
}

/// The number of digits in a number whose marks stand where they can stand.
fn check(written: &str) -> Result<usize, InvalidNumber> {
    let mut digits = 0; // so far
    let mut in_a_row = 0;
    for mark in written.chars() {
        if mark.is_ascii_digit() {
            digits += 1;
            in_a_row += 1;
            continue;
        }
        match mark {
            '+' if digits >= NUMBER_LENGTH_MIN => return Err(SeveralNumbers),
            '+' if digits > 0 => return Err(NotANumber),
            '/' | '(' if digits > area_length_max(written) => return Err(TrailingText),
            '.' if in_a_row >= INTEGER_LENGTH_MIN => return Err(TrailingText),
            _ => in_a_row = 0,
        }
    }
    match digits {
        0 => Err(NotANumber),
        _ if ends_in_note(written) || ends_in_fraction(written) => Err(TrailingText),
        _ => Ok(digits),
    }
}

/// The most digits before a slash or a bracket, which set off an area code. After more,
/// `030 123456/57` and `030 123456 (2)` name a second line.
fn area_length_max(written: &str) -> usize {
    match written.trim_start_matches('(').chars().next() {
        Some('+') => 8, // three of the country, five of the area
        Some('0') => 6, // a trunk prefix, five of the area
        _ => 4,
    }
}

/// Detects a bracket at the end that does not hold most of the number: `030 123 (2)`.
fn ends_in_note(written: &str) -> bool {
    let before = written.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    before.is_some_and(|(before, _)| count_digits(before) > 3)
}

/// Detects a decimal number: `303456.0`. A number with dots has more of them, or more digits
/// after the last.
fn ends_in_fraction(written: &str) -> bool {
    written.split_once('.').is_some_and(|(_, fraction)| fraction.len() <= 2)
}

/// The number without its bracketed zero, if digits come before it.
fn without_zero(written: &str) -> Option<String> {
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('(') {
        let (inside, after) = after.split_once(')')?;
        let before = &written[..written.len() - rest.len() + before.len()];
        if inside.trim() == "0" && count_digits(before) > 0 {
            return Some(dialed(before) + &dialed(after));
        }
        rest = after;
    }
    None
}

fn is_e164(written: &str) -> bool {
    written.strip_prefix('+').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The digits, after one plus sign if there is any.
fn dialed(written: &str) -> String {
    let plus = written.contains('+').then_some('+');
    plus.into_iter().chain(written.chars().filter(char::is_ascii_digit)).collect()
}

fn count_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
