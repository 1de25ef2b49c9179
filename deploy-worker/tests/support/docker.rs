//! Just enough of Docker's API for a worker to connect to and to look for its image: what a machine without Docker can say
//! about when a worker claims. What builds do is tested on real engines.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Default)]
struct Flags {
    answers: AtomicBool,
    has_image: AtomicBool,
}

/// An engine that answers, or not, and has the builder image, or not. Its thread ends with the test process.
pub(crate) struct OutlineOfDocker {
    host: String,
    flags: Arc<Flags>,
}

impl OutlineOfDocker {
    /// An engine that does not answer yet and has no image.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let flags = Arc::new(Flags::default());
        let told = Arc::clone(&flags);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if told.answers.load(Ordering::SeqCst) {
                    let _gone = answer(&stream, told.has_image.load(Ordering::SeqCst));
                }
            }
        });
        Self { host: format!("tcp://127.0.0.1:{port}"), flags }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn answers(&self, whether: Is) {
        self.flags.answers.store(whether == Is::So, Ordering::SeqCst);
    }

    pub(crate) fn has_image(&self, whether: Is) {
        self.flags.has_image.store(whether == Is::So, Ordering::SeqCst);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    So,
    Not,
}

fn answer(mut stream: &TcpStream, has_image: bool) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let is = |part: &str| request.contains(part);
    let (status, body) = match () {
        () if is("/version") => (200, r#"{"ApiVersion":"1.41","MinAPIVersion":"1.12"}"#),
        () if is("/_ping") => (200, "OK"),
        () if is("/images/") && has_image => (200, r#"{"Id":"sha256:00"}"#),
        () if is("/images/") => (404, r#"{"message":"no such image"}"#),
        () => (500, r#"{"message":"this is no Docker"}"#),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
