//! What a trace collector hears: every body that is posted to it, kept for the test.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use crate::wire::{Request, answer};

/// A listener for OTLP over HTTP on a free port, gone when dropped.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    heard: Arc<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    closed: AtomicBool,
    bodies: Mutex<Vec<String>>,
}

impl Collector {
    /// Starts to listen.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let heard = Arc::new(Heard::default());
        let shared = Arc::clone(&heard);
        std::thread::spawn(move || accept(&listener, &shared));
        Ok(Self { address, heard })
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bodies of all traces so far, as they came.
    pub fn bodies(&self) -> Vec<String> {
        self.heard.bodies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.heard.closed.store(true, Ordering::Release);
        // Wakes the accepting thread, which then sees that it is over.
        let _wake = TcpStream::connect(self.address);
    }
}

fn accept(listener: &TcpListener, heard: &Arc<Heard>) {
    for client in listener.incoming() {
        if heard.closed.load(Ordering::Acquire) {
            return;
        }
        let Ok(client) = client else { continue };
        let heard = Arc::clone(heard);
        // A client that goes away in the middle is heard no further.
        std::thread::spawn(move || hear(&client, &heard).ok());
    }
}

fn hear(mut client: &TcpStream, heard: &Heard) -> Result<()> {
    let Some(request) = Request::read(client)? else { return Ok(()) };
    let is_json = request.header("content-type") == Some("application/json");
    if request.method != "POST" || request.target != "/v1/traces" || !is_json {
        return answer(client, 404, &[], b"");
    }
    let body = String::from_utf8(request.body)?;
    heard.bodies.lock().unwrap_or_else(PoisonError::into_inner).push(body);
    answer(client, 200, &["Content-Type: application/json"], b"{}")?;
    Ok(client.flush()?)
}
