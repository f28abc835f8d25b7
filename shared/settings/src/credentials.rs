//! OAuth client credentials for CXone.

use std::{error::Error, fmt, future::ready, pin::Pin};

use secrecy::SecretString;

/// The id and the secret of an OAuth client.
#[derive(Clone)]
pub struct Credentials {
    /// The id of the OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// Credentials, or why they cannot be had for now. The error must not repeat a secret.
pub type Found = Result<Credentials, Box<dyn Error + Send + Sync>>;

/// Source of credentials, read for every token, so that a rotated secret works without a restart.
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// The credentials as they are now.
    fn credentials(&self) -> Pin<Box<dyn Future<Output = Found> + Send + '_>>;
}

/// Credentials that never change.
impl CredentialSource for Credentials {
    fn credentials(&self) -> Pin<Box<dyn Future<Output = Found> + Send + '_>> {
        Box::pin(ready(Ok(self.clone())))
    }
}
