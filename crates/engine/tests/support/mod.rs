//! What the engine's tests share: an engine of their own, projects as tars, and the proof that nothing is left.
#![allow(dead_code, reason = "each test file uses its part")]

use bollard::Docker;
use bollard::query_parameters::{ListContainersOptions, ListNetworksOptions, ListVolumesOptions};
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use shipstack_engine::{
    BUILD_UID, Command, Engine, EngineConfig, OutputLine, PROJECT_FOLDER, RunEnd, Sandbox, SandboxRequest,
    Toolchain, WORKER,
};
use shipstack_testkit::DockerEngine;
use shipstack_types::{
    BuildLimits, BuildProfile, ClaimNumber, DeploymentId, EgressOptions, HostAllowList, RelPath, WorkerId,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// An engine under a worker id of its own, so that what it leaves can be told from what others do.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) docker: Docker,
    pub(crate) worker: WorkerId,
}

/// `None` after a skip.
pub(crate) async fn bench() -> Option<Bench> {
    bench_with(|_| {}).await
}

pub(crate) async fn bench_with(change: impl FnOnce(&mut EngineConfig)) -> Option<Bench> {
    let found = DockerEngine::start()?;
    let worker = WorkerId::new("engine-test", random().to_be_bytes());
    let mut config = EngineConfig::new(worker.clone());
    config.docker_host = Some(found.host().to_owned());
    config.egress_allow_private = registry_host();
    config.registry = registry();
    config.ca_file = ca_file();
    change(&mut config);
    let docker = Docker::connect_with_host(found.host()).unwrap().negotiate_version().await.unwrap();
    if docker.inspect_image(shipstack_engine::DEFAULT_IMAGE).await.is_err() {
        shipstack_testkit::skip("the builder image", &"run deploy/builder/make.sh");
        return None;
    }
    let engine = Engine::connect(config).await.unwrap();
    Some(Bench { engine, docker, worker })
}

impl Bench {
    pub(crate) async fn open(&self) -> Sandbox {
        self.open_with(BuildLimits::of(BuildProfile::Standard)).await
    }

    pub(crate) async fn open_with(&self, limits: BuildLimits) -> Sandbox {
        self.engine.open(request(limits)).await.unwrap()
    }

    /// A sandbox with a project in it.
    pub(crate) async fn filled(&self, files: &[(&str, &str)]) -> Sandbox {
        let sandbox = self.open().await;
        sandbox.fill(project(files)).await.unwrap();
        sandbox
    }

    /// The one container with the label of this worker and a deployment.
    pub(crate) async fn build_container(&self) -> String {
        let filters = HashMap::from([(
            "label".to_owned(),
            vec![format!("{WORKER}={}", self.worker), shipstack_engine::DEPLOYMENT.to_owned()],
        )]);
        let options = ListContainersOptions { all: true, filters: Some(filters), ..Default::default() };
        let listed = self.docker.list_containers(Some(options)).await.unwrap();
        assert_eq!(listed.len(), 1);
        listed[0].id.clone().unwrap()
    }

    /// Everything that carries this worker's label.
    pub(crate) async fn labelled(&self) -> BTreeSet<String> {
        let label = || Some(HashMap::from([("label".to_owned(), vec![format!("{WORKER}={}", self.worker)])]));
        let options = ListContainersOptions { all: true, filters: label(), ..Default::default() };
        let containers = self.docker.list_containers(Some(options)).await.unwrap();
        let networks =
            self.docker.list_networks(Some(ListNetworksOptions { filters: label() })).await.unwrap();
        let volumes = self.docker.list_volumes(Some(ListVolumesOptions { filters: label() })).await.unwrap();
        let containers = containers.into_iter().map(|found| format!("container {:?}", found.names));
        let networks = networks.into_iter().map(|found| format!("network {:?}", found.name));
        let volumes =
            volumes.volumes.unwrap_or_default().into_iter().map(|found| format!("volume {}", found.name));
        containers.chain(networks).chain(volumes).collect()
    }

    /// Ends the proxy and asserts that nothing with this worker's label is left.
    pub(crate) async fn finish(self) {
        self.engine.shut_down().await;
        assert_eq!(self.labelled().await, BTreeSet::new());
    }
}

