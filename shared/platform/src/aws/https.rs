//! The HTTPS client under the SDK.
//!
//! It trusts the roots of Amazon Trust Services, which certify all AWS endpoints, and no others. They
//! are compiled in: reading the system's hundred and forty certificates takes a cold start longer
//! than anything else in it. Behind a proxy that inspects TLS, `AWS_CA_BUNDLE` adds its root, as it
//! does for every SDK.

use std::{fs, str::FromStr};

use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls_pki_types::{CertificateDer, pem::PemObject};

/// The certificates that <https://www.amazontrust.com/repository/> publishes.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// Certificates to trust beside Amazon's, in PEM. None by default. It is read from the path of a
/// file.
#[derive(Debug, Clone, Default)]
pub(super) struct CaBundle(Vec<u8>);

impl FromStr for CaBundle {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let pem = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
        match certificates(&pem) {
            Ok(found) if !found.is_empty() => Ok(Self(pem)),
            _ => Err("expected a file of certificates in PEM".to_owned()),
        }
    }
}

/// A client with a connection pool of its own.
pub(super) fn client(bundle: &CaBundle) -> SharedHttpClient {
    let trusted = [AMAZON_ROOTS, &bundle.0]
        .into_iter()
        .fold(TrustStore::empty(), TrustStore::with_pem_certificate);
    let context = TlsContext::builder().with_trust_store(trusted).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(context.expect("a context of roots alone is always valid"))
        .build_https()
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, rustls_pki_types::pem::Error> {
    CertificateDer::pem_slice_iter(pem).collect()
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// Fingerprints (SHA-256) of Amazon Root CA 1 to 4 and of Starfield Services Root Certificate
    /// Authority - G2, as the repository above lists them.
    const FINGERPRINTS: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn the_roots_are_those_that_amazon_publishes() {
        let roots = certificates(AMAZON_ROOTS).expect("PEM");
        let hex = |byte: u8| format!("{byte:02x}");
        let fingerprint =
            |root: &CertificateDer| Sha256::digest(root).into_iter().map(hex).collect::<String>();
        assert_eq!(roots.iter().map(fingerprint).collect::<Vec<_>>(), FINGERPRINTS);
        // It panics when it cannot read a certificate.
        client(&CaBundle::default());
    }

    #[test]
    fn a_bundle_that_holds_no_certificate_is_refused_at_start() {
        let folder = env!("CARGO_MANIFEST_DIR");
        let roots = format!("{folder}/src/aws/amazon_roots.pem");
        client(&roots.parse().expect("certificates"));
        for path in [format!("{folder}/Cargo.toml"), format!("{folder}/nothing")] {
            assert!(path.parse::<CaBundle>().is_err(), "{path}");
        }
    }
}
