//! HTTPS clients that trust the certificates of the system, which are read once in a process.
//!
//! A client reads them when it is built otherwise, and a Lambda function builds one whenever its
//! process has been frozen: a hundred and forty certificates for a single call.

use std::{path::Path, sync::OnceLock};

use reqwest::ClientBuilder;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};

use crate::Error;

/// Where systems keep their certificates in one file: Amazon Linux and its relatives, Debian and
/// its relatives, Alpine. The folders beside it hold the same ones again, each in a file.
const BUNDLES: [&str; 3] =
    ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"];

/// Settings that name other certificates, as in every program.
const SETTINGS: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Reads the certificates on a thread of its own, while the caller waits for something else. The
/// first client takes what it found, or its failure.
pub fn load_certificates() {
    std::thread::spawn(https_client);
}

/// A builder of HTTPS clients. Fails when the system has no certificates.
pub fn https_client() -> Result<ClientBuilder, Error> {
    static CONFIG: OnceLock<Result<ClientConfig, Error>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| config(system_certificates())).clone()?;
    Ok(reqwest::Client::builder().tls_backend_preconfigured(config))
}

fn config(found: CertificateResult) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    let (trusted, ignored) = roots.add_parsable_certificates(found.certs);
    if ignored > 0 || !found.errors.is_empty() {
        tracing::warn!(ignored, errors = ?found.errors, "certificates of the system not trusted");
    }
    if trusted == 0 {
        return Err(no_tls("the system has no certificates"));
    }
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| no_tls(&error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn system_certificates() -> CertificateResult {
    let is_set = |name: &&str| std::env::var_os(name).is_some();
    let bundle = BUNDLES.iter().map(Path::new).find(|path| path.is_file());
    match bundle.filter(|_| !SETTINGS.iter().any(is_set)) {
        Some(bundle) => load_certs_from_paths(Some(bundle), None),
        None => load_native_certs(),
    }
}

fn no_tls(why: &str) -> Error {
    Error::Unsupported { detail: format!("no HTTPS client: {why}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificates_of_a_file_are_trusted_and_none_are_an_error() {
        let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/../platform/src/aws/amazon_roots.pem");
        let found = load_certs_from_paths(Some(Path::new(bundle)), None);
        assert!(config(found).is_ok());
        let error = config(CertificateResult::default()).expect_err("nothing is trusted");
        assert!(error.to_string().contains("no certificates"), "{error}");
    }

    #[test]
    fn a_client_of_the_system_is_built() {
        assert!(https_client().and_then(|builder| builder.build().map_err(|_| no_tls(""))).is_ok());
    }
}
