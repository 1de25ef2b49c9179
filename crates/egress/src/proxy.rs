//! One connection from accept to end: head, rules, resolution, rules again, connection, bytes.

use crate::book::{Book, Counters, Way};
use crate::head::{Request, parse_head, read_head};
use crate::ledger::Ledger;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::resolve::Resolve;
use crate::tunnel::carry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// How long each step may take.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From accept to the end of the head.
    pub head: Duration,
    /// Resolving a name.
    pub resolve: Duration,
    /// Connecting to one address.
    pub connect: Duration,
    /// Without a byte in either direction.
    pub idle: Duration,
}

impl Default for Timing {
    /// Heads and names come within seconds or not at all; a registry may think for a minute over a cold tarball.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { head: seconds(10), resolve: seconds(10), connect: seconds(10), idle: seconds(120) }
    }
}

/// The proxy: rules, names, accounts.
#[derive(Debug)]
pub struct Proxy<R> {
    policy: Policy,
    resolver: R,
    ledger: Arc<Ledger>,
    timing: Timing,
}

impl<R: Resolve> Proxy<R> {
    /// A proxy that serves the addresses which `ledger` has open.
    pub fn new(policy: Policy, resolver: R, ledger: Arc<Ledger>, timing: Timing) -> Self {
        Self { policy, resolver, ledger, timing }
    }

    /// Accepts for ever. A failed accept (no descriptors left) is waited out, for the next one may succeed.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((build, _)) => {
                    tokio::spawn(Arc::clone(&self).connection(build));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn connection(self: Arc<Self>, build: TcpStream) {
        // Someone on the uplink network, or a build that is over: not even an answer.
        let Some(book) =
            build.local_addr().ok().and_then(|address| self.ledger.book(address.ip().to_canonical()))
        else {
            return;
        };
        // Taken before the standing is looked at, so that no change falls between.
        let mut standing = book.standing();
        tokio::select! {
            () = self.answer(build, &book) => {}
            // The sender lives in the book, so waiting cannot fail while we hold it.
            _ = standing.changed() => {}
        }
    }

    async fn answer(&self, mut build: TcpStream, book: &Arc<Book>) {
        let _ = build.set_nodelay(true);
        if let Err(refusal) = self.attempt(&mut build, book).await {
            let _ = build.write_all(refusal.answer().as_bytes()).await;
            let _ = build.shutdown().await;
        }
    }

    async fn attempt(&self, build: &mut TcpStream, book: &Arc<Book>) -> Result<(), Refusal> {
        let _place = book.admit()?;
        let (head, early) = read_head(build, self.timing.head).await?;
        let request = parse_head(&head)?;
        let carried = self.carry(build, book, (&request, &early)).await;
        carried.inspect_err(|refusal| {
            if let Refusal::Forbidden(rule) = refusal {
                book.refuse((&request.host, request.port), *rule);
            }
        })
    }

    async fn carry(
        &self,
        build: &mut TcpStream,
        book: &Arc<Book>,
        (request, early): (&Request, &[u8]),
    ) -> Result<(), Refusal> {
        book.check((&request.host, request.port))?;
        let upstream = self.open_upstream(request).await?;
        let counters = book.counters(&request.host, request.port);
        counters.connections.fetch_add(1, Ordering::Relaxed);
        let upstream = begin(build, upstream, (request, early), &counters).await?;
        if let Some(cap) = carry(build, upstream, &counters, self.timing.idle).await {
            // In the middle of a body there is nobody to answer; the log of the build says it.
            book.refuse((&request.host, request.port), cap);
        }
        Ok(())
    }

    async fn open_upstream(&self, request: &Request) -> Result<TcpStream, Refusal> {
        self.policy.check_target(&request.host, request.port)?;
        match self.try_upstream(request).await {
            // A lost packet looks like a host that is away, and one of the hundreds of connections of an install fails it all.
            Err(Refusal::NotFound | Refusal::Unreachable) => self.try_upstream(request).await,
            tried => tried,
        }
    }

    /// Resolves, checks what was resolved, and connects to nothing else.
    async fn try_upstream(&self, request: &Request) -> Result<TcpStream, Refusal> {
        let found = timeout(self.timing.resolve, self.resolver.resolve(&request.host)).await;
        let addresses = found.ok().and_then(Result::ok).unwrap_or_default();
        let pinned = self.policy.check_addresses((&request.host, request.port), addresses)?;
        for address in pinned {
            if let Some(upstream) = self.connect(address).await {
                return Ok(upstream);
            }
        }
        Err(Refusal::Unreachable)
    }

    async fn connect(&self, address: SocketAddr) -> Option<TcpStream> {
        let upstream = timeout(self.timing.connect, TcpStream::connect(address)).await.ok()?.ok()?;
        let _ = upstream.set_nodelay(true);
        Some(upstream)
    }
}

/// Says that the tunnel stands, or sends the rewritten head; then what had already come.
async fn begin(
    build: &mut TcpStream,
    mut upstream: TcpStream,
    (request, early): (&Request, &[u8]),
    counters: &Counters,
) -> Result<TcpStream, Refusal> {
    let head = request.forward.as_deref().unwrap_or_default();
    counters.spend(Way::Up, u64::try_from(head.len() + early.len()).unwrap_or(u64::MAX))?;
    let unreachable = |_| Refusal::Unreachable;
    if request.forward.is_none() {
        build.write_all(b"HTTP/1.1 200 Connection Established\r\n\r\n").await.map_err(unreachable)?;
    }
    upstream.write_all(head.as_bytes()).await.map_err(unreachable)?;
    upstream.write_all(early).await.map_err(unreachable)?;
    Ok(upstream)
}
