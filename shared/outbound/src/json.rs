//! JSON as senders write it, read leniently and only as far as its fields are used.
//!
//! RFC 8259 allows more than a [`Value`] can hold: numbers of any size, escaped halves of surrogate
//! pairs, any depth. An event is not lost for a field that is never read, and no id becomes another
//! because it is a large number: [`Json`] keeps the text.

use std::{
    borrow::{Borrow, Cow},
    collections::BTreeMap,
    fmt,
};

use bigdecimal::BigDecimal;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use serde_json::{
    Map, Number, Value,
    value::{RawValue, to_raw_value},
};

use crate::fields::trimmed;

/// The longest number that is brought into its plain form, in characters.
const PLAIN_LENGTH_MAX: usize = 128;

/// A JSON document, or a part of one, as its sender wrote it.
#[derive(Debug, Clone)]
pub struct Json<'a>(Cow<'a, RawValue>);

impl<'a> Json<'a> {
    /// Reads a document. RFC 8259 lets a reader skip a byte order mark before it.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        serde_json::from_str::<&RawValue>(text).map(Self::from)
    }

    /// The text as it was written.
    pub fn as_written(&self) -> &str {
        self.0.get()
    }

    /// The fields, if it is an object. Of two with the same name the last counts.
    pub fn fields(&self) -> Option<Fields<'_>> {
        serde_json::from_str(self.as_written()).ok().map(Fields)
    }

    /// The elements, if it is a list.
    pub fn list(&self) -> Option<Vec<Json<'_>>> {
        let list: Vec<&RawValue> = serde_json::from_str(self.as_written()).ok()?;
        Some(list.into_iter().map(Json::from).collect())
    }

    /// A text, without the white space and the invisible characters around it.
    pub fn text(&self) -> Option<String> {
        let Text(text) = serde_json::from_str(self.as_written()).ok()?;
        Some(trimmed(&text).to_owned())
    }

    /// A text as above, or a number as its text: some senders write ids and codes without quotes.
    /// `1001.0` and `1.001e3` are `1001`. No digit of a long number is lost.
    pub fn spelled(&self) -> Option<String> {
        let is_number = self.as_written().starts_with(|c: char| c == '-' || c.is_ascii_digit());
        if is_number { Some(plain(self.as_written())) } else { self.text() }
    }

    /// Returns whether it is blank: `null`, or a text of white space and invisible characters.
    pub fn is_blank(&self) -> bool {
        self.is_null() || self.text().is_some_and(|text| text.is_empty())
    }

    /// The document as a [`Value`], unless lists and objects nest deeper than `levels_max`. Integers
    /// beyond 64 bits, and what is beyond an `f64`, become their texts.
    pub fn value(&self, levels_max: usize) -> Option<Value> {
        Some(match self.as_written().as_bytes().first()? {
            b'{' => {
                let levels_max = levels_max.checked_sub(1)?;
                let Fields(fields) = self.fields()?;
                let field = |(Text(name), raw)| Some((name, Json::from(raw).value(levels_max)?));
                Value::Object(fields.into_iter().map(field).collect::<Option<Map<_, _>>>()?)
            }
            b'[' => {
                let levels_max = levels_max.checked_sub(1)?;
                let list = self.list()?;
                list.iter().map(|element| element.value(levels_max)).collect::<Option<Value>>()?
            }
            b'"' => serde_json::from_str(self.as_written()).map(|Text(text)| text.into()).ok()?,
            b't' | b'f' | b'n' => serde_json::from_str(self.as_written()).ok()?,
            _ => number(self.as_written()),
        })
    }

    fn is_null(&self) -> bool {
        self.as_written() == "null"
    }
}

impl<'a> From<&'a RawValue> for Json<'a> {
    fn from(raw: &'a RawValue) -> Self {
        Self(Cow::Borrowed(raw))
    }
}

impl From<&Value> for Json<'static> {
    fn from(value: &Value) -> Self {
        // Values always have a text.
        let raw = to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self(Cow::Owned(raw))
    }
}

/// The fields of an object.
#[derive(Debug)]
pub struct Fields<'a>(BTreeMap<Text, &'a RawValue>);

impl<'a> Fields<'a> {
    /// The value of a field, unless it is absent or `null`.
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.0.get(name).map(|raw| Json::from(*raw)).filter(|value| !value.is_null())
    }

    /// The value of a field, unless it is absent or blank.
    pub fn filled(&self, name: &str) -> Option<Json<'a>> {
        self.get(name).filter(|value| !value.is_blank())
    }

    /// The names of all fields, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|Text(name)| name.as_str())
    }
}

/// A text of a document. Half of a surrogate pair, which only JavaScript can hold, is replaced by
/// U+FFFD.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Text(String);

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor)
    }
}

/// As bytes, `serde_json` hands out halves of pairs, in the three bytes that UTF-8 would have for
/// them.
struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
    }
}

/// A number without exponent, and without a fraction of zeros. One that would be very long stays as
/// it was written.
fn plain(number: &str) -> String {
    let decimal: Option<BigDecimal> =
        (number.len() <= PLAIN_LENGTH_MAX).then(|| number.parse().ok()).flatten();
    decimal
        .map(|decimal| decimal.normalized())
        .filter(|it| it.fractional_digit_count().unsigned_abs() <= PLAIN_LENGTH_MAX as u64)
        .map(|decimal| decimal.to_plain_string())
        .filter(|plain| plain.len() <= PLAIN_LENGTH_MAX)
        .unwrap_or_else(|| number.to_owned())
}

/// The number; or its text, if it is too large for one or an integer that would lose digits.
fn number(text: &str) -> Value {
    let Ok(number) = serde_json::from_str::<Number>(text) else { return text.into() };
    // `-0` is read as a float, too.
    let is_integer = text.len() > 2 && !text.contains(['.', 'e', 'E']);
    if is_integer && number.is_f64() { text.into() } else { number.into() }
}

#[cfg(test)]
mod tests;
