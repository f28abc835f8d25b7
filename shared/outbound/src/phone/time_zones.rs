//! The time zones a number may belong to, by its first digits.
//!
//! No crate has this data. North American area codes come from the administrator of the plan, the
//! rest from libphonenumber; both texts are kept in `data/`, the second with the script that renews
//! it.

use chrono_tz::Tz;

use super::{area_code, table};
use crate::E164;

/// `prefix|zone&zone`.
const TABLE: &str = include_str!("../../data/phone_time_zones.txt");

/// The longest prefix in the table.
const PREFIX_LENGTH_MAX: usize = 9;

/// The zones in which the number's area code or its longest known prefix is used. Empty if none is
/// known.
///
/// A mobile number is given the zone libphonenumber thinks likely, which in Australia, say, is
/// Sydney's wherever its owner lives.
pub(crate) fn time_zones(number: &E164) -> Vec<Tz> {
    if let Some(area) = area_code(number) {
        return area.zones().collect();
    }
    let digits = &number.as_str()[1..];
    (1..=PREFIX_LENGTH_MAX.min(digits.len()))
        .rev()
        .find_map(|length| table::find(TABLE, &digits[..length]))
        .map(|zones| zones.split('&').filter_map(|zone| zone.parse().ok()).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(number: &str) -> Vec<&'static str> {
        let number: E164 = number.parse().expect("E.164");
        time_zones(&number).into_iter().map(Tz::name).collect()
    }

    #[test]
    fn the_longest_prefix_decides() {
        assert_eq!(zones("+442079460018"), ["Europe/London"]);
        assert_eq!(zones("+353209123456"), ["Europe/Dublin"]);
        assert_eq!(zones("+4930123456"), ["Europe/Berlin"]);
        assert_eq!(zones("+61255501234"), ["Australia/Sydney"]);
        assert_eq!(zones("+912212345678"), ["Asia/Kolkata"]);
        assert_eq!(zones("+18765550123"), ["America/Jamaica"]);
    }

    #[test]
    fn an_area_code_has_all_its_zones() {
        assert_eq!(zones("+12025550198"), ["America/New_York"]);
        assert_eq!(zones("+14805550198"), ["America/Phoenix"]);
        assert_eq!(zones("+18085550198"), ["Pacific/Honolulu"]);
        assert_eq!(zones("+12082990100"), ["America/Boise", "America/Los_Angeles"]);
        assert_eq!(zones("+18505550123"), ["America/Chicago", "America/New_York"]);
    }

    #[test]
    fn a_toll_free_number_has_no_place() {
        assert!(zones("+18005550198").len() > 30);
    }

    #[test]
    fn an_unused_prefix_yields_no_zone() {
        assert_eq!(zones("+9999999999"), [""; 0]);
    }

    #[test]
    fn every_line_of_the_table_is_found() {
        let mut count = 0;
        for (prefix, named) in table::entries(TABLE) {
            assert!(prefix.bytes().all(|byte| byte.is_ascii_digit()), "{prefix}");
            assert!(prefix.len() <= PREFIX_LENGTH_MAX, "{prefix}");
            assert_eq!(table::find(TABLE, prefix), Some(named), "{prefix}");
            count += 1;
        }
        assert!(count > 1000, "{count}");
    }

    #[test]
    fn every_zone_in_the_table_is_known() {
        for (prefix, named) in table::entries(TABLE) {
            for zone in named.split('&') {
                assert!(zone.parse::<Tz>().is_ok(), "{prefix}: {zone}");
            }
        }
    }
}
