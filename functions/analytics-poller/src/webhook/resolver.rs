//! Resolves names to addresses that webhooks may be sent to. The connection is made to the address
//! that was checked, so that a second answer of the DNS cannot lead elsewhere.

use std::{net::SocketAddr, sync::Arc};

use futures::future::BoxFuture;
use outbound::{ForbiddenTarget, WebhookTargets};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// Function that resolves a name.
pub(super) type Lookup = fn(String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>>;

/// Resolves a name with the resolver of the system.
pub(super) fn system(name: String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(lookup_host((name, 0)).await?.collect()) })
}

/// Resolver that returns allowed addresses only.
#[derive(Clone)]
pub(super) struct Resolver {
    pub(super) targets: WebhookTargets,
    pub(super) lookup: Lookup,
}

impl Resolver {
    pub(super) fn shared(targets: WebhookTargets, lookup: Lookup) -> Arc<Self> {
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
                return Err(ForbiddenTarget::NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    async fn resolved(targets: WebhookTargets, name: &str) -> Option<Vec<IpAddr>> {
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
            assert_eq!(resolved(WebhookTargets::Public, name).await, None, "{name}");
        }
        let mixed = resolved(WebhookTargets::Public, "10-0-0-1_8-8-8-8_fd00--1.example").await;
        assert_eq!(mixed, Some(vec![IpAddr::from([8, 8, 8, 8])]));
        let local = resolved(WebhookTargets::PublicAndLocal, "127-0-0-1_10-0-0-1.localhost").await;
        assert_eq!(local, Some(vec![IpAddr::from([127, 0, 0, 1])]));
    }
}
