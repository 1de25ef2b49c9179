//! The HTTP server of sites, with its time-outs and caps.

use crate::app::App;
use crate::visit::visit;
use actix_web::dev::Server;
use actix_web::{HttpServer, web};
use shipstack_http::give_up_on_stalled_readers;
use shipstack_service::Shutdown;
use std::net::TcpListener;
use std::time::Duration;

/// For the whole head of a request; who is slower is cut off (hostile.md row 228).
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// For a connection between requests.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// For a client to close after we did.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections of one worker thread; more wait in the listen queue.
const MAX_CONNECTIONS: usize = 10_000;
/// For downloads in flight at shutdown, in seconds.
pub(crate) const DRAIN_SECONDS: u64 = 10;

/// The server of sites.
pub(crate) fn sites(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let server =
        HttpServer::new(move || actix_web::App::new().app_data(app.clone()).default_service(web::to(visit)));
    let server = server
        .on_connect(give_up_on_stalled_readers)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .max_connections(MAX_CONNECTIONS)
        .shutdown_timeout(DRAIN_SECONDS)
        .disable_signals();
    Ok(server.listen(listener)?.run())
}

/// Runs a server until `shutdown`; downloads in flight may finish within the drain, unless it gets urgent.
pub(crate) async fn run(server: Server, shutdown: Shutdown) -> std::io::Result<()> {
    let handle = server.handle();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return ended,
        () = shutdown.soft().cancelled_owned() => {}
    }
    let stop = async {
        tokio::select! {
            () = handle.stop(true) => {}
            () = shutdown.hard().cancelled_owned() => handle.stop(false).await,
        }
    };
    tokio::join!(server, stop).0
}
