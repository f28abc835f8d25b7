//! Most numbers of the numbering plans, compiled in as an automaton.
//!
//! libphonenumber decodes its plans and compiles their patterns in the first milliseconds of a
//! process, which is most of what a cold start computes. So a number that is written out is looked
//! up here first, in 60 kB that need no preparation. The answer is libphonenumber's or none: what is
//! not found may be assigned all the same, and libphonenumber decides. The tests compare both along
//! every edge of the automaton.
//!
//! `data/phone_plans.py` writes the file. It is a sequence of little-endian words of 16 bits: the
//! number of regions, the start, the regions as two letters each, then the automaton, whose places
//! count from its first word. At each place is one of two things:
//!
//! - A node: bits 0 to 9 mark the digits at which another target begins than at the digit before
//!   (bit 0 is always set), bit 10 that a number may end here, bit 11 that its class follows. Then
//!   come the targets. Place 0 is the dead end.
//! - A landing, with bit 15 set: its other bits are the class of all numbers that go through here,
//!   the next word is the node that goes on.
//!
//! A class is a region (26 × first letter + second, or 26 × 26 for the whole world), times four, and
//! a kind of line.

use super::{Assignment, Line, Region};

const FILE: &[u8] = include_bytes!("../../data/phone_plans.bin");

/// Place of the number of regions, of the start, and of the first region.
const REGION_COUNT: usize = 0;
const START: usize = 1;
const REGIONS: usize = 2;

const ACCEPTS: u16 = 1 << 10;
const HAS_CLASS: u16 = 1 << 11;
const LANDING: u16 = 1 << 15;
const WORLD: u16 = 26 * 26;

/// The entry of a number, a plus sign and digits. If there is one, libphonenumber reads the number as
/// it is written.
pub(super) fn find(number: &str) -> Option<Assignment> {
    let mut place = word(START)?;
    let mut class = None;
    for digit in number.strip_prefix('+')?.bytes() {
        place = target(place, digit.checked_sub(b'0').filter(|digit| *digit < 10)?)?;
        let head = automaton(place, 0)?;
        if head & LANDING != 0 {
            class = Some(head & !LANDING);
            place = automaton(place, 1)?;
        }
    }
    let head = automaton(place, 0)?;
    if head & HAS_CLASS != 0 {
        class = Some(automaton(place, 1)?);
    }
    if head & ACCEPTS == 0 { None } else { assignment(class?) }
}

/// Whether a region has a plan.
pub(super) fn has_region(code: &str) -> bool {
    let regions = (REGIONS..).map_while(word).take(word(REGION_COUNT).unwrap_or(0).into());
    regions.map(u16::to_le_bytes).any(|region| region == code.as_bytes())
}

/// The place after a digit.
fn target(place: u16, digit: u8) -> Option<u16> {
    let head = automaton(place, 0)?;
    let up_to_digit = head & ((1 << (digit + 1)) - 1);
    let before = usize::from(head & HAS_CLASS != 0);
    automaton(place, before + up_to_digit.count_ones() as usize)
}

fn assignment(class: u16) -> Option<Assignment> {
    let line = match class % 4 {
        0 => Line::Fixed,
        1 => Line::Mobile,
        2 => Line::FixedOrMobile,
        _ => Line::Other,
    };
    let region = class / 4;
    if region == WORLD {
        return Some(Assignment { region: None, line });
    }
    let letters = [region / 26, region % 26].map(|letter| b'A' + (letter % 26) as u8);
    let code = std::str::from_utf8(&letters).ok()?;
    let region = Region(rlibphonenumber::Region::from_code(code).ok()?);
    Some(Assignment { region: Some(region), line })
}

/// The word of the automaton that stands `further` behind a place.
fn automaton(place: u16, further: usize) -> Option<u16> {
    word(REGIONS + usize::from(word(REGION_COUNT)?) + usize::from(place) + further)
}

fn word(index: usize) -> Option<u16> {
    FILE.as_chunks().0.get(index).copied().map(u16::from_le_bytes)
}

#[cfg(test)]
mod tests;
