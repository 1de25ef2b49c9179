//! The client's side of a WebSocket, as far as tests need it (RFC 6455): masked frames out, whole frames in.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Socket {
    stream: TcpStream,
    waiting: Vec<u8>,
    /// The code of the server's close frame.
    pub(crate) closed: Option<u16>,
    pub(crate) pings: usize,
}

impl Socket {
    /// Asks for an upgrade; the head of the answer when it is refused.
    pub(crate) async fn open(
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, String> {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        for (name, value) in headers {
            head += &[name, ": ", value, "\r\n"].concat();
        }
        stream.write_all((head + "\r\n").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.map_err(|error| error.to_string())?);
        }
        let answer = String::from_utf8(answer).unwrap();
        if !answer.starts_with("HTTP/1.1 101") {
            return Err(answer);
        }
        // The key of the standard's own example.
        assert!(answer.to_ascii_lowercase().contains("s3pplmbitxaq9kygzzhzrbk+xoo="), "{answer}");
        Ok(Self { stream, waiting: Vec::new(), closed: None, pings: 0 })
    }

    /// The next text; `None` when the server closed or the connection broke.
    pub(crate) async fn text(&mut self) -> Option<String> {
        loop {
            let (kind, payload) = self.frame().await?;
            match kind {
                1 => return Some(String::from_utf8(payload).unwrap()),
                8 => {
                    self.closed = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                    return None;
                }
                9 => self.pings += 1,
                _ => {}
            }
        }
    }

    async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let head = self.take(2).await?;
        let length = match head[1] {
            126 => u64::from(u16::from_be_bytes(self.take(2).await?.try_into().unwrap())),
            127 => u64::from_be_bytes(self.take(8).await?.try_into().unwrap()),
            short => u64::from(short),
        };
        Some((head[0] & 0x0f, self.take(usize::try_from(length).unwrap()).await?))
    }

    async fn take(&mut self, bytes: usize) -> Option<Vec<u8>> {
        while self.waiting.len() < bytes {
            if self.stream.read_buf(&mut self.waiting).await.ok()? == 0 {
                return None;
            }
        }
        Some(self.waiting.drain(..bytes).collect())
    }

    /// Sends a frame of this kind.
    pub(crate) async fn send(&mut self, kind: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | kind, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame).await.unwrap();
    }
}