impl Drop for Bench {
    /// A test that failed in the middle still leaves nothing: by label, on a runtime that outlives the test's own.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let label = format!("label={WORKER}={}", self.worker);
        let script = format!(
            "docker rm -fv $(docker ps -aqf {label}); sleep 1; docker network rm $(docker network ls -qf {label}); \
             docker volume rm $(docker volume ls -qf {label})"
        );
        let _ = std::process::Command::new("sh").args(["-c", &script]).output();
    }
}

pub(crate) fn request(limits: BuildLimits) -> SandboxRequest {
    SandboxRequest {
        deployment: deployment(),
        claim: ClaimNumber::FIRST,
        limits,
        toolchain: Toolchain { node: 22, package_manager: None },
        env: Vec::new(),
        egress: EgressOptions::default(),
    }
}

pub(crate) fn deployment() -> DeploymentId {
    format!("t{:015x}", random() >> 4).parse().unwrap()
}

/// Eight bytes from the standard library's own seed.
pub(crate) fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// A command of `sh`, with ten minutes.
pub(crate) fn command(script: &str) -> Command {
    Command {
        script: script.to_owned(),
        directory: RelPath::root(),
        env: Vec::new(),
        deadline: Instant::now() + Duration::from_mins(10),
        silence: Duration::from_mins(5),
    }
}

/// Runs a command to its end and gives what it printed, both streams.
pub(crate) async fn run(sandbox: &Sandbox, command: &Command) -> (RunEnd, Vec<String>) {
    let (sender, receiver) = mpsc::channel(64);
    let reading = tokio::spawn(gather(receiver));
    let end = sandbox.run(command, sender, CancellationToken::new()).await.unwrap();
    (end, reading.await.unwrap())
}

pub(crate) async fn sh(sandbox: &Sandbox, script: &str) -> (RunEnd, String) {
    let (end, lines) = run(sandbox, &command(script)).await;
    (end, lines.join("\n"))
}

async fn gather(mut lines: mpsc::Receiver<OutputLine>) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(line) = lines.recv().await {
        texts.push(line.text);
    }
    texts
}

/// A tar of text files with explicit folders, as the source crate writes it.
pub(crate) fn project(
    files: &[(&str, &str)],
) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + 'static + use<> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut folders = BTreeSet::new();
    for (path, content) in files {
        let segments: Vec<&str> = path.split('/').collect();
        for depth in 1..segments.len() {
            if folders.insert(segments[..depth].join("/")) {
                let name = format!("{PROJECT_FOLDER}/{}/", segments[..depth].join("/"));
                builder
                    .append_data(&mut header(tar::EntryType::Directory, 0, 0o755), name, std::io::empty())
                    .unwrap();
            }
        }
        let mut header = header(tar::EntryType::Regular, content.len() as u64, 0o644);
        builder.append_data(&mut header, format!("{PROJECT_FOLDER}/{path}"), content.as_bytes()).unwrap();
    }
    stream::iter([Ok(Bytes::from(builder.into_inner().unwrap()))])
}

fn header(kind: tar::EntryType, size: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_uid(BUILD_UID.into());
    header.set_gid(BUILD_UID.into());
    header
}

/// The regular files of a collected folder: path below it and content.
pub(crate) async fn collect(sandbox: &Sandbox, folder: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    let collected = sandbox.collect(&folder.parse().unwrap()).await.unwrap()?;
    let bytes: Vec<u8> = collected.tar.map_ok(|chunk| chunk.to_vec()).try_concat().await.unwrap();
    let mut archive = tar::Archive::new(bytes.as_slice());
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.header().entry_type() == tar::EntryType::Regular {
            let path = entry.path().unwrap().display().to_string();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
            files.insert(path.strip_prefix(&format!("{}/", collected.top)).unwrap().to_owned(), content);
        }
    }
    Some(files)
}

/// The registry that npm is configured for.
pub(crate) fn registry() -> Option<String> {
    let output = std::process::Command::new("npm").args(["config", "get", "registry"]).output().ok()?;
    let registry = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    registry.starts_with("http").then_some(registry)
}

/// Its host, which may resolve to an address that is not public.
pub(crate) fn registry_host() -> HostAllowList {
    registry_name().map(|host| host.parse().unwrap()).unwrap_or_default()
}

pub(crate) fn registry_name() -> Option<String> {
    let registry = registry()?;
    let host = registry.split("//").nth(1)?.split('/').next()?;
    Some(host.to_owned())
}

fn ca_file() -> Option<PathBuf> {
    let debian = PathBuf::from("/etc/ssl/certs/ca-certificates.crt");
    debian.is_file().then_some(debian)
}
