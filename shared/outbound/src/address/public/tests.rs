//! The rules against the rows of the registries themselves.

use ipnet::IpNet;
use proptest::prelude::*;

use super::*;

/// The address blocks of both registries, as of 2026-07-18, with what their column "Globally
/// Reachable" says. It is empty or N/A where that depends.
const REGISTRY: [(&str, &str); 51] = [
    ("0.0.0.0/8", "False"),
    ("0.0.0.0/32", "False"),
    ("10.0.0.0/8", "False"),
    ("100.64.0.0/10", "False"),
    ("127.0.0.0/8", "False"),
    ("169.254.0.0/16", "False"),
    ("172.16.0.0/12", "False"),
    ("192.0.0.0/24", "False"),
    ("192.0.0.0/29", "False"),
    ("192.0.0.8/32", "False"),
    ("192.0.0.9/32", "True"),
    ("192.0.0.10/32", "True"),
    ("192.0.0.170/32", "False"),
    ("192.0.0.171/32", "False"),
    ("192.0.2.0/24", "False"),
    ("192.31.196.0/24", "True"),
    ("192.52.193.0/24", "True"),
    ("192.88.99.0/24", ""),
    ("192.88.99.2/32", "False"),
    ("192.168.0.0/16", "False"),
    ("192.175.48.0/24", "True"),
    ("198.18.0.0/15", "False"),
    ("198.51.100.0/24", "False"),
    ("203.0.113.0/24", "False"),
    ("240.0.0.0/4", "False"),
    ("255.255.255.255/32", "False"),
    ("::1/128", "False"),
    ("::/128", "False"),
    ("::ffff:0:0/96", "False"),
    ("64:ff9b::/96", "True"),
    ("64:ff9b:1::/48", "False"),
    ("100::/64", "False"),
    ("100:0:0:1::/64", "False"),
    ("2001::/23", "False"),
    ("2001::/32", "N/A"),
    ("2001:1::1/128", "True"),
    ("2001:1::2/128", "True"),
    ("2001:1::3/128", "True"),
    ("2001:2::/48", "False"),
    ("2001:3::/32", "True"),
    ("2001:4:112::/48", "True"),
    ("2001:10::/28", ""),
    ("2001:20::/28", "True"),
    ("2001:30::/28", "True"),
    ("2001:db8::/32", "False"),
    ("2002::/16", "N/A"),
    ("2620:4f:8000::/48", "True"),
    ("3fff::/20", "False"),
    ("5f00::/16", "False"),
    ("fc00::/7", "False"),
    ("fe80::/10", "False"),
];

/// Verdict of the most specific row, else of the block (RFC 5771 for IPv4; RFC 4291, section 2.4,
/// and the IPv6 address space for IPv6).
fn by_the_registry(address: IpAddr) -> bool {
    let row = REGISTRY
        .iter()
        .map(|(block, reachable)| (block.parse::<IpNet>().expect(block), *reachable))
        .filter(|(block, _)| block.contains(&address))
        .max_by_key(|(block, _)| block.prefix_len());
    match (row, address) {
        (Some((block, "True")), IpAddr::V6(address)) if block.prefix_len() == 96 => {
            let [.., a, b, c, d] = address.octets();
            by_the_registry(IpAddr::from([a, b, c, d]))
        }
        (Some((_, reachable)), _) => reachable == "True",
        (None, IpAddr::V4(address)) => !address.is_multicast(),
        (None, IpAddr::V6(address)) => address.octets()[0] >> 5 == 0b001,
    }
}

fn assert_as_registered(address: IpAddr) {
    assert_eq!(is_public(address), by_the_registry(address), "{address}");
}

#[test]
fn the_ends_of_every_block_and_their_neighbors_are_as_registered() {
    for (block, _) in REGISTRY {
        let block: IpNet = block.parse().expect(block);
        let ends = [block.network(), block.broadcast()];
        for end in ends {
            assert_as_registered(end);
            let [before, after] = match end {
                IpAddr::V4(end) => [-1, 1].map(|step| {
                    IpAddr::from(Ipv4Addr::from_bits(end.to_bits().wrapping_add_signed(step)))
                }),
                IpAddr::V6(end) => [-1, 1].map(|step| {
                    IpAddr::from(Ipv6Addr::from_bits(end.to_bits().wrapping_add_signed(step)))
                }),
            };
            assert_as_registered(before);
            assert_as_registered(after);
        }
    }
}

#[test]
fn what_an_attacker_would_like_to_reach_is_not_public() {
    for address in [
        "169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "192.0.0.192",
        "127.0.0.1",
        "0.0.0.0",
        "::",
        "::1",
        "::ffff:169.254.169.254",
        "::ffff:8.8.8.8",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "2002:a9fe:a9fe::1",
        "fe80::1",
        "ff02::1",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        assert!(!is_public(address.parse().expect(address)), "{address}");
    }
    for address in ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::8.8.8.8", "2606:4700::1111"] {
        assert!(is_public(address.parse().expect(address)), "{address}");
    }
}

proptest! {
    #[test]
    fn every_address_is_as_registered(v4: u32, v6: u128, row in 0..REGISTRY.len(), host: u128) {
        assert_as_registered(Ipv4Addr::from_bits(v4).into());
        assert_as_registered(Ipv6Addr::from_bits(v6).into());
        // Most random addresses are in no block.
        let within = match REGISTRY[row].0.parse::<IpNet>().expect("a block") {
            IpNet::V4(block) => {
                let host = u32::try_from(host & u128::from(u32::MAX)).expect("it fits");
                let address = block.network().to_bits() | host & block.hostmask().to_bits();
                IpAddr::from(Ipv4Addr::from_bits(address))
            }
            IpNet::V6(block) => {
                let address = block.network().to_bits() | host & block.hostmask().to_bits();
                IpAddr::from(Ipv6Addr::from_bits(address))
            }
        };
        assert_as_registered(within);
    }
}
