//! The HTTPS client under the SDK.
//!
//! It trusts the roots of Amazon Trust Services, which certify all AWS endpoints, and no others. They
//! are compiled in: reading the system's hundred and forty certificates takes a cold start longer
//! than anything else in it. Behind a proxy that inspects TLS, `AWS_CA_BUNDLE` adds its root, as it
//! does for every SDK.
//!
//! It speaks HTTP/1.1, as DynamoDB, SQS and Secrets Manager do. The SDK's own client brings HTTP/2
//! along, half a megabyte that no call here ever uses.

use std::{error::Error, fs, iter::successors, str::FromStr, sync::Arc};

use ambient::Network;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, retry::ErrorKind};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::CONNECT_TIMEOUT;

/// The certificates that <https://www.amazontrust.com/repository/> publishes.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// Certificates to trust beside Amazon's. None by default. They are read from the path of a file in
/// PEM.
#[derive(Debug, Clone, Default)]
pub(super) struct CaBundle(Vec<CertificateDer<'static>>);

impl FromStr for CaBundle {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let pem = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
        match certificates(&pem) {
            Ok(found) if !found.is_empty() => Ok(Self(found)),
            _ => Err("expected a file of certificates in PEM".to_owned()),
        }
    }
}

/// A client with a connection pool of its own.
pub(super) fn client(bundle: CaBundle) -> SharedHttpClient {
    let mut tcp = connect::HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls(bundle))
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    let client =
        legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(https);
    SharedHttpClient::new(Client(client))
}

fn tls(bundle: CaBundle) -> ClientConfig {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("the provider has the protocols of its own crate")
        .with_root_certificates(trusted(bundle))
        .with_no_client_auth()
}

fn trusted(CaBundle(bundle): CaBundle) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let amazon = certificates(AMAZON_ROOTS).unwrap_or_default();
    roots.add_parsable_certificates(amazon.into_iter().chain(bundle));
    roots
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, rustls_pki_types::pem::Error> {
    CertificateDer::pem_slice_iter(pem).collect()
}

/// The client, in the SDK's terms.
#[derive(Debug, Clone)]
struct Client(legacy::Client<HttpsConnector<connect::HttpConnector>, SdkBody>);

impl HttpClient for Client {
    /// The time limits of an attempt and of an operation are the SDK's. Only that of the connection
    /// is the client's.
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Client {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        if let Some(network) = ambient::network() {
            return HttpConnectorFuture::new(simulated(network, request));
        }
        let response = self.0.request(request);
        HttpConnectorFuture::new(async {
            let response = response.await.map_err(failure)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Exchanges a request for an answer over the network of a simulation.
async fn simulated(
    network: Arc<dyn Network>,
    request: lambda_http::http::Request<SdkBody>,
) -> Result<HttpResponse, ConnectorError> {
    let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
    let response =
        network.exchange(request).await.map_err(|error| ConnectorError::io(error.into()))?;
    HttpResponse::try_from(response.map(SdkBody::from))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

/// The error as the SDK decides by it whether to try again.
fn failure(error: legacy::Error) -> ConnectorError {
    let of_http = find::<hyper::Error>(&error);
    let is = |test: fn(&hyper::Error) -> bool| of_http.is_some_and(test);
    let kind: fn(BoxError) -> ConnectorError = match () {
        () if is(hyper::Error::is_timeout) => ConnectorError::timeout,
        () if is(hyper::Error::is_user) => ConnectorError::user,
        () if error.is_connect()
            || is(hyper::Error::is_closed)
            || is(hyper::Error::is_canceled) =>
        {
            ConnectorError::io
        }
        () if find::<std::io::Error>(&error).is_some() => ConnectorError::io,
        () if is(hyper::Error::is_incomplete_message) => {
            |error| ConnectorError::other(error, Some(ErrorKind::TransientError))
        }
        () => |error| ConnectorError::other(error, None),
    };
    kind(error.into())
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let causes = |error: &&'a (dyn Error + 'static)| (*error).source();
    successors(Some(error), causes).find_map(|error| error.downcast_ref())
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
        assert_eq!(trusted(CaBundle::default()).len(), FINGERPRINTS.len());
    }

    #[test]
    fn a_bundle_that_holds_no_certificate_is_refused_at_start() {
        let folder = env!("CARGO_MANIFEST_DIR");
        let roots = format!("{folder}/src/aws/amazon_roots.pem");
        client(roots.parse().expect("certificates"));
        for path in [format!("{folder}/Cargo.toml"), format!("{folder}/nothing")] {
            assert!(path.parse::<CaBundle>().is_err(), "{path}");
        }
    }
}
