//! Advice on errors of CXone.

use cxone::Error;

/// Source of a tenant's settings: advice names them as they are set there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Parameters of a stack, and the secret of `CxoneSecretArn`.
    Stack,
    /// Environment variables.
    Environment,
}

impl Source {
    /// The setting that holds the scopes to request.
    pub(crate) fn scope(self) -> &'static str {
        match self {
            Self::Stack => "CxoneScope",
            Self::Environment => "CXONE_SCOPE",
        }
    }
}

/// The settings to check, for errors that do not name them. Those of the ACD services are others.
pub(crate) fn advice(error: &Error, is_acd: bool, source: Source) -> Option<&'static str> {
    match source {
        Source::Stack => of_stack(error, is_acd),
        Source::Environment => of_environment(error, is_acd),
    }
}

fn of_stack(error: &Error, is_acd: bool) -> Option<&'static str> {
    match error {
        Error::Unauthorized { .. } if is_acd => Some(
            "Check the access key (accessKeyId, accessKeySecret in the secret of CxoneSecretArn), \
             CxoneTokenAuth and CxoneTokenUrl; and with basic or form also clientId and \
             clientSecret in that secret.",
        ),
        Error::Unauthorized { .. } => Some(
            "Check clientId and clientSecret in the secret of CxoneSecretArn, CxoneTokenAuth and \
             CxoneTokenUrl; and CxoneScope, if it is set.",
        ),
        Error::Transient { .. } => Some(
            "Check CxoneBaseUrl; and CxoneTokenUrl, if it is set. If they are right, try again \
             later.",
        ),
        Error::NotFound { .. } | Error::Unexpected { .. } => Some(
            "Check CxoneBaseUrl; and CxoneTokenUrl and CXONE_PATH_<OPERATION>, if they are set.",
        ),
        _ => None,
    }
}

fn of_environment(error: &Error, is_acd: bool) -> Option<&'static str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The template reads no variable of the environment, and only paths are no parameters.
    #[test]
    fn for_a_stack_no_variable_is_named_but_paths() {
        let detail = String::new;
        for error in [
            Error::Unauthorized { detail: detail() },
            Error::Transient { detail: detail(), retry_after: None, sent: false },
            Error::NotFound { detail: detail() },
        ] {
            for is_acd in [false, true] {
                let of = |source| advice(&error, is_acd, source).expect("advice");
                let of_stack = of(Source::Stack).replace("CXONE_PATH_", "");
                assert!(of_stack.contains("Cxone") && !of_stack.contains("CXONE_"), "{of_stack}");
                let of_environment = of(Source::Environment);
                assert!(!of_environment.contains("Cxone"), "{of_environment}");
            }
        }
    }
}
