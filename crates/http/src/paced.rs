//! A connection whose reader has to take what it is sent.
//!
//! The kernel's own timer ([`crate::give_up_on_stalled_readers`]) starts anew with every byte that is taken, so a reader of
//! one byte a second would hold a connection for ever. Here it has to keep to a minimum rate, or writing to it fails and the
//! server drops the connection with all that feeds it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use shipstack_service::metrics::Metric;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

use crate::client_places::Place;
use crate::pace::{MinimumRate, Pace};

/// What the kernel takes beyond what is on its way. Its own buffers grow to megabytes, of which a third has to go before it
/// asks for more: a reader of 20 KiB a second would seem to stand still for a minute. With this it asks after 16 KiB, which
/// is less than the minimum of a window.
const UNSENT: u32 = 32 * 1024;

/// A visitor's connection.
#[derive(Debug)]
pub struct Paced {
    stream: TcpStream,
    pace: Pace,
    /// Set by the first wait; most connections never have one.
    timer: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl Paced {
    /// Demands `rate` of the reader of `stream`, and gives the place back with the connection.
    pub(crate) fn new(stream: TcpStream, rate: MinimumRate, place: Place) -> Self {
        // Where the kernel has no such thing, readers are judged in larger gulps.
        let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT);
        Self { stream, pace: Pace::new(rate), timer: None, _place: place }
    }

    /// Bytes wait for the reader: ready when they did for too long.
    fn too_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let judged_at = self.pace.judged_at(Instant::now()).into();
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(judged_at)));
            if timer.deadline() != judged_at {
                timer.as_mut().reset(judged_at);
            }
            ready!(timer.as_mut().poll(cx));
            if self.pace.was_too_slow(Instant::now()) {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncWrite for Paced {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        match &written {
            Poll::Ready(Ok(count)) => self.pace.took(*count, Instant::now),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                ready!(self.too_slow(cx));
                Metric::SitesDropped.add(1, &["slow"]);
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}
