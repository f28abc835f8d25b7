//! Numbers that are kept for fiction.

/// Area codes of Great Britain in which `496 0xxx` is kept: a thousand numbers each. Those of
/// Nottingham (115) are not valid by the numbering plan.
const BRITISH: [usize; 10] = [113, 114, 116, 117, 118, 121, 131, 141, 151, 161];
/// Area codes of the United States: a hundred numbers each, `555-0100` and those behind it.
const AMERICAN: [usize; 20] = [
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 301, 302, 303,
    304,
];

/// Number of British numbers.
pub(crate) const BRITISH_COUNT: usize = BRITISH.len() * 1_000;

/// A British number, in E.164. No two indexes below [`BRITISH_COUNT`] have the same.
pub(crate) fn british(index: usize) -> String {
    format!("+44{}4960{:03}", BRITISH[index / 1_000], index % 1_000)
}

/// An American number, in E.164. No two indexes below 2,000 have the same.
pub(crate) fn american(index: usize) -> String {
    format!("+1{}5550{}", AMERICAN[index / 100], 100 + index % 100)
}

#[cfg(test)]
mod tests {
    use outbound::{E164, Region};

    use super::*;

    #[test]
    fn all_numbers_are_valid() {
        let region: Region = "US".parse().expect("a region");
        let all = (0..BRITISH_COUNT).map(british).chain((0..2_000).map(american));
        for number in all {
            let read = E164::parse(&number, region).map(|read| read.as_str().to_owned());
            assert_eq!(read.as_ref(), Ok(&number));
        }
    }
}
