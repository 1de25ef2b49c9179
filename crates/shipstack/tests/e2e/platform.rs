//! A platform of a test's own, as processes: what an operator would start, on free ports, gone when dropped.

use crate::fixture::Fixture;
use reqwest::{Client, Response, redirect};
use serde_json::{Value, json};
use shipstack_testkit::{
    Bucket, DockerEngine, GitServer, Leashed, RedisOptions, RedisServer, SeaweedFs, ServiceFolder, free_port,
    skip,
};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest a deployment may take here; a Vite install on two busy cores takes tens of seconds.
const PATIENCE: Duration = Duration::from_mins(5);

/// How the platform runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `shipstack up`: one process, a folder, Docker.
    AllInOne,
    /// Three processes on Redis, S3 and Docker.
    ThreeServices,
}

/// A running platform.
pub(crate) struct Platform {
    pub(crate) redis: Option<RedisServer>,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) git: GitServer,
    pub(crate) api: String,
    pub(crate) serve_port: u16,
    environment: Vec<(String, String)>,
    processes: Vec<(String, Leashed, TempDir)>,
    client: Client,
    folder: ServiceFolder,
}

impl Platform {
    /// Starts a platform; `None` after a skip. `extra` settings come last and win.
    pub(crate) async fn start(shape: Shape, extra: &[(&str, &str)]) -> Option<Self> {
        let mut platform = Self::prepare(shape, extra)?;
        let programs: &[&[&str]] = match shape {
            Shape::AllInOne => &[&["shipstack", "up"]],
            Shape::ThreeServices => &[&["upload-service"], &["deploy-worker"], &["request-service"]],
        };
        for program in programs {
            platform.spawn(program, &[]);
        }
        platform.ready().await;
        Some(platform)
    }

    fn prepare(shape: Shape, extra: &[(&str, &str)]) -> Option<Self> {
        let engine = DockerEngine::start()?;
        if program("upload-service").is_none() || program("shipstack").is_none() {
            skip("programs", &"the workspace's programs are not built (cargo build --workspace --bins)");
            return None;
        }
        let (redis, bucket) = match shape {
            Shape::AllInOne => (None, None),
            Shape::ThreeServices => (Some(RedisServer::start_with(&kept())?), Some(SeaweedFs::bucket()?)),
        };
        let git = GitServer::start().unwrap();
        let (api_port, serve_port) = (free_port().unwrap(), free_port().unwrap());
        let folder = ServiceFolder::new().unwrap();
        let mut environment = base_environment(&engine, folder.path(), (api_port, serve_port));
        environment.push(("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS".into(), git.host()));
        if let (Some(redis), Some(bucket)) = (&redis, &bucket) {
            environment.extend(server_environment(redis, bucket));
        }
        environment.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
        let api = format!("http://127.0.0.1:{api_port}");
        Some(Self { redis, bucket, git, api, serve_port, environment, processes: Vec::new(), client, folder })
    }

    /// Starts one more process of the platform, with further settings.
    pub(crate) fn spawn(&mut self, command: &[&str], extra: &[(&str, &str)]) {
        let home = tempfile::tempdir().unwrap();
        let mut line: Vec<String> = vec!["env".into(), "-C".into(), self.folder.path().display().to_string()];
        line.extend(self.environment.iter().map(|(name, value)| format!("{name}={value}")));
        line.extend(extra.iter().map(|(name, value)| format!("{name}={value}")));
        line.push(program(command[0]).unwrap().display().to_string());
        line.extend(command[1..].iter().map(|argument| (*argument).to_owned()));
        let process = Leashed::start(home.path(), &line).unwrap();
        self.processes.push((command[0].to_owned(), process, home));
    }

    /// The settings that its processes have.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The newest process of this name.
    pub(crate) fn process(&mut self, name: &str) -> &mut Leashed {
        &mut self.processes.iter_mut().rev().find(|(running, ..)| running == name).expect(name).1
    }

