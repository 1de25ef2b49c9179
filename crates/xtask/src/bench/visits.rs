//! How much of this machine one visit takes: the same page from a release build and from nginx, asked by as many visitors at
//! once, in turn.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use shipstack_testkit::archive::Making;
use tempfile::TempDir;

use super::figure::{Figure, Print};
use super::platform::Platform;
use crate::machine::{self, Consent, Need};
use crate::process::{self, Group};

const PAGE: [u8; 16 << 10] = [b'x'; 16 << 10];
/// One thread of visitors, so that a machine of two processors has one for the server.
const VISITORS: [&str; 3] = ["-t1", "-c32", "-d6s"];
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn measure(print: Print, rounds: usize) -> Result<()> {
    machine::ensure_tools(&[Need::RIVALS], Consent::IfHarmless).await?;
    let platform = Platform::start_released(&[]).await?;
    let measured = samples(&platform, rounds).await;
    platform.stop().await?;
    measured?.print(print);
    Ok(())
}

async fn samples(platform: &Platform, rounds: usize) -> Result<Figure<'static>> {
    let site = platform.deploy(Making::default().file("index.html", &PAGE).end()).await?;
    let id = site.get("id").and_then(Value::as_str).context("no id")?;
    let nginx = Nginx::start().await?;
    let mut figure = Figure { name: "a visit, 32 at a time", ours: Vec::new(), rival: Vec::new() };
    for _ in 0..rounds {
        figure.ours.push(seconds_a_visit(platform.sites(), &format!("{id}.localhost")).await?);
        figure.rival.push(seconds_a_visit(&nginx.address, "localhost").await?);
    }
    Ok(figure)
}

/// Seconds from one answer to the next, of all visitors together.
async fn seconds_a_visit(address: &str, host: &str) -> Result<f64> {
    // Written otherwise, wrk adds a Host of its own.
    let (host, address) = (format!("Host: {host}"), format!("{address}/"));
    let arguments = [VISITORS.as_slice(), &["-H", &host, &address]].concat();
    let said = process::output(&mut process::command("wrk", &arguments)).await?;
    anyhow::ensure!(
        !said.contains("Non-2xx") && !said.contains("Socket errors"),
        "not every visit went well: {said}"
    );
    let rate = said.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:")).context("no rate")?;
    Ok(1.0 / rate.trim().parse::<f64>()?)
}

/// A running nginx with the page; stopped when dropped.
struct Nginx {
    address: String,
    _process: Group,
    _folder: TempDir,
}

impl Nginx {
    async fn start() -> Result<Self> {
        let (folder, port) = (tempfile::tempdir()?, shipstack_testkit::free_port()?);
        std::fs::write(folder.path().join("index.html"), PAGE)?;
        std::fs::write(folder.path().join("nginx.conf"), settings(folder.path(), port))?;
        let arguments = ["-p", &folder.path().to_string_lossy(), "-c", "nginx.conf"].map(str::to_owned);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = process::command("nginx", &arguments);
        let process = Group::start(command.stderr(Stdio::null())).context("nginx does not start")?;
        let address = format!("http://127.0.0.1:{port}");
        let answers = async {
            while reqwest::Client::builder().no_proxy().build()?.get(&address).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok::<_, anyhow::Error>(())
        };
        tokio::time::timeout(PATIENCE, answers).await.context("nginx does not answer")??;
        Ok(Self { address, _process: process, _folder: folder })
    }
}

/// As its manual tunes it for files. Its workers read a folder that belongs to whoever runs this.
fn settings(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "daemon off; user root; worker_processes auto; pid nginx.pid; error_log stderr; events {{ worker_connections 1024; }}
http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000;
  open_file_cache max=1000; client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
  server {{ listen 127.0.0.1:{port}; root {folder}; }} }}
"
    )
}
