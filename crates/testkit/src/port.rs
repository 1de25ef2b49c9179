//! Free ports on loopback, for servers that cannot bind port 0 and tell us what they got.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context as _, Result, bail};

/// Where ports are looked for: with their neighbours 10,000 above still below those that Linux gives to connections
/// that go out, of which one would be taken between our look and the server's start once in a while.
const FROM: u16 = 12_000;
const MANY: u64 = 10_000;
const LOOKS: u32 = 200;

/// A port that was free on loopback a moment ago. Prefer port 0 where the server can report what it bound.
pub fn free_port() -> Result<u16> {
    let mut looked_at = (0..LOOKS).map(|_| some_port());
    looked_at.find(|port| is_free(*port)).context("no free port was found")
}

/// The randomness is that of the standard library's hash seeds.
fn some_port() -> u16 {
    u16::try_from(RandomState::new().hash_one(0) % MANY).map_or(FROM, |above| FROM + above)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A free port whose neighbour 10,000 above is free as well: `SeaweedFS` opens both.
pub fn free_port_pair() -> Result<u16> {
    for _ in 0..LOOKS {
        let port = free_port()?;
        if port.checked_add(10_000).is_some_and(is_free) {
            return Ok(port);
        }
    }
    bail!("no pair of free ports was found")
}
