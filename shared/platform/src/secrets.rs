//! Credentials and webhook secrets, from Secrets Manager or, for local work, the environment.
//!
//! There are three kinds, because few functions need all: [`ClientSource`] finds what calls CXone,
//! [`WebhookSource`] what checks senders, [`SigningSource`] what signs our own webhooks. Each is
//! read from the settings first, which reports what is missing, and loaded second, which may call
//! AWS.
//!
//! The secret at `CXONE_SECRET_ARN` is JSON:
//! `{"clientId": "…", "clientSecret": "…", "webhookSecrets": ["…"], "signingSecrets": ["…"]}`.

use std::{fmt, pin::Pin};

use aws_sdk_secretsmanager::Client;
use secrecy::SecretString;
use serde_json::Value;
use settings::{CredentialSource, Credentials, Environment, Found};

use crate::{aws::CallFailed, delivery};

const SECRET_ARN: &str = "CXONE_SECRET_ARN";
const CLIENT_ID: &str = "CXONE_CLIENT_ID";
const CLIENT_SECRET: &str = "CXONE_CLIENT_SECRET";
const SIGNING_SECRETS: &str = "SIGNING_SECRETS";

/// Where the client credentials are found.
#[derive(Debug, Clone)]
pub struct ClientSource(Source<Credentials>);

/// Where the secrets of those who send us webhooks are found.
#[derive(Debug, Clone)]
pub struct WebhookSource(SecretList);

/// Where the secrets are found that our own webhooks are signed with.
#[derive(Debug, Clone)]
pub struct SigningSource(SecretList);

#[derive(Debug, Clone)]
enum Source<T> {
    SecretsManager { arn: String },
    Given(T),
}

impl ClientSource {
    /// Reads `CXONE_SECRET_ARN`, or else `CXONE_CLIENT_ID` and `CXONE_CLIENT_SECRET`.
    pub fn read(env: &mut Environment) -> Option<Self> {
        if env.is_set(SECRET_ARN) {
            let arn = env.required(SECRET_ARN);
            return Some(Self(Source::SecretsManager { arn: arn? }));
        }
        if !env.is_set(CLIENT_ID) && !env.is_set(CLIENT_SECRET) {
            let what = format!("is not set, nor are {CLIENT_ID} and {CLIENT_SECRET}");
            env.report(SECRET_ARN, what);
            return None;
        }
        let client_id = env.required(CLIENT_ID);
        let client_secret = env.required_secret(CLIENT_SECRET);
        Some(Self(Source::Given(Credentials {
            client_id: client_id?,
            client_secret: client_secret?,
        })))
    }

    /// The credentials of this source, fetched anew each time they are asked for.
    pub fn with(self, client: Client) -> ClientSecrets {
        ClientSecrets { source: self, client }
    }
}

/// The client credentials, as Secrets Manager or the environment has them.
#[derive(Debug)]
pub struct ClientSecrets {
    source: ClientSource,
    client: Client,
}

impl CredentialSource for ClientSecrets {
    fn credentials(&self) -> Pin<Box<dyn Future<Output = Found> + Send + '_>> {
        Box::pin(async { Ok(self.load().await?) })
    }
}

impl ClientSecrets {
    async fn load(&self) -> Result<Credentials, SecretError> {
        match &self.source.0 {
            Source::Given(credentials) => Ok(credentials.clone()),
            Source::SecretsManager { arn } => {
                let secret = fetch(&self.client, arn).await?;
                Ok(Credentials {
                    client_id: text(&secret, "clientId")?.to_owned(),
                    client_secret: text(&secret, "clientSecret")?.into(),
                })
            }
        }
    }
}

impl WebhookSource {
    /// Reads `CXONE_SECRET_ARN`, or else `WEBHOOK_SECRETS`, separated by commas.
    pub fn read(env: &mut Environment) -> Option<Self> {
        SecretList::read(env, "WEBHOOK_SECRETS", "webhookSecrets").map(Self)
    }

