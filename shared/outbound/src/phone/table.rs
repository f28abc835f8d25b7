//! Tables of lines `key|value`, sorted by bytes; comments start with `#`, which sorts before any
//! digit. A text is searched as it is: a process that looks up one number must not pay for a map of
//! thousands.

/// The value of a key, by a binary search over bytes that steps back to the start of the line it
/// fell into.
pub(super) fn find(table: &'static str, key: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = table[low..middle].rfind('\n').map_or(low, |at| low + at + 1);
        let end = table[middle..].find('\n').map_or(table.len(), |at| middle + at);
        let (found, value) = table[start..end].split_once('|').unwrap_or((&table[start..end], ""));
        match found.cmp(key) {
            std::cmp::Ordering::Equal => return Some(value),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
pub(super) fn entries(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('|'))
}
