//! Advice on errors of CXone.

use cxone::Error;

/// The settings to check, for errors that do not name them. Those of the ACD services are others.
pub(crate) fn advice(error: &Error, is_acd: bool) -> Option<&'static str> {
    match error {
        Error::Unauthorized { .. } if is_acd => Some(
            "Check the access key (CXONE_ACCESS_KEY_ID, CXONE_ACCESS_KEY_SECRET), CXONE_TOKEN_AUTH \
             and CXONE_TOKEN_URL; and with basic or form also CXONE_CLIENT_ID and \
             CXONE_CLIENT_SECRET.",
        ),
        Error::Unauthorized { .. } => Some(
            "Check CXONE_CLIENT_ID, CXONE_CLIENT_SECRET, CXONE_TOKEN_AUTH and CXONE_TOKEN_URL; \
             and CXONE_SCOPE, if it is set.",
        ),
        Error::Transient { .. } => Some(
            "Check CXONE_BASE_URL; and CXONE_TOKEN_URL, if it is set. If they are right, try \
             again later.",
        ),
        Error::NotFound { .. } | Error::Unexpected { .. } => Some(
            "Check CXONE_BASE_URL; and CXONE_TOKEN_URL and CXONE_PATH_<OPERATION>, if they are \
             set.",
        ),
        _ => None,
    }
}
