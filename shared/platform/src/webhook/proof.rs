//! Proof that a sender has a secret.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta};
use hmac::{Hmac, KeyInit, Mac};
use lambda_http::{
    Request,
    http::{HeaderMap, header},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::{problem::Problem, secrets::key};

/// Largest difference between the time of a signature and ours.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// Digest by which a secret is compared.
pub(super) struct Key {
    /// Signs. `None` when the secret holds no key.
    signing: Option<Hmac<Sha256>>,
    /// Of the secret's text. Digests are of one length, so that not even a secret's length shows in
    /// the time taken.
    digest: [u8; 32],
}

/// The keys of secrets, one of each, in their order.
pub(super) fn keys(secrets: &[SecretString]) -> Arc<[Key]> {
    let compared = |(index, secret): (usize, &SecretString)| {
        let text = secret.expose_secret();
        let signing = key(secret).ok().and_then(|key| Hmac::new_from_slice(&key).ok());
        if signing.is_none() {
            tracing::warn!(
                index,
                "a webhook secret has no base64 after whsec_: it proves no signature"
            );
        }
        Key { signing, digest: Sha256::digest(text).into() }
    };
    secrets.iter().enumerate().map(compared).collect()
}

/// Proof that a request carries.
pub(super) enum Proof<'a> {
    Signatures {
        /// Signed content: id, time and body.
        signed: [&'a [u8]; 3],
        /// Each in base64.
        signatures: Vec<&'a str>,
    },
    Token {
        digest: [u8; 32],
    },
}

/// Reason to reject a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    Missing,
    Incomplete,
    OutOfTime,
    Mismatch,
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let detail = match denied {
            Denied::Missing => "the request carries neither a signature nor a token",
            Denied::Incomplete => "the signature headers are incomplete or malformed",
            Denied::OutOfTime => "the signature's timestamp is more than 5 minutes off",
            Denied::Mismatch => "the signature or token does not match",
        };
        Self::unauthorized("unauthenticated", detail)
    }
}

impl<'a> Proof<'a> {
    /// Reads the headers. One header of a signature is enough to be held to it: an attacker must
    /// not strip a signature and try the weaker way.
    pub(super) fn of(request: &'a Request) -> Result<Self, Denied> {
        let headers = request.headers();
        if headers.keys().any(|name| name.as_str().starts_with("webhook-")) {
            return Self::signatures(headers, request.body());
        }
        let digest = Sha256::digest(token(headers).ok_or(Denied::Missing)?).into();
        Ok(Self::Token { digest })
    }

    fn signatures(headers: &'a HeaderMap, body: &'a [u8]) -> Result<Self, Denied> {
        let text = |name| headers.get(name)?.to_str().ok();
        let header = |name| text(name).ok_or(Denied::Incomplete);
        let (id, time) = (header("webhook-id")?, header("webhook-timestamp")?);
        let seconds =
            time.parse().ok().filter(|seconds| *seconds >= 0).ok_or(Denied::Incomplete)?;
        let signatures = header("webhook-signature")?.split(' ');
        let signatures = signatures.filter_map(|signature| signature.strip_prefix("v1,")).collect();
        let sent_at = DateTime::from_timestamp(seconds, 0).ok_or(Denied::OutOfTime)?;
        if (ambient::now() - sent_at).abs() > TOLERANCE {
            return Err(Denied::OutOfTime);
        }
        Ok(Self::Signatures { signed: [id.as_bytes(), time.as_bytes(), body], signatures })
    }

    /// Returns the key it was made with, apart from those that were tried before. Every key is
    /// tried once, whichever matches.
    pub(super) fn proven_by(&self, keys: &[Key], tried: &[Key]) -> Option<usize> {
        let is_new = |key: &Key| tried.iter().all(|tried| tried.digest != key.digest);
        let proven = keys.iter().map(|key| is_new(key) && self.is_made_with(key).into());
        let proven: Vec<bool> = proven.collect();
        proven.into_iter().position(|is_proven| is_proven)
    }

    fn is_made_with(&self, key: &Key) -> Choice {
        match (self, &key.signing) {
            (Self::Token { digest }, _) => digest.ct_eq(&key.digest),
            (Self::Signatures { signed, signatures }, Some(signing)) => {
                let ours = BASE64_STANDARD.encode(sign(signing.clone(), signed));
                let is_ours = |theirs: &&str| ours.as_bytes().ct_eq(theirs.as_bytes());
                signatures.iter().map(is_ours).fold(0.into(), |one, other| one | other)
            }
            (Self::Signatures { .. }, None) => 0.into(),
        }
    }
}

fn sign(mut key: Hmac<Sha256>, signed: &[&[u8]; 3]) -> [u8; 32] {
    let [id, time, body] = *signed;
    #[cfg(test)]
    tests::count_hashed(body.len());
    for part in [id, &b"."[..], time, &b"."[..], body] {
        key.update(part);
    }
    key.finalize().into_bytes().into()
}

fn token(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let plain = || headers.get("x-webhook-token")?.to_str().ok();
    bearer.or_else(plain).map(str::as_bytes)
}

#[cfg(test)]
mod tests;
