//! Credentials and webhook secrets, from Secrets Manager or, for local work, the environment.
//!
//! There are three secrets, because few functions need more than one: [`ClientSource`] finds the
//! credentials that CXone is called with, [`WebhookSource`] the secrets that senders prove themselves
//! by, [`SigningSource`] those that our own webhooks are signed with. Each is read from the settings
//! first, which reports what is missing, and loaded second, which may call AWS.
//!
//! | setting | JSON in Secrets Manager | for local work |
//! |---|---|---|
//! | `CXONE_SECRET_ARN` | `{"clientId": "…", "clientSecret": "…"}` | `CXONE_CLIENT_ID`, `CXONE_CLIENT_SECRET` |
//! | the same, with `CXONE_API=acd` | also `"accessKeyId": "…", "accessKeySecret": "…"`, or with `CXONE_TOKEN_AUTH=access-key` only these | also `CXONE_ACCESS_KEY_ID`, `CXONE_ACCESS_KEY_SECRET`, or only these |
//! | `WEBHOOK_SECRET_ARN` | `{"webhookSecrets": ["…"]}` | `WEBHOOK_SECRETS`, separated by commas |
//! | `SIGNING_SECRET_ARN` | `{"signingSecrets": ["…"]}` | `SIGNING_SECRETS`, separated by commas |
//!
//! Other fields are ignored, so one secret may serve several settings.

mod arn;
mod error;
mod key;

use std::{
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use aws_sdk_secretsmanager::Client;
use secrecy::SecretString;
use serde_json::Value;
use settings::{
    ACCESS_KEY, CLIENT, CredentialParts, CredentialSource, Credentials, Environment, Found, KeyPair,
};

use crate::aws::CallFailed;
pub use error::SecretError;
pub(crate) use key::key;
pub use key::{UnusableKey, signing_key};

const CLIENT_ARN: &str = "CXONE_SECRET_ARN";

/// Age up to which credentials that were loaded are used for a token.
const LOADED_KEPT: Duration = Duration::from_mins(5);

/// The kinds of lists of secrets.
const WEBHOOK: Kind =
    Kind { arn: "WEBHOOK_SECRET_ARN", field: "webhookSecrets", variable: "WEBHOOK_SECRETS", key };
const SIGNING: Kind = Kind {
    arn: "SIGNING_SECRET_ARN",
    field: "signingSecrets",
    variable: "SIGNING_SECRETS",
    key: signing_key,
};

/// Source of the client credentials.
#[derive(Debug, Clone)]
pub struct ClientSource {
    source: Source<Credentials>,
    needed: CredentialParts,
}

/// Source of the secrets of those who send us webhooks.
#[derive(Debug, Clone)]
pub struct WebhookSource(SecretList);

/// Source of the secrets that our own webhooks are signed with.
#[derive(Debug, Clone)]
pub struct SigningSource(SecretList);

#[derive(Debug, Clone)]
enum Source<T> {
    SecretsManager { arn: String },
    Given(T),
}

impl ClientSource {
    /// Reads `CXONE_SECRET_ARN`, or else the variables of the parts that CXone's API needs.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let needed = CredentialParts::read(env);
        if env.is_set(CLIENT_ARN) {
            let arn = arn::read(env, CLIENT_ARN)?;
            return Some(Self { source: Source::SecretsManager { arn }, needed });
        }
        let variables = variables(needed);
        if !variables.iter().any(|name| env.is_set(name)) {
            let variables = variables.join(" and ");
            env.report(CLIENT_ARN, format!("is not set, nor are {variables}"));
            return None;
        }
        let credentials = Credentials::read(env, needed);
        Some(Self { source: Source::Given(credentials?), needed })
    }

    /// Fetches the credentials, so that no function starts without them. The first token is
    /// requested with them, if that is soon; for every other one they are fetched anew, so that
    /// rotated credentials need no restart.
    pub async fn load(self, client: Client) -> Result<ClientSecrets, SecretError> {
        let secrets = ClientSecrets { source: self, client, loaded: Mutex::default() };
        let loaded = (secrets.current().await?, ambient::system_time());
        *secrets.loaded() = Some(loaded);
        Ok(secrets)
    }
}

/// The client credentials, as Secrets Manager or the environment has them.
#[derive(Debug)]
pub struct ClientSecrets {
    source: ClientSource,
    client: Client,
    /// Credentials that were fetched at start and are not used yet.
    loaded: Mutex<Option<(Credentials, SystemTime)>>,
}

impl CredentialSource for ClientSecrets {
    fn credentials(&self) -> Pin<Box<dyn Future<Output = Found> + Send + '_>> {
        let loaded = self.loaded().take();
        let is_recent = |at: &SystemTime| {
            ambient::system_time().duration_since(*at).is_ok_and(|age| age < LOADED_KEPT)
        };
        let loaded = loaded.filter(|(_, at)| is_recent(at));
        Box::pin(async move {
            match loaded {
                Some((credentials, _)) => Ok(credentials),
                None => Ok(self.current().await?),
            }
        })
    }
}

impl ClientSecrets {
    fn loaded(&self) -> MutexGuard<'_, Option<(Credentials, SystemTime)>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn current(&self) -> Result<Credentials, SecretError> {
        let ClientSource { source, needed } = &self.source;
        let arn = match source {
            Source::Given(credentials) => return Ok(credentials.clone()),
            Source::SecretsManager { arn } => arn,
        };
        let secret = fetch(&self.client, arn, CLIENT_ARN).await?;
        Ok(Credentials {
            client: pair(needed.client(), &secret, "clientId", "clientSecret")?,
            access_key: pair(needed.access_key(), &secret, "accessKeyId", "accessKeySecret")?,
        })
    }
}