    /// What the newest process of this name has printed.
    pub(crate) fn output(&self, name: &str) -> String {
        let (.., home) = self.processes.iter().rev().find(|(running, ..)| running == name).expect(name);
        std::fs::read_to_string(home.path().join("log")).unwrap_or_default()
    }

    /// What all processes have printed, for a failing test's message.
    pub(crate) fn outputs(&self) -> String {
        let one = |(name, _, home): &(String, Leashed, TempDir)| {
            let log = std::fs::read_to_string(home.path().join("log")).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(30).collect();
            format!("--- {name}\n{}\n", tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
        };
        self.processes.iter().map(one).collect()
    }

    async fn ready(&self) {
        self.until(Duration::from_mins(1), "the platform to be ready", || async {
            let api = self.client.get(format!("{}/readyz", self.api)).send().await;
            let serving = self.client.get(format!("http://127.0.0.1:{}/", self.serve_port)).send().await;
            let building = self.outputs().contains("deploy-worker is ready");
            api.is_ok_and(|answer| answer.status() == 200) && serving.is_ok() && building
        })
        .await;
    }

    /// Kills the newest worker (`SIGKILL`) and answers its name: what it leaves is the next worker's to remove.
    pub(crate) fn kill_worker(&mut self) -> String {
        let output = self.output("deploy-worker");
        self.process("deploy-worker").kill();
        let (_, rest) = output.split_once("deploy-worker is ready on ").expect("a worker that was ready");
        rest.split(['"', ' ', '\n']).next().unwrap_or_default().to_owned()
    }

    /// Waits until nothing is left in Docker of these workers, who were killed.
    pub(crate) async fn is_rid_of(&self, workers: &[String]) {
        let gone = || async { workers.iter().all(|worker| crate::leftovers::of_worker(worker).is_empty()) };
        self.until(Duration::from_mins(2), "nothing left of dead workers", gone).await;
    }

    /// Waits for a condition; when it does not come, says what all processes printed.
    pub(crate) async fn until<F, Fut>(&self, patience: Duration, what: &str, mut condition: F)
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = bool>,
    {
        let started = Instant::now();
        while !condition().await {
            assert!(
                started.elapsed() < patience,
                "waited {patience:?} in vain for {what}\n{}",
                self.outputs()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// `POST /deploy` with a repository that holds this project.
    pub(crate) async fn deploy_git(&self, name: &str, project: &Fixture) -> String {
        let texts = project.texts();
        let files: Vec<(&str, &str)> =
            texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        self.git.add_repo(name, &files).unwrap();
        let answer = self.post("/deploy", json!({ "repourl": self.git.url(name) })).await;
        assert_eq!(answer.status(), 200, "{}", self.outputs());
        let body: Value = answer.json().await.unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    /// `POST /v1/deployments` with an archive of this project.
    pub(crate) async fn deploy_archive(&self, query: &str, project: &Fixture) -> String {
        let request = self.client.post(format!("{}/v1/deployments{query}", self.api));
        let answer =
            request.header("content-type", "application/gzip").body(project.tar_gz()).send().await.unwrap();
        assert_eq!(answer.status(), 202, "{}", self.outputs());
        let body: Value = answer.json().await.unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.client.post(format!("{}{path}", self.api)).json(&body).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.api)).send().await.unwrap()
    }

    /// The word that `GET /status` says.
    pub(crate) async fn status(&self, id: &str) -> Option<String> {
        let answer = self.get(&format!("/status?id={id}")).await;
        let body: Value = answer.json().await.ok()?;
        body["status"].as_str().map(str::to_owned)
    }

    /// The deployment, once it has ended.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        self.until(PATIENCE, &format!("{id} to end"), || async {
            matches!(self.status(id).await.as_deref(), Some("deployed" | "failed" | "cancelled"))
        })
        .await;
        self.get(&format!("/v1/deployments/{id}")).await.json().await.unwrap()
    }

