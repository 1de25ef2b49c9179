//! A request-service of the test's own on a free port, and sites put into its store as a worker puts them.
#![allow(dead_code, reason = "each test file uses its part")]

use bytes::Bytes;
use request_service::{Config, Service};
use shipstack_http::MinimumRate;
use shipstack_service::Shutdown;
use shipstack_settings::from_pairs;
use shipstack_storage::{ObjectKey, PutBody, Store, StoreConfig};
use shipstack_types::{
    Birth, BuildOptions, ClaimNumber, DeploymentId, DeploymentState, Manifest, ManifestEntry, Published,
    ResultRecord, Sha256Digest, SiteRules, SourceRequest, Timestamp,
};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// A running service; stopped by [`TestHost::stop`], at the latest with the test's process.
pub(crate) struct TestHost {
    pub(crate) addr: SocketAddr,
    pub(crate) health: SocketAddr,
    pub(crate) store: Store,
    shutdown: Shutdown,
    running: JoinHandle<anyhow::Result<()>>,
}

/// One answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl TestHost {
    pub(crate) async fn start() -> Self {
        Self::with(Store::connect(&StoreConfig::Memory).await.unwrap(), &[])
    }

    pub(crate) fn with(store: Store, settings: &[(&str, &str)]) -> Self {
        Self::demanding(MinimumRate::OF_A_VISITOR, store, settings)
    }

    /// The same, whose readers have to keep to this minimum.
    pub(crate) fn demanding(readers: MinimumRate, store: Store, settings: &[(&str, &str)]) -> Self {
        let fixed = [("SHIPSTACK_SERVE_ADDR", "127.0.0.1:0"), ("SHIPSTACK_HEALTH_ADDR", "127.0.0.1:0")];
        let pairs: Vec<_> = fixed.iter().chain(settings).copied().collect();
        let config: Config = from_pairs(&pairs).unwrap();
        let service = Service::on_store(&config, &store).unwrap().demanding(readers);
        let (addr, health) = (service.serve_addr().unwrap(), service.health_addr().unwrap());
        let shutdown = Shutdown::new();
        let running = tokio::spawn(service.run(shutdown.clone()));
        Self { addr, health, store, shutdown, running }
    }

    pub(crate) async fn stop(self) {
        self.shutdown.ask();
        self.running.await.unwrap().unwrap();
    }

    /// GET with `Host: <host>` and further header lines.
    pub(crate) async fn get(&self, host: &str, path: &str, headers: &[&str]) -> Answer {
        self.ask("GET", host, path, headers).await
    }

    pub(crate) async fn ask(&self, method: &str, host: &str, path: &str, headers: &[&str]) -> Answer {
        let more: String = headers.iter().flat_map(|line| [*line, "\r\n"]).collect();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
        parse(&raw(self.addr, request.as_bytes()).await)
    }

    /// GET from a deployment's own host.
    pub(crate) async fn page(&self, id: &str, path: &str) -> Answer {
        self.get(&format!("{id}.localhost:{}", self.addr.port()), path, &[]).await
    }
}

/// Sends bytes and reads until the other side closes.
pub(crate) async fn raw(addr: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    // The other side may refuse before it has read everything.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

pub(crate) fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    Answer { status, headers: lines.filter_map(header).collect(), body: bytes[end + 4..].to_vec() }
}

pub(crate) fn id(text: &str) -> DeploymentId {
    text.parse().unwrap()
}

async fn put(store: &Store, key: ObjectKey, bytes: impl Into<Bytes>) {
    store.put(&key, PutBody::Bytes(bytes.into()), None).await.unwrap();
}

/// `deployment.json`.
pub(crate) async fn bear(store: &Store, id: &DeploymentId) {
    let birth = Birth {
        id: id.clone(),
        source: SourceRequest::Archive { prebuilt: true, name: None },
        build: BuildOptions::default(),
        group: "test".into(),
        parent: None,
        supersede: false,
        idempotency: None,
        traceparent: None,
        created_at: Timestamp::from_millis(0),
    };
    put(store, ObjectKey::Birth(id.clone()), serde_json::to_vec(&birth).unwrap()).await;
}

/// Artifacts and manifest of a claim, but no result: nothing is visible yet.
pub(crate) async fn store_artifacts(
    store: &Store,
    id: &DeploymentId,
    claim: u32,
    files: &[(&str, &[u8])],
) -> Manifest {
    let claim = ClaimNumber::new(claim).unwrap();
    let mut entries = Vec::new();
    for (path, bytes) in files {
        let path: shipstack_types::RelPath = path.parse().unwrap();
        put(store, ObjectKey::Artifact { id: id.clone(), claim, path: path.clone() }, bytes.to_vec()).await;
        let content_type = shipstack_rules::content_type(path.as_str()).into_owned();
        entries.push(ManifestEntry {
            path,
            bytes: bytes.len() as u64,
            sha256: Sha256Digest::of(bytes),
            content_type,
        });
    }
    let manifest = Manifest::new(entries, SiteRules::default());
    put(store, ObjectKey::Manifest { id: id.clone(), claim }, serde_json::to_vec(&manifest).unwrap()).await;
    manifest
}

/// `result.json`: from now on it is visible.
pub(crate) async fn settle(
    store: &Store,
    id: &DeploymentId,
    state: DeploymentState,
    published: Option<(u32, &Manifest)>,
) {
    let published = published.map(|(claim, manifest)| {
        let claim = ClaimNumber::new(claim).unwrap();
        let key = ObjectKey::Manifest { id: id.clone(), claim };
        Published {
            claim,
            manifest_key: key.to_string(),
            root: manifest.root,
            files: manifest.entries.len() as u64,
            bytes: manifest.total_bytes(),
        }
    });
    let result = ResultRecord {
        id: id.clone(),
        state,
        failure: None,
        published,
        attempt: 1,
        source_claim: None,
        plan: None,
        image: None,
        phases: Vec::new(),
        peak_memory_bytes: None,
        egress: None,
        parent: None,
        traceparent: None,
        log_key: String::new(),
        created_at: Timestamp::from_millis(0),
        ended_at: Timestamp::from_millis(784_111_777_000),
    };
    put(store, ObjectKey::Result(id.clone()), serde_json::to_vec(&result).unwrap()).await;
}

/// A deployed site, of claim 1.
pub(crate) async fn publish(store: &Store, id: &DeploymentId, files: &[(&str, &[u8])]) {
    bear(store, id).await;
    let manifest = store_artifacts(store, id, 1, files).await;
    settle(store, id, DeploymentState::Deployed, Some((1, &manifest))).await;
}
