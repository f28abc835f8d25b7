//! Places that senders state: countries, states, provinces, postal codes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{clock::Zone, rule::RULES};
use crate::phone::table::find;

/// `code|zones|zones with the same clocks`, or `code|=code` for a territory's other code.
const PLACES: &str = include_str!("../../data/law/places.txt");
/// `zone|codes` of those who live by it.
const ZONES: &str = include_str!("../../data/law/zones.txt");
/// `first three digits|codes`.
const US_ZIP_PREFIXES: &str = include_str!("../../data/law/us_zip_prefixes.txt");

/// A country by its ISO 3166-1 code, or a state, province or territory by its ISO 3166-2 code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Jurisdiction(String);

impl Jurisdiction {
    pub(super) fn new(code: &str) -> Self {
        Self(code.to_owned())
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code of its country.
    pub fn country(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Possible place of a person: the jurisdictions and zones of a country, a state or a postal code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(super) codes: Vec<Jurisdiction>,
    pub(super) zones: Vec<Zone>,
}

impl Place {
    /// A country or one of its parts by its ISO 3166 code. A country's states that have rules of
    /// their own are all among the candidates: which of them is not known.
    pub fn of_code(code: &str) -> Result<Self, UnknownPlace> {
        let code = code.trim().to_ascii_uppercase();
        let (country, part) = code.split_once('-').unwrap_or((&code, ""));
        match find(PLACES, &code) {
            Some(row) => match row.strip_prefix('=') {
                Some(present) => Self::of_code(present),
                None => Ok(Self::in_zones(&code, row)),
            },
            None if is_divided(country) || !is_part(part) => Err(UnknownPlace),
            None => find(PLACES, country)
                .filter(|row| !row.starts_with('='))
                .map(|row| Self::in_zones(&code, row))
                .ok_or(UnknownPlace),
        }
    }

    /// A postal code of a country. Those of the United States and Canada tell the state or
    /// province; any other tells no more than the country.
    pub fn of_postal_code(country: &str, postal_code: &str) -> Result<Self, UnknownPlace> {
        let postal_code = postal_code.trim().to_ascii_uppercase();
        let codes = match country.trim().to_ascii_uppercase().as_str() {
            "US" => zip_states(&postal_code).ok_or(UnknownPlace)?,
            "CA" => provinces(&postal_code).ok_or(UnknownPlace)?,
            other => other.to_owned(),
        };
        Self::of_codes(codes.split('&'))
    }

    /// Several places of which one is right.
    pub(super) fn of_codes<'a>(
        codes: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, UnknownPlace> {
        let mut all = Self { codes: Vec::new(), zones: Vec::new() };
        for code in codes {
            let place = Self::of_code(code)?;
            all.codes.extend(place.codes);
            all.zones.extend(place.zones);
        }
        Ok(all)
    }

    fn in_zones(code: &str, row: &str) -> Self {
        let zones = row.split('|').next().unwrap_or_default();
        let zones = zones.split('&').filter_map(|zone| zone.parse().ok()).collect();
        let mut codes = vec![Jurisdiction::new(code)];
        match code.split_once('-') {
            Some((country, _)) => codes.push(Jurisdiction::new(country)),
            None => codes.extend(parts_with_rules(code).map(Jurisdiction::new)),
        }
        Self { codes, zones }
    }
}

/// The code that it was read from, or the codes of which one is right: `US-TX`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.codes.iter().map(Jurisdiction::as_str).collect();
        f.write_str(&codes.join(" "))
    }
}

/// Reads an ISO 3166 code (`US-TX`, `FR`) or a country and a postal code (`US 79901`).
impl FromStr for Place {
    type Err = UnknownPlace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().split_once(' ') {
            Some((country, postal_code)) => Self::of_postal_code(country, postal_code),
            None => Self::of_code(text),
        }
    }
}

/// A text that names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an ISO 3166 code, such as US-TX or FR, or a postal code with its country, such as \
     `US 79901` or `CA M5V 3L9`"
)]
pub struct UnknownPlace;

/// The codes of those who live by a zone. Empty for one without a place: `UTC`, `Etc/GMT+5`.
pub(super) fn homes(zone: Zone) -> impl Iterator<Item = &'static str> {
    find(ZONES, zone.name()).into_iter().flat_map(|codes| codes.split('&'))
}

/// Returns whether all parts of a country are in the table of places.
fn is_divided(country: &str) -> bool {
    matches!(country, "US" | "CA")
}

/// Returns whether a text can follow the hyphen in ISO 3166-2.
fn is_part(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// In the order of the data, once each: rules of a state stand together.
fn parts_with_rules(country: &str) -> impl Iterator<Item = &'static str> {
    let mut last = "";
    RULES.iter().map(|rule| rule.code).filter(move |code| {
        let is_new =
            *code != last && code.strip_prefix(country).is_some_and(|part| part.starts_with('-'));
        last = code;
        is_new
    })
}

/// The states of a ZIP code, such as `79901` or `79901-0001`.
fn zip_states(code: &str) -> Option<String> {
    let (zip, extension) = code.split_once('-').unwrap_or((code, "0000"));
    let is_number = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_zip = is_number(zip, 5) && is_number(extension, 4);
    is_zip.then(|| find(US_ZIP_PREFIXES, &zip[..3]))?.map(str::to_owned)
}

/// The provinces of a Canadian postal code, by its first letter, as Canada Post assigns them.
fn provinces(code: &str) -> Option<String> {
    let is_forward_sortation_area = match code.as_bytes() {
        [first, digit, last, ..] => {
            first.is_ascii_alphabetic() && digit.is_ascii_digit() && last.is_ascii_alphabetic()
        }
        _ => false,
    };
    let provinces = match code.chars().next()? {
        'A' => "CA-NL",
        'B' => "CA-NS",
        'C' => "CA-PE",
        'E' => "CA-NB",
        'G' | 'H' | 'J' => "CA-QC",
        'K' | 'L' | 'M' | 'N' | 'P' => "CA-ON",
        'R' => "CA-MB",
        'S' => "CA-SK",
        'T' => "CA-AB",
        'V' => "CA-BC",
        'X' => "CA-NT&CA-NU",
        'Y' => "CA-YT",
        _ => return None,
    };
    is_forward_sortation_area.then(|| provinces.to_owned())
}

#[cfg(test)]
mod tests;
