//! A real `redis-server` of the test's own, with everything a chaos test wants to do to it.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::missing::or_skip;
use crate::port::free_port;
use crate::process::Leashed;
use crate::tcp_faults::Upstream;
use crate::wait::ready_within;

/// Loading a large append-only file is the slowest start there is.
const START: Duration = Duration::from_secs(20);

/// Where the server listens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Listen {
    /// A socket in the server's own folder: no port, no race.
    #[default]
    UnixSocket,
    /// A free port on loopback, the same one after a restart.
    Tcp,
}

/// How a test's Redis is started.
#[derive(Debug, Clone, Default)]
pub struct RedisOptions {
    /// Where it listens.
    pub listen: Listen,
    /// Further arguments, e.g. `["--appendonly", "yes"]`. Without any, nothing is kept over a restart.
    pub arguments: Vec<String>,
    /// The folder that its files are made in; the temporary folder by default.
    pub base: Option<PathBuf>,
}

impl RedisOptions {
    /// A server that keeps every acknowledged write over a `kill -9`.
    pub fn durable() -> Self {
        let arguments = ["--appendonly", "yes", "--appendfsync", "always"].map(str::to_owned).to_vec();
        Self { arguments, ..Self::default() }
    }

    /// A server on a port that keeps what `deploy/` lets its Redis keep: all but the last second, and drops nothing for room.
    /// It takes nothing larger in one piece than the ones there: see `deploy/compose.yaml`.
    pub fn as_deployed() -> Self {
        let keeps = ["--appendonly", "yes", "--maxmemory-policy", "noeviction"];
        let arguments = keeps.into_iter().chain(["--proto-max-bulk-len", "4mb"]).map(str::to_owned).collect();
        Self { arguments, listen: Listen::Tcp, ..Self::default() }
    }
}

/// A running Redis; killed and removed when dropped.
#[derive(Debug)]
pub struct RedisServer {
    process: Mutex<Option<Leashed>>,
    address: Upstream,
    command: Vec<String>,
    folder: TempDir,
}

impl RedisServer {
    /// A Redis on a socket that keeps nothing; `None` after a skip.
    pub fn start() -> Option<Self> {
        Self::start_with(&RedisOptions::default())
    }

    /// A Redis as `options` say; `None` after a skip.
    pub fn start_with(options: &RedisOptions) -> Option<Self> {
        or_skip("redis-server", Self::try_start(options))
    }

    /// A Redis as `options` say, or why not.
    pub fn try_start(options: &RedisOptions) -> Result<Self> {
        let base = options.base.clone().unwrap_or_else(std::env::temp_dir);
        let folder = tempfile::Builder::new().prefix("shipstack-redis-").tempdir_in(base)?;
        let address = match options.listen {
            Listen::UnixSocket => Upstream::Unix(folder.path().join("redis.sock")),
            Listen::Tcp => Upstream::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?))),
        };
        let command = command(&address, folder.path(), options);
        let server = Self { process: Mutex::new(None), address, command, folder };
        server.restart()?;
        Ok(server)
    }

    /// What `REDIS_URL` is set to.
    pub fn url(&self) -> String {
        match &self.address {
            Upstream::Tcp(address) => format!("redis://{address}/"),
            Upstream::Unix(path) => format!("redis+unix://{}", path.display()),
        }
    }

    /// Where to connect to, for a [`FaultProxy`](crate::FaultProxy).
    pub fn upstream(&self) -> Upstream {
        self.address.clone()
    }

    /// Kills it (`SIGKILL`), as a crash would. What it had on disk stays.
    pub fn kill(&self) {
        self.process().take();
    }

    /// Starts it again (killing it first if it runs) at the same address and on the same files.
    pub fn restart(&self) -> Result<()> {
        let mut process = self.process();
        process.take();
        if let Upstream::Unix(socket) = &self.address {
            // A socket left by a kill would make the readiness check connect to nobody.
            let _absent = std::fs::remove_file(socket);
        }
        let started = Leashed::start(self.folder.path(), &self.command)?;
        ready_within(START, || {
            started.ensure_running(self.folder.path())?;
            Ok(self.raw("PING").is_ok_and(|reply| reply.starts_with("+PONG")))
        })?;
        *process = Some(started);
        Ok(())
    }

    /// How large its append-only file is, in bytes.
    pub fn appended(&self) -> Result<u64> {
        Ok(self.append_only_file()?.metadata()?.len())
    }

    /// Kills it and cuts its append-only file to this length, as a power cut does to what was not synced.
    pub fn forget_after(&self, length: u64) -> Result<()> {
        self.kill();
        Ok(self.append_only_file()?.set_len(length)?)
    }

    /// The file that is written to.
    fn append_only_file(&self) -> Result<File> {
        let folder = self.folder.path().join("appendonlydir");
        let files = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
        let grows = |path: &PathBuf| path.to_string_lossy().ends_with(".incr.aof");
        let path = files.iter().map(std::fs::DirEntry::path).filter(grows).max();
        Ok(File::options().write(true).open(path.context("Redis appends to no file")?)?)
    }

    /// Freezes it (`SIGSTOP`): connections stay open and nothing answers.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on after [`freeze`](Self::freeze).
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Sends one inline command (`"FLUSHALL"`, `"LPUSH build-queue abc"`) past every client under test, and
    /// answers the first 64 KiB of the raw reply.
    pub fn raw(&self, command: &str) -> Result<String> {
        let mut stream = self.address.connect()?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        let mut reply = vec![0; 65_536];
        let read = stream.read(&mut reply)?;
        reply.truncate(read);
        Ok(String::from_utf8_lossy(&reply).into_owned())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        self.process().as_ref().context("the server is not running")?.signal(signal)
    }

    fn process(&self) -> MutexGuard<'_, Option<Leashed>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn command(address: &Upstream, folder: &Path, options: &RedisOptions) -> Vec<String> {
    let listen = match address {
        Upstream::Tcp(address) => {
            vec!["--port".to_owned(), address.port().to_string(), "--bind".to_owned(), "127.0.0.1".to_owned()]
        }
        Upstream::Unix(path) => {
            vec!["--port".to_owned(), "0".to_owned(), "--unixsocket".to_owned(), path.display().to_string()]
        }
    };
    let mut command = vec!["redis-server".to_owned()];
    command.extend(listen);
    command.extend(["--dir".to_owned(), folder.display().to_string()]);
    command.extend(["--save", "", "--daemonize", "no"].map(str::to_owned));
    command.extend(options.arguments.iter().cloned());
    command
}
