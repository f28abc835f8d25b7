//! Dispositions: the code with which an agent closes a call, and what it means for the contact.
//!
//! [`CallResult`] is the event of a closed call. [`DispositionMap`] puts its code into a
//! [`Category`], whose [`Severity`] is how soon an operator must act on it.

mod call_result;
mod category;
mod map;

use chrono::{DateTime, SecondsFormat, Utc};

pub use call_result::{CallResult, UnreadableCallResult};
pub use category::{Category, Severity, UnknownCategory};
pub use map::{DispositionMap, MalformedMap};

/// The sentence that is left on a contact, for a person who wonders why it has its category. CXone's
/// times have no fractions of a second.
pub fn audit_log(timestamp: DateTime<Utc>, code: &str, category: Category) -> String {
    let timestamp = timestamp.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("[{timestamp}] Disposition {code} mapped to {}", category.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_log_contains_when_a_code_was_mapped_to_what() {
        let at = "2024-05-20T12:00:00+02:00".parse().expect("a time");
        assert_eq!(
            audit_log(at, "1001", Category::DoNotCall),
            "[2024-05-20T10:00:00Z] Disposition 1001 mapped to do_not_call"
        );
        let at = "2024-05-20T10:00:00.250Z".parse().expect("a time");
        assert_eq!(
            audit_log(at, "X9", Category::Unclassified),
            "[2024-05-20T10:00:00Z] Disposition X9 mapped to unclassified"
        );
    }
}
