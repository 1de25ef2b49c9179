//! Which addresses untrusted code and untrusted URLs may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is a global unicast one. Everything else (private, loopback, link-local with the metadata
/// services, shared, documentation, benchmarking, multicast, reserved, and IPv6 forms that carry such an IPv4
/// address) is refused for git and for egress alike. Source: the IANA special-purpose registries.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0                                     // "this network"; 0.0.0.0 reaches loopback on Linux
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || (a == 100 && (64..128).contains(&b))              // 100.64.0.0/10, shared
        || (a == 192 && b == 0 && c == 0)                    // 192.0.0.0/24, protocol assignments
        || (a == 192 && b == 88 && c == 99)                  // 6to4 relay anycast
        || (a == 198 && (b == 18 || b == 19))                // benchmarking
        || address.is_documentation()
        || a >= 224; // multicast, reserved, broadcast
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if let Some(v4) = embedded_v4(segments) {
        return is_public_v4(v4);
    }
    let [first, second, ..] = segments;
    // 2000::/3 is all the global unicast space there is; inside it 2001::/23 (protocols, Teredo) and the
    // documentation blocks are not.
    let global = (first & 0xe000) == 0x2000;
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first == 0x3fff;
    global && !special
}

/// The IPv4 address inside a mapped, compatible, NAT64 (RFC 6052) or 6to4 (RFC 3056) address.
fn embedded_v4(segments: [u16; 8]) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(from(high, low))
        }
        [0x64, 0xff9b, 1, ..] => Some(Ipv4Addr::UNSPECIFIED), // local-use NAT64: never public
        [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_global_unicast_addresses_are_public() {
        for text in [
            "0.0.0.0",
            "10.0.0.5",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "::7f00:1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "100.128.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}
