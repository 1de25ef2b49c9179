//! Carries bytes both ways and counts them as they pass.

use crate::book::{Counters, Way};
use shipstack_types::EgressRefusal;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// What one read takes; two of these per connection.
const CHUNK_BYTES: usize = 16 * 1024;

/// Why carrying ended early.
enum Cut {
    /// A side failed, or neither moved.
    Broken,
    /// The build has used up what it may carry.
    Cap(EgressRefusal),
}

/// Copies until both sides have ended, one side has failed, or neither has moved for `idle`. Answers the cap that ended
/// it, if one did.
pub(crate) async fn carry(
    build: &mut TcpStream,
    mut upstream: TcpStream,
    counters: &Counters,
    idle: Duration,
) -> Option<EgressRefusal> {
    let (from_build, to_build) = build.split();
    let (from_upstream, to_upstream) = upstream.split();
    let last = AtomicU64::new(0);
    let clock = Moved { start: Instant::now(), last: &last, idle };
    let up = copy((from_build, to_upstream), (counters, Way::Up), &clock);
    let down = copy((from_upstream, to_build), (counters, Way::Down), &clock);
    // An error of one direction ends both: half a broken connection is of no use to anyone.
    match tokio::try_join!(up, down) {
        Err(Cut::Cap(cap)) => Some(cap),
        _ => None,
    }
}

/// When a byte last moved in either direction: a long download is silent in the other one.
struct Moved<'a> {
    start: Instant,
    last: &'a AtomicU64,
    idle: Duration,
}

impl Moved<'_> {
    fn now(&self) {
        let elapsed = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
    }

    fn deadline(&self) -> Instant {
        self.start + Duration::from_millis(self.last.load(Ordering::Relaxed)) + self.idle
    }
}

async fn copy<R, W>(
    (mut from, mut to): (R, W),
    (counters, way): (&Counters, Way),
    moved: &Moved<'_>,
) -> Result<(), Cut>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let count = read_before_idle(&mut from, &mut buffer, moved).await.map_err(broken)?;
        let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else {
            return to.shutdown().await.map_err(broken);
        };
        counters.spend(way, u64::try_from(count).unwrap_or(u64::MAX)).map_err(Cut::Cap)?;
        to.write_all(chunk).await.map_err(broken)?;
        moved.now();
    }
}

fn broken(_: io::Error) -> Cut {
    Cut::Broken
}

async fn read_before_idle<R: AsyncRead + Unpin>(
    from: &mut R,
    buffer: &mut [u8],
    moved: &Moved<'_>,
) -> io::Result<usize> {
    loop {
        let deadline = moved.deadline();
        match timeout_at(deadline, from.read(buffer)).await {
            Ok(result) => return result,
            Err(_) if moved.deadline() > deadline => {}
            Err(_) => return Err(io::ErrorKind::TimedOut.into()),
        }
    }
}
