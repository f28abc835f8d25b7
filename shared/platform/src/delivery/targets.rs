//! Where webhooks may go. An address is looked at as it is written, and again when its name is
//! resolved: the connection is made to what was looked at, so that no second answer of the DNS can
//! lead elsewhere.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use url::{Host, Url};

use super::public::is_public;

/// The name that containers know the machine by that they run on.
const MACHINE_OF_CONTAINER: &str = "host.docker.internal";

/// The first port that needs no privilege. Below it, only that of HTTPS is one of webhooks.
const FREE_PORTS: u16 = 1024;
const HTTPS: u16 = 443;

/// Where webhooks may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// To public addresses, over HTTPS.
    Public,
    /// To those, and to this machine over HTTP as well: for a sandbox.
    PublicAndLocal,
}

/// Why an address may get no webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Others could read along.
    #[error("must be an https address")]
    NotHttps,
    /// The request would carry them.
    #[error("must be without user name and password")]
    Credentials,
    /// It belongs to another service.
    #[error("must have the port 443, or one from 1024")]
    Port,
    /// It is one of this machine, of a private network, or of nobody.
    #[error("must be a public address")]
    NotPublic,
}

impl FromStr for Targets {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "public" => Ok(Self::Public),
            "local" => Ok(Self::PublicAndLocal),
            _ => Err("expected public or local"),
        }
    }
}

impl Targets {
    /// Whether webhooks may go to an address, as far as it tells that by itself. Where its name
    /// leads is looked at when it is resolved.
    pub fn check(self, url: &Url) -> Result<(), Forbidden> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::Credentials);
        }
        if self == Self::PublicAndLocal && url.scheme() == "http" && outbound::is_confidential(url)
        {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(Forbidden::NotHttps);
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            _ => None,
        };
        if address.is_some_and(|address| !self.allows("", address)) {
            return Err(Forbidden::NotPublic);
        }
        match url.port_or_known_default() {
            Some(HTTPS | FREE_PORTS..) => Ok(()),
            _ => Err(Forbidden::Port),
        }
    }

    /// Whether webhooks may go where this name leads.
    fn allows(self, name: &str, address: IpAddr) -> bool {
        let is_local = address.is_loopback() || name == MACHINE_OF_CONTAINER;
        is_public(address) || self == Self::PublicAndLocal && is_local
    }
}

/// Looks names up.
pub(super) type Lookup = fn(String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>>;

/// Asks the system, as everybody does.
pub(super) fn system(name: String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(lookup_host((name, 0)).await?.collect()) })
}

/// Resolves names to addresses that may get webhooks, and to no others.
#[derive(Clone)]
pub(super) struct Resolver {
    pub(super) targets: Targets,
    pub(super) lookup: Lookup,
}

impl Resolver {
    pub(super) fn shared(targets: Targets, lookup: Lookup) -> Arc<Self> {
        Arc::new(Self { targets, lookup })
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (targets, found) = (self.targets, (self.lookup)(name.as_str().to_owned()));
        Box::pin(async move {
            let mut found = found.await?;
            found.retain(|address| targets.allows(name.as_str(), address.ip()));
            if found.is_empty() {
                return Err(Forbidden::NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(targets: Targets, url: &str) -> Result<(), Forbidden> {
        targets.check(&url.parse().expect(url))
    }

    #[test]
    fn a_public_https_address_may_get_webhooks() {
        for url in [
            "https://hooks.example.com/completed?key=1",
            "https://hooks.example.com:8443/",
            "https://8.8.8.8/",
            "https://[2001:4860:4860::8888]/",
        ] {
            assert_eq!(checked(Targets::Public, url), Ok(()), "{url}");
        }
    }

    #[test]
    fn no_spelling_of_another_address_may() {
        use Forbidden::{Credentials, NotHttps, NotPublic, Port};
        for (url, why) in [
            ("http://hooks.example.com/", NotHttps),
            ("http://127.0.0.1:9001/2018-06-01/runtime/init/error", NotHttps),
            ("http://localhost:2773/secretsmanager/get", NotHttps),
            ("http://169.254.169.254/", NotHttps),
            ("ftp://hooks.example.com/", NotHttps),
            ("https://169.254.169.254/latest/meta-data/", NotPublic),
            ("https://[::ffff:169.254.169.254]/", NotPublic),
            ("https://[::ffff:127.0.0.1]/", NotPublic),
            ("https://[fd00:ec2::254]/", NotPublic),
            ("https://127.0.0.1/", NotPublic),
            ("https://0.0.0.0/", NotPublic),
            ("https://10.0.0.1/", NotPublic),
            ("https://2130706433/", NotPublic),
            ("https://0x7f.1/", NotPublic),
            ("https://0177.0.0.1/", NotPublic),
            ("https://user@example.com/", Credentials),
            ("https://:secret@example.com/", Credentials),
            ("https://example.com:22/", Port),
            ("https://example.com:80/", Port),
            ("https://example.com:0/", Port),
        ] {
            assert_eq!(checked(Targets::Public, url), Err(why), "{url}");
        }
    }

    #[test]
    fn a_sandbox_reaches_this_machine_and_nothing_else_that_is_private() {
        for url in ["http://127.0.0.1:9000/", "http://localhost/", "https://[::1]:9000/"] {
            assert_eq!(checked(Targets::PublicAndLocal, url), Ok(()), "{url}");
            assert!(checked(Targets::Public, url).is_err(), "{url}");
        }
        for url in ["http://10.0.0.1/", "https://10.0.0.1/", "http://hooks.example.com/"] {
            assert!(checked(Targets::PublicAndLocal, url).is_err(), "{url}");
        }
    }

    async fn resolved(targets: Targets, name: &str) -> Option<Vec<IpAddr>> {
        // What the DNS answers for a name is its first label, read as addresses.
        let lookup: Lookup = |name| {
            Box::pin(async move {
                let addresses = name.split('.').next().unwrap_or_default().split('_');
                let address =
                    |text: &str| text.replace('-', ".").parse().or(text.replace('-', ":").parse());
                let found = addresses.map(|text| {
                    Ok::<_, std::net::AddrParseError>(SocketAddr::new(address(text)?, 0))
                });
                Ok(found.collect::<Result<_, _>>().expect("addresses"))
            })
        };
        let resolver = Resolver { targets, lookup };
        let found = resolver.resolve(name.parse().expect("a name")).await.ok()?;
        Some(found.map(|address| address.ip()).collect())
    }

    #[tokio::test]
    async fn a_name_leads_to_public_addresses_only() {
        for name in ["127-0-0-1.nip.io", "169-254-169-254.metadata", "--1.local", "10-0-0-1.corp"] {
            assert_eq!(resolved(Targets::Public, name).await, None, "{name}");
        }
        let mixed = resolved(Targets::Public, "10-0-0-1_8-8-8-8_fd00--1.example").await;
        assert_eq!(mixed, Some(vec![IpAddr::from([8, 8, 8, 8])]));
        let local = resolved(Targets::PublicAndLocal, "127-0-0-1_10-0-0-1.localhost").await;
        assert_eq!(local, Some(vec![IpAddr::from([127, 0, 0, 1])]));
    }
}
