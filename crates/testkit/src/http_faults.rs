//! An HTTP proxy before a real server that spoils chosen requests: the k-th call gets a 500, a stall, a cut body.
//!
//! Everything else passes through byte for byte, signatures included (the `Host` header is not rewritten, so a
//! client that signs for this proxy's address is understood by the server behind it). One request a connection.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;

use crate::wire::{Request, answer};

/// What happens to a spoilt request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpFault {
    /// Answered with this status; the server never sees it.
    Status(u16),
    /// The server gets it and answers, and the answer is lost: the connection closes.
    LoseReply,
    /// Never answered: the connection stays open until the proxy is dropped or the client gives up.
    Stall,
    /// The answer ends after so many bytes (head included), with the connection closed.
    CutAfter(usize),
    /// The connection closes before the request is passed on.
    Close,
}

/// Which requests a rule spoils, counted from when it was set.
#[derive(Debug, Clone)]
struct Rule {
    /// What a request's method and target have to contain for the rule to look at it.
    about: [String; 2],
    /// Requests still to be let through before the first spoilt one.
    skip: usize,
    /// Spoilt requests left.
    count: usize,
    fault: HttpFault,
}

#[derive(Debug, Default)]
struct Plan {
    closed: bool,
    calls: Vec<String>,
    rule: Option<Rule>,
    chance: Option<Chance>,
}

/// Spoils some requests, chosen by a seed.
#[derive(Debug, Clone, Copy)]
struct Chance {
    per_mille: u64,
    random: u64,
    fault: HttpFault,
}

impl Chance {
    /// Xorshift, as the TCP proxy does it.
    fn strikes(&mut self) -> bool {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % 1_000 < self.per_mille
    }
}

impl Plan {
    /// Notes the call and answers what is to happen to it.
    fn next(&mut self, request: &Request) -> Option<HttpFault> {
        let Request { method, target, .. } = request;
        self.calls.push(format!("{method} {target}"));
        if let Some(chance) = self.chance.as_mut().filter(|_| self.rule.is_none()) {
            return chance.strikes().then_some(chance.fault);
        }
        let is_about = |[of, at]: &[String; 2]| method.contains(of.as_str()) && target.contains(at.as_str());
        let rule = self.rule.as_mut().filter(|rule| is_about(&rule.about))?;
        if let Some(left) = rule.skip.checked_sub(1) {
            rule.skip = left;
            return None;
        }
        rule.count = rule.count.checked_sub(1)?;
        Some(rule.fault)
    }
}

/// The proxy.
#[derive(Debug)]
pub struct HttpFaultProxy {
    address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
}

impl HttpFaultProxy {
    /// Starts a proxy on a free port before `upstream`. It passes everything on until told otherwise.
    pub fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let plan = Arc::new(Mutex::new(Plan::default()));
        let shared = Arc::clone(&plan);
        std::thread::spawn(move || accept(&listener, upstream, &shared));
        Ok(Self { address, plan })
    }

    /// The endpoint a client is given.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Spoils `count` requests, after letting `skip` pass. Replaces the rule before it.
    pub fn spoil(&self, skip: usize, count: usize, fault: HttpFault) {
        lock(&self.plan).rule = Some(Rule { about: Default::default(), skip, count, fault });
    }

    /// Spoils every request of this method whose target contains this. Replaces the rule before it.
    pub fn spoil_only(&self, method: &str, target: &str, fault: HttpFault) {
        let about = [method, target].map(str::to_owned);
        lock(&self.plan).rule = Some(Rule { about, skip: 0, count: usize::MAX, fault });
    }

    /// Spoils every request from now on.
    pub fn spoil_all(&self, fault: HttpFault) {
        self.spoil(0, usize::MAX, fault);
    }

    /// Spoils `per_mille` of all requests from now on, chosen by `seed`.
    pub fn spoil_at_random(&self, per_mille: u64, seed: u64, fault: HttpFault) {
        // Zero would be a fixed point of the generator.
        lock(&self.plan).chance = Some(Chance { per_mille, random: seed.max(1), fault });
    }

    /// Passes everything on again.
    pub fn heal(&self) {
        let mut plan = lock(&self.plan);
        (plan.rule, plan.chance) = (None, None);
    }

    /// Every request so far, as `METHOD target`.
    pub fn calls(&self) -> Vec<String> {
        lock(&self.plan).calls.clone()
    }
}

impl Drop for HttpFaultProxy {
    fn drop(&mut self) {
        lock(&self.plan).closed = true;
        // Wakes the accepting thread, which then sees that it is over.
        let _wake = TcpStream::connect(self.address);
    }
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, upstream: SocketAddr, plan: &Arc<Mutex<Plan>>) {
    for client in listener.incoming() {
        if lock(plan).closed {
            return;
        }
        let Ok(client) = client else { continue };
        let plan = Arc::clone(plan);
        // A client that goes away in the middle is part of the tests.
        std::thread::spawn(move || serve(&client, upstream, &plan).ok());
    }
}

fn serve(client: &TcpStream, upstream: SocketAddr, plan: &Mutex<Plan>) -> Result<()> {
    let Some(request) = Request::read(client)? else {
        return Ok(());
    };
    let fault = lock(plan).next(&request);
    match fault {
        None => forward(client, &request, upstream, usize::MAX),
        Some(HttpFault::Status(status)) => answer(client, status, &[], b""),
        Some(HttpFault::LoseReply) => forward(client, &request, upstream, 0),
        Some(HttpFault::CutAfter(bytes)) => forward(client, &request, upstream, bytes),
        Some(HttpFault::Close) => Ok(()),
        Some(HttpFault::Stall) => stall(client, plan),
    }
}

/// Holds the connection open until the client closes it or the proxy is dropped.
fn stall(mut client: &TcpStream, plan: &Mutex<Plan>) -> Result<()> {
    client.set_read_timeout(Some(Duration::from_millis(50)))?;
    while !lock(plan).closed {
        match client.read(&mut [0; 64]) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Passes the request on and at most `limit` bytes of the answer back, then closes.
fn forward(mut client: &TcpStream, request: &Request, upstream: SocketAddr, limit: usize) -> Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(&head(request))?;
    server.write_all(&request.body)?;
    let mut left = limit;
    let mut chunk = vec![0; 65_536];
    loop {
        let read = server.read(&mut chunk)?;
        let bytes = chunk.get(..read.min(left)).unwrap_or_default();
        client.write_all(bytes)?;
        left -= bytes.len();
        // The server is read to its end even when nothing more is passed on, so that the call happens whole.
        if read == 0 {
            break;
        }
    }
    client.shutdown(Shutdown::Both)?;
    Ok(())
}

fn head(request: &Request) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    let per_hop = ["connection", "transfer-encoding", "expect", "content-length"];
    let kept = |line: &&String| {
        !per_hop.iter().any(|name| line.to_ascii_lowercase().starts_with(&format!("{name}:")))
    };
    request.headers.iter().filter(kept).for_each(|line| {
        head.push_str(line);
        head.push_str("\r\n");
    });
    let length = format!("Content-Length: {}\r\nConnection: close\r\n\r\n", request.body.len());
    head.push_str(&length);
    head.into_bytes()
}
