//! The time zones a number may belong to, by its first digits.
//!
//! No crate has this data, so libphonenumber's is kept in `data/`, with the script that renews it.
//! The text is searched as it is: a process that looks up one number must not pay for a map of
//! three thousand.

use chrono_tz::Tz;

use crate::E164;

/// `prefix|zone&zone`, one line per prefix, sorted by bytes; comments start with `#`, which sorts
/// before any digit.
const TABLE: &str = include_str!("../../data/phone_time_zones.txt");

/// The longest prefix in the table.
const PREFIX_LENGTH_MAX: usize = 9;

/// The zones in which the number's longest known prefix is used. Empty if none is known.
///
/// A mobile number is given the zone libphonenumber thinks likely, which in Australia, say, is
/// Sydney's wherever its owner lives.
pub(crate) fn time_zones(number: &E164) -> Vec<Tz> {
    let digits = &number.as_str()[1..];
    (1..=PREFIX_LENGTH_MAX.min(digits.len()))
        .rev()
        .find_map(|length| zones_of_prefix(&digits[..length]))
        .map(|zones| zones.split('&').filter_map(|zone| zone.parse().ok()).collect())
        .unwrap_or_default()
}

/// A binary search by bytes, which then steps back to the start of the line it fell into.
fn zones_of_prefix(wanted: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, TABLE.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = TABLE[low..middle].rfind('\n').map_or(low, |at| low + at + 1);
        let end = TABLE[middle..].find('\n').map_or(TABLE.len(), |at| middle + at);
        let (prefix, zones) = TABLE[start..end].split_once('|').unwrap_or((&TABLE[start..end], ""));
        match prefix.cmp(wanted) {
            std::cmp::Ordering::Equal => return Some(zones),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(number: &str) -> Vec<&'static str> {
        let number: E164 = number.parse().expect("E.164");
        time_zones(&number).into_iter().map(Tz::name).collect()
    }

    fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
        TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('|'))
    }

    #[test]
    fn the_longest_prefix_decides() {
        assert_eq!(zones("+12025550198"), ["America/New_York"]);
        assert_eq!(zones("+13125550198"), ["America/Chicago"]);
        assert_eq!(zones("+14805550198"), ["America/Phoenix"]);
        assert_eq!(zones("+18085550198"), ["Pacific/Honolulu"]);
        assert_eq!(zones("+442079460018"), ["Europe/London"]);
        assert_eq!(zones("+353209123456"), ["Europe/Dublin"]);
        assert_eq!(zones("+4930123456"), ["Europe/Berlin"]);
        assert_eq!(zones("+61255501234"), ["Australia/Sydney"]);
        assert_eq!(zones("+912212345678"), ["Asia/Kolkata"]);
    }

    #[test]
    fn a_prefix_of_several_zones_yields_them_all() {
        assert_eq!(zones("+12082990100"), ["America/Boise", "America/Los_Angeles"]);
        assert!(zones("+18005550198").len() > 30, "a toll-free number tells no place");
    }

    #[test]
    fn a_prefix_nobody_uses_yields_no_zone() {
        assert_eq!(zones("+9999999999"), [""; 0]);
    }

    #[test]
    fn every_line_of_the_table_is_found() {
        let mut count = 0;
        for (prefix, named) in entries() {
            assert!(prefix.bytes().all(|byte| byte.is_ascii_digit()), "{prefix}");
            assert!(prefix.len() <= PREFIX_LENGTH_MAX, "{prefix}");
            assert_eq!(zones_of_prefix(prefix), Some(named), "{prefix}");
            count += 1;
        }
        assert!(count > 3000, "{count}");
    }

    #[test]
    fn every_zone_in_the_table_is_known() {
        for (prefix, named) in entries() {
            for zone in named.split('&') {
                assert!(zone.parse::<Tz>().is_ok(), "{prefix}: {zone}");
            }
        }
    }
}
