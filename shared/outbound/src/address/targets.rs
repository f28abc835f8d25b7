//! Addresses that completion webhooks may be sent to.

use std::{net::IpAddr, str::FromStr};

use url::{Host, Url};

use super::{is_confidential, public::is_public};

/// Name of the host machine inside a container.
const MACHINE_OF_CONTAINER: &str = "host.docker.internal";

/// First port that needs no privilege. Lower ports belong to other services, except that of HTTPS.
const FREE_PORTS: u16 = 1024;
const HTTPS: u16 = 443;

/// Addresses that webhooks may be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookTargets {
    /// Public addresses, over HTTPS.
    Public,
    /// Public addresses over HTTPS, and this machine over HTTP: for a sandbox.
    PublicAndLocal,
}

/// Reason to refuse an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForbiddenTarget {
    /// The connection would not be encrypted.
    #[error("must be an https address")]
    NotHttps,
    /// The request would carry them.
    #[error("must be without user name and password")]
    Credentials,
    /// The port belongs to another service.
    #[error("must have the port 443, or one from 1024")]
    Port,
    /// The address is local, private or reserved.
    #[error("must be a public address")]
    NotPublic,
}

impl FromStr for WebhookTargets {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "public" => Ok(Self::Public),
            "local" => Ok(Self::PublicAndLocal),
            _ => Err("expected public or local"),
        }
    }
}

impl WebhookTargets {
    /// Checks an address as it is written. What its name resolves to must be checked with
    /// [`allows`](Self::allows).
    pub fn check(self, url: &Url) -> Result<(), ForbiddenTarget> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ForbiddenTarget::Credentials);
        }
        if self == Self::PublicAndLocal && url.scheme() == "http" && is_confidential(url) {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(ForbiddenTarget::NotHttps);
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            _ => None,
        };
        if address.is_some_and(|address| !self.allows("", address)) {
            return Err(ForbiddenTarget::NotPublic);
        }
        match url.port_or_known_default() {
            Some(HTTPS | FREE_PORTS..) => Ok(()),
            _ => Err(ForbiddenTarget::Port),
        }
    }

    /// Returns whether a connection may be made to an address that a name resolves to.
    pub fn allows(self, name: &str, address: IpAddr) -> bool {
        let is_local = address.is_loopback() || name == MACHINE_OF_CONTAINER;
        is_public(address) || self == Self::PublicAndLocal && is_local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_from_their_word() {
        assert_eq!("public".parse(), Ok(WebhookTargets::Public));
        assert_eq!("local".parse(), Ok(WebhookTargets::PublicAndLocal));
        assert!("anywhere".parse::<WebhookTargets>().is_err());
    }

    fn checked(targets: WebhookTargets, url: &str) -> Result<(), ForbiddenTarget> {
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
            assert_eq!(checked(WebhookTargets::Public, url), Ok(()), "{url}");
        }
    }

    #[test]
    fn no_spelling_of_another_address_may() {
        use ForbiddenTarget::{Credentials, NotHttps, NotPublic, Port};
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
            ("https://127.1/", NotPublic),
            ("https://127.0.0.1./", NotPublic),
            ("https://①②⑦.⓪.⓪.①/", NotPublic),
            ("https://１６９。２５４。１６９。２５４/latest", NotPublic),
            ("https://%31%36%39.254.169.254/", NotPublic),
            ("https:\\\\10.0.0.1\\", NotPublic),
            ("https://[::]/", NotPublic),
            ("https://[::127.0.0.1]/", NotPublic),
            ("https://[::ffff:0:127.0.0.1]/", NotPublic),
            ("https://[64:ff9b::a9fe:a9fe]/", NotPublic),
            ("https://[2002:7f00:1::]/", NotPublic),
            ("https://[fe80::1]/", NotPublic),
            ("https://example.com@10.0.0.1/", Credentials),
            ("https://10.0.0.1:443@example.com/", Credentials),
            ("https://user@example.com/", Credentials),
            ("https://:secret@example.com/", Credentials),
            ("https://example.com:22/", Port),
            ("https://example.com:80/", Port),
            ("https://example.com:0/", Port),
        ] {
            assert_eq!(checked(WebhookTargets::Public, url), Err(why), "{url}");
        }
    }

    #[test]
    fn a_sandbox_reaches_this_machine_and_nothing_else_that_is_private() {
        for url in ["http://127.0.0.1:9000/", "http://localhost/", "https://[::1]:9000/"] {
            assert_eq!(checked(WebhookTargets::PublicAndLocal, url), Ok(()), "{url}");
            assert!(checked(WebhookTargets::Public, url).is_err(), "{url}");
        }
        for url in ["http://10.0.0.1/", "https://10.0.0.1/", "http://hooks.example.com/"] {
            assert!(checked(WebhookTargets::PublicAndLocal, url).is_err(), "{url}");
        }
    }
}
