//! The key in a webhook secret.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret, SecretString};

/// Fewest bytes of a key. A shorter one can be guessed; Standard Webhooks recommends 24 to 64.
const KEY_BYTES_MIN: usize = 16;

/// Tools differ in whether they write the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A secret that holds no usable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    /// It is not written as Standard Webhooks writes secrets.
    #[error("it must be `whsec_` and base64")]
    NotPrefixed,
    /// It claims to be base64 and is not.
    #[error("what follows `whsec_` must be base64, with or without padding")]
    NotBase64,
    /// It can be guessed.
    #[error("a key must have at least {KEY_BYTES_MIN} bytes")]
    TooShort,
}

/// Decodes a secret: `whsec_` and base64, as Standard Webhooks writes it, or the text itself, for
/// senders that cannot sign or sign by hand.
pub(crate) fn key(secret: &SecretString) -> Result<Vec<u8>, UnusableKey> {
    let text = secret.expose_secret();
    let key = match text.strip_prefix("whsec_") {
        Some(encoded) => BASE64.decode(encoded).map_err(|_| UnusableKey::NotBase64)?,
        None => text.as_bytes().to_vec(),
    };
    if key.len() < KEY_BYTES_MIN { Err(UnusableKey::TooShort) } else { Ok(key) }
}

/// Decodes a secret that our own webhooks are signed with. Receivers verify with libraries, which
/// support no other form than `whsec_` and base64.
pub fn signing_key(secret: &SecretString) -> Result<Vec<u8>, UnusableKey> {
    if secret.expose_secret().starts_with("whsec_") {
        key(secret)
    } else {
        Err(UnusableKey::NotPrefixed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Result<Vec<u8>, UnusableKey> {
        key(&SecretString::from(text))
    }

    #[test]
    fn padding_makes_no_difference() {
        let padded = of("whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE=");
        assert_eq!(padded, of("whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE"));
        assert_eq!(padded, Ok(b"sandbox secret, for signing!!".to_vec()));
    }

    #[test]
    fn a_secret_that_could_be_guessed_or_not_decoded_is_refused() {
        for (secret, why) in [
            ("whsec_", UnusableKey::TooShort),
            ("whsec_c2hvcnQ=", UnusableKey::TooShort),
            ("fifteen letters", UnusableKey::TooShort),
            ("whsec_not base64 at all!", UnusableKey::NotBase64),
        ] {
            assert_eq!(of(secret), Err(why), "{secret}");
        }
        assert!(of("sixteen letters!").is_ok());
    }

    proptest! {
        /// The library that senders use is the oracle.
        #[test]
        fn a_key_signs_as_the_standard_library_does(bytes in prop::collection::vec(any::<u8>(), 16..64)) {
            let secret = format!("whsec_{}", base64::prelude::BASE64_STANDARD.encode(&bytes));
            let theirs = standardwebhooks::Webhook::new(&secret).expect("their own form");
            let ours = standardwebhooks::Webhook::from_bytes(of(&secret).expect("a key")).expect("a key");
            let signed = |key: &standardwebhooks::Webhook| key.sign("msg_1", 1, b"{}").expect("signed");
            prop_assert_eq!(signed(&theirs), signed(&ours));
        }
    }
}
