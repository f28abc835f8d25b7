//! Errors of the commands, with advice.

use cxone::Error;

/// Error of a command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error(transparent)]
    Settings(#[from] settings::Problems),
    #[error("{}", explained(.0))]
    Cxone(#[from] Error),
    #[error("not everything is registered")]
    NotRegistered,
    #[error("the credentials may not do all that the bundle does")]
    MissingScopes,
}

/// An error, and in a line of its own what to do about it.
pub(crate) fn explained(error: &Error) -> String {
    match advice(error) {
        Some(advice) => format!("{error}\n  {advice}"),
        None => error.to_string(),
    }
}

/// The settings to check, for errors that do not name them.
fn advice(error: &Error) -> Option<&'static str> {
    match error {
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
