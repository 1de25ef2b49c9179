//! Names to addresses.

use std::future::Future;
use std::io;
use std::net::IpAddr;

/// Looks a host up. Asked once for each try of a connection; its answer is checked and then connected to, so that a second answer
/// (DNS rebinding) has nowhere to come in.
pub trait Resolve: Send + Sync + 'static {
    /// All addresses of a host; an empty list when it has none.
    fn resolve(&self, host: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send;
}

/// The system's resolver. It also reads the odd spellings of IPv4 (`0x7f.1`, `2130706433`), which is why addresses
/// are judged after it and texts never are.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
