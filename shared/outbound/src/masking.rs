//! Personal data in texts that a log or a dead letter may show: phone numbers and email addresses.
//!
//! A mask errs on the side of hiding: a long id or an order number may fall to it too, which costs
//! less than a number in clear. Dates, UUIDs and digests are recognized and stay, so that hints and
//! ids remain useful.

use crate::masked;

/// Fewest digits of a phone number: E.164 allows seven.
const WORDS_DIGITS_MIN: usize = 7;

/// Fewest digits in an id that are taken for a phone number unless a plus sign precedes them.
/// Shorter runs are sequence numbers and days, without which no event could be found again.
const ID_DIGITS_MIN: usize = 10;

/// Fewest characters of a digest in hexadecimal.
const DIGEST_LENGTH_MIN: usize = 32;

/// Masks every email address and every run of characters that may be a phone number, with or
/// without punctuation.
pub fn mask_words(text: &str) -> String {
    mask(text, WORDS_DIGITS_MIN)
}

/// Masks an id that a sender chose: it may hold the customer's number or email address.
///
/// Ids are searched for, so fewer than ten digits in a row stay, unless a plus sign precedes them.
pub fn mask_id(id: &str) -> String {
    mask(id, ID_DIGITS_MIN)
}

fn mask(text: &str, digits_min: usize) -> String {
    let text = without_emails(text);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let kept = kept_length(rest, shown.chars().next_back());
        let (piece, masks) = if kept > 0 {
            (&rest[..kept], false)
        } else {
            let length = run_length(rest);
            (&rest[..length], true)
        };
        if masks {
            push_run(&mut shown, piece, digits_min);
        } else {
            shown.push_str(piece);
        }
        rest = &rest[piece.len()..];
    }
    shown
}

/// Length of what starts here and is no phone number for certain; 0 where a number may start.
fn kept_length(rest: &str, before: Option<char>) -> usize {
    if before.is_none_or(|c| !c.is_alphanumeric()) {
        let token = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if let Some(length) = uuid_length(rest) {
            return length;
        }
        if let Some(length) = date_length(rest) {
            return length;
        }
        if is_digest(&rest[..token]) {
            return token;
        }
    }
    rest.find(|c: char| starts_run(c)).map_or(rest.len(), |start| match start {
        0 => 0,
        // A date, UUID or digest may start after each character that is no letter or digit.
        _ => rest.find(|c: char| !c.is_alphanumeric()).map_or(start, |odd| {
            let next = rest[odd..].chars().next().map_or(1, char::len_utf8);
            start.min(odd + next)
        }),
    })
}

fn starts_run(c: char) -> bool {
    c.is_numeric() || matches!(c, '+' | '(')
}

/// Length of the run of characters that a phone number is written with.
fn run_length(rest: &str) -> usize {
    let belongs = |c: char| {
        c.is_numeric()
            || c.is_whitespace()
            || matches!(c, '+' | '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    rest.find(|c: char| !belongs(c)).unwrap_or(rest.len())
}

fn push_run(shown: &mut String, run: &str, digits_min: usize) {
    let written = run.trim_end_matches(|c: char| !c.is_numeric());
    let number: String = written.chars().filter(|c| c.is_numeric() || *c == '+').collect();
    let digits = number.chars().filter(|c| c.is_numeric()).count();
    let is_international = number.contains('+') && digits >= WORDS_DIGITS_MIN;
    if is_international || digits >= digits_min {
        shown.push_str(&masked(&number));
        shown.push_str(&run[written.len()..]);
    } else {
        shown.push_str(run);
    }
}

/// Length of a date such as `2026-03-10` that no further digit follows.
fn date_length(rest: &str) -> Option<usize> {
    const LENGTH: usize = 10;
    let date = rest.get(..LENGTH)?;
    let is_shaped = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let in_range = |digits: &str, range: std::ops::RangeInclusive<u16>| {
        digits.parse().is_ok_and(|number| range.contains(&number))
    };
    let is_date = is_shaped
        && in_range(&date[..4], 1900..=2199)
        && in_range(&date[5..7], 1..=12)
        && in_range(&date[8..], 1..=31);
    let goes_on =
        rest[LENGTH..].starts_with(|c: char| c.is_numeric() || matches!(c, '-' | '.' | '/' | '('));
    (is_date && !goes_on).then_some(LENGTH)
}

/// Length of a UUID with its hyphens, or nothing.
fn uuid_length(rest: &str) -> Option<usize> {
    const LENGTH: usize = 36;
    let uuid = rest.get(..LENGTH)?;
    let is_uuid = uuid.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    let ends = !rest[LENGTH..].starts_with(|c: char| c.is_alphanumeric());
    (is_uuid && ends).then_some(LENGTH)
}

/// A phone number has no letters and a digest has some, but for one in a million.
fn is_digest(token: &str) -> bool {
    token.len() >= DIGEST_LENGTH_MIN
        && token.bytes().all(|byte| byte.is_ascii_hexdigit())
        && token.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Hides both sides of every `@` that has a name and a host.
fn without_emails(text: &str) -> String {
    const IN_NAME: &str = ".!#$%&'*+/=?^_`{|}~-";
    let in_name = |c: char| c.is_alphanumeric() || IN_NAME.contains(c);
    let in_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let name = rest[..at].trim_end_matches(in_name).len();
        let host = rest[at + 1..].find(|c| !in_host(c)).map_or(rest.len(), |end| at + 1 + end);
        if name < at && at + 1 < host {
            shown.push_str(&rest[..name]);
            shown.push_str("***@***");
            rest = &rest[host..];
        } else {
            shown.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
        }
    }
    shown + rest
}

#[cfg(test)]
mod tests;
