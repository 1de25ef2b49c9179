//! Ways in which a Git host can be hostile or broken.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Result;

use crate::wire::{Request, answer};

/// What a hostile repository does with every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Answers this status with no body: 401, 403, 404, 500 …
    Status(u16),
    /// Answers a redirect to this URL.
    Redirect(String),
    /// Takes the request and never answers.
    Stall,
    /// Answers a well-formed ref advertisement, one byte in so many milliseconds.
    SlowBytes(u64),
    /// Answers a ref advertisement that never ends, as fast as it can.
    EndlessAdvertisement,
    /// Answers 200 with something that is no Git.
    Garbage,
    /// Closes the connection without an answer.
    Close,
    /// Answers a shallow fetch with a pack, whatever is in it.
    Pack {
        /// The commit that it says it has, in hexadecimal.
        tip: String,
        /// The bytes; see [`super::Pack`].
        pack: Vec<u8>,
    },
}

const ADVERTISEMENT: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\
     Connection: close\r\n\r\n001e# service=git-upload-pack\n0000";

impl Misbehaviour {
    /// Plays it on one connection. A client that goes away ends it.
    pub(super) fn play(&self, stream: &TcpStream, request: &Request) -> Result<()> {
        match self {
            Self::Status(401) => answer(stream, 401, &["WWW-Authenticate: Basic realm=\"fixture\""], b""),
            Self::Status(status) => answer(stream, *status, &[], b""),
            Self::Redirect(to) => answer(stream, 302, &[&format!("Location: {to}")], b""),
            Self::Garbage => answer(stream, 200, &["Content-Type: text/html"], b"<h1>Not Git</h1>"),
            Self::Stall => wait_for_the_client_to_leave(stream),
            Self::SlowBytes(pause) => slow_bytes(stream, Duration::from_millis(*pause)),
            Self::EndlessAdvertisement => endless(stream),
            Self::Close => Ok(()),
            Self::Pack { tip, pack } => serve_pack(stream, request, tip, pack),
        }
    }
}

/// git's first protocol, in which one answer says where the history is cut and a second one is the pack.
fn serve_pack(stream: &TcpStream, request: &Request, tip: &str, pack: &[u8]) -> Result<()> {
    let answered = |kind: &str, body: &[u8]| {
        let kind = format!("Content-Type: application/x-git-upload-pack-{kind}");
        answer(stream, 200, &[&kind], body)
    };
    if request.method == "GET" {
        let service = line("# service=git-upload-pack\n");
        let refs = line(&format!("{tip} HEAD\0shallow ofs-delta symref=HEAD:refs/heads/main\n"));
        let main = line(&format!("{tip} refs/heads/main\n"));
        return answered("advertisement", format!("{service}0000{refs}{main}0000").as_bytes());
    }
    let mut body = format!("{}0000", line(&format!("shallow {tip}"))).into_bytes();
    if request.body.ends_with(b"done\n") {
        body.extend(line("NAK\n").bytes());
        body.extend(pack);
    }
    answered("result", &body)
}

fn wait_for_the_client_to_leave(mut stream: &TcpStream) -> Result<()> {
    stream.set_read_timeout(None)?;
    while stream.read(&mut [0; 512])? > 0 {}
    Ok(())
}

fn slow_bytes(mut stream: &TcpStream, pause: Duration) -> Result<()> {
    let refs = reference(0).repeat(10_000);
    for byte in ADVERTISEMENT.bytes().chain(refs.bytes()) {
        stream.write_all(&[byte])?;
        std::thread::sleep(pause);
    }
    Ok(())
}

fn endless(mut stream: &TcpStream) -> Result<()> {
    stream.write_all(ADVERTISEMENT.as_bytes())?;
    let mut number = 0_u64;
    loop {
        let block: String = (number..number + 500).map(reference).collect();
        stream.write_all(block.as_bytes())?;
        number += 500;
    }
}

/// One line of an advertisement: id, name.
fn reference(number: u64) -> String {
    line(&format!("{:040x} refs/heads/branch-{number:020}\n", number + 1))
}

/// Git's packet format: four hexadecimal digits of length, and the text.
fn line(text: &str) -> String {
    format!("{:04x}{text}", text.len() + 4)
}
