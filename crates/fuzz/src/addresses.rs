//! What a name resolves to: whoever decides, nothing but public addresses is ever called public.
//!
//! Judged by a table of its own, IANA's special-purpose registries as blocks, where the product asks for properties.

use shipstack_egress::{Policy, Refusal};
use shipstack_source::HostCheck;
use shipstack_types::{EgressRefusal, GitUrl, HostAllowList, is_public};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Blocks of IPv4 that are not anybody's on the internet (RFC 6890 and its registry; multicast and class E).
const SPECIAL_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// Blocks of IPv6 within `2000::/3` that are not anybody's on the internet.
const SPECIAL_V6: [(&str, u32); 3] = [("2001::", 23), ("2001:db8::", 32), ("3fff::", 20)];

/// Addresses: a byte that tells the family, then 4 or 16 more.
pub(crate) fn check(data: &[u8]) {
    let addresses = addresses(data);
    for address in &addresses {
        assert!(!is_public(*address) || !is_special(*address), "{address} is not public");
        if address.is_ipv4() {
            assert!(is_public(*address) || is_special(*address), "{address} is anybody's");
        }
    }
    let all_public = !addresses.is_empty() && !addresses.iter().copied().any(is_special);
    for_a_fetch(&addresses, all_public);
    for_a_build(&addresses, all_public);
}

fn addresses(mut data: &[u8]) -> Vec<IpAddr> {
    let mut found = Vec::new();
    while let Some((family, rest)) = data.split_first() {
        let width = if family % 2 == 0 { 4 } else { 16 };
        let Some((bytes, after)) = rest.split_at_checked(width) else { break };
        let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
        found.push(v4.unwrap_or_else(|_| <[u8; 16]>::try_from(bytes).unwrap().into()));
        data = after;
    }
    found
}

fn for_a_fetch(addresses: &[IpAddr], all_public: bool) {
    let nobody = HostAllowList::default();
    let url = GitUrl::parse("https://git.example/a", &nobody).unwrap();
    match HostCheck::of(&url, addresses.to_vec(), &nobody) {
        HostCheck::Public(found) => assert!(all_public && found == addresses, "{addresses:?}"),
        HostCheck::NotFound => assert!(addresses.is_empty()),
        _ => {}
    }
    let other: HostAllowList = "other.example".parse().unwrap();
    assert_eq!(
        HostCheck::of(&url, addresses.to_vec(), &other),
        HostCheck::of(&url, addresses.to_vec(), &nobody),
        "an exemption is for the host that it names"
    );
}

fn for_a_build(addresses: &[IpAddr], all_public: bool) {
    let verdict = Policy::default().check_addresses(("a.example", 443), addresses.to_vec());
    match verdict {
        Ok(found) => {
            assert!(all_public, "{addresses:?}");
            assert!(found.iter().map(SocketAddr::ip).eq(addresses.iter().copied()));
            assert!(found.iter().all(|to| to.port() == 443));
        }
        Err(Refusal::NotFound) => assert!(addresses.is_empty()),
        Err(refusal) => assert_eq!(refusal, Refusal::Forbidden(EgressRefusal::AddressNotAllowed)),
    }
}

/// Whether the address lies in a block that is not anybody's on the internet, or wraps one that does.
pub(crate) fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_special_v4(address),
        IpAddr::V6(address) => is_special_v6(address),
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    let within = |(block, bits): &([u8; 4], u32)| {
        let differing = address.to_bits() ^ Ipv4Addr::from(*block).to_bits();
        differing.leading_zeros() >= *bits
    };
    SPECIAL_V4.iter().any(within)
}

fn is_special_v6(address: Ipv6Addr) -> bool {
    let within = |block: &str, bits: u32| {
        let block: Ipv6Addr = block.parse().unwrap();
        (address.to_bits() ^ block.to_bits()).leading_zeros() >= bits
    };
    let low = u32::try_from(address.to_bits() & u128::from(u32::MAX)).unwrap();
    let sixth = u32::try_from(address.to_bits() >> 80 & u128::from(u32::MAX)).unwrap();
    if within("::", 96) || within("::ffff:0:0", 96) || within("64:ff9b::", 96) {
        return is_special_v4(Ipv4Addr::from_bits(low));
    }
    if within("2002::", 16) {
        return is_special_v4(Ipv4Addr::from_bits(sixth));
    }
    !within("2000::", 3) || SPECIAL_V6.iter().any(|(block, bits)| within(block, *bits))
}
