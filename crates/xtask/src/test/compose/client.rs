//! curl with HTTP/2, which trusts the installation's own authority and nothing else.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::API_HOST;
use crate::process;

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Somebody on the outside.
pub(super) struct Client {
    authority: PathBuf,
    port: u16,
    token: String,
    folder: TempDir,
}

impl Client {
    pub(super) fn new(authority: PathBuf, port: u16, token: String) -> Result<Self> {
        Ok(Self { authority, port, token, folder: tempfile::tempdir()? })
    }

    /// The API is up, and everything it needs.
    pub(super) async fn ensure_ready(&self) -> Result<()> {
        let answer = self.api("/readyz", &[]).await?;
        ensure!(answer.status == 200, "/readyz answers {}", answer.status);
        Ok(())
    }

    /// What the API answers, as JSON; anything but a success is an error.
    pub(super) async fn json(&self, path: &str, arguments: &[&str]) -> Result<Value> {
        let answer = self.api(path, arguments).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        ensure!((200..300).contains(&answer.status), "{path} answers {}: {text}", answer.status);
        serde_json::from_str(&text).context("no JSON")
    }

    async fn api(&self, path: &str, arguments: &[&str]) -> Result<Answer> {
        let url = format!("https://{API_HOST}:{}{path}", self.port);
        let token = format!("Authorization: Bearer {}", self.token);
        self.ask(&url, &[&["-H", &token], arguments].concat()).await
    }

    /// What a visitor gets, who carries no token.
    pub(super) async fn visit(&self, url: &str) -> Result<Answer> {
        self.ask(url, &[]).await
    }

    /// The TLS handshake for a host that nothing is under has to fail.
    pub(super) async fn ensure_no_certificate(&self, host: &str) -> Result<()> {
        let asked = self.visit(&format!("https://{host}:{}/", self.port)).await;
        ensure!(asked.is_err(), "there is a certificate for {host}, which does not exist");
        Ok(())
    }

    async fn ask(&self, url: &str, arguments: &[&str]) -> Result<Answer> {
        let body = self.folder.path().join("body");
        let all_to = format!("::127.0.0.1:{}", self.port);
        let mut curl = process::command("curl", &["-sS", "--http2", "--noproxy", "*", "--max-time", "60"]);
        curl.args(["--connect-to", &all_to, "--cacert"]).arg(&self.authority).arg("-o").arg(&body);
        curl.args(["-w", "%{http_version} %{http_code}"]).args(arguments).arg(url);
        let told = process::output(&mut curl).await?;
        let (version, status) = told.split_once(' ').context("curl says nothing")?;
        ensure!(version == "2", "HTTP/{version} instead of HTTP/2");
        Ok(Answer { status: status.parse()?, body: fs::read(&body)? })
    }
}
