//! Tables of lines `key|value`, sorted by bytes; comments start with `#`, which sorts before any
//! digit. A text is searched as it is: a process that looks up one number must not pay for a map of
//! thousands.

/// The value of a key, by a binary search over bytes that steps back to the start of the line it
/// fell into.
pub(crate) fn find<'t>(table: &'t str, key: &str) -> Option<&'t str> {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = table.as_bytes()[low..middle].iter().rposition(|byte| *byte == b'\n');
        let start = start.map_or(low, |at| low + at + 1);
        let line = table[start..].split('\n').next()?;
        let (field, rest) = line.split_once('|').unwrap_or((line, ""));
        match field.cmp(key) {
            std::cmp::Ordering::Equal => return Some(rest),
            std::cmp::Ordering::Less => low = start + line.len() + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
pub(super) fn entries(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# a comment | with a bar\nCA|one\nCA-BC|two&three\nÉ|four\nÉ1|\n";

    #[test]
    fn a_line_is_found_by_its_first_field() {
        for (key, rest) in [("CA", "one"), ("CA-BC", "two&three"), ("É", "four"), ("É1", "")] {
            assert_eq!(find(TABLE, key), Some(rest), "{key}");
        }
    }

    #[test]
    fn what_is_no_first_field_is_not_found() {
        for key in ["", "C", "CA-", "CA-BC|two", "CB", "one", "É12", "ù"] {
            assert_eq!(find(TABLE, key), None, "{key}");
        }
        assert_eq!(find("", "CA"), None);
    }
}
