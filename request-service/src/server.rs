//! The HTTP server of sites, with its time-outs and caps.
//!
//! It is actix-web's app on actix's own server, one layer below `HttpServer`: that one makes its connections itself, and here
//! each has to pass the door and to keep to a minimum rate.

use crate::app::App;
use crate::visit::visit;
use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{ServiceFactoryExt as _, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::web;
use shipstack_http::Door;
use shipstack_service::Shutdown;
use std::future::ready;
use std::net::TcpListener;
use std::time::Duration;
use tokio::net::TcpStream;

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
pub(crate) fn sites(app: web::Data<App>, door: Door, listener: TcpListener) -> std::io::Result<Server> {
    let server = Server::build();
    let stopping = server.graceful_shutdown_signal();
    let service = move || {
        let (app, door, stopping) = (app.clone(), door.clone(), stopping.clone());
        let app = actix_web::App::new().app_data(app).default_service(web::to(visit));
        let http = HttpService::build()
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            .keep_alive(KEEP_ALIVE)
            // As `HttpServer` has it: connections between two requests end when the server stops.
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let admitted = door.admit(stream).map_err(DispatchError::Io);
            ready(admitted.map(|(connection, from)| (connection, Protocol::Http1, Some(from))))
        })
        .and_then(http)
    };
    let server = server
        .max_concurrent_connections(MAX_CONNECTIONS)
        .shutdown_timeout(DRAIN_SECONDS)
        .disable_signals()
        .listen("sites", listener, service)?;
    Ok(server.run())
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
