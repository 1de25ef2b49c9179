//! The sites that are deployed, and every byte of them as visitors first saw it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::SITES_DOMAIN;
use super::client::Client;
use crate::cargo::root;
use crate::process;

/// For a build in a container, installing included.
const PATIENCE: Duration = Duration::from_mins(2);

/// After a start the store is the last to be there, and Caddy asks for every name again.
const RETURN: Duration = Duration::from_mins(1);

/// Addresses and what was there.
#[derive(Default)]
pub(super) struct Sites {
    ids: Vec<String>,
    bodies: BTreeMap<String, Vec<u8>>,
}

impl Sites {
    /// An archive that is published as it is, and a project that is built.
    pub(super) async fn deploy(client: &Client) -> Result<Self> {
        client.ensure_no_certificate(&format!("nobody.{SITES_DOMAIN}")).await?;
        let mut sites = Self::default();
        sites.add(client, "deploy/examples/static", "?prebuilt=true").await?;
        sites.add(client, "deploy/examples/vite", "").await?;
        Ok(sites)
    }

    async fn add(&mut self, client: &Client, example: &str, options: &str) -> Result<()> {
        let archive = tempfile::NamedTempFile::new()?;
        pack(&root().join(example), archive.path()).await?;
        let body = format!("@{}", archive.path().display());
        let path = format!("/v1/deployments{options}");
        let arguments = ["--data-binary", &body, "-H", "Content-Type: application/x-tar"];
        let born = client.json(&path, &arguments).await?;
        let id = text(&born, "id")?.to_owned();
        let url = text(&born, "url")?.to_owned();
        wait_until_deployed(client, &id).await?;
        let files = client.json(&format!("/v1/deployments/{id}/files"), &[]).await?;
        for path in paths(&files)? {
            let url = format!("{url}{}", path.strip_suffix("index.html").unwrap_or(&path));
            let answer = client.visit(&url).await?;
            ensure!(answer.status == 200 && !answer.body.is_empty(), "{url} answers {}", answer.status);
            self.bodies.insert(url, answer.body);
        }
        self.ids.push(id);
        Ok(())
    }

    /// Every address answers as it first did, as soon as everybody is up again.
    pub(super) async fn ensure_unchanged(&self, client: &Client) -> Result<()> {
        let started = Instant::now();
        for (url, body) in &self.bodies {
            while let Err(error) = ensure_same(client, url, body).await {
                ensure!(started.elapsed() < RETURN, "{error:#}");
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
        Ok(())
    }

    /// Every address answers as it first did, at once. Answers how many there are.
    pub(super) async fn ensure_same_now(&self, client: &Client) -> Result<u32> {
        for (url, body) in &self.bodies {
            ensure_same(client, url, body).await?;
        }
        Ok(u32::try_from(self.bodies.len())?)
    }

    /// The API knows every deployment, and that it ended well: of an empty Redis that is the reindex.
    pub(super) async fn ensure_known(&self, client: &Client) -> Result<()> {
        for id in &self.ids {
            wait_until_deployed(client, id).await?;
        }
        Ok(())
    }
}

async fn ensure_same(client: &Client, url: &str, body: &[u8]) -> Result<()> {
    let answer = client.visit(url).await?;
    ensure!(answer.status == 200 && answer.body == body, "{url} is not what it was: {}", answer.status);
    Ok(())
}

async fn pack(folder: &Path, archive: &Path) -> Result<()> {
    let size = fs::read_dir(folder)?.count();
    ensure!(size > 0, "{} is empty", folder.display());
    let (folder, archive) = (folder.to_string_lossy(), archive.to_string_lossy());
    let arguments = ["-C", &folder, "--exclude", "./node_modules", "-cf", &archive, "."];
    process::run(&mut process::command("tar", &arguments)).await
}

async fn wait_until_deployed(client: &Client, id: &str) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let now = client.json(&format!("/v1/deployments/{id}"), &[]).await?;
        match text(&now, "status")? {
            "deployed" => return Ok(()),
            "failed" | "cancelled" => bail!("{id} did not end well: {now}"),
            _ => tokio::time::sleep(Duration::from_millis(300)).await,
        }
    }
    bail!("{id} does not end within {PATIENCE:?}")
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {value}"))
}

fn paths(files: &Value) -> Result<Vec<String>> {
    let entries = files.get("entries").or_else(|| files.get("files")).and_then(Value::as_array);
    let entries = entries.with_context(|| format!("no files in {files}"))?;
    entries.iter().map(|entry| Ok(text(entry, "path")?.to_owned())).collect()
}
