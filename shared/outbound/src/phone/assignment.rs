//! The country and the kind of line that a number is assigned to.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberType};

use super::{Region, plans};
use crate::E164;

/// The entry of a number in the numbering plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The country whose plan it is. Of the countries that share a code (`+1`, `+7`, `+44` …) it is
    /// the one that assigns this number. None for codes of the whole world, such as `+800`.
    pub region: Option<Region>,
    /// The kind of its line.
    pub line: Line,
}

/// The kind of line behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// A line that ends at a place.
    Fixed,
    /// A line that goes where its owner goes.
    Mobile,
    /// Either: some plans do not distinguish them, as in the United States.
    FixedOrMobile,
    /// A line without a place: toll-free, shared cost, premium rate, a service, a voice mailbox.
    Other,
}

/// The assignment of a number, or none if no plan has it.
pub fn assignment(number: &E164) -> Option<Assignment> {
    plans::find(number.as_str()).or_else(|| looked_up(number))
}

/// The assignment as libphonenumber finds it.
pub(super) fn looked_up(number: &E164) -> Option<Assignment> {
    let number = PHONE_NUMBER_UTIL.parse(number.as_str(), None).ok()?;
    let region = PHONE_NUMBER_UTIL.get_region_for_number(&number)?;
    let line = match PHONE_NUMBER_UTIL.get_number_type(&number) {
        PhoneNumberType::FixedLine => Line::Fixed,
        PhoneNumberType::Mobile => Line::Mobile,
        PhoneNumberType::FixedLineOrMobile => Line::FixedOrMobile,
        PhoneNumberType::Unknown => return None,
        _ => Line::Other,
    };
    let is_country = region != rlibphonenumber::Region::World;
    Some(Assignment { region: is_country.then_some(Region(region)), line })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: &str) -> Option<(String, Line)> {
        let Assignment { region, line } = assignment(&number.parse().expect("E.164"))?;
        Some((region.map(|region| region.to_string()).unwrap_or_default(), line))
    }

    #[test]
    fn a_number_has_the_country_and_the_kind_of_its_plan() {
        for (number, region, line) in [
            ("+12025550198", "US", Line::FixedOrMobile),
            ("+16045550123", "CA", Line::FixedOrMobile),
            ("+18765550123", "JM", Line::Mobile),
            ("+442079460018", "GB", Line::Fixed),
            ("+441481960194", "GG", Line::Fixed),
            ("+447400123456", "GB", Line::Mobile),
            ("+4917604069042", "DE", Line::Mobile),
            ("+77272345678", "KZ", Line::Fixed),
            ("+74951234567", "RU", Line::Fixed),
            ("+18005550198", "US", Line::Other),
            ("+80012345678", "", Line::Other),
        ] {
            assert_eq!(of(number), Some((region.to_owned(), line)), "{number}");
        }
    }

    #[test]
    fn a_number_of_no_plan_has_no_assignment() {
        // The last ones have a country, but no line there.
        for number in ["+9999999999", "+15555555555", "+4910000000", "+33000000000"] {
            assert_eq!(of(number), None, "{number}");
        }
    }
}
