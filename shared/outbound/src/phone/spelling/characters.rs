//! The characters of a number in ASCII, however they were typed or pasted.

use icu_properties::{
    CodePointSetData,
    props::{Dash, DefaultIgnorableCodePoint},
};
use rlibphonenumber::PHONE_NUMBER_UTIL;

/// The text without what cannot be seen, its ends, and a punctuation mark after it. Digits of all
/// scripts become ASCII, as do full-width letters; dashes, dots, brackets and spaces become one of
/// each kind, and line breaks `\n`.
pub(super) fn folded(text: &str) -> String {
    let invisible = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let text: String = text.chars().filter(|c| !invisible.contains(*c)).map(ascii).collect();
    text.trim().trim_end_matches([' ', '\n', '.', ',', ';', '-', '/']).to_owned()
}

fn ascii(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => ascii(char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)),
        '[' => '(',
        ']' => ')',
        '\u{B7}' | '\u{2022}' | '\u{2024}' | '\u{3002}' => '.',
        '\u{30FC}' | '\u{FF70}' => '-', // long vowel marks, typed for dashes in Japan
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        _ if c.is_ascii_graphic() => c,
        _ if c.is_whitespace() => ' ',
        _ if CodePointSetData::new::<Dash>().contains(c) => '-',
        _ if c.is_numeric() => decimal(c).unwrap_or(c),
        _ => c,
    }
}

/// The value of a decimal digit of any script.
fn decimal(c: char) -> Option<char> {
    PHONE_NUMBER_UTIL.normalize_digits_only(c.to_string()).chars().next()
}