impl WebhookSource {
    /// Reads `WEBHOOK_SECRET_ARN`, or else `WEBHOOK_SECRETS`, separated by commas.
    pub fn read(env: &mut Environment) -> Option<Self> {
        SecretList::read(env, WEBHOOK).map(Self)
    }

    /// The given secrets, without any look-up. Blank ones are dropped.
    pub fn given<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self(SecretList { kind: WEBHOOK, source: Source::Given(listed(secrets)) })
    }

    /// The secrets as they are now, the newest and those that are still honored. There may be none.
    pub async fn load(&self, client: &Client) -> Result<Vec<SecretString>, SecretError> {
        self.0.load(client).await
    }
}

impl SigningSource {
    /// Reads `SIGNING_SECRET_ARN`, or else `SIGNING_SECRETS`, separated by commas.
    pub fn read(env: &mut Environment) -> Option<Self> {
        SecretList::read(env, SIGNING).map(Self)
    }

    /// The secrets as they are now, one at least. During a rotation there are several: what is sent
    /// is signed with each.
    pub async fn load(&self, client: &Client) -> Result<Vec<SecretString>, SecretError> {
        let secrets = self.0.load(client).await?;
        if secrets.is_empty() { Err(self.0.kind.lacks_field()) } else { Ok(secrets) }
    }
}

/// A list of secrets, the newest and those that are still in use.
#[derive(Debug, Clone)]
struct SecretList {
    kind: Kind,
    source: Source<Vec<SecretString>>,
}

/// Names of a list of secrets.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// The setting with the ARN of the secret.
    arn: &'static str,
    /// The field of the secret.
    field: &'static str,
    /// The setting that holds the list itself, for local work.
    variable: &'static str,
    /// Decodes a secret of this kind.
    key: fn(&SecretString) -> Result<Vec<u8>, UnusableKey>,
}

impl Kind {
    /// Finds the first secret that holds no usable key, counted from 1.
    fn check(self, secrets: &[SecretString]) -> Result<(), (usize, UnusableKey)> {
        let unusable =
            (1..).zip(secrets).find_map(|(at, secret)| Some((at, (self.key)(secret).err()?)));
        unusable.map_or(Ok(()), Err)
    }

    fn lacks_field(self) -> SecretError {
        SecretError::Field { arn: self.arn, field: self.field }
    }
}

impl SecretList {
    fn read(env: &mut Environment, kind: Kind) -> Option<Self> {
        let Kind { arn, variable, .. } = kind;
        if env.is_set(arn) {
            let arn = arn::read(env, arn)?;
            return Some(Self { kind, source: Source::SecretsManager { arn } });
        }
        if !env.is_set(variable) {
            env.report(arn, format!("is not set, nor is {variable}"));
            return None;
        }
        let list: String = env.required(variable)?;
        let secrets = listed(list.split(','));
        if let Err((position, why)) = kind.check(&secrets) {
            env.report(variable, format!("holds an unusable secret at position {position}: {why}"));
            return None;
        }
        Some(Self { kind, source: Source::Given(secrets) })
    }

    async fn load(&self, client: &Client) -> Result<Vec<SecretString>, SecretError> {
        let Source::SecretsManager { arn } = &self.source else {
            return Ok(self.given());
        };
        let secret = fetch(client, arn, self.kind.arn).await?;
        let list = secret.get(self.kind.field).and_then(Value::as_array);
        let texts =
            list.and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        let texts = texts.ok_or_else(|| self.kind.lacks_field())?;
        let secrets: Vec<SecretString> = texts.into_iter().map(SecretString::from).collect();
        self.kind.check(&secrets).map_err(|(position, why)| SecretError::Unusable {
            arn: self.kind.arn,
            field: self.kind.field,
            position,
            why,
        })?;
        Ok(secrets)
    }

    fn given(&self) -> Vec<SecretString> {
        match &self.source {
            Source::Given(secrets) => secrets.clone(),
            Source::SecretsManager { .. } => Vec::new(),
        }
    }
}

/// The variables of the parts that are needed.
fn variables(needed: CredentialParts) -> Vec<&'static str> {
    let parts = [(needed.client(), CLIENT), (needed.access_key(), ACCESS_KEY)];
    let parts = parts.into_iter().filter(|(is_needed, _)| *is_needed);
    parts.flat_map(|(_, (id, secret))| [id, secret]).collect()
}

fn listed<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Vec<SecretString> {
    let secrets = secrets.into_iter().map(str::trim).filter(|secret| !secret.is_empty());
    secrets.map(SecretString::from).collect()
}

async fn fetch(client: &Client, arn: &str, setting: &'static str) -> Result<Value, SecretError> {
    let answer = client
        .get_secret_value()
        .secret_id(arn)
        .send()
        .await
        .map_err(|error| CallFailed::new("Secrets Manager", &error))?;
    // The parser's message may quote the document: it is dropped.
    serde_json::from_str(answer.secret_string().unwrap_or_default())
        .map_err(|_| SecretError::NotJson { arn: setting })
}

/// A part of the credentials, if it is needed.
fn pair(
    is_needed: bool,
    secret: &Value,
    id: &'static str,
    key: &'static str,
) -> Result<Option<KeyPair>, SecretError> {
    let pair = || Ok(KeyPair { id: text(secret, id)?.into(), secret: text(secret, key)?.into() });
    is_needed.then(pair).transpose()
}

fn text<'a>(secret: &'a Value, field: &'static str) -> Result<&'a str, SecretError> {
    secret
        .get(field)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
        .ok_or(SecretError::Field { arn: CLIENT_ARN, field })
}

#[cfg(test)]
mod tests;