    /// The deployment, which has to be deployed.
    pub(crate) async fn deployed(&self, id: &str) -> Value {
        let deployment = self.ended(id).await;
        assert_eq!(
            deployment["status"],
            "deployed",
            "{deployment:#}\n{}\n{}",
            self.log(id).await,
            self.outputs()
        );
        deployment
    }

    /// Waits until Docker has nothing of this deployment any more: a sandbox goes beside the outcome, not before it.
    pub(crate) async fn leaves_nothing(&self, id: &str) {
        let gone = || async { crate::leftovers::of_deployment(id).is_empty() };
        self.until(Duration::from_mins(1), "nothing left in Docker", gone).await;
    }

    /// The failure of a deployment, which has to have one.
    pub(crate) async fn failure(&self, id: &str) -> Value {
        let deployment = self.ended(id).await;
        assert_eq!(deployment["status"], "failed", "{deployment:#}");
        deployment["failure"].clone()
    }

    /// The whole log as text.
    pub(crate) async fn log(&self, id: &str) -> String {
        self.get(&format!("/v1/deployments/{id}/logs")).await.text().await.unwrap()
    }

    /// What a visitor gets from the bare domain.
    pub(crate) async fn get_from_site(&self, path: &str) -> Response {
        let request = self.client.get(format!("http://127.0.0.1:{}{path}", self.serve_port));
        request.send().await.unwrap()
    }

    /// What a visitor gets from a deployment's own host.
    pub(crate) async fn visit(&self, id: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.get(format!("http://127.0.0.1:{}{path}", self.serve_port));
        request = request.header("host", format!("{id}.localhost:{}", self.serve_port));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

impl Drop for Platform {
    /// Stops it as an operator would: a worker that is only killed leaves its proxy's network to a successor.
    fn drop(&mut self) {
        self.processes.iter().for_each(|(_, process, _)| process.stop());
    }
}

/// A program of the workspace, beside this test's own.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_BIN_EXE_shipstack"));
    Some(own.with_file_name(name)).filter(|path| path.is_file())
}

/// A Redis that keeps its data: one that does not is not ready, and says so.
fn kept() -> RedisOptions {
    RedisOptions { arguments: ["--appendonly", "yes"].map(str::to_owned).to_vec(), ..RedisOptions::default() }
}

fn base_environment(engine: &DockerEngine, folder: &Path, ports: (u16, u16)) -> Vec<(String, String)> {
    let set = |name: &str, value: String| (name.to_owned(), value);
    let mut environment = vec![
        set("DOCKER_HOST", engine.host().to_owned()),
        set("SHIPSTACK_API_ADDR", format!("127.0.0.1:{}", ports.0)),
        set("SHIPSTACK_SERVE_ADDR", format!("127.0.0.1:{}", ports.1)),
        set("SHIPSTACK_DATA_DIR", folder.join("data").display().to_string()),
        set("SHIPSTACK_LOG_FORMAT", "json".to_owned()),
        set("SHIPSTACK_LOG", "info,deploy_worker=debug".to_owned()),
    ];
    // What lets builds reach the package registry of this machine; set by `cargo xtask test` from the clients' settings.
    for name in
        ["SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS", "SHIPSTACK_BUILD_REGISTRY", "SHIPSTACK_BUILD_CA_FILE"]
    {
        if let Some(value) = std::env::var_os(name) {
            environment.push(set(name, value.to_string_lossy().into_owned()));
        }
    }
    environment
}

fn server_environment(redis: &RedisServer, bucket: &Bucket) -> Vec<(String, String)> {
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        set("REDIS_URL", &redis.url()),
        set("AWS_BUCKET", bucket.name()),
        set("AWS_REGION", SeaweedFs::REGION),
        set("AWS_ENDPOINT_URL", bucket.endpoint()),
        set("AWS_ACCESS_KEY_ID", SeaweedFs::KEY),
        set("AWS_SECRET_ACCESS_KEY", SeaweedFs::SECRET),
    ]
}
