//! `/livez` and `/readyz` of a service that has no API.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};

use crate::{Check, livez, readyz};

/// Answers health checks on a listener of their own (`SHIPSTACK_HEALTH_ADDR`). `checks` is asked for every `/readyz`.
/// The server runs when awaited, until its handle stops it; it takes no signals.
pub fn health_server<F, Fut>(listener: TcpListener, checks: F) -> io::Result<Server>
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Vec<Check>> + 'static,
{
    let checks = Arc::new(checks);
    let app = move || {
        let checks = Arc::clone(&checks);
        let ready = move || {
            let checks = Arc::clone(&checks);
            async move { readyz(&checks().await) }
        };
        App::new().route("/livez", web::get().to(livez)).route("/readyz", web::get().to(ready))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener)?;
    Ok(server.run())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    fn get(addr: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(addr).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[actix_web::test]
    async fn readiness_says_what_is_broken_and_what_to_do() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let checks = || async {
            vec![Check::ok("store", "folder"), Check::broken("redis", "refused", "Start Redis.")]
        };
        let server = health_server(listener, checks).unwrap();
        let handle = server.handle();
        let running = actix_web::rt::spawn(server);
        let answers = web::block(move || (get(addr, "/livez"), get(addr, "/readyz"))).await.unwrap();
        assert!(answers.0.starts_with("HTTP/1.1 200"), "{}", answers.0);
        assert!(answers.1.starts_with("HTTP/1.1 503") && answers.1.contains("Start Redis."), "{}", answers.1);
        handle.stop(false).await;
        running.await.unwrap().unwrap();
    }
}
