//! Errors of calls to CXone, by what a caller can do about them.
//!
//! Every message is fit for a log: no credentials, no tokens, no phone number in clear, and nothing
//! that a terminal would obey.

use std::time::Duration;

use outbound::{mask_words, printable};
use reqwest::StatusCode;

/// The longest detail that is kept of CXone's error message, in characters.
const DETAIL_LENGTH_MAX: usize = 300;

/// Failed call to CXone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// CXone does not accept the credentials. A person has to look at them.
    #[error("CXone does not accept the credentials: {detail}")]
    Unauthorized {
        /// Description of the cause.
        detail: String,
    },
    /// The credentials are good, but may not do this. A scope is missing.
    #[error("CXone forbids this operation: {detail}")]
    Forbidden {
        /// CXone's error message.
        detail: String,
    },
    /// CXone wants fewer requests. Give the work back and come again.
    #[error("CXone asks for fewer requests{}", again(*retry_after))]
    RateLimited {
        /// Wait that CXone requested, if any.
        retry_after: Option<Duration>,
    },
    /// CXone does not accept the content. The same content will never pass.
    #[error("CXone does not accept the content: {detail}")]
    Invalid {
        /// CXone's error message.
        detail: String,
    },
    /// CXone: not found (404).
    #[error("CXone does not know what this is about: {detail}")]
    NotFound {
        /// CXone's error message.
        detail: String,
    },
    /// CXone could not be reached or is unhealthy. The same call may succeed later.
    #[error("CXone is not available: {detail}{}", again(*retry_after))]
    Transient {
        /// Description of the last failure.
        detail: String,
        /// Wait after which a retry makes sense, if known.
        retry_after: Option<Duration>,
        /// True if CXone received the request: another one may succeed where this one failed.
        sent: bool,
    },
    /// The request was sent and no clear answer came: it may have been carried out. Read back, or
    /// rely on an id of ours.
    #[error("CXone may have carried out the request: {detail}")]
    Ambiguous {
        /// Description of the failure of the answer.
        detail: String,
    },
    /// CXone gave an answer that no documented operation gives: a wrong path, a proxy. A person
    /// has to look at the configuration.
    #[error("CXone answered {status}, which is not expected: {detail}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// CXone's error message, or our description where that would show customers.
        detail: String,
    },
    /// This process or this backend cannot do it at all.
    #[error("this is not supported: {detail}")]
    Unsupported {
        /// Description of the missing capability.
        detail: String,
    },
}

impl Error {
    /// Wait before a retry makes sense, if known. CXone's own value, however long.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Transient { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns whether CXone may take the same content in smaller pieces.
    pub(crate) fn is_about_size(&self) -> bool {
        matches!(self, Self::Unexpected { status, .. } if *status == StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// Returns whether the content of the request may be the cause.
    pub(crate) fn may_be_of_the_content(&self) -> bool {
        matches!(self, Self::Transient { sent: true, .. } | Self::Ambiguous { .. })
    }

    /// Returns whether CXone may have done what it was asked for, or may do it still.
    pub fn may_be_done(&self) -> bool {
        matches!(
            self,
            Self::Ambiguous { .. } | Self::Transient { sent: true, .. } | Self::Unexpected { .. }
        )
    }

    /// Returns whether any other call would fail likewise now.
    pub(crate) fn meets_every_call(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Unauthorized { .. }
                | Self::Forbidden { .. }
                | Self::Transient { sent: false, .. }
        )
    }

    /// The error for an answer that is neither a success nor worth a retry.
    pub(crate) fn from_status(status: StatusCode, detail: String) -> Self {
        match status {
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Self::Invalid { detail },
            StatusCode::UNAUTHORIZED => Self::Unauthorized { detail },
            StatusCode::FORBIDDEN => Self::Forbidden { detail },
            StatusCode::NOT_FOUND | StatusCode::GONE => Self::NotFound { detail },
            _ => Self::Unexpected { status: status.as_u16(), detail },
        }
    }

    /// The time of the caller ran out before anything (more) was sent.
    pub(crate) fn out_of_time() -> Self {
        Self::not_sent("no time is left for a call", None)
    }

    /// This error, with a wait of at least `wait`.
    pub(crate) fn not_before(mut self, wait: Duration) -> Self {
        if let Self::RateLimited { retry_after } | Self::Transient { retry_after, .. } = &mut self {
            *retry_after = Some(retry_after.unwrap_or_default().max(wait));
        }
        self
    }

    /// CXone did not get the request, and would not get another one now.
    pub(crate) fn not_sent(detail: impl Into<String>, retry_after: Option<Duration>) -> Self {
        Self::Transient { detail: detail.into(), retry_after, sent: false }
    }
}

fn again(retry_after: Option<Duration>) -> String {
    retry_after
        .map(|wait| format!(", again after {} s", wait.as_secs_f32().ceil()))
        .unwrap_or_default()
}

/// CXone's error message as it may be kept: one line, short, with phone numbers and email addresses
/// masked, without what a terminal would obey, and without `secret`, should some gateway echo it.
pub(crate) fn message(body: &[u8], secret: &str) -> String {
    let text = String::from_utf8_lossy(body);
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !secret.is_empty() {
        line = line.replace(secret, "***");
    }
    if line.is_empty() {
        return "(no message)".to_owned();
    }
    // Masked before it is cut: a number cut in half would no longer look like one.
    let shown = printable(&mask_words(&line));
    shown.chars().take(DETAIL_LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_words_of_cxone_are_kept_and_the_numbers_in_them_masked() {
        let body = br#"{ "error": "contacts[3].phoneNumber +12025550198 is not
            assignable", "code": 4001, "also": "(202) 555-0198" }"#;
        assert_eq!(
            message(body, ""),
            r#"{ "error": "contacts[3].phoneNumber +1202***0198 is not assignable", "code": 4001, "also": "***" }"#
        );
    }

    #[test]
    fn an_echoed_secret_is_removed() {
        assert_eq!(message(b"Bearer abc.def expired", "abc.def"), "Bearer *** expired");
    }

    #[test]
    fn words_are_shown_and_not_obeyed() {
        assert_eq!(message(b"no\x1b]0;title\x07 \xC2\x9B2Jnumber", ""), "no�]0;title� �2Jnumber");
    }

    #[test]
    fn words_are_short_even_when_the_body_is_not() {
        assert_eq!(message(&b"x".repeat(10_000), "").chars().count(), DETAIL_LENGTH_MAX);
        assert_eq!(message(b" \n ", ""), "(no message)");
    }

    #[test]
    fn an_error_contains_when_to_retry() {
        let error = Error::RateLimited { retry_after: Some(Duration::from_mins(1)) };
        assert_eq!(error.to_string(), "CXone asks for fewer requests, again after 60 s");
        assert_eq!(error.retry_after(), Some(Duration::from_mins(1)));
    }

    proptest! {
        #[test]
        fn no_number_is_left_in_clear(
            before in "\\PC{0,40}",
            number in "\\+?[1-9][0-9]{6,14}",
            after in "\\PC{0,400}",
        ) {
            let shown = message(format!("{before}{number}{after}").as_bytes(), "");
            prop_assert!(!shown.contains(&number), "{shown}");
        }
    }
}
