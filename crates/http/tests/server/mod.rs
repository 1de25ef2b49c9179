//! A small API behind the three layers, on a real socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;
use shipstack_http::{
    ApiGuard, ApiResult, BodyLimits, CappedBody, Envelope, Problem, classic_health, cors, envelope, guard,
    livez, read_json,
};
use shipstack_settings::{ApiSettings, from_pairs};

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    pub(crate) fn start(pairs: &[(&str, &str)]) -> Self {
        let settings: ApiSettings = from_pairs(pairs).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let rules = ApiGuard::new(&settings);
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(web::Data::from(rules.clone()))
                        .app_data(web::Data::new(Envelope::with_classic(&[("/deploy", "Deployment failed")])))
                        .wrap(from_fn(guard))
                        .wrap(cors(&settings.cors_origins))
                        .wrap(from_fn(envelope))
                        .service(web::resource("/deploy").route(web::post().to(deploy)))
                        .service(web::resource("/upload").route(web::post().to(upload)))
                        .route("/livez", web::get().to(livez))
                        .route("/health", web::get().to(classic_health))
                        .route("/broken", web::get().to(broken))
                });
                let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
                send.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { addr, handle: receive.recv().unwrap() }
    }

    /// Sends these bytes and reads until the server closes or one answer is complete.
    pub(crate) fn raw(&self, request: &str) -> Answer {
        self.raw_bytes(request.as_bytes())
    }

    pub(crate) fn raw_bytes(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // A refusal may come, and the connection end, before all is written.
        let _ = stream.write_all(request);
        Answer::read(&mut stream)
    }

    /// A request with a proper host and these further lines, each ended by CRLF.
    pub(crate) fn send(&self, line: &str, headers: &str, body: &str) -> Answer {
        let length =
            if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        self.raw(&format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}Connection: close\r\n\r\n{body}"
        ))
    }

    pub(crate) fn post_json(&self, body: &str) -> Answer {
        self.send("POST /deploy", "Content-Type: application/json\r\n", body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

/// Whether the announced length has arrived.
fn is_complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).replace(CONTINUE, "");
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse() == Ok(body.len()))
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        while !is_complete(&bytes) {
            match stream.read(&mut piece) {
                Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
                _ => break,
            }
        }
        let text = String::from_utf8_lossy(&bytes).replace(CONTINUE, "");
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn has(&self, header_line: &str) -> bool {
        self.head.lines().any(|line| line == header_line.to_lowercase())
    }
}

async fn deploy(request: HttpRequest, body: web::Payload) -> ApiResult {
    let limits = BodyLimits {
        deadline: Duration::from_millis(300),
        window: Duration::from_millis(300),
        ..BodyLimits::document(64)
    };
    let value: Value = read_json(&request, body, limits).await?;
    Ok(HttpResponse::Ok().json(value))
}

async fn upload(request: HttpRequest, body: web::Payload) -> ApiResult {
    let limits = BodyLimits {
        max_bytes: 1 << 20,
        deadline: Duration::from_secs(30),
        window: Duration::from_millis(200),
        window_bytes: 1_000,
    };
    let body = CappedBody::new(&request, body, limits)?.read().await?;
    Ok(HttpResponse::Ok().body(body.len().to_string()))
}

async fn broken() -> ApiResult {
    Err(Problem::internal(&std::io::Error::other("the secret cause")))
}
