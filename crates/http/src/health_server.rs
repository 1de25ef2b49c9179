//! `/livez`, `/readyz` and `/metrics` of what has no API, on an address of its own (`SHIPSTACK_HEALTH_ADDR`).

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::future::join_all;
use shipstack_service::CancellationToken;

use crate::{Check, livez, metrics, readyz};

/// From connecting to the last header line.
const HEADERS: Duration = Duration::from_secs(5);
/// For answers in hand once it stops, in seconds.
const FINISH_SECONDS: u64 = 1;

type Look = dyn Fn() -> Pin<Box<dyn Future<Output = Vec<Check>> + Send>> + Send + Sync;

/// What is looked at for every `/readyz`. Parts of one process put theirs together.
#[derive(Clone, Default)]
pub struct Checks(Vec<Arc<Look>>);

impl Checks {
    /// Those that `look` makes. It has to end soon, whatever is broken.
    pub fn of<F, Fut>(look: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Vec<Check>> + Send + 'static,
    {
        Self(vec![Arc::new(move || Box::pin(look()))])
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Looks at everything at once. What two parts look at under one name is told once.
    pub async fn look(&self) -> Vec<Check> {
        let looked = join_all(self.0.iter().map(|look| look())).await;
        let mut checks: Vec<Check> = Vec::new();
        for check in looked.into_iter().flatten() {
            if checks.iter().all(|known| known.name != check.name || known.ok != check.ok) {
                checks.push(check);
            }
        }
        checks
    }
}

/// Answers on this listener, with the routes of `more` beside its own. It runs when awaited, until its handle stops it; it
/// takes no signals.
pub fn health_server(
    listener: TcpListener,
    checks: Checks,
    more: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Server> {
    let checks = Data::new(checks);
    let app = move || {
        App::new()
            .app_data(checks.clone())
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(ready))
            .route("/metrics", web::get().to(metrics))
            .configure(more.clone())
    };
    let server = HttpServer::new(app).workers(1).client_request_timeout(HEADERS);
    Ok(server.shutdown_timeout(FINISH_SECONDS).disable_signals().listen(listener)?.run())
}

/// Serves until `stop`, then lets what is in hand finish.
pub async fn serve_until(server: Server, stop: CancellationToken) -> io::Result<()> {
    let handle = server.handle();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return ended,
        () = stop.cancelled() => {}
    }
    let stopping = handle.stop(true);
    tokio::join!(stopping, server).1
}

async fn ready(checks: Data<Checks>) -> HttpResponse {
    readyz(&checks.look().await)
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
        let checks = Checks::of(|| async { vec![Check::ok("store", "folder")] }).and(Checks::of(|| async {
            vec![Check::ok("store", "folder"), Check::broken("redis", "refused", "Start Redis.")]
        }));
        let server = health_server(listener, checks, |_| {}).unwrap();
        let handle = server.handle();
        let running = actix_web::rt::spawn(server);
        let answers = web::block(move || (get(addr, "/livez"), get(addr, "/readyz"), get(addr, "/metrics")));
        let answers = answers.await.unwrap();
        assert!(answers.0.starts_with("HTTP/1.1 200"), "{}", answers.0);
        assert!(answers.1.starts_with("HTTP/1.1 503") && answers.1.contains("Start Redis."), "{}", answers.1);
        assert_eq!(answers.1.matches("folder").count(), 1, "{}", answers.1);
        assert!(
            answers.2.starts_with("HTTP/1.1 200") && answers.2.contains("version=0.0.4"),
            "{}",
            answers.2
        );
        handle.stop(false).await;
        running.await.unwrap().unwrap();
    }
}
