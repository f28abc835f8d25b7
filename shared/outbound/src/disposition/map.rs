//! Which disposition codes mean what.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use super::Category;

/// Which disposition codes mean what, such as `1001-1003=do_not_call,4001=wrong_number`. It is
/// shown as it was written.
///
/// A range holds the whole numbers from its first to its last code, written without leading zeros:
/// `01001` is another code. A single code may have letters, too.
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
    Single(String),
}

impl DispositionMap {
    const DEFAULT: &str = "1001-1003=do_not_call,2001-2002=callback_later,\
                           3001-3003=qualified_lead,4001=wrong_number";

    /// What a code means. One that is in no item is unclassified.
    pub fn category(&self, code: &str) -> Category {
        self.items
            .iter()
            .find(|item| item.codes.contain(code))
            .map_or(Category::Unclassified, |item| item.category)
    }
}

impl Codes {
    fn contain(&self, code: &str) -> bool {
        match self {
            Self::Range(range) => number(code).is_some_and(|number| range.contains(&number)),
            Self::Single(single) => single == code,
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
    /// What would be right.
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
    /// What would be right.
    type Err = &'static str;

    fn from_str(codes: &str) -> Result<Self, Self::Err> {
        let alphanumeric = |code: &str| code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match codes.split_once('-') {
            None if !codes.is_empty() && alphanumeric(codes) => Ok(Self::Single(codes.to_owned())),
            None => Err("a code must be letters and digits, such as 4001"),
            Some((first, last)) => match number(first).zip(number(last)) {
                None => Err("a range must be two numbers without leading zeros, such as 1001-1003"),
                Some((first, last)) if first > last => Err("a range must not go backwards"),
                Some((first, last)) => Ok(Self::Range(first..=last)),
            },
        }
    }
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

/// Why a text is no map of dispositions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}, {item:?}: {rule}")]
pub struct MalformedMap {
    /// Where the item begins, counted in characters from 1.
    pub column: usize,
    /// The item that is wrong.
    pub item: String,
    /// What would be right.
    pub rule: String,
}

#[cfg(test)]
mod tests;
