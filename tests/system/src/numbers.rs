//! Unassigned numbers: 555-0100 to 555-0199 are set aside for fiction in every area code.

/// Area codes in use in the United States, in no particular order.
const AREA_CODES: [u32; 20] = [
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 301, 302, 303,
    304,
];

/// Number of different numbers.
pub const COUNT: usize = AREA_CODES.len() * 100;

/// The number of that index, in E.164.
pub fn number(index: usize) -> String {
    format!("+1{}5550{:03}", AREA_CODES[index / 100], 100 + index % 100)
}

/// Spellings of a number by people and machines.
pub fn spellings(number: &str) -> [String; 5] {
    let (area, exchange, line) = (&number[2..5], &number[5..8], &number[8..]);
    [
        number.to_owned(),
        format!("({area}) {exchange}-{line}"),
        format!("{area}.{exchange}.{line}"),
        format!("1-{area}-{exchange}-{line}"),
        format!("tel:+1-{area}-{exchange}-{line}"),
    ]
}
