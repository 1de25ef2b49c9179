//! Just enough HTTP/1.1 for loopback fixtures: one request a connection, bodies by length, head kept as it came.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A fixture that waits longer for its client is a test that hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, raw.
    pub(crate) target: String,
    /// Header lines without their ends, in order.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Reads one request from a fresh connection; `None` when the client sent nothing at all.
    pub(crate) fn read(stream: &TcpStream) -> Result<Option<Self>> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let first = read_line(&mut reader)?;
        if first.is_empty() {
            return Ok(None);
        }
        let mut words = first.split(' ').map(str::to_owned);
        let (method, target) = words.next().zip(words.next()).context("no request line")?;
        let headers = read_headers(&mut reader)?;
        let mut request = Self { method, target, headers, body: Vec::new() };
        if request.header("expect").is_some() {
            (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        request.body = request.read_body(&mut reader)?;
        Ok(Some(request))
    }

    /// A header's value, its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// Path without the query, and the query without its question mark.
    pub(crate) fn path_and_query(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }

    fn read_body(&self, reader: &mut impl BufRead) -> Result<Vec<u8>> {
        if self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            return read_chunks(reader);
        }
        let length: usize = self.header("content-length").unwrap_or("0").parse()?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(body)
    }
}

/// A header's value among raw lines, its name in any case.
pub(crate) fn find_header<'a>(headers: &'a [String], name: &str) -> Option<&'a str> {
    let value = |line: &'a String| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim())
    };
    headers.iter().find_map(value)
}

/// Header lines up to the empty one.
pub(crate) fn read_headers(reader: &mut impl BufRead) -> Result<Vec<String>> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            return Ok(headers);
        }
        headers.push(line);
    }
}

/// One line without its end; empty at the end of the stream.
pub(crate) fn read_line(reader: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    reader.take(65_536).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn read_chunks(reader: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = usize::from_str_radix(read_line(reader)?.trim(), 16).context("a chunk without a size")?;
        let read = reader.take(u64::try_from(size)?).read_to_end(&mut body)?;
        ensure!(read == size, "a chunk was cut");
        read_line(reader)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

/// Writes a whole answer and closes the connection.
pub(crate) fn answer(mut stream: &TcpStream, status: u16, headers: &[&str], body: &[u8]) -> Result<()> {
    let mut head =
        format!("HTTP/1.1 {status} Fixture\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(body)?;
    Ok(())
}
