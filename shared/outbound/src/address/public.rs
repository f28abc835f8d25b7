//! Globally reachable IP addresses, by the registries of IANA: the
//! [IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry) and the
//! [IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry) special-purpose addresses, as
//! of July 2026. What the registries do not call globally reachable is not public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(address: [u8; 4], length: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(address: u128, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_bits(address << 64), length)
}

/// Unicast addresses that are not public.
const SPECIAL_V4: [Ipv4Net; 13] = [
    v4([0, 0, 0, 0], 8),       // this network
    v4([10, 0, 0, 0], 8),      // private
    v4([100, 64, 0, 0], 10),   // shared by customers of a carrier
    v4([127, 0, 0, 0], 8),     // loopback
    v4([169, 254, 0, 0], 16),  // link-local, and the metadata of clouds
    v4([172, 16, 0, 0], 12),   // private
    v4([192, 0, 0, 0], 24),    // protocol assignments
    v4([192, 0, 2, 0], 24),    // documentation
    v4([192, 88, 99, 0], 24),  // relays of 6to4, deprecated
    v4([192, 168, 0, 0], 16),  // private
    v4([198, 18, 0, 0], 15),   // benchmarks
    v4([198, 51, 100, 0], 24), // documentation
    v4([203, 0, 113, 0], 24),  // documentation
];
/// Multicast and reserved addresses.
const NOT_UNICAST_V4: Ipv4Net = v4([224, 0, 0, 0], 3);
/// Protocol assignments that are public.
const ANYCAST_V4: [Ipv4Net; 2] = [v4([192, 0, 0, 9], 32), v4([192, 0, 0, 10], 32)];

/// Global unicast addresses assigned so far.
const UNICAST_V6: Ipv6Net = v6(0x2000_0000_0000_0000, 3);
/// Unicast addresses that are not public.
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6(0x2001_0000_0000_0000, 23), // protocol assignments
    v6(0x2001_0db8_0000_0000, 32), // documentation
    v6(0x2002_0000_0000_0000, 16), // 6to4
    v6(0x3fff_0000_0000_0000, 20), // documentation
];
/// Protocol assignments that are public.
const ASSIGNED_V6: [Ipv6Net; 7] = [
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 1), 128),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 2), 128),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 3), 128),
    v6(0x2001_0003_0000_0000, 32),
    v6(0x2001_0004_0112_0000, 48),
    v6(0x2001_0020_0000_0000, 28),
    v6(0x2001_0030_0000_0000, 28),
];
/// An IPv4 address behind a translator.
const TRANSLATED: Ipv6Net = v6(0x0064_ff9b_0000_0000, 96);

/// Returns whether an address is globally reachable.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = SPECIAL_V4.iter().any(|net| net.contains(&address));
    let is_excepted = ANYCAST_V4.iter().any(|net| net.contains(&address));
    !NOT_UNICAST_V4.contains(&address) && (!is_special || is_excepted)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if TRANSLATED.contains(&address) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let is_special = SPECIAL_V6.iter().any(|net| net.contains(&address));
    let is_excepted = ASSIGNED_V6.iter().any(|net| net.contains(&address));
    UNICAST_V6.contains(&address) && (!is_special || is_excepted)
}

#[cfg(test)]
mod tests;
