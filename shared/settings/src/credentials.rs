//! Credentials for CXone: an OAuth client, the access key of an API user, or both.

use std::{error::Error, fmt, future::ready, pin::Pin};

use secrecy::SecretString;

use crate::Environment;

/// An id and its secret.
#[derive(Clone)]
pub struct KeyPair {
    /// The id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// The credentials that a token is requested with.
#[derive(Clone)]
pub struct Credentials {
    /// The OAuth client, if the tenant has one.
    pub client: Option<KeyPair>,
    /// The access key of an API user, if the tenant has one.
    pub access_key: Option<KeyPair>,
}

/// Variables with the id and the secret of an OAuth client.
pub const CLIENT: (&str, &str) = ("CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET");
/// Variables with the id and the secret of an access key.
pub const ACCESS_KEY: (&str, &str) = ("CXONE_ACCESS_KEY_ID", "CXONE_ACCESS_KEY_SECRET");

impl Credentials {
    /// The credentials of an OAuth client.
    pub fn of_client(id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self { client: Some(KeyPair { id: id.into(), secret: secret.into() }), access_key: None }
    }

    /// Reads the variables of the parts that are needed, and reports those that are missing.
    pub fn read(env: &mut Environment, needed: CredentialParts) -> Option<Self> {
        let mut pair = |(id, secret), is_needed: bool| {
            if !is_needed {
                return Some(None);
            }
            let (id, secret) = (env.required(id), env.required_secret(secret));
            Some(Some(KeyPair { id: id?, secret: secret? }))
        };
        let client = pair(CLIENT, needed.client());
        let access_key = pair(ACCESS_KEY, needed.access_key());
        Some(Self { client: client?, access_key: access_key? })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// The parts of the credentials that a token request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialParts {
    /// An OAuth client.
    Client,
    /// An OAuth client, and the access key of the user in whose name it acts.
    Both,
    /// An access key alone.
    AccessKey,
}

impl CredentialParts {
    /// Reads `CXONE_API` and `CXONE_TOKEN_AUTH`. Whoever uses their values reports unknown ones.
    pub fn read(env: &mut Environment) -> Self {
        let mut value = |name| env.optional(name, String::new()).unwrap_or_default();
        match (value("CXONE_API").as_str(), value("CXONE_TOKEN_AUTH").as_str()) {
            ("acd", "access-key") => Self::AccessKey,
            ("acd", _) => Self::Both,
            _ => Self::Client,
        }
    }

    /// Returns whether an OAuth client is needed.
    pub fn client(self) -> bool {
        self != Self::AccessKey
    }

    /// Returns whether an access key is needed.
    pub fn access_key(self) -> bool {
        self != Self::Client
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Credentials, String> {
        Environment::from_pairs(pairs.iter().copied())
            .read(|env| {
                let needed = CredentialParts::read(env);
                Credentials::read(env, needed)
            })
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn each_style_needs_its_half_and_no_other() {
        let client = [(CLIENT.0, "id"), (CLIENT.1, "secret")];
        let key = [(ACCESS_KEY.0, "key"), (ACCESS_KEY.1, "secret")];
        let acd = ("CXONE_API", "acd");
        let alone = ("CXONE_TOKEN_AUTH", "access-key");
        assert!(read(&client).is_ok_and(|found| found.access_key.is_none()));
        let found = read(&[acd, client[0], client[1], key[0], key[1]]).expect("both are there");
        assert!(found.client.is_some() && found.access_key.is_some());
        let found = read(&[acd, alone, key[0], key[1]]).expect("the key is there");
        assert!(found.client.is_none() && found.access_key.is_some());
        for (pairs, missing) in [
            (vec![acd, client[0], client[1]], vec![ACCESS_KEY.0, ACCESS_KEY.1]),
            (vec![acd, key[0], key[1]], vec![CLIENT.0, CLIENT.1]),
            (vec![acd, alone, key[0], client[0], client[1]], vec![ACCESS_KEY.1]),
            (vec![alone, key[0], key[1]], vec![CLIENT.0, CLIENT.1]),
        ] {
            let problems = read(&pairs).expect_err("something is missing");
            for name in missing {
                assert!(problems.contains(&format!("{name} is not set")), "{problems}");
            }
        }
    }
}
