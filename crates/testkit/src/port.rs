//! Free ports on loopback, for servers that cannot bind port 0 and tell us what they got.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

/// A port that was free on loopback a moment ago. Prefer port 0 where the server can report what it bound.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A free port whose neighbour 10,000 above is free as well: `SeaweedFS` opens both.
pub fn free_port_pair() -> Result<u16> {
    for _ in 0..200 {
        let port = free_port()?;
        let neighbour = port.checked_add(10_000);
        if neighbour.is_some_and(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()) {
            return Ok(port);
        }
    }
    bail!("no pair of free ports was found")
}
