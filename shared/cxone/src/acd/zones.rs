//! Names of time zones. CXone names zones as Windows does, the domain as the IANA does. From the one
//! to the other there is a table, that of the Unicode CLDR. The way back goes by what clocks show:
//! it is only ever a choice among the zones that a skill has.

use std::str::FromStr;

use icu_time::{
    TimeZone as Bcp47,
    zone::{IanaParser, WindowsParser, iana::IanaParserExtended},
};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

/// The IANA name of a zone that Windows names.
pub(super) fn iana_name(windows: &str) -> Option<&'static str> {
    let zone = WindowsParser::new().parse(windows, None)?;
    let mut names = IanaParserExtended::new().iter();
    names.find(|name| name.time_zone == zone).map(|name| name.canonical)
}

/// Of the Windows `names`, those whose zones are as good as the IANA zone `iana`: the very zone,
/// else all whose clocks show the same time for a year from `now` on. Where some of them are in the
/// same country, only those.
pub(super) fn equivalent<'a>(iana: &str, names: &[&'a str], now: Timestamp) -> Vec<&'a str> {
    let zone = IanaParser::new().parse(iana);
    let same = |name: &&&str| {
        WindowsParser::new().parse(name, None).is_some_and(|it| !it.is_unknown() && it == zone)
    };
    if let Some(same) = names.iter().find(same) {
        return vec![*same];
    }
    let Ok(clocks) = TimeZone::get(iana).map(|zone| clocks(&zone, now)) else { return vec![] };
    let agrees = |name: &&str| {
        let zone = iana_name(name).and_then(|name| TimeZone::get(name).ok());
        zone.is_some_and(|zone| self::clocks(&zone, now) == clocks)
    };
    let agreeing: Vec<&str> = names.iter().copied().filter(agrees).collect();
    let is_near = |name: &&&str| {
        let other = WindowsParser::new().parse(name, None);
        other.is_some_and(|other| country(other) == country(zone))
    };
    let near: Vec<&str> = agreeing.iter().filter(is_near).copied().collect();
    if near.is_empty() { agreeing } else { near }
}

/// Offset of a zone, and each change of it in the year from `now` on.
fn clocks(zone: &TimeZone, now: Timestamp) -> Vec<(Timestamp, i32)> {
    let end = now.checked_add((366 * 24).hours()).unwrap_or(Timestamp::MAX);
    let changes = zone.following(now).map(|change| (change.timestamp(), change.offset().seconds()));
    let mut clocks = vec![(now, zone.to_offset(now).seconds())];
    clocks.extend(changes.take_while(|(at, _)| *at < end));
    // Some changes are of the name alone.
    clocks.dedup_by_key(|(_, offset)| *offset);
    clocks
}

/// Country of a zone: its BCP 47 id begins with it.
fn country(zone: Bcp47) -> String {
    zone.as_str().chars().take(2).collect()
}

/// Zones in a setting: Windows or IANA names, separated by commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ZoneList(pub(crate) Vec<ListedZone>);

/// A zone in a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedZone {
    /// Its name in the setting.
    pub(crate) name: String,
    /// Its IANA name.
    pub(crate) iana: String,
}

impl FromStr for ZoneList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(ListedZone::new).collect::<Result<_, _>>().map(Self)
    }
}

impl ListedZone {
    fn new(name: &str) -> Result<Self, String> {
        let known = || TimeZone::get(name).ok()?.iana_name().map(str::to_owned);
        let iana = iana_name(name).map(str::to_owned).or_else(known);
        let iana = iana.ok_or_else(|| format!("`{name}` is neither a Windows nor an IANA zone"))?;
        Ok(Self { name: name.to_owned(), iana })
    }
}

#[cfg(test)]
mod tests;
