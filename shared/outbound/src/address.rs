//! URLs that requests may be sent to.

mod public;
mod targets;

use url::{Host, Url};

pub use targets::{ForbiddenTarget, WebhookTargets};

/// Returns whether requests to an address stay confidential: HTTPS, or plain HTTP to this machine,
/// also from a container on it.
pub fn is_confidential(url: &Url) -> bool {
    let is_this_machine = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => matches!(name, "localhost" | "host.docker.internal"),
        None => false,
    };
    url.scheme() == "https" || url.scheme() == "http" && is_this_machine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_this_machine() {
        for (address, expected) in [
            ("https://example.com/", true),
            ("http://127.0.0.1:9000/", true),
            ("http://[::1]/", true),
            ("http://localhost/", true),
            ("http://host.docker.internal/", true),
            ("http://example.com/", false),
            ("http://localhost.example.com/", false),
            ("http://10.0.0.1/", false),
            ("ftp://localhost/", false),
            ("data:text/plain,", false),
        ] {
            assert_eq!(is_confidential(&address.parse().expect(address)), expected, "{address}");
        }
    }
}
