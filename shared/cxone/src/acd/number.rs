//! Spelling of phone numbers. CXone's home is North America: a tenant writes numbers of the North
//! American Numbering Plan with or without the country code, and others always with theirs.

use std::str::FromStr;

use outbound::E164;

/// Spelling of numbers of the North American Numbering Plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberFormat {
    /// Ten digits.
    National,
    /// The country code and ten digits.
    International,
}

impl FromStr for NumberFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "national" => Ok(Self::National),
            "international" => Ok(Self::International),
            _ => Err("expected national or international"),
        }
    }
}

impl NumberFormat {
    /// The digits of a record in a DNC group, which is a number without a plus sign.
    ///
    /// `None` for a foreign number that would be read as one of North America: `+20 255 501 42xx` of
    /// Egypt and `+1 202 555 0142` have the same ten digits in the national format.
    pub(super) fn dnc_digits(self, number: &E164) -> Option<u64> {
        let text = match (self, national(number)) {
            (Self::National, Some(national)) => national,
            (Self::National, None) if is_national(international(number)) => return None,
            _ => international(number),
        };
        text.parse().ok()
    }

    /// The spellings by which a record may be found, that of its own first.
    pub(super) fn searched(self, number: &E164) -> Vec<String> {
        let Some(national) = national(number) else {
            return vec![international(number).to_owned()];
        };
        let mut spellings = vec![national.to_owned(), international(number).to_owned()];
        if self == Self::International {
            spellings.reverse();
        }
        spellings
    }

    /// The number of a callback. Abroad it has a plus sign.
    pub(super) fn dialed(self, number: &E164) -> String {
        match (self, national(number)) {
            (Self::National, Some(national)) => national.to_owned(),
            (Self::International, Some(_)) => international(number).to_owned(),
            (_, None) => number.as_str().to_owned(),
        }
    }

    /// Returns whether `spelling`, in any of CXone's spellings, means `number`.
    pub(super) fn is_same(self, number: &E164, spelling: &str) -> bool {
        let digits: String = spelling.chars().filter(char::is_ascii_digit).collect();
        if digits == international(number) {
            // The same digits without a plus sign are of North America to a national tenant.
            let is_foreign = national(number).is_none();
            let has_plus = spelling.trim_start().starts_with('+');
            return !(is_foreign && !has_plus && self == Self::National && is_national(&digits));
        }
        let has_plus = spelling.trim_start().starts_with('+');
        !has_plus && national(number).is_some_and(|national| digits == national)
    }
}

/// Country code and number.
fn international(number: &E164) -> &str {
    number.as_str().trim_start_matches('+')
}

/// The ten digits of a number of the North American Numbering Plan.
fn national(number: &E164) -> Option<&str> {
    international(number).strip_prefix('1').filter(|national| is_national(national))
}

/// Returns whether digits are a number of the plan: neither area code nor exchange begins with 0
/// or 1.
fn is_national(digits: &str) -> bool {
    let starts = |at: usize| digits.as_bytes().get(at).is_some_and(|digit| *digit >= b'2');
    digits.len() == 10 && starts(0) && starts(3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> E164 {
        text.parse().expect("a number")
    }

    #[test]
    fn a_tenant_writes_numbers_with_or_without_the_country_code() {
        use NumberFormat::{International, National};
        for (text, format, dnc, dialed) in [
            ("+12025550142", National, Some(2_025_550_142), "2025550142"),
            ("+12025550142", International, Some(12_025_550_142), "12025550142"),
            ("+442079460123", National, Some(442_079_460_123), "+442079460123"),
            ("+442079460123", International, Some(442_079_460_123), "+442079460123"),
        ] {
            assert_eq!(format.dnc_digits(&number(text)), dnc, "{text} {format:?}");
            assert_eq!(format.dialed(&number(text)), dialed, "{text} {format:?}");
        }
    }

    #[test]
    fn a_foreign_number_is_never_written_as_one_of_north_america() {
        // Singapore: 65 and eight digits.
        let singapore = number("+6562345678");
        assert_eq!(NumberFormat::National.dnc_digits(&singapore), None);
        assert_eq!(NumberFormat::International.dnc_digits(&singapore), Some(6_562_345_678));
        assert!(!NumberFormat::National.is_same(&singapore, "6562345678"));
        assert!(NumberFormat::National.is_same(&singapore, "+65 6234 5678"));
        assert!(NumberFormat::International.is_same(&singapore, "6562345678"));
    }

    #[test]
    fn a_number_is_found_in_every_spelling() {
        for format in [NumberFormat::National, NumberFormat::International] {
            for spelling in
                ["(202) 555-0142", "2025550142", "12025550142", "+1 202-555-0142", "1-202-555-0142"]
            {
                assert!(format.is_same(&number("+12025550142"), spelling), "{spelling}");
                assert!(!format.is_same(&number("+12025550143"), spelling), "{spelling}");
            }
        }
    }

    fn numbers() -> impl Strategy<Value = E164> {
        let written = prop_oneof![
            "\\+1[2-9][0-9]{2}[2-9][0-9]{6}",
            "\\+44(20[378]|1[0-9]{2})[0-9]{7}",
            "\\+49(30|40|89)[1-9][0-9]{6}",
            "\\+65[689][0-9]{7}",
            "\\+20(2[2-9]|1[0-2])[0-9]{7}",
        ];
        written.prop_filter_map("a valid number", |text| text.parse().ok())
    }

    proptest! {
        /// Two numbers never share a record, whatever the format: listing one would leave the
        /// other out, or list a stranger.
        #[test]
        fn no_two_numbers_have_the_same_record(one in numbers(), other in numbers()) {
            for format in [NumberFormat::National, NumberFormat::International] {
                if let (Some(a), Some(b)) = (format.dnc_digits(&one), format.dnc_digits(&other)) {
                    prop_assert_eq!(a == b, one == other);
                }
            }
        }

        #[test]
        fn what_is_written_is_found_again(one in numbers(), other in numbers()) {
            for format in [NumberFormat::National, NumberFormat::International] {
                let dialed = format.dialed(&one);
                prop_assert!(format.is_same(&one, &dialed));
                prop_assert_eq!(format.is_same(&other, &dialed), one == other);
                if let Some(digits) = format.dnc_digits(&one) {
                    prop_assert!(format.is_same(&one, &digits.to_string()));
                    prop_assert_eq!(format.is_same(&other, &digits.to_string()), one == other);
                }
            }
        }
    }
}
