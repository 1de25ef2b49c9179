//! The Docker engine of ours: one for each cache folder, whoever of us started it.
//!
//! Two engines on one folder take each other's socket and break each other's builds, so the one that runs it holds a
//! lock on the folder, and the others use its engine.

mod orphans;

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::process::Command;

use super::hold::Hold;
use crate::process::{self, Group};
use orphans::Orphans;

const POLL: Duration = Duration::from_millis(200);
/// An engine answers a ping at once or is in trouble.
const PING: Duration = Duration::from_secs(5);
const LOG_LINES: usize = 5;

/// A dockerd that we started; dropped in this order: it ends, what it left when it was killed ends, its
/// mount goes, and then the next may have the folder.
#[derive(Debug)]
pub(crate) struct Dockerd {
    group: Group,
    folder: PathBuf,
    _orphans: Orphans,
    _mount: Mount,
    _hold: Hold,
}

/// Whose engine answers.
#[derive(Debug)]
pub(crate) enum Engine {
    Ours(Box<Dockerd>),
    /// That of the process that holds the folder, or one that a killed process left.
    Anothers(Option<String>),
}

/// Where the engine of this folder listens.
pub(crate) fn socket(folder: &Path) -> PathBuf {
    folder.join("docker.sock")
}

/// The engine that this folder has, else the one that `program` starts, as soon as it answers.
pub(crate) async fn share_or_start(
    folder: &Path,
    program: &mut Command,
    patience: Duration,
) -> Result<Engine> {
    let started = Instant::now();
    let lock = folder.join("lock");
    loop {
        let hold = Hold::take(&lock)?;
        if answers(&socket(folder)).await {
            return Ok(Engine::Anothers(Hold::holder(&lock).filter(|_| hold.is_none())));
        }
        if let Some(hold) = hold {
            let own = Dockerd::start(folder, hold, program, patience).await?;
            return Ok(Engine::Ours(Box::new(own)));
        }
        if started.elapsed() > patience {
            let holder = Hold::holder(&lock).unwrap_or_default();
            let shown = folder.display();
            bail!(
                "another `cargo xtask` (process {holder}) has the Docker engine of {shown}, which does not answer; \
                 stop it, or set DOCKER_HOST to an engine that runs"
            );
        }
        tokio::time::sleep(POLL).await;
    }
}

impl Dockerd {
    async fn start(folder: &Path, hold: Hold, program: &mut Command, patience: Duration) -> Result<Self> {
        File::create(log(folder)).context("cannot write dockerd's log")?;
        let mut engine = Self {
            group: launch(folder, program)?,
            folder: folder.to_owned(),
            _orphans: Orphans(folder.to_owned()),
            _mount: Mount(folder.join("data")),
            _hold: hold,
        };
        engine.until_it_answers(patience).await?;
        Ok(engine)
    }

    /// Kills it and nothing that it runs, as the kernel does when memory runs out.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.group.signal(Signal::KILL);
        self.group.wait().await.map(drop)
    }

    /// Starts it again where it was killed, and waits until it answers. One that ends at its start is started once more,
    /// as a service manager does.
    pub(crate) async fn start_again(&mut self, program: &mut Command, patience: Duration) -> Result<()> {
        let started = Instant::now();
        loop {
            self.group = launch(&self.folder, program)?;
            let outcome = self.until_it_answers(patience).await;
            if outcome.is_ok() || started.elapsed() > patience {
                return outcome;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn until_it_answers(&mut self, patience: Duration) -> Result<()> {
        let (log, started) = (log(&self.folder), Instant::now());
        while !answers(&socket(&self.folder)).await {
            if self.group.has_ended()? {
                bail!("dockerd ended at its start; {}", end_of(&log));
            }
            if started.elapsed() > patience {
                bail!("dockerd does not answer; {}", end_of(&log));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }
}

fn log(folder: &Path) -> PathBuf {
    folder.join("dockerd.log")
}

fn launch(folder: &Path, program: &mut Command) -> Result<Group> {
    let log = File::options().append(true).open(log(folder)).context("cannot write dockerd's log")?;
    // Of one that was killed before it could remove it: nobody else has the folder. Its containerd dies with it, and a
    // dockerd that takes it for alive waits for it in vain.
    for pid in ["dockerd.pid", "exec/containerd/containerd.pid"] {
        let _absent = fs::remove_file(folder.join(pid));
    }
    Group::start(program.stdout(Stdio::from(log.try_clone()?)).stderr(log))
}

/// dockerd's data folder, which it mounts onto itself and leaves so.
#[derive(Debug)]
struct Mount(PathBuf);

impl Mount {
    /// A disk that someone put there is not dockerd's, and another device.
    fn is_onto_itself(&self) -> bool {
        let device = |path: &Path| fs::metadata(path).map(|data| data.dev()).ok();
        self.0.parent().and_then(device).is_some_and(|parent| device(&self.0) == Some(parent))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if !self.is_onto_itself() {
            return;
        }
        let mut command = std::process::Command::new("umount");
        command.arg("--lazy").arg(&self.0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // It may not be mounted.
        let _status = command.status();
    }
}

async fn answers(socket: &Path) -> bool {
    tokio::time::timeout(PING, ping(socket)).await.is_ok_and(|answer| answer.is_ok_and(|good| good))
}

async fn ping(socket: &Path) -> std::io::Result<bool> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n").await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(answer == *b"HTTP/1.1 200")
}

fn end_of(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default();
    format!("the end of {}:\n{}", log.display(), last.join("\n"))
}

/// The program that serves this folder.
pub(crate) fn dockerd(folder: &Path) -> Command {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let host = format!("unix://{}", socket(folder).display());
    let (data, exec, pid) = (path("data"), path("exec"), path("dockerd.pid"));
    let arguments = ["--host", &host, "--data-root", &data, "--exec-root", &exec, "--pidfile", &pid];
    process::command("dockerd", &arguments)
}

#[cfg(test)]
mod tests;
