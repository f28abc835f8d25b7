//! Maps disposition codes to categories.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use super::Category;
use crate::fields::trimmed;

/// The characters that a name may have beside letters, digits and single spaces.
const PUNCTUATION: &str = "-_/.&'()+:#";

/// Map from disposition codes to categories, such as `1001-1003=do_not_call,Wrong
/// Number=wrong_number`. It is shown as it was written.
///
/// A range holds the whole numbers from its first to its last code, written without leading zeros:
/// `01001` is another code. A single one may be a name: it matches in capitals or not, and with any
/// white space between its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispositionMap {
    /// No code belongs to two of them.
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    codes: Codes,
    category: Category,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Codes {
    Range(RangeInclusive<u64>),
    /// A code or a name, as it was written.
    Single(String),
}

impl DispositionMap {
    const DEFAULT: &str = "1001-1003=do_not_call,2001-2002=callback_later,\
                           3001-3003=qualified_lead,4001=wrong_number";

    /// Category of a code. One that is in no item is unclassified.
    pub fn category(&self, code: &str) -> Category {
        self.mapped(code).unwrap_or(Category::Unclassified)
    }

    /// Category of a code, if it is in an item.
    pub fn mapped(&self, code: &str) -> Option<Category> {
        self.items.iter().find(|item| item.codes.contain(code)).map(|item| item.category)
    }
}

impl Codes {
    fn contain(&self, code: &str) -> bool {
        match self {
            Self::Range(range) => number(code).is_some_and(|number| range.contains(&number)),
            Self::Single(single) => folded(single) == folded(code),
        }
    }

    fn overlap(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Range(one), Self::Range(another)) => {
                one.start() <= another.end() && another.start() <= one.end()
            }
            (codes, Self::Single(code)) | (Self::Single(code), codes) => codes.contain(code),
        }
    }
}

/// A name as it is compared: in lower case, with one space between its words.
fn folded(name: &str) -> String {
    let words: Vec<_> = name.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// The number that is written just so: without a sign or leading zeros.
fn number(code: &str) -> Option<u64> {
    code.parse().ok().filter(|number: &u64| number.to_string() == code)
}

impl Default for DispositionMap {
    fn default() -> Self {
        Self::DEFAULT.parse().expect("the default map is well-formed")
    }
}

impl FromStr for DispositionMap {
    type Err = MalformedMap;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut items: Vec<Item> = Vec::new();
        let mut column = 1;
        for written in text.split(',') {
            let refused = |rule| MalformedMap { column, item: written.to_owned(), rule };
            let item: Item = written.parse().map_err(refused)?;
            if let Some(earlier) = items.iter().find(|earlier| earlier.codes.overlap(&item.codes)) {
                return Err(refused(format!("the codes must not overlap those of {earlier}")));
            }
            items.push(item);
            column += written.chars().count() + 1;
        }
        Ok(Self { items })
    }
}

impl FromStr for Item {
    /// Rule that is broken.
    type Err = String;

    fn from_str(item: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "an item must be codes=category, such as 1001-1003=do_not_call";
        let (codes, category) = item.split_once('=').ok_or(RULE)?;
        let category =
            category.parse().map_err(|unknown: super::UnknownCategory| unknown.to_string())?;
        Ok(Self { codes: codes.parse()?, category })
    }
}

impl FromStr for Codes {
    /// Rule that is broken.
    type Err = &'static str;

    fn from_str(codes: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = codes.split('-').collect();
        if let [first, last] = parts[..]
            && let Some((first, last)) = number(first).zip(number(last))
        {
            let is_forward = first <= last;
            return is_forward
                .then_some(Self::Range(first..=last))
                .ok_or("a range must not go backwards");
        }
        // `Call-back` is a name; `A1-A3` was meant as a range.
        let is_bound =
            |part: &&str| part.is_empty() || part.ends_with(|c: char| c.is_ascii_digit());
        if parts.len() > 1 && parts.iter().all(is_bound) {
            return Err("a range must be two numbers without leading zeros, such as 1001-1003");
        }
        if is_name(codes) {
            return Ok(Self::Single(codes.to_owned()));
        }
        Err("a code must be letters, digits and single spaces, such as 4001 or Do Not Call")
    }
}

fn is_name(text: &str) -> bool {
    let is_allowed = |c: char| c == ' ' || c.is_alphanumeric() || PUNCTUATION.contains(c);
    let is_tidy = !text.is_empty() && trimmed(text) == text && !text.contains("  ");
    // `1 2` is rather two codes.
    let is_named = text.contains(char::is_alphabetic) || text.bytes().all(|b| b.is_ascii_digit());
    is_tidy && is_named && text.chars().all(is_allowed)
}

impl fmt::Display for DispositionMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.items.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{item}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.codes {
            Codes::Range(range) => write!(f, "{}-{}", range.start(), range.end())?,
            Codes::Single(code) => f.write_str(code)?,
        }
        write!(f, "={}", self.category.as_str())
    }
}

/// Reason why a text is not a map of dispositions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}, {item:?}: {rule}")]
pub struct MalformedMap {
    /// Column at which the item begins, counted in characters from 1.
    pub column: usize,
    /// The item that is wrong.
    pub item: String,
    /// Rule that it breaks.
    pub rule: String,
}

#[cfg(test)]
mod tests;
