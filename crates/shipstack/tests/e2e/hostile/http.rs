//! Cases that are one HTTP request each.

use super::catalogue::{bytes, cases, expand};
use super::wire::{Answer, send};
use serde::Deserialize;

/// Where requests go, and the host of a site that answers `home` at `/`.
pub(crate) struct Target {
    pub(crate) api: u16,
    pub(crate) sites: u16,
    pub(crate) site: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    row: u16,
    name: String,
    /// Method and target.
    request: Option<String>,
    /// Header lines; `Host` and `Content-Length` are added where they are missing.
    headers: Option<Vec<String>>,
    #[serde(default)]
    body: String,
    /// In place of all of it.
    raw: Option<String>,
    /// What `repourl` is.
    url: Option<String>,
    /// How often it is sent before it is judged.
    #[serde(default)]
    before: u16,
    status: Vec<u16>,
    says: Option<String>,
    not: Option<String>,
}

/// The requests of a file, sent one after the other; answers how many there were, and what was wrong.
pub(crate) fn run(file: &str, target: &Target) -> (usize, Vec<String>) {
    let cases: Vec<Case> = cases(file);
    let wrong = cases.iter().filter_map(|case| case.judge(file, target)).collect();
    (cases.len(), wrong)
}

impl Case {
    /// What was wrong with the answer, or with the next good request.
    fn judge(&self, file: &str, target: &Target) -> Option<String> {
        let is_site = file == "sites.toml";
        let port = if is_site { target.sites } else { target.api };
        (0..self.before).for_each(|_| drop(send(port, &self.bytes(is_site, target))));
        let answer = send(port, &self.bytes(is_site, target));
        let good = if is_site {
            send(port, &get("/", &target.site)).text.ends_with("home")
        } else {
            send(port, &get("/health", "localhost")).status == 200
        };
        let is_right = self.accepts(&answer) && good;
        let start: String = answer.text.chars().take(400).collect();
        (!is_right).then(|| {
            format!(
                "{file} row {} ({}): {} good after it: {good}\n{start}",
                self.row, self.name, answer.status
            )
        })
    }

    fn accepts(&self, answer: &Answer) -> bool {
        let text = answer.text.to_ascii_lowercase();
        let has = |words: &String| text.contains(&words.to_ascii_lowercase());
        self.status.contains(&answer.status)
            && self.says.as_ref().is_none_or(has)
            && !self.not.as_ref().is_some_and(has)
    }

    fn bytes(&self, is_site: bool, target: &Target) -> Vec<u8> {
        let fill = |text: &str| {
            let text = expand(text).replace("{site}", &target.site);
            bytes(&text.replace("{SITE}", &target.site.to_ascii_uppercase()))
        };
        if let Some(raw) = &self.raw {
            return fill(raw);
        }
        let is_json = self.url.is_some() || !self.body.is_empty() || self.request.is_none();
        let request = self.request.as_deref().unwrap_or(if is_site { "GET /" } else { "POST /deploy" });
        let body = self.url.as_ref().map_or_else(|| fill(&self.body), |url| json(&expand(url)));
        let mut lines = vec![[fill(request), b" HTTP/1.1".to_vec()].concat()];
        let own =
            if is_json && !is_site { vec!["Content-Type: application/json".to_owned()] } else { Vec::new() };
        let headers: Vec<Vec<u8>> =
            self.headers.as_ref().unwrap_or(&own).iter().map(|line| fill(line)).collect();
        let has = |name: &[u8]| {
            headers
                .iter()
                .any(|line| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
        };
        if !has(b"host:") {
            lines.push(fill(if is_site { "Host: {site}" } else { "Host: localhost" }));
        }
        let has_framing = has(b"content-length") || has(b"transfer-encoding");
        lines.extend(headers);
        if !body.is_empty() && !has_framing {
            lines.push(format!("Content-Length: {}", body.len()).into_bytes());
        }
        lines.push(b"Connection: close".to_vec());
        [lines.join(b"\r\n".as_slice()), b"\r\n\r\n".to_vec(), body].concat()
    }
}

/// `{"repourl": …}` in UTF-8.
fn json(url: &str) -> Vec<u8> {
    serde_json::json!({ "repourl": url }).to_string().into_bytes()
}

fn get(path: &str, host: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").into_bytes()
}
