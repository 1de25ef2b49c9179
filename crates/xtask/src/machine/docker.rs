//! The Docker engine: the one that answers, else one of our own, with its data in the cache folder so that the builder
//! image survives. Only what this process started is ever stopped.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use shipstack_testkit::DockerEngine;
use tokio::sync::Mutex;

use super::cache_folder;
use super::dockerd::{self, Dockerd, Engine};
use crate::console::say;

/// Six seconds on an idle machine; the first start makes its storage.
const START: Duration = Duration::from_mins(2);

/// An engine that answers; stopped when dropped if we started it.
pub(crate) struct Docker {
    host: String,
    own: Option<OwnEngine>,
}

/// An engine that this process started. What others started is not ours to break.
#[derive(Clone)]
pub(crate) struct OwnEngine {
    folder: PathBuf,
    process: Arc<Mutex<Dockerd>>,
}

impl OwnEngine {
    /// Kills it and starts it again that much later.
    pub(crate) async fn die_for(&self, lasting: Duration) -> Result<()> {
        // Whoever comes meanwhile kills it once more.
        let mut process = self.process.lock().await;
        process.kill().await?;
        tokio::time::sleep(lasting).await;
        process.start_again(&mut dockerd::dockerd(&self.folder), START).await
    }
}

impl Docker {
    pub(crate) async fn find_or_start() -> Result<Self> {
        match DockerEngine::find() {
            Ok(engine) => Ok(Self { host: engine.host().to_owned(), own: None }),
            Err(why) => {
                say(&format!("no Docker engine answers ({why:#}); starting one"));
                Self::share_or_start().await
            }
        }
    }

    /// What `DOCKER_HOST` is set to.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it was there before us.
    pub(crate) fn is_borrowed(&self) -> bool {
        self.own.is_none()
    }

    /// The engine itself, if it is ours.
    pub(crate) fn own(&self) -> Option<OwnEngine> {
        self.own.clone()
    }

    async fn share_or_start() -> Result<Self> {
        let folder = cache_folder()?.join("docker");
        fs::create_dir_all(&folder)?;
        let host = format!("unix://{}", dockerd::socket(&folder).display());
        let own = match dockerd::share_or_start(&folder, &mut dockerd::dockerd(&folder), START).await? {
            Engine::Ours(own) => Some(OwnEngine { folder, process: Arc::new(Mutex::new(*own)) }),
            Engine::Anothers(holder) => {
                say(&whose(holder.as_deref(), &folder));
                None
            }
        };
        Ok(Self { host, own })
    }
}

fn whose(holder: Option<&str>, folder: &Path) -> String {
    match holder {
        Some(process) => {
            format!("using the engine of another `cargo xtask` (process {process}); it goes when that ends")
        }
        None => format!(
            "using the engine that a killed `cargo xtask` left; it stays until the process in {} is stopped",
            folder.join("dockerd.pid").display()
        ),
    }
}
