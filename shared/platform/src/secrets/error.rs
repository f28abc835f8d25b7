//! Failures to read secrets.

use std::fmt;

use super::UnusableKey;
use crate::aws::CallFailed;

/// Failure to load a secret. No message repeats what is in it.
#[derive(thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager did not return it.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
    /// The secret holds something other than a JSON text.
    #[error("the secret at {arn} is not JSON")]
    NotJson {
        /// The setting that names the secret.
        arn: &'static str,
    },
    /// A field is missing, empty or of another type.
    #[error("the secret at {arn} has no usable field `{field}`")]
    Field {
        /// The setting that names the secret.
        arn: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A secret of a list holds no usable key.
    #[error("the secret at {arn} has an unusable `{field}` at position {position}: {why}")]
    Unusable {
        /// The setting that names the secret.
        arn: &'static str,
        /// The field.
        field: &'static str,
        /// Its position in the list, counted from 1.
        position: usize,
        /// The rule that it breaks.
        why: UnusableKey,
    },
}

/// A `main` that returns an error shows it in this form: it must be fit to read.
impl fmt::Debug for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
