//! Requests as bytes, and the answers to them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// Longest that an answer may take: the deadline of a body that stopped, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer; status 0 is a connection closed without one.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// Sends these bytes on a connection of their own and reads to its end.
pub(crate) fn send(port: u16, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the port answers");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // One that is refused before it was sent whole is answered all the same.
    let _ = stream.write_all(request);
    let answer = read(&mut stream);
    let text = String::from_utf8_lossy(&answer).into_owned();
    // Actix-web says 100 before a handler can refuse; what counts is what follows.
    let text = text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&text).to_owned();
    let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    Answer { status: status.and_then(|status| status.parse().ok()).unwrap_or(0), text }
}

/// Everything up to the end of the connection, or of one whole answer.
fn read(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while !is_whole(&answer) {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
        }
    }
    answer
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    head.contains(" 304 ") || length.is_some_and(|length| body.len() >= length)
}
