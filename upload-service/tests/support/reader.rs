//! A reader of a log who is cut off and comes back, in any form.

use super::Api;
use super::socket::Socket;
use reqwest::{Method, Response};
use serde_json::Value;

/// How a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Events,
    Ndjson,
    Socket,
}

impl Way {
    pub(crate) const ALL: [Self; 3] = [Self::Events, Self::Ndjson, Self::Socket];
}

/// What a reader has so far: each line as the bytes that came.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) lines: Vec<String>,
    pub(crate) ended: Option<String>,
}

impl Read {
    pub(crate) fn last(&self) -> u64 {
        self.lines.last().map_or(0, |line| seq(line))
    }

    /// One connection, which goes on after the last line and is cut after about so many bytes.
    pub(crate) async fn go_on(&mut self, api: &Api, path: &str, way: Way, bytes: usize) {
        match way {
            Way::Events => {
                let request = api.request(Method::GET, path).header("accept", "text/event-stream");
                let request = request.header("last-event-id", self.last().to_string());
                self.read(request.send().await.unwrap(), bytes, "\n\n", Self::take_event).await;
            }
            Way::Ndjson => {
                let path = format!("{path}?follow=true&from={}", self.last() + 1);
                let request = api.request(Method::GET, &path).header("accept", "application/x-ndjson");
                self.read(request.send().await.unwrap(), bytes, "\n", Self::take_line).await;
            }
            Way::Socket => self.listen(api, path, bytes).await,
        }
    }

    async fn read(&mut self, mut response: Response, bytes: usize, end: &str, take: fn(&mut Self, &str)) {
        assert_eq!(response.status(), 200);
        let (mut waiting, mut read) = (Vec::new(), 0);
        while let Ok(Some(chunk)) = response.chunk().await {
            // Cut within a chunk, within a line, within a character.
            let kept = &chunk[..chunk.len().min(bytes - read)];
            read += kept.len();
            waiting.extend_from_slice(kept);
            while let Some(at) = waiting.windows(end.len()).position(|window| window == end.as_bytes()) {
                let piece: Vec<u8> = waiting.drain(..at + end.len()).collect();
                take(self, std::str::from_utf8(&piece[..at]).unwrap());
            }
            if read >= bytes || self.ended.is_some() {
                return;
            }
        }
        if end == "\n" {
            self.ended = Some("closed".to_owned());
        }
    }

    fn take_line(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    fn take_event(&mut self, event: &str) {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let (id, data) = (field("id: "), field("data: "));
        match field("event: ") {
            "line" => {
                assert_eq!(id.parse::<u64>().unwrap(), seq(data));
                self.lines.push(data.to_owned());
            }
            "end" => self.ended = Some(data.to_owned()),
            _ => assert!(event.starts_with("retry: ") || event.starts_with(':'), "{event}"),
        }
    }

    async fn listen(&mut self, api: &Api, path: &str, bytes: usize) {
        let mut socket =
            Socket::open(api.address, &format!("{path}?from={}", self.last() + 1), &[]).await.unwrap();
        let mut read = 0;
        while read < bytes {
            let Some(text) = socket.text().await else { return };
            read += text.len();
            let (head, rest) = (r#"{"event":"line","data":"#, text.as_str());
            if let Some(line) = rest.strip_prefix(head).and_then(|rest| rest.strip_suffix('}')) {
                self.lines.push(line.to_owned());
                continue;
            }
            let end: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(end["event"], "end", "{text}");
            self.ended = Some(end["data"].to_string());
            return;
        }
    }
}

pub(crate) fn seq(line: &str) -> u64 {
    let digits = line.strip_prefix("{\"seq\":").unwrap().split(',').next().unwrap();
    digits.parse().unwrap()
}

/// One connection that is read on and on.
pub(crate) struct Following {
    response: Response,
    pub(crate) text: String,
}

impl Following {
    pub(crate) async fn open(api: &Api, path: &str, last: Option<&str>) -> Self {
        let request = api.request(Method::GET, path).header("accept", "text/event-stream");
        let request = last.into_iter().fold(request, |request, last| request.header("last-event-id", last));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { response, text: String::new() }
    }

    /// Reads until the text has this; `false` when it ended before.
    pub(crate) async fn until(&mut self, needle: &str) -> bool {
        while !self.text.contains(needle) {
            let Ok(Some(chunk)) = self.response.chunk().await else { return false };
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
        true
    }

    /// The data of events of this name, each with its id.
    pub(crate) fn events(&self, name: &str) -> Vec<(String, Value)> {
        let named = self.text.split("\n\n").filter(|event| event.contains(&format!("event: {name}\n")));
        let field = |event: &str, name: &str| {
            event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned()
        };
        named
            .map(|event| (field(event, "id: "), serde_json::from_str(&field(event, "data: ")).unwrap()))
            .collect()
    }
}