    /// The given secrets, without any look-up. Blank ones are dropped.
    pub fn given<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self(SecretList { field: "webhookSecrets", source: given(secrets) })
    }

    /// The secrets as they are now, the newest and those that are still honoured.
    pub async fn load(&self, client: &Client) -> Result<Vec<SecretString>, SecretError> {
        self.0.load(client).await
    }
}

impl SigningSource {
    /// Reads `CXONE_SECRET_ARN`, or else `SIGNING_SECRETS`, separated by commas.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let list = SecretList::read(env, SIGNING_SECRETS, "signingSecrets")?;
        if let Source::Given(secrets) = &list.source
            && !can_sign(secrets)
        {
            env.report(SIGNING_SECRETS, "must be `whsec_` and base64, several separated by commas");
            return None;
        }
        Some(Self(list))
    }

    /// The secrets as they are now. During a rotation there are several: what is sent is signed
    /// with each.
    pub async fn load(&self, client: &Client) -> Result<Vec<SecretString>, SecretError> {
        let secrets = self.0.load(client).await?;
        if can_sign(&secrets) { Ok(secrets) } else { Err(SecretError::Field(self.0.field)) }
    }
}

/// Secrets of one kind, the newest and those that are still in use.
#[derive(Debug, Clone)]
struct SecretList {
    /// Where they are in the secret.
    field: &'static str,
    source: Source<Vec<SecretString>>,
}

impl SecretList {
    /// `variable` holds them for local work.
    fn read(env: &mut Environment, variable: &str, field: &'static str) -> Option<Self> {
        if env.is_set(SECRET_ARN) {
            let arn = env.required(SECRET_ARN);
            return Some(Self { field, source: Source::SecretsManager { arn: arn? } });
        }
        if !env.is_set(variable) {
            env.report(SECRET_ARN, format!("is not set, nor is {variable}"));
            return None;
        }
        let list: String = env.required(variable)?;
        Some(Self { field, source: given(list.split(',')) })
    }

    async fn load(&self, client: &Client) -> Result<Vec<SecretString>, SecretError> {
        match &self.source {
            Source::Given(secrets) => Ok(secrets.clone()),
            Source::SecretsManager { arn } => {
                let secret = fetch(client, arn).await?;
                let list = secret.get(self.field).and_then(Value::as_array);
                list.ok_or(SecretError::Field(self.field))?
                    .iter()
                    // A blank secret would sign for everybody.
                    .map(|secret| secret.as_str().filter(|text| !text.trim().is_empty()))
                    .map(|secret| secret.map(SecretString::from))
                    .collect::<Option<_>>()
                    .ok_or(SecretError::Field(self.field))
            }
        }
    }
}

/// Whether there is a key in each of them, and one at least.
fn can_sign(secrets: &[SecretString]) -> bool {
    !secrets.is_empty() && secrets.iter().all(|secret| delivery::key(secret).is_some())
}

fn given<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Source<Vec<SecretString>> {
    let secrets = secrets.into_iter().map(str::trim).filter(|secret| !secret.is_empty());
    Source::Given(secrets.map(SecretString::from).collect())
}

async fn fetch(client: &Client, arn: &str) -> Result<Value, SecretError> {
    let answer = client
        .get_secret_value()
        .secret_id(arn)
        .send()
        .await
        .map_err(|error| CallFailed::new("Secrets Manager", &error))?;
    // The parser's message may quote the document: it is dropped.
    serde_json::from_str(answer.secret_string().unwrap_or_default())
        .map_err(|_| SecretError::NotJson)
}

fn text<'a>(secret: &'a Value, field: &'static str) -> Result<&'a str, SecretError> {
    secret
        .get(field)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
        .ok_or(SecretError::Field(field))
}

/// Why a secret could not be loaded. No message repeats what is in it.
#[derive(thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager did not give it out.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
    /// The secret holds something else than a JSON text.
    #[error("the secret at {SECRET_ARN} is not JSON")]
    NotJson,
    /// A field is missing, blank or of another type.
    #[error("the secret at {SECRET_ARN} has no usable field `{0}`")]
    Field(&'static str),
}

/// A `main` that returns an error shows it in this form: it must be fit to read.
impl fmt::Debug for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
