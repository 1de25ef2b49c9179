//! The HTTP server: layers, limits of connections, and its orderly end.

use crate::app::App;
use crate::dashboard;
use crate::routes::{CLASSIC, makes_a_deployment, routes};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{HttpServer, dev::Server};
use shipstack_http::{
    ApiGuard, Envelope, RateLimits, cors, envelope, give_up_on_stalled_readers, guard, head_as_get,
    rate_limit,
};
use shipstack_settings::ApiSettings;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// From connecting to the last header line.
const HEADERS: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long requests in hand may finish once the service stops: uploads are repeated, answers are short.
const FINISH_SECONDS: u64 = 10;

/// A server on this listener.
pub(crate) fn serve(listener: TcpListener, settings: &ApiSettings, app: Data<App>) -> io::Result<Server> {
    let (rules, origins) =
        (ApiGuard::leaving_open(settings, dashboard::is_open), settings.cors_origins.clone());
    let limits = Data::new(RateLimits::new(settings, makes_a_deployment));
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(Data::from(rules.clone()))
            .app_data(limits.clone())
            .app_data(Data::new(Envelope::with_classic(CLASSIC)))
            .app_data(app.clone())
            .wrap(from_fn(head_as_get))
            .wrap(from_fn(guard))
            .wrap(from_fn(rate_limit))
            .wrap(cors(&origins))
            .wrap(from_fn(envelope))
            .configure(routes)
    });
    let server = server
        .on_connect(give_up_on_stalled_readers)
        .disable_signals()
        .client_request_timeout(HEADERS)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(FINISH_SECONDS)
        .listen(listener)?;
    Ok(server.run())
}
