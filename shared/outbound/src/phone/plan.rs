//! The numbering plans of all countries, from Google's libphonenumber.
//!
//! `rlibphonenumber` is a port of it that a release follows each of Google's. It was compared with
//! Google's own library on every example number and on tens of thousands of spellings, in which it
//! reads no number as another, and it starts in milliseconds. `phonenumber` applies the rules of the
//! default region to numbers of other countries, and takes 50 ms to start: it is a second opinion in
//! the tests.

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, PhoneNumberType,
};

use super::{
    InvalidNumber::{self, Ambiguous, NotANumber, NotAssignable, TrailingText},
    Region, plans,
    spelling::{Spelling, Style},
};

/// The number in E.164, if it is assigned to a plan.
pub(super) fn number(spelling: &Spelling, region: Region) -> Result<String, InvalidNumber> {
    match evident(spelling, region) {
        Some(number) => Ok(number),
        None => looked_up(spelling, region),
    }
}

/// The number, where nothing is before it but its country code or, in the United States, its trunk
/// prefix: what stands there is then what libphonenumber reads.
fn evident(spelling: &Spelling, region: Region) -> Option<String> {
    let Spelling { number: dialed, without_zero: None, style: Style::E164 | Style::Loose } =
        spelling
    else {
        return None;
    };
    let number = match (dialed.as_bytes(), dialed.len()) {
        ([b'+', ..], _) => dialed.clone(),
        ([b'2'..=b'9', ..], 10) if region == Region::US => format!("+1{dialed}"),
        ([b'1', b'2'..=b'9', ..], 11) if region == Region::US => format!("+{dialed}"),
        _ => return None,
    };
    plans::find(&number).map(|_| number)
}

/// The number as libphonenumber reads it.
pub(super) fn looked_up(spelling: &Spelling, region: Region) -> Result<String, InvalidNumber> {
    let dialed = spelling.number.as_str();
    match (spelling.style, &spelling.without_zero) {
        (Style::E164, _) => assigned(dialed),
        (Style::Word, _) => of_plan(dialed, region, Some(PhoneNumberType::TollFree)),
        (Style::Loose, None) => of_plan(dialed, region, None),
        (Style::Loose, Some(without)) => {
            match (of_plan(dialed, region, None), of_plan(without, region, None)) {
                (Ok(with), Ok(without)) if with != without => Err(Ambiguous),
                (Ok(number), _) | (Err(_), Ok(number)) => Ok(number),
                (Err(reason), Err(_)) => Err(reason),
            }
        }
    }
}

/// The number without what is dialed before it within its country. One that is written with its
/// country code never depends on the region.
fn of_plan(
    dialed: &str,
    region: Region,
    wanted: Option<PhoneNumberType>,
) -> Result<String, InvalidNumber> {
    let region = (!dialed.starts_with('+')).then_some(region.0);
    let number = parsed(dialed, region)?;
    if wanted.is_some_and(|wanted| PHONE_NUMBER_UTIL.get_number_type(&number) != wanted) {
        return Err(TrailingText);
    }
    assigned(&e164(&number))
}

/// A number in E.164, if it is assigned as written. A text that needs a change is none: what reads
/// as `+44 0 20 …` may be a number whose country code got lost.
fn assigned(number: &str) -> Result<String, InvalidNumber> {
    let parsed = parsed(number, None)?;
    // Parsing takes `911` for `+1911`: what it returns need not exist in any plan.
    let is_assigned = PHONE_NUMBER_UTIL.is_valid_number(&parsed) && e164(&parsed) == number;
    if is_assigned { Ok(number.to_owned()) } else { Err(NotAssignable) }
}

fn parsed(
    dialed: &str,
    region: Option<rlibphonenumber::Region>,
) -> Result<PhoneNumber, InvalidNumber> {
    PHONE_NUMBER_UTIL.parse(dialed, region).map_err(|reason| match reason {
        ParseError::NotANumber(_) => NotANumber,
        ParseError::InvalidCountryCode
        | ParseError::TooShortAfterIdd
        | ParseError::TooShortNsn
        | ParseError::TooLongNsn => NotAssignable,
    })
}

fn e164(number: &PhoneNumber) -> String {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned()
}
