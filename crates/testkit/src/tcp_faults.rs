//! A TCP proxy that loses replies, cuts, delays and stalls: the lost reply is the fault that finds bugs.
//!
//! A *lost reply* is one that the server gave and the client never saw: its bytes are swallowed and that
//! connection is cut, so the command happened and the client cannot know. Every fault is set from the test and
//! takes effect at once, on open connections as well.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;

/// A server that stands still lets nobody in, and does not say so.
const CONNECT: Duration = Duration::from_secs(5);

/// Where a proxied server listens.
#[derive(Debug, Clone)]
pub enum Upstream {
    /// A TCP address.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl Upstream {
    /// Opens a connection.
    pub fn connect(&self) -> Result<Stream> {
        Ok(match self {
            Self::Tcp(address) => Stream::Tcp(TcpStream::connect_timeout(address, CONNECT)?),
            Self::Unix(path) => Stream::Unix(UnixStream::connect(path)?),
        })
    }
}

/// A connection of either kind.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a Unix socket.
    Unix(UnixStream),
}

impl Stream {
    /// Limits how long a read may take.
    pub fn set_read_timeout(&self, timeout: Option<Duration>) -> std::io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(timeout),
            Self::Unix(stream) => stream.set_read_timeout(timeout),
        }
    }

    fn try_clone(&self) -> std::io::Result<Self> {
        Ok(match self {
            Self::Tcp(stream) => Self::Tcp(stream.try_clone()?),
            Self::Unix(stream) => Self::Unix(stream.try_clone()?),
        })
    }

    fn close(&self) {
        // Closing what the other side has closed already is what we want anyway.
        let _closed = match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
        };
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Faults {
    closed: AtomicBool,
    refusing: AtomicBool,
    stalled: AtomicBool,
    delay_ms: AtomicU64,
    doomed_replies: AtomicU64,
    lost_per_mille: AtomicU64,
    random: AtomicU64,
    lost: AtomicU64,
    connections: AtomicU64,
    open: Mutex<HashMap<u64, [Stream; 2]>>,
}

impl Faults {
    /// Whether the reply at hand is to be lost. Counted, and repeatable by the seed.
    fn loses_this_reply(&self) -> bool {
        let doomed = self.doomed_replies.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
        let lost = doomed || self.next_random() % 1_000 < self.lost_per_mille.load(SeqCst);
        self.lost.fetch_add(u64::from(lost), SeqCst);
        lost
    }

    /// Xorshift: plenty for choosing victims, and the same everywhere for one seed.
    fn next_random(&self) -> u64 {
        let step = |seed: u64| {
            let seed = seed ^ (seed << 13);
            let seed = seed ^ (seed >> 7);
            seed ^ (seed << 17)
        };
        self.random.fetch_update(SeqCst, SeqCst, |seed| Some(step(seed))).unwrap_or_default()
    }

    fn wait_while_stalled(&self) {
        while self.stalled.load(SeqCst) && !self.closed.load(SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, [Stream; 2]>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut(&self) {
        self.open().drain().flat_map(|(_, both)| both).for_each(|stream| stream.close());
    }

    /// Both ends of a connection are closed and forgotten: a proxy for hours has no descriptors to lose.
    fn end(&self, connection: u64) {
        self.open().remove(&connection).into_iter().flatten().for_each(|stream| stream.close());
    }
}

/// The proxy; every connection through it ends when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    faults: Arc<Faults>,
}

impl FaultProxy {
    /// Starts a proxy on a free port before `upstream`. It passes everything on until told otherwise.
    pub fn start(upstream: Upstream) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let faults = Arc::new(Faults::default());
        let shared = Arc::clone(&faults);
        std::thread::spawn(move || accept(&listener, &upstream, &shared));
        Ok(Self { address, faults })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What `REDIS_URL` is set to, to go through it.
    pub fn redis_url(&self) -> String {
        format!("redis://{}/", self.address)
    }

    /// Cuts every open connection; new ones are possible.
    pub fn cut(&self) {
        self.faults.cut();
    }

    /// Cuts every open connection and refuses new ones until [`allow`](Self::allow).
    pub fn refuse(&self) {
        self.faults.refusing.store(true, SeqCst);
        self.cut();
    }

    /// Takes connections again.
    pub fn allow(&self) {
        self.faults.refusing.store(false, SeqCst);
    }

    /// Holds every byte in both directions until [`flow`](Self::flow): a network that went silent.
    pub fn stall(&self) {
        self.faults.stalled.store(true, SeqCst);
    }

    /// Lets bytes pass again.
    pub fn flow(&self) {
        self.faults.stalled.store(false, SeqCst);
    }

    /// Delays every reply from now on.
    pub fn delay(&self, by: Duration) {
        self.faults.delay_ms.store(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), SeqCst);
    }

    /// Loses exactly the next `count` replies.
    pub fn lose_replies(&self, count: u64) {
        self.faults.doomed_replies.store(count, SeqCst);
    }

    /// Loses `per_mille` of all replies, chosen by `seed`. Zero stops it.
    pub fn lose_replies_at_random(&self, per_mille: u64, seed: u64) {
        // Zero would be a fixed point of the generator.
        self.faults.random.store(seed.max(1), SeqCst);
        self.faults.lost_per_mille.store(per_mille, SeqCst);
    }

    /// How many connections are open through it.
    pub fn connections(&self) -> usize {
        self.faults.open().len()
    }

    /// How many replies have been lost so far.
    pub fn lost_replies(&self) -> u64 {
        self.faults.lost.load(SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.faults.closed.store(true, SeqCst);
        self.faults.cut();
        // Wakes the accepting thread, which then sees that it is over.
        let _wake = TcpStream::connect(self.address);
    }
}

fn accept(listener: &TcpListener, upstream: &Upstream, faults: &Arc<Faults>) {
    for client in listener.incoming() {
        if faults.closed.load(SeqCst) {
            return;
        }
        if let (Ok(client), false) = (client, faults.refusing.load(SeqCst)) {
            // A server that is away shows as a connection that closes, as through any proxy.
            let _away = join(client, upstream, faults);
        }
    }
}

fn join(client: TcpStream, upstream: &Upstream, faults: &Arc<Faults>) -> Result<()> {
    client.set_nodelay(true)?;
    let server = upstream.connect()?;
    let client = Stream::Tcp(client);
    let (client_writer, server_writer) = (client.try_clone()?, server.try_clone()?);
    let connection = faults.connections.fetch_add(1, SeqCst);
    faults.open().insert(connection, [client.try_clone()?, server.try_clone()?]);
    let (requests, replies) = (Arc::clone(faults), Arc::clone(faults));
    std::thread::spawn(move || {
        pass(client, server_writer, || pass_request(&requests));
        requests.end(connection);
    });
    std::thread::spawn(move || {
        pass(server, client_writer, || pass_reply(&replies));
        replies.end(connection);
    });
    Ok(())
}

/// Copies until the end, an error, or until `allowed` says that this chunk cuts the connection.
fn pass(mut from: Stream, mut to: Stream, mut allowed: impl FnMut() -> bool) {
    let mut chunk = vec![0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        let bytes = chunk.get(..read).unwrap_or_default();
        if !allowed() || to.write_all(bytes).is_err() {
            break;
        }
    }
}

fn pass_request(faults: &Faults) -> bool {
    faults.wait_while_stalled();
    true
}

fn pass_reply(faults: &Faults) -> bool {
    faults.wait_while_stalled();
    std::thread::sleep(Duration::from_millis(faults.delay_ms.load(SeqCst)));
    !faults.loses_this_reply()
}
