//! The form of times, ids and texts in the tables.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::Serializer;
use sha2::{Digest, Sha256};

/// The longest event id that is stored as it is, in bytes. A sort key has at most 1,024.
const EVENT_ID_BYTES_MAX: usize = 256;

/// Times of one width: texts then compare as times do.
pub(super) fn time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
pub(super) fn optional_time<S: Serializer>(
    optional: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match optional {
        Some(at) => time(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// A time as it is read back.
pub(super) fn to_the_millisecond(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(3)
}

/// An event id that every table can hold: one that is too long is replaced by its digest. An empty
/// one has no place in a set.
pub(super) fn event_id(id: &str) -> String {
    match id.len() {
        0 => "-".to_owned(),
        1..=EVENT_ID_BYTES_MAX => id.to_owned(),
        _ => Sha256::digest(id).iter().fold("sha256:".to_owned(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_any_length_is_stored_and_stays_itself() {
        let (long, longer) = ("x".repeat(EVENT_ID_BYTES_MAX), "x".repeat(200_000));
        assert_eq!(event_id("evt-1"), "evt-1");
        assert_eq!(event_id(&long), long);
        assert_eq!(event_id(&longer).len(), "sha256:".len() + 64);
        assert_ne!(event_id(&longer), event_id(&"x".repeat(200_001)));
        assert_eq!(event_id(""), "-");
    }
}
