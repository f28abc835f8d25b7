//! Grants: three ways to request a token.

use reqwest::RequestBuilder;
use secrecy::ExposeSecret;
use serde::Serialize;
use settings::{Credentials, KeyPair};
use url::form_urlencoded;

use crate::Error;

/// Client authentication at the token endpoint (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    /// In the `Authorization` header.
    Basic,
    /// In the body.
    Form,
}

/// Proof that a token is granted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// The credentials of the client (RFC 6749, section 4.4).
    Client(ClientAuth),
    /// The access key of a user, in whose name the client acts: the resource owner's password
    /// (RFC 6749, section 4.3).
    Password(ClientAuth),
    /// The access key alone, in JSON, at an endpoint of CXone's own.
    AccessKey,
}

/// Content of a token request.
pub(super) enum Body<'a> {
    Form { fields: Vec<(&'static str, &'a str)>, header: Option<&'a KeyPair> },
    Json(&'a KeyPair),
}

impl<'a> Body<'a> {
    /// Fails when the credentials lack what the grant needs.
    pub(super) fn new(
        grant: Grant,
        scope: Option<&'a str>,
        credentials: &'a Credentials,
    ) -> Result<Self, Error> {
        let (mut fields, auth) = match grant {
            Grant::AccessKey => return Ok(Self::Json(access_key(credentials)?)),
            Grant::Client(auth) => (vec![("grant_type", "client_credentials")], auth),
            Grant::Password(auth) => {
                let KeyPair { id, secret } = access_key(credentials)?;
                let secret = secret.expose_secret();
                let user = [("grant_type", "password"), ("username", id), ("password", secret)];
                (user.to_vec(), auth)
            }
        };
        fields.extend(scope.map(|scope| ("scope", scope)));
        let client = credentials.client.as_ref().ok_or_else(|| lacking("OAuth client"))?;
        let header = match auth {
            ClientAuth::Basic => Some(client),
            ClientAuth::Form => {
                let secret = client.secret.expose_secret();
                fields.extend([("client_id", client.id.as_str()), ("client_secret", secret)]);
                None
            }
        };
        Ok(Self::Form { fields, header })
    }

    pub(super) fn request(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Json(KeyPair { id, secret }) => request
                .json(&AccessKey { access_key_id: id, access_key_secret: secret.expose_secret() }),
            Self::Form { fields, header: None } => request.form(fields),
            Self::Form { fields, header: Some(KeyPair { id, secret }) } => {
                request.basic_auth(encoded(id), Some(encoded(secret.expose_secret()))).form(fields)
            }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessKey<'a> {
    access_key_id: &'a str,
    access_key_secret: &'a str,
}

fn access_key(credentials: &Credentials) -> Result<&KeyPair, Error> {
    credentials.access_key.as_ref().ok_or_else(|| lacking("access key"))
}

fn lacking(part: &str) -> Error {
    Error::Unauthorized { detail: format!("the credentials hold no {part}") }
}

/// RFC 6749, section 2.3.1: id and secret are encoded as in a form before they become a user name
/// and a password, so that a colon in the id does not end it.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
