//! The country of numbers that carry no country code.

use std::{fmt, str::FromStr};

use super::plans;

/// The country whose national numbers are meant when a number carries no country code.
/// Written as its ISO 3166-1 alpha-2 code: `US`, `GB`, `DE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(pub(super) rlibphonenumber::Region);

impl Region {
    /// The United States, the default of the whole bundle.
    pub const US: Self = Self(rlibphonenumber::Region::US);
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let region = is_code.then(|| rlibphonenumber::Region::from_code(code).ok()).flatten();
        region.filter(|_| plans::has_region(code)).map(Self).ok_or(UnknownRegion)
    }
}

/// The code of the country.
impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_region_str().as_str())
    }
}

/// A region that is not an ISO 3166-1 alpha-2 code with phone numbers.
#[derive(Debug, thiserror::Error)]
#[error(
    "expected the ISO 3166-1 alpha-2 code of a country with phone numbers, in capitals, \
     such as US or GB (not UK)"
)]
pub struct UnknownRegion;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_the_code_of_a_country_with_phone_numbers() {
        for code in ["US", "GB", "DE", "BR", "IT", "JP", "GG", "XK", "AC"] {
            let region = code.parse::<Region>().expect(code);
            assert_eq!(region.to_string(), code);
        }
        for code in ["us", "USA", "UK", "ZZ", "AQ", "001", "U", "", "Ü", "ÜS"] {
            assert!(code.parse::<Region>().is_err(), "{code}");
        }
    }

    #[test]
    fn a_refused_region_is_reported_with_the_valid_form() {
        let refused = "UK".parse::<Region>().expect_err("it is reserved").to_string();
        assert!(refused.contains("GB (not UK)"), "{refused}");
    }
}
