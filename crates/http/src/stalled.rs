//! Readers that take nothing.

use std::any::Any;
use std::time::Duration;

use actix_web::dev::Extensions;
use rustix::net::sockopt;
use tokio::net::TcpStream;

/// How long the kernel tries to hand over bytes that nobody takes, in milliseconds.
const STALLED_READER: u32 = 30_000;

/// How long nothing may come from a reader before the kernel asks whether it is there.
const ASK_AFTER: Duration = Duration::from_mins(1);

/// For `HttpServer::on_connect`: a reader that takes nothing at all for half a minute is dropped by the kernel.
pub fn give_up_on_stalled_readers(connection: &dyn Any, _: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        give_up_when_stalled(stream);
    }
}

/// A reader that takes nothing at all holds a connection, a place and whatever feeds its answer; the kernel's own timer ends
/// it. A slow reader is not one: every byte that is taken starts the timer anew ([`crate::Paced`] is for those).
pub(crate) fn give_up_when_stalled(stream: &TcpStream) {
    // Where the kernel has no such timers, the caps on connections and streams still hold.
    let _ = sockopt::set_tcp_user_timeout(stream, STALLED_READER);
    // Nothing is on its way to the reader of a quiet stream; asked after it, one that vanished does not answer.
    let _ = sockopt::set_socket_keepalive(stream, true);
    let _ = sockopt::set_tcp_keepidle(stream, ASK_AFTER);
}
