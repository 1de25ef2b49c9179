//! A whole service on a real socket, and what tests say to it.

#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod build;
pub(crate) mod reader;
pub(crate) mod socket;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use shipstack_records::Records;
use shipstack_service::Shutdown;
use shipstack_settings::Environment;
use shipstack_testkit::ServiceFolder;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinHandle;
use upload_service::{Config, Service};

pub(crate) struct Api {
    pub(crate) address: SocketAddr,
    pub(crate) records: Records,
    pub(crate) data: ServiceFolder,
    pub(crate) client: Client,
    shutdown: Shutdown,
    run: Option<JoinHandle<anyhow::Result<()>>>,
}

/// A plain site as a tar.
pub(crate) fn site() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(2);
    header.set_mode(0o644);
    archive.append_data(&mut header, "index.html", &b"hi"[..]).unwrap();
    archive.into_inner().unwrap()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap_or_default() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A refusal in the Node system's shape: what, why, which code, what to do.
    pub(crate) fn assert_classic(&self, status: u16, code: &str) {
        let json = self.json();
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text);
        assert!(json["message"].is_string() && json["error"].is_string(), "{}", self.text);
        self.assert_helpful();
    }

    /// A refusal as RFC 9457 has it.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        let json = self.json();
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(json["type"], format!("urn:shipstack:problem:{code}"));
        assert_eq!(json["status"], status);
        self.assert_helpful();
    }

    fn assert_helpful(&self) {
        let json = self.json();
        assert!(json["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{}", self.text);
        assert!(json["requestId"].is_string(), "{}", self.text);
        let control = |text: &str| text.chars().any(char::is_control);
        assert!(!json.as_object().unwrap().values().any(|value| value.as_str().is_some_and(control)));
    }
}

impl Api {
    /// In-process state and a folder as the store.
    pub(crate) async fn start(pairs: &[(&str, &str)]) -> Self {
        Self::start_in(ServiceFolder::new().unwrap(), pairs).await
    }

    pub(crate) async fn start_in(data: ServiceFolder, pairs: &[(&str, &str)]) -> Self {
        let folder = data.path().to_str().unwrap().to_owned();
        let own = [("SHIPSTACK_API_ADDR", "127.0.0.1:0"), ("SHIPSTACK_DATA_DIR", folder.as_str())];
        let environment = Environment::from_pairs(own.iter().chain(pairs).copied());
        let config: Config = shipstack_settings::read(vec!["upload-service".into()], &environment).unwrap();
        let records = Records::connect_any(config.records()).await.unwrap();
        let service = Service::build(config, records.clone()).await.unwrap();
        let (address, shutdown) = (service.address().unwrap(), Shutdown::new());
        let run = tokio::spawn(service.run(shutdown.clone()));
        let client = Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().unwrap();
        let api = Self { address, records, data, client, shutdown, run: Some(run) };
        let up = async || api.get("/livez").await.status == 200;
        shipstack_testkit::wait_until("the service answers", up).await;
        api
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        match self.request(Method::GET, path).send().await {
            Ok(response) => Answer::of(response).await,
            Err(error) => {
                Answer { status: 0, headers: reqwest::header::HeaderMap::default(), text: error.to_string() }
            }
        }
    }

    pub(crate) async fn post(&self, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, path).header("content-type", kind).body(body);
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &str) -> Answer {
        self.post(path, "application/json", body.to_owned()).await
    }

    /// `POST /deploy` of a good URL.
    pub(crate) async fn deploy(&self, url: &str) -> String {
        let answer = self.post_json("/deploy", &serde_json::json!({ "repourl": url }).to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// An archive that is accepted.
    pub(crate) async fn archive(&self, query: &str) -> String {
        let answer = self.post(&format!("/v1/deployments{query}"), "application/x-tar", site()).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn status(&self, id: &str) -> Value {
        self.get(&format!("/status?id={id}")).await.json()["status"].clone()
    }

    pub(crate) async fn wait_for(&self, id: &str, status: &str) {
        shipstack_testkit::wait_until(status, async || self.status(id).await == status).await;
    }

    pub(crate) async fn show(&self, id: &str) -> Value {
        let answer = self.get(&format!("/v1/deployments/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Sends these bytes as they are and answers what comes back, up to the end of the connection.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ids in the store, acknowledged or not.
    pub(crate) async fn stored(&self) -> usize {
        self.records.store.list_deployments(None).await.unwrap().ids.len()
    }

    /// Files in the spool that belong to requests or fetches.
    pub(crate) fn spooled(&self) -> Vec<String> {
        let spools = std::fs::read_dir(self.data.path().join("spool")).unwrap();
        let files = spools.flat_map(|spool| std::fs::read_dir(spool.unwrap().path()).unwrap());
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != ".lock").collect()
    }

    /// Asks it to end.
    pub(crate) fn ask_to_stop(&self) {
        self.shutdown.ask();
    }

    /// Ends it in order and asserts that nothing is left.
    pub(crate) async fn stop(mut self) -> ServiceFolder {
        shipstack_testkit::wait_until("the spool is empty", async || self.spooled().is_empty()).await;
        self.shutdown.ask();
        self.run.take().unwrap().await.unwrap().unwrap();
        // The server's threads let go of it a moment after the server has ended.
        let spool = self.data.path().join("spool");
        let gone = async || std::fs::read_dir(&spool).unwrap().next().is_none();
        shipstack_testkit::wait_until("the temporary folder is gone", gone).await;
        std::mem::replace(&mut self.data, ServiceFolder::new().unwrap())
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.shutdown.now();
    }
}
