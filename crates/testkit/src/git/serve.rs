//! The server: one thread a connection, one request a connection, `git http-backend` as CGI behind it.

use std::collections::HashMap;
use std::io::{BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::misbehave::Misbehaviour;
use super::repository::{RepoFile, Repository, clean_git};
use crate::wire::{Request, answer, find_header, read_headers};

#[derive(Debug, Default)]
struct Shared {
    closed: bool,
    misbehaviours: HashMap<String, Misbehaviour>,
    requests: Vec<String>,
    open: HashMap<SocketAddr, TcpStream>,
}

/// A Git host of the test's own on a free port; gone with its repositories when dropped.
#[derive(Debug)]
pub struct GitServer {
    address: SocketAddr,
    folder: TempDir,
    shared: Arc<Mutex<Shared>>,
}

impl GitServer {
    /// Starts a host without repositories.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("shipstack-git-host-").tempdir()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Mutex::new(Shared::default()));
        let (root, state) = (folder.path().to_path_buf(), Arc::clone(&shared));
        std::thread::spawn(move || accept(&listener, &root, &state));
        Ok(Self { address, folder, shared })
    }

    /// Adds a repository with one commit of these text files on `main`, and answers the commit's id.
    pub fn add_repo(&self, name: &str, files: &[(&str, &str)]) -> Result<String> {
        let files: Vec<(&str, RepoFile)> =
            files.iter().map(|(path, text)| (*path, RepoFile::from(*text))).collect();
        self.add_repository(name)?.commit("main", &files)
    }

    /// Adds an empty repository and hands it out, for everything that is not one commit of text files.
    pub fn add_repository(&self, name: &str) -> Result<Repository> {
        Repository::create(self.folder.path().join(format!("{name}.git")))
    }

    /// Makes every request for `name` go wrong in this way, whether the repository exists or not.
    pub fn misbehave(&self, name: &str, how: Misbehaviour) {
        lock(&self.shared).misbehaviours.insert(format!("{name}.git"), how);
    }

    /// The URL to deploy from.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}.git", self.address)
    }

    /// `host:port`, for the lists of hosts that may be private.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Every request so far, as `METHOD target`.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared).requests.clone()
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        let open = {
            let mut shared = lock(&self.shared);
            shared.closed = true;
            std::mem::take(&mut shared.open)
        };
        for stream in open.into_values() {
            // One that the client has closed already is closed.
            let _closed = stream.shutdown(Shutdown::Both);
        }
        // Wakes the accepting thread, which then sees that it is over.
        let _wake = TcpStream::connect(self.address);
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, root: &Path, shared: &Arc<Mutex<Shared>>) {
    for stream in listener.incoming() {
        if lock(shared).closed {
            return;
        }
        let Ok(stream) = stream else { continue };
        let (root, shared) = (root.to_path_buf(), Arc::clone(shared));
        // A client that goes away in the middle is part of the tests.
        std::thread::spawn(move || serve_while_open(&stream, &root, &shared).ok());
    }
}

fn serve_while_open(stream: &TcpStream, root: &Path, shared: &Mutex<Shared>) -> Result<()> {
    let client = stream.peer_addr()?;
    lock(shared).open.insert(client, stream.try_clone()?);
    let served = serve(stream, root, shared);
    lock(shared).open.remove(&client);
    served
}

fn serve(stream: &TcpStream, root: &Path, shared: &Mutex<Shared>) -> Result<()> {
    let Some(request) = Request::read(stream)? else {
        return Ok(());
    };
    let repository = request.target.split('/').nth(1).unwrap_or_default().to_owned();
    let misbehaviour = {
        let mut shared = lock(shared);
        shared.requests.push(format!("{} {}", request.method, request.target));
        shared.misbehaviours.get(&repository).cloned()
    };
    match misbehaviour {
        Some(misbehaviour) => misbehaviour.play(stream, &request)?,
        None => backend(stream, &request, root)?,
    }
    stream.shutdown(Shutdown::Both)?;
    Ok(())
}

/// Answers through git's own CGI program.
fn backend(mut stream: &TcpStream, request: &Request, root: &Path) -> Result<()> {
    let mut child = cgi(request, root).spawn().context("git is missing")?;
    let mut input = child.stdin.take().context("no input")?;
    let body = request.body.clone();
    // Written beside the reading, so that neither pipe can fill up while the other waits.
    let writer = std::thread::spawn(move || input.write_all(&body));
    let mut output = BufReader::new(child.stdout.take().context("no output")?);
    let headers = read_headers(&mut output)?;
    let mut content = Vec::new();
    output.read_to_end(&mut content)?;
    child.wait()?;
    // The program may end without reading everything.
    let _unread = writer.join();
    let status =
        find_header(&headers, "status").and_then(|value| value.get(..3)?.parse().ok()).unwrap_or(200);
    let lines: Vec<&str> =
        headers.iter().map(String::as_str).filter(|line| !line.starts_with("Status:")).collect();
    answer(stream, status, &lines, &content)?;
    stream.flush()?;
    Ok(())
}

fn cgi(request: &Request, root: &Path) -> Command {
    let (path, query) = request.path_and_query();
    let mut command = clean_git();
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", request.header("content-type").unwrap_or_default())
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", request.header("content-encoding").unwrap_or_default())
        .env("GIT_PROTOCOL", request.header("git-protocol").unwrap_or_default())
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}
